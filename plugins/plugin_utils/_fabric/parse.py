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

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import (
    DEFAULT_PORT,
    VNI_MAX,
    family_of,
    natural_key,
    parse_name,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    FAMILIES,
    FAMILY_NAMES,
    FLOODING,
    GROUPS_OF_VTEPS,
    MULTICAST,
    OVERHEAD,
    POINT_TO_POINT,
    STATIC,
    Fabric,
    Network,
    Vtep,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_hosts import parse_endpoints, parse_vteps
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section, suggest

FABRIC_KEYS = ("name", "port", "flooding", "learning", "underlay", "networks")
UNDERLAY_KEYS = ("mtu",)
NETWORK_KEYS = (
    "vni",
    "members",
    "flooding",
    "group",
    "family",
    "learning",
    "mtu",
    "interface",
    "bridge",
    "endpoints",
)
MTU_MIN = 576  # RFC 791: what every host must accept
MTU_MAX = 65535

Groups = Mapping[str, Sequence[str]]


def parse_fabric(fabric: object, vteps: Mapping[str, Any], groups: Groups) -> Fabric:
    """fabric: the value of vxlan_fabric. vteps: vxlan_vtep by host, None or missing where a host has none. groups: hosts by group."""
    mistakes = Mistakes()
    known_hosts = _hosts_of_groups(groups)
    section = Section(fabric, Place(None, "vxlan_fabric"), mistakes, FABRIC_KEYS)
    section.require("name", "networks")
    name = section.parsed("name", words.parse_fabric_name) or "unnamed"
    defaults = _Defaults(section, groups, known_hosts)
    drafts = [_network(label, raw, section, defaults) for label, raw in section.items("networks")]
    members = {network.name: frozenset(network.members) if complete else None for network, complete in drafts}
    networks = [network for network, _complete in drafts]
    found = parse_vteps({host: vteps.get(host) for host in known_hosts}, members, mistakes)
    for network in networks:
        _check_members(network, found, vteps, mistakes)
    with_endpoints, ports = parse_endpoints(section, networks, members, found)
    _check_names(with_endpoints, ports, mistakes)
    mistakes.raise_if_any()
    return Fabric(
        name=name,
        port=defaults.port,
        underlay_mtu=defaults.underlay_mtu,
        networks={network.name: network for network in sorted(with_endpoints, key=lambda item: natural_key(item.name))},
        vteps={host: ports[host] for host in known_hosts if host in ports},
    )


class _Defaults:
    """What networks inherit from the fabric, and the hosts that can be their members."""

    def __init__(self, section: Section, groups: Groups, known_hosts: Sequence[str]) -> None:
        self.flooding = section.choice("flooding", FLOODING) or STATIC
        self.learning = section.switch("learning", True)
        self.port = section.number("port", 1, 65535) or DEFAULT_PORT
        underlay = Section(section.raw.get("underlay"), section.place.at("underlay"), section.mistakes, UNDERLAY_KEYS)
        self.underlay_mtu = underlay.number("mtu", MTU_MIN, MTU_MAX)
        self.groups = groups
        self.hosts = frozenset(known_hosts)
        self.inventory = frozenset(host for hosts in groups.values() for host in hosts)


def _hosts_of_groups(groups: Groups) -> list[str]:
    hosts = {host for group in GROUPS_OF_VTEPS for host in groups.get(group, ())}
    return sorted(hosts, key=natural_key)


def _network(name: str, raw: object, fabric: Section, defaults: _Defaults) -> tuple[Network, bool]:
    """One network, as yet without endpoints, and whether its members are known. What is wrong is noted and replaced by
    something harmless."""
    mistakes = fabric.mistakes
    place = fabric.place.at("networks").at(name)
    section = Section(raw, place, mistakes, NETWORK_KEYS)
    section.parse_one(name, place, words.parse_label)
    section.require("vni", "members")
    vni = section.number("vni", 1, VNI_MAX)
    if vni is not None and not mistakes.claim("vni", vni, place.at("vni"), f"VNI {vni}"):
        vni = None
    flooding = section.choice("flooding", FLOODING) or defaults.flooding
    group = section.parsed("group", words.parse_group)
    family = _family(section, group)
    _check_flooding(section, flooding, group)
    members, complete = _members(section, defaults)
    if flooding == POINT_TO_POINT and complete and len(members) != 2:
        section.wrong("members", f"flooding: {POINT_TO_POINT} needs exactly 2 members, not {len(members)} ({', '.join(members)})")
    network = Network(
        name=name,
        vni=vni or 0,
        flooding=flooding,
        group=group,
        family=family,
        learning=section.switch("learning", defaults.learning),
        mtu=_mtu(section, family, defaults),
        interface=section.parsed("interface", parse_name) or (f"vx{vni}" if vni else ""),
        bridge=section.parsed("bridge", parse_name) or (f"br{vni}" if vni else ""),
        members=members,
        endpoints=(),
    )
    return network, complete


def _family(section: Section, group: str | None) -> int:
    word = section.choice("family", tuple(FAMILIES))
    if group is None:
        return FAMILIES[word or "ipv4"]
    family = family_of(group)
    if word is not None and FAMILIES[word] != family:
        section.wrong("family", f"{word} contradicts group {group}")
    return family


def _check_flooding(section: Section, flooding: str, group: str | None) -> None:
    if flooding == MULTICAST and not section.given("group"):
        section.wrong("group", f"is required with flooding: {MULTICAST}")
    if flooding != MULTICAST and group is not None:
        section.wrong("group", f"makes no sense with flooding: {flooding}; is flooding: {MULTICAST} meant?")


def _members(section: Section, defaults: _Defaults) -> tuple[tuple[str, ...], bool]:
    """Groups and hosts, to hosts, sorted, and whether that is all. A name that is both is the group, as in Ansible's patterns."""
    hosts: set[str] = set()
    complete = section.given("members")
    for place, word in section.texts("members", words.parse_word):
        if word in defaults.groups:
            expanded = list(defaults.groups[word])
        elif word in defaults.inventory:
            expanded = [word]
        else:
            section.mistakes.add(place, f"there is no group or host {word!r}{suggest(word, _nameable(defaults))}")
            complete = False
            continue
        for host in expanded:
            if host in defaults.hosts:
                hosts.add(host)
            else:
                complete = False
                section.mistakes.add(place, f"{host} is in none of the groups {', '.join(GROUPS_OF_VTEPS)}, so deploy never reaches it")
    if complete and not hosts:
        complete = False
        section.wrong("members", "there is no host in it")
    return tuple(sorted(hosts, key=natural_key)), complete


def _nameable(defaults: _Defaults) -> set[str]:
    return {*(group for group in defaults.groups if group not in ("all", "ungrouped")), *defaults.hosts}


def _mtu(section: Section, family: int, defaults: _Defaults) -> int | None:
    budget = None if defaults.underlay_mtu is None else defaults.underlay_mtu - OVERHEAD[family]
    if str(section.raw.get("mtu", "auto")) == "auto" or not section.given("mtu"):
        return budget
    mtu = section.number("mtu", MTU_MIN - OVERHEAD[family], MTU_MAX, "auto or a number")
    if mtu is not None and budget is not None and mtu > budget:
        section.wrong(
            "mtu",
            f"{mtu} does not fit: an underlay of {defaults.underlay_mtu} leaves {budget} (VXLAN over {FAMILY_NAMES[family]} takes {OVERHEAD[family]} bytes)",
        )
    return mtu


def _check_members(network: Network, vteps: Mapping[str, Vtep], raw: Mapping[str, Any], mistakes: Mistakes) -> None:
    """Each member has an address of the family of the network, and a device where it has to join a group."""
    for host in network.members:
        vtep = vteps.get(host)
        place = Place(host, "vxlan_vtep")
        if raw.get(host) is None:
            mistakes.add(place, f"is missing; {host} is a member of network {network.name}")
        elif vtep is None:
            continue  # its mistakes were noted where it was read
        elif network.family not in vtep.addresses and not mistakes.touches(place.at("address")):
            name = FAMILY_NAMES[network.family]
            mistakes.add(place.at("address"), f"there is no {name} address, network {network.name} is of family {name}")
        if vtep is not None and network.flooding == MULTICAST and vtep.device is None:
            mistakes.add(place.at("device"), f"is required: network {network.name} floods by multicast")


def _check_names(networks: Sequence[Network], vteps: Mapping[str, Vtep], mistakes: Mistakes) -> None:
    """Interface names: each of the fabric once, and none that a host uses for something else."""
    root = Place(None, "vxlan_fabric.networks")
    owners: dict[str, Place] = {}
    for network in networks:
        for key, name in (("interface", network.interface), ("bridge", network.bridge)):
            place = root.at(network.name).at(key)
            if name and mistakes.claim("interface name", name, place):
                owners[name] = place
    for host, vtep in vteps.items():
        if vtep.device in owners:
            mistakes.add(Place(host, "vxlan_vtep.device"), f"{vtep.device} is the name at {owners[vtep.device]}")
        for network_name, ports in vtep.ports.items():
            for port in ports:
                if port in owners:
                    mistakes.add(Place(host, "vxlan_vtep.ports").at(network_name), f"{port} is the name at {owners[port]}")
