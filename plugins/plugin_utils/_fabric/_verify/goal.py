# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What verify looks for, compiled once for all hosts of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.probes import networks_with_lists, plan_probes, untried_networks
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import networks_of_links, states_of, texts_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric, Vtep


def make_goal(fabrics: Mapping[str, Fabric], hosts: Sequence[str], limit: int) -> dict[str, Any]:
    """hosts: of the batch. limit: most pairs that are all tried.

    `states` and `probes` by host and `fabrics` by name are JSON texts, which cost Ansible nothing: it looks through every value of a mapping for
    templates. `endpoints` by the name of the fabric are for ping_matrix.
    """
    probes, of = {}, {}
    for name, fabric in fabrics.items():
        carries = {*fabric.vteps, *fabric.idle}
        here = [host for host in hosts if host in carries]
        planned = plan_probes(fabric, here, limit)
        probes.update({host: {"fabric": name, **planned.by_host.get(host, {"paths": [], "memberships": [], "bridges": []})} for host in here})
        of[name] = {
            "port": fabric.port,
            "hosts": here,
            "carriers": [host for host in fabric.vteps if any(host in network.members for network in fabric.carried)],
            "idle": list(fabric.idle),
            "networks": networks_of_links(fabric),
            "own_networks": {host: networks_of_links(fabric, host) for host in here if host in fabric.vteps and _has_own_names(fabric.vteps[host])},
            "vnis": {network.vni: network.name for network in fabric.carried},
            "addresses": {address: vtep.host for vtep in fabric.vteps.values() for address in (*vtep.addresses.values(), *vtep.others)},
            "with_lists": networks_with_lists(fabric),
            "untried": untried_networks(fabric),
            "paths": planned.paths,
            "sampled_paths": planned.sampled_paths,
            "directions": planned.directions,
            "sampled_directions": planned.sampled_directions,
        }
    return {
        "states": texts_of(states_of(fabrics, hosts)),
        "probes": texts_of(probes),
        "fabrics": texts_of(of),
        "endpoints": {name: list_endpoints(fabric) for name, fabric in fabrics.items()},
    }


def _has_own_names(vtep: Vtep) -> bool:
    """Links of it have other names than on other hosts."""
    return bool(vtep.seats or vtep.trunks) or vtep.is_single
