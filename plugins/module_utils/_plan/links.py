# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan one link: create, change, re-create or remove it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import (
    Table,
    Value,
    alike,
    attribute_for,
    default_of,
    present_value,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import HEADER_FEATURES, VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError, UnsupportedError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import checks, rebuild
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft

TABLES: dict[str, Table] = {"vxlan": VXLAN, "bridge": BRIDGE}

# Order in which the plain fields of a link are set: the interface identifier mode before it comes up, and up last of all.
_FIELDS = ("mac", "mtu", "txqueuelen", "alias", "addrgenmode", "master")


def plan_link(draft: Draft, wanted: WantedLink) -> None:
    """Everything for one link but its being up: that comes last, see plan_admin_state."""
    current = draft.state.links.get(wanted.link.name)
    if current is not None:
        checks.check_kind(current, wanted.link.kind)
    if not wanted.present:
        if current is not None:
            remove_link(draft, current)
        return
    wanted = checks.resolve(draft, wanted)
    if current is None:
        _create(draft, wanted)
    else:
        _update(draft, wanted, current)
    _plan_fields(draft, wanted.link)
    _plan_addresses(draft, wanted.link)
    _plan_neighbours(draft, wanted.link)


def plan_admin_state(draft: Draft, link: Link) -> None:
    current = draft.state.links[link.name]
    if link.up is not None and link.up != current.up:
        draft.do(ops.SetLink(link.name, "up", link.up, current.up))


def remove_link(draft: Draft, current: Link) -> None:
    """Delete a link; refused when other interfaces stand on it, because the kernel would take them along."""
    standing = sorted(other.name for other in draft.state.links.values() if other.lower == current.name and other.name != current.name)
    if standing:
        raise ConflictError(f"{current.name}: {', '.join(standing)} stand on it and would be deleted with it; remove them first")
    draft.do(ops.DeleteLink(current.name, current.kind, rebuild.rebuild_link(draft.state, current)))


def _create(draft: Draft, wanted: WantedLink) -> None:
    link = wanted.link
    if link.kind == "vxlan":
        attributes = dict(link.attributes)
        attributes.setdefault("port", values.DEFAULT_PORT)
        link = replace(link, attributes={key: value for key, value in attributes.items() if value is not None})
        checks.check_vxlan(draft, wanted, link)
        checks.check_vni_free(draft.state, link)
    draft.do(rebuild.creation(link))


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
        return []
    fragile = "reserved_bits" in current.attributes and any(current.attributes.get(f) for f in HEADER_FEATURES)
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
    if current is None or not wanted.present or wanted.link.kind != "vxlan" or current.kind != "vxlan":
        return []
    changes = differences(VXLAN, wanted.link.attributes, current.attributes)
    return immutable_changes(current, changes) or (["recreate"] if wanted.recreate == "always" else [])


def _update(draft: Draft, wanted: WantedLink, current: Link) -> None:
    table = TABLES[current.kind]
    changes = differences(table, wanted.link.attributes, current.attributes)
    if current.kind == "vxlan":
        merged = replace(current, attributes=rebuild.merged_attributes(current, wanted.link))
        checks.check_vxlan(draft, wanted, merged)
        forced = needs_recreation(wanted, current)
        if forced:
            _recreate(draft, wanted, current, forced)
            return
    if changes:
        before = {key: current.attributes.get(key, default_of(table, key)) for key in changes}
        draft.do(ops.SetAttributes(current.name, current.kind, changes, before))
    if current.kind == "vxlan":
        _settle_default_row(draft, current)


def _settle_default_row(draft: Draft, current: Link) -> None:
    """After a change of device the kernel leaves the default row on the old one, and after a later change of remote there
    are two: every broadcast goes out twice (F6). And the row may have been deleted while the link still names it (F7)."""
    rows = draft.state.fdb.get(current.name)
    now = draft.state.links[current.name].attributes
    destination = now.get("destination")
    if rows is None or destination is None:
        return
    device = str(now["device"]) if now.get("device") else None
    ours = [row for row in rows if row.mac == values.ZERO_MAC and row.dst == destination and row.port is None and row.vni is None]
    right = [row for row in ours if row.via in (device, None)]
    if not right:
        draft.do(ops.WriteRows(current.name, (FdbRow(values.ZERO_MAC, str(destination), via=device),), append=True))
    stale = tuple(row for row in ours if row.via not in (device, None)) + tuple(right[1:])
    if stale:
        draft.do(ops.DeleteRows(current.name, stale))


def _recreate(draft: Draft, wanted: WantedLink, current: Link, forced: list[str]) -> None:
    shown = ", ".join(_explain(key, wanted.link.attributes.get(key), current) for key in forced if key != "recreate")
    if wanted.recreate == "never":
        raise UnsupportedError(f"{current.name}: cannot be changed on a live interface: {shown}; and 'recreate' is 'never'")
    standing = sorted(other.name for other in draft.state.links.values() if other.lower == current.name and other.name != current.name)
    if standing:
        raise ConflictError(f"{current.name}: has to be re-created ({shown}), but {', '.join(standing)} stand on it and would be deleted with it")
    bridge = draft.state.links.get(current.master or "")
    if bridge is not None and bridge.attributes.get("vlan_filtering"):
        raise UnsupportedError(
            f"{current.name}: has to be re-created ({shown}), but bridge {bridge.name} filters VLANs and the VLANs of its ports "
            "are not carried over by this version; take the port out of the bridge first"
        )
    merged = rebuild.carried_over(current, wanted.link)
    if any(merged.attributes.get(k) != current.attributes.get(k) for k in ("vni", "port")) or merged.family != current.family:
        checks.check_vni_free(draft.state, merged)
    if bridge is not None and bridge.kind == "bridge":
        checks.check_loop(draft.state, merged, bridge.name)
    draft.recreated[current.name] = [attribute_for(VXLAN, key, None).option if key != "recreate" else key for key in forced]
    before = draft.state
    draft.do(ops.DeleteLink(current.name, current.kind, rebuild.rebuild_link(before, current)))
    for operation in rebuild.build_link(before, merged, skip_default=current.attributes.get("destination")):
        draft.do(operation)


def _explain(key: str, value: Value, current: Link) -> str:
    now = current.attributes.get(key, default_of(VXLAN, key))
    attribute = attribute_for(VXLAN, key, value if value is not None else now)
    return f"{attribute.option} {present_value(attribute, now)} -> {present_value(attribute, value)}"


def _plan_fields(draft: Draft, link: Link) -> None:
    for name in _FIELDS:
        value = getattr(link, name)
        current = draft.state.links[link.name]
        before = getattr(current, name)
        if value is None or value == before:
            continue
        if name == "master":
            _check_master(draft, current, value)
        restore = rebuild.membership(draft.state, current) if name == "master" else ()
        draft.do(ops.SetLink(link.name, name, value, before, restore))


def _check_master(draft: Draft, current: Link, master: str) -> None:
    if not master:
        return
    bridge = draft.state.links.get(master)
    if bridge is None:
        raise ArgumentError(f"{current.name}.master: there is no interface {master!r} on this host")
    if bridge.kind == "bridge":
        checks.check_loop(draft.state, current, master)


def _plan_addresses(draft: Draft, link: Link) -> None:
    """The exact set; new ones first, so that the interface is never without. With the first IPv4 address of a subnet the kernel
    removes the others of that subnet too (__inet_del_ifa, net/ipv4/devinet.c; sysctl promote_secondaries): they are added again."""
    if link.addresses is None:
        return
    present = draft.state.links[link.name].addresses or ()
    for address in link.addresses:
        if address not in present:
            draft.do(ops.AddAddress(link.name, address))
    gone = [address for address in present if address not in link.addresses]
    for address in gone:
        draft.do(ops.RemoveAddress(link.name, address))
    again = swept_along(link.addresses, gone)
    for address in again:
        draft.do(ops.AddAddress(link.name, address, again=True))
    if again:
        _restore_swept(draft, link.name)


def swept_along(wanted: tuple[str, ...], gone: list[str]) -> list[str]:
    """IPv4 addresses that share a subnet with one that is removed."""
    subnets = {values.subnet_of(address) for address in gone if ":" not in address}
    return [address for address in wanted if ":" not in address and values.subnet_of(address) in subnets]


def _restore_swept(draft: Draft, name: str) -> None:
    """With the last IPv4 address, if only for a moment, go the routes and neighbours (fib_disable_ip, net/ipv4/fib_frontend.c)."""
    for neighbour in draft.state.links[name].neighbours or ():
        if ":" not in neighbour.address:
            draft.do(ops.WriteNeighbour(name, neighbour, neighbour))
    for route in draft.state.routes.get(name, ()):
        if ":" not in route.text and draft.state.links[name].up:
            draft.do(ops.AddRoute(name, route))


def _plan_neighbours(draft: Draft, link: Link) -> None:
    """The exact set of configured entries; those of a routing daemon (extern_learn) are not ours."""
    if link.neighbours is None:
        return
    present: dict[str, Neighbour] = {n.address: n for n in draft.state.links[link.name].neighbours or ()}
    for neighbour in link.neighbours:
        if present.get(neighbour.address) != neighbour:
            draft.do(ops.WriteNeighbour(link.name, neighbour, present.get(neighbour.address)))
    wanted = {neighbour.address for neighbour in link.neighbours}
    for address, neighbour in present.items():
        if address not in wanted and not neighbour.extern_learn:
            draft.do(ops.RemoveNeighbour(link.name, neighbour))


def plan_ports(draft: Draft, wanted: WantedLink, assume: bool) -> None:
    """Ports of a bridge: enslave, flags, and what is not listed by policy."""
    bridge = wanted.link.name
    for port in wanted.ports:
        _enslave(draft, bridge, port, assume)
    for port in wanted.ports:  # a flag may name another port (backup_port), so all are in the bridge before
        _plan_flags(draft, port)
    if wanted.purge == "none":
        return
    listed = {port.name for port in wanted.ports}
    for name in sorted(draft.state.links, key=values.natural_key):
        link = draft.state.links[name]
        if link.master == bridge and name not in listed and (wanted.purge == "all" or link.managed):
            draft.do(ops.SetLink(name, "master", "", bridge, rebuild.membership(draft.state, link)))


def _enslave(draft: Draft, bridge: str, port: Link, assume: bool) -> None:
    current = draft.state.links.get(port.name)
    if current is None:
        if not assume:
            raise ArgumentError(f"{bridge}.ports: there is no interface {port.name!r} on this host")
        draft.warn(f"{bridge}.ports: {port.name} does not exist yet; taken as if it did, since this is a check")
        current = Link(port.name, master="", up=False)
        draft.state = replace(draft.state, links={**draft.state.links, port.name: current})
    if current.master != bridge:
        checks.check_loop(draft.state, current, bridge)
        draft.do(ops.SetLink(port.name, "master", bridge, current.master, rebuild.membership(draft.state, current)))


def _plan_flags(draft: Draft, port: Link) -> None:
    flags = draft.state.links[port.name].port or {}
    changes = differences(PORT, port.port or {}, flags)
    if changes:
        draft.do(ops.SetPort(port.name, changes, {key: flags.get(key, default_of(PORT, key)) for key in changes}))


def hanging_names(state: HostState, wanted: WantedLink) -> set[str]:
    """Interfaces of which everything has to be read, because this run may take them down."""
    name = wanted.link.name
    current = state.links.get(name)
    if current is None:
        return set()
    if not wanted.present:
        return {name, *(link.name for link in state.links.values() if link.master == name)}
    gone = [a for a in current.addresses or () if a not in wanted.link.addresses] if wanted.link.addresses is not None else []
    return {name} if needs_recreation(wanted, current) or (gone and swept_along(wanted.link.addresses or (), gone)) else set()


def with_defaults(made: Link, before: Link) -> Link:
    """A re-created link with every attribute that its predecessor reported: what was not sent is the default."""
    table = TABLES[made.kind]
    attributes = {key: default_of(table, key) for key in before.attributes}
    if "reserved_bits" in attributes:
        attributes["reserved_bits"] = rebuild.default_reserved_bits(made.attributes)
    known = {key: value for key, value in {**attributes, **made.attributes}.items() if value is not None}
    return replace(made, attributes=known, index=before.index)
