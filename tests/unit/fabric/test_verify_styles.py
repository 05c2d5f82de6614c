# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""verify on hosts of style single, and on hosts with trunk ports and VRFs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.compare import compare_state
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import ZERO
from ansible_collections.vxlan.fabric.tests.unit.fabric.mixed import mixed
from ansible_collections.vxlan.fabric.tests.unit.fabric.simulated import Simulated, as_found

State = dict[str, Any]

VNIS = {10100: "web", 10101: "app", 30000: "lab"}


def _state(host: str = "leaf1") -> State:
    return expand(host_states(mixed().parse(), [host])[host])


@pytest.mark.parametrize("host", ["leaf1", "leaf2", "hv1"])
def test_a_host_that_is_as_wanted_has_no_problem(host: str) -> None:
    compared = compare_state(_state(host), VNIS, as_found(_state(host)))
    assert compared["problems"] == []
    assert all(line["ok"] for line in compared["networks"])


def test_each_network_has_its_line() -> None:
    lines = {line["network"]: line for line in compare_state(_state(), VNIS, as_found(_state()))["networks"]}
    assert lines["web"] == {
        "network": "web",
        "vni": 10100,
        "interface": "vxs4 up",
        "flooding": "2 of 2",
        "machines": "1 of 1",
        "ports": "1 of 1",
        "ok": True,
        "also": "",
    }
    assert (lines["app"]["machines"], lines["lab"]["flooding"], lines["lab"]["ports"]) == ("2 of 2", "239.0.0.3", "1 of 1")


def _tunnel(found: State) -> State:
    port: State = found["bridges"][0]["ports"][0]
    return port


def _rows(found: State, mac: str, src_vni: int) -> list[State]:
    return [row for row in found["fdb"][0]["rows"] if (row["mac"], row["src_vni"]) == (mac, src_vni)]


SPOILT: dict[str, tuple[Callable[[State], Any], list[str]]] = {
    "told once": (lambda found: found["interfaces"][0].update(learning=False), ["vxs4: learning is off, not on"]),
    "filtering": (lambda found: found["bridges"][0].update(vlan_filtering=False), ["brs: vlan_filtering is off, not on"]),
    "VLAN of the tunnels": (lambda found: _tunnel(found).update(vlans=[{"vlan": "100-101"}]), ["lab: vxs4 is not in VLAN 300 of bridge brs"]),
    "VNI of a VLAN": (
        lambda found: _tunnel(found).update(tunnels=[{"vlan": 100, "vni": 10100}, {"vlan": 101, "vni": 7}]),
        ["app: vxs4: VLAN 101 has VNI 7, not 10101", "lab: vxs4: VLAN 300 has VNI none, not 30000"],
    ),
    "filter": (
        lambda found: found["vnis"].update(vxs4=[{"vni": 10101}, {"vni": 30000}]),
        ["web: vxs4: VNI 10100 is not in its filter", "lab: vxs4: the filter has VNI 30000 with no group, not 239.0.0.3"],
    ),
    "flood list": (
        lambda found: found["fdb"][0]["rows"].remove(_rows(found, ZERO, 10101)[0]),
        ["app: vxs4: floods not to 192.0.2.2 in VNI 10101"],
    ),
    "machine": (
        lambda found: _rows(found, "02:00:00:00:01:02", 10101)[0].update(dst="192.0.2.9"),
        ["app: vxs4: 02:00:00:00:01:02 is behind 192.0.2.9, not 192.0.2.3 in VNI 10101"],
    ),
    "access port": (lambda found: found["bridges"][0]["ports"][1].update(vlans=[]), ["web: swp1 is not in VLAN 100 of bridge brs"]),
    "tag": (lambda found: found["bridges"][0]["ports"][1]["vlans"][0].update(untagged=False), ["web: swp1 is with a tag in VLAN 100 of bridge brs"]),
    "port gone": (lambda found: found["bridges"][0]["ports"].pop(), ["lab: swp8 is not in bridge brs"]),
    "gateway": (lambda found: found["vlan_interfaces"][0].update(addresses=[]), ["app: vlan101: addresses is none, not 10.0.1.254/24"]),
    "VRF of the gateway": (lambda found: found["vlan_interfaces"][1].pop("master"), ["web: vlan100: master is none, not red"]),
    "table": (lambda found: found["vrfs"][0].update(table=7), ["red: table is 7, not 1001"]),
    "VRF gone": (lambda found: found["vrfs"].pop(), ["red does not exist"]),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_differs_is_named(name: str) -> None:
    found = as_found(_state())
    spoil, expected = SPOILT[name]
    spoil(found)
    assert sorted(compare_state(_state(), VNIS, found)["problems"]) == sorted(expected)


def test_what_is_shared_makes_every_network_wrong() -> None:
    found = as_found(_state())
    found["interfaces"].clear()
    compared = compare_state(_state(), VNIS, found)
    assert compared["problems"] == ["vxs4 does not exist"]
    assert not any(line["ok"] for line in compared["networks"])


def test_a_fabric_of_both_styles_is_reported_whole() -> None:
    fabric = Simulated(mixed().parse())
    report = fabric.report()
    assert report["ok"], report
    assert report["flood_lists"]["tried"] == 12
    # A flood list of one VNI that misses a host is told as one side.
    rows = fabric.variables["leaf1"]["verify_state"]["fdb"][0]["rows"]
    rows.remove(next(row for row in rows if row["mac"] == ZERO and row["src_vni"] == 10100 and row["dst"] == "192.0.2.3"))
    sentences = [found["sentence"] for found in fabric.report()["flood_lists"]["findings"]]
    assert sentences == ["web: hv1 floods to leaf1, and leaf1 does not flood to hv1"]


def test_drift_of_a_trunk_port_is_of_no_single_network() -> None:
    fabric = Simulated(mixed().parse())
    fabric.variables["leaf2"]["vtep_result"] = {
        "changed": True,
        "commands": ["x", "y"],
        "operations": [{"interface": "swp9", "commands": ["x"]}, {"interface": "vlan101", "commands": ["y"]}],
    }
    drift = next(host for host in fabric.report()["hosts"] if host["host"] == "leaf2")["drift"]
    assert [(entry["object"], entry["network"]) for entry in drift] == [("swp9", ""), ("vlan101", "app")]


def test_frames_are_tried_in_the_vlan_of_a_network_and_not_where_the_bridge_stays_out() -> None:
    probe = json.loads(Simulated(mixed().parse()).goal["probes"]["leaf1"])
    assert {(entry["network"], entry["bridge"], entry["vlan"]) for entry in probe["bridges"]} == {("web", "brs", 100), ("app", "brs", 101), ("lab", "brs", 300)}
    assert not any("vlan" in entry for entry in json.loads(Simulated(mixed().parse()).goal["probes"]["hv1"])["bridges"])
    inventory = mixed()
    inventory.network("app")["gateway"]["members"] = ["leaf2"]
    goal = Simulated(inventory.parse()).goal
    assert {entry["network"] for entry in json.loads(goal["probes"]["leaf1"])["bridges"]} == {"web", "lab"}
    assert json.loads(goal["fabrics"]["m"])["untried"] == {"app": "not on leaf1: its gateway is elsewhere, and their bridges stay out of it"}
