# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory, parsed; and every mistake of it, told with host and path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, small

Spoil = Callable[[Inventory], Any]


def test_defaults_are_filled_in() -> None:
    fabric = small().parse()
    blue, six = fabric.networks["blue"], fabric.networks["six"]
    assert (fabric.port, blue.flooding, blue.family, blue.learning) == (4789, "learning", 4, True)
    assert (blue.interface, blue.bridge, blue.mtu) == ("vx100", "br100", 1550)
    assert (six.family, six.learning, six.mtu) == (6, False, 1530)
    assert fabric.networks["red"].family == 4


def test_family_follows_the_group() -> None:
    inventory = small()
    inventory.network("red")["group"] = "ff05::7"
    assert inventory.parse().networks["red"].family == 6


def test_without_an_underlay_mtu_the_host_decides() -> None:
    inventory = small()
    del inventory.fabric["underlay"]
    inventory.network("red")["mtu"] = "1400"
    fabric = inventory.parse()
    assert fabric.networks["blue"].mtu is None
    assert fabric.networks["red"].mtu == 1400


def test_members_are_groups_and_hosts_in_natural_order() -> None:
    inventory = small()
    inventory.groups["switches"] += ["leaf10", "leaf9"]
    for place, host in enumerate(("leaf10", "leaf9")):
        inventory.vteps[host] = {"address": f"192.0.2.{50 + place}"}
    inventory.network("blue")["members"] = ["switches", "hv1"]
    inventory.network("blue")["endpoints"] = []
    inventory.vteps["hv2"]["ports"] = {}
    assert inventory.parse().networks["blue"].members == ("hv1", "leaf1", "leaf9", "leaf10")


def test_endpoints_bring_their_port_and_find_the_only_one() -> None:
    inventory = small()
    inventory.network("red")["endpoints"] = [{"name": "r1", "host": "hv1"}, {"name": "r2", "host": "hv2", "port": "tap7"}]
    fabric = inventory.parse()
    assert [endpoint.port for endpoint in fabric.networks["red"].endpoints] == ["tap1", "tap7"]
    assert fabric.vteps["hv2"].ports["red"] == ("tap7",)


def test_macs_and_addresses_are_canonical() -> None:
    inventory = small()
    inventory.vteps["hv1"]["address"] = ["2001:DB8:0::1", "192.0.2.1"]
    inventory.network("blue")["endpoints"][0]["mac"] = "02-00-00-00-00-AB"
    fabric = inventory.parse()
    assert fabric.vteps["hv1"].addresses == {4: "192.0.2.1", 6: "2001:db8::1"}
    assert fabric.networks["blue"].endpoints[0].mac == "02:00:00:00:00:ab"


def _set(*path: object) -> Spoil:
    """The last word is the value, those before it lead there."""
    *steps, key, value = path

    def spoil(inventory: Inventory) -> None:
        place: Any = inventory._asdict()
        for step in steps:
            place = place[step]
        place[key] = value

    return spoil


NETWORKS = ("fabric", "networks")
BLUE = (*NETWORKS, "blue")
ENDPOINT = (*BLUE, "endpoints", 1)
WHERE = "vxlan_fabric.networks."

MISTAKES: dict[str, tuple[Spoil, list[str]]] = {
    "name of the fabric": (_set("fabric", "name", "My Fabric"), ["vxlan_fabric.name: 'My Fabric' is not a name of a fabric"]),
    "unknown key of the fabric": (_set("fabric", "flodding", "static"), ["vxlan_fabric.flodding: unknown key; did you mean 'flooding'?"]),
    "unknown key of the underlay": (_set("fabric", "underlay", {"mtus": 1}), ["vxlan_fabric.underlay.mtus: unknown key; did you mean 'mtu'?"]),
    "unknown key of a network": (_set(*BLUE, "vnis", 1), [WHERE + "blue.vnis: unknown key; did you mean 'vni'?"]),
    "unknown key of a VTEP": (_set("vteps", "hv1", "adress", 1), ["hv1: vxlan_vtep.adress: unknown key; did you mean 'address'?"]),
    "unknown key of an endpoint": (_set(*ENDPOINT, "ip", 1), [WHERE + "blue.endpoints[1].ip: unknown key"]),
    "port of the fabric": (_set("fabric", "port", 0), ["vxlan_fabric.port: 0 is not a number of 1..65535"]),
    "learning": (_set(*BLUE, "learning", "maybe"), [WHERE + "blue.learning: 'maybe' is neither true nor false"]),
    "flooding": (
        _set(*BLUE, "flooding", "statik"),
        [WHERE + "blue.flooding: 'statik' is not one of learning, static, multicast, none, point_to_point, evpn; did you mean 'static'?"],
    ),
    "VNI 0": (_set(*BLUE, "vni", 0), [WHERE + "blue.vni: 0 is not a number of 1..16777215"]),
    "VNI of 25 bits": (_set(*BLUE, "vni", 1 << 24), [WHERE + "blue.vni: 16777216 is not a number of 1..16777215"]),
    "VNI as a word": (_set(*BLUE, "vni", "many"), [WHERE + "blue.vni: 'many' is not a number"]),
    "VNI missing": (_set(*BLUE, "vni", None), [WHERE + "blue.vni: is required"]),
    "VNI twice": (_set(*BLUE, "vni", 200), [WHERE + "red.vni: VNI 200 is already at vxlan_fabric.networks.blue.vni"]),
    "long name": (_set(*BLUE, "interface", "a-very-long-name"), [WHERE + "blue.interface: 'a-very-long-name' is not an interface name: 1 to 15 bytes"]),
    "name twice": (_set(*BLUE, "bridge", "br200"), [WHERE + "red.bridge: br200 is already at vxlan_fabric.networks.blue.bridge"]),
    "bridge named as the device": (_set(*BLUE, "bridge", "eth0"), [f"{host}: vxlan_vtep.device: eth0 is the name at" for host in ("hv1", "hv2", "leaf1")]),
    "port named as a bridge": (_set("vteps", "hv1", "ports", {"blue": ["tap0"], "red": ["br200"]}), ["hv1: vxlan_vtep.ports.red: br200 is the name at"]),
    "MTU too large": (_set(*BLUE, "mtu", 1551), [WHERE + "blue.mtu: 1551 does not fit: an underlay of 1600 leaves 1550 (VXLAN over ipv4 takes 50 bytes)"]),
    "MTU": (_set(*BLUE, "mtu", "big"), [WHERE + "blue.mtu: 'big' is not auto or a number of 526..65535"]),
    "multicast without a group": (_set(*BLUE, "flooding", "multicast"), [WHERE + "blue.group: is required with flooding: multicast"]),
    "group that is none": (_set(*NETWORKS, "red", "group", "192.0.2.9"), [WHERE + "red.group: 192.0.2.9 is not a multicast address"]),
    "group without multicast": (_set(*BLUE, "group", "239.0.0.9"), [WHERE + "blue.group: makes no sense with flooding: learning"]),
    "family against the group": (_set(*NETWORKS, "red", "family", "ipv6"), [WHERE + "red.family: ipv6 contradicts group 239.0.0.1"]),
    "device missing for multicast": (_set("vteps", "hv1", "device", None), ["hv1: vxlan_vtep.device: is required: network red floods by multicast"]),
    "line of three": (
        _set(*NETWORKS, "line", "members", ["all"]),
        [WHERE + "line.members: flooding: point_to_point needs exactly 2 members, not 3 (hv1, hv2, leaf1)"],
    ),
    "unknown member": (
        _set(*BLUE, "members", ["hypervisor", "leaf1"]),
        [WHERE + "blue.members[0]: there is no group or host 'hypervisor'; did you mean 'hypervisors'?"],
    ),
    "no member": (_set(*BLUE, "members", []), [WHERE + "blue.members: there is no host in it"]),
    "member that is no VTEP": (
        _set("groups", "all", ["hv1", "hv2", "leaf1", "pc"]),
        [WHERE + "six.members[0]: pc is in none of the groups hypervisors, switches"],
    ),
    "member without a VTEP": (
        _set("vteps", "leaf1", None),
        [f"leaf1: vxlan_vtep: is missing; leaf1 is a member of network {name}" for name in ("blue", "six", "line")],
    ),
    "member without the family": (
        _set("vteps", "leaf1", "address", "192.0.2.3"),
        ["leaf1: vxlan_vtep.address: there is no ipv6 address, network six is of family ipv6"],
    ),
    "VTEP address": (_set("vteps", "leaf1", "address", ["192.0.2.300", "2001:db8::3"]), ["leaf1: vxlan_vtep.address[0]: '192.0.2.300' is not an IP address"]),
    "VTEP address with a length": (
        _set("vteps", "leaf1", "address", ["192.0.2.3/24", "2001:db8::3"]),
        ["leaf1: vxlan_vtep.address[0]: '192.0.2.3/24' is not an IP address; without a prefix length"],
    ),
    "multicast VTEP address": (_set("vteps", "leaf1", "address", ["239.1.1.1", "2001:db8::3"]), ["leaf1: vxlan_vtep.address[0]: 239.1.1.1 cannot be a VTEP's"]),
    "VTEP address twice": (
        _set("vteps", "hv2", "address", ["192.0.2.1", "2001:db8::2"]),
        ["hv2: vxlan_vtep.address[0]: 192.0.2.1 is already at hv1: vxlan_vtep.address[0]"],
    ),
    "no VTEP address": (_set("vteps", "leaf1", {"device": "eth0"}), ["leaf1: vxlan_vtep.address: is required"]),
    "ports of an unknown network": (
        _set("vteps", "leaf1", "ports", {"blu": ["p1"]}),
        ["leaf1: vxlan_vtep.ports.blu: there is no network 'blu'; did you mean 'blue'?"],
    ),
    "ports of a foreign network": (_set("vteps", "leaf1", "ports", {"red": ["p1"]}), ["leaf1: vxlan_vtep.ports.red: leaf1 is not a member of network red"]),
    "port in two networks": (
        _set("vteps", "hv1", "ports", {"blue": ["tap0"], "red": ["tap0"]}),
        ["hv1: vxlan_vtep.ports.red[0]: tap0 is already at hv1: vxlan_vtep.ports.blue[0]"],
    ),
    "device as a port": (_set("vteps", "hv1", "ports", {"red": ["eth0"]}), ["hv1: vxlan_vtep.ports.red[0]: eth0 is already at hv1: vxlan_vtep.device"]),
    "endpoint without a name": (_set(*ENDPOINT, "name", None), [WHERE + "blue.endpoints[1].name: is required"]),
    "endpoint with the name of a host": (_set(*ENDPOINT, "name", "hv1"), [WHERE + "blue.endpoints[1].name: the name hv1 is already at hv1: inventory"]),
    "endpoint name twice": (
        _set(*ENDPOINT, "name", "b1"),
        [WHERE + "blue.endpoints[1].name: the name b1 is already at vxlan_fabric.networks.blue.endpoints[0].name"],
    ),
    "endpoint elsewhere": (_set(*ENDPOINT, "host", "hv3"), [WHERE + "blue.endpoints[1].host: hv3 is not a member of network blue; did you mean 'hv2'?"]),
    "MAC twice": (
        _set(*ENDPOINT, "mac", "0200.0000.0001"),
        [WHERE + "blue.endpoints[1].mac: 02:00:00:00:00:01 is already at vxlan_fabric.networks.blue.endpoints[0].mac"],
    ),
    "multicast MAC": (_set(*ENDPOINT, "mac", "01:00:5e:00:00:01"), [WHERE + "blue.endpoints[1].mac: 01:00:5e:00:00:01 is not a unicast address"]),
    "endpoint address twice": (
        _set(*ENDPOINT, "address", "10.0.0.1/16"),
        [WHERE + "blue.endpoints[1].address: 10.0.0.1 is already at vxlan_fabric.networks.blue.endpoints[0].address"],
    ),
    "endpoint address without a length": (_set(*ENDPOINT, "address", "10.0.0.2"), [WHERE + "blue.endpoints[1].address: '10.0.0.2' lacks a prefix length"]),
    "networks as a list": (_set("fabric", "networks", []), ["vxlan_fabric.networks: [] is not a mapping"]),
    "network as a number": (
        _set(*NETWORKS, "line", 7),
        [WHERE + "line: 7 is not a mapping of vni, vlan", WHERE + "line.members: is required", WHERE + "line.vni: is required"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(name: str) -> None:
    inventory = small()
    if name == "networks as a list":
        inventory.vteps.clear()
    spoil, expected = MISTAKES[name]
    spoil(inventory)
    found = inventory.mistakes()
    assert len(found) == len(expected), found
    for sentence, start in zip(found, expected):
        assert sentence.startswith(start)


def test_all_mistakes_are_told_at_once() -> None:
    inventory = small()
    independent = ["port of the fabric", "learning", "VTEP address twice", "unknown key of the underlay", "MAC twice", "family against the group"]
    expected = []
    for name in independent:
        spoil, sentences = MISTAKES[name]
        spoil(inventory)
        expected += sentences
    found = inventory.mistakes()
    assert len(found) == len(expected)
    assert all(any(sentence.startswith(start) for sentence in found) for start in expected)


def test_a_fabric_that_is_no_mapping() -> None:
    inventory = small()._replace(fabric=[])  # type: ignore[arg-type]
    assert inventory.mistakes()[0] == "vxlan_fabric: [] is not a mapping of name, port, flooding, vni_base, gateway_mac, style, vrfs, underlay, networks"
