# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/fabric.md and the example say what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import InventoryError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Trunk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import parse_fabric
from ansible_collections.vxlan.fabric.tests.unit.docs.fabric_texts import texts

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "fabric.md").read_text(encoding="utf-8")
GROUPS = {"all": ["hv1", "hv2", "leaf1"], "hypervisors": ["hv1", "hv2"], "switches": ["leaf1"]}


def _blocks() -> list[Any]:
    return [yaml.safe_load(text) or {} for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def _inventory() -> tuple[dict[str, Any], dict[str, Any]]:
    """The fabric of the page, with the VTEP of hv1 for every host under another address."""
    _hosts, shared, own, *_rest = _blocks()
    vteps = {host: {**own["vxlan_vtep"], "address": f"192.0.2.{11 + place}"} for place, host in enumerate(GROUPS["all"])}
    fabric: dict[str, Any] = shared["vxlan_fabric"]
    return fabric, vteps


@pytest.mark.parametrize(("path", "text"), [pytest.param(path, text, id=str(path.relative_to(ROOT))) for path, text in texts()])
def test_what_is_made_of_the_table_of_keys_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text


def test_the_fabric_of_the_page_is_one() -> None:
    fabric, vteps = _inventory()
    states = host_states(parse_fabric(fabric, vteps, GROUPS))
    assert [len(state["interfaces"]) for state in states.values()] == [1, 1, 1]


def test_the_mistakes_of_the_page_are_told_so() -> None:
    fabric, vteps = _inventory()
    fabric["networks"]["blue"]["membrs"] = fabric["networks"]["blue"].pop("members")
    fabric["networks"]["red"] = {"vni": 2, "members": ["hv1"], "flooding": "multicast", "group": "10.0.0.1"}
    vteps["leaf1"]["address"] = "192.0.2.11"
    shown = re.search(r"```text\n(the inventory has .*?)\n```", PAGE, re.DOTALL)
    assert shown
    with pytest.raises(InventoryError) as raised:
        parse_fabric(fabric, vteps, GROUPS)
    assert str(raised.value) == shown[1]


def test_the_table_of_the_demo_is_its_inventory() -> None:
    demo = ROOT / "examples" / "demo"
    networks = yaml.safe_load((demo / "group_vars" / "all.yml").read_text(encoding="utf-8"))["vxlan_fabric"]["networks"]
    rows = re.findall(r"^\| (\w+) \| (\d+) \|(.*)\|$", (demo / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: int(vni) for name, vni, _rest in rows} == {name: network["vni"] for name, network in networks.items()}
    for name, _vni, rest in rows:
        by_host = dict(zip(("hv1", "hv2", "leaf1", "leaf2"), [cell.strip() for cell in rest.split("|")][2:6]))
        assert {host: cell for host, cell in by_host.items() if cell} == {item["host"]: item["name"] for item in networks[name]["endpoints"]}


def test_the_tenants_and_the_ports_of_the_page_are_understood() -> None:
    groups = {"all": ["leaf1", "leaf2"], "switches": ["leaf1", "leaf2"], "leaves": ["leaf1", "leaf2"]}
    (tenants,) = [block["vxlan_fabric"] for block in _blocks() if "vrfs" in block.get("vxlan_fabric", {})]
    vteps = {"leaf1": {"address": "192.0.2.1", "style": "single"}, "leaf2": {"address": "192.0.2.2"}}
    fabric = parse_fabric(tenants, vteps, groups)
    assert fabric.routed["leaf1"] == {"red": ("app", "web"), "green": ("desk",)}
    (ports,) = [block["vxlan_vtep"] for block in _blocks() if "eth4" in block.get("vxlan_vtep", {}).get("ports", {})]
    networks = {name: {"vni": vni, "vlan": vni, "members": ["all"]} for name, vni in (("blue", 1), ("red", 2), ("green", 3))}
    vtep = parse_fabric({"name": "p", "networks": networks}, {"leaf1": ports, "leaf2": {"address": "192.0.2.2"}}, groups).vteps["leaf1"]
    assert vtep.ports == {"blue": ("eth3", "tap0", "tap1")}
    assert vtep.trunks == {"eth4": Trunk(("blue", "red"), "green")}
