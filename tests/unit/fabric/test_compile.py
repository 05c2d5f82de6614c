# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host states: what each host gets."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import bridge_spec, fdb_spec, interface_spec
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import ZERO, small


def _of(host: str) -> dict[str, dict[str, Any]]:
    """By network: its interface, bridge and rows on a host."""
    state = host_states(small().parse())[host]
    return {
        interface["network"]: {"interface": interface, "bridge": bridge, "rows": fdb["rows"], "fdb": fdb}
        for interface, bridge, fdb in zip(state["interfaces"], state["bridges"], state["fdb"])
    }


def test_a_host_gets_the_networks_that_it_carries() -> None:
    assert {host: [entry["network"] for entry in state["interfaces"]] for host, state in host_states(small().parse()).items()} == {
        "hv1": ["blue", "red", "six"],
        "hv2": ["blue", "line", "red", "six"],
        "leaf1": ["blue", "line", "six"],
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


def test_machines_of_a_host_are_known_to_the_others_only() -> None:
    macs = {host: [row["mac"] for row in _of(host)["blue"]["rows"] if row["mac"] != ZERO] for host in ("hv1", "hv2", "leaf1")}
    assert macs == {
        "hv1": ["02:00:00:00:00:02"],
        "hv2": ["02:00:00:00:00:01"],
        "leaf1": ["02:00:00:00:00:01", "02:00:00:00:00:02"],
    }


def test_the_bridge_holds_tunnel_and_access_ports() -> None:
    bridge = _of("hv1")["blue"]["bridge"]
    assert [port["name"] for port in bridge["ports"]] == ["vx100", "tap0"]
    assert bridge["ports"][1] == {"name": "tap0"}
    assert (bridge["mtu"], bridge["stp"], bridge["addresses"], bridge["alias"]) == (1550, False, [], "vxlan.fabric:t")


def test_mtu_is_left_to_the_host_where_the_underlay_is_not_known() -> None:
    inventory = small()
    del inventory.fabric["underlay"]
    inventory.vteps["leaf1"].pop("device")
    states = host_states(inventory.parse())
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
    assert host_states(inventory.parse())["leaf1"]["fdb"][-1]["rows"] == []


def test_every_argument_is_one_of_its_module() -> None:
    specs = {"interfaces": interface_spec(), "bridges": bridge_spec(), "fdb": fdb_spec()}
    for state in host_states(small().parse()).values():
        for kind, spec in specs.items():
            for arguments in state[kind]:
                assert arguments.keys() - {"network"} <= spec.keys()
