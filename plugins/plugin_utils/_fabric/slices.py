# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A host's state cut into its networks, whichever style the host is of: for whoever looks at one network after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import Entry, HostState
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of


class Slice(NamedTuple):
    """What one VNI has on a host. interface, bridge: entries, which on a host of style single several slices share. vlan: on such a bridge.
    rows: of the VXLAN interface. ports: of the bridge, without that to the tunnels. routed: the link that has the addresses of the gateway, if
    there is one. group, remote: where the interface itself sends what is flooded."""

    vni: int
    interface: Entry
    bridge: Entry
    vlan: int | None
    rows: list[Entry]
    ports: list[str]
    routed: Entry | None
    group: str | None
    remote: str | None

    @property
    def destinations(self) -> list[str]:
        """Where a broadcast goes."""
        single = self.group or self.remote
        return [single] if single else [address for row in self.rows if row["mac"] == ZERO_MAC for address in row["dst"]]

    @property
    def machines(self) -> list[Entry]:
        """Rows of MAC addresses that are known."""
        return [row for row in self.rows if row["mac"] != ZERO_MAC]


def slices_of(state: HostState) -> list[Slice]:
    """state: of compact.expand. In the order of its interfaces, and of the VNIs of one interface."""
    bridges = {port["name"]: bridge for bridge in state["bridges"] for port in bridge["ports"]}
    rows = {entry["interface"]: entry["rows"] for entry in state["fdb"]}
    found: list[Slice] = []
    for interface in state["interfaces"]:
        bridge = bridges[interface["name"]]
        if "vni" in interface:
            found.append(_slice(interface, bridge, rows.get(interface["name"], [])))
        else:
            found += _slices_of_single(interface, bridge, rows.get(interface["name"], []), state)
    return found


def _slice(interface: Entry, bridge: Entry, rows: list[Entry]) -> Slice:
    ports = [port["name"] for port in bridge["ports"] if port["name"] != interface["name"]]
    remote = interface.get("remote")
    return Slice(interface["vni"], interface, bridge, None, rows, ports, bridge, interface.get("group"), None if remote == "none" else remote)


def _slices_of_single(interface: Entry, bridge: Entry, rows: list[Entry], state: HostState) -> Iterator[Slice]:
    (own,) = (port for port in bridge["ports"] if port["name"] == interface["name"])
    by_vni: dict[int, list[Entry]] = {}
    for row in rows:
        if "src_vni" in row:
            by_vni.setdefault(row["src_vni"], []).append(row)
    groups = {vni: entry.get("group") for entry in state.get("vnis", {}).get(interface["name"], ()) for vni in numbers_of(entry["vni"])}
    routed = {entry["vlan"]: entry for entry in state.get("vlan_interfaces", ()) if entry["device"] == bridge["name"]}
    ports = _ports_by_vlan(bridge, {entry["name"] for entry in state["interfaces"]})
    for vlan, vni in sorted(vlans_of_vnis(own).items()):
        yield Slice(vni, interface, bridge, vlan, by_vni.get(vni, []), ports.get(vlan, []), routed.get(vlan), groups.get(vni), None)


def vlans_of_vnis(port: Mapping[str, object]) -> dict[int, int]:
    """The VNI by VLAN of a port to the tunnels, as an entry of the module bridge or as vtep_info has it."""
    tunnels = port.get("tunnels")
    return {vlan: vni for entry in (tunnels if isinstance(tunnels, list) else ()) for vlan, vni in zip(numbers_of(entry["vlan"]), numbers_of(entry["vni"]))}


def _ports_by_vlan(bridge: Entry, tunnels: set[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for port in bridge["ports"]:
        for entry in port.get("vlans", ()) if port["name"] not in tunnels else ():
            for vlan in numbers_of(entry["vlan"]):
                found.setdefault(vlan, []).append(port["name"])
    return found
