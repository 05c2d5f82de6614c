# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRFs, their L3VNIs, and trunk ports, as they are found on hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Adopted, Read, adopt
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import CHANGES, LEFT
from ansible_collections.vxlan.fabric.tests.unit.adopt.showing import show
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory

HOSTS = ["leaf1", "leaf2"]
FABRIC = {
    "name": "t",
    "gateway_mac": "02:00:5e:00:01:01",
    "underlay": {"mtu": 1600},
    "vrfs": {"red": {"vni": 4000, "table": 1001}},
    "networks": {
        "web": {"vni": 100, "vlan": 10, "members": ["switches"], "flooding": "evpn", "vrf": "red", "gateway": {"address": "10.0.0.254/24"}},
        "app": {"vni": 101, "vlan": 11, "members": ["switches"], "flooding": "evpn"},
        "lab": {"vni": 102, "vlan": 12, "members": ["switches"], "flooding": "static"},
    },
}
VTEPS = {
    "leaf1": {"address": "192.0.2.1", "device": "eth0", "ports": {"swp1": {"trunk": ["web", "app"], "native": "lab"}, "web": ["swp2"]}},
    "leaf2": {"address": "192.0.2.2", "device": "eth0"},
}


def _adopt(change: Callable[[dict[str, Any]], object] | None = None) -> Adopted:
    inventory = Inventory(FABRIC, VTEPS, {"switches": HOSTS})
    found = show(inventory.parse())
    if change is not None:
        change(found)
    return adopt({host: Read(entry) for host, entry in found.items()}, inventory.groups)


def _vlan_interface(found: dict[str, Any], name: str) -> Any:
    return next(entry for entry in found["leaf1"]["vlan_interfaces"] if entry["name"] == name)


def _told(adopted: Adopted, level: str) -> list[str]:
    return [f"{','.join(told.hosts)} {','.join(told.about)}: {told.sentence}" for told in adopted.notes if told.level == level]


def test_a_vrf_with_its_l3vni_and_a_trunk_with_its_native_network() -> None:
    adopted = _adopt()
    assert adopted.fabric["vrfs"] == {"red": {"vni": 4000, "table": 1001}}
    networks = adopted.fabric["networks"]
    assert {name: (network["vni"], network.get("vlan"), network.get("vrf")) for name, network in networks.items()} == {
        "vni100": (100, 10, "red"),
        "vni101": (101, 11, None),
        "vni102": (102, None, None),
    }
    assert adopted.vteps["leaf1"]["ports"] == {"vni100": ["swp2"], "swp1": {"trunk": ["vni100", "vni101"], "native": "vni102"}}
    assert _told(adopted, CHANGES) == []
    assert adopted.reading.errors == []


def test_an_l3vni_under_names_of_its_own_is_told() -> None:
    """Deploy gives it others: it is a network then, and leaves the VRF."""

    def rename(found: dict[str, Any]) -> None:
        for entry in found.values():
            for link in entry["interfaces"]:
                link["master"] = "vmbr4000" if link["vni"] == 4000 else link["master"]
            for bridge in entry["bridges"]:
                bridge["name"] = "vmbr4000" if bridge["name"] == "br4000" else bridge["name"]

    adopted = _adopt(rename)
    assert adopted.fabric["vrfs"] == {"red": {"table": 1001}}
    assert "leaf1,leaf2 vmbr4000: master red becomes none" in _told(adopted, CHANGES)


def test_tables_that_differ_are_told() -> None:
    adopted = _adopt(lambda found: found["leaf2"]["vrfs"][0].update(table=7))
    assert adopted.fabric["vrfs"]["red"]["table"] == 1001
    assert "leaf2 red: table 7 becomes 1001" in _told(adopted, CHANGES)


def test_a_vlan_interface_under_another_name_is_an_access_port() -> None:
    def rename(found: dict[str, Any]) -> None:
        _vlan_interface(found, "swp1.11")["name"] = "customer"
        for bridge in found["leaf1"]["bridges"]:
            bridge["ports"] = [{**port, "name": "customer"} if port["name"] == "swp1.11" else port for port in bridge["ports"]]

    adopted = _adopt(rename)
    assert adopted.vteps["leaf1"]["ports"] == {"vni100": ["swp2"], "vni101": ["customer"], "swp1": {"trunk": ["vni100"], "native": "vni102"}}
    assert "leaf1 customer: a VLAN interface" in _told(adopted, LEFT)


def test_what_else_a_vlan_interface_has_is_told() -> None:
    adopted = _adopt(lambda found: _vlan_interface(found, "swp1.11").update(state="down", alias="customer 7", addresses=["10.9.0.1/24"]))
    assert {"leaf1 swp1.11: state down becomes up", "leaf1 swp1.11: alias 'customer 7' becomes the owner mark"} <= set(_told(adopted, CHANGES))
    assert "leaf1 swp1.11: addresses: 10.9.0.1/24" in _told(adopted, LEFT)
