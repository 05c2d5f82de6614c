# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The operations that a plan consists of. Each is a value: what is done, and what was there before, so that it can be undone,
shown as a command line, and predicted without a kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Union

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, KeptAddress, Link, Neighbour, Route, VniRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow, collapsed_vlans, expanded_vlans

# A field of a link that is no attribute of its kind.
FieldValue = Union[str, int, bool, None]


class CreateLink(NamedTuple):
    """A new link: kind, name, attributes, MAC, MTU, queue length in one message. It is down and nobody's port."""

    link: Link


class DeleteLink(NamedTuple):
    """Remove a link. rebuild: the operations that bring it back as it was."""

    name: str
    kind: str
    rebuild: tuple[Operation, ...] = ()


class SetLink(NamedTuple):
    """Change one field: group, mac, mtu, alias, master, up, txqueuelen, addrgenmode. restore: what else brings the old value back, flags and
    rows of a bridge port above all, which go when it leaves its bridge."""

    name: str
    field: str
    value: FieldValue
    before: FieldValue
    restore: tuple[Operation, ...] = ()


class AddAltname(NamedTuple):
    """One more name of a link; only for one that is brought back."""

    name: str
    altname: str


class SetAttributes(NamedTuple):
    """Change attributes of the link's kind on the live link. restore: what else undoes it, VLANs where a default PVID moved."""

    name: str
    kind: str
    values: Mapping[str, Value]
    before: Mapping[str, Value]
    restore: tuple[Operation, ...] = ()


class SetPort(NamedTuple):
    """Change flags of a bridge port. restore: what else undoes it, the VNIs of VLANs, which go with vlan_tunnel."""

    name: str
    values: Mapping[str, Value]
    before: Mapping[str, Value]
    restore: tuple[Operation, ...] = ()


class AddAddress(NamedTuple):
    """Add an address. again: it may still be there, see plan_addresses. kept: all that it was, when it is brought back."""

    name: str
    address: str
    again: bool = False
    kept: KeptAddress | None = None


class RemoveAddress(NamedTuple):
    """Remove an address. swept: those of its subnet that the kernel may take along. restore: what brings all of them back in their
    order, and what went with them."""

    name: str
    address: str
    swept: tuple[str, ...] = ()
    restore: tuple[Operation, ...] = ()


class WriteNeighbour(NamedTuple):
    """Add or replace an ARP or ND entry. before: what the address had."""

    name: str
    neighbour: Neighbour
    before: Neighbour | None = None


class RemoveNeighbour(NamedTuple):
    name: str
    neighbour: Neighbour


class WriteRows(NamedTuple):
    """Write forwarding rows. append: to a flood list. Otherwise each row replaces what its MAC has.

    displaced: the rows that are gone afterwards.
    """

    name: str
    rows: tuple[FdbRow, ...]
    append: bool = False
    displaced: tuple[FdbRow, ...] = ()


class DeleteRows(NamedTuple):
    name: str
    rows: tuple[FdbRow, ...]


class WriteVnis(NamedTuple):
    """Add entries of the VNI filter, or give those that are there another destination. before: what these VNIs had."""

    name: str
    rows: tuple[VniRow, ...]
    before: tuple[VniRow, ...] = ()


class DeleteVnis(NamedTuple):
    """Remove entries of the VNI filter."""

    name: str
    rows: tuple[VniRow, ...]


class WriteVlans(NamedTuple):
    """Add VLANs to a bridge port, or to the bridge itself (own), or change them. A state or neigh_suppress of None is not sent.

    before: what these VLANs were, and the one that is not the PVID any more.
    """

    name: str
    rows: tuple[VlanRow, ...]
    before: tuple[VlanRow, ...] = ()
    own: bool = False


class DeleteVlans(NamedTuple):
    """Remove VLANs. They are mapped to no VNI: that goes before, by DeleteTunnels."""

    name: str
    rows: tuple[VlanRow, ...]
    own: bool = False


class WriteTunnels(NamedTuple):
    """Map VLANs of a bridge port to VNIs. None of either is mapped otherwise there: the kernel does not replace."""

    name: str
    rows: tuple[TunnelRow, ...]


class DeleteTunnels(NamedTuple):
    """Map VLANs to no VNI."""

    name: str
    rows: tuple[TunnelRow, ...]


class AddRoute(NamedTuple):
    name: str
    route: Route


Operation = Union[
    CreateLink,
    DeleteLink,
    SetLink,
    AddAltname,
    SetAttributes,
    SetPort,
    AddAddress,
    RemoveAddress,
    WriteNeighbour,
    RemoveNeighbour,
    WriteRows,
    DeleteRows,
    WriteVnis,
    DeleteVnis,
    WriteVlans,
    DeleteVlans,
    WriteTunnels,
    DeleteTunnels,
    AddRoute,
]

# Those that consist of rows, and of them those whose rows are ranges that the kernel goes through until something is wrong.
LISTS = (WriteRows, DeleteRows, WriteVnis, DeleteVnis, WriteVlans, DeleteVlans, WriteTunnels, DeleteTunnels)
VLAN_LISTS = (WriteVlans, DeleteVlans, WriteTunnels, DeleteTunnels)


def inverse(operation: Operation) -> tuple[Operation, ...]:
    """The operations that undo one, to be run in this order."""
    if isinstance(operation, CreateLink):
        return (DeleteLink(operation.link.name, operation.link.kind),)
    if isinstance(operation, DeleteLink):
        return operation.rebuild
    if isinstance(operation, SetLink):
        if operation.before is None:  # of a link that this plan made: it goes with the link
            return ()
        return (SetLink(operation.name, operation.field, operation.before, operation.value), *operation.restore)
    if isinstance(operation, SetAttributes):
        return (SetAttributes(operation.name, operation.kind, operation.before, operation.values), *operation.restore)
    if isinstance(operation, SetPort):
        return (SetPort(operation.name, operation.before, operation.values), *operation.restore)
    return _inverse_of_entry(operation)


def _inverse_of_entry(operation: Operation) -> tuple[Operation, ...]:
    if isinstance(operation, AddAddress):
        return () if operation.again else (RemoveAddress(operation.name, operation.address),)
    if isinstance(operation, RemoveAddress):
        swept = tuple(AddAddress(operation.name, address, True) for address in operation.swept)
        return operation.restore or (AddAddress(operation.name, operation.address), *swept)
    if isinstance(operation, WriteNeighbour):
        if operation.before is not None:
            return (WriteNeighbour(operation.name, operation.before, operation.neighbour),)
        return (RemoveNeighbour(operation.name, operation.neighbour),)
    if isinstance(operation, RemoveNeighbour):
        return (WriteNeighbour(operation.name, operation.neighbour),)
    return _inverse_of_list(operation)


def _inverse_of_list(operation: Operation) -> tuple[Operation, ...]:
    if isinstance(operation, WriteRows):
        return _inverse_of_rows(operation)
    if isinstance(operation, DeleteRows):
        return (WriteRows(operation.name, operation.rows, append=True),)
    if isinstance(operation, WriteVnis):
        return (DeleteVnis(operation.name, operation.rows), *((WriteVnis(operation.name, operation.before),) if operation.before else ()))
    if isinstance(operation, DeleteVnis):
        return (WriteVnis(operation.name, operation.rows),)
    if isinstance(operation, WriteVlans):
        return _inverse_of_vlans(operation)
    if isinstance(operation, DeleteVlans):
        return (WriteVlans(operation.name, operation.rows, own=operation.own),)
    if isinstance(operation, WriteTunnels):
        return (DeleteTunnels(operation.name, operation.rows),)
    if isinstance(operation, DeleteTunnels):
        return (WriteTunnels(operation.name, operation.rows),)
    return ()  # AddAltname and AddRoute only follow a CreateLink, which takes them along


def _inverse_of_vlans(operation: WriteVlans) -> tuple[Operation, ...]:
    """Those that are new go first: the PVID among them makes room for the one before."""
    known = expanded_vlans(operation.before)
    new = collapsed_vlans({vlan: entry for vlan, entry in expanded_vlans(operation.rows).items() if vlan not in known})
    undo: list[Operation] = [DeleteVlans(operation.name, new, operation.own)] if new else []
    if operation.before:
        undo.append(WriteVlans(operation.name, operation.before, own=operation.own))
    return tuple(undo)


def _inverse_of_rows(operation: WriteRows) -> tuple[Operation, ...]:
    """Rows that displaced others are put back by replacing; the rest is deleted."""
    restored = {row[0] for row in operation.displaced}
    new = tuple(row for row in operation.rows if operation.append or row.mac not in restored)
    undo: list[Operation] = []
    if new:
        undo.append(DeleteRows(operation.name, new))
    if operation.displaced:
        undo.append(WriteRows(operation.name, operation.displaced, operation.append, operation.rows))
    return tuple(undo)


def target_of(operation: Operation) -> str:
    """The interface that an operation is about."""
    return operation.link.name if isinstance(operation, CreateLink) else operation.name
