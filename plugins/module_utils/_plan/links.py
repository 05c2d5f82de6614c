# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan one link: create, change, re-create or remove it. Pure."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import checks
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.compare import differences, merged_attributes, needs_recreation, swept_along
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft

# Order in which the plain fields of a link are set: the interface identifier mode before it comes up, and up last of all.
_FIELDS = ("mac", "mtu", "txqueuelen", "alias", "addrgenmode", "master")


def plan_link(draft: Draft, wanted: WantedLink) -> None:
    """Everything for one link but its being up: that comes last, see plan_admin_state."""
    current = draft.state.links.get(wanted.link.name)
    if current is not None:
        checks.check_kind(current, wanted.link.kind)
    if not wanted.present:
        if current is not None:
            from ansible_collections.vxlan.fabric.plugins.module_utils._plan.recreate import remove_link

            remove_link(draft, current)
        return
    wanted = checks.resolve(draft, wanted)
    if current is None:
        _create(draft, wanted)
    else:
        _update(draft, wanted, current)
    checks.check_ipv6_mtu(wanted.link, draft.state.links[wanted.link.name])
    _plan_fields(draft, wanted.link)
    _plan_addresses(draft, wanted.link)
    _plan_neighbours(draft, wanted.link)


def plan_admin_state(draft: Draft, link: Link) -> None:
    current = draft.state.links[link.name]
    if link.up is not None and link.up != current.up:
        draft.do(ops.SetLink(link.name, "up", link.up, current.up))


def _create(draft: Draft, wanted: WantedLink) -> None:
    link = wanted.link
    if link.kind == "vxlan":
        attributes = dict(link.attributes)
        attributes.setdefault("port", values.DEFAULT_PORT)
        link = replace(link, attributes={key: value for key, value in attributes.items() if value is not None})
        checks.check_vxlan(draft, wanted, link)
        checks.check_vni_free(draft.state, link)
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rebuild import creation

    draft.do(creation(link))


def _update(draft: Draft, wanted: WantedLink, current: Link) -> None:
    table = table_of(current.kind)
    changes = differences(table, wanted.link.attributes, current.attributes)
    if current.kind == "vxlan":
        merged = replace(current, attributes=merged_attributes(current, wanted.link))
        checks.check_vxlan(draft, wanted, merged)
        forced = needs_recreation(wanted, current)
        if forced:
            from ansible_collections.vxlan.fabric.plugins.module_utils._plan.recreate import recreate_link

            recreate_link(draft, wanted, current, forced)
            return
    if changes:
        before = {key: current.attributes.get(key, default_of(table, key)) for key in changes}
        draft.do(ops.SetAttributes(current.name, current.kind, changes, before))
    if current.kind == "vxlan":
        _settle_default_row(draft, current)


def _settle_default_row(draft: Draft, current: Link) -> None:
    """After a change of device the kernel leaves the default row on the old one, and after a later change of remote there
    are two: every broadcast goes out twice (F6). And the row may have been deleted while the link still names it (F7); where
    other destinations are left, that was somebody who keeps the flood list, the fdb module above all."""
    rows = draft.state.fdb.get(current.name)
    now = draft.state.links[current.name].attributes
    destination = now.get("destination")
    if rows is None or destination is None:
        return
    device = str(now["device"]) if now.get("device") else None
    ours = [row for row in rows if row.mac == values.ZERO_MAC and row.dst == destination and row.port is None and row.vni is None]
    right = [row for row in ours if row.via in (device, None)]
    if not right and (ours or not any(row.mac == values.ZERO_MAC for row in rows)):
        draft.do(ops.WriteRows(current.name, (FdbRow(values.ZERO_MAC, str(destination), via=device),), append=True))
    stale = tuple(row for row in ours if row.via not in (device, None)) + tuple(right[1:])
    if stale:
        draft.do(ops.DeleteRows(current.name, stale))


def _plan_fields(draft: Draft, link: Link) -> None:
    for name in _FIELDS:
        value = getattr(link, name)
        current = draft.state.links[link.name]
        before = getattr(current, name)
        if value is None or value == before:
            continue
        if name == "master":
            _check_master(draft, current, value)
        draft.do(ops.SetLink(link.name, name, value, before))


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
