# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host states of style single, trunk ports and VRFs."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import parse_vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states, networks_of_links, texts_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import subinterface
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.slices import Slice, slices_of
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import ZERO, Inventory, small
from ansible_collections.vxlan.fabric.tests.unit.fabric.mixed import mixed


def _state(host: str, inventory: Inventory | None = None) -> dict[str, Any]:
    return expand(host_states((inventory or mixed()).parse())[host])


def _slices(host: str, inventory: Inventory | None = None) -> dict[int, Slice]:
    return {found.vni: found for found in slices_of(_state(host, inventory))}


def test_one_interface_and_one_bridge_for_all_networks() -> None:
    state = _state("leaf1")
    (interface,), (bridge,) = state["interfaces"], state["bridges"]
    assert {key: interface[key] for key in ("name", "external", "vnifilter", "port", "local", "device", "mtu")} == {
        "name": "vxs4",
        "external": True,
        "vnifilter": True,
        "port": 4789,
        "local": "192.0.2.1",
        "device": "eth0",
        "mtu": 1550,
    }
    assert "vni" not in interface
    assert (bridge["name"], bridge["vlan_filtering"], bridge["vlan_default_pvid"], bridge["mac"]) == ("brs", True, 0, "02:00:5e:00:01:01")
    assert state["vnis"] == {"vxs4": [{"vni": "10100-10101"}, {"vni": 30000, "group": "239.0.0.3"}]}


def test_vlans_and_vnis_are_ranges() -> None:
    tunnel = _state("leaf1")["bridges"][0]["ports"][0]
    assert tunnel["vlan_tunnel"] is True
    assert tunnel["vlans"] == [{"vlan": "100-101"}, {"vlan": 300}]
    assert tunnel["tunnels"] == [{"vlan": "100-101", "vni": "10100-10101"}, {"vlan": 300, "vni": 30000}]


def test_access_and_trunk_ports_of_a_vlan_aware_bridge() -> None:
    first, second = (_state(host)["bridges"][0]["ports"][1:] for host in ("leaf1", "leaf2"))
    assert first == [
        {"name": "swp1", "vlans": [{"vlan": 100, "pvid": True, "untagged": True}]},
        {"name": "swp8", "vlans": [{"vlan": 300, "pvid": True, "untagged": True}]},
    ]
    assert second == [{"name": "swp9", "vlans": [{"vlan": "100-101"}]}]


def test_a_native_network_is_untagged_on_its_trunk() -> None:
    inventory = mixed()
    inventory.vteps["leaf1"]["ports"]["swp7"] = {"trunk": ["app"], "native": "web"}
    port = next(port for port in _state("leaf1", inventory)["bridges"][0]["ports"] if port["name"] == "swp7")
    assert port["vlans"] == [{"vlan": 101}, {"vlan": 100, "pvid": True, "untagged": True}]


def test_a_trunk_port_of_a_host_with_a_bridge_for_each_network_has_an_interface_for_each_vlan() -> None:
    state = _state("hv1")
    assert state["vlan_interfaces"] == [{"name": f"eth5.{vlan}", "state": "up", "device": "eth5", "vlan": vlan, "addrgenmode": "none"} for vlan in (101, 100)]
    ports = {bridge["name"]: [port["name"] for port in bridge["ports"][1:]] for bridge in state["bridges"]}
    assert ports == {"br10100": ["eth5.100", "tap0"], "br10101": ["eth5.101"], "br30000": ["eth5"]}


def test_names_of_vlans_of_long_ports_fit() -> None:
    names = {subinterface(port, 4094) for port in ("enp129s0f0np0", "enp129s0f0np1", "eth5")}
    assert len(names) == 3
    assert all(len(name) <= 15 and name.endswith(".4094") for name in names)
    assert "eth5.4094" in names


def test_both_styles_flood_to_each_other() -> None:
    assert {host: _slices(host)[10101].destinations for host in ("leaf1", "leaf2", "hv1")} == {
        "leaf1": ["192.0.2.2", "192.0.2.3"],
        "leaf2": ["192.0.2.1", "192.0.2.3"],
        "hv1": ["192.0.2.1", "192.0.2.2"],
    }
    assert _slices("leaf1")[30000].destinations == _slices("hv1")[30000].destinations == ["239.0.0.3"]


def test_machines_are_rows_of_their_vni() -> None:
    rows = _state("leaf1")["fdb"][0]["rows"]
    assert {"mac": "02:00:00:00:00:02", "dst": "192.0.2.3", "src_vni": 10100} in rows
    assert {row["src_vni"]: row["dst"] for row in rows if row["mac"] == ZERO} == {vni: ["192.0.2.2", "192.0.2.3"] for vni in (10100, 10101)}


def test_a_gateway_is_an_interface_of_its_vlan_in_its_vrf() -> None:
    state = _state("leaf1")
    assert state["vrfs"] == [{"name": "red", "state": "up", "table": 1001}]
    assert [entry["name"] for entry in state["vlan_interfaces"]] == ["vlan101", "vlan100"]
    web = state["vlan_interfaces"][1]
    assert {key: web[key] for key in ("device", "vlan", "master", "addresses", "mtu", "state")} == {
        "device": "brs",
        "vlan": 100,
        "master": "red",
        "addresses": ["10.0.0.254/24"],
        "mtu": 1550,
        "state": "up",
    }
    assert "mac" not in web
    assert _state("leaf1")["bridges"][0]["ports"][0]["neigh_suppress"] is True


def test_a_gateway_on_several_hosts_knows_the_machines_of_others() -> None:
    """An answer to its ARP request would go to the gateway of the other host."""
    web = _state("leaf1")["vlan_interfaces"][1]
    assert web["neighbours"] == [{"address": "10.0.0.2", "mac": "02:00:00:00:00:02"}]
    inventory = mixed()
    inventory.network("web")["gateway"]["members"] = ["leaf1"]
    assert _state("leaf1", inventory)["vlan_interfaces"][1]["neighbours"] == []


def test_with_a_bridge_for_each_network_the_bridge_is_in_the_vrf() -> None:
    inventory = mixed()
    inventory.vteps["leaf1"]["style"] = "per_vni"
    state = _state("leaf1", inventory)
    bridges = {bridge["name"]: bridge for bridge in state["bridges"]}
    assert {name: bridge["master"] for name, bridge in bridges.items()} == {"br10100": "red", "br10101": "red", "br30000": "none"}
    assert bridges["br10100"]["neighbours"] == [{"address": "10.0.0.2", "mac": "02:00:00:00:00:02"}]
    assert "neighbours" not in bridges["br30000"]
    assert state["vrfs"] == [{"name": "red", "state": "up", "table": 1001}]
    assert "vlan_interfaces" not in state


def test_without_vrfs_nobody_is_taken_out_of_one() -> None:
    inventory = mixed()
    del inventory.fabric["vrfs"]
    for name in ("web", "app"):
        del inventory.network(name)["vrf"]
    for host in ("leaf1", "hv1"):
        state = _state(host, inventory)
        assert "vrfs" not in state
        assert not any("master" in entry for entry in (*state["bridges"], *state["vlan_interfaces"]))


def test_the_bridge_stays_out_of_networks_with_their_gateway_elsewhere() -> None:
    """It takes frames to the MAC address of the gateway in every VLAN that it is in itself."""
    inventory = mixed()
    assert _state("leaf1")["bridges"][0]["vlans"] == [{"vlan": "100-101"}, {"vlan": 300}]
    inventory.network("app")["gateway"]["members"] = ["leaf2"]
    assert _state("leaf1", inventory)["bridges"][0]["vlans"] == [{"vlan": 100}, {"vlan": 300}]


def _known() -> Inventory:
    """Nothing floods in web and app; lab has another UDP port, since it learns."""
    inventory = mixed()
    for name in ("web", "app"):
        inventory.network(name)["flooding"] = "none"
        del inventory.network(name)["gateway"]
        del inventory.network(name)["vrf"]
    del inventory.fabric["vrfs"]
    inventory.network("lab")["port"] = 4790
    return inventory


def test_where_nothing_floods_the_bridge_answers_arp() -> None:
    """It needs a neighbour on an interface of the VLAN, and a row that says that the machine is behind the port to the tunnels."""
    state = _state("leaf1", _known())
    assert [entry["name"] for entry in state["interfaces"]] == ["vxs4", "vxs4-4790"]
    assert (state["interfaces"][0]["learning"], state["interfaces"][1]["learning"]) == (False, True)
    app = state["vlan_interfaces"][0]
    assert (app["name"], app["addresses"]) == ("vlan101", [])
    assert {entry["address"] for entry in app["neighbours"]} == {"10.0.1.1", "10.0.1.2"}
    rows = state["fdb"][0]["rows"]
    assert {"mac": "02:00:00:00:01:02", "dst": "192.0.2.3", "src_vni": 10101} in rows
    assert {"mac": "02:00:00:00:01:02", "vlan": 101, "table": "master", "state": "static"} in rows
    assert not any(row["mac"] == ZERO for row in rows)


def test_a_line_has_its_other_end_as_list() -> None:
    inventory = mixed()
    inventory.fabric["networks"]["line"] = {"vni": 400, "vlan": 40, "members": ["leaf1", "hv1"], "flooding": "point_to_point"}
    assert _slices("leaf1", inventory)[400].destinations == ["192.0.2.3"]
    assert _slices("hv1", inventory)[400].destinations == ["192.0.2.1"]


def _with_l3vni() -> Inventory:
    """Gateways on one host each, of the style that takes it."""
    inventory = mixed()
    inventory.fabric["vrfs"]["red"] = {"vni": 50001, "vlan": 3001}
    for name in ("web", "app"):
        inventory.network(name)["flooding"] = "evpn"
        for endpoint in inventory.network(name)["endpoints"]:
            del endpoint["mac"]
    del inventory.fabric["networks"]["lab"]
    del inventory.vteps["leaf1"]["ports"]["swp8"]
    inventory.vteps["hv1"]["ports"] = {}
    inventory.network("app")["endpoints"].pop()
    inventory.vteps["leaf2"].update(style="per_vni", ports={})
    inventory.network("web")["gateway"]["members"] = ["leaf1"]
    inventory.network("app")["gateway"]["members"] = ["leaf2"]
    return inventory


def test_an_l3vni_is_there_where_the_vrf_is() -> None:
    inventory = _with_l3vni()
    single, separate, other = (_state(host, inventory) for host in ("leaf1", "leaf2", "hv1"))
    assert single["vrfs"] == separate["vrfs"] == [{"name": "red", "state": "up", "table": 50001}]
    assert single["bridges"][0]["ports"][0]["tunnels"] == [{"vlan": "100-101", "vni": "10100-10101"}, {"vlan": 3001, "vni": 50001}]
    transit = single["vlan_interfaces"][-1]
    assert (transit["name"], transit["master"], transit["addresses"], "neighbours" in transit) == ("vlan3001", "red", [], False)
    assert [entry["name"] for entry in separate["interfaces"]] == ["vx10101", "vx10100", "vx50001"]
    assert (separate["bridges"][-1]["name"], separate["bridges"][-1]["master"], separate["fdb"][-1]["rows"]) == ("br50001", "red", [])
    assert "vrfs" not in other
    assert networks_of_links(inventory.parse(), "leaf2")["vx50001"] == "vrf red"


def test_links_of_a_host_that_belong_to_one_network() -> None:
    fabric = mixed().parse()
    assert networks_of_links(fabric, "leaf1") == {"vlan100": "web", "vlan101": "app", "vlan300": "lab"}
    assert networks_of_links(fabric, "hv1")["eth5.101"] == "app"


def test_four_thousand_vnis_are_a_short_text() -> None:
    networks = {f"n{number}": {"vni": 10000 + number, "vlan": number, "members": ["all"]} for number in range(2, 4002)}
    hosts = [f"h{number}" for number in range(12)]
    vteps = {host: {"style": "single", "address": f"192.0.2.{place + 1}"} for place, host in enumerate(hosts)}
    inventory = Inventory({"name": "l", "networks": networks}, vteps, {"all": hosts, "hypervisors": hosts})
    state = host_states(inventory.parse(), ["h0"])
    assert len(texts_of(state)["h0"]) < 2048
    assert sum(len(row["dst"]) for row in expand(state["h0"])["fdb"][0]["rows"]) == 4000 * 11


def test_the_style_of_the_fabric_is_that_of_hosts_that_say_none() -> None:
    inventory = small()
    inventory.fabric["style"] = "single"
    for place, network in enumerate(inventory.fabric["networks"].values()):
        network["vlan"] = 10 + place
    inventory.network("six").pop("flooding")
    inventory.vteps["leaf1"]["style"] = "per_vni"
    fabric = inventory.parse()
    assert {host: vtep.style for host, vtep in fabric.vteps.items()} == {"hv1": "single", "hv2": "single", "leaf1": "per_vni"}
    state = expand(host_states(fabric)["hv1"])
    assert [(entry["name"], entry["local"], entry["mtu"]) for entry in state["interfaces"]] == [("vxs4", "192.0.2.1", 1550), ("vxs6", "2001:db8::1", 1530)]
    assert state["bridges"][0]["mtu"] == 1550


def test_the_module_takes_every_state_and_what_is_said_once_means_the_same() -> None:
    for inventory in (mixed(), _known(), _with_l3vni()):
        for state in host_states(inventory.parse()).values():
            compact, full = (parse_vtep({"host_state": json.dumps(form), "purge": "managed", "recreate": "when_needed"}) for form in (state, expand(state)))
            assert compact == full
            assert not compact.warnings
