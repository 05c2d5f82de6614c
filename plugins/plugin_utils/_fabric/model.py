# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The fabric as values: what an inventory means, parsed once, in canonical types.

Sorted naturally everywhere, so that what is derived does not depend on the order of the inventory.
"""

from __future__ import annotations

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
    """The first hop of the machines of a network: addresses (ADDRESS/LENGTH) and MAC of the bridge, the same on each of hosts.
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
class Vtep:
    """A host that terminates tunnels. addresses: the one of each family, 4 and 6, that networks use unless a seat names another;
    others: further addresses. mtu: of its underlay, where it differs from the fabric's. ports: access ports by network, seats: by network."""

    host: str
    addresses: Mapping[int, str]
    device: str | None
    ports: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = ()
    mtu: int | None = None
    seats: Mapping[str, Seat] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """One VNI. members: hosts. mtu: None means "what the device leaves", decided on the host. port: of UDP. vlan: for the reader and for VNIs
    derived of it. description: for the reader."""

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


@dataclass(frozen=True)
class Fabric:
    """networks and vteps by name. underlay_mtu: None when the inventory does not say. links: of the underlay, pairs of host names, of
    which those that are no VTEP are spines and the like. idle: hosts of the groups of VTEPs that are none (now)."""

    name: str
    port: int
    underlay_mtu: int | None
    networks: Mapping[str, Network]
    vteps: Mapping[str, Vtep]
    links: tuple[tuple[str, str], ...] = ()
    idle: tuple[str, ...] = ()

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
        return self.seat(host, network).interface or network.interface

    def bridge(self, host: str, network: Network) -> str:
        return self.seat(host, network).bridge or network.bridge

    def mtu(self, host: str, network: Network) -> int | None:
        """Of the VXLAN interface and the bridge; None: left to the host."""
        return self.seat(host, network).mtu or network.mtu
