# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Routing tables: the VRFs of the inventory, and the networks that their L3VNIs are."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key, parse_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, FAMILY_NAMES, Network, Vrf, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section, suggest

# default, main and local of rt_tables(5).
_TABLES_OF_THE_SYSTEM = (253, 254, 255)
# Tables of VRFs that give neither table nor L3VNI: above those that people number by hand, and no more digits than can be read out.
_FIRST_TABLE, _TABLES = 100_000, 900_000


def parse_vrfs(section: Section) -> dict[str, Vrf]:
    """section: vxlan_fabric. By name, in natural order."""
    found = [_vrf(section, name, raw) for name, raw in sorted(section.items("vrfs"), key=lambda item: natural_key(item[0]))]
    return {vrf.name: vrf for vrf in found}


def _vrf(fabric: Section, name: str, raw: object) -> Vrf:
    place = fabric.place.at("vrfs").at(name)
    section = Section(raw, place, fabric.mistakes, keys.VRF.names())
    section.parse_one(name, place, parse_name, "name-too-long")
    vni = section.number("vni", keys.VNI, kind="vni-out-of-range")
    table = section.number("table", keys.TABLE)
    if table in _TABLES_OF_THE_SYSTEM:
        section.wrong("table", f"{table} is a table of the system itself (default, main, local)")
    table = table or _table_of(name, vni)
    section.mistakes.claim("routing table", table, section.place.at("table"), f"table {table}", "duplicate-table")
    return Vrf(name, table, vni, section.number("vlan", keys.VLAN))


def _table_of(name: str, vni: int | None) -> int:
    """The L3VNI, else made of the name alone: it stays the same whatever other VRFs there are."""
    if vni is not None and vni not in _TABLES_OF_THE_SYSTEM:
        return vni
    return _FIRST_TABLE + zlib.crc32(name.encode()) % _TABLES


def check_vrf_names(networks: Sequence[Network], vrfs: Mapping[str, Vrf], mistakes: Mistakes) -> None:
    for network in networks:
        if network.vrf is not None and network.vrf not in vrfs:
            place = Place(None, keys.FABRIC.name).at("networks").at(network.name).at("vrf")
            mistakes.add(place, f"there is no VRF {network.vrf!r} in vrfs{suggest(network.vrf, vrfs)}", "unknown-name")


def make_transits(vrfs: Mapping[str, Vrf], networks: Sequence[Network], vteps: Mapping[str, Vtep], port: int, mistakes: Mistakes) -> dict[str, Network]:
    """The L3VNIs as networks of the hosts that have a gateway in the VRF. BGP fills them, so that they are like networks with flooding: evpn."""
    found = {}
    for vrf in vrfs.values():
        routed = [network for network in networks if network.vrf == vrf.name and network.gateway is not None]
        if vrf.vni is not None and routed:
            found[vrf.name] = _transit(vrf, vrf.vni, routed, vteps, port)
            _check_members(found[vrf.name], vteps, mistakes)
    return found


def _transit(vrf: Vrf, vni: int, routed: Sequence[Network], vteps: Mapping[str, Vtep], port: int) -> Network:
    hosts = {host for network in routed for host in (network.gateway.hosts if network.gateway else ())}
    return Network(
        name=f"vrf {vrf.name}",  # with a space: no network has such a name
        vni=vni,
        flooding=EVPN,
        group=None,
        family=min(network.family for network in routed),
        learning=False,
        mtu=None,
        interface=f"vx{vni}",
        bridge=f"br{vni}",
        members=tuple(host for host in vteps if host in hosts),
        endpoints=(),
        port=port,
        vlan=vrf.vlan,
        vrf=vrf.name,
        is_transit=True,
    )


def _check_members(transit: Network, vteps: Mapping[str, Vtep], mistakes: Mistakes) -> None:
    family = FAMILY_NAMES[transit.family]
    for host in transit.members:
        if transit.family not in vteps[host].addresses:
            place = Place(host, keys.VTEP.name).at("address")
            mistakes.add(place, f"there is no {family} address, the L3VNI of VRF {transit.vrf} is of family {family}", "no-vtep")
