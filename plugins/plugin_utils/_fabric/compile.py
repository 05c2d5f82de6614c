# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the state of each host, as arguments of the modules interface, bridge and fdb.

O(hosts x networks), plus the length of the lists themselves: what the members of a network share is prepared once.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    MULTICAST,
    POINT_TO_POINT,
    STATIC,
    Fabric,
    Network,
    Vtep,
)

HostState = dict[str, Any]

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
    hosts x hosts x networks.
    """

    def __init__(self, fabric: Fabric, members: tuple[str, ...], family: int) -> None:
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


def host_states(fabric: Fabric, hosts: Iterable[str] | None = None) -> dict[str, HostState]:
    """The state of each VTEP, or of the hosts that are named. A host that carries no network has an empty one."""
    states = {host: _no_state(fabric) for host in (fabric.vteps if hosts is None else hosts)}
    carriers: dict[tuple[tuple[str, ...], int], _Carriers] = {}
    for network in fabric.networks.values():
        key = (network.members, network.family)
        if key not in carriers:
            carriers[key] = _Carriers(fabric, *key)
        for host in network.members:
            if host in states:
                _add_network(states[host], fabric, network, fabric.vteps[host], carriers[key].peers_of(host))
    return states


def owner_mark(fabric: Fabric) -> str:
    """The alias of what the fabric made."""
    return OWNER_MARK + fabric.name


def _no_state(fabric: Fabric) -> HostState:
    return {"fabric": fabric.name, "interfaces": [], "bridges": [], "fdb": []}


def _add_network(state: HostState, fabric: Fabric, network: Network, vtep: Vtep, peers: list[str]) -> None:
    state["interfaces"].append(_interface(fabric, network, vtep, peers))
    state["bridges"].append(_bridge(fabric, network, vtep))
    state["fdb"].append(_fdb(fabric, network, vtep, peers))


def _interface(fabric: Fabric, network: Network, vtep: Vtep, peers: list[str]) -> dict[str, Any]:
    arguments = {
        "name": network.interface,
        "network": network.name,
        "state": "up",
        "vni": network.vni,
        "port": fabric.port,
        "local": vtep.addresses[network.family],
        "learning": network.learning,
        "mtu": _mtu_of_interface(network, vtep),
        "addrgenmode": "none",
        "alias": owner_mark(fabric),
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


def _bridge(fabric: Fabric, network: Network, vtep: Vtep) -> dict[str, Any]:
    ports: list[dict[str, Any]] = [{"name": network.interface, **TUNNEL_PORT_FLAGS}]
    ports += [{"name": port} for port in vtep.ports.get(network.name, ())]
    arguments = {
        "name": network.bridge,
        "network": network.name,
        "state": "up",
        "stp": False,
        "mcast_snooping": False,
        "mtu": network.mtu,
        "addresses": [],
        "addrgenmode": "none",
        "alias": owner_mark(fabric),
        "ports": ports,
        "purge": "managed",
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _fdb(fabric: Fabric, network: Network, vtep: Vtep, peers: list[str]) -> dict[str, Any]:
    """The flood list, where it is a list of addresses, and the MAC addresses that are behind other VTEPs."""
    rows: list[dict[str, Any]] = []
    if network.flooding == STATIC and peers:
        rows.append({"mac": ZERO_MAC, "dst": peers})
    rows += [
        {"mac": endpoint.mac, "dst": fabric.vteps[endpoint.host].addresses[network.family]}
        for endpoint in network.endpoints
        if endpoint.mac is not None and endpoint.host != vtep.host
    ]
    return {"interface": network.interface, "network": network.name, "rows": rows, "purge": "managed"}
