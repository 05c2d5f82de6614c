# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""VRFs, and ports that several networks share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.flooding import Flooding
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.networks import Group
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import SeenHost, Tunnel
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, subinterface


def vrf_of_gateway(group: Group) -> str | None:
    """The VRF that the gateways of a network are in, all of them."""
    found = {tunnel.vrf for tunnel in group.tunnels if tunnel.gateway}
    return found.pop() if len(found) == 1 else None


def describe_vrfs(hosts: Iterable[SeenHost], used: Iterable[str], transits: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """used: names. transits: L3VNI by VRF. The table is that of the first host."""
    wanted = set(used)
    tables: dict[str, int] = {}
    for host in hosts:
        for name, table in host.tables.items():
            if name in wanted:
                tables.setdefault(name, table)
    return {name: {**({"vni": transits[name]} if name in transits else {}), "table": table} for name, table in sorted(tables.items())}


def split_transits(groups: Sequence[Group], flooding: Mapping[int, Flooding]) -> tuple[list[Group], dict[str, int]]:
    """The networks, and by VRF those that are no network but its L3VNI: BGP fills them, and their bridge is in the VRF and has neither addresses
    nor ports, under the names that deploy gives it."""
    transits: dict[str, int] = {}
    networks = []
    for group in groups:
        vrfs = {tunnel.vrf for tunnel in group.tunnels}
        vrf = vrfs.pop() if len(vrfs) == 1 else None
        if vrf is not None and vrf not in transits and flooding[group.vni].word == EVPN and all(_is_bare(tunnel) for tunnel in group.tunnels):
            transits[vrf] = group.vni
        else:
            networks.append(group)
    return networks, transits


def _is_bare(tunnel: Tunnel) -> bool:
    return not tunnel.gateway and not tunnel.access_ports and (tunnel.name, tunnel.bridge_name) == (f"vx{tunnel.vni}", f"br{tunnel.vni}")


def describe_ports(tunnels: Mapping[str, Tunnel], vlans: Mapping[str, int | None]) -> dict[str, Any]:
    """The access ports of a host: by network, and trunks by port. An 802.1Q interface under another name than that of deploy, or of another VLAN than
    that of the network, is an access port like any other."""
    access: dict[str, list[str]] = {}
    trunks: dict[str, dict[str, Any]] = {}
    for network, tunnel in tunnels.items():
        for name in tunnel.access_ports:
            trunk = tunnel.trunks.get(name)
            if trunk is not None and trunk.vlan == vlans.get(network) and name == subinterface(*trunk):
                trunks.setdefault(trunk.port, {"trunk": []})["trunk"].append(network)
            else:
                access.setdefault(network, []).append(name)
    for network, names in access.items():
        for name in names:
            if name in trunks:
                trunks[name]["native"] = network
    plain = {network: [name for name in names if name not in trunks] for network, names in access.items()}
    return {**{network: names for network, names in plain.items() if names}, **trunks}
