# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""VLANs of bridges and their ports, the VNIs that a port maps them to, and VNI filters: as people write them, with ranges.

A list is compared number by number, and written and shown in as few ranges as there can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.rows import parse_destination
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import VniRow

VLAN_MAX = 4094
# BR_STATE_* in linux/if_bridge.h, by number.
STATES = ("disabled", "listening", "learning", "forwarding", "blocking")


class VlanRow(NamedTuple):
    """A range of VLANs of a bridge or of a port of one (bridge(8), "bridge vlan").

    In a wanted row a state and a neigh_suppress of None are left alone; in a found one they are known. Those of the bridge itself
    are not ours: a bridge forwards.
    """

    start: int
    end: int
    pvid: bool = False
    untagged: bool = False
    state: str | None = None
    neigh_suppress: bool | None = None


class TunnelRow(NamedTuple):
    """A range of VLANs of a port and the VNI of the first of them; the others follow (bridge(8), "tunnel_info")."""

    start: int
    end: int
    vni: int


VlanEntry = tuple[bool, bool, "str | None", "bool | None"]  # VlanRow without its range


def expanded_vlans(rows: Iterable[VlanRow]) -> dict[int, VlanEntry]:
    """What is said of each VLAN."""
    return {vlan: row[2:] for row in rows for vlan in range(row.start, row.end + 1)}


def collapsed_vlans(entries: Mapping[int, VlanEntry]) -> tuple[VlanRow, ...]:
    """The inverse: neighbours of which the same is said in one range (br_vlan_can_enter_range, net/bridge/br_vlan.c). A PVID, of
    which there is one, is alone: the kernel takes none with a range."""
    found: list[VlanRow] = []
    for vlan in sorted(entries):
        last = found[-1] if found else None
        if last is not None and last.end == vlan - 1 and last[2:] == entries[vlan] and not last.pvid:
            found[-1] = last._replace(end=vlan)
        else:
            found.append(VlanRow(vlan, vlan, *entries[vlan]))
    return tuple(found)


def expanded_tunnels(rows: Iterable[TunnelRow]) -> dict[int, int]:
    """VNI by VLAN."""
    return {vlan: row.vni + vlan - row.start for row in rows for vlan in range(row.start, row.end + 1)}


def collapsed_tunnels(entries: Mapping[int, int]) -> tuple[TunnelRow, ...]:
    """The inverse: in one range where both numbers go up together."""
    found: list[TunnelRow] = []
    for vlan in sorted(entries):
        last = found[-1] if found else None
        if last is not None and last.end == vlan - 1 and entries[vlan] - last.vni == vlan - last.start:
            found[-1] = last._replace(end=vlan)
        else:
            found.append(TunnelRow(vlan, vlan, entries[vlan]))
    return tuple(found)


def born_with(pvid: int) -> tuple[VlanRow, ...]:
    """The VLANs of a new bridge, and of an interface that has just become a port (br_vlan_init, nbp_vlan_init, net/bridge/br_vlan.c).

    pvid: the bridge's vlan_default_pvid, 0 for none.
    """
    return (VlanRow(pvid, pvid, True, True, "forwarding", False),) if pvid else ()


def with_default_pvid(rows: tuple[VlanRow, ...], old: int, new: int) -> tuple[VlanRow, ...]:
    """The VLANs of a bridge or port after its default PVID was changed: it moves where nobody configured anything else
    (__br_vlan_set_default_pvid, net/bridge/br_vlan.c)."""
    entries = expanded_vlans(rows)
    untouched = bool(old) and entries.get(old, ())[:2] == (True, True)
    if new == old or (old and not untouched) or (new and new in entries):
        return rows
    if untouched:
        del entries[old]
    elif new:  # a PVID takes the place of any other
        entries = {vlan: (False, *entry[1:]) for vlan, entry in entries.items()}
    for row in born_with(new):
        entries[new] = row[2:]
    return collapsed_vlans(entries)


def range_text(start: int, end: int) -> str:
    """A range as people, bridge(8) and values.parse_range read it."""
    return str(start) if start == end else f"{start}-{end}"


def parse_vlans(listed: Iterable[Mapping[str, Any]], path: str, mistakes: list[str]) -> tuple[VlanRow, ...]:
    """The option 'vlans' of a bridge or of a port, in order. Mistakes are collected, what is wrong is left out."""
    found: list[VlanRow] = []
    for position, given in enumerate(listed):
        here = f"{path}[{position}]"
        try:
            start, end = values.parse_range(given["vlan"], VLAN_MAX, "VLAN", f"{here}.vlan")
        except ArgumentError as error:
            mistakes.append(error.message)
            continue
        if given["pvid"] and start != end:
            mistakes.append(f"{here}.pvid: one VLAN can be the PVID, not {start}-{end}")
        found.append(VlanRow(start, end, given["pvid"], given["untagged"], given.get("state"), given.get("neigh_suppress")))
    found.sort(key=lambda row: row[:2])
    mistakes += _doubles([row[:2] for row in found], "VLAN", path)
    pvids = [row.start for row in found if row.pvid]
    if len(pvids) > 1:
        mistakes.append(f"{path}: one VLAN can be the PVID, {', '.join(map(str, pvids))} are given")
    return tuple(found)


def parse_tunnels(listed: Iterable[Mapping[str, Any]], path: str, mistakes: list[str]) -> tuple[TunnelRow, ...]:
    """The option 'tunnels' of a port, in order. A port maps no two VLANs to one VNI (vlan_tunnel hash, net/bridge/br_vlan_tunnel.c)."""
    found: list[TunnelRow] = []
    for position, given in enumerate(listed):
        here = f"{path}[{position}]"
        try:
            start, end = values.parse_range(given["vlan"], VLAN_MAX, "VLAN", f"{here}.vlan")
            vni, last = values.parse_range(given["vni"], values.VNI_MAX, "VNI", f"{here}.vni")
        except ArgumentError as error:
            mistakes.append(error.message)
            continue
        if last - vni != end - start:
            mistakes.append(f"{here}: {end - start + 1} VLANs ({range_text(start, end)}) are mapped to {last - vni + 1} VNIs ({range_text(vni, last)})")
            continue
        found.append(TunnelRow(start, end, vni))
    found.sort()
    mistakes += _doubles([row[:2] for row in found], "VLAN", path)
    mistakes += _doubles(sorted((row.vni, row.vni + row.end - row.start) for row in found), "VNI", path)
    return tuple(found)


def parse_vnis(listed: Iterable[Mapping[str, Any]], path: str, mistakes: list[str]) -> tuple[VniRow, ...]:
    """Entries of a VNI filter, in order."""
    found: list[VniRow] = []
    for position, given in enumerate(listed):
        try:
            found.append(_parse_vni(given, f"{path}[{position}]"))
        except ArgumentError as error:
            mistakes.append(error.message)
    found.sort(key=lambda row: row[:2])
    mistakes += _doubles([row[:2] for row in found], "VNI", path)
    return tuple(found)


def _parse_vni(given: Mapping[str, Any], path: str) -> VniRow:
    start, end = values.parse_range(given["vni"], values.VNI_MAX, "VNI", f"{path}.vni")
    told = [key for key in ("remote", "group") if given.get(key) is not None]
    if len(told) > 1:
        raise ArgumentError(f"{path}: remote and group are mutually exclusive")
    if not told:
        return VniRow(start, end)
    destination = parse_destination(given[told[0]], f"{path}.{told[0]}")
    if values.is_multicast(destination) != (told[0] == "group"):
        raise ArgumentError(f"{path}.{told[0]}: {destination} is {'a' if told[0] == 'remote' else 'no'} multicast address")
    return VniRow(start, end, destination)


def _doubles(ranges: list[tuple[int, int]], what: str, path: str) -> list[str]:
    """Of ranges in order those that begin in the one before."""
    return [f"{path}: {what} {other[0]} is in two entries" for one, other in zip(ranges, ranges[1:]) if other[0] <= one[1]]
