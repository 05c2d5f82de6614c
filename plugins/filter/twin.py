# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors to what the twin takes of the fabric library. Each filter is documented in the YAML file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import read_topologies


def topologies(hostvars: HostVars, groups: Mapping[str, Sequence[str]], hosts: Sequence[str] | None = None) -> list[dict[str, Any]]:
    try:
        return read_topologies(hostvars, groups, hosts)
    except FabricError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Filters of the twin."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"topologies": topologies}
