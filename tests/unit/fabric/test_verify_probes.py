# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host tries what, for the small fabric and for random ones: everything below the limit, and above it a sample that leaves nobody out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.probes import few, plan_probes, untried_networks
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, NONE, Fabric
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories, small

INVENTORIES = st.one_of(inventories(), mixed_inventories())
Pairs = set[tuple[str, str]]
Directions = set[tuple[str, str, str]]


def _pairs(by_host: dict[str, dict[str, Any]]) -> Pairs:
    return {(host, path["host"]) for host, probe in by_host.items() for path in probe["paths"]}


def _directions(by_host: dict[str, dict[str, Any]]) -> Directions:
    return {(bridge["network"], origin, host) for host, probe in by_host.items() for bridge in probe["bridges"] for origin in bridge["expected"]}


def _all_pairs(fabric: Fabric) -> Pairs:
    return {(one, other) for network in fabric.carried for one in network.members for other in network.members if one != other}


def _all_directions(fabric: Fabric) -> Directions:
    """Where nothing floods, only hosts with a known machine can hear anything."""
    found = set()
    for network in fabric.networks.values():
        machines = {endpoint.host for endpoint in network.endpoints if endpoint.mac}
        # A VLAN-aware bridge may not be in the VLAN itself.
        members = [host for host in network.members if fabric.is_in_host(host, network)]
        listeners = [host for host in members if network.flooding != NONE or host in machines]
        if network.flooding != EVPN:
            found |= {(network.name, origin, host) for origin in members for host in listeners if origin != host}
    return found


def test_the_small_fabric() -> None:
    planned = plan_probes(small().parse(), ["hv1", "hv2", "leaf1"], 100)
    hv1 = planned.by_host["hv1"]
    assert hv1["paths"] == [
        {"host": "hv2", "source": "192.0.2.1", "address": "192.0.2.2", "size": 1600, "networks": ["blue", "red"]},
        {"host": "hv2", "source": "2001:db8::1", "address": "2001:db8::2", "size": 1600, "networks": ["six"]},
        {"host": "leaf1", "source": "192.0.2.1", "address": "192.0.2.3", "size": 1600, "networks": ["blue"]},
        {"host": "leaf1", "source": "2001:db8::1", "address": "2001:db8::3", "size": 1600, "networks": ["six"]},
    ]
    assert hv1["memberships"] == [{"network": "red", "group": "239.0.0.1", "device": "eth0"}]
    assert hv1["bridges"][0] == {
        "network": "blue",
        "bridge": "br100",
        "mtu": 1550,
        "expected": ["hv2", "leaf1"],
        "hears_unicast": True,
        "sends": True,
        "floods": True,
        "machines": ["02:00:00:00:00:02"],
    }
    assert [bridge["network"] for bridge in hv1["bridges"]] == ["blue", "red", "six"]
    assert (planned.paths, planned.directions) == (6, {"blue": 6, "red": 2, "six": 6, "line": 2})
    assert not planned.sampled_paths
    assert not planned.sampled_directions


def test_only_hosts_of_the_run_try_anything_and_all_vteps_are_tried() -> None:
    planned = plan_probes(small().parse(), ["hv1"], 100)
    assert _pairs(planned.by_host) == {("hv1", "hv2"), ("hv1", "leaf1")}
    assert _directions(planned.by_host) == set()
    assert planned.paths == 6


@given(INVENTORIES)
def test_below_the_limit_everything_is_tried(inventory: Inventory) -> None:
    fabric = inventory.parse()
    planned = plan_probes(fabric, list(fabric.vteps), 10_000)
    assert _pairs(planned.by_host) == _all_pairs(fabric)
    assert _directions(planned.by_host) == _all_directions(fabric)
    assert planned.paths == len(_all_pairs(fabric))
    assert sum(planned.directions.values()) == len(_all_directions(fabric))
    assert not planned.sampled_paths
    assert not planned.sampled_directions


@given(INVENTORIES, st.integers(1, 30), st.data())
def test_a_sample_leaves_nobody_out(inventory: Inventory, limit: int, data: st.DataObject) -> None:
    fabric = inventory.parse()
    hosts = data.draw(st.lists(st.sampled_from(list(fabric.vteps)), min_size=1, unique=True))
    planned = plan_probes(fabric, hosts, limit)
    here, pairs, directions = set(hosts), _pairs(planned.by_host), _directions(planned.by_host)
    assert all(len(set(bridge["expected"])) == len(bridge["expected"]) for probe in planned.by_host.values() for bridge in probe["bridges"])
    possible = {pair for pair in _all_pairs(fabric) if pair[0] in here}
    assert pairs <= possible
    assert {source for source, _target in pairs} == {source for source, _target in possible}
    assert {target for _source, target in pairs} == {target for _source, target in possible}
    heard = {direction for direction in _all_directions(fabric) if {direction[1], direction[2]} <= here}
    assert directions <= heard
    # Every member of a network hears somebody there, and every host is heard by somebody somewhere.
    assert {(network, listener) for network, _origin, listener in directions} == {(network, listener) for network, _origin, listener in heard}
    assert {origin for _network, origin, _listener in directions} == {origin for _network, origin, _listener in heard}
    assert planned.sampled_paths == (len(possible) > limit)
    assert planned.sampled_directions == (len(heard) > limit)


@given(INVENTORIES, st.integers(1, 30))
def test_who_is_expected_sends_and_to_machines_that_are_heard(inventory: Inventory, limit: int) -> None:
    fabric = inventory.parse()
    planned = plan_probes(fabric, list(fabric.vteps), limit).by_host
    bridges = {(host, bridge["network"]): bridge for host, probe in planned.items() for bridge in probe["bridges"]}
    for (host, network), bridge in bridges.items():
        for origin in bridge["expected"]:
            sender = bridges[origin, network]
            assert sender["sends"]
            known = {endpoint.mac for endpoint in fabric.networks[network].endpoints if endpoint.host == host and endpoint.mac}
            assert bridge["hears_unicast"] == bool(known)
            assert not known or known & set(sender["machines"])
        assert bridge["sends"] == any(host in other["expected"] for (_host, name), other in bridges.items() if name == network)


def large(hosts: int, networks: int) -> Fabric:
    names = [f"h{number}" for number in range(hosts)]
    vteps = {host: {"address": f"10.0.{place // 250}.{place % 250 + 1}", "device": "eth0"} for place, host in enumerate(names)}
    made = {f"n{number}": {"vni": 100 + number, "members": ["all"]} for number in range(networks)}
    return Inventory({"name": "large", "underlay": {"mtu": 1600}, "networks": made}, vteps, {"all": names, "hypervisors": names, "switches": []}).parse()


@pytest.mark.parametrize("limit", [1, 1000, 10_000])
def test_a_sample_of_a_large_fabric_is_about_as_large_as_the_limit(limit: int) -> None:
    fabric = large(100, 10)
    planned = plan_probes(fabric, list(fabric.vteps), limit)
    assert planned.paths == 9900
    assert len(_pairs(planned.by_host)) <= max(limit, 2 * 100)
    assert planned.directions == dict.fromkeys(fabric.networks, 9900)
    assert len(_directions(planned.by_host)) <= max(limit, 2 * 100 * 10)
    # Each is a target as often as others, within a factor.
    counts = [sum(pair[1] == host for pair in _pairs(planned.by_host)) for host in fabric.vteps]
    assert max(counts) <= 2 * min(counts)


def test_networks_that_cannot_be_tried_are_told() -> None:
    inventory = small()
    inventory.fabric["networks"] = {
        "bgp": {"vni": 1, "members": ["all"], "flooding": "evpn"},
        "silent": {
            "vni": 2,
            "members": ["all"],
            "flooding": "none",
            "endpoints": [{"name": "x", "host": "hv1", "address": "10.0.0.1/24", "mac": "02:00:00:00:00:01"}],
        },
    }
    for vtep in inventory.vteps.values():
        vtep.pop("ports", None)
    fabric = inventory.parse()
    assert list(untried_networks(fabric)) == ["bgp"]
    planned = plan_probes(fabric, list(fabric.vteps), 100)
    assert _directions(planned.by_host) == {("silent", "hv2", "hv1"), ("silent", "leaf1", "hv1")}
    assert all(not bridge["floods"] for probe in planned.by_host.values() for bridge in probe["bridges"])


def test_long_lists_of_names_are_cut() -> None:
    assert few(["a", "b", "c", "d"]) == ["a", "b", "c", "d"]
    assert few(["a", "b", "c", "d", "e"]) == ["a", "b", "c", "2 more"]
