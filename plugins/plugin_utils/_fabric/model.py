# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The fabric as values: what an inventory means, parsed once, in canonical types.

Sorted naturally everywhere, so that what is derived does not depend on the order of the inventory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STATIC = "static"
MULTICAST = "multicast"
POINT_TO_POINT = "point_to_point"
FLOODING = (STATIC, MULTICAST, POINT_TO_POINT)

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
class Vtep:
    """A host that terminates tunnels. addresses by family, 4 and 6; ports: access ports by network."""

    host: str
    addresses: Mapping[int, str]
    device: str | None
    ports: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Network:
    """One VNI. members: hosts. mtu: None means "what the device leaves", decided on the host."""

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


@dataclass(frozen=True)
class Fabric:
    """networks and vteps by name. underlay_mtu: None when the inventory does not say."""

    name: str
    port: int
    underlay_mtu: int | None
    networks: Mapping[str, Network]
    vteps: Mapping[str, Vtep]
