# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors to adoption. Each filter is documented in the YAML file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Read
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import adopt as make_inventory
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.options import parse_fabric, parse_group, parse_names
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.write import adoption, adoption_text
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.drift import reason_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars

Groups = Mapping[str, Sequence[str]]


def adopt(
    hostvars: HostVars,
    groups: Groups,
    hosts: Sequence[str],
    fabric: str = "",
    names: Mapping[Any, str] | None = None,
    group: str = "all",
    hosts_file: bool = False,
    found: str = "adopt_found",
) -> dict[str, Any]:
    try:
        read = {host: _read(hostvars[host], found) for host in hosts}
        adopted = make_inventory(read, groups, parse_fabric(fabric), parse_names(names or {}))
        return adoption(adopted, parse_group(group), hosts_file)
    except FabricError as error:
        raise AnsibleFilterError(error.message) from error


def _read(variables: Mapping[str, Any], found: str) -> Read:
    result = variables.get(found)
    if result is None:
        return Read(None, error="the task did not run there")
    reason = reason_of(result)
    return Read(None, error=reason) if reason else Read(result, variables.get("ansible_facts") or {})


def adopt_text(hostvars: HostVars, adopted: Mapping[str, Any], hosts: Sequence[str], result: str = "adopt_check") -> list[str]:
    return adoption_text(adopted, {host: hostvars[host].get(result) for host in hosts})


class FilterModule:
    """Filters of adoption."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"adopt": adopt, "adopt_text": adopt_text}
