# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The operations of the twin: what each is called, what a person would type for it, and what it does to a World."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import (
    LOOPBACK,
    ROUTE_PROTOCOL,
    Link,
    Namespace,
    Route,
    World,
    family_of,
)

ADD_NAMESPACE = "add_namespace"
DELETE_NAMESPACE = "delete_namespace"
ADD_LINK = "add_link"
DELETE_LINK = "delete_link"
SET_LINK = "set_link"
ADD_ADDRESS = "add_address"
DELETE_ADDRESS = "delete_address"
ADD_ROUTE = "add_route"
DELETE_ROUTE = "delete_route"
SET_SYSCTL = "set_sysctl"

SETTINGS = ("mtu", "mac", "alias", "master", "addrgenmode", "mcast_snooping", "up")
"""What set_link changes, in the order in which it is safe: `up` is last."""


@dataclass(frozen=True)
class Operation:
    """One change. `values` depends on the action; `link` and `far` are the ends that add_link makes."""

    action: str
    netns: str
    target: str = ""
    values: tuple[tuple[str, Any], ...] = ()
    link: Link | None = None
    far: Link | None = None
    route: Route | None = None

    @property
    def value(self) -> dict[str, Any]:
        return dict(self.values)


def describe_operation(operation: Operation) -> dict[str, Any]:
    """Plain data for the result of the module."""
    described: dict[str, Any] = {"action": operation.action, "netns": operation.netns}
    if operation.target:
        described["target"] = operation.target
    described.update(operation.value)
    if operation.link and operation.link.peer:
        described["peer" if operation.link.kind == "veth" else "lower"] = {"netns": operation.link.peer[0], "name": operation.link.peer[1]}
    return described


# --- as lines of `ip -batch` and as commands -------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """`netns` is the namespace in which `ip` runs, empty for the caller's; `program` replaces ip for what ip cannot do."""

    netns: str
    words: tuple[str, ...]
    program: str = "ip"

    def __str__(self) -> str:
        if self.program != "ip":
            return f"ip netns exec {self.netns} sh -c '{self.program}'"
        prefix = f"ip -n {self.netns} " if self.netns else "ip "
        return prefix + " ".join(quote_word(word) for word in self.words)

    @property
    def line(self) -> str:
        """The line for `ip -batch`."""
        return " ".join(quote_word(word) for word in self.words)


def quote_word(word: str) -> str:
    """An empty word (`alias ""` clears it); no other word of ours needs quotes, see topology.py."""
    return word or '""'


def render_operation(operation: Operation) -> tuple[Command, ...]:
    """The commands that carry the operation out."""
    return _RENDERERS[operation.action](operation)


def _render_namespace(operation: Operation) -> tuple[Command, ...]:
    verb = "add" if operation.action == ADD_NAMESPACE else "del"
    return (Command("", ("netns", verb, operation.netns)),)


def _render_delete_link(operation: Operation) -> tuple[Command, ...]:
    return (Command(operation.netns, ("link", "del", "dev", operation.target)),)


def _render_sysctl(operation: Operation) -> tuple[Command, ...]:
    return (Command(operation.netns, (), program=f"echo {operation.value['value']} > /proc/sys/{operation.target}"),)


def _render_add_link(operation: Operation) -> tuple[Command, ...]:
    link, far = operation.link, operation.far
    if link is not None and link.kind == "vlan" and link.peer is not None:
        # Straight into its namespace, under another name: kernels before 6.14 look whether it is taken in the namespace of what is below (rtnl_newlink).
        born = f"vlan{link.vlan}"
        near = ("link", "add", "link", link.peer[1], "name", born, "netns", operation.netns, *_birth_words(link))
        named = Command(operation.netns, ("link", "set", "dev", born, "name", link.name))
        return (Command(link.peer[0], (*near, "type", "vlan", "id", str(link.vlan))), named)
    if link is None or link.peer is None or far is None:
        return (Command(operation.netns, ("link", "add", "name", operation.target, "type", "bridge")),)
    # Created straight into both namespaces: nothing of it is ever seen in the caller's.
    near = ("link", "add", "name", link.name, "netns", operation.netns, *_birth_words(link))
    return (Command("", (*near, "type", "veth", "peer", "name", far.name, "netns", link.peer[0], *_birth_words(far))),)


def _birth_words(link: Link) -> tuple[str, ...]:
    words: tuple[str, ...] = ()
    if link.mtu is not None:
        words += ("mtu", str(link.mtu))
    if link.mac is not None:
        words += ("address", link.mac)
    return words


def _render_set_link(operation: Operation) -> tuple[Command, ...]:
    values = operation.value
    start = ("link", "set", "dev", operation.target)
    words: tuple[str, ...] = ()
    for key, word in (("mtu", "mtu"), ("mac", "address"), ("alias", "alias"), ("addrgenmode", "addrgenmode")):
        if key in values:
            words += (word, str(values[key]))
    if "master" in values:
        words += ("master", values["master"]) if values["master"] else ("nomaster",)
    commands = [Command(operation.netns, start + words)] if words else []
    if "mcast_snooping" in values:
        words = ("type", "bridge", "mcast_snooping", str(values["mcast_snooping"]))
        commands.append(Command(operation.netns, start + words))
    if "up" in values:
        # Of its own: in one message the kernel sets the flags before addrgenmode (do_setlink, net/core/rtnetlink.c).
        commands.append(Command(operation.netns, (*start, "up" if values["up"] else "down")))
    return tuple(commands)


def _render_address(operation: Operation) -> tuple[Command, ...]:
    address = operation.value["address"]
    words: tuple[str, ...] = (address, "dev", operation.target)
    if operation.action == DELETE_ADDRESS:
        return (Command(operation.netns, ("address", "del", *words)),)
    # No duplicate address detection: the address is usable at once, and nobody else is there.
    return (Command(operation.netns, ("address", "add", *words, *(("nodad",) if family_of(address) == 6 else ()))),)


def _render_route(operation: Operation) -> tuple[Command, ...]:
    route = operation.route or Route(operation.target, "", "")
    words: tuple[str, ...] = (route.destination,)
    if route.via:
        words += ("via", route.via)
    words += ("dev", route.device, "proto", ROUTE_PROTOCOL)
    if operation.action == DELETE_ROUTE:
        return (Command(operation.netns, ("route", "del", *words)),)
    return (Command(operation.netns, ("route", "replace", *words, *(("onlink",) if route.via else ()))),)


_RENDERERS: dict[str, Callable[[Operation], tuple[Command, ...]]] = {
    ADD_NAMESPACE: _render_namespace,
    DELETE_NAMESPACE: _render_namespace,
    ADD_LINK: _render_add_link,
    DELETE_LINK: _render_delete_link,
    SET_LINK: _render_set_link,
    ADD_ADDRESS: _render_address,
    DELETE_ADDRESS: _render_address,
    ADD_ROUTE: _render_route,
    DELETE_ROUTE: _render_route,
    SET_SYSCTL: _render_sysctl,
}


# --- as a change of a World ------------------------------------------------------------------------------------------


def step(world: World, operation: Operation) -> dict[str, Namespace]:
    """The World after the operation. The same function predicts in check mode and guides the planner."""
    after = dict(world)
    if operation.action == ADD_NAMESPACE:
        lo = Link(LOOPBACK, "loopback", alias="", up=False)
        after[operation.netns] = Namespace(operation.netns, {LOOPBACK: lo})
    elif operation.action == DELETE_NAMESPACE:
        for link in world[operation.netns].links.values():
            _drop_link(after, (operation.netns, link.name))
        del after[operation.netns]
    elif operation.action == DELETE_LINK:
        _drop_link(after, (operation.netns, operation.target))
    else:
        after[operation.netns] = _step_namespace(after[operation.netns], operation)
        if operation.far and operation.link and operation.link.peer:
            netns = operation.link.peer[0]
            after[netns] = _with_link(after[netns], _newborn(operation.far))
    return after


def _step_namespace(namespace: Namespace, operation: Operation) -> Namespace:
    """What happens inside one namespace."""
    action, target = operation.action, operation.target
    if action in (ADD_ROUTE, DELETE_ROUTE) and operation.route:
        change = frozenset({operation.route})
        return replace(namespace, routes=namespace.routes | change if action == ADD_ROUTE else namespace.routes - change)
    if action == SET_SYSCTL:
        return replace(namespace, sysctls={**namespace.sysctls, target: operation.value["value"]})
    if action == DELETE_ADDRESS:
        return _without_address(namespace, namespace.links[target], operation.value["address"])
    if action == ADD_LINK and operation.link:
        link = _newborn(operation.link)
    elif action == SET_LINK:
        link = replace(namespace.links[target], **operation.value)
    else:
        found = namespace.links[target]
        link = replace(found, addresses=(*(found.addresses or ()), operation.value["address"]))
    return _with_link(namespace, link)


def _newborn(link: Link) -> Link:
    """What `ip link add` makes of it: of the settings only MTU and MAC are given at birth."""
    bridge = link.kind == "bridge"
    return replace(
        link,
        mtu=None if bridge else link.mtu,
        mac=None if bridge else link.mac,
        alias="",
        master="",
        addrgenmode=None,
        mcast_snooping=None,
        up=False,
        addresses=(),
    )


def _with_link(namespace: Namespace, link: Link) -> Namespace:
    return replace(namespace, links={**namespace.links, link.name: link})


def _without_address(namespace: Namespace, link: Link, address: str) -> Namespace:
    left = tuple(other for other in link.addresses or () if other != address)
    changed = _with_link(namespace, replace(link, addresses=left))
    if family_of(address) == 4 and not any(family_of(other) == 4 for other in left):
        # The last IPv4 address takes the routes of the interface with it (fib_disable_ip, net/ipv4/fib_frontend.c).
        kept = frozenset(route for route in changed.routes if route.device != link.name or route.family != 4)
        return replace(changed, routes=kept)
    return changed


def _drop_link(world: dict[str, Namespace], end: tuple[str, str] | None) -> None:
    """Without a link its other end goes, what stands on it, and its routes; its bridge ports stand alone."""
    if end is None or end[0] not in world or end[1] not in world[end[0]].links:
        return
    netns, name = end
    namespace = world[netns]
    gone = namespace.links[name]
    links: Mapping[str, Link] = {key: replace(link, master="") if link.master == name else link for key, link in namespace.links.items() if key != name}
    routes = frozenset(route for route in namespace.routes if route.device != name)
    world[netns] = replace(namespace, links=links, routes=routes)
    above = [(other.name, link.name) for other in world.values() for link in other.links.values() if link.kind == "vlan" and link.peer == end]
    for follower in [gone.peer if gone.kind == "veth" else None, *above]:
        _drop_link(world, follower)
