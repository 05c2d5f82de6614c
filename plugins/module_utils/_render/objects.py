# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Links in the form of the modules' options: what vtep_info returns, and what before, after and diff are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import default_of, present_values
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN, default_reserved_bits
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import (
    TunnelRow,
    VlanEntry,
    VlanRow,
    collapsed_tunnels,
    collapsed_vlans,
    expanded_tunnels,
    expanded_vlans,
    range_text,
)

Report = dict[str, Any]

# What a host's links are listed under, and the kernel's word for their kind.
KINDS = {"interfaces": "vxlan", "bridges": "bridge", "vlan_interfaces": "vlan", "vrfs": "vrf"}


def show_interface(link: Link) -> Report:
    """A VXLAN interface as options of the interface module."""
    attributes = dict(link.attributes)
    if attributes.get("reserved_bits") == default_reserved_bits(attributes):
        del attributes["reserved_bits"]
    return {**_show_common(link), **present_values(VXLAN, attributes), **_show_master(link)}


def show_vlan_interface(link: Link) -> Report:
    """A VLAN interface as options of the vlan_interface module."""
    return {**_show_common(link), **present_values(table_of("vlan"), link.attributes), **_show_master(link)}


def show_vrf(link: Link) -> Report:
    """A VRF as options of the vrf module."""
    shown = {**_show_common(link), **present_values(table_of("vrf"), link.attributes)}
    return {key: value for key, value in shown.items() if key not in ("neighbours", "addrgenmode")}


def show_link(link: Link, ports: Iterable[Link], state: HostState) -> Report:
    """A link of any kind that has a module, as its options. ports: of a bridge."""
    if link.kind == "bridge":
        return show_bridge(link, ports, state)
    return {"vlan": show_vlan_interface, "vrf": show_vrf}.get(link.kind, show_interface)(link)


def _show_master(link: Link) -> Report:
    return {"master": link.master or "none"} if link.master is not None else {}


def show_bridge(link: Link, ports: Iterable[Link], state: HostState) -> Report:
    """A bridge as options of the bridge module, with its ports, and with VLANs where they were read and say something."""
    shown = {**_show_common(link), **present_values(table_of("bridge"), link.attributes), **_show_master(link)}
    listed = list(ports)
    if state.vlans is None or not _has_vlans(link, listed, state.vlans):
        return {**shown, "ports": [_show_port(port) for port in listed]}
    vlans, tunnels = state.vlans, state.tunnels or {}
    return {
        **shown,
        "vlans": show_vlans(vlans.get(link.name, ()), own=True),
        "ports": [{**_show_port(port), "vlans": show_vlans(vlans.get(port.name, ())), "tunnels": show_tunnels(tunnels.get(port.name, ()))} for port in listed],
    }


def _has_vlans(link: Link, ports: list[Link], vlans: Mapping[str, tuple[VlanRow, ...]]) -> bool:
    """The bridge filters VLANs, or somebody has put some there for the day that it does."""
    if link.attributes.get("vlan_filtering"):
        return True
    pvid = link.attributes.get("vlan_default_pvid", default_of(table_of("bridge"), "vlan_default_pvid"))
    return any([(row.start, row.end) for row in vlans.get(one.name, ())] not in ([], [(pvid, pvid)]) for one in (link, *ports))


def _show_port(link: Link) -> Report:
    return {"name": link.name, **present_values(table_of("bridge_slave"), link.port or {})}


def show_vlans(rows: Iterable[VlanRow], own: bool = False) -> list[Report]:
    """VLANs as options. What is as with any new VLAN is left out, and the state of the bridge's own."""
    entries = {vlan: _said(entry, own) for vlan, entry in expanded_vlans(rows).items()}
    shown = []
    for row in collapsed_vlans(entries):
        said = {field: getattr(row, field) for field in ("pvid", "untagged", "state", "neigh_suppress")}
        shown.append({"vlan": range_text(row.start, row.end), **{field: value for field, value in said.items() if value not in (False, None)}})
    return shown


def _said(entry: VlanEntry, own: bool) -> VlanEntry:
    pvid, untagged, state, suppress = entry
    return (pvid, untagged, None if own or state == "forwarding" else state, None if own else suppress or None)


def show_tunnels(rows: Iterable[TunnelRow]) -> list[Report]:
    """The VNIs of VLANs as options."""
    merged = collapsed_tunnels(expanded_tunnels(rows))  # the kernel splits ranges where something else of the VLANs differs
    return [{"vlan": range_text(row.start, row.end), "vni": range_text(row.vni, row.vni + row.end - row.start)} for row in merged]


def _show_common(link: Link) -> Report:
    shown: Report = {"name": link.name}
    if link.up is not None:
        shown["state"] = "up" if link.up else "down"
    for field in ("mac", "mtu", "alias", "txqueuelen", "addrgenmode"):
        value = getattr(link, field)
        if value is not None and value != ZERO_MAC:  # a bridge whose ports have left has none
            shown[field] = value
    if link.addresses is not None:
        shown["addresses"] = list(link.addresses)
    if link.neighbours is not None:
        shown["neighbours"] = [show_neighbour(n) for n in link.neighbours]
    return shown


def show_neighbour(neighbour: Neighbour) -> Report:
    shown: Report = {"address": neighbour.address, "mac": neighbour.mac, "state": neighbour.state}
    shown.update({flag: True for flag in ("router", "extern_learn") if getattr(neighbour, flag)})
    return shown


def only_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Report, Report]:
    """The two sides of a diff, reduced to the keys that differ, and lists of named objects to those of the objects."""
    keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    old = {key: before[key] for key in keys if key in before}
    new = {key: after[key] for key in keys if key in after}
    for key in keys:
        if _are_named(old.get(key)) and _are_named(new.get(key)):
            old[key], new[key] = _differing_objects(old[key], new[key])
    return old, new


def _are_named(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value)


def _differing_objects(before: list[Report], after: list[Report]) -> tuple[list[Report], list[Report]]:
    names = {item["name"]: item for item in after}
    olds = {item["name"]: item for item in before}
    old: list[Report] = []
    new: list[Report] = []
    for name in dict.fromkeys((*olds, *names)):
        one, other = only_differences(olds.get(name, {}), names.get(name, {}))
        old += [{"name": name, **one}] if name in olds and (one or other) else []
        new += [{"name": name, **other}] if name in names and (one or other) else []
    return old, new
