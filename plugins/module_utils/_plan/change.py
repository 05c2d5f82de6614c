# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan what makes and changes a link: attributes, fields, addresses, neighbours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value, default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import checks, conflicts, flushing
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.compare import LINK_FIELDS, default_rows, swept_along
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rebuild import creation, membership
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.vlans import undone_default_pvid


def create_link(draft: Draft, wanted: WantedLink) -> None:
    """A link that is not there."""
    link = wanted.link
    if link.kind == "vxlan":
        attributes = dict(link.attributes)
        attributes.setdefault("port", values.DEFAULT_PORT)
        link = replace(link, attributes={key: value for key, value in attributes.items() if value is not None})
        checks.check_vxlan(draft, wanted, link)
        conflicts.check_vni_free(draft.state, link)
    elif link.kind in ("vlan", "vrf"):
        checks.check_routed(link)
        if link.kind == "vlan":
            draft.assume_missing(str(link.attributes["device"]), f"{link.name}.device")
            conflicts.check_device(draft.state, link)
        conflicts.check_claim_free(draft.state, link)
    draft.do(creation(link))


def change_attributes(draft: Draft, current: Link, changes: Mapping[str, Value]) -> None:
    """Attributes that may change live, in one message."""
    if not changes:
        return
    table = table_of(current.kind)
    before = {key: current.attributes.get(key, default_of(table, key)) for key in changes}
    restore: tuple[ops.Operation, ...] = ()
    if "vlan_default_pvid" in changes:
        restore = undone_default_pvid(draft.state, current.name, int(str(before["vlan_default_pvid"])), int(str(changes["vlan_default_pvid"])))
    draft.do(ops.SetAttributes(current.name, current.kind, changes, before, restore))


def settle_default_row(draft: Draft, name: str) -> None:
    """Make the row of the default destination what the link says."""
    missing, stale = default_rows(draft.state, name)
    if missing is not None:
        draft.do(ops.WriteRows(name, (missing,), append=True))
    if stale:
        draft.do(ops.DeleteRows(name, stale))


def change_fields(draft: Draft, link: Link) -> None:
    """Everything of a link that is no attribute of its kind, but its being up."""
    checks.check_ipv6_mtu(link, draft.state.links[link.name])
    _plan_fields(draft, link)
    _plan_addresses(draft, link)
    if link.name in draft.forgotten:
        flushing.remember(draft, link.name, link)


def bring_up_or_down(draft: Draft, link: Link) -> None:
    if link.up:
        checks.check_lower_is_up(draft.state, draft.state.links[link.name])
    draft.do(ops.SetLink(link.name, "up", link.up, draft.state.links[link.name].up))


def _plan_fields(draft: Draft, link: Link) -> None:
    for name in LINK_FIELDS:
        value = getattr(link, name)
        current = draft.state.links[link.name]
        before = getattr(current, name)
        if value is None or value == before:
            continue
        if name == "alias" and before and str(value).startswith(values.OWNER_MARK):
            draft.warn(f"{link.name}: its alias {before!r} is replaced by the owner mark {value!r}")
        if name == "mac":
            set_mac(draft, current, str(value))
            continue
        restore: tuple[ops.Operation, ...] = ()
        if name == "master":
            if value:
                if current.kind != "vxlan":
                    draft.assume_missing(str(value), f"{link.name}.master", "vrf" if current.kind == "bridge" else "")
                conflicts.check_master(draft.state, current, str(value))
            if flushing.forgetful(draft.state, ops.SetLink(link.name, name, value, before)):
                _leave_early(draft, current, link)
            restore = (*membership(draft.state, current), *forgotten(draft, str(value)))
        draft.do(ops.SetLink(link.name, name, value, before, restore))


def _leave_early(draft: Draft, current: Link, wanted: Link) -> None:
    """With the sysctl keep_addr_on_down the kernel does not take IPv6 addresses away: those that have to go do so before. Undone, their
    routes come back behind them."""
    if wanted.addresses is None:
        return
    name = current.name
    kept = {k.address: k for k in draft.before.kept_addresses.get(name, ())}
    routes = [ops.AddRoute(name, route) for route in draft.state.routes.get(name, ()) if ":" in route.text and current.up]
    for address in current.addresses or ():
        if ":" in address and address not in wanted.addresses:
            draft.do(ops.RemoveAddress(name, address, restore=(ops.AddAddress(name, address, again=True, kept=kept.get(address)), *routes)))


def _plan_addresses(draft: Draft, link: Link) -> None:
    """The exact set; new ones first, so that the interface is never without. With the first IPv4 address of a subnet the kernel
    removes the others of that subnet too (__inet_del_ifa, net/ipv4/devinet.c; sysctl promote_secondaries): they are added again."""
    if link.addresses is None:
        return
    present = draft.state.links[link.name].addresses or ()
    for address in link.addresses:
        if address not in present and not (":" in address and link.name in draft.forgotten):
            draft.do(ops.AddAddress(link.name, address))
    gone = [address for address in present if address not in link.addresses]
    for address in gone:
        others = tuple(other for other in draft.state.links[link.name].addresses or () if other != address)
        draft.do(ops.RemoveAddress(link.name, address, tuple(swept_along(others, [address])), _in_order_again(draft, link.name, address)))
    again = swept_along(link.addresses, gone)
    for address in again:
        draft.do(ops.AddAddress(link.name, address, again=True))
    four = [address for address in link.addresses if ":" not in address]
    if again or (not four and any(":" not in address for address in gone)):
        _restore_swept(draft, link.name, routes=bool(four))


def _in_order_again(draft: Draft, name: str, address: str) -> tuple[ops.Operation, ...]:
    """What undoes the removal of an IPv4 address. The first address of a subnet is its primary one, so all are taken away and added
    again in the order in which they were, with the routes and neighbours that go with the last of them."""
    kept = [k for k in draft.before.kept_addresses.get(name, ()) if ":" not in k.address]
    before = draft.before.links.get(name)
    if ":" in address or not kept or before is None:
        return ()
    present = [other for other in draft.state.links[name].addresses or () if ":" not in other]
    again: list[ops.Operation] = [ops.RemoveAddress(name, other) for other in dict.fromkeys((*present, *(k.address for k in kept)))]
    again += [ops.AddAddress(name, k.address, kept=k) for k in kept]
    again += [ops.WriteNeighbour(name, neighbour, neighbour) for neighbour in before.neighbours or () if ":" not in neighbour.address]
    again += [ops.AddRoute(name, route) for route in draft.before.routes.get(name, ()) if ":" not in route.text and before.up]
    return tuple(again)


def _restore_swept(draft: Draft, name: str, routes: bool) -> None:
    """With the last IPv4 address, if only for a moment, go the routes and neighbours (fib_disable_ip, net/ipv4/fib_frontend.c).
    routes: an address is left, so that they can be put back."""
    for neighbour in draft.state.links[name].neighbours or ():
        if ":" not in neighbour.address:
            draft.do(ops.WriteNeighbour(name, neighbour, neighbour))
    for route in draft.state.routes.get(name, ()):
        if routes and ":" not in route.text and draft.state.links[name].up:
            draft.do(ops.AddRoute(name, route))


def set_mac(draft: Draft, link: Link, mac: str) -> None:
    """Set a MAC. The kernel forgets the neighbours of the interface; see plan_neighbours."""
    lost = tuple(ops.WriteNeighbour(link.name, neighbour) for neighbour in link.neighbours or ())
    draft.do(ops.SetLink(link.name, "mac", mac, link.mac, lost))


def forgotten(draft: Draft, bridge: str) -> tuple[ops.Operation, ...]:
    """What puts back the neighbours of a bridge whose MAC followed that of a port that came, or goes."""
    link = draft.state.links.get(bridge)
    return tuple(ops.WriteNeighbour(bridge, neighbour) for neighbour in (link.neighbours or () if link is not None else ()))


def change_neighbours(draft: Draft, link: Link) -> None:
    """The exact set of configured entries; those of a routing daemon (extern_learn) are not ours. Where nothing is stated, what
    the plan so far has made the kernel forget."""
    before = draft.before.links.get(link.name)
    had = (before.neighbours or ()) if before is not None else ()
    if link.name in draft.joined:
        # The MAC of the bridge may have followed that of a new port, and then its neighbours are gone.
        for neighbour in draft.state.links[link.name].neighbours or ():
            draft.do(ops.WriteNeighbour(link.name, neighbour, neighbour))
    if link.neighbours is None:
        for neighbour in had:
            if neighbour not in (draft.state.links[link.name].neighbours or ()):
                draft.do(ops.WriteNeighbour(link.name, neighbour))
        return
    present: dict[str, Neighbour] = {n.address: n for n in draft.state.links[link.name].neighbours or ()}
    for neighbour in link.neighbours:
        if present.get(neighbour.address) != neighbour:
            draft.do(ops.WriteNeighbour(link.name, neighbour, present.get(neighbour.address)))
    wanted = {neighbour.address for neighbour in link.neighbours}
    for address, neighbour in present.items():
        if address not in wanted and not neighbour.extern_learn:
            draft.do(ops.RemoveNeighbour(link.name, neighbour))
