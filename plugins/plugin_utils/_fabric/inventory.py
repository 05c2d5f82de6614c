# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the variables of a run (C(hostvars), C(groups)) to the Fabric.

Each host's variables are looked at once: reading those of all peers in every host's task would be quadratic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import InventoryError, Mistake
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import GROUPS_OF_VTEPS, Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import Groups, parse_fabric

HostVars = Mapping[str, Mapping[str, Any]]


def read_fabric(hostvars: HostVars, groups: Groups) -> Fabric:
    """hostvars: variables by host, of which C(vxlan_fabric) and C(vxlan_vtep) are read."""
    hosts = sorted({host for group in GROUPS_OF_VTEPS for host in groups.get(group, ())})
    if not hosts:
        raise InventoryError([Mistake(None, "groups", f"there is no host in any of {', '.join(GROUPS_OF_VTEPS)}")])
    fabric = _first_value(hostvars, hosts, "vxlan_fabric")
    if fabric is None:
        raise InventoryError([Mistake(hosts[0], "vxlan_fabric", "is not defined; it belongs into group_vars/all.yml")])
    return parse_fabric(fabric, {host: _value(hostvars, host, "vxlan_vtep") for host in hosts}, groups)


def _first_value(hostvars: HostVars, hosts: list[str], name: str) -> object:
    """The fabric is the same for all of its hosts: the first that has it says it."""
    return next((value for value in (_value(hostvars, host, name) for host in hosts) if value is not None), None)


def _value(hostvars: HostVars, host: str, name: str) -> object:
    return hostvars[host].get(name)
