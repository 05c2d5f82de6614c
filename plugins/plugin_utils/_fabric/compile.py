# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the state of each host, as the module vtep takes it.

O(hosts x networks), plus the length of the peer lists: what the members of a network share is prepared once, and a list that many networks
share is in a state once.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import HostState, compact
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    EVPN,
    HEAD_END,
    MULTICAST,
    NONE,
    POINT_TO_POINT,
    Fabric,
    Network,
    Vtep,
)

# The bridge port of the VXLAN interface is the fabric's own: its flags are said, so that a changed one is found.
# Access ports belong to the machines behind them: only that they are in the bridge is said.
TUNNEL_PORT_FLAGS = {
    "flood": True,
    "mcast_flood": True,
    "bcast_flood": True,
    "hairpin": False,
    "isolated": False,
}


class _Carriers:
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


class _Machine(NamedTuple):
    """A MAC address that is known, the VTEP that it is behind, and its addresses without length."""

    host: str
    mac: str
    dst: str
    addresses: tuple[str, ...]


class _Shared(NamedTuple):
    """What the members of a network share, prepared once."""

    carriers: _Carriers
    machines: tuple[_Machine, ...]


class _Draft:
    """What one host gets, network by network."""

    def __init__(self) -> None:
        self.interfaces: list[dict[str, Any]] = []
        self.bridges: list[dict[str, Any]] = []
        self.fdb: list[dict[str, Any]] = []
        self.peers: dict[str, list[str]] = {}

    def add(self, fabric: Fabric, network: Network, vtep: Vtep, shared: _Shared) -> None:
        carriers = shared.carriers
        peers = carriers.peers_of(vtep.host)
        flood = [carriers.label] if network.flooding in HEAD_END and peers else []
        self.peers.update(dict.fromkeys(flood, peers))
        has_gateway = network.gateway is not None and vtep.host in network.gateway.hosts
        elsewhere = [machine for machine in shared.machines if machine.host != vtep.host and not (has_gateway and _is_gateway(network, machine))]
        self.interfaces.append(_interface(fabric, network, vtep, peers, elsewhere))
        self.bridges.append(_bridge(fabric, network, vtep, has_gateway))
        self.fdb.append(_fdb(fabric.interface(vtep.host, network), flood, elsewhere))


def host_states(fabric: Fabric, hosts: Iterable[str] | None = None) -> dict[str, HostState]:
    """The state of each VTEP, or of the hosts that are named. A host that carries no network has an empty one."""
    drafts = {host: _Draft() for host in (fabric.vteps if hosts is None else hosts)}
    carriers: dict[tuple[object, ...], _Carriers] = {}
    for network in fabric.networks.values():
        shared = _Shared(_carriers_of(fabric, network, carriers), _machines(fabric, network))
        for host in network.members:
            if host in drafts:
                drafts[host].add(fabric, network, fabric.vteps[host], shared)
    return {host: compact(fabric.name, draft.interfaces, draft.bridges, draft.fdb, draft.peers) for host, draft in drafts.items()}


def states_of(fabrics: Mapping[str, Fabric], hosts: Iterable[str] | None = None) -> dict[str, HostState]:
    """Of all fabrics of an inventory. A host of none of them has an empty state of the fabric whose groups it is in, so that what it
    carried once goes."""
    wanted = None if hosts is None else set(hosts)
    found: dict[str, HostState] = {}
    for fabric in fabrics.values():
        carries = (*fabric.vteps, *fabric.idle)
        found.update(host_states(fabric, carries if wanted is None else [host for host in carries if host in wanted]))
    return found if hosts is None else {host: found[host] for host in hosts if host in found}


def _carriers_of(fabric: Fabric, network: Network, known: dict[tuple[object, ...], _Carriers]) -> _Carriers:
    own = tuple(fabric.address(host, network) for host in network.members) if network.name in fabric.seated else None
    key = (network.members, network.family, own)
    if key not in known:
        known[key] = _Carriers({host: fabric.address(host, network) for host in network.members}, network.name)
    return known[key]


def _machines(fabric: Fabric, network: Network) -> tuple[_Machine, ...]:
    """Those whose MAC address is known. With flooding: none a gateway is one as well, behind the first host that has it: on hosts that
    have it not, nothing else would find it."""
    found = [
        _Machine(endpoint.host, endpoint.mac, fabric.address(endpoint.host, network), _bare(endpoint.addresses))
        for endpoint in network.endpoints
        if endpoint.mac is not None
    ]
    gateway = network.gateway
    if network.flooding == NONE and gateway is not None and gateway.mac is not None and gateway.hosts:
        host = gateway.hosts[0]
        found.append(_Machine(host, gateway.mac, fabric.address(host, network), _bare(gateway.addresses)))
    return tuple(found)


def _is_gateway(network: Network, machine: _Machine) -> bool:
    return network.gateway is not None and network.gateway.mac == machine.mac


def _bare(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(address.partition("/")[0] for address in addresses)


def texts_of(states: Mapping[str, HostState]) -> dict[str, str]:
    """As JSON: a text costs Ansible nothing, while it looks through every value of a mapping for templates."""
    return {host: json.dumps(state, separators=(",", ":")) for host, state in states.items()}


def networks_of_links(fabric: Fabric, host: str | None = None) -> dict[str, str]:
    """By the name of a VXLAN interface or bridge, the network that it is of: for reports. host: with the names that it uses itself."""
    if host is None or host not in fabric.vteps:
        return {link: network.name for network in fabric.networks.values() for link in (network.interface, network.bridge)}
    return {link: network.name for network in fabric.networks.values() for link in (fabric.interface(host, network), fabric.bridge(host, network))}


def _interface(fabric: Fabric, network: Network, vtep: Vtep, peers: list[str], elsewhere: list[_Machine]) -> dict[str, Any]:
    device, mtu = fabric.device(vtep.host, network), fabric.mtu(vtep.host, network)
    arguments = {
        "name": fabric.interface(vtep.host, network),
        "state": "up",
        "vni": network.vni,
        "port": fabric.udp_port(vtep.host, network),
        "local": fabric.address(vtep.host, network),
        "learning": network.learning,
        # Where nothing floods, the interface answers ARP and neighbour solicitations itself (arp_reduce and neigh_reduce of vxlan_core.c).
        "proxy": network.flooding == NONE,
        # Without a device there is nothing that an MTU could be derived from.
        "mtu": mtu if mtu is not None else "auto" if device is not None else None,
        "addrgenmode": "none",
        "device": device,
    }
    if network.flooding == NONE:
        arguments["neighbours"] = [{"address": address, "mac": machine.mac} for machine in elsewhere for address in machine.addresses]
    elif network.flooding != EVPN:
        arguments["neighbours"] = []
    if network.flooding == MULTICAST:
        arguments["group"] = network.group
    else:
        # "none" is said, not left out: an interface that had a group or remote before is to lose it.
        arguments["remote"] = peers[0] if network.flooding == POINT_TO_POINT else "none"
    return {key: value for key, value in arguments.items() if value is not None}


def _bridge(fabric: Fabric, network: Network, vtep: Vtep, has_gateway: bool) -> dict[str, Any]:
    """With a gateway, the port to the tunnels keeps ARP for the bridge's own addresses from the others, who have the same
    (br_do_proxy_suppress_arp of br_arp_nd_proxy.c); with EVPN it answers for what BGP has told (RFC 9161)."""
    suppress = has_gateway or network.flooding == EVPN
    flags = {**TUNNEL_PORT_FLAGS, "learning": network.flooding != EVPN, "neigh_suppress": suppress}
    ports: list[dict[str, Any]] = [{"name": fabric.interface(vtep.host, network), **flags}]
    ports += [{"name": port} for port in vtep.ports.get(network.name, ())]
    gateway = network.gateway if has_gateway else None
    arguments = {
        "name": fabric.bridge(vtep.host, network),
        "state": "up",
        "stp": False,
        "mcast_snooping": False,
        "mtu": fabric.mtu(vtep.host, network),
        "mac": gateway.mac if gateway else None,
        "addresses": list(gateway.addresses) if gateway else [],
        "addrgenmode": "none",
        "ports": ports,
        "purge": "managed",
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _fdb(interface: str, flood: list[str], elsewhere: list[_Machine]) -> dict[str, Any]:
    """The flood list, where it is a list of addresses, and the MAC addresses that are behind other VTEPs."""
    rows = [{"mac": machine.mac, "dst": machine.dst} for machine in elsewhere]
    return {"interface": interface, "flood": flood, "rows": rows, "purge": "managed"}
