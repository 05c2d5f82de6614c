# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What operations do to the VLANs of bridges and ports. Where they were not read, nothing is said of them."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import (
    born_with,
    collapsed_tunnels,
    collapsed_vlans,
    expanded_tunnels,
    expanded_vlans,
    with_default_pvid,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rows import in_every_vlan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working


def default_pvid(state: Working, bridge: str) -> int:
    """The VLAN that a port has when it comes."""
    link = state.links.get(bridge)
    if link is None or link.kind != "bridge":
        return 0
    value = link.attributes.get("vlan_default_pvid", default_of(table_of("bridge"), "vlan_default_pvid"))
    return int(str(value))


def enter_or_leave(state: Working, name: str, bridge: str) -> None:
    """The VLANs of an interface that becomes a port, or ceases to be one; or of a new bridge itself. A bridge that joins a VRF keeps its own."""
    link = state.links.get(name)
    if state.vlans is None or state.tunnels is None or (link is not None and link.kind == "bridge" and name != bridge):
        return
    master = state.links.get(bridge)
    if master is None or master.kind != "bridge":
        state.vlans.pop(name, None)
        state.tunnels.pop(name, None)
        return
    state.vlans[name] = born_with(default_pvid(state, bridge))
    state.tunnels[name] = ()


def change_vlans(state: Working, operation: ops.WriteVlans | ops.DeleteVlans) -> None:
    """A PVID takes the place of another; a VLAN that goes is mapped to no VNI any more."""
    if state.vlans is None or state.tunnels is None:
        return
    name = operation.name
    present = expanded_vlans(state.vlans.get(name, ()))
    asked = expanded_vlans(operation.rows)
    if isinstance(operation, ops.DeleteVlans):
        state.vlans[name] = collapsed_vlans({vlan: entry for vlan, entry in present.items() if vlan not in asked})
        tunnels = {vlan: vni for vlan, vni in expanded_tunnels(state.tunnels.get(name, ())).items() if vlan not in asked}
        state.tunnels[name] = collapsed_tunnels(tunnels)
        return
    if any(entry[0] for entry in asked.values()):
        present = {vlan: (False, *entry[1:]) for vlan, entry in present.items()}
    for vlan, (pvid, untagged, told, suppress) in asked.items():
        _pvid, _untagged, before, suppressed = present.get(vlan, (False, False, "forwarding", False))
        present[vlan] = (pvid, untagged, before if told is None else told, suppressed if suppress is None else suppress)
    state.vlans[name] = collapsed_vlans(present)


def change_tunnels(state: Working, operation: ops.WriteTunnels | ops.DeleteTunnels) -> None:
    if state.tunnels is None:
        return
    present = expanded_tunnels(state.tunnels.get(operation.name, ()))
    asked = expanded_tunnels(operation.rows)
    if isinstance(operation, ops.WriteTunnels):
        present.update(asked)
    else:
        present = {vlan: vni for vlan, vni in present.items() if vlan not in asked}
    state.tunnels[operation.name] = collapsed_tunnels(present)


def move_default_pvid(state: Working, operation: ops.SetAttributes) -> None:
    """A bridge's default PVID moves on the bridge and its ports, where it is as it came."""
    if state.vlans is None or state.tunnels is None:
        return
    old, new = (int(str(side["vlan_default_pvid"])) for side in (operation.before, operation.values))
    for name in (operation.name, *(port.name for port in state.ports_of(operation.name))):
        state.vlans[name] = with_default_pvid(state.vlans.get(name, ()), old, new)
        left = expanded_vlans(state.vlans[name])
        tunnels = {vlan: vni for vlan, vni in expanded_tunnels(state.tunnels.get(name, ())).items() if vlan in left}
        state.tunnels[name] = collapsed_tunnels(tunnels)


def in_vlans(state: Working, operation: ops.WriteRows) -> ops.WriteRows:
    """The operation with the rows that the bridge adds by itself: one without a VLAN is there in each VLAN of the port as well."""
    vlans = expanded_vlans((state.vlans or {}).get(operation.name, ()))
    plain = [row for row in operation.rows if in_every_vlan(row)] if vlans else []
    if not plain:
        return operation
    written = set(operation.rows)
    added = [row._replace(vlan=vlan) for row in plain for vlan in vlans]
    entries = {(row.mac, row.vlan) for row in added}
    displaced = tuple(row for row in state.fdb.get(operation.name, ()) if row.table == "master" and (row.mac, row.vlan) in entries)
    return operation._replace(rows=(*operation.rows, *(row for row in added if row not in written)), displaced=(*operation.displaced, *displaced))
