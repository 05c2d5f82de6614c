# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What verify looks for, compiled once, and what it found on a host."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compare import compare_state
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states, networks_of_links, texts_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.drift import list_drift, reason_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric

Result = Mapping[str, Any]
HostVars = Mapping[str, Mapping[str, Any]]


class Batch(NamedTuple):
    """Where a play stands that takes its hosts in batches, by C(serial).

    now: the batch at hand; active: hosts that did not fail; every: of the whole play, in its order.
    """

    now: Sequence[str]
    active: Sequence[str]
    every: Sequence[str]

    @property
    def waiting(self) -> list[str]:
        """Hosts of later batches."""
        active = set(self.active)
        return [host for host in self.every[self._end :] if host in active]

    @property
    def reported(self) -> list[str]:
        """Hosts of this batch and earlier ones; those that failed before their turn too."""
        return list(self.every[: self._end] if self.waiting else self.every)

    @property
    def _end(self) -> int:
        return self.every.index(self.now[-1]) + 1


def make_goal(fabric: Fabric, hosts: Iterable[str]) -> dict[str, Any]:
    """`fabric` is its name, `states` the host states as text, `networks` belongs to names of interfaces and bridges, `endpoints` is for ping_matrix."""
    return {
        "fabric": fabric.name,
        "states": texts_of(host_states(fabric, hosts)),
        "networks": networks_of_links(fabric),
        "endpoints": list_endpoints(fabric),
    }


def find(goal: Mapping[str, Any], host: str, state: Result | None, result: Result | None) -> dict[str, Any] | None:
    """state: what vtep_info returned. result: what vtep returned in check mode. None when the host was not looked at."""
    if state is None:
        return None
    wanted = expand(json.loads(goal["states"][host]))
    ports = {port["name"]: goal["networks"][bridge["name"]] for bridge in wanted["bridges"] for port in bridge["ports"]}
    compared = compare_state(wanted, goal["networks"], state) if "interfaces" in state else {"networks": [], "problems": []}
    return {**compared, **list_drift(result or {}, {**ports, **goal["networks"]}), "error": reason_of(state, result or {})}


def findings(hostvars: HostVars, goal: Mapping[str, Any], batch: Batch) -> dict[str, dict[str, Any] | None]:
    """By host, in this batch from what its tasks registered, in earlier ones from the report that was made then."""
    before = _reported_before(hostvars, batch)
    now = {host: find(goal, host, hostvars[host].get("verify_state"), hostvars[host].get("vtep_result")) for host in batch.now}
    return {host: now.get(host, before.get(host)) for host in batch.reported}


def _reported_before(hostvars: HostVars, batch: Batch) -> dict[str, dict[str, Any]]:
    earlier = batch.every[: batch.every.index(batch.now[0])]
    reports = (hostvars[host].get("verify_report") for host in reversed(earlier))
    last: Mapping[str, Any] = next((report for report in reports if report), {})
    return {entry["host"]: entry for entry in last.get("hosts", ())}
