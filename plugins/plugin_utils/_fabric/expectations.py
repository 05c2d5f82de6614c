# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who must talk to whom: the endpoints that the module ping_matrix probes, and the counts that it must come to."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import NONE, Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import netns_of


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
        }
        for network in fabric.networks.values()
        for endpoint in network.endpoints
    ]
