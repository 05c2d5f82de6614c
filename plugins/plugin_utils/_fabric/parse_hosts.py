# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The part of the inventory that belongs to hosts: VTEPs, access ports, endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import (
    family_of,
    natural_key,
    parse_interface_mac,
    parse_name,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, Endpoint, Network, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section, suggest

VTEP_KEYS = ("address", "device", "ports")
ENDPOINT_KEYS = ("name", "host", "port", "mac", "address")

# What gets a namespace of its own on a twin, FABRIC-NAME: hosts, endpoints, the underlay.
_NAMES = "name of a namespace"

# Hosts by network; None where mistakes keep them unknown, so that no further mistakes follow from these.
Members = Mapping[str, Optional[frozenset[str]]]
Ports = dict[str, dict[str, set[str]]]


def parse_vteps(raw: Mapping[str, object], members: Members, mistakes: Mistakes) -> dict[str, Vtep]:
    """raw: vxlan_vtep by host, None where a host has none. members: hosts by network."""
    return {host: _vtep(host, value, members, mistakes) for host, value in raw.items() if value is not None}


def _vtep(host: str, raw: object, members: Members, mistakes: Mistakes) -> Vtep:
    section = Section(raw, Place(host, "vxlan_vtep"), mistakes, VTEP_KEYS)
    section.require("address")
    device = section.parsed("device", parse_name)
    if device is not None:
        mistakes.claim(f"link of {host}", device, section.place.at("device"))
    return Vtep(host, _addresses(section), device, _ports(section, host, members))


def _addresses(section: Section) -> dict[int, str]:
    """At most one address of each family, and no other host has it."""
    addresses: dict[int, str] = {}
    for place, address in section.texts("address", words.parse_vtep_address):
        section.mistakes.claim("VTEP address", address, place)
        family = family_of(address)
        if family in addresses:
            section.mistakes.add(place, f"is the second {FAMILY_NAMES[family]} address; one of each family can be given")
        addresses.setdefault(family, address)
    return addresses


def _ports(section: Section, host: str, members: Members) -> dict[str, tuple[str, ...]]:
    """Access ports by network. A port carries one network."""
    mistakes = section.mistakes
    place = section.place.at("ports")
    networks = [name for name, _value in section.items("ports")]
    listed = Section(section.raw.get("ports") if networks else None, place, mistakes, networks)
    ports = {}
    for network in networks:
        if network not in members:
            mistakes.add(place.at(network), f"there is no network {network!r}{suggest(network, members)}")
        elif _is_no_member(members[network], host):
            mistakes.add(place.at(network), f"{host} is not a member of network {network}")
        found = listed.texts(network, parse_name)
        for where, port in found:
            mistakes.claim(f"link of {host}", port, where)
        ports[network] = tuple(port for _where, port in found)
    return ports


def _is_no_member(members: frozenset[str] | None, host: str) -> bool:
    """False as well where it cannot be known."""
    return members is not None and host not in members


@dataclass(frozen=True)
class _Hosts:
    """What endpoints refer to. ports: by host and network, those of the VTEPs and, as they are read, of the endpoints."""

    members: Members
    vteps: Mapping[str, Vtep]
    ports: Ports


def parse_endpoints(fabric: Section, networks: Sequence[Network], members: Members, vteps: Mapping[str, Vtep]) -> tuple[list[Network], dict[str, Vtep]]:
    """The networks with their endpoints, and the VTEPs with the ports that endpoints name as well."""
    mistakes = fabric.mistakes
    ports: Ports = {host: {key: set(value) for key, value in vtep.ports.items()} for host, vtep in vteps.items()}
    hosts = _Hosts(members, vteps, ports)
    mistakes.claim(_NAMES, "underlay", Place(None, "vxlan_fabric.underlay"))
    for host in vteps:
        mistakes.claim(_NAMES, host, Place(host, "inventory"), f"the name {host}")
    raw = dict(fabric.items("networks"))
    complete = [_with_endpoints(network, raw[network.name], fabric, hosts) for network in networks]
    return complete, {host: replace(vtep, ports=_sorted_ports(ports[host])) for host, vtep in vteps.items()}


def _sorted_ports(ports: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {network: tuple(sorted(ports[network], key=natural_key)) for network in sorted(ports, key=natural_key)}


def _with_endpoints(network: Network, raw: object, fabric: Section, hosts: _Hosts) -> Network:
    place = fabric.place.at("networks").at(network.name)
    # Keys were judged when the network was read: here all of them are known.
    values = raw if isinstance(raw, Mapping) else {}
    section = Section(values, place, fabric.mistakes, tuple(values))
    entries = [Section(item, where, fabric.mistakes, ENDPOINT_KEYS) for where, item in section.entries("endpoints")]
    found = [_endpoint(entry, network, hosts) for entry in entries]
    return replace(network, endpoints=tuple(sorted(found, key=lambda endpoint: natural_key(endpoint.name))))


def _endpoint(section: Section, network: Network, hosts: _Hosts) -> Endpoint:
    mistakes, place = section.mistakes, section.place
    section.require("name", "host")
    name = section.parsed("name", words.parse_label) or ""
    if name:
        mistakes.claim(_NAMES, name, place.at("name"), f"the name {name}")
    host = section.parsed("host", words.parse_word) or ""
    if host and _is_no_member(hosts.members[network.name], host):
        section.wrong("host", f"{host} is not a member of network {network.name}{suggest(host, network.members)}")
    mac = section.parsed("mac", parse_interface_mac)
    if mac is not None:
        mistakes.claim(f"MAC of network {network.name}", mac, place.at("mac"))
    addresses = section.texts("address", words.parse_endpoint_address)
    for where, address in addresses:
        mistakes.claim(f"address of network {network.name}", address.partition("/")[0], where)
    port = _endpoint_port(section, network, host, hosts)
    return Endpoint(name, network.name, host, port, mac, tuple(address for _where, address in addresses))


def _endpoint_port(section: Section, network: Network, host: str, hosts: _Hosts) -> str | None:
    """The port that the endpoint names, else the only one that its host lists for the network."""
    port = section.parsed("port", parse_name)
    if host not in hosts.vteps:
        return port
    if port is None:
        listed = hosts.vteps[host].ports.get(network.name, ())
        return listed[0] if len(listed) == 1 else None
    of_host = hosts.ports[host]
    if port not in of_host.get(network.name, ()):
        section.mistakes.claim(f"link of {host}", port, section.place.at("port"))
        of_host.setdefault(network.name, set()).add(port)
    return port
