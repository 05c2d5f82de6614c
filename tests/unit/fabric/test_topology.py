# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The twin that is made of a fabric: which hosts, with which addresses on which devices, and what is behind them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import parse_topology
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import InventoryError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import make_topology, read_topologies
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, small
from ansible_collections.vxlan.fabric.tests.unit.fabric.mixed import mixed


def hosts_of(inventory: Inventory, twin: object = None) -> dict[str, dict[str, Any]]:
    made = make_topology(inventory.parse(), twin)
    assert not parse_topology(made["name"], made["underlay"], made["hosts"]).warnings
    return {host["name"]: host for host in made["hosts"]}


def test_a_host_without_a_vtep_is_there_and_has_no_address() -> None:
    """Deploy runs on spines as well."""
    inventory = small()
    inventory.groups["switches"].append("spine1")
    inventory.groups["all"].append("spine1")
    inventory.network("six")["members"] = ["hypervisors"]
    assert hosts_of(inventory)["spine1"] == {"name": "spine1", "netns": "t-spine1", "device": "eth0", "addresses": [], "endpoints": []}


def test_further_addresses_are_in_a_subnet_of_their_own() -> None:
    inventory = small()
    for number, host in enumerate(("hv1", "hv2", "leaf1"), start=1):
        addresses = inventory.vteps[host]["address"]
        inventory.vteps[host]["address"] = [*addresses, f"198.51.100.{number}"]
    inventory.vteps["hv1"]["networks"] = {"blue": {"address": "198.51.100.1"}}
    inventory.vteps["hv2"]["networks"] = {"blue": {"address": "198.51.100.2"}}
    inventory.vteps["leaf1"]["networks"] = {"blue": {"address": "198.51.100.3"}}
    assert hosts_of(inventory)["hv1"]["addresses"] == ["192.0.2.1/24", "2001:db8::1/64", "198.51.100.1/24"]
    # One of them uses its first address for the same network: all have to be in one subnet.
    del inventory.vteps["leaf1"]["networks"]
    assert hosts_of(inventory)["hv1"]["addresses"] == ["192.0.2.1/5", "2001:db8::1/64", "198.51.100.1/5"]


def test_another_device_of_a_network_is_an_uplink_with_its_address() -> None:
    inventory = small()
    inventory.vteps["hv1"].update(address=["192.0.2.1", "2001:db8::1", "198.51.100.1"], mtu=1550)
    inventory.vteps["hv1"]["networks"] = {"blue": {"address": "198.51.100.1", "device": "eth1"}, "red": {"device": "eth2"}}
    hv1 = hosts_of(inventory)["hv1"]
    assert (hv1["device"], hv1["addresses"], hv1["mtu"]) == ("eth0", ["192.0.2.1/5", "2001:db8::1/64"], 1550)
    assert hv1["uplinks"] == [{"device": "eth1", "addresses": ["198.51.100.1/5"], "mtu": 1550}, {"device": "eth2", "addresses": [], "mtu": 1550}]
    with pytest.raises(InventoryError) as caught:
        make_topology(inventory.parse(), {"mode": "routed"})
    assert "hv1 has eth0 and eth1 and eth2; take mode: segment" in str(caught.value)


def test_a_machine_goes_by_the_gateways_of_its_subnets() -> None:
    inventory = small()
    blue = inventory.network("blue")
    blue["gateway"] = {"address": ["10.0.0.254/24", "10.9.0.254/24", "2001:db8:1::ffff/64"], "mac": "02:00:5e:00:00:01"}
    blue["endpoints"][1]["address"] = ["2001:db8:1::2/64", "10.9.0.2/24"]
    found = {endpoint["name"]: endpoint.get("gateways") for host in hosts_of(inventory).values() for endpoint in host["endpoints"]}
    assert found == {"b1": ["10.0.0.254"], "b2": ["10.9.0.254", "2001:db8:1::ffff"], "hv1-tap1": None}


def test_a_machine_has_the_mtu_of_its_network_on_its_host() -> None:
    inventory = small()
    inventory.vteps["hv1"]["networks"] = {"blue": {"mtu": 1400}}
    assert {endpoint["name"]: endpoint["mtu"] for host in hosts_of(inventory).values() for endpoint in host["endpoints"]} == {
        "b1": 1400,
        "b2": 1550,
        "hv1-tap1": 1550,
    }


def test_each_fabric_has_a_twin_with_what_its_hosts_say() -> None:
    def fabric(name: str, vni: int, group: str) -> dict[str, Any]:
        return {"name": name, "underlay": {"mtu": 1600}, "networks": {"n": {"vni": vni, "members": [group]}}}

    def host(name: str, number: int, group: str, **more: Any) -> dict[str, Any]:
        return {"vxlan_fabric": fabric(name, number, group), "vxlan_vtep": {"address": f"192.0.2.{number}"}, **more}

    routed = {"vxlan_twin": {"mode": "routed"}}
    hostvars = {"a1": host("a", 1, "ga"), "a2": host("a", 1, "ga"), "b1": host("b", 3, "gb", **routed), "b2": host("b", 3, "gb", **routed)}
    hostvars["a2"]["vxlan_vtep"] = {"address": "192.0.2.2"}
    hostvars["b2"]["vxlan_vtep"] = {"address": "192.0.2.4"}
    groups = {"all": list(hostvars), "hypervisors": list(hostvars), "ga": ["a1", "a2"], "gb": ["b1", "b2"]}
    made = read_topologies(hostvars, groups)
    assert [(twin["name"], twin["underlay"]["mode"], [entry["name"] for entry in twin["hosts"]]) for twin in made] == [
        ("a", "segment", ["a1", "a2"]),
        ("b", "routed", ["b1", "b2"]),
    ]
    (part,) = read_topologies(hostvars, groups, ["b2"])
    assert [entry["name"] for entry in part["hosts"]] == ["b2"]


def test_machines_behind_a_trunk_port_have_their_tag_and_share_the_cable() -> None:
    inventory = mixed()
    hosts = hosts_of(inventory)
    leaf2 = {entry["name"]: entry for entry in hosts["leaf2"]["endpoints"]}
    assert (leaf2["a1"]["port"], leaf2["a1"]["vlan"]) == ("swp9", 101)
    assert leaf2["leaf2-swp9"] == {"name": "leaf2-swp9", "netns": "m-leaf2-swp9", "port": "swp9", "addresses": [], "mtu": 1550}
    hv1 = {entry["name"]: entry for entry in hosts["hv1"]["endpoints"]}
    assert (hv1["a2"]["vlan"], hv1["hv1-eth5"]["network"], "vlan" in hv1["w2"]) == (101, "lab", False)
    inventory.network("lab")["endpoints"] = [{"name": "l1", "host": "hv1", "port": "eth5"}]
    hv1 = {entry["name"]: entry for entry in hosts_of(inventory)["hv1"]["endpoints"]}
    assert ("vlan" in hv1["l1"], "hv1-eth5" in hv1) == (False, False)


def test_the_cable_of_a_trunk_port_sets_the_most_that_its_machines_can_send() -> None:
    inventory = mixed()
    inventory.network("lab").update(mtu=1400, endpoints=[{"name": "l1", "host": "hv1", "port": "eth5"}])
    hv1 = {entry["name"]: entry for entry in hosts_of(inventory)["hv1"]["endpoints"]}
    assert (hv1["l1"]["mtu"], hv1["a2"]["mtu"], hv1["w2"]["mtu"]) == (1400, 1400, 1550)


def test_hosts_whose_gateways_join_networks_forward() -> None:
    inventory = mixed()
    assert {name: host.get("forwarding") for name, host in hosts_of(inventory).items()} == {"hv1": None, "leaf1": ["ipv4"], "leaf2": ["ipv4"]}
    inventory.network("app").pop("vrf")
    assert all("forwarding" not in host for host in hosts_of(inventory).values())
