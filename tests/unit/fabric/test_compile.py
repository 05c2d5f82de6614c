# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host states: what each host gets."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import parse_vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states, networks_of_links, texts_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import parse_fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.single import TUNNEL_PORT_FLAGS
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import ZERO, Inventory, small


def _of(host: str, inventory: Inventory | None = None) -> dict[str, dict[str, Any]]:
    """By network: its interface, bridge and rows on a host, with everything that is said once for all of them."""
    fabric = (inventory or small()).parse()
    state = expand(host_states(fabric)[host])
    return {
        networks_of_links(fabric, host)[interface["name"]]: {"interface": interface, "bridge": bridge, "rows": fdb["rows"], "fdb": fdb}
        for interface, bridge, fdb in zip(state["interfaces"], state["bridges"], state["fdb"])
    }


def test_a_host_gets_the_networks_that_it_carries() -> None:
    assert {host: [entry["name"] for entry in state["interfaces"]] for host, state in host_states(small().parse()).items()} == {
        "hv1": ["vx100", "vx200", "vx300"],
        "hv2": ["vx100", "vx400", "vx200", "vx300"],
        "leaf1": ["vx100", "vx400", "vx300"],
    }


def test_static_flooding_names_the_others_in_the_family_of_the_network() -> None:
    found = _of("hv2")
    assert found["blue"]["interface"]["remote"] == "none"
    assert found["blue"]["rows"] == [{"mac": ZERO, "dst": ["192.0.2.1", "192.0.2.3"]}, {"mac": "02:00:00:00:00:01", "dst": "192.0.2.1"}]
    assert found["six"]["rows"] == [{"mac": ZERO, "dst": ["2001:db8::1", "2001:db8::3"]}]
    assert found["six"]["interface"]["local"] == "2001:db8::2"


def test_multicast_has_a_group_and_no_flood_list() -> None:
    found = _of("hv1")["red"]
    assert (found["interface"]["group"], found["interface"]["device"], found["rows"]) == ("239.0.0.1", "eth0", [])
    assert "remote" not in found["interface"]
    assert found["fdb"]["purge"] == "managed"


def test_point_to_point_has_the_other_as_remote() -> None:
    assert _of("hv2")["line"]["interface"]["remote"] == "192.0.2.3"
    assert _of("leaf1")["line"]["interface"]["remote"] == "192.0.2.2"


def _known() -> Inventory:
    """blue floods nothing; leaf1 has its gateway."""
    inventory = small()
    inventory.network("blue").update(
        flooding="none", gateway={"address": ["10.0.0.254/24", "2001:db8:a::1/64"], "mac": "02:00:5E:00:01:01", "members": ["leaf1"]}
    )
    return inventory


def test_where_nothing_floods_every_machine_and_its_address_is_a_row() -> None:
    found = _of("hv1", _known())["blue"]
    assert found["rows"] == [{"mac": "02:00:00:00:00:02", "dst": "192.0.2.2"}, {"mac": "02:00:5e:00:01:01", "dst": "192.0.2.3"}]
    assert (found["interface"]["proxy"], found["interface"]["learning"], found["interface"]["remote"]) == (True, False, "none")
    assert found["interface"]["neighbours"] == [
        {"address": "10.0.0.2", "mac": "02:00:00:00:00:02"},
        {"address": "10.0.0.254", "mac": "02:00:5e:00:01:01"},
        {"address": "2001:db8:a::1", "mac": "02:00:5e:00:01:01"},
    ]


def test_a_gateway_is_an_address_of_the_bridge_and_not_asked_for_elsewhere() -> None:
    inventory = _known()
    leaf, other = (_of(host, inventory)["blue"] for host in ("leaf1", "hv1"))
    assert (leaf["bridge"]["addresses"], leaf["bridge"]["mac"]) == (["10.0.0.254/24", "2001:db8:a::1/64"], "02:00:5e:00:01:01")
    assert leaf["bridge"]["ports"][0]["neigh_suppress"] is True
    assert (other["bridge"]["addresses"], "mac" in other["bridge"], other["bridge"]["ports"][0]["neigh_suppress"]) == ([], False, False)
    assert [row["mac"] for row in leaf["rows"]] == ["02:00:00:00:00:01", "02:00:00:00:00:02"]


def test_evpn_leaves_rows_to_bgp() -> None:
    inventory = small()
    inventory.network("blue").update(flooding="evpn", endpoints=[])
    found = _of("hv1", inventory)["blue"]
    assert found["fdb"] == {"interface": "vx100", "rows": [], "purge": "managed"}
    assert (found["interface"]["learning"], "neighbours" in found["interface"]) == (False, False)
    assert (found["bridge"]["ports"][0]["learning"], found["bridge"]["ports"][0]["neigh_suppress"]) == (False, True)


def test_a_host_may_have_names_a_device_and_an_address_of_its_own() -> None:
    inventory = small()
    seat = {"address": "198.51.100.1", "device": "eth7", "mtu": 1400, "interface": "tunnel", "bridge": "lan"}
    inventory.vteps["hv1"].update(address=["192.0.2.1", "198.51.100.1", "2001:db8::1"], networks={"blue": seat})
    own, other = (_of(host, inventory)["blue"] for host in ("hv1", "hv2"))
    assert {key: own["interface"][key] for key in ("name", "local", "device", "mtu")} == {
        "name": "tunnel",
        "local": "198.51.100.1",
        "device": "eth7",
        "mtu": 1400,
    }
    assert (own["bridge"]["name"], own["bridge"]["mtu"], own["fdb"]["interface"]) == ("lan", 1400, "tunnel")
    assert other["rows"][0] == {"mac": ZERO, "dst": ["192.0.2.3", "198.51.100.1"]}
    assert other["rows"][1]["dst"] == "198.51.100.1"
    assert _of("hv2", inventory)["six"]["rows"] == _of("hv2")["six"]["rows"]


def test_the_smallest_underlay_decides_the_mtu() -> None:
    inventory = small()
    inventory.vteps["hv2"]["mtu"] = 1500
    fabric = inventory.parse()
    assert {name: network.mtu for name, network in fabric.networks.items()} == {"blue": 1450, "line": 1450, "red": 1450, "six": 1430}


def test_a_vni_can_be_derived_of_the_vlan() -> None:
    inventory = small()
    inventory.fabric["vni_base"] = 10000
    inventory.network("blue")["vlan"] = 12
    del inventory.network("blue")["vni"]
    network = inventory.parse().networks["blue"]
    assert (network.vni, network.vlan, network.interface, network.bridge) == (10012, 12, "vx10012", "br10012")


def test_machines_of_a_host_are_known_to_the_others_only() -> None:
    macs = {host: [row["mac"] for row in _of(host)["blue"]["rows"] if row["mac"] != ZERO] for host in ("hv1", "hv2", "leaf1")}
    assert macs == {
        "hv1": ["02:00:00:00:00:02"],
        "hv2": ["02:00:00:00:00:01"],
        "leaf1": ["02:00:00:00:00:01", "02:00:00:00:00:02"],
    }


def test_the_bridge_holds_tunnel_and_access_ports() -> None:
    bridge = _of("hv1")["blue"]["bridge"]
    assert bridge["ports"] == [{"name": "vx100", **TUNNEL_PORT_FLAGS, "learning": True, "neigh_suppress": False}, {"name": "tap0"}]
    assert (bridge["mtu"], bridge["stp"], bridge["addresses"]) == (1550, False, [])


def test_mtu_is_left_to_the_host_where_the_underlay_is_not_known() -> None:
    inventory = small()
    del inventory.fabric["underlay"]
    inventory.vteps["leaf1"].pop("device")
    states = {host: expand(state) for host, state in host_states(inventory.parse()).items()}
    assert states["hv1"]["interfaces"][0]["mtu"] == "auto"
    assert "mtu" not in states["leaf1"]["interfaces"][0]
    assert "mtu" not in states["hv1"]["bridges"][0]


def test_hosts_that_carry_nothing_have_an_empty_state() -> None:
    inventory = small()
    inventory.groups["switches"].append("spine1")
    states = host_states(inventory.parse(), ["spine1", "leaf1"])
    assert list(states) == ["spine1", "leaf1"]
    assert states["spine1"] == {"fabric": "t", "interfaces": [], "bridges": [], "fdb": []}


def test_a_single_member_floods_to_nobody() -> None:
    inventory = small()
    inventory.network("six")["members"] = ["leaf1"]
    state = host_states(inventory.parse())["leaf1"]
    assert expand(state)["fdb"][-1]["rows"] == []
    assert list(state["peers"]) == ["blue"]


def _parsed(state: str, **options: str) -> Any:
    return parse_vtep({"host_state": state, "purge": "managed", "recreate": "when_needed", **options})


def test_the_module_takes_every_state_and_what_is_said_once_means_the_same() -> None:
    for state in host_states(small().parse()).values():
        assert _parsed(json.dumps(state)) == _parsed(json.dumps(expand(state)))


def test_a_host_without_networks_still_loses_what_it_had() -> None:
    wanted = _parsed(texts_of(host_states(small().parse(), ["spine1"]))["spine1"])
    assert (wanted.links, wanted.rows, wanted.mark) == ((), (), "vxlan.fabric:t")


def test_what_entries_share_is_said_once() -> None:
    state = host_states(small().parse())["hv1"]
    assert state["interfaces"] == [
        {"name": "vx100", "vni": 100, "remote": "none"},
        {"name": "vx200", "vni": 200, "group": "239.0.0.1"},
        {"name": "vx300", "vni": 300, "local": "2001:db8::1", "learning": False, "mtu": 1530, "remote": "none"},
    ]
    assert state["peers"] == {"blue": ["192.0.2.2", "192.0.2.3"], "six": ["2001:db8::2", "2001:db8::3"]}
    assert [entry.get("flood") for entry in state["fdb"]] == [["blue"], None, ["six"]]


def _large(hosts: int, networks: int) -> Fabric:
    names = [f"h{number}" for number in range(hosts)]
    vteps = {host: {"address": f"10.1.{place // 250}.{place % 250 + 1}", "device": "eth0"} for place, host in enumerate(names)}
    wanted = {f"net{number}": {"vni": 10000 + number, "members": ["hypervisors"]} for number in range(networks)}
    return parse_fabric({"name": "large", "networks": wanted}, vteps, {"hypervisors": names})


def test_a_thousand_networks_are_a_short_text() -> None:
    few, many = (len(texts_of(host_states(_large(20, count), ["h0"]))["h0"]) for count in (500, 1000))
    assert many < 128 * 1024
    assert many < 2 * few + 1024


def test_more_peers_are_one_longer_list() -> None:
    few, many = (len(texts_of(host_states(_large(count, 100), ["h0"]))["h0"]) for count in (100, 200))
    assert many - few <= 100 * len('"10.1.0.100",')
