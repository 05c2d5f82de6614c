# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the topology to the state that shall be there. Pure."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._twin.names import BRIDGE, derive_mac, mark_of
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import (
    ENDPOINT_DEVICE,
    ROUTED,
    ROUTER_V4,
    ROUTER_V6,
    Endpoint,
    Host,
    Topology,
    Uplink,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import (
    ARP_IGNORE,
    FORWARDING,
    LOOPBACK,
    Link,
    Namespace,
    Route,
    World,
    family_of,
)


def compile_goal(topology: Topology, ipv6: bool = True) -> World:
    """One Namespace per host, endpoint and for the underlay. `ipv6`: whether this kernel speaks it at all."""
    quiet = "none" if ipv6 else None
    goal = {topology.netns: _underlay(topology, quiet)}
    for host in topology.hosts:
        goal[host.netns] = _host(topology, host, quiet)
        cables = {endpoint.port: endpoint for endpoint in host.endpoints if endpoint.vlan is None}
        # Those that have a cable first: what has tagged frames stands on it.
        for endpoint in sorted(host.endpoints, key=lambda endpoint: endpoint.vlan is not None):
            goal[endpoint.netns] = _endpoint(topology, host, endpoint, cables[endpoint.port])
    return goal


def _loopback(twin: str) -> Link:
    return Link(LOOPBACK, "loopback", alias=mark_of(twin))


def _families(uplink: Uplink) -> list[int]:
    return sorted({family_of(address) for address in uplink.addresses})


def _underlay(topology: Topology, quiet: str | None) -> Namespace:
    routed = topology.mode == ROUTED
    links = [_loopback(topology.name)]
    if not routed:
        links.append(_bridge(topology, quiet))
    uplinks = [(host, uplink) for host in topology.hosts for uplink in host.uplinks]
    links += [_far_end(topology, host, uplink, quiet) for host, uplink in uplinks]
    families = sorted({family for _host, uplink in uplinks for family in _families(uplink)})
    return Namespace(
        topology.netns,
        {link.name: link for link in links},
        frozenset(route for _host, uplink in uplinks for route in _router_routes(uplink)) if routed else frozenset(),
        {FORWARDING[family]: "1" for family in families} if routed else {},
    )


def _bridge(topology: Topology, quiet: str | None) -> Link:
    # Without snooping a multicast group reaches every host; with it, it would need a querier.
    return Link(
        BRIDGE,
        "bridge",
        mtu=topology.mtu,
        mac=derive_mac(topology.name, topology.netns, BRIDGE),
        alias=mark_of(topology.name),
        addrgenmode=quiet,
        mcast_snooping=0,
        addresses=(),
    )


def _far_end(topology: Topology, host: Host, uplink: Uplink, quiet: str | None) -> Link:
    routed = topology.mode == ROUTED
    own = {4: ROUTER_V4, 6: ROUTER_V6}
    return Link(
        uplink.far,
        "veth",
        peer=(host.netns, uplink.device),
        mtu=uplink.mtu,
        mac=derive_mac(topology.name, topology.netns, uplink.far),
        alias=mark_of(topology.name),
        master="" if routed else BRIDGE,
        addrgenmode=quiet,
        addresses=tuple(own[family] for family in _families(uplink)) if routed else (),
    )


def _router_routes(uplink: Uplink) -> list[Route]:
    return [Route(address, "", uplink.far) for address in uplink.addresses]


def _host_routes(uplink: Uplink) -> list[Route]:
    own = {4: ROUTER_V4, 6: ROUTER_V6}
    return [Route("default", own[family].partition("/")[0], uplink.device) for family in _families(uplink)]


def _host(topology: Topology, host: Host, quiet: str | None) -> Namespace:
    devices = [_device(topology, host, uplink) for uplink in host.uplinks]
    ports = [_access_port(topology, host, endpoint, quiet) for endpoint in host.endpoints if endpoint.vlan is None]
    return Namespace(
        host.netns,
        {link.name: link for link in [_loopback(topology.name), *devices, *ports]},
        frozenset(route for uplink in host.uplinks for route in _host_routes(uplink)) if topology.mode == ROUTED else frozenset(),
        # The segment is one where the real host has two: one uplink must not answer for the addresses of the other.
        {**({ARP_IGNORE: "1"} if len(host.uplinks) > 1 else {}), **{FORWARDING[family]: "1" for family in host.forwarding if family == 4 or quiet}},
    )


def _device(topology: Topology, host: Host, uplink: Uplink) -> Link:
    return Link(
        uplink.device,
        "veth",
        peer=(topology.netns, uplink.far),
        mtu=uplink.mtu,
        mac=derive_mac(topology.name, host.netns, uplink.device),
        addresses=uplink.addresses,
    )


def _access_port(topology: Topology, host: Host, endpoint: Endpoint, quiet: str | None) -> Link:
    """Up and in no bridge when new; whose port it becomes is not the twin's affair."""
    return Link(
        endpoint.port,
        "veth",
        peer=(endpoint.netns, ENDPOINT_DEVICE),
        mtu=endpoint.mtu,
        mac=derive_mac(topology.name, host.netns, endpoint.port),
        addrgenmode=quiet,
    )


def _endpoint(topology: Topology, host: Host, endpoint: Endpoint, cable: Endpoint) -> Namespace:
    """cable: the endpoint that has the other end of the port."""
    tagged = endpoint.vlan is not None
    device = Link(
        ENDPOINT_DEVICE,
        "vlan" if tagged else "veth",
        peer=(cable.netns, ENDPOINT_DEVICE) if tagged else (host.netns, endpoint.port),
        vlan=endpoint.vlan,
        mtu=endpoint.mtu,
        mac=endpoint.mac,
        alias=mark_of(topology.name),
        addresses=endpoint.addresses,
    )
    routes = frozenset(Route("default", gateway, ENDPOINT_DEVICE) for gateway in endpoint.gateways)
    return Namespace(endpoint.netns, {link.name: link for link in [_loopback(topology.name), device]}, routes)
