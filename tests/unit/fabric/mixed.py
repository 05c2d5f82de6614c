# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small fabric with hosts of both styles, a tenant with two networks, and trunk ports."""

from __future__ import annotations

import copy

from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory

_MIXED = Inventory(
    {
        "name": "m",
        "underlay": {"mtu": 1600},
        "gateway_mac": "02:00:5e:00:01:01",
        "vrfs": {"red": {"table": 1001}},
        "networks": {
            "web": {
                "vni": 10100,
                "vlan": 100,
                "members": ["all"],
                "vrf": "red",
                "gateway": {"address": "10.0.0.254/24", "members": ["switches"]},
                "endpoints": [
                    {"name": "w1", "host": "leaf1", "port": "swp1", "mac": "02:00:00:00:00:01", "address": "10.0.0.1/24"},
                    {"name": "w2", "host": "hv1", "port": "tap0", "mac": "02:00:00:00:00:02", "address": "10.0.0.2/24"},
                ],
            },
            "app": {
                "vni": 10101,
                "vlan": 101,
                "members": ["leaf1", "leaf2", "hv1"],
                "vrf": "red",
                "gateway": {"address": "10.0.1.254/24", "members": ["switches"]},
                "endpoints": [
                    {"name": "a1", "host": "leaf2", "port": "swp9", "mac": "02:00:00:00:01:01", "address": "10.0.1.1/24"},
                    {"name": "a2", "host": "hv1", "port": "eth5", "mac": "02:00:00:00:01:02", "address": "10.0.1.2/24"},
                ],
            },
            "lab": {"vni": 30000, "vlan": 300, "members": ["leaf1", "hv1"], "flooding": "multicast", "group": "239.0.0.3"},
        },
    },
    {
        "leaf1": {"style": "single", "address": "192.0.2.1", "device": "eth0", "ports": {"web": ["swp1"], "swp8": {"access": "lab"}}},
        "leaf2": {"style": "single", "address": "192.0.2.2", "device": "eth0", "ports": {"swp9": {"trunk": ["app", "web"]}}},
        "hv1": {
            "address": "192.0.2.3",
            "device": "eth0",
            "ports": {"web": ["tap0"], "eth5": {"trunk": ["app", "web"], "native": "lab"}},
        },
    },
    {"all": ["hv1", "leaf1", "leaf2"], "ungrouped": [], "hypervisors": ["hv1"], "switches": ["leaf1", "leaf2"]},
)


def mixed() -> Inventory:
    """A copy that may be spoilt. leaf1 and leaf2 are of style single and the gateways, hv1 has a bridge for each network."""
    return copy.deepcopy(_MIXED)
