# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The part of the inventory that belongs to hosts: addresses, access ports, and what is different on a host."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import family_of, parse_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys, words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, OVERHEAD, STYLES, Network, Seat, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_ports import Drafts, check_network, parse_ports
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section


def parse_vteps(raw: Mapping[str, object], drafts: Drafts, style: str, mistakes: Mistakes) -> dict[str, Vtep]:
    """raw: vxlan_vtep by host, None where a host has none. drafts: networks by name. style: of hosts that say none."""
    return {host: _vtep(host, value, drafts, style, mistakes) for host, value in raw.items() if value is not None}


def _vtep(host: str, raw: object, drafts: Drafts, style: str, mistakes: Mistakes) -> Vtep:
    section = Section(raw, Place(host, keys.VTEP.name), mistakes, keys.VTEP.names())
    section.require("address")
    device = section.parsed("device", parse_name, "name-too-long")
    if device is not None:
        mistakes.claim(f"link of {host}", device, section.place.at("device"))
    addresses, others = _addresses(section)
    ports = parse_ports(section, host, drafts)
    return Vtep(
        host,
        addresses,
        device,
        ports.access,
        others,
        section.number("mtu", keys.UNDERLAY_MTU),
        _seats(section, host, drafts, (*addresses.values(), *others)),
        ports.trunks,
        section.choice("style", STYLES) or style,
        section.parsed("interface", parse_name, "name-too-long"),
        section.parsed("bridge", parse_name, "name-too-long"),
    )


def _addresses(section: Section) -> tuple[dict[int, str], tuple[str, ...]]:
    """The first of each family, and the others. No other host has any of them."""
    addresses: dict[int, str] = {}
    others: list[str] = []
    for place, address in section.texts("address", words.parse_vtep_address):
        if not section.mistakes.claim("VTEP address", address, place, kind="duplicate-vtep-address"):
            continue
        family = family_of(address)
        if family in addresses:
            others.append(address)
        addresses.setdefault(family, address)
    return addresses, tuple(others)


def _seats(section: Section, host: str, drafts: Drafts, addresses: tuple[str, ...]) -> dict[str, Seat]:
    entries = section.items("networks")
    listed = Section(section.raw.get("networks") if entries else None, section.place.at("networks"), section.mistakes, [name for name, _raw in entries])
    seats = {}
    for name, raw in entries:
        seat = Section(raw, listed.place.at(name), section.mistakes, keys.SEAT.names())
        if check_network(listed.place.at(name), name, host, drafts, listed):
            seats[name] = _seat(seat, host, drafts[name].network, addresses)
    return seats


def _seat(section: Section, host: str, network: Network, addresses: tuple[str, ...]) -> Seat:
    address = section.parsed("address", words.parse_vtep_address)
    if address is not None and family_of(address) != network.family:
        name = FAMILY_NAMES[network.family]
        section.wrong("address", f"{address} is not of family {name} as network {network.name} is", "family-mixed")
        address = None
    elif address is not None and address not in addresses:
        section.wrong("address", f"{address} is none of the VTEP addresses of {host} ({', '.join(addresses)})", "no-vtep")
        address = None
    port = section.number("port", keys.PORT)
    if port is not None and port != network.port:
        section.wrong("port", f"{port} is not {network.port}, the port of network {network.name}: {host} would not hear the other members", "port-differs")
    return Seat(
        address=address,
        device=section.parsed("device", parse_name, "name-too-long"),
        port=port,
        mtu=section.number("mtu", (keys.MTU_MIN - OVERHEAD[6], keys.MTU_MAX)),
        interface=section.parsed("interface", parse_name, "name-too-long"),
        bridge=section.parsed("bridge", parse_name, "name-too-long"),
    )
