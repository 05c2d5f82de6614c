# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What can only be judged with the whole fabric at hand: what two networks, or a network and a host, do to each other."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.checks_routing import check_routing
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.checks_styles import check_styles
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place, place_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, HEAD_END, OVERHEAD, STATIC, Fabric, Network, Vtep

_ROOT = Place(None, keys.FABRIC.name)


def check_fabric(fabric: Fabric, mistakes: Mistakes) -> Fabric:
    """The fabric with its MTUs budgeted. What is wrong goes to mistakes."""
    networks = {name: _budget(fabric, network, mistakes) for name, network in fabric.networks.items()}
    transits = {name: _budget(fabric, network, mistakes) for name, network in fabric.transits.items()}
    fabric = replace(fabric, networks=networks, transits=transits)
    _check_underlay(fabric, mistakes)
    _check_numbers(fabric, mistakes)
    _check_names(fabric, mistakes)
    _check_flooding(fabric, mistakes)
    for network in networks.values():
        _check_subnets(network, mistakes)
    check_styles(fabric, mistakes)
    check_routing(fabric, mistakes)
    return fabric


def _budget(fabric: Fabric, network: Network, mistakes: Mistakes) -> Network:
    """With the MTU that fits the underlay of each member: inner Ethernet, VXLAN, UDP and IP are added to every frame."""
    overhead = OVERHEAD[network.family]
    own = {host: mtu for host in network.members if host in fabric.vteps and (mtu := fabric.vteps[host].mtu) is not None}
    known = [*own.values(), *([fabric.underlay_mtu] if fabric.underlay_mtu and len(own) < len(network.members) else [])]
    everywhere = len(own) == len(network.members) or fabric.underlay_mtu is not None
    budget = min(known) - overhead if known and everywhere else None
    if network.mtu is None:
        return replace(network, mtu=budget)
    takes = f"VXLAN over {FAMILY_NAMES[network.family]} takes {overhead} bytes"
    if fabric.underlay_mtu is not None and network.mtu > fabric.underlay_mtu - overhead and len(own) < len(network.members):
        fits = f"an underlay of {fabric.underlay_mtu} leaves {fabric.underlay_mtu - overhead}"
        mistakes.add(place_of(network, "mtu"), f"{network.mtu} does not fit: {fits} ({takes})", "mtu-too-large")
    for host, mtu in own.items():
        if network.mtu > mtu - overhead:
            place = Place(host, "vxlan_vtep.mtu")
            mistakes.add(place, f"{mtu} leaves {mtu - overhead}, network {network.name} wants {network.mtu} ({takes})", "mtu-too-large")
    return network


def _check_underlay(fabric: Fabric, mistakes: Mistakes) -> None:
    underlay = fabric.underlay_mtu
    if underlay is None and any(network.mtu is None and len(network.members) > 1 for network in fabric.networks.values()):
        mistakes.add(_ROOT.at("underlay").at("mtu"), "is not given, so each host takes what its own device leaves", "underlay-mtu-unknown")
    used = {host for network in fabric.networks.values() for host in network.members}
    for host, vtep in fabric.vteps.items():
        if host not in used:
            mistakes.add(Place(host, "vxlan_vtep"), f"{host} is a member of no network", "unused-vtep")
        if vtep.mtu is not None and underlay is not None and vtep.mtu < underlay:
            mistakes.add(Place(host, "vxlan_vtep.mtu"), f"{vtep.mtu} is less than the {underlay} of the fabric's underlay", "mtu-of-host")
        for name, seat in vtep.seats.items():
            if seat.mtu is not None:
                _check_seat_mtu(fabric, vtep, name, seat.mtu, mistakes)


def _check_seat_mtu(fabric: Fabric, vtep: Vtep, name: str, mtu: int, mistakes: Mistakes) -> None:
    network, underlay = fabric.networks[name], vtep.mtu or fabric.underlay_mtu
    place, overhead = Place(vtep.host, "vxlan_vtep.networks").at(name).at("mtu"), OVERHEAD[network.family]
    if underlay is not None and mtu > underlay - overhead:
        mistakes.add(place, f"{mtu} does not fit: an underlay of {underlay} leaves {underlay - overhead}", "mtu-too-large")
    elif mtu != network.mtu:
        mistakes.add(place, f"{mtu}, while the other members of network {name} have {network.mtu or 'what their device leaves'}", "mtu-differs")


def _check_numbers(fabric: Fabric, mistakes: Mistakes) -> None:
    """VNIs, VLANs and multicast groups that several networks have."""
    for first, second in _twice(fabric, lambda network: network.vni or None):
        common, place = _common(first, second), place_of(second, "vni")
        sentence = f"VNI {second.vni} is already at {place_of(first, 'vni')}"
        if common and (first.port, first.family) == (second.port, second.family):
            mistakes.add(place, f"{sentence}, with the same UDP port {first.port}, and both are on {common}", "vni-collision")
        else:
            mistakes.add(place, sentence, "duplicate-vni")
    for first, second in _vlans_twice(fabric):
        sentence = f"VLAN {second.vlan} is already at {place_of(first, 'vlan')}, and both are on {_common(first, second)}"
        mistakes.add(place_of(second, "vlan"), sentence, "duplicate-vlan")
    for first, second in _twice(fabric, lambda network: network.group):
        mistakes.add(place_of(second, "group"), f"{second.group} is already at {place_of(first, 'group')}", "group-shared")


def _vlans_twice(fabric: Fabric) -> Iterator[tuple[Network, Network]]:
    """The first network that has a VLAN on a host, and each further one there; two networks once."""
    owners: dict[tuple[str, int | None], Network] = {}
    told = set()
    for network in fabric.carried:
        for host in network.members if network.vlan is not None else ():
            owner = owners.setdefault((host, network.vlan), network)
            if owner is not network and (owner.name, network.name) not in told:
                told.add((owner.name, network.name))
                yield owner, network


def _twice(fabric: Fabric, value: Callable[[Network], object]) -> Iterator[tuple[Network, Network]]:
    """The first network that has a value, and each further one."""
    owners: dict[object, Network] = {}
    for network in fabric.carried:
        found = value(network)
        if found is not None and owners.setdefault(found, network) is not network:
            yield owners[found], network


def _common(first: Network, second: Network) -> str:
    """The hosts that carry both, at most three of them by name."""
    others = set(second.members)
    hosts = [host for host in first.members if host in others]
    return ", ".join(hosts[:3]) + (f" and {len(hosts) - 3} more" if len(hosts) > 3 else "")


def _check_names(fabric: Fabric, mistakes: Mistakes) -> None:
    """Interface names: each of the fabric once, and none that a host uses for something else."""
    owners: dict[str, Place] = {}
    # Names that are made of a VNI which is there twice follow from that mistake.
    follow = {name for _first, second in _twice(fabric, lambda network: network.vni) for name in (f"vx{second.vni}", f"br{second.vni}")}
    for network in fabric.carried:
        for key in ("interface", "bridge"):
            if getattr(network, key) not in follow or getattr(network, key) not in owners:
                _claim_name(getattr(network, key), place_of(network, key), owners, mistakes)
    for host, vtep in fabric.vteps.items():
        _check_names_of_host(fabric, host, vtep, owners, mistakes)


def _claim_name(name: str | None, place: Place, owners: dict[str, Place], mistakes: Mistakes) -> None:
    """Two networks with one bridge are a loop: what floods in one floods in the other."""
    if not name:
        return
    owner = owners.setdefault(name, place)
    if owner != place:
        bridges = place.path.endswith(".bridge") and owner.path.endswith(".bridge")
        mistakes.add(place, f"{name} is already at {owner}", "loop" if bridges else "duplicate-name")


def _check_names_of_host(fabric: Fabric, host: str, vtep: Vtep, everywhere: Mapping[str, Place], mistakes: Mistakes) -> None:
    owners: Mapping[str, Place] = everywhere
    if vtep.seats:
        owners = _names_with_seats(fabric, host, vtep, everywhere, mistakes)
    if vtep.device is not None and vtep.device in owners:
        mistakes.add(Place(host, "vxlan_vtep.device"), f"{vtep.device} is the name at {owners[vtep.device]}", "duplicate-name")
    for name, ports in vtep.ports.items():
        for port in ports:
            if port in owners:
                mistakes.add(Place(host, "vxlan_vtep.ports").at(name), f"{port} is the name at {owners[port]}", "duplicate-name")


def _names_with_seats(fabric: Fabric, host: str, vtep: Vtep, everywhere: Mapping[str, Place], mistakes: Mistakes) -> dict[str, Place]:
    """The names that this host has, with its own in place of those that it does not use."""
    replaced = {getattr(fabric.networks[name], key) for name, seat in vtep.seats.items() for key in ("interface", "bridge") if getattr(seat, key)}
    owners = {name: place for name, place in everywhere.items() if name not in replaced}
    for name, seat in vtep.seats.items():
        for key in ("interface", "bridge"):
            _claim_name(getattr(seat, key), Place(host, "vxlan_vtep.networks").at(name).at(key), owners, mistakes)
    return owners


def _check_flooding(fabric: Fabric, mistakes: Mistakes) -> None:
    for network in fabric.networks.values():
        if len(network.members) == 1:
            (host,) = network.members
            if network.flooding in HEAD_END:
                mistakes.add(
                    Place(host, keys.FABRIC.name).at("networks").at(network.name).at("members"), f"the flood list of {host} is empty", "flood-list-empty"
                )
            mistakes.add(place_of(network, "members"), f"{host} is the only one", "single-member")
        unknown = [endpoint.name for endpoint in network.endpoints if endpoint.mac is None]
        if network.flooding == STATIC and len(network.members) > 1 and (unknown or not network.endpoints):
            who = f"no MAC address is known of {', '.join(unknown)}" if unknown else "no endpoint is known"
            mistakes.add(place_of(network, "endpoints"), f"{who}, and flooding: {STATIC} learns nothing", "static-unknown")


def _check_subnets(network: Network, mistakes: Mistakes) -> None:
    """With a gateway, the machines are in its subnets."""
    if network.gateway is None:
        return
    subnets = [ipaddress.ip_interface(address).network for address in network.gateway.addresses]
    for endpoint in network.endpoints:
        for address in endpoint.addresses:
            interface = ipaddress.ip_interface(address)
            of_family = [subnet for subnet in subnets if subnet.version == interface.version]
            if of_family and not any(interface.ip in subnet for subnet in of_family):
                place = place_of(network, "endpoints").at(endpoint.name)
                mistakes.add(place, f"{address} is in no subnet of the gateway ({', '.join(map(str, of_family))})", "address-outside")
