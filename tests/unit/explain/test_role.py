# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role explain: what argument_specs promises is what defaults and tasks do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "explain"


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def test_every_variable_is_specified_used_and_documented() -> None:
    options, defaults = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"], load("defaults/main.yml")
    assert set(options) == set(defaults)
    used = "\n".join(path.read_text(encoding="utf-8") for folder in ("tasks", "vars") for path in (ROLE / folder).glob("*.yml"))
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    for name, option in options.items():
        assert re.search(rf"\b{name}\b", used), name
        assert f"| `{name}` |" in readme, name
        if "default" in option:
            assert option["default"] == defaults[name], name
        else:
            # What is derived cannot stand in the specification; its description says how.
            assert "{{" in str(defaults[name]), name
            assert any("By default" in sentence for sentence in option["description"]), name


def test_hosts_that_the_frame_does_not_pass_are_not_asked() -> None:
    """And no task of theirs is a loop."""
    each = [task for task in load("tasks/main.yml") if not task.get("run_once") and "ansible.builtin.import_tasks" not in task]
    assert [next(key for key in task if key.startswith("vxlan.fabric.")) for task in each] == [
        "vxlan.fabric.vtep_info",
        "vxlan.fabric.vtep_info",
        "vxlan.fabric.underlay_info",
    ]
    for task in each:
        assert any("inventory_hostname in explain_" in condition for condition in task["when"])
        assert task["ignore_unreachable"] is True
        assert "loop" not in task
