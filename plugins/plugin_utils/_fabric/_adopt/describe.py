# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the interfaces of a network to its part of vxlan_fabric."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.flooding import Flooding, neighbours_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.names import describe, vlan_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.networks import Group
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import DEDUCED, Note
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import most_frequent
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, FAMILY_NAMES, GROUPS_OF_VTEPS, MULTICAST, NONE, POINT_TO_POINT

Network = dict[str, Any]
Groups = Mapping[str, Sequence[str]]

_LONGEST_LABEL = 63


def describe_network(name: str, group: Group, flooding: Flooding, members: Sequence[str]) -> Network:
    """Without MTU, endpoints and gateway. What is derived or a default is left out."""
    network: Network = {"vni": group.vni}
    text = describe(group)
    if text is not None and text != name:
        network["description"] = text
    network["members"] = list(members)
    network["flooding"] = flooding.word
    if flooding.group is not None:
        network["group"] = flooding.group
    elif group.family == 6:
        network["family"] = FAMILY_NAMES[6]
    if flooding.word in (MULTICAST, POINT_TO_POINT) and not flooding.learning:
        network["learning"] = False
    network["port"] = group.port
    interface = most_frequent(tunnel.name for tunnel in group.tunnels)
    bridge = most_frequent(str(tunnel.bridge_name) for tunnel in group.tunnels)
    network.update({key: value for key, value, usual in (("interface", interface, "vx"), ("bridge", bridge, "br")) if value != f"{usual}{group.vni}"})
    return network


def add_vlans(networks: Mapping[str, Network], groups: Mapping[str, Group]) -> list[Note]:
    """VLANs that names tell, where no two networks have the same."""
    found = {name: vlan for name, group in groups.items() if (vlan := vlan_of(group)) is not None}
    unique = {name: vlan for name, vlan in found.items() if list(found.values()).count(vlan) == 1}
    for name, vlan in unique.items():
        network = dict(networks[name])
        networks[name].clear()
        networks[name].update({"vni": network.pop("vni"), "vlan": vlan, **network})
    named = [name for name in unique if not any(tunnel.trunks for tunnel in groups[name].tunnels)]
    return [Note(DEDUCED, None, name, f"VLAN {unique[name]}, of the name of an interface or bridge") for name in named]


def word_members(hosts: Sequence[str], groups: Groups) -> list[str]:
    """The groups of VTEPs by their name where that says the same, then hosts."""
    left, words = set(hosts), []
    for name in GROUPS_OF_VTEPS:
        members = groups.get(name, ())
        if len(members) > 1 and left.issuperset(members):
            words.append(name)
            left -= set(members)
    return [*words, *sorted(left, key=natural_key)]


def describe_gateway(group: Group, flooding: Flooding) -> dict[str, Any] | None:
    """Addresses of bridges; the MAC address where several hosts have to agree on it, or where it is not just that of a port."""
    holders = [tunnel for tunnel in group.tunnels if tunnel.gateway]
    if not holders:
        return None
    addresses = list(holders[0].gateway)
    gateway: dict[str, Any] = {"address": addresses if len(addresses) > 1 else addresses[0]}
    mac = most_frequent(str((tunnel.bridge or {}).get("mac", "")) for tunnel in holders)
    if mac and (len(holders) > 1 or flooding.word == NONE or mac != holders[0].link.get("mac")):
        gateway["mac"] = mac
    if len(holders) < len(group.tunnels):
        gateway["members"] = [tunnel.host for tunnel in holders]
    return gateway


def list_endpoints(name: str, group: Group, flooding: Flooding, gateway: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], list[Note]]:
    """Machines that static rows place behind a VTEP that was read. A gateway that other hosts know by a row is no machine."""
    if flooding.word == EVPN:
        return [], []
    owner = {address: host for host, address in group.addresses.items()}
    votes: dict[str, list[str]] = {}
    for tunnel in group.tunnels:
        for mac, address in tunnel.machines.items():
            votes.setdefault(mac, []).append(address)
    subnets = [ipaddress.ip_interface(address).network for address in _as_list((gateway or {}).get("address"))]
    known = _addresses_by_mac(group)
    own = {tunnel.link.get("mac") for tunnel in group.tunnels}
    endpoints, notes = [], []
    for mac in sorted(votes):
        address = most_frequent(votes[mac])
        if address not in owner or mac == (gateway or {}).get("mac") or mac in own:
            continue
        endpoint: dict[str, Any] = {"name": _endpoint_name(name, group.vni, mac), "host": owner[address], "mac": mac}
        addresses = [_with_length(found, subnets) for found in sorted(known.get(mac, ()), key=_address_order)]
        if addresses:
            endpoint["address"] = addresses if len(addresses) > 1 else addresses[0]
        if any(found.endswith(("/32", "/128")) for found in addresses):
            notes.append(Note(DEDUCED, None, name, "prefix lengths of the addresses of endpoints are not known, they are written as /32 and /128"))
        endpoints.append(endpoint)
    if endpoints:
        notes.append(Note(DEDUCED, None, name, "endpoints are named after their MAC address; which of several access ports they are behind is not known"))
    return endpoints, notes


def _addresses_by_mac(group: Group) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for tunnel in group.tunnels:
        for entry in (*neighbours_of(tunnel.link), *neighbours_of(tunnel.bridge or {})):
            found.setdefault(entry["mac"], set()).add(entry["address"])
    return found


def _endpoint_name(network: str, vni: int, mac: str) -> str:
    name = f"{network}-{mac.replace(':', '')}"
    return name if len(name) <= _LONGEST_LABEL else f"vni{vni}-{mac.replace(':', '')}"


def _with_length(address: str, subnets: Sequence[Any]) -> str:
    parsed = ipaddress.ip_address(address)
    length = next((subnet.prefixlen for subnet in subnets if parsed in subnet), parsed.max_prefixlen)
    return f"{address}/{length}"


def _address_order(address: str) -> tuple[int, int]:
    parsed = ipaddress.ip_address(address)
    return parsed.version, int(parsed)


def _as_list(value: object) -> list[str]:
    if value is None:
        return []
    return list(map(str, value)) if isinstance(value, list) else [str(value)]
