# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What an operation does to a state, without a kernel. Check mode shows this; a real run is verified against it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import OVERHEAD
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, Neighbour, collapsed, expanded
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC, takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import predict_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.flushing import forget, forgetful
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rows import in_every_vlan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working, replaced


def predict(state: Working, operation: ops.Operation) -> None:
    """Bring a working state to what it is after one operation."""
    forgotten = forgetful(state, operation)
    _carry_out(state, operation)
    if forgotten:
        forget(state, operation, forgotten)


def _carry_out(state: Working, operation: ops.Operation) -> None:
    if isinstance(operation, ops.CreateLink):
        _create(state, operation.link)
    elif isinstance(operation, ops.DeleteLink):
        _delete(state, operation.name)
    elif isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        _rows(state, operation)
    elif isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
        _vnis(state, operation)
    elif isinstance(operation, (ops.WriteVlans, ops.DeleteVlans)):
        predict_vlans.change_vlans(state, operation)
    elif isinstance(operation, (ops.WriteTunnels, ops.DeleteTunnels)):
        predict_vlans.change_tunnels(state, operation)
    elif isinstance(operation, ops.AddRoute):
        state.routes[operation.name] = (*state.routes.get(operation.name, ()), operation.route)
    else:
        link = state.links.get(operation.name)
        if link is not None:
            _change(state, link, operation)


def _change(state: Working, link: Link, operation: ops.Operation) -> None:
    if isinstance(operation, ops.SetAttributes):
        _attributes(state, link, operation)
    elif isinstance(operation, ops.SetLink):
        _field(state, link, operation)
    elif isinstance(operation, ops.SetPort):
        state.put(replace(link, port={**(link.port or {}), **operation.values}))
        if operation.values.get("vlan_tunnel") is False and state.tunnels is not None:
            state.tunnels[link.name] = ()  # nbp_vlan_tunnel_info_flush
    elif isinstance(operation, ops.AddAltname):
        state.put(replace(link, altnames=tuple(sorted({*link.altnames, operation.altname}))))
    elif isinstance(operation, ops.AddAddress):
        state.put(replace(link, addresses=tuple(sorted({*(link.addresses or ()), operation.address}))))
    elif isinstance(operation, ops.RemoveAddress):
        state.put(replace(link, addresses=tuple(a for a in link.addresses or () if a != operation.address)))
    elif isinstance(operation, (ops.WriteNeighbour, ops.RemoveNeighbour)):
        state.put(replace(link, neighbours=_neighbours(link, operation)))


def _field(state: Working, link: Link, operation: ops.SetLink) -> None:
    changes: dict[str, Any] = {operation.field: operation.value}
    if operation.field == "master":
        master = state.links.get(str(operation.value))
        changes["port"] = {} if master is not None and master.kind != "vrf" else None
        predict_vlans.enter_or_leave(state, link.name, str(operation.value))
        left = state.links.get(link.master or "")
        if link.name in state.fdb and (left is None or left.kind != "vrf"):  # a port that leaves takes its rows in the bridge's table along
            state.fdb[link.name] = tuple(row for row in state.fdb[link.name] if row.table != "master")
    elif operation.field == "mac" and link.neighbours:  # NETDEV_CHANGEADDR, also when it is the same (neigh_changeaddr)
        changes["neighbours"] = ()
    state.put(replace(link, **changes))


def _neighbours(link: Link, operation: ops.WriteNeighbour | ops.RemoveNeighbour) -> tuple[Neighbour, ...]:
    others = [n for n in link.neighbours or () if n.address != operation.neighbour.address]
    if isinstance(operation, ops.WriteNeighbour):
        others.append(operation.neighbour)
    return tuple(sorted(others))


def _create(state: Working, link: Link) -> None:
    made = replace(
        link,
        up=False,
        master="",
        port=None,
        alias="",
        addresses=() if state.knows_addresses else None,
        neighbours=() if state.knows_neighbours else None,
    )
    rows: tuple[FdbRow, ...] = ()
    destination = link.attributes.get("destination")
    if link.kind == "vxlan" and destination is not None:
        device = link.attributes.get("device")
        rows = (FdbRow(ZERO_MAC, str(destination), via=str(device) if device else None),)
    if link.kind == "vxlan" and made.mtu is None:
        made = replace(made, mtu=_default_mtu(state, made))
    if link.attributes.get("device"):
        made = replace(made, lower=str(link.attributes["device"]))
    state.put(made)
    state.fdb[link.name] = rows
    if link.attributes.get("vnifilter"):
        state.vnis[link.name] = ()
    if link.kind == "bridge":
        predict_vlans.enter_or_leave(state, link.name, link.name)


def _default_mtu(state: Working, link: Link) -> int | None:
    """vxlan_config_apply (drivers/net/vxlan): the lower device's MTU less the overhead; without a device Ethernet's."""
    lower = state.links.get(str(link.attributes.get("device")))
    if lower is None or lower.mtu is None:
        return None if link.attributes.get("device") else 1500
    return lower.mtu - OVERHEAD[link.family]


def _delete(state: Working, name: str) -> None:
    if name not in state.links:
        return
    for port in state.ports_of(name):
        state.put(replace(port, master="", port=None))
        predict_vlans.enter_or_leave(state, port.name, "")
    state.drop(name)
    state.vnis.pop(name, None)


def _attributes(state: Working, link: Link, operation: ops.SetAttributes) -> None:
    """A changed destination swaps the default row (vxlan_changelink); a changed device only ever lowers the MTU."""
    values = {key: value for key, value in {**link.attributes, **operation.values}.items() if value is not None}
    changed = replace(link, attributes=values, lower=str(values["device"]) if "device" in operation.values else link.lower)
    if operation.values.get("device") and link.mtu is not None:
        limit = _default_mtu(state, changed)
        changed = replace(changed, mtu=min(link.mtu, limit) if limit else link.mtu)
    state.put(changed)
    if "vlan_default_pvid" in operation.values:
        predict_vlans.move_default_pvid(state, operation)
    if "destination" not in operation.values or link.name not in state.fdb:
        return
    old = link.attributes.get("destination")
    device = changed.attributes.get("device")
    new = FdbRow(ZERO_MAC, str(operation.values["destination"]), via=str(device) if device else None)
    kept = [row for row in state.fdb[link.name] if not (row.mac == ZERO_MAC and row.dst == old and row.via == link.attributes.get("device"))]
    state.fdb[link.name] = (*kept, new)


def _vnis(state: Working, operation: ops.WriteVnis | ops.DeleteVnis) -> None:
    """Entries of the VNI filter, one VNI each or a range as the kernel shows them. A destination of an entry is a row as well
    (vxlan_vni_update_group, drivers/net/vxlan/vxlan_vnifilter.c)."""
    name = operation.name
    present = expanded(state.vnis.get(name, ()))
    rows = list(state.fdb.get(name, ()))
    if isinstance(operation, ops.DeleteVnis):
        gone = {(vni, present.get(vni)) for vni in expanded(operation.rows)}
        rows = [row for row in rows if not (row.mac == ZERO_MAC and row.dst is not None and (row.src_vni, row.dst) in gone)]
    for vni, destination in expanded(operation.rows).items():
        present.pop(vni, None)
        if isinstance(operation, ops.WriteVnis):
            present[vni] = destination
            if destination is not None:
                rows.append(FdbRow(ZERO_MAC, destination, vni=vni, src_vni=vni))
    state.vnis[name] = collapsed(present)
    if name in state.fdb:
        state.fdb[name] = tuple(rows)


def _rows(state: Working, operation: ops.WriteRows | ops.DeleteRows) -> None:
    current = state.fdb.get(operation.name, ())
    if isinstance(operation, ops.DeleteRows):
        everywhere = {row.mac for row in operation.rows if in_every_vlan(row)}
        gone = [row for row in current if row.table == "master" and row.mac in everywhere] if everywhere else []
        state.fdb[operation.name] = replaced(current, (*operation.rows, *gone), ())
        return
    operation = predict_vlans.in_vlans(state, operation)
    kept = replaced(current, operation.displaced, ())
    if operation.append and kept:
        kept = _with_entry_state(kept, operation.rows)
    state.fdb[operation.name] = (*kept, *operation.rows)


def _with_entry_state(rows: tuple[FdbRow, ...], written: tuple[FdbRow, ...]) -> tuple[FdbRow, ...]:
    """State and flags belong to the entry, not to the destination: appending with others changes them for the whole list
    (vxlan_fdb_update_existing)."""
    latest = {(row.mac, row.src_vni): row for row in written if takes_flood_list(row.mac) and row.table == "self"}

    def restated(row: FdbRow) -> FdbRow:
        new = latest.get((row.mac, row.src_vni)) if row.table == "self" else None
        if new is None:
            return row
        return row._replace(state=new.state, router=new.router, sticky=new.sticky, extern_learn=new.extern_learn)

    return tuple([restated(row) for row in rows])
