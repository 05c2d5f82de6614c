# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the present state to the goal: ordered operations. Pure.

Order: namespaces, then what stands in the way is removed, then new links, then their settings, addresses, routes and
sysctls, and whole namespaces that are no longer wanted at the very end: they are what cannot be put back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._twin import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.operations import Operation, step
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import (
    LOOPBACK,
    Link,
    Namespace,
    Route,
    World,
    family_of,
    find_owned,
    network_of,
)

End = tuple[str, str]


class _Draft:
    """The operations so far and the World after them."""

    def __init__(self, world: World) -> None:
        self.world: dict[str, Namespace] = dict(world)
        self.operations: list[Operation] = []

    def emit(self, operation: Operation) -> None:
        self.world = step(self.world, operation)
        self.operations.append(operation)

    def link(self, netns: str, name: str) -> Link | None:
        namespace = self.world.get(netns)
        return namespace.links.get(name) if namespace else None


def plan_world(current: World, goal: World, mark: str) -> tuple[Operation, ...]:
    """What makes `goal` of `current`. `current` holds the namespaces of this twin, with everything that is in them."""
    draft = _Draft(current)
    _remove_stale_links(draft, goal, mark)
    refuse_foreign_links(draft.world, goal)
    for netns in goal:
        if netns not in draft.world:
            draft.emit(Operation(ops.ADD_NAMESPACE, netns))
            _settle_link(draft, netns, goal[netns].links[LOOPBACK])
    for netns, link in _links(goal):
        if draft.link(netns, link.name) is None:
            _add_link(draft, goal, netns, link)
    for namespace in goal.values():
        _settle_namespace(draft, namespace)
    for netns in current:
        if netns not in goal:
            draft.emit(Operation(ops.DELETE_NAMESPACE, netns))
    return tuple(draft.operations)


def predict_world(current: World, operations: tuple[Operation, ...]) -> World:
    """The World after all of them."""
    world: World = current
    for operation in operations:
        world = step(world, operation)
    return world


def _links(world: World) -> Iterator[tuple[str, Link]]:
    for netns, namespace in world.items():
        for link in namespace.links.values():
            yield netns, link


def _same_thing(link: Link, wanted: Link | None) -> bool:
    return wanted is not None and (link.kind, link.peer, link.vlan) == (wanted.kind, wanted.peer, wanted.vlan)


def _remove_stale_links(draft: _Draft, goal: World, mark: str) -> None:
    """Links of the twin that the goal does not have, or has with another other end.

    In a namespace that goes anyway they are left to it, unless their other end stays: the kernel takes a namespace
    down in its own time, and until then the other end would hold its name.
    """
    for netns, namespace in find_owned(draft.world, mark).items():
        for link in namespace.links.values():
            if link.name == LOOPBACK or draft.link(netns, link.name) is None:
                continue
            wanted = goal[netns].links.get(link.name) if netns in goal else None
            survives = netns in goal or (link.peer is not None and link.peer[0] in goal)
            if survives and not _same_thing(link, wanted):
                draft.emit(Operation(ops.DELETE_LINK, netns, link.name))


def refuse_foreign_links(world: World, goal: World) -> None:
    """Names that something else holds in our namespaces: told, never deleted."""
    conflicts = []
    for netns, link in _links(goal):
        found = world[netns].links.get(link.name) if netns in world else None
        if found is not None and not _same_thing(found, link):
            conflicts.append(f"{netns}: {link.name} exists and is not the twin's (kind {found.kind or 'unknown'})")
    if conflicts:
        raise ConflictError("; ".join(conflicts) + ". Remove it, or give the topology another name", conflicts=conflicts)


def _add_link(draft: _Draft, goal: World, netns: str, link: Link) -> None:
    far = None
    values: list[tuple[str, Any]] = [("kind", link.kind)]
    if link.kind == "veth" and link.peer is not None:
        far = goal[link.peer[0]].links[link.peer[1]]
    if link.kind == "vlan":
        values.append(("vlan", link.vlan))
    if link.kind in ("veth", "vlan"):
        values += [("mtu", link.mtu), ("mac", link.mac)]
    draft.emit(Operation(ops.ADD_LINK, netns, link.name, tuple(values), link=link, far=far))


def _settle_namespace(draft: _Draft, wanted: Namespace) -> None:
    for link in sorted(wanted.links.values(), key=lambda link: bool(link.master)):
        _settle_link(draft, wanted.name, link)
    _settle_routes(draft, wanted)
    for key, value in wanted.sysctls.items():
        if draft.world[wanted.name].sysctls.get(key) != value:
            draft.emit(Operation(ops.SET_SYSCTL, wanted.name, key, (("value", value),)))


def _settle_link(draft: _Draft, netns: str, wanted: Link) -> None:
    found = draft.world[netns].links[wanted.name]
    changes = tuple((key, getattr(wanted, key)) for key in ops.SETTINGS if getattr(wanted, key) is not None and getattr(wanted, key) != getattr(found, key))
    if changes:
        draft.emit(Operation(ops.SET_LINK, netns, wanted.name, changes))
    if wanted.addresses is not None:
        _settle_addresses(draft, netns, wanted.name, found.addresses or (), wanted.addresses)


def _settle_addresses(draft: _Draft, netns: str, link: str, found: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Removals first: IPv6 refuses the same address with another length, and a new IPv4 address of the same subnet
    would be a secondary one, that goes when the primary goes (__inet_del_ifa, net/ipv4/devinet.c)."""
    wrong = [address for address in found if address not in wanted]
    subnets = {network_of(address) for address in wrong if family_of(address) == 4}
    for address in reversed(found):
        if address in wrong or (family_of(address) == 4 and network_of(address) in subnets):
            draft.emit(Operation(ops.DELETE_ADDRESS, netns, link, (("address", address),)))
    present = draft.world[netns].links[link].addresses or ()
    for address in wanted:
        if address not in present:
            draft.emit(Operation(ops.ADD_ADDRESS, netns, link, (("address", address),)))


def _settle_routes(draft: _Draft, wanted: Namespace) -> None:
    def change(action: str, route: Route) -> None:
        values = tuple((key, value) for key, value in (("via", route.via), ("device", route.device)) if value)
        draft.emit(Operation(action, wanted.name, route.destination, values, route=route))

    for route in sorted(draft.world[wanted.name].routes - wanted.routes):
        change(ops.DELETE_ROUTE, route)
    for route in sorted(wanted.routes - draft.world[wanted.name].routes):
        change(ops.ADD_ROUTE, route)
