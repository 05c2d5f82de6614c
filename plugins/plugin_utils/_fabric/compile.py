# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the state of each host, as the module vtep takes it.

O(hosts x networks), plus the length of the peer lists: what the members of a network share is prepared once and shared by their states, and a
list that many networks share is in a state once.
"""

from __future__ import annotations

import ipaddress
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import Entry, HostState, bridge_without, compacted, defaults_of, without
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
    is_gateway: bool = False


class _View(NamedTuple):
    """What of a network depends on the host. None: said for all networks of the host at once, or left to it."""

    interface: str
    bridge: str
    port: int
    mtu: int | str | None
    local: str | None = None
    device: str | None = None
    remote: str = "none"


class _Sort(NamedTuple):
    """Hosts of one sort get the same entries of a network, but for what a host says differently. device: it has one for all networks;
    ports: it has access ports in some network."""

    device: bool
    ports: bool


class _Entries(NamedTuple):
    """Of one network the entries for hosts of one sort, without what the defaults say. With the gateway the bridge is another, and
    so are the machines elsewhere. Shared by hosts: not to be changed."""

    interface: Entry
    bridge: Entry
    bridge_with_gateway: Entry
    fdb: Entry


class _Networks:
    """What the hosts of a fabric share, prepared once for each network and sort of hosts."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        known: dict[tuple[object, ...], _Carriers] = {}
        self.carriers = {name: _carriers_of(fabric, network, known) for name, network in fabric.networks.items()}
        self.machines = {name: _machines(fabric, network) for name, network in fabric.networks.items()}
        self.owners = {name: {machine.host for machine in machines} for name, machines in self.machines.items()}
        families = Counter(network.family for network in fabric.networks.values())
        self.family = max(families, key=lambda family: (families[family], -family)) if families else 4
        self._by_sort: dict[_Sort, tuple[Mapping[str, Entry], dict[str, _Entries]]] = {}

    def of(self, sort: _Sort) -> tuple[Mapping[str, Entry], dict[str, _Entries]]:
        """The defaults by kind, and the entries by network."""
        if sort not in self._by_sort:
            self._by_sort[sort] = self._prepare(sort)
        return self._by_sort[sort]

    def _prepare(self, sort: _Sort) -> tuple[Mapping[str, Entry], dict[str, _Entries]]:
        networks = list(self.fabric.networks.values())
        views = [self._plain(network, sort) for network in networks]
        full = {
            "interface": [_interface(network, view, self.machines[network.name]) for network, view in zip(networks, views)],
            "bridge": [_bridge(network, view, (), False) for network, view in zip(networks, views)],
            "fdb": [_fdb(view.interface, self.flood(network), self.machines[network.name]) for network, view in zip(networks, views)],
        }
        defaults = {kind: defaults_of(entries) for kind, entries in full.items()}
        # An access port says nothing but its name: it cannot take a default back.
        defaults["port"] = {} if sort.ports else defaults_of([port for bridge in full["bridge"] for port in bridge["ports"]])
        with_gateway = [_bridge(network, view, (), network.gateway is not None) for network, view in zip(networks, views)]
        entries = {
            network.name: _Entries(
                without(full["interface"][place], defaults["interface"]),
                bridge_without(full["bridge"][place], defaults),
                bridge_without(with_gateway[place], defaults),
                without(full["fdb"][place], defaults["fdb"]),
            )
            for place, network in enumerate(networks)
        }
        return defaults, entries

    def _plain(self, network: Network, sort: _Sort) -> _View:
        # Without a device there is nothing that an MTU could be derived from.
        return _View(network.interface, network.bridge, network.port, network.mtu or ("auto" if sort.device else None))

    def flood(self, network: Network) -> list[str]:
        """The names of the peer sets that it floods to."""
        carriers = self.carriers[network.name]
        return [carriers.label] if network.flooding in HEAD_END and len(carriers.hosts) > 1 else []


class _Draft:
    """What one host gets, network by network."""

    def __init__(self, shared: _Networks, vtep: Vtep) -> None:
        self._shared = shared
        self._vtep = vtep
        defaults, self._entries = shared.of(_Sort(vtep.device is not None, any(vtep.ports.values())))
        own = {"local": vtep.addresses.get(shared.family), "device": vtep.device}
        self._defaults = {**defaults, "interface": {**defaults["interface"], **{key: value for key, value in own.items() if value is not None}}}
        self.interfaces: list[Entry] = []
        self.bridges: list[Entry] = []
        self.fdb: list[Entry] = []
        self.peers: dict[str, list[str]] = {}

    def add(self, network: Network) -> None:
        shared, vtep, entries = self._shared, self._vtep, self._entries[network.name]
        flood = shared.flood(network)
        for label in flood:
            self.peers[label] = shared.carriers[network.name].peers_of(vtep.host)
        has_gateway = network.gateway is not None and vtep.host in network.gateway.hosts
        is_seated, has_machines = network.name in vtep.seats, vtep.host in shared.owners[network.name]
        view, elsewhere = None, shared.machines[network.name]
        if is_seated or has_machines or has_gateway or network.flooding == POINT_TO_POINT:
            view = self._view(network)
            elsewhere = tuple(machine for machine in elsewhere if machine.host != vtep.host and not (has_gateway and machine.is_gateway))
        if view is not None and (is_seated or network.flooding in (NONE, POINT_TO_POINT)):
            self.interfaces.append(without(_interface(network, view, elsewhere), self._defaults["interface"]))
        elif network.family != shared.family:
            self.interfaces.append({**entries.interface, "local": vtep.addresses[network.family]})
        else:
            self.interfaces.append(entries.interface)
        self.bridges.append(self._bridge(network, view if is_seated else None, has_gateway))
        changes_rows = view is not None and (is_seated or len(elsewhere) != len(shared.machines[network.name]))
        self.fdb.append(without(_fdb(view.interface, flood, elsewhere), self._defaults["fdb"]) if changes_rows and view else entries.fdb)

    def _view(self, network: Network) -> _View:
        fabric, host = self._shared.fabric, self._vtep.host
        device = fabric.device(host, network)
        mtu = fabric.mtu(host, network) or ("auto" if device is not None else None)
        peers = self._shared.carriers[network.name].peers_of(host)
        remote = peers[0] if network.flooding == POINT_TO_POINT else "none"
        names = fabric.interface(host, network), fabric.bridge(host, network)
        return _View(*names, fabric.udp_port(host, network), mtu, fabric.address(host, network), device, remote)

    def _bridge(self, network: Network, view: _View | None, has_gateway: bool) -> Entry:
        """view: where the host says something about the network that the others do not."""
        access = self._vtep.ports.get(network.name, ())
        if view is not None:
            return bridge_without(_bridge(network, view, access, has_gateway), self._defaults)
        entries = self._entries[network.name]
        found = entries.bridge_with_gateway if has_gateway else entries.bridge
        return {**found, "ports": [*found["ports"], *({"name": port} for port in access)]} if access else found

    def state(self) -> HostState:
        fabric = self._shared.fabric.name
        return compacted(fabric, self._defaults if self.interfaces else {}, self.peers, self.interfaces, self.bridges, self.fdb)


def host_states(fabric: Fabric, hosts: Iterable[str] | None = None) -> dict[str, HostState]:
    """The state of each VTEP, or of the hosts that are named. A host that carries no network has an empty one. States share what is the same
    for several hosts: they are not to be changed."""
    shared = _Networks(fabric)
    wanted = list(fabric.vteps if hosts is None else hosts)
    drafts = {host: _Draft(shared, fabric.vteps[host]) for host in wanted if host in fabric.vteps}
    for network in fabric.networks.values():
        for host in network.members:
            if host in drafts:
                drafts[host].add(network)
    return {host: drafts[host].state() if host in drafts else compacted(fabric.name, {}, {}, [], [], []) for host in wanted}


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
        found.append(_Machine(host, gateway.mac, fabric.address(host, network), _bare(gateway.addresses), is_gateway=True))
    return tuple(found)


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


def _interface(network: Network, view: _View, elsewhere: Iterable[_Machine]) -> Entry:
    arguments = {
        "name": view.interface,
        "state": "up",
        "vni": network.vni,
        "port": view.port,
        "local": view.local,
        "learning": network.learning,
        # Where nothing floods, the interface answers ARP and neighbour solicitations itself (arp_reduce and neigh_reduce of vxlan_core.c).
        "proxy": network.flooding == NONE,
        "mtu": view.mtu,
        "addrgenmode": "none",
        "device": view.device,
    }
    if network.flooding == NONE:
        arguments["neighbours"] = [{"address": address, "mac": machine.mac} for machine in elsewhere for address in machine.addresses]
    elif network.flooding != EVPN:
        arguments["neighbours"] = []
    # "none" is said, not left out: an interface that had a group or remote before is to lose it.
    arguments.update({"group": network.group} if network.flooding == MULTICAST else {"remote": view.remote})
    return {key: value for key, value in arguments.items() if value is not None}


def _bridge(network: Network, view: _View, access: Iterable[str], has_gateway: bool) -> Entry:
    """With a gateway, the port to the tunnels keeps ARP for the bridge's own addresses from the others, who have the same
    (br_do_proxy_suppress_arp of br_arp_nd_proxy.c); with EVPN it answers for what BGP has told (RFC 9161)."""
    suppress = has_gateway or network.flooding == EVPN
    flags = {**TUNNEL_PORT_FLAGS, "learning": network.flooding != EVPN, "neigh_suppress": suppress}
    gateway = network.gateway if has_gateway else None
    arguments = {
        "name": view.bridge,
        "state": "up",
        "stp": False,
        "mcast_snooping": False,
        "mtu": view.mtu if view.mtu != "auto" else None,
        "mac": gateway.mac if gateway else None,
        "addresses": list(gateway.addresses) if gateway else [],
        "addrgenmode": "none",
        "ports": [{"name": view.interface, **flags}, *({"name": port} for port in access)],
        "purge": "managed",
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _fdb(interface: str, flood: list[str], elsewhere: Iterable[_Machine]) -> Entry:
    """The flood list, where it is a list of addresses, and the MAC addresses that are behind other VTEPs."""
    rows = [{"mac": machine.mac, "dst": machine.dst} for machine in elsewhere]
    return {"interface": interface, "flood": flood, "rows": rows, "purge": "managed"}
