# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Reading the namespaces of a twin into a World. Decoding is pure, Iproute does the reading."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.iproute import IpError, Iproute
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.names import MARK
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import ROUTER_V6
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import (
    FORWARDING,
    LOOPBACK,
    ROUTE_PROTOCOL,
    Link,
    Namespace,
    Route,
    World,
)

# `address show` does not tell the addrgenmode, `link show` does not tell the addresses.
_LINES = ("link show", "address show", f"route show table all proto {ROUTE_PROTOCOL}", "netns list-id")


@dataclass(frozen=True)
class Survey:
    """What was found: our namespaces in full, and names that somebody else holds, with what is known of them."""

    world: World
    foreign: Mapping[str, str]


@dataclass(frozen=True)
class _Raw:
    links: Sequence[Mapping[str, Any]]
    routes: Sequence[Mapping[str, Any]]
    names: Mapping[int, str]  # namespace id, as links of this namespace use it -> name


def survey_twin(ip: Iproute, mark: str, goal: World, created: Collection[str] = ()) -> Survey:
    """Read every namespace that carries the mark. `created`: ours whatever they carry, this run has just made them."""
    foreign: dict[str, str] = {}
    raw: dict[str, _Raw] = {}
    for name, alive in ip.names().items():
        if not alive:
            foreign[name] = "a dead name: no namespace is mounted there"
            continue
        try:
            found = mark if name in created else _read_mark(ip, name)
            if found == mark:
                raw[name] = _read_raw(ip, name)
            else:
                foreign[name] = f"of the twin '{found[len(MARK) :]}'" if found.startswith(MARK) else "not made by a twin"
        except IpError:
            if ip.names().get(name):
                raise
            # Removed while we looked: not there.
    world = decode_world(raw)
    return Survey({name: _with_sysctls(ip, namespace, goal) for name, namespace in world.items()}, foreign)


def refuse_foreign(survey: Survey, goal: World) -> None:
    """A namespace of somebody else is told, never touched."""
    conflicts = [f"{name} ({survey.foreign[name]})" for name in goal if name in survey.foreign]
    if conflicts:
        raise ConflictError(
            f"these network namespaces exist already: {', '.join(conflicts)}. Choose other names, or remove them with "
            "'ip netns delete NAME' if nothing of value is in them",
            conflicts=conflicts,
        )


def _read_mark(ip: Iproute, netns: str) -> str:
    (links,) = ip.read(netns, [f"link show dev {LOOPBACK}"])
    return str(links[0].get("ifalias", "")) if links else ""


def _read_raw(ip: Iproute, netns: str) -> _Raw:
    links, addresses, routes, ids = ip.read(netns, _LINES)
    given = {entry.get("ifindex"): entry.get("addr_info", []) for entry in addresses}
    links = [{**link, "addr_info": given.get(link["ifindex"], [])} for link in links]
    return _Raw(links, routes, {int(entry["nsid"]): str(entry.get("name", "")) for entry in ids})


def _with_sysctls(ip: Iproute, namespace: Namespace, goal: World) -> Namespace:
    wanted = goal[namespace.name].sysctls if namespace.name in goal else {}
    # Only a router has routes of ours without a gateway; one that goes away is reported as it was.
    routing = {FORWARDING[route.family] for route in namespace.routes if not route.via}
    keys = sorted({*wanted, *routing})
    if not keys:
        return namespace
    return replace(namespace, sysctls=dict(zip(keys, ip.read_files(namespace.name, keys))))


def decode_world(raw: Mapping[str, _Raw]) -> dict[str, Namespace]:
    """From the answers of `ip -json`; the ends of cables are found through namespace ids and interface indexes."""
    index = {(netns, int(link["ifindex"])): str(link["ifname"]) for netns, read in raw.items() for link in read.links}
    return {
        netns: Namespace(
            netns,
            {str(link["ifname"]): _decode_link(link, _find_peer(netns, link, read, index)) for link in read.links},
            frozenset(_decode_routes(read.routes)),
        )
        for netns, read in raw.items()
    }


def _find_peer(netns: str, link: Mapping[str, Any], read: _Raw, index: Mapping[tuple[str, int], str]) -> tuple[str, str] | None:
    if _kind(link) not in ("veth", "vlan"):
        return None
    if "link" in link:  # both in one namespace
        return (netns, str(link["link"]))
    other = read.names.get(int(link.get("link_netnsid", -1)), "")
    name = index.get((other, int(link.get("link_index", 0))))
    return (other, name) if name is not None else None


def _kind(link: Mapping[str, Any]) -> str:
    if link.get("link_type") == "loopback":
        return "loopback"
    return str(link.get("linkinfo", {}).get("info_kind", ""))


def _decode_link(link: Mapping[str, Any], peer: tuple[str, str] | None) -> Link:
    kind, name, up = _kind(link), str(link["ifname"]), "UP" in link.get("flags", ())
    alias = str(link.get("ifalias", ""))
    if kind == "loopback":
        return Link(name, kind, alias=alias, up=up)
    data = link.get("linkinfo", {}).get("info_data", {}) if kind in ("bridge", "vlan") else {}
    return Link(
        name,
        kind,
        peer=peer,
        mtu=int(link["mtu"]),
        mac=str(link.get("address", "")),
        alias=alias,
        master=str(link.get("master", "")),
        addrgenmode=_decode_addrgenmode(link),
        mcast_snooping=data.get("mcast_snooping"),
        vlan=data.get("id") if kind == "vlan" else None,
        up=up,
        addresses=tuple(_decode_addresses(link.get("addr_info", ()))),
    )


def _decode_addrgenmode(link: Mapping[str, Any]) -> str | None:
    """Only what the twin sets is told apart: the kernel's own default is no setting."""
    mode = link.get("inet6_addr_gen_mode")
    return "none" if mode == "none" else None


def _decode_addresses(entries: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """What somebody gave the link: not what the kernel makes (link-local) or was told by a router or a lease."""
    for entry in entries:
        if "local" not in entry or entry.get("dynamic"):
            continue
        address = f"{ipaddress.ip_address(entry['local'])}/{entry['prefixlen']}"
        if not address.startswith("fe80:") or address == ROUTER_V6:
            yield address


def _decode_routes(entries: Iterable[Mapping[str, Any]]) -> Iterable[Route]:
    for entry in entries:
        if entry.get("table", "main") != "main":
            continue
        destination = str(entry["dst"])
        if destination != "default" and "/" not in destination:
            destination += "/128" if ":" in destination else "/32"
        yield Route(destination, str(entry.get("gateway", "")), str(entry.get("dev", "")))
