# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reaches whom: what the inventory says of machines of different networks."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.matrix import parse_endpoints, plan_pairs
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, small
from ansible_collections.vxlan.fabric.tests.unit.fabric.mixed import mixed


def _endpoints(inventory: Inventory) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in list_endpoints(inventory.parse())}


def _pairs(inventory: Inventory) -> tuple[int, int, int]:
    pairs = plan_pairs(parse_endpoints(list_endpoints(inventory.parse())))
    return len(pairs.same), len(pairs.routed), len(pairs.apart)


def test_machines_of_networks_that_a_vrf_joins_reach_each_other() -> None:
    w1 = _endpoints(mixed())["w1"]
    assert (w1["gateways"], w1["gateway_mac"], w1["routed"], w1["unjudged"]) == (["10.0.0.254"], "02:00:5e:00:01:01", ["app"], [])
    assert _pairs(mixed()) == (4, 8, 0)


def test_machines_of_different_vrfs_do_not() -> None:
    inventory = mixed()
    inventory.fabric["vrfs"]["green"] = {}
    inventory.network("app")["vrf"] = "green"
    assert _endpoints(inventory)["w1"]["routed"] == []
    assert _pairs(inventory) == (4, 0, 8)


def test_gateways_on_different_hosts_join_nothing() -> None:
    inventory = mixed()
    inventory.network("web")["gateway"]["members"] = ["leaf1"]
    inventory.network("app")["gateway"]["members"] = ["leaf2"]
    assert _pairs(inventory) == (4, 0, 8)


def test_where_some_gateways_join_and_others_do_not_nobody_knows() -> None:
    """w2 on hv1 goes by leaf1 or leaf2, and only leaf2 has app as well; w1 is on leaf1."""
    inventory = mixed()
    inventory.network("app")["gateway"]["members"] = ["leaf2"]
    found = _endpoints(inventory)
    assert (found["w1"]["routed"], found["w1"]["unjudged"]) == ([], [])
    assert (found["w2"]["routed"], found["w2"]["unjudged"]) == ([], ["app"])


def test_a_machine_that_gateways_of_other_hosts_do_not_know_is_not_judged() -> None:
    inventory = mixed()
    del inventory.network("web")["endpoints"][0]["mac"]
    w1 = _endpoints(inventory)["w1"]
    assert (w1["routed"], w1["unjudged"]) == ([], ["app"])
    inventory.network("web")["gateway"]["members"] = ["leaf1"]
    inventory.network("app")["gateway"]["members"] = ["leaf1"]
    assert _endpoints(inventory)["w1"]["routed"] == ["app"]


def test_without_a_gateway_nothing_is_said() -> None:
    assert not any({"routed", "gateways"} & entry.keys() for entry in list_endpoints(small().parse()))


def test_where_two_networks_of_a_table_have_the_same_subnet_nobody_knows() -> None:
    inventory = mixed()
    inventory.network("app")["gateway"]["address"] = "10.0.1.254/16"
    assert _endpoints(inventory)["w1"]["unjudged"] == ["app"]
    assert _pairs(inventory) == (4, 0, 0)
