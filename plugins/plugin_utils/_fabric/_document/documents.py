# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""All documents of a fabric, by file name."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.graphs import topology_dot, topology_mermaid
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.membership import draw_membership
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.pages import fabric_page, host_page
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.replication import draw_replication
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.spreadsheets import flood_csv, networks_csv, vteps_csv
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.topology import draw_topology
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric


def make_documents(fabric: Fabric, hosts: Iterable[str] | None = None) -> dict[str, str]:
    """Text by path below a directory of the fabric. hosts: only their pages. The same fabric gives the same bytes."""
    of = [host for host in fabric.vteps if hosts is None or host in set(hosts)]
    states = host_states(fabric, of)
    return {
        "README.md": fabric_page(fabric),
        "topology.svg": draw_topology(fabric),
        "membership.svg": draw_membership(fabric),
        "replication.svg": draw_replication(fabric),
        "topology.mmd": topology_mermaid(fabric),
        "topology.dot": topology_dot(fabric),
        "vteps.csv": vteps_csv(fabric),
        "networks.csv": networks_csv(fabric),
        "flood.csv": flood_csv(fabric),
        **{f"hosts/{host}.md": host_page(fabric, fabric.vteps[host], states[host]) for host in of},
    }
