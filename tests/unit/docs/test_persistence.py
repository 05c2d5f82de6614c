# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/persistence.md and the options of persist say what the tables of the backends say."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.vxlan.fabric.plugins.module_utils._persist.backends import BACKENDS
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.run import persist_spec
from ansible_collections.vxlan.fabric.plugins.modules import persist
from ansible_collections.vxlan.fabric.tests.unit.docs.persistence_texts import PAGE, written

ROOT = Path(__file__).resolve().parents[3]


def test_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page
    for name in BACKENDS:
        assert f"`{name}`" in page


def test_options() -> None:
    documented = yaml.safe_load(persist.DOCUMENTATION)["options"]
    spec = persist_spec()
    assert set(documented) | {"netns"} == set(spec)
    for name, option in documented.items():
        assert {key: option.get(key) for key in ("type", "choices", "default", "elements")} == {
            key: spec[name].get(key) for key in ("type", "choices", "default", "elements")
        }, name


def test_the_role_has_the_choices_and_defaults_of_the_module() -> None:
    options = yaml.safe_load((ROOT / "roles/persist/meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    for name, option in options.items():
        if name.startswith("persist_"):
            spec = persist_spec()[name.removeprefix("persist_")]
            default = {} if name == "persist_sysctls" else spec.get("default")
            assert (option["type"], option.get("choices"), option.get("default")) == (spec["type"], spec.get("choices"), default), name
