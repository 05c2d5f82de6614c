# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The state of a twin as values: what is there, what shall be there, and what an operation makes of it.

In a goal None means: not judged, left alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOOPBACK = "lo"
ROUTE_PROTOCOL = "86"
"""Owner of the twin's routes (rtm_protocol); rtnetlink(7) leaves the values above 4 to user space. Not in rt_protos."""

ARP_IGNORE = "net/ipv4/conf/all/arp_ignore"
FORWARDING = {4: "net/ipv4/ip_forward", 6: "net/ipv6/conf/all/forwarding"}


@dataclass(frozen=True)
class Link:
    """One interface. `peer` is (namespace, name) of the other end of a veth, and of a vlan the interface below it; None where it is unknown.
    `vlan` is the tag of a vlan."""

    name: str
    kind: str
    peer: tuple[str, str] | None = None
    vlan: int | None = None
    mtu: int | None = None
    mac: str | None = None
    alias: str | None = None
    master: str | None = None
    addrgenmode: str | None = None
    mcast_snooping: int | None = None
    up: bool = True
    addresses: tuple[str, ...] | None = None


@dataclass(frozen=True, order=True)
class Route:
    """A route of table main. `via` is empty for a destination on the link."""

    destination: str
    via: str
    device: str

    @property
    def family(self) -> int:
        return 6 if ":" in self.destination + self.via else 4


@dataclass(frozen=True)
class Namespace:
    name: str
    links: Mapping[str, Link] = field(default_factory=dict)
    routes: frozenset[Route] = frozenset()
    sysctls: Mapping[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        lo = self.links.get(LOOPBACK)
        return (lo.alias if lo else None) or ""


World = Mapping[str, Namespace]


def network_of(address: str) -> str:
    return str(ipaddress.ip_interface(address).network)


def family_of(address: str) -> int:
    return 6 if ":" in address else 4


def find_owned(world: World, mark: str) -> dict[str, Namespace]:
    """The part that the twin made: marked links, the other ends of marked cables, lo, its routes and sysctls."""
    ours: dict[str, set[str]] = {name: {LOOPBACK} for name in world}
    for name, namespace in world.items():
        for link in namespace.links.values():
            if link.alias != mark or link.name == LOOPBACK:
                continue
            ours[name].add(link.name)
            if link.peer and link.peer[0] in ours:
                ours[link.peer[0]].add(link.peer[1])
    return {
        name: Namespace(
            name,
            {key: link for key, link in namespace.links.items() if key in ours[name]},
            namespace.routes,
            namespace.sysctls,
        )
        for name, namespace in world.items()
    }


def describe_world(world: World) -> dict[str, Any]:
    """Plain, sorted data for reports and diffs."""
    return {name: _describe_namespace(world[name]) for name in sorted(world)}


def _describe_namespace(namespace: Namespace) -> dict[str, Any]:
    described: dict[str, Any] = {
        "links": {name: _describe_link(namespace.links[name]) for name in sorted(namespace.links)},
    }
    if namespace.routes:
        described["routes"] = [
            " ".join(filter(None, [route.destination, "via" if route.via else "", route.via, "dev", route.device])) for route in sorted(namespace.routes)
        ]
    # A router only: elsewhere what forwards does not matter.
    routing = {FORWARDING[route.family] for route in namespace.routes if not route.via}
    sysctls = {key: value for key, value in sorted(namespace.sysctls.items()) if key in routing}
    if sysctls:
        described["sysctls"] = sysctls
    return described


def _describe_link(link: Link) -> dict[str, Any]:
    described: dict[str, Any] = {"kind": link.kind, "state": "up" if link.up else "down"}
    if link.peer:
        described["peer" if link.kind == "veth" else "lower"] = {"netns": link.peer[0], "name": link.peer[1]}
    for key in ("vlan", "mtu", "mac", "alias", "master", "addrgenmode", "mcast_snooping"):
        value = getattr(link, key)
        if value not in (None, ""):
            described[key] = value
    if link.addresses:
        described["addresses"] = sorted(link.addresses)
    return described
