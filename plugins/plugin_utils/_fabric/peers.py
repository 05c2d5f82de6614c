# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who floods to whom, and which machines are known: what the hosts of both styles start from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import HEAD_END, NONE, POINT_TO_POINT, Fabric, Network


class Carriers:
    """The VTEPs of one set of members under the same addresses, in the order of their addresses: the order of flood lists.

    Networks with the same members share one, and each host one list of its peers: a copy per network would be
    hosts x hosts x networks. label: what hosts call it, the first of these networks.
    """

    def __init__(self, addresses: Mapping[str, str], label: str) -> None:
        self.label = label
        self.hosts = sorted(addresses, key=lambda host: int(ipaddress.ip_address(addresses[host])))
        self._place = {host: place for place, host in enumerate(self.hosts)}
        self._addresses = [addresses[host] for host in self.hosts]
        self._peers: dict[str, list[str]] = {}

    def peers_of(self, host: str) -> list[str]:
        """The addresses of all others. Shared: not to be changed."""
        if host not in self._peers:
            place = self._place[host]
            self._peers[host] = self._addresses[:place] + self._addresses[place + 1 :]
        return self._peers[host]


class Machine(NamedTuple):
    """A MAC address that is known, the VTEP that it is behind, and its addresses without length."""

    host: str
    mac: str
    dst: str
    addresses: tuple[str, ...]
    is_gateway: bool = False


def carriers_of(fabric: Fabric, network: Network, known: dict[tuple[object, ...], Carriers]) -> Carriers:
    own = tuple(fabric.address(host, network) for host in network.members) if network.name in fabric.seated else None
    key = (network.members, network.family, own)
    if key not in known:
        known[key] = Carriers({host: fabric.address(host, network) for host in network.members}, network.name)
    return known[key]


def machines_of(fabric: Fabric, network: Network) -> tuple[Machine, ...]:
    """Those whose MAC address is known. With flooding: none a gateway is one as well, behind the first host that has it: on hosts that
    have it not, nothing else would find it."""
    found = [
        Machine(endpoint.host, endpoint.mac, fabric.address(endpoint.host, network), _bare(endpoint.addresses))
        for endpoint in network.endpoints
        if endpoint.mac is not None
    ]
    gateway = network.gateway
    if network.flooding == NONE and gateway is not None and gateway.mac is not None and gateway.hosts:
        host = gateway.hosts[0]
        found.append(Machine(host, gateway.mac, fabric.address(host, network), _bare(gateway.addresses), is_gateway=True))
    return tuple(found)


def _bare(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(address.partition("/")[0] for address in addresses)


class Shared:
    """What the hosts of a fabric share, prepared once. By the name of what is carried: networks, and L3VNIs."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        known: dict[tuple[object, ...], Carriers] = {}
        self.carriers = {network.name: carriers_of(fabric, network, known) for network in fabric.carried}
        self.machines = {network.name: machines_of(fabric, network) for network in fabric.carried}
        self.owners = {name: {machine.host for machine in machines} for name, machines in self.machines.items()}

    def flood(self, network: Network) -> list[str]:
        """The names of the peer sets that it floods to, where it is a list of addresses."""
        carriers = self.carriers[network.name]
        return [carriers.label] if network.flooding in HEAD_END and len(carriers.hosts) > 1 else []

    def flood_with_line(self, network: Network) -> list[str]:
        """As flood; the other end of a line is a list as well."""
        return [self.carriers[network.name].label] if network.flooding == POINT_TO_POINT else self.flood(network)

    def elsewhere(self, network: Network, host: str) -> tuple[Machine, ...]:
        """The machines that are known behind other hosts."""
        has_gateway = network.has_gateway(host)
        return tuple(machine for machine in self.machines[network.name] if machine.host != host and not (has_gateway and machine.is_gateway))


def neighbours_of(machines: Iterable[Machine]) -> list[dict[str, str]]:
    """Entries for ARP and ND: who has an address has this MAC address."""
    return [{"address": address, "mac": machine.mac} for machine in machines for address in machine.addresses]


def vrfs_of(fabric: Fabric, host: str) -> list[dict[str, object]]:
    """The VRFs that a gateway of the host is in, as the module vtep takes them."""
    used = fabric.routed.get(host, {})
    return [{"name": vrf.name, "state": "up", "table": vrf.table} for vrf in fabric.vrfs.values() if vrf.name in used]
