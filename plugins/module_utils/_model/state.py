# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The state of a host: what is wanted, what is found, what will be. Values only, no behaviour that touches a kernel.

In a found state every field is known (None: the kernel did not say). In a wanted state None means "leave alone".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, ZERO_MAC, natural_key

if TYPE_CHECKING:  # most runs see no VLANs
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow


class Neighbour(NamedTuple):
    """An ARP or ND entry of an interface (ip-neighbour(8)). state: permanent, noarp, reachable, stale."""

    address: str
    mac: str
    state: str = "permanent"
    router: bool = False
    extern_learn: bool = False


class FdbRow(NamedTuple):
    """One destination of one forwarding entry (bridge(8), "bridge fdb"; struct vxlan_rdst).

    port, vni: None when they are the interface's own, as the kernel reports it. via: interface name.
    state: permanent, static, dynamic. table: self (the VXLAN interface's), master (the bridge's).
    """

    mac: str
    dst: str | None = None
    port: int | None = None
    vni: int | None = None
    src_vni: int | None = None
    via: str | None = None
    nexthop_group: int | None = None
    vlan: int | None = None
    state: str = "permanent"
    table: str = "self"
    router: bool = False
    sticky: bool = False
    extern_learn: bool = False


class VniRow(NamedTuple):
    """An entry of the VNI filter of an interface with vnifilter: a range of VNIs and their destination, if any."""

    start: int
    end: int
    destination: str | None = None


def expanded(rows: Iterable[VniRow]) -> dict[int, str | None]:
    """Destination by VNI, one entry each."""
    return {vni: row.destination for row in rows for vni in range(row.start, row.end + 1)}


def collapsed(entries: Mapping[int, str | None]) -> tuple[VniRow, ...]:
    """The inverse: neighbours with the same destination in one range, as the kernel shows them (vxlan_vnifilter_dump_dev)."""
    found: list[VniRow] = []
    for vni in sorted(entries):
        last = found[-1] if found else None
        if last is not None and last.end == vni - 1 and last.destination == entries[vni]:
            found[-1] = last._replace(end=vni)
        else:
            found.append(VniRow(vni, vni, entries[vni]))
    return tuple(found)


class KeptAddress(NamedTuple):
    """An address with all that an interface's list of addresses does not say: label, broadcast, scope, metric, noprefixroute, peer.

    words: what ip-address(8) says after the address. message: the kernel's own, to put it back unchanged.
    """

    address: str
    words: tuple[str, ...]
    message: bytes


MAIN_TABLE = 254  # RT_TABLE_MAIN, linux/rtnetlink.h


class Route(NamedTuple):
    """A route that leaves through an interface, kept as the kernel's own message so that it can be put back. text: without the table,
    which may be another one than that of the message: a route follows its interface into a VRF."""

    text: str
    message: bytes
    table: int = MAIN_TABLE


@dataclass(frozen=True)
class Link:
    """A network interface: VXLAN, bridge, or any other that matters to one of them.

    attributes: canonical values by key of the kind's attribute table. port: the same for the bridge port, None when the
    interface is no port. addresses: "ADDRESS/LENGTH". lower: the interface that it stands on and is deleted with, None when it is elsewhere.
    """

    name: str
    kind: str = ""
    index: int = 0
    mac: str | None = None
    mtu: int | None = None
    alias: str | None = None
    master: str | None = None
    up: bool | None = None
    txqueuelen: int | None = None
    addrgenmode: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    port: Mapping[str, Value] | None = None
    addresses: tuple[str, ...] | None = None
    neighbours: tuple[Neighbour, ...] | None = None
    lower: str | None = None
    altnames: tuple[str, ...] = ()
    group: int = 0
    foreign_namespace: bool = False
    statistics: Mapping[str, int] = field(default_factory=dict)

    @property
    def managed(self) -> bool:
        """Carries the owner mark of a fabric."""
        return bool(self.alias) and str(self.alias).startswith(OWNER_MARK)

    @property
    def family(self) -> int:
        """4 or 6: the family that a VXLAN interface was born with (IPv4 when no address says otherwise)."""
        known = self.attributes.get("destination") or self.attributes.get("local")
        return 6 if ":" in str(known) else 4


@dataclass(frozen=True)
class HostState:
    """Links by name, and per interface what was read of it. A missing key in fdb, vnis, routes or kept_addresses: not read.

    vlans and tunnels have every bridge and bridge port. None: not read, or the kernel does not tell them.
    """

    links: Mapping[str, Link] = field(default_factory=dict)
    fdb: Mapping[str, tuple[FdbRow, ...]] = field(default_factory=dict)
    vnis: Mapping[str, tuple[VniRow, ...]] = field(default_factory=dict)
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)
    kept_addresses: Mapping[str, tuple[KeptAddress, ...]] = field(default_factory=dict)
    vlans: Mapping[str, tuple[VlanRow, ...]] | None = None
    tunnels: Mapping[str, tuple[TunnelRow, ...]] | None = None


def ports_by_bridge(state: HostState) -> dict[str, list[Link]]:
    """The ports of every master, in natural order."""
    found: dict[str, list[Link]] = {}
    for link in state.links.values():
        if link.master:
            found.setdefault(link.master, []).append(link)
    return {master: sorted(ports, key=lambda port: natural_key(port.name)) for master, ports in found.items()}


class Scope(NamedTuple):
    """What a run has to read beside the links."""

    addresses: bool = False
    neighbours: bool = False
    statistics: bool = False
    fdb: frozenset[str] = frozenset()
    vnis: frozenset[str] = frozenset()
    vlans: bool = False  # VLANs of bridges and ports, and their VNIs
    doubted: frozenset[str] = frozenset()  # tables in which rows seem to be missing: read until nothing new turns up
    lookups: Mapping[str, tuple[FdbRow, ...]] = {}  # only the MACs of these rows
    hanging: frozenset[str] = frozenset()  # everything that hangs on these interfaces: a re-creation restores it
    everything: bool = False  # vtep_info
    bridges: bool = False  # attributes of all kinds, not of VXLAN interfaces only, and flags of ports
    final: bool = False  # after a write: long lists are known to be there, do not look for a short table first


def without_own(row: FdbRow, link: Link) -> FdbRow:
    """A port, VNI or device that is the interface's own is not reported by the kernel as the row's: it is none here either."""
    port, vni, device = (link.attributes.get(key) for key in ("port", "vni", "device"))
    return row._replace(
        port=None if row.port == port else row.port,
        vni=None if row.vni == vni else row.vni,
        via=None if row.via == device else row.via,
    )


def row_key(row: FdbRow, device: str | None) -> tuple[object, ...]:
    """What makes a row the same row. The interface's own device as 'via' is the same as none (the default destination has it)."""
    via = None if row.via == device else row.via
    return (row.mac, row.table, row.vlan, row.src_vni, row.dst, row.port, row.vni, via, row.nexthop_group)


def row_quality(row: FdbRow) -> tuple[object, ...]:
    """What may change on a row that stays the same row."""
    return (row.state, row.router, row.sticky, row.extern_learn)


def owner_of(row: FdbRow, link: Link) -> str:
    """managed, foreign, default, extern_learn, learned or kernel."""
    if row.extern_learn:
        return "extern_learn"
    if row.state == "dynamic":
        return "learned"
    if row.table == "master" and row.state == "permanent":
        return "kernel"
    if row.mac == ZERO_MAC and row.dst is not None and row.dst == link.attributes.get("destination"):
        return "default"
    if row.dst is None and row.nexthop_group is None and row.table == "self" and link.kind != "vxlan":
        return "kernel"
    return "managed" if link.managed else "foreign"


def destinations_of_filter(vnis: Iterable[VniRow]) -> frozenset[tuple[int | None, str | None]]:
    """VNIs of a filter that have a destination of their own, with it: the kernel has a row of the zero MAC for each."""
    return frozenset((vni, row.destination) for row in vnis if row.destination for vni in range(row.start, row.end + 1))


def is_of_filter(row: FdbRow, filtered: frozenset[tuple[int | None, str | None]]) -> bool:
    """The kernel's row for a destination of the VNI filter (vxlan_vni_update_group, drivers/net/vxlan/vxlan_vnifilter.c)."""
    return row.mac == ZERO_MAC and row.vni == row.src_vni and (row.src_vni, row.dst) in filtered
