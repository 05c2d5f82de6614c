# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles: what argument_specs promises is what defaults and tasks do. The playbooks: what every one of them has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = ROOT / "roles"
ROLE_NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
# What the inventory says is an argument as well, and has no default.
INVENTORY = {"vxlan_fabric", "vxlan_vtep"}


def load(role: str, path: str) -> dict[str, Any]:
    loaded = yaml.safe_load((ROLES / role / path).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_every_variable_is_specified_and_has_a_default(role: str) -> None:
    options = load(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = load(role, "defaults/main.yml")
    assert set(options) - INVENTORY == set(defaults)
    for name in defaults:
        option = options[name]
        if "default" in option:
            assert option["default"] == defaults[name], name
        else:
            # What is derived cannot stand in the specification, nor can "not given"; its description says so.
            assert defaults[name] is None or "{{" in str(defaults[name]), name
            told = "Not given" if defaults[name] is None else "By default"
            assert any(told in sentence for sentence in option["description"]), name


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_every_variable_is_used_and_documented(role: str) -> None:
    tasks = "\n".join(path.read_text(encoding="utf-8") for part in ("tasks", "templates", "vars") for path in (ROLES / role / part).glob("*"))
    readme = (ROLES / role / "README.md").read_text(encoding="utf-8")
    for name in load(role, "defaults/main.yml"):
        assert re.search(rf"\b{name}\b", tasks), name
        assert f"`{name}`" in readme, name


def _tasks(role: str) -> list[dict[str, Any]]:
    """Of all files, and those of blocks instead of the blocks. What rescues is for hosts that failed."""
    tasks = [task for path in sorted((ROLES / role / "tasks").glob("*.yml")) for task in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return [inner for task in tasks for inner in task.get("block", [task])]


@pytest.mark.parametrize(("role", "most"), [("vtep", 1), ("verify", 4), ("adopt", 3), ("persist", 1)])
def test_tasks_of_every_host_are_few_and_are_no_loops(role: str, most: int) -> None:
    """A task on a host costs as much as a thousand networks in it. Static imports cost nothing."""
    imports = ("ansible.builtin.import_tasks", "ansible.builtin.import_role")
    each = [task for task in _tasks(role) if not task.get("run_once") and not any(key in task for key in imports)]
    assert len(each) == most, each
    assert not any("loop" in task for task in each)
    assert not any("include" in key for task in _tasks(role) for key in task)


def test_verify_asks_the_role_vtep_without_its_first_task() -> None:
    """The inventory is compiled once, by verify itself."""
    (asked,) = [task for task in _tasks("verify") if "ansible.builtin.import_role" in task]
    assert asked["ansible.builtin.import_role"] == {"name": "vxlan.fabric.vtep", "tasks_from": "apply"}
    assert asked["check_mode"] is True
    (applied,) = yaml.safe_load((ROLES / "vtep" / "tasks" / "apply.yml").read_text(encoding="utf-8"))
    assert set(asked["vars"]) == {"vtep_states"}
    assert "vtep_states[" in applied["vxlan.fabric.vtep"]["host_state"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_playbook_has_tags_a_target_and_a_page(playbook: str) -> None:
    """`-e target=PATTERN` narrows every one of them: its hosts, or what it looks at on this machine."""
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    plays = yaml.safe_load(text)
    assert all(playbook in play["tags"] for play in plays)
    assert all(play["gather_facts"] is False for play in plays)
    used = {role["role"] for play in plays for role in play.get("roles", ())}
    defaults = "".join((ROLES / role.rpartition(".")[2] / "defaults" / "main.yml").read_text(encoding="utf-8") for role in used)
    assert re.search(r"\btarget\b", text + defaults)
    page = (ROOT / "docs" / f"{playbook}.md").read_text(encoding="utf-8")
    assert f"vxlan.fabric.{playbook}" in page
    assert "`target=" in page or "-e target=" in page
    assert f"(docs/{playbook}.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
