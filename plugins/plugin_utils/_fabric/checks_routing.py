# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What gateways and routing tables do to each other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

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
    by_name = {network.name: network for network in networks}
    for larger, smaller in overlaps(networks):
        pair = (larger[1], smaller[1])
        if pair not in told:
            told.add(pair)
            same = larger[0] == smaller[0]
            sentence = f"{smaller[0]} is also a subnet of network {pair[0]}" if same else f"{smaller[0]} is a part of {larger[0]} of network {pair[0]}"
            mistakes.add(place_of(by_name[pair[1]], "gateway").at("address"), f"{sentence}, and both are routed {where}", "subnet-overlaps")


def overlaps(networks: Iterable[Network]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Of gateways of different networks, pairs of a subnet and one that is a part of it, each with the name of its network."""
    spans = sorted(
        (subnet.version, int(subnet.network_address), -int(subnet.broadcast_address), str(subnet), network.name)
        for network in networks
        if network.gateway is not None
        for subnet in (ipaddress.ip_interface(address).network for address in network.gateway.addresses)
    )
    found = []
    around: list[tuple[int, int, int, str, str]] = []  # those that the next one may be a part of: subnets never overlap otherwise
    for span in spans:
        while around and (around[-1][0] != span[0] or -around[-1][2] < span[1]):
            around.pop()
        if around and around[-1][4] != span[4]:
            found.append((around[-1][3:], span[3:]))
        around.append(span)
    return found
