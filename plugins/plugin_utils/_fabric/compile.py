# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the state of each host, as the module vtep takes it.

O(hosts x networks), plus the length of the peer lists: what the members of a network share is prepared once and shared by their states, and a
list that many networks share is in a state once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import Entry, HostState, bridge_without, compacted, defaults_of, without
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    EVPN,
    MULTICAST,
    NONE,
    POINT_TO_POINT,
    Fabric,
    Network,
    Trunk,
    Vtep,
    subinterface,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.peers import Machine, Shared, neighbours_of, vrfs_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.single import TUNNEL_PORT_FLAGS, SingleDraft


class _View(NamedTuple):
    """What of a network depends on the host. None: said for all networks of the host at once, or left to it."""

    interface: str
    bridge: str
    port: int
    mtu: int | str | None
    local: str | None = None
    device: str | None = None
    remote: str = "none"


class _Place(NamedTuple):
    """What the bridge of a network is on a host. ports: besides that of the tunnels. master: a VRF or none; None: not said.
    neighbours: None where they are found by asking."""

    ports: tuple[str, ...] = ()
    has_gateway: bool = False
    master: str | None = None
    neighbours: list[dict[str, str]] | None = None


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


class _Networks(Shared):
    """And of hosts of style per_vni the entries, prepared once for each network and sort of hosts."""

    def __init__(self, fabric: Fabric) -> None:
        super().__init__(fabric)
        families = Counter(network.family for network in fabric.networks.values())
        self.family = max(families, key=lambda family: (families[family], -family)) if families else 4
        self._by_sort: dict[_Sort, tuple[Mapping[str, Entry], dict[str, _Entries]]] = {}

    def of(self, sort: _Sort) -> tuple[Mapping[str, Entry], dict[str, _Entries]]:
        """The defaults by kind, and the entries by network."""
        if sort not in self._by_sort:
            self._by_sort[sort] = self._prepare(sort)
        return self._by_sort[sort]

    def _prepare(self, sort: _Sort) -> tuple[Mapping[str, Entry], dict[str, _Entries]]:
        fabric, networks = self.fabric, self.fabric.carried
        views = [self._plain(network, sort) for network in networks]
        full = {
            "interface": [_interface(network, view, self.machines[network.name]) for network, view in zip(networks, views)],
            "bridge": [_bridge(network, view, _Place(master=_master(fabric, network, False))) for network, view in zip(networks, views)],
            "fdb": [_fdb(view.interface, self.flood(network), self.machines[network.name]) for network, view in zip(networks, views)],
        }
        defaults = {kind: defaults_of(entries) for kind, entries in full.items()}
        # An access port says nothing but its name: it cannot take a default back.
        defaults["port"] = {} if sort.ports else defaults_of([port for bridge in full["bridge"] for port in bridge["ports"]])
        gateways = [_Place(has_gateway=network.gateway is not None, master=_master(fabric, network, network.gateway is not None)) for network in networks]
        with_gateway = [_bridge(network, view, place) for network, view, place in zip(networks, views, gateways)]
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


class _Draft:
    """What one host gets, network by network."""

    def __init__(self, shared: _Networks, vtep: Vtep) -> None:
        self._shared = shared
        self._vtep = vtep
        defaults, self._entries = shared.of(_Sort(vtep.device is not None, bool(vtep.trunks) or any(vtep.ports.values())))
        own = {"local": vtep.addresses.get(shared.family), "device": vtep.device}
        self._defaults = {**defaults, "interface": {**defaults["interface"], **{key: value for key, value in own.items() if value is not None}}}
        self._ports = _ports_of(shared.fabric, vtep)
        self.interfaces: list[Entry] = []
        self.bridges: list[Entry] = []
        self.fdb: list[Entry] = []
        self.peers: dict[str, list[str]] = {}

    def add(self, network: Network) -> None:
        shared, vtep, entries = self._shared, self._vtep, self._entries[network.name]
        flood = shared.flood(network)
        for label in flood:
            self.peers[label] = shared.carriers[network.name].peers_of(vtep.host)
        has_gateway = network.has_gateway(vtep.host)
        is_seated, has_machines = network.name in vtep.seats, vtep.host in shared.owners[network.name]
        view, elsewhere = None, shared.machines[network.name]
        if is_seated or has_machines or has_gateway or network.flooding == POINT_TO_POINT:
            view = self._view(network)
            elsewhere = shared.elsewhere(network, vtep.host)
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
        shared, host = self._shared, self._vtep.host
        ports = self._ports.get(network.name, ())
        master = _master(shared.fabric, network, has_gateway)
        neighbours = neighbours_of(shared.elsewhere(network, host)) if shared.fabric.routes_to_others(host, network) else None
        if view is not None:
            return bridge_without(_bridge(network, view, _Place(ports, has_gateway, master, neighbours)), self._defaults)
        entries = self._entries[network.name]
        found = entries.bridge_with_gateway if has_gateway else entries.bridge
        found = found if neighbours is None else {**found, "neighbours": neighbours}
        return {**found, "ports": [*found["ports"], *({"name": port} for port in ports)]} if ports else found

    def state(self) -> HostState:
        fabric, vtep = self._shared.fabric, self._vtep
        subinterfaces = [_subinterface(port, vlan) for port, trunk in vtep.trunks.items() for vlan in _vlans(fabric, trunk)]
        defaults = {**self._defaults, "vlan_interface": defaults_of(subinterfaces)} if self.interfaces else {}
        more = {"vlan_interfaces": [without(entry, defaults["vlan_interface"]) for entry in subinterfaces], "vrfs": vrfs_of(fabric, vtep.host)}
        return compacted(fabric.name, defaults, self.peers, self.interfaces, self.bridges, self.fdb, **more)


def _vlans(fabric: Fabric, trunk: Trunk) -> list[int]:
    return [vlan for name in trunk.networks if (vlan := fabric.networks[name].vlan) is not None]


def _ports_of(fabric: Fabric, vtep: Vtep) -> dict[str, tuple[str, ...]]:
    """By network, what is in its bridge beside the tunnels: access ports, and of trunk ports the interface of its VLAN or, native, the port."""
    found = {name: list(ports) for name, ports in vtep.ports.items()}
    for port, trunk in vtep.trunks.items():
        for name in trunk.networks:
            found.setdefault(name, []).append(subinterface(port, fabric.networks[name].vlan or 0))
        if trunk.native is not None:
            found.setdefault(trunk.native, []).append(port)
    return {name: tuple(sorted(ports, key=natural_key)) for name, ports in found.items()}


def _subinterface(port: str, vlan: int) -> Entry:
    return {"name": subinterface(port, vlan), "state": "up", "device": port, "vlan": vlan, "addrgenmode": "none"}


def _master(fabric: Fabric, network: Network, has_gateway: bool) -> str | None:
    """Of the interface that has the addresses. Said where the fabric has VRFs, so that one that is in another leaves it."""
    if not fabric.vrfs:
        return None
    return (network.vrf if has_gateway or network.is_transit else None) or "none"


def host_states(fabric: Fabric, hosts: Iterable[str] | None = None) -> dict[str, HostState]:
    """The state of each VTEP, or of the hosts that are named. A host that carries no network has an empty one. States share what is the same
    for several hosts: they are not to be changed."""
    shared = _Networks(fabric)
    wanted = list(fabric.vteps if hosts is None else hosts)
    vteps = [fabric.vteps[host] for host in wanted if host in fabric.vteps]
    drafts = {vtep.host: SingleDraft(shared, vtep) if vtep.is_single else _Draft(shared, vtep) for vtep in vteps}
    for network in fabric.carried:
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


def texts_of(states: Mapping[str, HostState]) -> dict[str, str]:
    """As JSON: a text costs Ansible nothing, while it looks through every value of a mapping for templates."""
    return {host: json.dumps(state, separators=(",", ":")) for host, state in states.items()}


def networks_of_links(fabric: Fabric, host: str | None = None) -> dict[str, str]:
    """By the name of a VXLAN interface or bridge, the network that it is of: for reports. host: with the names that it uses itself.
    What all networks of a host share is of none."""
    if host is None or host not in fabric.vteps:
        return {link: network.name for network in fabric.carried for link in (network.interface, network.bridge)}
    if fabric.vteps[host].is_single:
        return {fabric.routed_link(host, network): network.name for network in fabric.carried if network.vlan is not None}
    found = {link: network.name for network in fabric.carried for link in (fabric.interface(host, network), fabric.bridge(host, network))}
    for port, trunk in fabric.vteps[host].trunks.items():
        found.update({subinterface(port, fabric.networks[name].vlan or 0): name for name in trunk.networks})
    return found


def _interface(network: Network, view: _View, elsewhere: Iterable[Machine]) -> Entry:
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
        arguments["neighbours"] = neighbours_of(elsewhere)
    elif network.flooding != EVPN:
        arguments["neighbours"] = []
    # "none" is said, not left out: an interface that had a group or remote before is to lose it.
    arguments.update({"group": network.group} if network.flooding == MULTICAST else {"remote": view.remote})
    return {key: value for key, value in arguments.items() if value is not None}


def _bridge(network: Network, view: _View, place: _Place) -> Entry:
    """With a gateway, the port to the tunnels keeps ARP for the bridge's own addresses from the others, who have the same
    (br_do_proxy_suppress_arp of br_arp_nd_proxy.c); with EVPN it answers for what BGP has told (RFC 9161)."""
    suppress = place.has_gateway or network.flooding == EVPN
    flags = {**TUNNEL_PORT_FLAGS, "learning": network.flooding != EVPN, "neigh_suppress": suppress}
    gateway = network.gateway if place.has_gateway else None
    arguments = {
        "name": view.bridge,
        "state": "up",
        "stp": False,
        "mcast_snooping": False,
        "mtu": view.mtu if view.mtu != "auto" else None,
        "mac": gateway.mac if gateway else None,
        "master": place.master,
        "addresses": list(gateway.addresses) if gateway else [],
        "neighbours": place.neighbours,
        "addrgenmode": "none",
        "ports": [{"name": view.interface, **flags}, *({"name": port} for port in place.ports)],
        "purge": "managed",
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _fdb(interface: str, flood: list[str], elsewhere: Iterable[Machine]) -> Entry:
    """The flood list, where it is a list of addresses, and the MAC addresses that are behind other VTEPs."""
    rows = [{"mac": machine.mac, "dst": machine.dst} for machine in elsewhere]
    return {"interface": interface, "flood": flood, "rows": rows, "purge": "managed"}
