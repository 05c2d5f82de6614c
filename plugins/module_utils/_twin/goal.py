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
)
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import (
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
        for endpoint in host.endpoints:
            goal[endpoint.netns] = _endpoint(topology, host, endpoint)
    return goal


def _loopback(twin: str) -> Link:
    return Link(LOOPBACK, "loopback", alias=mark_of(twin))


def _families(host: Host) -> list[int]:
    return sorted({family_of(address) for address in host.addresses})


def _underlay(topology: Topology, quiet: str | None) -> Namespace:
    routed = topology.mode == ROUTED
    links = [_loopback(topology.name)]
    if not routed:
        links.append(_bridge(topology, quiet))
    links += [_uplink(topology, host, quiet) for host in topology.hosts]
    families = sorted({family for host in topology.hosts for family in _families(host)})
    return Namespace(
        topology.netns,
        {link.name: link for link in links},
        frozenset(route for host in topology.hosts for route in _router_routes(host)) if routed else frozenset(),
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


def _uplink(topology: Topology, host: Host, quiet: str | None) -> Link:
    routed = topology.mode == ROUTED
    own = {4: ROUTER_V4, 6: ROUTER_V6}
    return Link(
        host.uplink,
        "veth",
        peer=(host.netns, host.device),
        mtu=topology.mtu,
        mac=derive_mac(topology.name, topology.netns, host.uplink),
        alias=mark_of(topology.name),
        master="" if routed else BRIDGE,
        addrgenmode=quiet,
        addresses=tuple(own[family] for family in _families(host)) if routed else (),
    )


def _router_routes(host: Host) -> list[Route]:
    return [Route(address, "", host.uplink) for address in host.addresses]


def _host_routes(host: Host) -> list[Route]:
    own = {4: ROUTER_V4, 6: ROUTER_V6}
    return [Route("default", own[family].partition("/")[0], host.device) for family in _families(host)]


def _host(topology: Topology, host: Host, quiet: str | None) -> Namespace:
    device = Link(
        host.device,
        "veth",
        peer=(topology.netns, host.uplink),
        mtu=topology.mtu,
        mac=derive_mac(topology.name, host.netns, host.device),
        addresses=host.addresses,
    )
    ports = [_access_port(topology, host, endpoint, quiet) for endpoint in host.endpoints]
    return Namespace(
        host.netns,
        {link.name: link for link in [_loopback(topology.name), device, *ports]},
        frozenset(_host_routes(host)) if topology.mode == ROUTED else frozenset(),
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


def _endpoint(topology: Topology, host: Host, endpoint: Endpoint) -> Namespace:
    device = Link(
        ENDPOINT_DEVICE,
        "veth",
        peer=(host.netns, endpoint.port),
        mtu=endpoint.mtu,
        mac=endpoint.mac,
        alias=mark_of(topology.name),
        addresses=endpoint.addresses,
    )
    return Namespace(endpoint.netns, {link.name: link for link in [_loopback(topology.name), device]})
