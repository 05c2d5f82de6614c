# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What gateways and routing tables do to each other."""

from __future__ import annotations

import ipaddress

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place, place_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric, Network


def check_routing(fabric: Fabric, mistakes: Mistakes) -> None:
    _check_vrfs(fabric, mistakes)
    for network in fabric.networks.values():
        _check_known(fabric, network, mistakes)
    told: set[tuple[str, str]] = set()
    for host, tables in fabric.routed.items():
        for vrf, names in tables.items():
            if vrf in fabric.vrfs:
                mistakes.claim(f"link of {host}", vrf, Place(None, keys.FABRIC.name).at("vrfs").at(str(vrf)))
            where = f"on {host}" + (f" in VRF {vrf}" if vrf is not None else "")
            _check_subnets([fabric.networks[name] for name in names], where, told, mistakes)


def _check_vrfs(fabric: Fabric, mistakes: Mistakes) -> None:
    used = {network.vrf for network in fabric.networks.values() if network.gateway is not None}
    for name in fabric.vrfs:
        if name not in used:
            place = Place(None, keys.FABRIC.name).at("vrfs").at(name)
            mistakes.add(place, "no network with a gateway is in it, so that no host has it", "vrf-without-gateway")
    for network in fabric.networks.values():
        if network.vrf is not None and network.gateway is None and network.vrf in fabric.vrfs:
            mistakes.add(place_of(network, "vrf"), f"network {network.name} has no gateway, and it is the gateway that is in a VRF", "vrf-without-gateway")
    # A VRF is an interface with that name on every host that has it.
    links = {link: network for network in fabric.carried for link in (network.interface, network.bridge)}
    for name in fabric.vrfs:
        if name in links:
            place = Place(None, keys.FABRIC.name).at("vrfs").at(name)
            mistakes.add(place, f"{name} is an interface or a bridge of {links[name].name}", "duplicate-name")


def _check_known(fabric: Fabric, network: Network, mistakes: Mistakes) -> None:
    """A gateway on several hosts has to know the machines that are behind others, to route to them."""
    if network.gateway is None or not any(fabric.routes_to_others(host, network) for host in network.gateway.hosts):
        return
    unknown = [endpoint.name for endpoint in network.endpoints if endpoint.mac is None or not endpoint.addresses]
    if unknown:
        sentence = f"MAC address and address are not both known of {', '.join(unknown)}: the gateways of other hosts do not find them"
        mistakes.add(place_of(network, "endpoints"), sentence, "neighbour-unknown")


def _check_subnets(networks: list[Network], where: str, told: set[tuple[str, str]], mistakes: Mistakes) -> None:
    """Of two gateways with one subnet in one table, the kernel uses the route of the first."""
    spans = sorted(
        (subnet.version, int(subnet.network_address), -int(subnet.broadcast_address), str(subnet), network.name)
        for network in networks
        if network.gateway is not None
        for subnet in (ipaddress.ip_interface(address).network for address in network.gateway.addresses)
    )
    by_name = {network.name: network for network in networks}
    for before, this in zip(spans, spans[1:]):
        pair = (before[4], this[4])
        if before[4] != this[4] and before[0] == this[0] and this[1] <= -before[2] and pair not in told:
            told.add(pair)
            sentence = (
                f"{this[3]} is also a subnet of network {before[4]}" if this[3] == before[3] else f"{this[3]} is a part of {before[3]} of network {before[4]}"
            )
            mistakes.add(place_of(by_name[this[4]], "gateway").at("address"), f"{sentence}, and both are routed {where}", "subnet-overlaps")
