# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What differs, and what of it can change on a live link. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table, Value, alike, attribute_for, default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import HEADER_FEATURES, VXLAN, default_reserved_bits
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working

# Order in which the plain fields of a link are set: the interface identifier mode before it comes up.
LINK_FIELDS = ("mac", "mtu", "txqueuelen", "alias", "addrgenmode", "master")


def merged_attributes(current: Link, wanted: Link) -> dict[str, Value]:
    """What is stated over what is there. An interface that becomes external has no VNI any more: there is no other way to say so."""
    attributes = {**current.attributes, **wanted.attributes}
    if wanted.attributes.get("external") and "vni" not in wanted.attributes:
        attributes.pop("vni", None)
    return attributes


def differences(table: Table, wanted: Mapping[str, Value], current: Mapping[str, Value]) -> dict[str, Value]:
    """Stated values that are not there. What the kernel does not report counts as its default."""
    found = {}
    for key, value in wanted.items():
        attribute = attribute_for(table, key, value)
        if not attribute.write_only and not alike(attribute, value, current.get(key, default_of(table, key))):
            found[key] = value
    return found


def immutable_changes(current: Link, changes: Mapping[str, Value]) -> list[str]:
    """Keys among the changes that cannot change on the live interface."""
    if current.kind != "vxlan":
        table = table_of(current.kind)
        return [key for key, value in changes.items() if not attribute_for(table, key, value).live]
    # A live change of whatever makes the kernel forget the reserved bits.
    bits = current.attributes.get("reserved_bits")
    fragile = bits is not None and (bits != default_reserved_bits({}) or any(current.attributes.get(f) for f in HEADER_FEATURES))
    return [key for key, value in changes.items() if fragile or not _is_live(current, key, value)]


def _is_live(current: Link, key: str, value: Value) -> bool:
    attribute = attribute_for(VXLAN, key, value)
    before = current.attributes.get(key)
    if not attribute.live:
        return False
    if attribute.kind == "ttl":
        return "inherit" not in (before, value)
    if attribute.wire == "address":
        return value is not None and values.family_of(str(value)) == current.family
    return not (attribute.kind == "interface" and value is None)


def needs_recreation(wanted: WantedLink, current: Link | None) -> list[str]:
    """The attributes for which an existing interface would be re-created; used before everything is known, to decide what
    has to be read."""
    if current is None or not wanted.present or wanted.link.kind != current.kind:
        return []
    changes = differences(table_of(current.kind), wanted.link.attributes, current.attributes)
    return immutable_changes(current, changes) or (["recreate"] if wanted.recreate == "always" else [])


def is_as_wanted(state: Working, wanted: WantedLink, current: Link) -> bool:
    """Nothing is to be done for a link but, perhaps, to bring it up or down."""
    link = wanted.link
    if differences(table_of(current.kind), link.attributes, current.attributes) or needs_recreation(wanted, current):
        return False
    if any(getattr(link, field) not in (None, getattr(current, field)) for field in LINK_FIELDS):
        return False
    if link.addresses is not None and set(link.addresses) != set(current.addresses or ()):
        return False
    if link.neighbours is not None:
        present = current.neighbours or ()
        if not set(link.neighbours) <= set(present) or any(n not in link.neighbours and not n.extern_learn for n in present):
            return False
    return default_rows(state, link.name) == (None, ())


def ports_are_as_wanted(state: Working, wanted: WantedLink) -> bool:
    """Every listed port is one, with its flags, and no other has to go."""
    for port in wanted.ports:
        current = state.links.get(port.name)
        if current is None or current.master != wanted.link.name or differences(table_of("bridge_slave"), port.port or {}, current.port or {}):
            return False
    if wanted.purge == "none":
        return True
    listed = {port.name for port in wanted.ports}
    return not any(port.name not in listed and (wanted.purge == "all" or port.managed) for port in state.ports_of(wanted.link.name))


def default_rows(state: Working, name: str) -> tuple[FdbRow | None, tuple[FdbRow, ...]]:
    """The row of the default destination that is missing, if it is, and rows of it that are too many.

    After a change of device the kernel leaves the default row on the old one, and after a later change of remote there are two:
    every broadcast goes out twice (F6). And the row may have been deleted while the link still names it (F7); where other
    destinations are left, that was somebody who keeps the flood list, the fdb module above all.
    """
    rows = state.fdb.get(name)
    now = state.links[name].attributes
    destination = now.get("destination")
    if rows is None or destination is None or state.links[name].kind != "vxlan":
        return None, ()
    device = str(now["device"]) if now.get("device") else None
    ours = [row for row in rows if row.mac == values.ZERO_MAC and row.dst == destination and row.port is None and row.vni is None]
    right = [row for row in ours if row.via in (device, None)]
    stale = tuple(row for row in ours if row.via not in (device, None)) + tuple(right[1:])
    if right or not (ours or not any(row.mac == values.ZERO_MAC for row in rows)):
        return None, stale
    return FdbRow(values.ZERO_MAC, str(destination), via=device), stale


def swept_along(wanted: tuple[str, ...], gone: list[str]) -> list[str]:
    """IPv4 addresses that share a subnet with one that is removed."""
    subnets = {values.subnet_of(address) for address in gone if ":" not in address}
    return [address for address in wanted if ":" not in address and values.subnet_of(address) in subnets]


def hanging_names(state: HostState, wanted: WantedLink, vrfs: set[str]) -> set[str]:
    """Interfaces of which everything has to be read, because this run may take them down. vrfs: those that are there or wanted."""
    name = wanted.link.name
    current = state.links.get(name)
    released = {port.name for port in wanted.ports if port.name in state.links and state.links[port.name].master in vrfs} if vrfs else set()
    if current is None:
        return released
    recreated = needs_recreation(wanted, current)
    if not wanted.present or (recreated and name in vrfs):
        return {name, *(link.name for link in state.links.values() if link.master == name)}
    gone = [a for a in current.addresses or () if a not in wanted.link.addresses] if wanted.link.addresses is not None else []
    switched = wanted.link.up not in (None, current.up)
    moved = wanted.link.master not in (None, current.master) and not vrfs.isdisjoint((wanted.link.master, current.master))
    return released | ({name} if recreated or switched or moved or any(":" not in address for address in gone) else set())


def vlans_on(state: HostState, names: set[str]) -> set[str]:
    """VLAN interfaces on these, which go down and come up with them, and those on them."""
    found: set[str] = set()
    new = names
    while new:
        new = {link.name for link in state.links.values() if link.kind == "vlan" and link.lower in new} - found
        found |= new
    return found
