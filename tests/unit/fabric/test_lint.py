# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""lint: a seeded mistake of each kind is told as that kind, with host and path, and nothing else is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import Reading, read_inventory
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.kinds import ERROR, KINDS, WARNING
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.lint import lint_junit, lint_text, make_lint
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import InventoryError
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories

CLEAN = Inventory(
    {
        "name": "c",
        "underlay": {"mtu": 1600},
        "networks": {
            "blue": {
                "vni": 100,
                "vlan": 10,
                "members": ["hypervisors"],
                "gateway": {"address": "10.0.0.254/24", "mac": "02:00:5e:00:01:01"},
                "endpoints": [
                    {"name": "b1", "host": "hv1", "port": "tap0", "mac": "02:00:00:00:00:01", "address": "10.0.0.1/24"},
                    {"name": "b2", "host": "hv2", "port": "tap0", "mac": "02:00:00:00:00:02", "address": "10.0.0.2/24"},
                ],
            },
            "red": {"vni": 200, "vlan": 20, "members": ["hypervisors"], "flooding": "multicast", "group": "239.0.0.1"},
            "line": {"vni": 300, "members": ["hv1", "hv2"], "flooding": "point_to_point"},
        },
    },
    {
        "hv1": {"address": ["192.0.2.1", "198.51.100.1", "2001:db8::1"], "device": "eth0"},
        "hv2": {"address": ["192.0.2.2", "2001:db8::2"], "device": "eth0"},
    },
    {"all": ["hv1", "hv2", "spine1"], "ungrouped": [], "hypervisors": ["hv1", "hv2"], "switches": ["spine1"]},
)

N = "vxlan_fabric.networks."
Spoil = Callable[[Inventory], Any]


def read(inventory: Inventory, **others: Any) -> Reading:
    """As Ansible has it: the fabric in the variables of every host."""
    variables: dict[str, dict[str, Any]] = {host: {"vxlan_fabric": inventory.fabric} for host in inventory.groups["all"]}
    for host, vtep in inventory.vteps.items():
        variables[host]["vxlan_vtep"] = vtep
    for host, more in others.items():
        variables[host].update(more)
    return read_inventory(variables, inventory.groups)


def told(inventory: Inventory, **others: Any) -> list[tuple[str, str | None, str]]:
    return [(mistake.kind, mistake.host, mistake.path) for mistake in read(inventory, **others).mistakes]


def _network(name: str, **changes: Any) -> Spoil:
    return lambda inventory: inventory.network(name).update(changes)


def _vtep(host: str, **changes: Any) -> Spoil:
    return lambda inventory: inventory.vteps[host].update(changes)


def _fabric(**changes: Any) -> Spoil:
    return lambda inventory: inventory.fabric.update(changes)


def _endpoint(place: int, **changes: Any) -> Spoil:
    return lambda inventory: inventory.network("blue")["endpoints"][place].update(changes)


def _add(name: str, **network: Any) -> Spoil:
    return lambda inventory: inventory.fabric["networks"].update({name: {"vni": 900, "members": ["hypervisors"], **network}})


def _single(host: str, **vlans: int | None) -> Spoil:
    """The host is of style single; its networks have VLANs but for what is said."""

    def spoil(inventory: Inventory) -> None:
        inventory.vteps[host]["style"] = "single"
        inventory.network("line")["vlan"] = 30
        for name, vlan in vlans.items():
            inventory.network(name)["vlan"] = vlan

    return spoil


def _two_vrfs(inventory: Inventory) -> Any:
    """blue is in one, red in the other, with the same addresses."""
    inventory.fabric["vrfs"] = {"a": {}, "b": {}}
    inventory.network("blue")["vrf"] = "a"
    inventory.network("red").update(vrf="b", gateway={"address": "10.0.0.254/24", "mac": "02:00:5e:00:01:01"})


def _shared_router(inventory: Inventory) -> Any:
    _single("hv1")(inventory)
    inventory.fabric["vrfs"] = {"a": {"vni": 900, "vlan": 90}}
    del inventory.fabric["networks"]["red"]
    del inventory.fabric["networks"]["line"]
    inventory.network("blue").update(vrf="a", flooding="evpn")
    for endpoint in inventory.network("blue")["endpoints"]:
        del endpoint["mac"]


SEEDED: dict[str, list[tuple[str, Spoil, list[tuple[str | None, str]]]]] = {
    "unknown-key": [("of the fabric", _fabric(flodding="static"), [(None, "vxlan_fabric.flodding")])],
    "missing": [
        ("members", _network("red", members=None), [(None, N + "red.members")]),
        ("vni without base", _network("red", vni=None), [(None, N + "red.vni")]),
    ],
    "invalid-value": [("port", _fabric(port="x"), [(None, "vxlan_fabric.port")]), ("vlan", _network("red", vlan=4095), [(None, N + "red.vlan")])],
    "vni-out-of-range": [
        ("0", _network("red", vni=0), [(None, N + "red.vni")]),
        ("25 bits", _network("red", vni=1 << 24), [(None, N + "red.vni")]),
        ("derived", lambda i: (i.fabric.update(vni_base=16777200), i.network("red").update(vni=None)), [(None, N + "red.vlan")]),
    ],
    "name-too-long": [
        ("16 bytes", _network("red", bridge="a" * 16), [(None, N + "red.bridge")]),
        ("slash", _network("red", interface="a/b"), [(None, N + "red.interface")]),
    ],
    "unknown-name": [
        ("member", _network("red", members=["hypervisor"]), [(None, N + "red.members[0]")]),
        ("VRF", lambda i: (_two_vrfs(i), i.network("blue").update(vrf="c"), i.fabric["vrfs"].pop("a")), [(None, N + "blue.vrf")]),
        ("network of a trunk", _vtep("hv1", ports={"eth5": {"trunk": ["blue", "rot"]}}), [("hv1", "vxlan_vtep.ports.eth5.trunk[1]")]),
    ],
    "duplicate-vtep-address": [("other form", _vtep("hv2", address=["192.0.2.2", "2001:DB8:0::1"]), [("hv2", "vxlan_vtep.address[1]")])],
    "duplicate-vni": [
        ("another port", _add("zwei", vni=100, port=4790), [(None, N + "zwei.vni")]),
        (
            "L3VNI of another family",
            lambda i: (_two_vrfs(i), i.fabric["vrfs"]["a"].update(vni=700), _add("six", vni=700, family="ipv6")(i)),
            [(None, "vxlan_fabric.vrfs.a.vni")],
        ),
    ],
    "duplicate-vlan": [
        ("same hosts", _add("zwei", vlan=10), [(None, N + "zwei.vlan")]),
        ("L3VNI", lambda i: (_two_vrfs(i), i.fabric["vrfs"]["a"].update(vni=700, vlan=20)), [(None, "vxlan_fabric.vrfs.a.vlan")]),
    ],
    "duplicate-name": [
        ("interface", _network("red", interface="br100"), [(None, N + "red.interface")]),
        ("device", _vtep("hv1", device="vx100"), [("hv1", "vxlan_vtep.device")]),
        ("endpoint", _endpoint(1, name="b1"), [(None, N + "blue.endpoints[1].name")]),
        ("port and bridge of a host", lambda i: (_single("hv1")(i), i.vteps["hv1"].update(ports={"red": ["brs"]})), [("hv1", "vxlan_vtep.bridge")]),
        ("VRF and bridge", lambda i: (_two_vrfs(i), i.network("red").update(bridge="a")), [(None, "vxlan_fabric.vrfs.a")]),
        (
            "interface of a VLAN",
            _vtep("hv1", ports={"line": ["eth5.10"], "eth5": {"trunk": ["blue", "red"]}}),
            [("hv1", "vxlan_vtep.ports.eth5.blue")],
        ),
    ],
    "duplicate-mac": [
        ("endpoints", _endpoint(1, mac="0200.0000.0001"), [(None, N + "blue.endpoints[1].mac")]),
        ("gateway", _endpoint(1, mac="02:00:5e:00:01:01"), [(None, N + "blue.endpoints[1].mac")]),
    ],
    "duplicate-address": [
        ("endpoints", _endpoint(1, address="10.0.0.1/24"), [(None, N + "blue.endpoints[1].address")]),
        ("gateway", _endpoint(1, address="10.0.0.254/24"), [(None, N + "blue.endpoints[1].address")]),
    ],
    "vni-collision": [
        ("same port", _add("zwei", vni=100), [(None, N + "zwei.vni")]),
        ("L3VNI", lambda i: (_two_vrfs(i), i.fabric["vrfs"]["a"].update(vni=100)), [(None, "vxlan_fabric.vrfs.a.vni")]),
    ],
    "loop": [
        ("bridge", _network("red", bridge="br100"), [(None, N + "red.bridge")]),
        ("bridge on a host", _vtep("hv1", networks={"red": {"bridge": "br100"}}), [("hv1", "vxlan_vtep.networks.red.bridge")]),
        ("port", _vtep("hv1", ports={"blue": ["tap0"], "red": ["tap0"]}), [("hv1", "vxlan_vtep.ports.red[0]")]),
        ("port in both forms", _vtep("hv1", ports={"blue": ["tap0"], "tap0": {"trunk": ["red"]}}), [("hv1", "vxlan_vtep.ports.tap0")]),
    ],
    "no-vtep": [
        ("no vxlan_vtep", lambda i: i.vteps.pop("hv2"), [("hv2", "vxlan_vtep")] * 3),
        ("no address of the family", _vtep("hv2", address="2001:db8::2"), [("hv2", "vxlan_vtep.address")]),
        (
            "not in the groups",
            lambda i: (i.groups.update(all=[*i.groups["all"], "pc"]), i.network("red").update(members=["hypervisors", "pc"])),
            [(None, N + "red.members[1]")],
        ),
    ],
    "no-member": [
        ("none", _network("red", members=[]), [(None, N + "red.members")]),
        ("line", _network("line", members=["hv1"]), [(None, N + "line.members")]),
    ],
    "not-a-member": [
        (
            "endpoint",
            lambda i: (i.groups.update(all=[*i.groups["all"], "leaf1"], switches=["leaf1"]), i.network("blue")["endpoints"][1].update(host="leaf1")),
            [(None, N + "blue.endpoints[1].host")],
        ),
        ("gateway", lambda i: i.network("blue")["gateway"].update(members=["hypervisors", "spine1"]), [(None, N + "blue.gateway.members[1]")]),
    ],
    "port-differs": [("seat", _vtep("hv2", networks={"blue": {"port": 8472}}), [("hv2", "vxlan_vtep.networks.blue.port")])],
    "family-mixed": [
        ("group", _network("red", family="ipv6"), [(None, N + "red.family")]),
        ("address", _vtep("hv1", networks={"blue": {"address": "2001:db8::1"}}), [("hv1", "vxlan_vtep.networks.blue.address")]),
    ],
    "not-multicast": [("unicast", _network("red", group="10.0.0.1"), [(None, N + "red.group")])],
    "group-missing": [
        ("no group", _network("red", group=None), [(None, N + "red.group")]),
        ("no multicast", _network("blue", group="239.0.0.9"), [(None, N + "blue.group")]),
    ],
    "device-missing": [("multicast", _vtep("hv1", device=None), [("hv1", "vxlan_vtep.device")])],
    "mtu-too-large": [
        ("network", _network("red", mtu=1551), [(None, N + "red.mtu")]),
        (
            "host",
            lambda i: (
                i.network("red").update(mtu=1500),
                i.vteps["hv1"].update(mtu=1549),
                i.fabric.update(underlay={"mtu": 1549}),
                i.network("blue").update(mtu=1400),
                i.network("line").update(mtu=1400),
            ),
            [(None, N + "red.mtu"), ("hv1", "vxlan_vtep.mtu")],
        ),
    ],
    "learning-contradicts": [
        ("static", _network("blue", flooding="static", learning=True), [(None, N + "blue.learning")]),
        ("learning", _network("blue", flooding="learning", learning=False), [(None, N + "blue.learning")]),
        ("none", _network("blue", flooding="none", learning=True), [(None, N + "blue.learning")]),
    ],
    "evpn-static": [("mac", _network("blue", flooding="evpn"), [(None, N + f"blue.endpoints[{place}].mac") for place in (0, 1)])],
    "endpoint-unknown": [
        ("no mac", lambda i: (i.network("blue").update(flooding="none"), i.network("blue")["endpoints"][0].pop("mac")), [(None, N + "blue.endpoints[0].mac")]),
        ("nobody", _network("blue", flooding="none", endpoints=[]), [(None, N + "blue.endpoints")]),
    ],
    "gateway-mac-missing": [("anycast", lambda i: i.network("blue")["gateway"].pop("mac"), [(None, N + "blue.gateway.mac")])],
    "duplicate-table": [
        (
            "given",
            lambda i: (_two_vrfs(i), i.fabric["vrfs"]["b"].update(table=7), i.fabric["vrfs"]["a"].update(table=7)),
            [(None, "vxlan_fabric.vrfs.b.table")],
        ),
    ],
    "vlan-missing": [
        ("single", _single("hv1", blue=None), [(None, N + "blue.vlan")]),
        ("trunk", lambda i: (i.network("red").pop("vlan"), i.vteps["hv2"].update(ports={"eth5": {"trunk": ["red"]}})), [(None, N + "red.vlan")]),
    ],
    "trunk-conflict": [
        ("access too", _vtep("hv1", ports={"eth5": {"access": "blue", "trunk": ["red"]}}), [("hv1", "vxlan_vtep.ports.eth5.trunk")]),
        ("nothing", _vtep("hv1", ports={"eth5": {"trunk": []}}), [("hv1", "vxlan_vtep.ports.eth5.trunk")]),
        ("native alone", _vtep("hv1", ports={"eth5": {"native": "blue"}}), [("hv1", "vxlan_vtep.ports.eth5.trunk")]),
        ("native with a tag", _vtep("hv1", ports={"eth5": {"trunk": ["blue", "red"], "native": "red"}}), [("hv1", "vxlan_vtep.ports.eth5.native")]),
        ("endpoint", _vtep("hv1", ports={"tap0": {"trunk": ["red"]}}), [(None, N + "blue.endpoints[0].port")]),
    ],
    "style-contradicts": [
        (
            "name of a network",
            lambda i: (_single("hv1")(i), i.vteps["hv1"].update(networks={"red": {"bridge": "lan"}})),
            [("hv1", "vxlan_vtep.networks.red.bridge")],
        ),
        ("mtu", lambda i: (_single("hv1")(i), i.vteps["hv1"].update(networks={"red": {"mtu": 1550}})), [("hv1", "vxlan_vtep.networks.red.mtu")]),
        (
            "address",
            lambda i: (_single("hv1")(i), i.vteps["hv1"].update(networks={"red": {"address": "198.51.100.1"}, "blue": {"address": "192.0.2.1"}})),
            [("hv1", "vxlan_vtep.networks.red.address")],
        ),
        ("name of the bridge", _vtep("hv1", bridge="br0"), [("hv1", "vxlan_vtep.bridge")]),
        (
            "name of several interfaces",
            lambda i: (_single("hv1")(i), i.network("red").update(port=4790), i.vteps["hv1"].update(interface="vxlan0")),
            [("hv1", "vxlan_vtep.interface")],
        ),
        (
            "gateways with other MAC addresses",
            lambda i: (_single("hv1")(i), i.network("red").update(gateway={"address": "10.0.9.1/24", "mac": "02:00:5e:00:01:09"})),
            [(None, N + "red.gateway.mac")],
        ),
        ("router of an L3VNI", _shared_router, [(None, "vxlan_fabric.vrfs.a.vni")]),
    ],
    "learning-mixed": [
        ("static", lambda i: (_single("hv1")(i), i.network("red").update(learning=False)), [(None, N + "red.flooding")]),
        ("evpn", lambda i: (_single("hv1")(i), i.network("red").update(flooding="evpn", group=None)), [(None, N + "red.flooding")]),
    ],
    "mtu-of-interface": [("smaller", lambda i: (_single("hv1")(i), i.network("red").update(mtu=1400)), [(None, N + "red.mtu")])],
    "vrf-without-gateway": [
        ("unused", _fabric(vrfs={"a": {}}), [(None, "vxlan_fabric.vrfs.a")]),
        ("network", lambda i: (_two_vrfs(i), i.network("line").update(vrf="a")), [(None, N + "line.vrf")]),
    ],
    "subnet-overlaps": [
        ("same", _network("red", gateway={"address": "10.0.0.253/24", "mac": "02:00:5e:00:01:01"}), [(None, N + "red.gateway.address")]),
        ("part", _network("red", gateway={"address": "10.0.0.129/25", "mac": "02:00:5e:00:01:01"}), [(None, N + "red.gateway.address")]),
    ],
    "neighbour-unknown": [
        ("no mac", lambda i: (_two_vrfs(i), i.network("blue")["endpoints"][0].pop("mac")), [(None, N + "blue.endpoints")]),
    ],
    "single-member": [("multicast", _network("red", members=["hv1"]), [(None, N + "red.members")])],
    "flood-list-empty": [("head-end", lambda i: i.network("blue").update(members=["hv1"], endpoints=[]), [("hv1", N + "blue.members")])],
    "group-shared": [("two", _add("zwei", flooding="multicast", group="239.0.0.1"), [(None, N + "zwei.group")])],
    "static-unknown": [
        ("no mac", lambda i: (i.network("blue").update(flooding="static"), i.network("blue")["endpoints"][1].pop("mac")), [(None, N + "blue.endpoints")])
    ],
    "mtu-of-host": [("smaller", _vtep("hv1", mtu=1500), [("hv1", "vxlan_vtep.mtu")])],
    "mtu-differs": [("seat", _vtep("hv1", networks={"red": {"mtu": 1400}}), [("hv1", "vxlan_vtep.networks.red.mtu")])],
    "address-outside": [("subnet", _endpoint(0, address="10.0.1.1/24"), [(None, N + "blue.endpoints.b1")])],
    "unused-vtep": [("spine", lambda i: i.vteps.update(spine1={"address": "192.0.2.9"}), [("spine1", "vxlan_vtep")])],
    "underlay-mtu-unknown": [("no mtu", _fabric(underlay={}), [(None, "vxlan_fabric.underlay.mtu")])],
}

# What a mistake brings with it, so that it is told besides.
BESIDES = {"no-member": {"single-member"}, "flood-list-empty": {"single-member"}, "mtu-too-large": {"mtu-of-host"}}
CASES = [(kind, name) for kind, cases in SEEDED.items() for name, _spoil, _places in cases]


def test_a_clean_inventory_has_no_mistakes() -> None:
    assert told(CLEAN) == []


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_seeded_mistake_is_told_as_its_kind_with_host_and_path(kind: str, name: str) -> None:
    inventory = copy.deepcopy(CLEAN)
    spoil, places = next((spoil, places) for case, spoil, places in SEEDED[kind] if case == name)
    spoil(inventory)
    found = told(inventory)
    assert [(host, path) for its, host, path in found if its == kind] == places
    assert {its for its, _host, _path in found} <= {kind, *BESIDES.get(kind, ())}


def test_every_kind_is_seeded() -> None:
    assert {*SEEDED, "several-fabrics", "kernel-lacks"} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_means_and_what_to_do(kind: str) -> None:
    assert KINDS[kind].level in (ERROR, WARNING)
    for sentence in KINDS[kind][1:]:
        assert sentence[0].isupper() or sentence.startswith("vxlan_")
        assert sentence.endswith(".")


def _two() -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Two fabrics with the same addresses and VNIs, and a host of each group."""
    values = {name: {"name": name, "underlay": {"mtu": 1600}, "networks": {"blue": {"vni": 100, "members": ["all"]}}} for name in ("east", "west")}
    hosts = {"e1": "east", "e2": "east", "w1": "west", "w2": "west"}
    variables = {host: {"vxlan_fabric": values[name], "vxlan_vtep": {"address": f"192.0.2.{host[1]}", "device": "eth0"}} for host, name in hosts.items()}
    return variables, {"all": list(hosts), "hypervisors": list(hosts)}


def test_several_fabrics_in_one_inventory_keep_apart() -> None:
    reading = read_inventory(*_two())
    assert not reading.mistakes
    assert {name: fabric.networks["blue"].members for name, fabric in reading.fabrics.items()} == {"east": ("e1", "e2"), "west": ("w1", "w2")}
    assert reading.fabric_of("w2") is reading.fabrics["west"]


def test_mistakes_of_several_fabrics_name_theirs() -> None:
    variables, groups = _two()
    variables["w1"]["vxlan_fabric"]["networks"]["blue"]["members"] = ["w1", "e1", "w2"]
    (mistake,) = read_inventory(variables, groups).mistakes
    assert (mistake.kind, mistake.path) == ("several-fabrics", "vxlan_fabric(west).networks.blue.members[1]")
    assert "e1 belongs to another fabric" in mistake.sentence


def test_hosts_that_disagree_about_their_fabric() -> None:
    variables, groups = _two()
    variables["e2"]["vxlan_fabric"] = {**variables["e2"]["vxlan_fabric"], "port": 4790}
    variables["w2"].pop("vxlan_fabric")
    found = [(mistake.kind, mistake.host) for mistake in read_inventory(variables, groups).errors]
    assert found == [("several-fabrics", "e2"), ("several-fabrics", "w2")]


def test_no_fabric_at_all() -> None:
    variables, groups = _two()
    for host in variables.values():
        host.pop("vxlan_fabric")
    with pytest.raises(InventoryError, match=r"vxlan_fabric: is not defined; it belongs into group_vars/all.yml"):
        read_inventory(variables, groups).judged()
    assert [mistake.kind for mistake in read_inventory(variables, {"all": ["e1"]}).mistakes] == ["no-vtep"]


FACTS = {"lo0": {"ipv4": {"address": "192.0.2.7"}, "ipv6": [{"address": "fe80::1"}, {"address": "2001:db8::7"}]}}


def test_an_interface_as_address_is_what_facts_have_for_it() -> None:
    inventory = copy.deepcopy(CLEAN)
    inventory.vteps["hv1"]["address"] = "lo0"
    reading = read(inventory, hv1={"ansible_facts": FACTS})
    assert not reading.mistakes
    assert reading.fabrics["c"].vteps["hv1"].addresses == {4: "192.0.2.7", 6: "2001:db8::7"}
    assert "is not an IP address" in read(inventory).mistakes[0].sentence


def _spoilt() -> Reading:
    inventory = copy.deepcopy(CLEAN)
    for spoil in (_network("red", vni=0), _vtep("hv2", address=["192.0.2.1", "2001:db8::2"]), _vtep("hv1", mtu=1500)):
        spoil(inventory)
    return read(inventory)


def test_the_report_has_everything_at_once_errors_first() -> None:
    report = make_lint(_spoilt())
    assert (report["ok"], report["errors"], report["warnings"]) == (False, 2, 1)
    assert [entry["kind"] for entry in report["mistakes"]] == ["vni-out-of-range", "duplicate-vtep-address", "mtu-of-host"]
    assert report["summary"] == "fabric c: 2 errors, 1 warning"
    assert lint_text(report)[:6] == [
        "Fabric c: 2 VTEPs, 3 networks.",
        "",
        "Errors:",
        "  vxlan_fabric.networks.red.vni: 0 is not a number of 1..16777215 [vni-out-of-range]",
        "    Take a VNI of 1 to 16777215.",
        "  hv2: vxlan_vtep.address[0]: 192.0.2.1 is already at hv1: vxlan_vtep.address[0] [duplicate-vtep-address]",
    ]


def test_a_target_narrows_what_belongs_to_hosts() -> None:
    assert [entry["kind"] for entry in make_lint(_spoilt(), ["hv1"])["mistakes"]] == ["vni-out-of-range", "mtu-of-host"]


def test_warnings_count_only_when_it_is_strict() -> None:
    inventory = copy.deepcopy(CLEAN)
    inventory.vteps["hv1"]["mtu"] = 1500
    assert make_lint(read(inventory))["ok"]
    assert not make_lint(read(inventory), strict=True)["ok"]


def test_junit_has_a_case_for_each_kind() -> None:
    root = ElementTree.fromstring(lint_junit(make_lint(_spoilt())))
    cases = {str(case.get("name")): case for case in root}
    assert list(cases) == list(KINDS)
    assert {name for name, case in cases.items() if case.find("failure") is not None} == {"vni-out-of-range", "duplicate-vtep-address"}
    assert (root.get("tests"), root.get("failures")) == (str(len(KINDS)), "2")
    assert "hv1" in (cases["mtu-of-host"].findtext("system-out") or "")
    strict = ElementTree.fromstring(lint_junit(make_lint(read(CLEAN), strict=True)))
    assert strict.get("failures") == "0"


@given(st.one_of(inventories(), mixed_inventories()))
def test_random_valid_inventories_have_no_errors(inventory: Inventory) -> None:
    assert [mistake for mistake in read(inventory).mistakes if mistake.level == ERROR] == []


def _told_by(*kinds: str, **options: dict[str, bool]) -> dict[str, Any]:
    """Facts of a host whose kernel lacks these kinds and options."""
    return {"ansible_facts": {"vxlan_capabilities": {"kernel": "5.10.0", "kinds": dict.fromkeys(kinds, False), "options": options}}}


def test_what_the_kernel_of_a_host_lacks_is_told_where_facts_are_known() -> None:
    inventory = copy.deepcopy(CLEAN)
    _single("hv1")(inventory)
    _two_vrfs(inventory)
    old = _told_by("vrf", vxlan={"vnifilter": False}, bridge={"vlan_filtering": False})
    found = [mistake for mistake in read(inventory, hv1=old).mistakes if mistake.kind == "kernel-lacks"]
    assert {(mistake.host, mistake.path) for mistake in found} == {("hv1", "vxlan_vtep")}
    assert [mistake.sentence.partition(":")[0] for mistake in found] == ["vxs4.vnifilter", "brs.vlan_filtering", "a", "b"]
    assert all("5.10.0" in mistake.sentence for mistake in found)
    assert [mistake for mistake in read(inventory, hv1=_told_by()).mistakes if mistake.level == ERROR] == []
    assert read(CLEAN, hv1=old).mistakes == []
