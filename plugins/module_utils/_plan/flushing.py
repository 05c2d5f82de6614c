# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the kernel forgets of an interface that goes down, or that comes to a VRF or leaves one; and what brings it back. Pure.

An interface that is up is taken down and up when it is enslaved to a VRF or let go (cycle_netdev, drivers/net/vrf.c), and its IPv6
addresses, routes and neighbours are flushed in any case (NETDEV_CHANGEUPPER in addrconf_notify, net/ipv6/addrconf.c, and
fib_netdev_event, net/ipv4/fib_frontend.c). So they are when it goes down; with the sysctl keep_addr_on_down its IPv6 addresses stay.
VLAN interfaces on it go down and come up with it (vlan_device_event, net/8021q/vlan.c). Documentation/networking/vrf.rst says the same.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import MAIN_TABLE, Link, Route
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working


def forgetful(state: Working, operation: ops.Operation) -> dict[str, bool]:
    """Interfaces of which the kernel forgets something by this operation, or by what undoes it. False: a VLAN interface that goes down
    and comes up with another."""
    if isinstance(operation, ops.DeleteLink) and operation.kind == "vrf":
        return members_with_vlans(state, operation.name)
    if not isinstance(operation, ops.SetLink) or operation.name not in state.links:
        return {}
    link = state.links[operation.name]
    if operation.field == "up":
        return _with_vlans(state, link)
    if operation.field == "master" and (_is_vrf(state, operation.value) or _is_vrf(state, link.master)):
        return _cycled(state, link)
    return {}


def members_with_vlans(state: Working, vrf: str) -> dict[str, bool]:
    """The members of a VRF, and what goes down and comes up with them when the VRF lets them go."""
    found: dict[str, bool] = {}
    for member in state.ports_of(vrf):
        found.update({**_cycled(state, member), **found, member.name: True})
    return found


def _is_vrf(state: Working, name: object) -> bool:
    return bool(name) and str(name) in state.links and state.links[str(name)].kind == "vrf"


def _cycled(state: Working, link: Link) -> dict[str, bool]:
    return _with_vlans(state, link) if link.up else {link.name: True}


def _with_vlans(state: Working, link: Link) -> dict[str, bool]:
    found = {link.name: True}
    for name in state.standing_on(link.name):
        vlan = state.links[name]
        if vlan.kind == "vlan" and not vlan.attributes.get("loose_binding"):
            found.update(dict.fromkeys(_with_vlans(state, vlan), False))
    return found


def forget(state: Working, operation: ops.Operation, names: Mapping[str, bool]) -> None:
    """Bring a working state, in which the operation is done, to what the kernel leaves of these interfaces."""
    switched = bool(operation.value) if isinstance(operation, ops.SetLink) and operation.field == "up" else None
    for name, itself in names.items():
        link = state.links[name]
        if switched is not True and (itself or link.up):
            four = tuple(address for address in link.addresses or () if ":" not in address)
            link = replace(link, addresses=four if link.addresses is not None else None, neighbours=() if link.neighbours is not None else None)
            state.routes.pop(name, None)
        # What stands on a device comes up with it even if it was down before.
        state.put(link if itself else replace(link, up=switched is not False))


def bringing_back(state: Working, names: Mapping[str, bool]) -> tuple[ops.Operation, ...]:
    """What brings back all that these interfaces (see forgetful) have in this state and may be made to forget. One that is down and comes
    up with another goes down again before."""
    found: list[ops.Operation] = [ops.SetLink(name, "up", False, True) for name, itself in names.items() if not itself and state.links[name].up is False]
    for name in names:
        link = state.links[name]
        kept = {k.address: k for k in state.kept_addresses.get(name, ())}
        found += [ops.AddAddress(name, address, again=True, kept=kept.get(address)) for address in _six(link.addresses, kept)]
        found += [ops.WriteNeighbour(name, neighbour, neighbour) for neighbour in link.neighbours or ()]
        found += [ops.AddRoute(name, route) for route in state.routes.get(name, ()) if link.up]
    return tuple(found)


def _six(addresses: Iterable[str] | None, kept: Iterable[str]) -> list[str]:
    """IPv6 addresses in the order in which they were added, as far as that is known: the kernel prefers the latest of equals as a source."""
    listed = [address for address in addresses or () if ":" in address]
    known = [address for address in kept if address in listed]
    return [*known, *(address for address in listed if address not in known)]


def plan_remembering(draft: Draft, stated: Mapping[str, Link]) -> None:
    """Give back what the plan so far has made the kernel forget, and what is stated and was forgotten again."""
    while draft.forgotten:
        names = list(draft.forgotten)
        draft.forgotten.clear()
        for name in names:
            if name in draft.before.links and name in draft.state.links:
                _settle_down(draft, name, stated.get(name))
        for name in [*names, *draft.forgotten]:
            if name in draft.before.links and name in draft.state.links:
                remember(draft, name, stated.get(name))


def _settle_down(draft: Draft, name: str, stated: Link | None) -> None:
    """A VLAN interface that was down and came up with its device goes down again, unless it is said otherwise."""
    wanted = stated.up if stated is not None and stated.up is not None else draft.before.links[name].up
    if wanted is False and draft.state.links[name].up:
        draft.do(ops.SetLink(name, "up", False, True))


def remember(draft: Draft, name: str, stated: Link | None) -> None:
    """Give one interface back what it had, or what is stated for it."""
    before = draft.before.links[name]
    addresses = stated.addresses if stated is not None and stated.addresses is not None else before.addresses
    neighbours = stated.neighbours if stated is not None and stated.neighbours is not None else before.neighbours
    kept = {k.address: k for k in draft.before.kept_addresses.get(name, ())}
    for address in _six(addresses, kept):
        if address not in (draft.state.links[name].addresses or ()):
            draft.do(ops.AddAddress(name, address, again=address in (before.addresses or ()), kept=kept.get(address)))
    for neighbour in neighbours or ():
        if neighbour not in (draft.state.links[name].neighbours or ()):
            draft.do(ops.WriteNeighbour(name, neighbour))
    if draft.state.links[name].up:
        _remember_routes(draft, name, before)


def _remember_routes(draft: Draft, name: str, before: Link) -> None:
    """Routes need the addresses that they were made with: a gateway has to be on the link, a source address has to be there."""
    gone = set(before.addresses or ()).difference(draft.state.links[name].addresses or ())
    families = {":" in address for address in gone}
    for route in draft.before.routes.get(name, ()):
        moved = _moved(draft, name, route)
        if (route.message[0] == socket.AF_INET6) in families:
            draft.warn(f"{name}: its route {route.text} is not put back, because addresses of its IP version go")
        elif moved not in draft.state.routes.get(name, ()):
            draft.do(ops.AddRoute(name, moved))


def _moved(draft: Draft, name: str, route: Route) -> Route:
    """A route in the table of the interface's routing domain goes where the interface goes; one in another table stays in that."""
    old = _table_of(draft.before.links, draft.before.links[name])
    return route._replace(table=_table_of(draft.state.links, draft.state.links[name])) if route.table == old else route


def _table_of(links: Mapping[str, Link], link: Link) -> int:
    master = links.get(link.master or "")
    table = master.attributes.get("table") if master is not None and master.kind == "vrf" else None
    return int(str(table)) if table is not None else MAIN_TABLE
