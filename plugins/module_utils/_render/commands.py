# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Operations as the ip(8) and bridge(8) lines that a person could have typed: run in an empty namespace they give the same state."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table, Value, attribute_for, spell
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import MAIN_TABLE, FdbRow, VniRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import is_multicast, takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow, range_text
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops

_FIELD_WORDS = {"mac": "address", "mtu": "mtu", "alias": "alias", "txqueuelen": "txqueuelen", "addrgenmode": "addrgenmode", "group": "group"}


def all_command_lines(operations: Iterable[ops.Operation], limit: int) -> list[str]:
    """The lines of a plan. limit: most rows that are written out; beyond it a comment at each list says how many."""
    lines: list[str] = []
    left = limit
    for operation in operations:
        if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
            lines += command_lines(operation, left) if left > 0 else [f"# and {len(operation.rows)} more rows of {operation.name}"]
            left -= len(operation.rows)
        else:
            lines += command_lines(operation, limit)
    return lines


def command_lines(operation: ops.Operation, limit: int = 0) -> list[str]:
    """The lines of one operation; 0: no limit."""
    if not isinstance(operation, ops.LISTS):
        return [" ".join(shlex.quote(word) for word in words) for words in _words(operation)]
    rows: tuple[Any, ...] = operation.rows
    line_of = _LINES[type(operation)]
    lines = [line for row in (rows[:limit] if limit else rows) for line in line_of(operation, row)]
    if 0 < limit < len(rows):
        lines.append(f"# and {len(rows) - limit} more rows of {ops.target_of(operation)}")
    return lines


def line_of_row(operation: ops.Operation, row: object) -> str:
    """The first line of one row of an operation that consists of rows."""
    return _LINES[type(operation)](operation, row)[0]


def _words(operation: ops.Operation) -> list[list[str]]:
    if isinstance(operation, ops.CreateLink):
        return [_create_words(operation)]
    if isinstance(operation, ops.DeleteLink):
        return [["ip", "link", "delete", operation.name]]
    if isinstance(operation, ops.SetLink):
        return [_field_words(operation)]
    if isinstance(operation, ops.AddAltname):
        return [["ip", "link", "property", "add", "dev", operation.name, "altname", operation.altname]]
    if isinstance(operation, ops.SetAttributes):
        words = _attribute_words(table_of(operation.kind), operation.values)
        return [["ip", "link", "set", operation.name, "type", operation.kind, *words]] if words else []
    if isinstance(operation, ops.SetPort):
        return [["ip", "link", "set", operation.name, "type", "bridge_slave", *_attribute_words(PORT, operation.values)]]
    return [_entry_words(operation)]


def _create_words(operation: ops.CreateLink) -> list[str]:
    link = operation.link
    table = table_of(link.kind)
    outer = {attribute.key: link.attributes[attribute.key] for attribute in table if attribute.outer and attribute.key in link.attributes}
    inner = {key: value for key, value in link.attributes.items() if key not in outer}
    words = ["ip", "link", "add", "name", link.name, *_attribute_words(table, outer)]
    for word, value in (("address", link.mac), ("mtu", link.mtu), ("txqueuelen", link.txqueuelen)):
        if value is not None:
            words += [word, str(value)]
    return [*words, "type", link.kind, *_attribute_words(table, inner)]


def _attribute_words(table: Table, given: Mapping[str, Value]) -> list[str]:
    words: list[str] = []
    done: set[str] = set()
    for attribute in table:
        if attribute.key in given and attribute.key not in done:
            done.add(attribute.key)
            value = given[attribute.key]
            words += spell(attribute_for(table, attribute.key, value), value)
    return words


def _field_words(operation: ops.SetLink) -> list[str]:
    name, value = operation.name, operation.value
    if operation.field == "up":
        return ["ip", "link", "set", name, "up" if value else "down"]
    if operation.field == "master":
        return ["ip", "link", "set", name, "master", str(value)] if value else ["ip", "link", "set", name, "nomaster"]
    return ["ip", "link", "set", "dev", name, _FIELD_WORDS[operation.field], str(value)]


def _entry_words(operation: ops.Operation) -> list[str]:
    if isinstance(operation, ops.AddAddress):
        kept = operation.kept.words if operation.kept is not None else ()
        return ["ip", "address", "replace" if operation.again else "add", operation.address, *kept, "dev", operation.name]
    if isinstance(operation, ops.RemoveAddress):
        return ["ip", "address", "delete", operation.address, "dev", operation.name]
    if isinstance(operation, ops.WriteNeighbour):
        n = operation.neighbour
        words = ["ip", "neighbour", "replace", n.address, "lladdr", n.mac, "dev", operation.name, "nud", n.state]
        return words + (["router"] if n.router else []) + (["extern_learn"] if n.extern_learn else [])
    if isinstance(operation, ops.RemoveNeighbour):
        return ["ip", "neighbour", "delete", operation.neighbour.address, "dev", operation.name]
    if isinstance(operation, ops.AddRoute):
        route = operation.route
        table = [] if route.table == MAIN_TABLE else ["table", str(route.table)]
        return ["ip", "route", "replace", *route.text.split(), *table, "dev", operation.name]
    raise TypeError(type(operation).__name__)


def _row_lines(operation: ops.WriteRows | ops.DeleteRows, row: FdbRow) -> list[str]:
    words = row_words(row)
    verb = "delete" if isinstance(operation, ops.DeleteRows) else "append" if row.table == "self" and takes_flood_list(row.mac) else "replace"
    return [" ".join(["bridge", "fdb", verb, words[0], "dev", operation.name, *words[1:]])]


def row_words(row: FdbRow) -> list[str]:
    """A row in the words of bridge(8), MAC first, without the interface."""
    words = [row.mac]
    for word, value in (("dst", row.dst), ("port", row.port), ("vni", row.vni), ("src_vni", row.src_vni), ("via", row.via),
                        ("nhid", row.nexthop_group), ("vlan", row.vlan)):  # fmt: skip
        if value is not None:
            words += [word, str(value)]
    words += [row.table, row.state]
    return words + [flag for flag in ("router", "sticky", "extern_learn") if getattr(row, flag)]


def vni_words(rows: Iterable[VniRow]) -> str:
    """A VNI filter in short."""
    return ", ".join(f"{row.start}-{row.end}" + (f" to {row.destination}" if row.destination else "") for row in rows) or "empty"


def vlan_words(row: VlanRow | None) -> str:
    """What is said of a VLAN, in short."""
    if row is None:
        return "not there"
    words = [word for word, given in (("pvid", row.pvid), ("untagged" if row.untagged else "tagged", True), (row.state or "", bool(row.state))) if given]
    return " ".join([*words, *(["neigh_suppress"] if row.neigh_suppress else [])])


def _vni_lines(operation: ops.WriteVnis | ops.DeleteVnis, row: VniRow) -> list[str]:
    adds = isinstance(operation, ops.WriteVnis)
    words = ["bridge", "vni", "add" if adds else "delete", "dev", operation.name, "vni", range_text(row.start, row.end)]
    if row.destination and adds:
        words += ["group" if is_multicast(row.destination) else "remote", row.destination]
    return [" ".join(words)]


def _vlan_lines(operation: ops.WriteVlans | ops.DeleteVlans, row: VlanRow) -> list[str]:
    """Adding and options are two commands of bridge(8)."""
    adds = isinstance(operation, ops.WriteVlans)
    what = ["dev", operation.name, "vid", range_text(row.start, row.end)]
    flags = [word for word, given in (("pvid", row.pvid and adds), ("untagged", row.untagged and adds), ("self", operation.own)) if given]
    lines = [" ".join(["bridge", "vlan", "add" if adds else "delete", *what, *flags])]
    options = [] if row.state is None else ["state", row.state]
    if row.neigh_suppress is not None:
        options += ["neigh_suppress", "on" if row.neigh_suppress else "off"]
    return [*lines, " ".join(["bridge", "vlan", "set", *what, *options])] if options and adds else lines


def _tunnel_lines(operation: ops.WriteTunnels | ops.DeleteTunnels, row: TunnelRow) -> list[str]:
    verb = "add" if isinstance(operation, ops.WriteTunnels) else "delete"
    vnis = range_text(row.vni, row.vni + row.end - row.start)
    return [f"bridge vlan {verb} dev {operation.name} vid {range_text(row.start, row.end)} tunnel_info id {vnis}"]


# By ops.LISTS.
_LINES: dict[type, Callable[[Any, Any], list[str]]] = {
    ops.WriteRows: _row_lines,
    ops.DeleteRows: _row_lines,
    ops.WriteVnis: _vni_lines,
    ops.DeleteVnis: _vni_lines,
    ops.WriteVlans: _vlan_lines,
    ops.DeleteVlans: _vlan_lines,
    ops.WriteTunnels: _tunnel_lines,
    ops.DeleteTunnels: _tunnel_lines,
}
