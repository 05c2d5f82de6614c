# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles vtep and verify: what argument_specs promises is what defaults and tasks do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import small

ROLES = Path(__file__).resolve().parents[3] / "roles"
# What the inventory says is an argument as well, and has no default.
INVENTORY = {"vxlan_fabric", "vxlan_vtep"}


def load(role: str, path: str) -> dict[str, Any]:
    loaded = yaml.safe_load((ROLES / role / path).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("role", ["vtep", "verify"])
def test_every_variable_is_specified_and_has_a_default(role: str) -> None:
    options = load(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = load(role, "defaults/main.yml")
    assert set(options) == set(defaults) | INVENTORY
    for name in defaults:
        option = options[name]
        if "default" in option:
            assert option["default"] == defaults[name], name
        else:
            # What is derived cannot stand in the specification; its description says how.
            assert "{{" in str(defaults[name]), name
            assert any("By default" in sentence for sentence in option["description"]), name


@pytest.mark.parametrize("role", ["vtep", "verify"])
def test_every_variable_is_used_and_documented(role: str) -> None:
    tasks = "\n".join(path.read_text(encoding="utf-8") for path in (ROLES / role / "tasks").glob("*.yml"))
    readme = (ROLES / role / "README.md").read_text(encoding="utf-8")
    for name in load(role, "defaults/main.yml"):
        assert re.search(rf"\b{name}\b", tasks), name
        assert f"`{name}`" in readme, name


def test_the_role_passes_every_argument_on() -> None:
    """A key that the compiler makes and the tasks forget would be silently without effect."""
    tasks = yaml.safe_load((ROLES / "vtep" / "tasks" / "apply.yml").read_text(encoding="utf-8"))
    for kind, module in (("interfaces", "interface"), ("bridges", "bridge"), ("fdb", "fdb")):
        (task,) = [task for task in tasks if f"vtep_state.{kind}" in str(task.get("loop"))]
        made = {key for state in host_states(small().parse()).values() for arguments in state[kind] for key in arguments}
        assert made - {"network"} <= set(task[f"vxlan.fabric.{module}"])
