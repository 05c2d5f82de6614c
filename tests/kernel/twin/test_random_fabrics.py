# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever lint finds nothing wrong with is deployed on a twin, is at rest then, and every machine hears those of its network and no others.

By the library and the engine themselves: a playbook would take ten times as long and prove the same."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.probe import probe
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, Fabric
from ansible_collections.vxlan.fabric.tests.support.kernel import needs_vlans, without_kind
from ansible_collections.vxlan.fabric.tests.support.on_twin import deploy, twin
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories

EXAMPLES = int(os.environ.get("VXLAN_FABRIC_EXAMPLES", "3"))


def on_a_twin(inventory: Inventory) -> Inventory:
    """Every machine behind a port of its own, so that it is a namespace, and no network that waits for BGP."""
    networks = {name: network for name, network in inventory.fabric["networks"].items() if network["flooding"] != EVPN}
    for network in networks.values():
        for endpoint in network["endpoints"]:
            endpoint["port"] = f"t{endpoint['name']}"
    for vtep in inventory.vteps.values():
        trunks = {port: _of_networks(value, networks) for port, value in vtep.get("ports", {}).items() if isinstance(value, dict)}
        for key in ("ports", "networks"):
            vtep[key] = {name: value for name, value in vtep.get(key, {}).items() if name in networks}
        vtep["ports"].update({port: trunk for port, trunk in trunks.items() if trunk["trunk"]})
    fabric = {**inventory.fabric, "name": f"zr{uuid.uuid4().hex[:8]}", "networks": networks, "underlay": {"mtu": 1600}}
    return inventory._replace(fabric=fabric)


def _of_networks(trunk: dict[str, Any], networks: Collection[str]) -> dict[str, Any]:
    native = {"native": trunk["native"]} if trunk.get("native") in networks else {}
    return {"trunk": [name for name in trunk["trunk"] if name in networks], **native}


def is_worth_it(inventory: Inventory) -> bool:
    """Lint-clean, and two networks at least with machines on several hosts: the first that are drawn are the simplest."""
    machines = [endpoint for network in inventory.fabric["networks"].values() for endpoint in network["endpoints"]]
    spread = [network for network in inventory.fabric["networks"].values() if len({endpoint["host"] for endpoint in network["endpoints"]}) > 1]
    return len(machines) >= 5 and len(spread) >= 2 and not inventory.mistakes()


@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(inventory=inventories().map(on_a_twin).filter(is_worth_it))
def test_a_fabric_without_mistakes_is_deployed_and_proved(inventory: Inventory) -> None:
    on_its_twin(inventory)


def has_both_styles(inventory: Inventory) -> bool:
    return {vtep.get("style") for vtep in inventory.vteps.values()} == {None, "single"}


@needs_vlans
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(inventory=mixed_inventories().map(on_a_twin).filter(is_worth_it).filter(has_both_styles))
def test_a_fabric_of_both_styles_is_deployed_and_proved(inventory: Inventory) -> None:
    for kind in ("vlan", "vrf"):
        if reason := without_kind(kind):
            pytest.skip(reason)
    on_its_twin(inventory)


def on_its_twin(inventory: Inventory) -> None:
    # A name that is not used again: hypothesis gives the same inventory the same name.
    fabric = inventory._replace(fabric={**inventory.fabric, "name": f"zr{uuid.uuid4().hex[:8]}"}).parse()
    with twin(fabric):
        deploy(fabric)
        prove(fabric)


def prove(fabric: Fabric) -> None:
    found = probe({"endpoints": list_endpoints(fabric), "timeout": 5, "parallel": 32}, "ping", "ip", check=False)
    assert found["missing"] == []
    assert [row for row in found["matrix"] if not row["ok"]] == []
