# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the user says about an adoption: names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import VNI_MAX
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import words


def parse_fabric(text: str) -> str | None:
    """Empty: left to what runs."""
    return words.parse_fabric_name(text, "adopt_fabric") if text else None


def parse_group(text: str) -> str:
    """Part of a path."""
    return words.parse_label(text, "adopt_group")


def parse_names(names: Mapping[Any, Any]) -> dict[int, str]:
    """Names of networks by VNI, each once; every mistake at once."""
    found: dict[int, str] = {}
    mistakes = []
    for key, value in names.items():
        vni = int(str(key)) if str(key).isdigit() else 0
        if not 1 <= vni <= VNI_MAX:
            mistakes.append(f"adopt_names: {key!r} is not a VNI (1..{VNI_MAX})")
            continue
        try:
            name = words.parse_label(str(value), f"adopt_names[{vni}]")
        except ArgumentError as error:
            mistakes.append(error.message)
            continue
        if name in found.values():
            mistakes.append(f"adopt_names[{vni}]: {name} is the name of another network as well")
        found[vni] = name
    if mistakes:
        raise ArgumentListError(mistakes)
    return found
