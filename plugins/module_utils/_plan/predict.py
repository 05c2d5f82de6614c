# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What an operation does to a state, without a kernel. Check mode shows this; a real run is verified against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import OVERHEAD
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC, takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops

_Item = TypeVar("_Item")


def predict(state: HostState, operation: ops.Operation) -> HostState:
    """The state after one operation."""
    if isinstance(operation, ops.CreateLink):
        return _create(state, operation.link)
    if isinstance(operation, ops.DeleteLink):
        return _delete(state, operation.name)
    if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        return _rows(state, operation)
    if isinstance(operation, ops.WriteVnis):
        return replace(state, vnis=_with(state.vnis, operation.name, state.vnis.get(operation.name, ()) + operation.rows))
    if isinstance(operation, ops.AddRoute):
        return replace(state, routes=_with(state.routes, operation.name, (*state.routes.get(operation.name, ()), operation.route)))
    link = state.links.get(operation.name)
    if link is None:
        return state
    return _change(state, link, operation)


def _change(state: HostState, link: Link, operation: ops.Operation) -> HostState:
    if isinstance(operation, ops.SetAttributes):
        return _attributes(state, link, operation)
    if isinstance(operation, ops.SetPort):
        link = replace(link, port={**(link.port or {}), **operation.values})
    elif isinstance(operation, ops.SetLink):
        changes: dict[str, Any] = {operation.field: operation.value}
        if operation.field == "master":
            changes["port"] = {} if operation.value else None
            if link.name in state.fdb:  # a port that leaves takes its rows in the bridge's table along
                kept = tuple(row for row in state.fdb[link.name] if row.table != "master")
                state = replace(state, fdb=_with(state.fdb, link.name, kept))
        link = replace(link, **changes)
    elif isinstance(operation, ops.AddAltname):
        link = replace(link, altnames=tuple(sorted({*link.altnames, operation.altname})))
    elif isinstance(operation, ops.AddAddress):
        link = replace(link, addresses=tuple(sorted({*(link.addresses or ()), operation.address})))
    elif isinstance(operation, ops.RemoveAddress):
        link = replace(link, addresses=tuple(a for a in link.addresses or () if a != operation.address))
    elif isinstance(operation, (ops.WriteNeighbour, ops.RemoveNeighbour)):
        link = replace(link, neighbours=_neighbours(link, operation))
    return replace(state, links=_with(state.links, link.name, link))


def _neighbours(link: Link, operation: ops.WriteNeighbour | ops.RemoveNeighbour) -> tuple[Neighbour, ...]:
    others = [n for n in link.neighbours or () if n.address != operation.neighbour.address]
    if isinstance(operation, ops.WriteNeighbour):
        others.append(operation.neighbour)
    return tuple(sorted(others))


def _create(state: HostState, link: Link) -> HostState:
    made = replace(link, up=False, master="", port=None, alias="", addresses=_nothing(state, "addresses"), neighbours=_nothing(state, "neighbours"))
    rows: tuple[FdbRow, ...] = ()
    destination = link.attributes.get("destination")
    if link.kind == "vxlan" and destination is not None:
        device = link.attributes.get("device")
        rows = (FdbRow(ZERO_MAC, str(destination), via=str(device) if device else None),)
    if link.kind == "vxlan" and made.mtu is None:
        made = replace(made, mtu=_default_mtu(state, made))
    return replace(state, links=_with(state.links, link.name, made), fdb=_with(state.fdb, link.name, rows))


def _nothing(state: HostState, field: str) -> tuple[Any, ...] | None:
    """An empty list where such lists were read, None (not known) where they were not."""
    return () if any(getattr(link, field) is not None for link in state.links.values()) else None


def _default_mtu(state: HostState, link: Link) -> int | None:
    """vxlan_config_apply (drivers/net/vxlan): the lower device's MTU less the overhead; without a device Ethernet's."""
    lower = state.links.get(str(link.attributes.get("device")))
    if lower is None or lower.mtu is None:
        return None if link.attributes.get("device") else 1500
    return lower.mtu - OVERHEAD[link.family]


def _delete(state: HostState, name: str) -> HostState:
    links = {}
    for other in state.links.values():
        if other.name != name:
            links[other.name] = replace(other, master="", port=None) if other.master == name else other
    fdb = {key: rows for key, rows in state.fdb.items() if key != name}
    return replace(state, links=links, fdb=fdb)


def _attributes(state: HostState, link: Link, operation: ops.SetAttributes) -> HostState:
    """A changed destination swaps the default row (vxlan_changelink); a changed device only ever lowers the MTU."""
    values = {key: value for key, value in {**link.attributes, **operation.values}.items() if value is not None}
    changed = replace(link, attributes=values)
    if operation.values.get("device") and link.mtu is not None:
        limit = _default_mtu(state, changed)
        changed = replace(changed, mtu=min(link.mtu, limit) if limit else link.mtu)
    state = replace(state, links=_with(state.links, link.name, changed))
    if "destination" not in operation.values or link.name not in state.fdb:
        return state
    old = link.attributes.get("destination")
    device = changed.attributes.get("device")
    new = FdbRow(ZERO_MAC, str(operation.values["destination"]), via=str(device) if device else None)
    kept = [row for row in state.fdb[link.name] if not (row.mac == ZERO_MAC and row.dst == old and row.via == link.attributes.get("device"))]
    return replace(state, fdb=_with(state.fdb, link.name, (*kept, new)))


def _rows(state: HostState, operation: ops.WriteRows | ops.DeleteRows) -> HostState:
    current = state.fdb.get(operation.name, ())
    if isinstance(operation, ops.DeleteRows):
        gone = set(operation.rows)
        return replace(state, fdb=_with(state.fdb, operation.name, tuple(row for row in current if row not in gone)))
    gone = set(operation.displaced)
    kept = [row for row in current if row not in gone] if gone else list(current)
    if operation.append:
        kept = _with_entry_state(kept, operation.rows)
    return replace(state, fdb=_with(state.fdb, operation.name, (*kept, *operation.rows)))


def _with_entry_state(rows: list[FdbRow], written: tuple[FdbRow, ...]) -> list[FdbRow]:
    """State and flags belong to the entry, not to the destination: appending with others changes them for the whole list
    (vxlan_fdb_update_existing)."""
    latest = {(row.mac, row.src_vni): row for row in written if takes_flood_list(row.mac) and row.table == "self"}

    def restated(row: FdbRow) -> FdbRow:
        new = latest.get((row.mac, row.src_vni)) if row.table == "self" else None
        if new is None:
            return row
        return row._replace(state=new.state, router=new.router, sticky=new.sticky, extern_learn=new.extern_learn)

    return [restated(row) for row in rows]


def _with(mapping: Mapping[str, _Item], key: str, value: _Item) -> dict[str, _Item]:
    return {**mapping, key: value}
