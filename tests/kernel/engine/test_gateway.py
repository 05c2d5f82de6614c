# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gateways as a whole: `vtep` makes VRFs, bridges and VLAN interfaces, and packets are routed where a gateway joins two networks."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import without_kind
from ansible_collections.vxlan.fabric.tests.support.namespaces import CommandError, Namespace, namespace

MARK = "vxlan.fabric:dc1"
GATEWAY = "02:00:5e:00:00:01"
BLUE, RED = {"name": "blue", "state": "up", "table": 1001}, {"name": "red", "state": "up", "table": 1002}


@pytest.fixture(autouse=True)
def _has_kinds() -> None:
    for kind in ("vrf", "vlan"):
        if without_kind(kind):
            pytest.skip(without_kind(kind))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def network(number: int, vrf: str, **more: Any) -> dict[str, Any]:
    """A VLAN interface that is the gateway of a network."""
    addresses = [f"10.0.{number}.254/24", f"2001:db8:{number}::254/64"]
    return {"name": f"br0.{number}", "vlan": number, "master": vrf, "addresses": addresses, **more}


def host(*vrfs: dict[str, Any], networks: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "fabric": "dc1",
        "purge": "managed",
        "defaults": {"vlan_interface": {"state": "up", "device": "br0", "mac": GATEWAY}},
        "vrfs": list(vrfs),
        "bridges": [{"name": "br0", "state": "up", "mac": "02:00:00:00:b0:01", "vlan_filtering": True, "vlan_default_pvid": 0}],
        "vlan_interfaces": list(networks),
        **more,
    }


WHOLE = host(BLUE, RED, networks=(network(1, "blue"), network(2, "blue"), network(3, "red")))


def names(ns: Namespace) -> set[str]:
    return {link["ifname"] for link in ns.json("ip", "link") if link.get("ifalias") == MARK}


def plug(ns: Namespace, stack: ExitStack, number: int, port: str) -> Namespace:
    """An endpoint with the address .1 of a network behind a new interface, with the gateway as its default router."""
    endpoint = stack.enter_context(namespace("vfe", underlay=False))
    ns.ip(f"link add {port} type veth peer name eth0 netns {endpoint.name}", f"link set {port} up")
    endpoint.ip(
        "link set lo up",
        f"address add 10.0.{number}.1/24 dev eth0",
        f"address add 2001:db8:{number}::1/64 dev eth0 nodad",
        "link set eth0 up",
        f"route add default via 10.0.{number}.254",
        f"route add default via 2001:db8:{number}::254",
    )
    return endpoint


def forward(ns: Namespace) -> None:
    ns.sh("echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")


def reaches(source: Namespace, address: str, tries: int = 30) -> bool:
    """Whether an echo comes back; a bridge port needs a moment until it forwards."""
    try:
        source.sh(f"for i in $(seq {tries}); do ping -n -c 1 -W 1 {address} >/dev/null && exit 0; done; exit 1")
    except CommandError:
        return False
    return True


def test_a_whole_host_comes_changes_and_goes(ns: Namespace) -> None:
    real = judged(ns, "vtep", WHOLE)
    assert names(ns) == {"blue", "red", "br0", "br0.1", "br0.2", "br0.3"}
    for number, vrf in ((1, "blue"), (2, "blue"), (3, "red")):
        link = ns.link(f"br0.{number}")
        assert (link["master"], link["link"], link["address"], ns.data(f"br0.{number}")["id"]) == (vrf, "br0", GATEWAY, number)
        assert ns.addresses(f"br0.{number}") == {f"10.0.{number}.254/24", f"2001:db8:{number}::254/64"}
    made = [entry["interface"] for entry in real["operations"] if entry["operation"] == "create_link"]
    assert made == ["blue", "red", "br0", "br0.1", "br0.2", "br0.3"]
    real = judged(ns, "vtep", host(BLUE, networks=(network(1, "blue"), network(3, "blue"))))
    assert names(ns) == {"blue", "br0", "br0.1", "br0.3"}
    assert ns.link("br0.3")["master"] == "blue"
    assert ns.addresses("br0.3") == {"10.0.3.254/24", "2001:db8:3::254/64"}
    gone = [entry["interface"] for entry in real["operations"] if entry["operation"] == "delete_link"]
    assert gone == ["br0.2", "red"]
    real = judged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    gone = [entry["interface"] for entry in real["operations"] if entry["operation"] == "delete_link"]
    assert gone == ["br0.1", "br0.3", "br0", "blue"]
    assert names(ns) == set()


def test_what_is_read_is_taken_back(ns: Namespace) -> None:
    good(run(ns, "vtep", WHOLE))
    ns.ip("link add v9 type vrf table 9", "link add link eth0 name eth0.9 type vlan protocol 802.1ad id 9 loose_binding on", "link set eth0.9 master v9")
    read = good(run(ns, "vtep_info", {}))
    assert [link["name"] for link in read["vrfs"]] == ["blue", "red", "v9"]
    assert [link["name"] for link in read["vlan_interfaces"]] == ["br0.1", "br0.2", "br0.3", "eth0.9"]
    assert {key: read["vlan_interfaces"][3][key] for key in ("device", "protocol", "vlan", "loose_binding", "master")} == {
        "device": "eth0", "protocol": "802.1ad", "vlan": 9, "loose_binding": True, "master": "v9",
    }  # fmt: skip
    assert read["owners"] == {"blue": "dc1", "red": "dc1", "v9": "", "br0": "dc1", "br0.1": "dc1", "br0.2": "dc1", "br0.3": "dc1", "eth0.9": ""}
    unchanged(ns, "vtep", {key: read[key] for key in ("interfaces", "bridges", "fdb", "vnis", "vlan_interfaces", "vrfs")})
    for module, key in (("vrf", "vrfs"), ("vlan_interface", "vlan_interfaces"), ("bridge", "bridges")):
        for arguments in read[key]:
            unchanged(ns, module, arguments)


def test_others_stay(ns: Namespace) -> None:
    """A VRF, a VLAN interface and members that are not the fabric's, one of them in a VRF of the fabric."""
    good(run(ns, "vtep", WHOLE))
    ns.ip(
        "link add v9 type vrf table 9",
        "link add link eth0 name eth0.9 type vlan id 9",
        "link set eth0.9 master v9 up",
        "link add p0 type dummy",
        "link set p0 master blue up",
        "address add 2001:db8:9::1/64 dev p0 nodad",
    )
    judged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    assert ns.has("v9")
    assert ns.link("eth0.9")["master"] == "v9"
    assert "master" not in ns.link("p0")
    assert ns.addresses("p0") == {"2001:db8:9::1/64"}


def test_another_name_of_the_same(ns: Namespace) -> None:
    """The new VRF and the new VLAN interface have the table and the VLAN of the old ones, which go first."""
    good(run(ns, "vtep", WHOLE))
    green = {**BLUE, "name": "green"}
    real = judged(ns, "vtep", host(green, RED, networks=(network(1, "green", name="gw1"), network(2, "green"), network(3, "red"))))
    assert [entry["interface"] for entry in real["operations"] if entry["operation"] == "delete_link"] == ["br0.1", "blue"]
    assert ns.link("gw1")["master"] == ns.link("br0.2")["master"] == "green"
    assert ns.addresses("br0.2") == {"10.0.2.254/24", "2001:db8:2::254/64"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"vrfs": [{"name": "a", "table": 7}, {"name": "b", "table": 7}]}, "b: routing table 7 is held by interface 'a'"),
        ({"vrfs": [{"name": "a", "table": 7, "mastr": "x"}]}, "vrfs[0].mastr: unknown option"),
        ({"vrfs": [{"name": "a", "table": "many"}]}, "vrfs[0].table"),
        ({"vrfs": [{"name": "a", "table": 7}], "bridges": [{"name": "a"}]}, "a is listed twice"),
        ({"vlan_interfaces": [{"name": "a", "device": "b", "vlan": 5000}]}, "vlan_interfaces[0].vlan: 5000 is not within 0..4094"),
        ({"vlan_interfaces": [{"name": "a", "device": "nowhere", "vlan": 5}]}, "a.device: there is no interface 'nowhere'"),
        ({"bridges": [{"name": "b", "master": "nowhere"}]}, "b.master: there is no interface 'nowhere'"),
        ({"defaults": {"vrfs": {}}}, "defaults.vrfs: there are"),
    ],
)
def test_mistakes_are_told_with_their_path(ns: Namespace, given: dict[str, Any], words: str) -> None:
    refused(ns, "vtep", given, words)


def test_interfaces_on_each_other_come_in_their_order(ns: Namespace) -> None:
    """An underlay that is a VLAN interface, and a VLAN interface on a VXLAN interface."""
    given = {
        "vlan_interfaces": [
            {"name": "vx1.5", "state": "up", "device": "vx1", "vlan": 5},
            {"name": "eth0.7", "state": "up", "device": "eth0", "vlan": 7, "addresses": ["198.51.100.1/24"]},
        ],
        "interfaces": [{"name": "vx1", "state": "up", "vni": 1, "device": "eth0.7", "local": "eth0.7"}],
        "fabric": "dc1",
    }
    real = judged(ns, "vtep", given)
    assert [entry["interface"] for entry in real["operations"] if entry["operation"] == "create_link"] == ["eth0.7", "vx1", "vx1.5"]
    real = judged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    assert [entry["interface"] for entry in real["operations"] if entry["operation"] == "delete_link"] == ["vx1.5", "vx1", "eth0.7"]


def test_many_networks_in_the_packed_lane(ns: Namespace) -> None:
    many = tuple(network(number, "blue") for number in range(1, 41))
    good(run(ns, "vtep", host(BLUE, networks=many)))
    assert len([link for link in ns.json("ip", "link", "show", "master", "blue") if link["link"] == "br0"]) == 40
    unchanged(ns, "vtep", host(BLUE, networks=many))
    good(run(ns, "vtep", host({**BLUE, "table": 77}, networks=many)))
    assert ns.addresses("br0.40") == {"10.0.40.254/24", "2001:db8:40::254/64"}
    good(run(ns, "vtep", {"fabric": "dc1", "purge": "managed"}))
    assert names(ns) == set()


def stopped(number: int, killed: bool) -> Any:
    """The write of this number, counted from 1, is refused, or is the last thing that the process does."""

    def patch() -> None:
        writer._BATCH = 0  # one operation at a time, in the packed lane as well
        write = writer.Writer.write_batch
        count = 0

        def writing(self: writer.Writer, operations: Any) -> None:
            nonlocal count
            count += 1
            if count == number and not killed:
                raise KernelError(5, "", "simulated")
            write(self, operations)
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

        setattr(writer.Writer, "write_batch", writing)  # noqa: B010 - a method, as far as mypy knows

    return patch


# Another table, a network that goes to another VRF and one that gets another VLAN: what nobody states hangs on all of them.
CHANGED = host({**BLUE, "table": 1005}, RED, networks=(network(1, "blue"), network(2, "red"), network(3, "red", vlan=33)))


def furnish(ns: Namespace) -> None:
    """What is in no arguments: a neighbour and routes of each network."""
    for number, table in ((1, 1001), (2, 1001), (3, 1002)):
        ns.ip(
            f"neighbour replace 10.0.{number}.9 lladdr 02:00:00:00:00:99 dev br0.{number} nud permanent",
            f"route replace 10.{number}.0.0/16 via 10.0.{number}.9 dev br0.{number} table {table}",
            f"route replace 2001:db8:{number}00::/48 via 2001:db8:{number}::9 dev br0.{number} table {table}",
        )


def test_a_run_that_fails_at_any_write_is_undone(ns: Namespace) -> None:
    good(run(ns, "vtep", WHOLE))
    furnish(ns)
    before = ns.state()
    total = len(good(run(ns, "vtep", CHANGED, check=True))["operations"])
    assert total > 20
    for number in range(1, total + 1):
        text = bad(run(ns, "vtep", CHANGED, patch=stopped(number, killed=False)))
        assert "incomplete" not in text, number
        assert ns.state() == before, number


def test_a_run_that_is_killed_at_any_write_is_completed_by_the_next(ns: Namespace) -> None:
    """Also what the kernel had forgotten by then, and nobody states, comes back."""
    good(run(ns, "vtep", WHOLE))
    furnish(ns)
    total = len(good(run(ns, "vtep", CHANGED))["operations"])
    wanted = ns.state()
    for number in range(1, total + 1, 3):
        good(run(ns, "vtep", WHOLE))
        furnish(ns)
        with pytest.raises(EOFError):
            run(ns, "vtep", CHANGED, patch=stopped(number, killed=True))
        good(run(ns, "vtep", CHANGED))
        assert ns.state() == wanted, number


def test_packets_are_routed_within_a_vrf_and_not_across(ns: Namespace, stack: ExitStack) -> None:
    endpoints = {number: plug(ns, stack, number, f"p{number}") for number in (1, 2, 3)}
    ports = [{"name": f"p{number}", "vlans": [{"vlan": number, "pvid": True, "untagged": True}]} for number in endpoints]
    judged(ns, "vtep", {**WHOLE, "bridges": [{**WHOLE["bridges"][0], "vlans": [{"vlan": "1-3"}], "ports": ports}]})
    forward(ns)
    assert reaches(endpoints[1], "10.0.2.1")
    assert reaches(endpoints[2], "2001:db8:1::1")
    assert reaches(endpoints[3], "10.0.3.254")
    assert not reaches(endpoints[1], "10.0.3.1", 2)
    assert not reaches(endpoints[3], "2001:db8:1::1", 2)


def test_a_bridge_of_one_network_is_its_gateway(ns: Namespace, stack: ExitStack) -> None:
    """Without VLANs: the addresses are on the bridges. An existing one that has been moved into the VRF goes on routing."""
    endpoints = {number: plug(ns, stack, number, f"p{number}") for number in (1, 2)}
    bridges = [
        {"name": f"br{n}", "state": "up", "mac": GATEWAY, "addresses": [f"10.0.{n}.254/24", f"2001:db8:{n}::254/64"], "ports": [{"name": f"p{n}"}]}
        for n in endpoints
    ]
    judged(ns, "vtep", {"fabric": "dc1", "bridges": bridges})
    forward(ns)
    assert reaches(endpoints[1], "10.0.2.1")
    judged(ns, "vtep", {"fabric": "dc1", "vrfs": [BLUE], "bridges": [{**bridge, "master": "blue"} for bridge in bridges]})
    assert reaches(endpoints[1], "10.0.2.1")
    assert reaches(endpoints[2], "2001:db8:1::1")
    judged(ns, "vtep", {"fabric": "dc1", "vrfs": [BLUE], "bridges": [bridges[0], {**bridges[1], "master": "none"}]})
    assert not reaches(endpoints[1], "10.0.2.1", 2)


def test_a_bridge_keeps_its_vlans_when_it_joins(ns: Namespace) -> None:
    ns.ip("link add p0 type dummy")
    bridge = {"name": "br0", "vlan_filtering": True, "vlans": [{"vlan": "100-101"}], "ports": [{"name": "p0", "vlans": [{"vlan": 100}]}]}
    good(run(ns, "bridge", bridge))
    before = ns.json("bridge", "vlan", "show")
    judged(ns, "vtep", {"vrfs": [BLUE], "bridges": [{**bridge, "master": "blue"}]})
    judged(ns, "vtep", {"vrfs": [{**BLUE, "table": 1003}]})
    judged(ns, "bridge", {"name": "br0", "master": "none"})
    assert ns.json("bridge", "vlan", "show") == before


def leaf(number: int, other: int) -> dict[str, Any]:
    """A host with one network behind a bridge, and the L3VNI through which it reaches the network of the other one."""
    router, theirs = f"02:00:00:00:99:0{number}", f"02:00:00:00:99:0{other}"
    vtep = f"192.0.2.{other}"
    l3vni = {"name": "br5000", "state": "up", "master": "blue", "mac": router, "addrgenmode": "none", "neighbours": [{"address": vtep, "mac": theirs}]}
    gateway = {"name": f"br{number}", "state": "up", "master": "blue", "mac": GATEWAY, "addresses": [f"10.0.{number}.254/24"]}
    return {
        "fabric": "dc1",
        "vrfs": [BLUE],
        "interfaces": [{"name": "vx5000", "state": "up", "vni": 5000, "local": f"192.0.2.{number}", "learning": False, "addrgenmode": "none"}],
        "bridges": [
            {**l3vni, "ports": [{"name": "vx5000", "learning": False, "neigh_suppress": True}]},
            {**gateway, "ports": [{"name": f"p{number}"}]},
        ],
        "fdb": [{"interface": "vx5000", "rows": [{"mac": theirs, "dst": vtep}]}],
    }


def test_an_l3vni_carries_what_is_routed_between_hosts(stack: ExitStack) -> None:
    """Symmetric routing: each host has one network, and reaches the other's through the VNI of the VRF. The routes are a routing
    daemon's to set, here ip does."""
    hosts = {number: stack.enter_context(namespace("vfe", underlay=False)) for number in (1, 2)}
    hosts[1].ip(f"link add eth0 mtu 1600 type veth peer name eth0 mtu 1600 netns {hosts[2].name}")
    endpoints = {}
    for number, ns in hosts.items():
        other = 3 - number
        ns.ip("link set lo up", f"address add 192.0.2.{number}/24 dev eth0", "link set eth0 up")
        endpoints[number] = plug(ns, stack, number, f"p{number}")
        judged(ns, "vtep", leaf(number, other))
        forward(ns)
        ns.ip(f"route add 10.0.{other}.0/24 table 1001 via 192.0.2.{other} dev br5000 onlink")
    assert reaches(endpoints[1], "10.0.2.1")
    assert reaches(endpoints[2], "10.0.1.1")
