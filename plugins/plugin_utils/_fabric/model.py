# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The fabric as values: what an inventory means, parsed once, in canonical types.

Sorted naturally everywhere, so that what is derived does not depend on the order of the inventory.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

STATIC = "static"
LEARNING = "learning"
MULTICAST = "multicast"
NONE = "none"
POINT_TO_POINT = "point_to_point"
EVPN = "evpn"
FLOODING = (LEARNING, STATIC, MULTICAST, NONE, POINT_TO_POINT, EVPN)
# Head-end replication (RFC 7348 leaves it open, RFC 8365 section 5.1.1 names it ingress replication): a list of VTEPs on each host.
HEAD_END = (STATIC, LEARNING)

# One VXLAN interface and one bridge for each network, or one of both for all of them.
PER_VNI = "per_vni"
SINGLE = "single"
STYLES = (PER_VNI, SINGLE)

FAMILIES = {"ipv4": 4, "ipv6": 6}
FAMILY_NAMES = {4: "ipv4", 6: "ipv6"}
GROUPS_OF_VTEPS = ("hypervisors", "switches")

# Inner Ethernet 14 + VXLAN 8 + UDP 8 + IP 20 or 40 (RFC 7348, section 5).
OVERHEAD = {4: 50, 6: 70}


@dataclass(frozen=True)
class Endpoint:
    """A VM or a machine behind an access port. addresses: ADDRESS/LENGTH."""

    name: str
    network: str
    host: str
    port: str | None
    mac: str | None
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Gateway:
    """The first hop of the machines of a network: addresses (ADDRESS/LENGTH) and MAC address, the same on each of hosts.
    On more than one host it is a distributed anycast gateway."""

    addresses: tuple[str, ...]
    mac: str | None
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Seat:
    """What a network is on one host, where the host says it differently from the network. None: as everywhere."""

    address: str | None = None
    device: str | None = None
    port: int | None = None
    mtu: int | None = None
    interface: str | None = None
    bridge: str | None = None


_AS_EVERYWHERE = Seat()


@dataclass(frozen=True)
class Trunk:
    """A port that several networks share. networks: those whose frames are tagged with their VLAN. native: that of frames without a tag."""

    networks: tuple[str, ...]
    native: str | None = None


@dataclass(frozen=True)
class Vrf:
    """A routing table of its own. vni: the L3VNI. vlan: of the L3VNI, where a bridge is VLAN-aware."""

    name: str
    table: int
    vni: int | None = None
    vlan: int | None = None


@dataclass(frozen=True)
class Vtep:
    """A host that terminates tunnels. addresses: the one of each family, 4 and 6, that networks use unless a seat names another;
    others: further addresses. mtu: of its underlay, where it differs from the fabric's. ports: access ports by network, seats: by network,
    trunks: by port. interface, bridge: names that a host of style single gives."""

    host: str
    addresses: Mapping[int, str]
    device: str | None
    ports: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = ()
    mtu: int | None = None
    seats: Mapping[str, Seat] = field(default_factory=dict)
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    style: str = PER_VNI
    interface: str | None = None
    bridge: str | None = None

    @property
    def is_single(self) -> bool:
        return self.style == SINGLE


@dataclass(frozen=True)
class Network:
    """One VNI. members: hosts. mtu: None means "what the device leaves", decided on the host. port: of UDP. vlan: of its frames on trunk ports
    and VLAN-aware bridges. vrf: the routing table of its gateway, None: that of the host. is_transit: the L3VNI of its vrf.
    description: for the reader."""

    name: str
    vni: int
    flooding: str
    group: str | None
    family: int
    learning: bool
    mtu: int | None
    interface: str
    bridge: str
    members: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    port: int = 4789
    vlan: int | None = None
    gateway: Gateway | None = None
    description: str = ""
    vrf: str | None = None
    is_transit: bool = False

    def has_gateway(self, host: str) -> bool:
        return self.gateway is not None and host in self.gateway.hosts


# Names on a host of style single, which has one bridge, and one VXLAN interface for each family and UDP port.
_SINGLE_BRIDGE = "brs"
_SINGLE_INTERFACE = "vxs"


@dataclass(frozen=True)
class Fabric:
    """networks and vteps by name. underlay_mtu: None when the inventory does not say. links: of the underlay, pairs of host names, of
    which those that are no VTEP are spines and the like. idle: hosts of the groups of VTEPs that are none (now). vrfs: by name. transits: the L3VNI
    of each VRF that has one, as a network without machines, under the name of the VRF."""

    name: str
    port: int
    underlay_mtu: int | None
    networks: Mapping[str, Network]
    vteps: Mapping[str, Vtep]
    links: tuple[tuple[str, str], ...] = ()
    idle: tuple[str, ...] = ()
    vrfs: Mapping[str, Vrf] = field(default_factory=dict)
    transits: Mapping[str, Network] = field(default_factory=dict)

    @property
    def carried(self) -> tuple[Network, ...]:
        """Everything that travels under a VNI: networks, and the L3VNIs of VRFs."""
        return (*self.networks.values(), *self.transits.values())

    @cached_property
    def seated(self) -> frozenset[str]:
        """The networks that a host uses another of its addresses for."""
        return frozenset(name for vtep in self.vteps.values() for name, seat in vtep.seats.items() if seat.address)

    def seat(self, host: str, network: Network) -> Seat:
        return self.vteps[host].seats.get(network.name, _AS_EVERYWHERE)

    def address(self, host: str, network: Network) -> str:
        """Where the others send frames of this network to."""
        return self.seat(host, network).address or self.vteps[host].addresses[network.family]

    def device(self, host: str, network: Network) -> str | None:
        return self.seat(host, network).device or self.vteps[host].device

    def udp_port(self, host: str, network: Network) -> int:
        return self.seat(host, network).port or network.port

    def interface(self, host: str, network: Network) -> str:
        """Name of the VXLAN interface."""
        vtep = self.vteps[host]
        if vtep.is_single:
            port = "" if network.port == self.port else f"-{network.port}"
            return vtep.interface or f"{_SINGLE_INTERFACE}{network.family}{port}"
        return self.seat(host, network).interface or network.interface

    def bridge(self, host: str, network: Network) -> str:
        vtep = self.vteps[host]
        if vtep.is_single:
            return vtep.bridge or _SINGLE_BRIDGE
        return self.seat(host, network).bridge or network.bridge

    def routed_link(self, host: str, network: Network) -> str:
        """Name of the interface that has the addresses of the gateway, where the host is one."""
        return f"vlan{network.vlan}" if self.vteps[host].is_single else self.bridge(host, network)

    def vlan(self, host: str, network: Network) -> int | None:
        """The VLAN of the network on the bridge of the host; None: the bridge knows no VLANs."""
        return network.vlan if self.vteps[host].is_single else None

    def is_in_host(self, host: str, network: Network) -> bool:
        """Whether the host itself sends and hears frames of the network on its bridge.

        A VLAN-aware bridge has one MAC address, that of its gateways, and takes frames to it in every VLAN that it is in itself. So it stays out
        of networks that have their gateway elsewhere.
        """
        return not self.vteps[host].is_single or network.gateway is None or network.has_gateway(host) or host not in self.gateway_hosts

    @cached_property
    def gateway_hosts(self) -> frozenset[str]:
        """Those that are the gateway of some network."""
        return frozenset(host for network in self.networks.values() if network.gateway is not None for host in network.gateway.hosts)

    @cached_property
    def routed(self) -> Mapping[str, Mapping[str | None, tuple[str, ...]]]:
        """By host and VRF (None: the host's own table), the networks that its gateways join."""
        found: dict[str, dict[str | None, list[str]]] = {}
        for network in self.networks.values():
            for host in network.gateway.hosts if network.gateway is not None else ():
                found.setdefault(host, {}).setdefault(network.vrf, []).append(network.name)
        return {host: {vrf: tuple(names) for vrf, names in tables.items()} for host, tables in found.items()}

    def joins(self, host: str, network: Network) -> tuple[str, ...]:
        """The networks that the gateway of this one is joined with on the host, itself among them; none where it has no gateway here."""
        return self.routed[host][network.vrf] if network.has_gateway(host) else ()

    def routes_to_others(self, host: str, network: Network) -> bool:
        """Whether packets are routed on the host to machines of the network that it cannot ask for their MAC addresses: where several hosts are
        the gateway, the answer to an ARP request goes to the gateway of the machine's own host. BGP EVPN knows them, and with flooding: none all
        are known anyway."""
        gateway = network.gateway
        if gateway is None or host not in gateway.hosts or len(gateway.hosts) == 1 or network.flooding in (NONE, EVPN):
            return False
        return network.vrf is not None or len(self.joins(host, network)) > 1

    def mtu(self, host: str, network: Network) -> int | None:
        """Of the VXLAN interface and the bridge; None: left to the host."""
        return self.seat(host, network).mtu or network.mtu


def subinterface(port: str, vlan: int) -> str:
    """Name of the interface that has the frames of a VLAN of a trunk port. 15 bytes are all that an interface may have (IFNAMSIZ)."""
    name = f"{port}.{vlan}"
    return name if len(name.encode()) <= 15 else f"p{zlib.crc32(port.encode()) & 0xFFFF:04x}.{vlan}"
