# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A host's part of a network in one form, as the inventory wants it and as it was read, so that both can be laid beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric, Network
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of

Found = Mapping[str, Any]

# What people call the owner of a row.
OWNERS = {
    "managed": "set by the fabric",
    "foreign": "set by somebody",
    "default": "remote of the interface",
    "extern_learn": "set by a routing daemon",
    "learned": "learned by the kernel",
    "kernel": "the kernel's own",
}


class Row(NamedTuple):
    """A row of the VXLAN interface. dst: None where a nexthop group or nothing stands in its place. vni, port, via: where the row has its own."""

    mac: str
    dst: str | None
    owner: str
    vni: int | None = None
    port: int | None = None
    via: str | None = None
    nexthop_group: int | None = None


class Spot(NamedTuple):
    """Where the bridge has a MAC address: behind which port, and who says so."""

    port: str
    owner: str


@dataclass(frozen=True)
class Side:
    """interface, bridge: options as the modules have them, None when there is none. ports: of the bridge, flags by name. rows: of the VXLAN
    interface. spots: of the bridge's table, by MAC. neighbours: ARP and ND entries of the interface that answers, None if they were not read.
    vlan: of the network, where the bridge is VLAN-aware. filtered: the VNI filter of the interface, words of numbers, None if it has none."""

    interface: Found | None
    bridge: Found | None
    ports: Mapping[str, Found] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    spots: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)
    neighbours: tuple[Found, ...] | None = None
    vlan: int | None = None
    filtered: tuple[str, ...] | None = None

    def rows_of(self, mac: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.mac == mac)

    @property
    def flood_list(self) -> tuple[Row, ...]:
        return self.rows_of(ZERO_MAC)

    def option(self, name: str) -> Any:  # noqa: ANN401 - of any kind, as modules have it
        return None if self.interface is None else self.interface.get(name)

    def neighbour(self, address: str) -> str | None:
        """The MAC that an ARP or ND entry has for an address."""
        return next((str(entry["mac"]) for entry in self.neighbours or () if entry["address"] == address), None)

    @property
    def vni(self) -> int | None:
        """That frames of the network get: of the interface, or by the VLAN (tunnel_info of its port)."""
        if self.vlan is None or self.interface is None:
            own: int | None = self.option("vni")
            return own
        for entry in self.ports.get(str(self.interface["name"]), {}).get("tunnels", ()):
            vlans, vnis = numbers_of(entry["vlan"]), numbers_of(entry["vni"])
            if self.vlan in vlans:
                return vnis[self.vlan - vlans[0]]
        return None

    def takes(self, vni: int) -> bool:
        """Whether the VNI filter lets it in."""
        return self.filtered is None or any(vni in numbers_of(word) for word in self.filtered)

    def is_own(self, mac: str) -> bool:
        """Whether the bridge takes frames to this address itself: it does in the VLANs that it is in."""
        if self.bridge is None or self.bridge.get("mac") != mac:
            return False
        return self.vlan is None or any(self.vlan in numbers_of(entry["vlan"]) for entry in self.bridge.get("vlans", ()))

    def tagging(self, port: str) -> str:
        """How a port is in the VLAN of the network: untagged, tagged, or not; empty where VLANs do not count."""
        if self.vlan is None or "vlans" not in self.ports.get(port, {}):
            return ""
        entry = next((entry for entry in self.ports[port]["vlans"] if self.vlan in numbers_of(entry["vlan"])), None)
        return "not in it" if entry is None else "untagged" if entry.get("pvid") and entry.get("untagged") else "tagged"


NOTHING = Side(None, None)


@dataclass(frozen=True)
class Reading:
    """What was read of a host. known: whether it answered; error: why not. under: what underlay_info returned. other_name: of the interface that
    has the VNI, when it is not the one of the inventory. masters: by every port of the host, its bridge."""

    side: Side = NOTHING
    known: bool = False
    error: str = "it was not looked at"
    under: Mapping[str, Any] = field(default_factory=dict)
    other_name: str = ""
    masters: Mapping[str, str] = field(default_factory=dict)

    def link(self, name: str | None) -> Found | None:
        return next((link for link in self.under.get("links", ()) if link["name"] == name), None)

    def route(self, address: str, source: str = "", device: str = "") -> Found | None:
        return next(
            (route for route in self.under.get("routes", ()) if (route["address"], route["source"], route["device"]) == (address, source, device)),
            None,
        )

    def holder(self, address: str) -> str | None:
        """The interface that has an address, empty if none has; None if nobody looked."""
        found = self.under.get("addresses", {}).get(address)
        return None if found is None else str(found)

    def listens(self, port: int) -> list[str] | None:
        entry = next((entry for entry in self.under.get("ports", ()) if entry["port"] == port), None)
        return None if entry is None else list(entry["addresses"])

    def members(self, group: str) -> list[str] | None:
        found = self.under.get("groups", {}).get(group)
        return None if found is None else list(found)


def wanted_side(fabric: Fabric, network: Network, host: str) -> Side:
    """As the inventory wants it."""
    if host not in network.members:
        return NOTHING
    state = expand(host_states(fabric, [host])[host])
    name = fabric.interface(host, network)
    interface = next((entry for entry in state["interfaces"] if entry["name"] == name), None)
    bridge = next((entry for entry in state["bridges"] if entry["name"] == fabric.bridge(host, network)), None)
    entries = [row for entry in state["fdb"] if entry["interface"] == name for row in entry["rows"]]
    filtered = state.get("vnis", {}).get(name)
    groups = [entry["group"] for entry in filtered or () if "group" in entry and network.vni in numbers_of(entry["vni"])]
    rows = (*(Row(ZERO_MAC, group, "default") for group in groups), *_wanted_rows(interface or {}, entries, network.vni))
    return Side(interface, bridge, _ports(bridge), rows, {}, _answers(fabric, network, host, state), fabric.vlan(host, network), _words(filtered))


def _ports(bridge: Found | None) -> dict[str, Found]:
    return {port["name"]: port for port in (bridge or {}).get("ports", ())}


def _wanted_rows(interface: Found, entries: Iterable[Found], vni: int) -> Iterable[Row]:
    for key in ("group", "remote"):
        if interface.get(key) not in (None, "none"):
            yield Row(ZERO_MAC, str(interface[key]), "default")
    for entry in entries:
        if entry.get("table", "self") != "self" or entry.get("src_vni") not in (None, vni):
            continue
        dst = entry["dst"]
        for address in [dst] if isinstance(dst, str) else dst:
            yield Row(entry["mac"], address, "managed")


def _words(filtered: Iterable[Found] | None) -> tuple[str, ...] | None:
    return None if filtered is None else tuple(str(entry["vni"]) for entry in filtered)


def _answers(fabric: Fabric, network: Network, host: str, state: Found) -> tuple[Found, ...] | None:
    """The entries that ARP and neighbour solicitations are answered from: of the VXLAN interface, or of the interface of the VLAN."""
    single = fabric.vteps[host].is_single
    name = fabric.routed_link(host, network) if single else fabric.interface(host, network)
    listed = state.get("vlan_interfaces") if single else state["interfaces"]
    entry = next((entry for entry in listed or () if entry["name"] == name), None)
    return None if entry is None else tuple(entry.get("neighbours", ()))


def reading_of(fabric: Fabric, network: Network, host: str, state: Found | None, under: Found | None, error: str = "") -> Reading:
    """state: what vtep_info returned with fdb: all, None if it was not run. under: what underlay_info returned."""
    if state is None or "interfaces" not in state:
        return Reading(error=error) if error else Reading()
    interfaces = {entry["name"]: entry for entry in state["interfaces"]}
    name = fabric.interface(host, network)
    interface, other = interfaces.get(name), ""
    if interface is None and not fabric.vteps[host].is_single:
        interface = _same_vni(interfaces.values(), network.vni, fabric.udp_port(host, network))
        other = str(interface["name"]) if interface is not None else ""
    bridges = {entry["name"]: entry for entry in state["bridges"]}
    bridge = bridges.get(fabric.bridge(host, network))
    listed = {entry["interface"]: entry["rows"] for entry in state["fdb"]}
    rows = [row for row in listed.get(str((interface or {}).get("name")), ()) if row["table"] == "self" and row.get("src_vni") in (None, network.vni)]
    ports = _ports(bridge)
    vlan = fabric.vlan(host, network)
    filtered = _words(state.get("vnis", {}).get(str((interface or {}).get("name"))))
    side = Side(interface, bridge, ports, tuple(map(_row, rows)), _spots(ports, listed, vlan), _answers(fabric, network, host, state), vlan, filtered)
    masters = {port["name"]: entry["name"] for entry in state["bridges"] for port in entry["ports"]}
    return Reading(side, True, error, under or {}, other, masters)


def _same_vni(interfaces: Iterable[Found], vni: int, port: int) -> Found | None:
    return next((entry for entry in interfaces if (entry.get("vni"), entry.get("port")) == (vni, port)), None)


def _row(row: Found) -> Row:
    return Row(row["mac"], row.get("dst"), row["owner"], row.get("vni"), row.get("port"), row.get("via"), row.get("nexthop_group"))


def _spots(ports: Iterable[str], listed: Mapping[str, Iterable[Found]], vlan: int | None) -> dict[str, tuple[Spot, ...]]:
    """vlan: a VLAN-aware bridge has a table for each."""
    found: dict[str, tuple[Spot, ...]] = {}
    for port in ports:
        for row in listed.get(port, ()):
            if row["table"] == "master" and (vlan is None or row.get("vlan") == vlan):
                found[row["mac"]] = (*found.get(row["mac"], ()), Spot(port, row["owner"]))
    return found


def learned_behind(reading: Reading, port: str | None) -> list[str]:
    """The MAC addresses that a port's bridge has heard behind it."""
    return sorted(mac for mac, spots in reading.side.spots.items() if any(spot.port == port and spot.owner == "learned" for spot in spots))
