# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the engine's modules with their fragments merged, as ansible-doc merges them, beside their argument specs."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.vxlan.fabric.plugins.module_utils import _arguments, _info, _vtep
from ansible_collections.vxlan.fabric.plugins.module_utils._underlay import info as _underlay

ROOT = Path(__file__).resolve().parents[3]
_PLUGINS = "ansible_collections.vxlan.fabric.plugins"

SPECS: dict[str, Callable[[], dict[str, dict[str, Any]]]] = {
    "interface": _arguments.interface_spec,
    "bridge": _arguments.bridge_spec,
    "fdb": _arguments.fdb_spec,
    "underlay_info": _underlay.underlay_spec,
    "vlan_interface": _arguments.vlan_interface_spec,
    "vrf": _arguments.vrf_spec,
    "vni": _arguments.vni_spec,
    "vtep": _vtep.vtep_spec,
    "vtep_facts": _info.facts_spec,
    "vtep_info": _info.info_spec,
}


@dataclass(frozen=True)
class Document:
    """One module. options: with those of the fragments. examples: tasks. returns: keys of RETURN. text: DOCUMENTATION itself."""

    module: str
    options: dict[str, Any]
    examples: list[dict[str, Any]]
    returns: dict[str, Any]
    text: dict[str, Any]


@functools.cache
def read_document(module: str) -> Document:
    """Parse one module's three texts and merge its fragments."""
    source = importlib.import_module(f"{_PLUGINS}.modules.{module}")
    text = yaml.safe_load(source.DOCUMENTATION)
    options: dict[str, Any] = {}
    for name in text["extends_documentation_fragment"]:
        options |= _fragment(name)["options"]
    return Document(module, options | text.get("options", {}), yaml.safe_load(source.EXAMPLES), yaml.safe_load(source.RETURN), text)


def _fragment(name: str) -> dict[str, Any]:
    """vxlan.fabric.NAME is the variable DOCUMENTATION of doc_fragments/NAME.py, vxlan.fabric.NAME.VARIABLE another one."""
    file, _dot, variable = name.removeprefix("vxlan.fabric.").partition(".")
    fragment = importlib.import_module(f"{_PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    parsed: dict[str, Any] = yaml.safe_load(getattr(fragment, variable.upper() or "DOCUMENTATION"))
    return parsed


def descriptions(option: dict[str, Any]) -> list[str]:
    """The description of an option as a list."""
    found = option["description"]
    return [found] if isinstance(found, str) else list(found)
