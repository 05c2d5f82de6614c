# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the inventory as it is written to a Fabric, or InventoryError with every mistake.

Input, as Ansible has it: C(vxlan_fabric), the C(vxlan_vtep) of each host, and C(groups).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys, words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.checks import check_fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    FAMILY_NAMES,
    GROUPS_OF_VTEPS,
    MULTICAST,
    Fabric,
    Network,
    Vtep,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_endpoints import parse_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_networks import Defaults, Draft, parse_network
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_vrfs import check_vrf_names, make_transits, parse_vrfs
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_vteps import parse_vteps
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.roster import Groups, Roster
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section


def parse_fabric(fabric: object, vteps: Mapping[str, Any], groups: Groups) -> Fabric:
    """fabric: the value of vxlan_fabric. vteps: vxlan_vtep by host, None or missing where a host has none. groups: hosts by group."""
    mistakes = Mistakes()
    found = read_fabric_value(fabric, vteps, Roster(groups, hosts_of_groups(groups)), mistakes)
    mistakes.raise_if_any()
    return found


def hosts_of_groups(groups: Groups) -> set[str]:
    """Those that can be VTEPs."""
    return {host for group in GROUPS_OF_VTEPS for host in groups.get(group, ())}


def read_fabric_value(raw: object, vteps: Mapping[str, Any], roster: Roster, mistakes: Mistakes) -> Fabric:
    """As parse_fabric. What is wrong goes to mistakes, and something harmless takes its place."""
    section = Section(raw, Place(None, keys.FABRIC.name), mistakes, keys.FABRIC.names())
    section.require("name", "networks")
    defaults = Defaults.of(section)
    drafts = [parse_network(name, value, section, defaults, roster) for name, value in section.items("networks")]
    found = parse_vteps({host: vteps.get(host) for host in roster.hosts}, {draft.network.name: draft for draft in drafts}, defaults.style, mistakes)
    _check_members(drafts, found, vteps, mistakes)
    networks, with_ports = parse_endpoints(drafts, found, mistakes)
    vrfs = parse_vrfs(section)
    check_vrf_names(networks, vrfs, mistakes)
    fabric = Fabric(
        name=section.parsed("name", words.parse_fabric_name) or "unnamed",
        port=defaults.port,
        underlay_mtu=defaults.underlay_mtu,
        networks={network.name: network for network in sorted(networks, key=lambda item: natural_key(item.name))},
        vteps={host: with_ports[host] for host in roster.hosts if host in with_ports},
        links=_links(defaults.underlay, roster),
        idle=tuple(host for host in roster.hosts if host not in with_ports),
        vrfs=vrfs,
        transits=make_transits(vrfs, networks, found, defaults.port, mistakes),
    )
    return check_fabric(fabric, mistakes)


def _links(underlay: Section, roster: Roster) -> tuple[tuple[str, str], ...]:
    """Each of `from` to each of `to`; the same pair once, whichever way it is written."""
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for place, raw in underlay.entries("links"):
        link = Section(raw, place, underlay.mistakes, keys.LINK.names())
        link.require("from", "to")
        ends = [(near, far) for near in roster.anybody(link, "from") for far in roster.anybody(link, "to") if near != far]
        pairs.update({frozenset(pair): pair for pair in ends})
    return tuple(sorted(pairs.values(), key=lambda pair: tuple(map(natural_key, pair))))


def _check_members(drafts: Sequence[Draft], vteps: Mapping[str, Vtep], raw: Mapping[str, Any], mistakes: Mistakes) -> None:
    for draft in drafts:
        for host in draft.network.members:
            if host not in vteps or draft.network.family not in vteps[host].addresses or draft.network.flooding == MULTICAST:
                _check_member(host, draft.network, vteps.get(host), raw.get(host), mistakes)


def _check_member(host: str, network: Network, vtep: Vtep | None, raw: object, mistakes: Mistakes) -> None:
    """It has an address of the family of the network, and a device where it has to join a group."""
    place = Place(host, keys.VTEP.name)
    if raw is None:
        mistakes.add(place, f"is missing; {host} is a member of network {network.name}", "no-vtep")
    if vtep is None:
        return  # its mistakes were noted where it was read
    seat = vtep.seats.get(network.name)
    if network.family not in vtep.addresses and not (seat and seat.address) and not mistakes.touches(place.at("address")):
        name = FAMILY_NAMES[network.family]
        mistakes.add(place.at("address"), f"there is no {name} address, network {network.name} is of family {name}", "no-vtep")
    if network.flooding == MULTICAST and vtep.device is None and not (seat and seat.device):
        mistakes.add(place.at("device"), f"is required: network {network.name} floods by multicast", "device-missing")
