# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What hosts of one style cannot do, and what trunk ports need."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place, place_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, PER_VNI, SINGLE, Fabric, Network, Vtep, subinterface


def check_styles(fabric: Fabric, mistakes: Mistakes) -> None:
    _check_vlans(fabric, mistakes)
    carried: dict[str, list[Network]] = {host: [] for host, vtep in fabric.vteps.items() if vtep.is_single}
    for network in fabric.carried:
        for host in network.members:
            if host in carried:
                carried[host].append(network)
    for host, vtep in fabric.vteps.items():
        _check_subinterfaces(fabric, vtep, mistakes)
        if vtep.is_single:
            _check_single(fabric, vtep, carried[host], mistakes)
        else:
            for key in ("interface", "bridge"):
                if getattr(vtep, key) is not None:
                    mistakes.add(_at(vtep, key), f"is for style: {SINGLE}; with {PER_VNI} each network has its own", "style-contradicts")


def _at(vtep: Vtep, key: str) -> Place:
    return Place(vtep.host, keys.VTEP.name).at(key)


def _check_vlans(fabric: Fabric, mistakes: Mistakes) -> None:
    """A network on a VLAN-aware bridge or a trunk port has a VLAN."""
    for network in fabric.carried:
        if network.vlan is not None:
            continue
        single = [host for host in network.members if host in fabric.vteps and fabric.vteps[host].is_single]
        if single:
            mistakes.add(place_of(network, "vlan"), f"is required: {single[0]} has a VLAN-aware bridge (style: {SINGLE})", "vlan-missing")
        elif trunk := _trunk_of(fabric, network):
            mistakes.add(place_of(network, "vlan"), f"is required: {trunk} is a trunk with frames of it", "vlan-missing")


def _trunk_of(fabric: Fabric, network: Network) -> str:
    """The first trunk port that carries its frames with a tag."""
    found = (
        f"{port} of {host}"
        for host in network.members
        if host in fabric.vteps
        for port, trunk in fabric.vteps[host].trunks.items()
        if network.name in trunk.networks
    )
    return next(found, "")


def _check_subinterfaces(fabric: Fabric, vtep: Vtep, mistakes: Mistakes) -> None:
    """The interfaces of the VLANs of trunk ports, on hosts of style per_vni, have names that nothing else has."""
    for port, trunk in vtep.trunks.items() if not vtep.is_single else ():
        for name in trunk.networks:
            vlan = fabric.networks[name].vlan
            if vlan is not None:
                mistakes.claim(f"link of {vtep.host}", subinterface(port, vlan), _at(vtep, "ports").at(port).at(name))


def _check_single(fabric: Fabric, vtep: Vtep, networks: list[Network], mistakes: Mistakes) -> None:
    for name, seat in vtep.seats.items():
        # The same as everywhere, said once more, is no contradiction.
        same = {"address": vtep.addresses.get(fabric.networks[name].family), "device": vtep.device, "port": fabric.networks[name].port}
        for key in keys.SEAT.names():
            if getattr(seat, key) not in (None, same.get(key)):
                sentence = f"{vtep.host} has one VXLAN interface and one bridge for all networks (style: {SINGLE})"
                mistakes.add(_at(vtep, "networks").at(name).at(key), sentence, "style-contradicts")
    _check_names(fabric, vtep, networks, mistakes)
    for of_interface in _by(networks, lambda network: (network.family, network.port)):
        _check_switches(vtep, of_interface, mistakes)
        _check_mtus(vtep, of_interface, mistakes)
    macs = [network for network in networks if network.gateway is not None and network.has_gateway(vtep.host)]
    for others in list(_by(macs, lambda network: network.gateway and network.gateway.mac))[1:]:
        sentence = f"{vtep.host} has one bridge (style: {SINGLE}), which has the MAC address of the gateway of {macs[0].name} already"
        mistakes.add(place_of(others[0], "gateway").at("mac"), sentence, "style-contradicts")
    _check_transits(vtep, networks, macs, mistakes)


def _by(networks: list[Network], key: Callable[[Network], Hashable]) -> Iterator[list[Network]]:
    """Networks with the same value, in the order of their first ones."""
    found: dict[Hashable, list[Network]] = {}
    for network in networks:
        found.setdefault(key(network), []).append(network)
    yield from found.values()


def _check_names(fabric: Fabric, vtep: Vtep, networks: list[Network], mistakes: Mistakes) -> None:
    interfaces = {(network.family, network.port): fabric.interface(vtep.host, network) for network in networks}
    if vtep.interface is not None and len(interfaces) > 1:
        mistakes.add(_at(vtep, "interface"), "is one name, and there is an interface for each family and UDP port: leave it out", "style-contradicts")
    made = {fabric.routed_link(vtep.host, network): "vlan" for network in networks if network.vlan is not None}
    made.update(dict.fromkeys(interfaces.values(), "interface"))
    if networks:
        made[fabric.bridge(vtep.host, networks[0])] = "bridge"
    for name, key in made.items():
        mistakes.claim(f"link of {vtep.host}", name, _at(vtep, key), f"the name {name}")


def _check_switches(vtep: Vtep, networks: list[Network], mistakes: Mistakes) -> None:
    """Learning is a switch of the VXLAN interface, and one of its bridge port: the same for all of its networks."""
    first = networks[0]
    for network in networks[1:]:
        if (network.learning, network.flooding == EVPN) != (first.learning, first.flooding == EVPN):
            sentence = f"{_learning(network)}, and {_learning(first)}: on {vtep.host} both are on one VXLAN interface (style: {SINGLE})"
            mistakes.add(place_of(network, "vni" if network.is_transit else "flooding"), sentence, "learning-mixed")
            return


def _learning(network: Network) -> str:
    how = "leaves it to BGP" if network.flooding == EVPN else "learns MAC addresses" if network.learning else "learns none"
    return f"{network.name} {how}"


def _check_mtus(vtep: Vtep, networks: list[Network], mistakes: Mistakes) -> None:
    known = [network.mtu for network in networks if network.mtu is not None]
    for network in networks:
        if network.mtu is not None and network.mtu < max(known):
            sentence = f"{network.mtu} is not what limits frames on {vtep.host}: the interface of all its networks has {max(known)} (style: {SINGLE})"
            mistakes.add(place_of(network, "mtu"), sentence, "mtu-of-interface")


def _check_transits(vtep: Vtep, networks: list[Network], gateways: list[Network], mistakes: Mistakes) -> None:
    """Hosts find each other's routers by their MAC addresses, which have to differ (RFC 9135, section 4.1)."""
    shared = next((network for network in gateways if network.gateway is not None and len(network.gateway.hosts) > 1), None)
    for network in networks if shared is not None else ():
        if network.is_transit and shared is not None:
            sentence = f"the router of {vtep.host} would have the MAC address that the gateway of {shared.name} has on other hosts too (style: {SINGLE})"
            mistakes.add(place_of(network, "vni"), sentence, "style-contradicts")
