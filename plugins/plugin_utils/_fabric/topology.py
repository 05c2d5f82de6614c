# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the topology of its twin, as the module twin takes it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Endpoint, Fabric, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section

DEFAULT_DEVICE = "eth0"
DEFAULT_MTU = 1500

# The longest common subnets that look familiar; addresses further apart get a shorter one.
_LONGEST = {4: 24, 6: 64}
_BITS = {4: 32, 6: 128}


def make_topology(fabric: Fabric, twin: object = None) -> dict[str, Any]:
    """twin: the value of vxlan_twin, what only the twin has to know."""
    mistakes = Mistakes()
    section = Section(twin, Place(None, "vxlan_twin"), mistakes, keys.TWIN.names())
    mode = section.choice("mode", keys.TWIN.key("mode").choices) or keys.TWIN.key("mode").choices[0]
    mtu = section.number("mtu", keys.UNDERLAY_MTU) or fabric.underlay_mtu or DEFAULT_MTU
    mistakes.raise_if_any()
    lengths = {family: _prefix_length(family, fabric.vteps.values()) for family in (4, 6)}
    endpoints = _endpoints_by_host(fabric)
    return {
        "name": fabric.name,
        "underlay": {"mode": mode, "mtu": mtu},
        "hosts": [_host(fabric, vtep, mode, lengths, endpoints[vtep.host]) for vtep in fabric.vteps.values()],
    }


def netns_of(fabric: Fabric, name: str) -> str:
    """The namespace of a host or endpoint of the twin."""
    return f"{fabric.name}-{name}"


def _host(fabric: Fabric, vtep: Vtep, mode: str, lengths: Mapping[int, int], endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    lengths = lengths if mode == "segment" else _BITS
    return {
        "name": vtep.host,
        "netns": netns_of(fabric, vtep.host),
        "device": vtep.device or DEFAULT_DEVICE,
        "addresses": [f"{vtep.addresses[family]}/{lengths[family]}" for family in sorted(vtep.addresses)],
        "endpoints": endpoints,
    }


def _endpoints_by_host(fabric: Fabric) -> dict[str, list[dict[str, Any]]]:
    """An endpoint behind each access port: the one of the inventory, else a silent one, so that the port is there.

    A port is one cable: of several endpoints behind it, the first has it.
    """
    found: dict[str, list[dict[str, Any]]] = {host: [] for host in fabric.vteps}
    taken: set[tuple[str, str]] = set()
    for endpoint in _all_endpoints(fabric):
        if endpoint.port is not None and (endpoint.host, endpoint.port) not in taken:
            taken.add((endpoint.host, endpoint.port))
            found[endpoint.host].append(_endpoint(fabric, endpoint))
    for vtep in fabric.vteps.values():
        for network, ports in vtep.ports.items():
            silent = [port for port in ports if (vtep.host, port) not in taken]
            found[vtep.host] += [_endpoint(fabric, _silent(vtep.host, network, port)) for port in silent]
    return {host: sorted(items, key=lambda item: natural_key(item["name"])) for host, items in found.items()}


def _all_endpoints(fabric: Fabric) -> Iterable[Endpoint]:
    return (endpoint for network in fabric.networks.values() for endpoint in network.endpoints)


def _silent(host: str, network: str, port: str) -> Endpoint:
    return Endpoint(f"{host}-{port}", network, host, port, None, ())


def _endpoint(fabric: Fabric, endpoint: Endpoint) -> dict[str, Any]:
    """mac and mtu are left out where nobody said them: the twin has its own defaults."""
    entry = {
        "name": endpoint.name,
        "netns": netns_of(fabric, endpoint.name),
        "port": endpoint.port,
        "mac": endpoint.mac,
        "mtu": fabric.networks[endpoint.network].mtu,
        "addresses": list(endpoint.addresses),
        "network": endpoint.network,
    }
    return {key: value for key, value in entry.items() if value is not None}


def _prefix_length(family: int, vteps: Iterable[Vtep]) -> int:
    """Of the subnet that holds all VTEPs, so that they reach each other on one segment without routes."""
    bits = _BITS[family]
    numbers = [int(ipaddress.ip_address(vtep.addresses[family])) for vtep in vteps if family in vtep.addresses]
    length = _LONGEST[family]
    while length > 0 and not _fits(numbers, bits - length, family):
        length -= 1
    return length


def _fits(numbers: list[int], host_bits: int, family: int) -> bool:
    """All in one subnet, none of them its network or (IPv4) broadcast address."""
    if len({number >> host_bits for number in numbers}) > 1:
        return False
    mask = (1 << host_bits) - 1
    reserved = (0, mask) if family == 4 else (0,)
    return all(number & mask not in reserved for number in numbers)
