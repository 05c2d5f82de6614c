# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Operations as the ip(8) and bridge(8) lines that a person could have typed: run in an empty namespace they give the same state."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table, Value, attribute_for, spell
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, VniRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import is_multicast, takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops

_Row = TypeVar("_Row", FdbRow, VniRow)
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
    if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        return _limited(operation.name, [_row_line(operation, row) for row in _head(operation.rows, limit)], len(operation.rows))
    if isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
        return _limited(operation.name, [_vni_line(operation, row) for row in _head(operation.rows, limit)], len(operation.rows))
    return [" ".join(shlex.quote(word) for word in words) for words in _words(operation)]


def _head(rows: tuple[_Row, ...], limit: int) -> tuple[_Row, ...]:
    return rows if not limit else rows[:limit]


def _limited(name: str, lines: list[str], total: int) -> list[str]:
    if len(lines) < total:
        lines.append(f"# and {total - len(lines)} more rows of {name}")
    return lines


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
    words = ["ip", "link", "add", "name", link.name]
    for word, value in (("address", link.mac), ("mtu", link.mtu), ("txqueuelen", link.txqueuelen)):
        if value is not None:
            words += [word, str(value)]
    return [*words, "type", link.kind, *_attribute_words(table_of(link.kind), link.attributes)]


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
        return ["ip", "route", "replace", *operation.route.text.split(), "dev", operation.name]
    raise TypeError(type(operation).__name__)


def _row_line(operation: ops.WriteRows | ops.DeleteRows, row: FdbRow) -> str:
    words = row_words(row)
    verb = "delete" if isinstance(operation, ops.DeleteRows) else "append" if row.table == "self" and takes_flood_list(row.mac) else "replace"
    return " ".join(["bridge", "fdb", verb, words[0], "dev", operation.name, *words[1:]])


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


def _vni_line(operation: ops.WriteVnis | ops.DeleteVnis, row: VniRow) -> str:
    vni = f"{row.start}-{row.end}" if row.end != row.start else str(row.start)
    adds = isinstance(operation, ops.WriteVnis)
    words = ["bridge", "vni", "add" if adds else "delete", "dev", operation.name, "vni", vni]
    if row.destination and adds:
        words += ["group" if is_multicast(row.destination) else "remote", row.destination]
    return " ".join(words)
