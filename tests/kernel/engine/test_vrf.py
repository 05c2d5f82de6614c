# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VRFs and their members against the kernel: made, changed, re-created, removed and undone, judged by `ip -j -d`."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import vrf_spec
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import without_kind
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace, namespace

MAC, MAC2 = "02:00:00:00:f0:01", "02:00:00:00:f0:02"
SIX = "2001:db8:5::1/64"
NEIGHBOURS = [{"address": "10.5.0.9", "mac": MAC2}, {"address": "2001:db8:5::9", "mac": MAC2}]
ROUTES_IN_VRF = tuple(f"route add {to} dev br0 table 1001" for to in ("10.9.0.0/16 via 10.5.0.9", "2001:db8:9::/48 via 2001:db8:5::9"))
ROUTES = ("route add 10.9.0.0/16 via 10.5.0.9 dev br0", "route add 2001:db8:9::/48 via 2001:db8:5::9 dev br0")
BRIDGE = {"name": "br0", "state": "up", "mac": MAC, "addresses": ["10.5.0.1/24", SIX], "neighbours": NEIGHBOURS}

CASES: dict[str, tuple[Any, Any, str, tuple[Any, Any]]] = {
    "state": ("up", "down", "flags", (True, False)),
    "mtu": ("1400", "65575", "mtu", (1400, 65575)),
    "mac": (MAC, MAC2, "address", (MAC, MAC2)),
    "alias": ("blue", "red", "ifalias", ("blue", "red")),
    "txqueuelen": (77, 78, "txqlen", (77, 78)),
    "addresses": (["127.0.0.1/8"], ["198.51.100.1/32", "2001:db8:6::1/128"], "addresses", (["127.0.0.1/8"], ["198.51.100.1/32", "2001:db8:6::1/128"])),
}
ELSEWHERE = {"name", "table", "recreate", "lock_timeout", "report_rows", "timeout", "netns"}


@pytest.fixture(autouse=True)
def _has_vrf(request: pytest.FixtureRequest) -> None:
    if "without" not in request.node.name and without_kind("vrf"):
        pytest.skip(without_kind("vrf"))


def seen(ns: Namespace, key: str) -> object:
    if key == "addresses":
        return sorted(ns.addresses("va"))
    link = ns.link("va")
    return "UP" in link["flags"] if key == "flags" else link.get(key)


def table_of(ns: Namespace, name: str) -> int:
    return int(ns.data(name)["table"])


def routes(ns: Namespace, table: int) -> set[str]:
    """Destinations in a table that somebody configured."""
    found: list[Json] = [*ns.json("ip", "route", "show", "table", str(table)), *ns.json("ip", "-6", "route", "show", "table", str(table))]
    return {route["dst"] for route in found if route.get("protocol") == "boot"}


def bridge_in_vrf(ns: Namespace, table: int = 1001) -> None:
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": table}))
    good(run(ns, "bridge", {**BRIDGE, "master": "va"}))


def whole(ns: Namespace, name: str = "br0") -> tuple[set[str], list[str]]:
    """Addresses, and the neighbours' addresses."""
    return ns.addresses(name), sorted(entry["dst"] for entry in ns.neighbours(name))


ALL = ({"10.5.0.1/24", SIX}, ["10.5.0.9", "2001:db8:5::9"])


def test_every_option_has_a_case() -> None:
    assert set(vrf_spec()) - ELSEWHERE == set(CASES)


def test_a_vrf_comes_and_goes(ns: Namespace) -> None:
    real = judged(ns, "vrf", {"name": "va", "state": "up", "table": 1001})
    assert real["commands"] == ["ip link add name va type vrf table 1001", "ip link set va up"]
    assert table_of(ns, "va") == 1001
    assert real["after"]["table"] == 1001
    judged(ns, "vrf", {"name": "va", "state": "absent"})
    assert not ns.has("va")
    judged(ns, "vrf", {"name": "va", "state": "absent"}, changed=False)


def test_commands_give_the_same_state(ns: Namespace, other: Namespace) -> None:
    made = [run(ns, "vrf", {"name": "va", "state": "up", "table": 1001, "mac": MAC, "alias": "blue one", "addresses": ["198.51.100.1/32"]})]
    made.append(run(ns, "bridge", {**BRIDGE, "master": "va"}))
    for result in made:
        other.sh("\n".join(good(result)["commands"]))
    assert ns.state() == other.state()


@pytest.mark.parametrize("option", CASES)
def test_an_option_is_set_and_changed(ns: Namespace, option: str) -> None:
    first, second, key, (one, two) = CASES[option]
    judged(ns, "vrf", {"name": "va", "table": 1001, option: first})
    assert seen(ns, key) == one
    index = ns.index("va")
    judged(ns, "vrf", {"name": "va", option: second})
    assert seen(ns, key) == two
    assert ns.index("va") == index


def test_what_is_not_given_is_left_alone(ns: Namespace) -> None:
    ns.ip("link add va type vrf table 1001", "link set va up alias mine", "address add 198.51.100.1/32 dev va")
    unchanged(ns, "vrf", {"name": "va"})
    unchanged(ns, "vrf", {"name": "va", "table": 1001, "recreate": "never"})


def test_another_kind_of_the_name_stays(ns: Namespace) -> None:
    ns.ip("link add va type bridge")
    for state in ("present", "absent"):
        refused(ns, "vrf", {"name": "va", "table": 1001, "state": state}, "of kind 'bridge' and not 'vrf'")


def test_a_table_has_one_vrf(ns: Namespace) -> None:
    ns.ip("link add vb type vrf table 1001", "link add va type vrf table 1002")
    refused(ns, "vrf", {"name": "vc", "table": 1001}, "vc: routing table 1001 is held by interface 'vb'")
    refused(ns, "vrf", {"name": "va", "table": 1001}, "va: routing table 1001 is held by interface 'vb'")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "va.table: is needed"),
        ({"table": 0}, "table: 0 is not within 1..4294967295"),
        ({"table": 1 << 32}, "is not within"),
        ({"table": 254}, "the host's own table 'main'"),
        ({"table": 255}, "the host's own table 'local'"),
        ({"table": 1001, "mtu": "auto"}, "va.mtu: 'auto' is for VXLAN interfaces"),
        ({"table": 1001, "mtu": "1000"}, "mtu"),
    ],
)
def test_what_cannot_be_is_refused(ns: Namespace, given: dict[str, Any], words: str) -> None:
    check = False if given.get("mtu") == "1000" else None  # the kernel's word
    refused(ns, "vrf", {"name": "va", **given}, words, check=check)


def test_the_largest_table(ns: Namespace) -> None:
    judged(ns, "vrf", {"name": "va", "table": (1 << 32) - 1})
    assert table_of(ns, "va") == (1 << 32) - 1


def test_a_bridge_joins_and_leaves_with_all_it_has(ns: Namespace) -> None:
    good(run(ns, "bridge", BRIDGE))
    ns.ip(*ROUTES)
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": 1001}))
    judged(ns, "bridge", {"name": "br0", "master": "va"})
    assert ns.link("br0")["master"] == "va"
    assert whole(ns) == ALL
    assert routes(ns, 1001) == {"10.9.0.0/16", "2001:db8:9::/48"}
    assert routes(ns, 254) == set()
    good(run(ns, "vrf", {"name": "vb", "state": "up", "table": 1002}))
    judged(ns, "bridge", {**BRIDGE, "master": "vb"})
    assert whole(ns) == ALL
    assert (routes(ns, 1002), routes(ns, 1001)) == ({"10.9.0.0/16", "2001:db8:9::/48"}, set())
    judged(ns, "bridge", {"name": "br0", "master": "none"})
    assert "master" not in ns.link("br0")
    assert whole(ns) == ALL
    assert routes(ns, 254) >= {"10.9.0.0/16", "2001:db8:9::/48"}


def test_joining_with_other_addresses(ns: Namespace) -> None:
    good(run(ns, "bridge", BRIDGE))
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": 1001}))
    judged(ns, "bridge", {"name": "br0", "master": "va", "addresses": ["10.5.0.2/24", "2001:db8:5::2/64"], "neighbours": []})
    assert whole(ns) == ({"10.5.0.2/24", "2001:db8:5::2/64"}, [])


def test_routes_come_back_with_their_addresses_only(ns: Namespace) -> None:
    bridge_in_vrf(ns)
    ns.ip(*ROUTES_IN_VRF)
    real = judged(ns, "bridge", {"name": "br0", "master": "none", "addresses": ["10.5.0.1/24"]})
    assert "br0: its route 2001:db8:9::/48 via 2001:db8:5::9 metric 1024 is not put back, because addresses of its IP version go" in real["warnings"]
    assert "10.9.0.0/16" in routes(ns, 254)


@pytest.mark.parametrize("keep", [0, 1])
def test_a_kernel_that_keeps_ipv6_addresses(ns: Namespace, keep: int) -> None:
    good(run(ns, "bridge", BRIDGE))
    ns.sh(f"echo {keep} > /proc/sys/net/ipv6/conf/all/keep_addr_on_down; echo {keep} > /proc/sys/net/ipv6/conf/br0/keep_addr_on_down")
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": 1001}))
    judged(ns, "bridge", {"name": "br0", "master": "va", "addresses": [SIX, "2001:db8:5::2/64"]})
    assert ns.addresses("br0") == {SIX, "2001:db8:5::2/64"}
    judged(ns, "bridge", {"name": "br0", "master": "none", "addresses": ["2001:db8:5::2/64"]})
    assert ns.addresses("br0") == {"2001:db8:5::2/64"}


def test_a_vxlan_interface_joins(ns: Namespace) -> None:
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": 1001}))
    judged(ns, "interface", {"name": "vx1", "vni": 1, "local": "192.0.2.1", "state": "up", "master": "va", "addresses": [SIX]})
    assert ns.link("vx1")["master"] == "va"
    assert ns.addresses("vx1") == {SIX}
    judged(ns, "interface", {"name": "vx1", "port": 4790})
    assert ns.link("vx1")["master"] == "va"
    assert ns.addresses("vx1") == {SIX}


def test_a_port_goes_from_a_vrf_to_a_bridge_and_back(ns: Namespace) -> None:
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": 1001}))
    ns.ip("link add p0 type ifb", "link set p0 master va up", f"address add {SIX} dev p0 nodad")
    judged(ns, "bridge", {"name": "br0", "ports": [{"name": "p0"}]})
    assert ns.addresses("p0") == {SIX}


def test_a_bridge_is_a_member_of_vrfs_only(ns: Namespace) -> None:
    ns.ip("link add br1 type bridge", "link add br0 type bridge")
    refused(ns, "bridge", {"name": "br0", "master": "br1"}, "br0.master: br1 is of kind 'bridge', a bridge can be a member of a VRF only")
    refused(ns, "bridge", {"name": "br0", "master": "nowhere"}, "there is no interface 'nowhere'", check=False)
    assert "taken as if it did" in good(run(ns, "bridge", {"name": "br0", "master": "nowhere"}, check=True))["warnings"][0]


def test_another_table_recreates_the_vrf_with_all_that_hung_on_it(ns: Namespace) -> None:
    bridge_in_vrf(ns)
    ns.ip(*ROUTES_IN_VRF, "route add 203.0.113.0/24 dev va", "route add unreachable default metric 4278198272 table 1001")
    good(run(ns, "vrf", {"name": "va", "alias": "blue", "mac": MAC2, "addresses": ["198.51.100.1/32", "2001:db8:6::1/128"]}))
    refused(ns, "vrf", {"name": "va", "table": 1002, "recreate": "never"}, "table 1001 -> 1002", "'recreate' is 'never'")
    real = judged(ns, "vrf", {"name": "va", "table": 1002})
    assert real["recreated"] == [{"interface": "va", "attributes": ["table"]}]
    assert table_of(ns, "va") == 1002
    link = ns.link("va")
    assert (link["ifalias"], link["address"], "UP" in link["flags"]) == ("blue", MAC2, True)
    assert ns.addresses("va") == {"198.51.100.1/32", "2001:db8:6::1/128"}
    assert ns.link("br0")["master"] == "va"
    assert whole(ns) == ALL
    assert routes(ns, 1002) == {"10.9.0.0/16", "2001:db8:9::/48"}
    assert "203.0.113.0/24" in routes(ns, 254)
    assert routes(ns, 1001) == {"default"}
    assert good(run(ns, "vrf", {"name": "va", "recreate": "always"}))["recreated"] == [{"interface": "va", "attributes": ["recreate"]}]
    assert whole(ns) == ALL


def test_a_removed_vrf_lets_its_members_go_with_all_they_have(ns: Namespace) -> None:
    bridge_in_vrf(ns)
    ns.ip(*ROUTES_IN_VRF)
    judged(ns, "vrf", {"name": "va", "state": "absent"})
    assert whole(ns) == ALL
    assert routes(ns, 254) >= {"10.9.0.0/16", "2001:db8:9::/48"}


def test_what_stands_on_a_vrf_keeps_it(ns: Namespace) -> None:
    good(run(ns, "vrf", {"name": "va", "state": "up", "table": 1001}))
    ns.ip("link add vx1 type vxlan id 1 dev va local 192.0.2.1 dstport 4789")
    refused(ns, "vrf", {"name": "va", "state": "absent"}, "vx1 stand on it")
    refused(ns, "vrf", {"name": "va", "table": 1002}, "vx1 stand on it")


def _last_write_fails() -> None:
    """Whatever brings an interface up, or sets an alias, is refused: by then most is done."""
    write = writer.Writer.write_batch

    def failing(self: writer.Writer, operations: Any) -> None:
        if any(isinstance(op, ops.SetLink) and op.field == "alias" and op.value == "last" for op in operations):
            raise KernelError(5, "", "simulated")
        write(self, operations)

    writer.Writer.write_batch = failing  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "arguments",
    [
        {"vrfs": [{"name": "va", "table": 1002}], "bridges": [{"name": "br9", "alias": "last"}]},
        {"vrfs": [{"name": "vb", "state": "up", "table": 1002}], "bridges": [{"name": "br0", "master": "vb"}, {"name": "br9", "alias": "last"}]},
        {"bridges": [{"name": "br0", "master": "none", "addresses": [], "neighbours": []}, {"name": "br9", "alias": "last"}]},
        {"vrfs": [{"name": "va", "state": "absent"}, {"name": "vb", "table": 1001}], "bridges": [{"name": "br9", "alias": "last"}]},
    ],
    ids=["another table", "moved", "left", "another name"],
)
def test_a_failed_run_is_undone(ns: Namespace, arguments: dict[str, Any]) -> None:
    bridge_in_vrf(ns)
    ns.ip(*ROUTES_IN_VRF)
    text = refused(ns, "vtep", arguments, "simulated", check=False, patch=_last_write_fails)
    assert "incomplete" not in text


def test_down_keeps_what_is_configured(ns: Namespace) -> None:
    """IPv6 addresses and neighbours are flushed when an interface goes down."""
    good(run(ns, "bridge", BRIDGE))
    judged(ns, "bridge", {"name": "br0", "state": "down"})
    assert whole(ns) == ALL
    judged(ns, "bridge", {"name": "br0", "state": "up"})
    assert whole(ns) == ALL


def test_a_kernel_without_vrf_says_so() -> None:
    if not without_kind("vrf"):
        pytest.skip("this kernel has VRFs, so that they cannot be missed")
    with namespace() as ns:
        refused(ns, "vrf", {"name": "va", "table": 1001}, "has no VRF (CONFIG_NET_VRF)")
        given = {"vrfs": [{"name": "va", "table": 1001}], "bridges": [{"name": "br0", "master": "va"}]}
        refused(ns, "vtep", given, "has no VRF (CONFIG_NET_VRF)")
        assert bad(run(ns, "vrf", {"name": "va", "table": 1001}))
