# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role: what argument_specs promises is what defaults and tasks do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "twin"


def load(path: str) -> dict[str, Any]:
    loaded = yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_every_variable_is_specified_and_has_a_default() -> None:
    options = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = load("defaults/main.yml")
    assert set(options) == set(defaults)
    for name, option in options.items():
        if "default" in option:
            assert option["default"] == defaults[name], name
        else:
            # What is derived cannot stand in the specification; its description says how.
            assert "{{" in str(defaults[name]), name
            assert any("By default" in sentence for sentence in option["description"]), name


def test_every_variable_is_used_and_documented() -> None:
    files = [path for path in ROLE.rglob("*") if path.is_file() and path.parent.name in ("tasks", "templates")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    for name in load("defaults/main.yml"):
        assert re.search(rf"\b{name}\b", text), name
        assert f"`{name}`" in readme, name
