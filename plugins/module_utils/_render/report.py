# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Forwarding rows and operations as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import present_values
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, VniRow, owner_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import is_multicast
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import range_text
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import command_lines
from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import show_tunnels, show_vlans

Report = dict[str, Any]

_OPTIONAL_ROW_FIELDS = ("dst", "port", "vni", "src_vni", "via", "nexthop_group", "vlan")
_ROW_FLAGS = ("router", "sticky", "extern_learn")


def show_row(row: FdbRow) -> Report:
    """One forwarding row as an entry of 'rows' of the fdb module."""
    shown: Report = {"mac": row.mac}
    for field in _OPTIONAL_ROW_FIELDS:
        value = getattr(row, field)
        if value is not None:
            shown[field] = value
    shown.update(state=row.state, table=row.table)
    shown.update({flag: True for flag in _ROW_FLAGS if getattr(row, flag)})
    return shown


def show_vni(row: VniRow) -> Report:
    """An entry of a VNI filter as vtep takes it."""
    shown: Report = {"vni": range_text(row.start, row.end)}
    return {**shown, "group" if is_multicast(row.destination) else "remote": row.destination} if row.destination else shown


def show_rows(rows: Iterable[FdbRow]) -> list[Report]:
    return [show_row(row) for row in sorted(rows, key=row_order)]


def show_owned_rows(rows: Iterable[FdbRow], link: Link) -> list[Report]:
    return [{**show_row(row), "owner": owner_of(row, link)} for row in sorted(rows, key=row_order)]


def row_order(row: FdbRow) -> tuple[object, ...]:
    """Stable order: tables, MACs, destinations."""
    return tuple("" if value is None else str(value) for value in (row.table, *row[:8]))


def show_operation(operation: ops.Operation, limit: int) -> Report:
    """One operation as data. limit: most rows that are written out."""
    shown: Report = {"operation": _OPERATION_NAMES[type(operation)], "interface": ops.target_of(operation)}
    if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        shown["count"] = len(operation.rows)
        shown["rows"] = [show_row(row) for row in operation.rows[:limit]]
    elif isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
        shown["vnis"] = [show_vni(row) for row in operation.rows]
    elif isinstance(operation, (ops.WriteVlans, ops.DeleteVlans)):
        shown["vlans"] = show_vlans(operation.rows, own=operation.own)
    elif isinstance(operation, (ops.WriteTunnels, ops.DeleteTunnels)):
        shown["tunnels"] = show_tunnels(operation.rows)
    elif isinstance(operation, ops.SetLink):
        shown.update(field=operation.field, value=operation.value, before=operation.before)
    elif isinstance(operation, (ops.SetAttributes, ops.SetPort)):
        table = table_of("bridge_slave" if isinstance(operation, ops.SetPort) else operation.kind)
        shown.update(values=present_values(table, operation.values), before=present_values(table, operation.before))
    shown["commands"] = command_lines(operation, limit)
    return shown


def count_operations(operations: Iterable[ops.Operation]) -> dict[str, int]:
    """How many there are of each kind; rows and entries are counted, not the operations that write them."""
    found: dict[str, int] = {}
    for operation in operations:
        name = _OPERATION_NAMES[type(operation)]
        size = len(operation.rows) if isinstance(operation, (ops.WriteRows, ops.DeleteRows)) else 1
        found[name] = found.get(name, 0) + size
    return found


_OPERATION_NAMES = {
    ops.CreateLink: "create_link",
    ops.DeleteLink: "delete_link",
    ops.SetLink: "set_link",
    ops.AddAltname: "add_altname",
    ops.SetAttributes: "set_attributes",
    ops.SetPort: "set_port",
    ops.AddAddress: "add_address",
    ops.RemoveAddress: "remove_address",
    ops.WriteNeighbour: "write_neighbour",
    ops.RemoveNeighbour: "remove_neighbour",
    ops.WriteRows: "write_rows",
    ops.DeleteRows: "delete_rows",
    ops.WriteVnis: "write_vnis",
    ops.DeleteVnis: "delete_vnis",
    ops.WriteVlans: "write_vlans",
    ops.DeleteVlans: "delete_vlans",
    ops.WriteTunnels: "write_tunnels",
    ops.DeleteTunnels: "delete_tunnels",
    ops.AddRoute: "add_route",
}
