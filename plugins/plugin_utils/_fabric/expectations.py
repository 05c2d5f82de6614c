# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who must talk to whom: the endpoints that the module ping_matrix probes, and the counts that it must come to."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.checks_routing import overlaps
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, NONE, Endpoint, Fabric, Network
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import gateways_of, netns_of


def list_endpoints(fabric: Fabric) -> list[dict[str, Any]]:
    """Every endpoint with the namespace that stands for it on a twin. Endpoints without an address are probed by MAC."""
    return [
        {
            "name": endpoint.name,
            "network": network.name,
            "host": endpoint.host,
            "netns": netns_of(fabric, endpoint.name),
            "mac": endpoint.mac,
            "addresses": list(endpoint.addresses),
            "flooding": network.flooding != NONE,
            **_routing(fabric, network, endpoint),
        }
        for network in fabric.networks.values()
        for endpoint in network.endpoints
    ]


def _routing(fabric: Fabric, network: Network, endpoint: Endpoint) -> dict[str, Any]:
    """What gateways lead to. A machine goes by the gateway of its own host, which keeps its ARP requests to itself; without one there, by
    whichever answers first, and then the others have to join the same networks, or nobody knows."""
    gateway = network.gateway
    if gateway is None or not gateway.hosts:
        return {}
    routers = [endpoint.host] if endpoint.host in gateway.hosts else gateway.hosts
    joined = [{*fabric.joins(host, network)} - {network.name} for host in routers]
    every, some = set.intersection(*joined), set.union(*joined)
    # Where two networks have the same subnet, a packet goes to one of them.
    unclear = {name for host in routers for pair in _overlaps(fabric, host, network) for name in pair}
    every = set() if network.name in unclear else every - unclear
    found = len(gateway.hosts) == 1 or network.flooding in (EVPN, NONE) or (endpoint.mac is not None and bool(endpoint.addresses))
    routed = every if found else set()
    return {
        "gateways": gateways_of(network, endpoint),
        "gateway_mac": gateway.mac,
        "routed": sorted(routed, key=natural_key),
        "unjudged": sorted(some - routed, key=natural_key),
    }


def _overlaps(fabric: Fabric, host: str, network: Network) -> list[tuple[str, str]]:
    return [(one[1], other[1]) for one, other in overlaps(fabric.networks[name] for name in fabric.joins(host, network))]
