# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the state of each host, as the module vtep takes it.

O(hosts x networks), plus the length of the peer lists: what the members of a network share is prepared once, and a list that many networks
share is in a state once.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import HostState, compact
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    MULTICAST,
    POINT_TO_POINT,
    STATIC,
    Fabric,
    Network,
    Vtep,
)

# The bridge port of the VXLAN interface is the fabric's own: its flags are said, so that a changed one is found.
# Access ports belong to the machines behind them: only that they are in the bridge is said.
TUNNEL_PORT_FLAGS = {
    "learning": True,
    "flood": True,
    "mcast_flood": True,
    "bcast_flood": True,
    "hairpin": False,
    "isolated": False,
}


class _Carriers:
    """The VTEPs of one set of members in one family, in the order of their addresses: the order of flood lists.

    Networks with the same members share one, and each host one list of its peers: a copy per network would be
    hosts x hosts x networks. label: what hosts call it, the first of these networks.
    """

    def __init__(self, fabric: Fabric, members: tuple[str, ...], family: int, label: str) -> None:
        self.label = label
        addresses = {host: fabric.vteps[host].addresses[family] for host in members}
        self.hosts = sorted(members, key=lambda host: int(ipaddress.ip_address(addresses[host])))
        self._addresses = [addresses[host] for host in self.hosts]
        self._peers: dict[str, list[str]] = {}

    def peers_of(self, host: str) -> list[str]:
        """The addresses of all others. Shared: not to be changed."""
        if host not in self._peers:
            place = self.hosts.index(host)
            self._peers[host] = self._addresses[:place] + self._addresses[place + 1 :]
        return self._peers[host]


class _Draft:
    """What one host gets, network by network."""

    def __init__(self) -> None:
        self.interfaces: list[dict[str, Any]] = []
        self.bridges: list[dict[str, Any]] = []
        self.fdb: list[dict[str, Any]] = []
        self.peers: dict[str, list[str]] = {}

    def add(self, fabric: Fabric, network: Network, vtep: Vtep, carriers: _Carriers) -> None:
        peers = carriers.peers_of(vtep.host)
        flood = [carriers.label] if network.flooding == STATIC and peers else []
        self.peers.update(dict.fromkeys(flood, peers))
        self.interfaces.append(_interface(fabric, network, vtep, peers))
        self.bridges.append(_bridge(network, vtep))
        self.fdb.append(_fdb(fabric, network, vtep, flood))


def host_states(fabric: Fabric, hosts: Iterable[str] | None = None) -> dict[str, HostState]:
    """The state of each VTEP, or of the hosts that are named. A host that carries no network has an empty one."""
    drafts = {host: _Draft() for host in (fabric.vteps if hosts is None else hosts)}
    carriers: dict[tuple[tuple[str, ...], int], _Carriers] = {}
    for network in fabric.networks.values():
        key = (network.members, network.family)
        if key not in carriers:
            carriers[key] = _Carriers(fabric, *key, network.name)
        for host in network.members:
            if host in drafts:
                drafts[host].add(fabric, network, fabric.vteps[host], carriers[key])
    return {host: compact(fabric.name, draft.interfaces, draft.bridges, draft.fdb, draft.peers) for host, draft in drafts.items()}


def texts_of(states: Mapping[str, HostState]) -> dict[str, str]:
    """As JSON: a text costs Ansible nothing, while it looks through every value of a mapping for templates."""
    return {host: json.dumps(state, separators=(",", ":")) for host, state in states.items()}


def networks_of_links(fabric: Fabric) -> dict[str, str]:
    """By the name of a VXLAN interface or bridge, the network that it is of: for reports."""
    return {link: network.name for network in fabric.networks.values() for link in (network.interface, network.bridge)}


def _interface(fabric: Fabric, network: Network, vtep: Vtep, peers: list[str]) -> dict[str, Any]:
    arguments = {
        "name": network.interface,
        "state": "up",
        "vni": network.vni,
        "port": fabric.port,
        "local": vtep.addresses[network.family],
        "learning": network.learning,
        "mtu": _mtu_of_interface(network, vtep),
        "addrgenmode": "none",
    }
    if vtep.device is not None:
        arguments["device"] = vtep.device
    if network.flooding == MULTICAST:
        arguments["group"] = network.group
    else:
        # "none" is said, not left out: an interface that had a group or remote before is to lose it.
        arguments["remote"] = peers[0] if network.flooding == POINT_TO_POINT else "none"
    return {key: value for key, value in arguments.items() if value is not None}


def _mtu_of_interface(network: Network, vtep: Vtep) -> int | str | None:
    """Known, or left to the host; without a device there is nothing it could be derived from."""
    if network.mtu is not None:
        return network.mtu
    return "auto" if vtep.device is not None else None


def _bridge(network: Network, vtep: Vtep) -> dict[str, Any]:
    ports: list[dict[str, Any]] = [{"name": network.interface, **TUNNEL_PORT_FLAGS}]
    ports += [{"name": port} for port in vtep.ports.get(network.name, ())]
    arguments = {
        "name": network.bridge,
        "state": "up",
        "stp": False,
        "mcast_snooping": False,
        "mtu": network.mtu,
        "addresses": [],
        "addrgenmode": "none",
        "ports": ports,
        "purge": "managed",
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _fdb(fabric: Fabric, network: Network, vtep: Vtep, flood: list[str]) -> dict[str, Any]:
    """The flood list, where it is a list of addresses, and the MAC addresses that are behind other VTEPs."""
    rows = [
        {"mac": endpoint.mac, "dst": fabric.vteps[endpoint.host].addresses[network.family]}
        for endpoint in network.endpoints
        if endpoint.mac is not None and endpoint.host != vtep.host
    ]
    return {"interface": network.interface, "flood": flood, "rows": rows, "purge": "managed"}
