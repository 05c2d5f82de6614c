# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What was found on hosts: state and drift, by what the tasks of the role registered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.compare import compare_state
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.drift import list_drift, reason_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.judging import links_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.slices import slices_of

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
    def earlier(self) -> list[str]:
        """Hosts of earlier batches."""
        return list(self.every[: self.every.index(self.now[0])])

    @property
    def _end(self) -> int:
        return self.every.index(self.now[-1]) + 1


def find(wanted_text: str, of: Mapping[str, Any], host: str, state: Result | None, result: Result | None) -> dict[str, Any] | None:
    """wanted_text: the state of the host as the goal has it; of: the goal of its fabric. state: what vtep_info returned. result: what vtep
    returned in check mode. None when the host was not looked at."""
    if state is None:
        return None
    wanted, networks = expand(json.loads(wanted_text)), links_of(of, host)
    vnis = {int(vni): name for vni, name in of["vnis"].items()}
    compared = compare_state(wanted, vnis, state if "interfaces" in state else None)
    return {**compared, **list_drift(result or {}, {**_networks_of_ports(wanted, vnis), **networks}), "error": reason_of(state, result or {})}


def _networks_of_ports(wanted: Mapping[str, Any], vnis: Mapping[int, str]) -> dict[str, str]:
    """By port, the network that it is of; a trunk port that is in several is of none."""
    found: dict[str, set[str]] = {}
    for cut in slices_of(dict(wanted)):
        for port in cut.ports:
            found.setdefault(port, set()).add(vnis[cut.vni])
    return {port: next(iter(names)) for port, names in found.items() if len(names) == 1}


def find_all(hostvars: HostVars, goal: Mapping[str, Any], of: Mapping[str, Any], batch: Batch, before: Mapping[str, Any]) -> dict[str, dict[str, Any] | None]:
    """By host of the fabric. of: its goal. before: its report of the batch before, empty without one."""
    known = {entry["host"]: entry for entry in before.get("hosts", ())}
    now = {
        host: find(goal["states"][host], of, host, hostvars[host].get("verify_state"), hostvars[host].get("vtep_result"))
        for host in of["hosts"]
        if host in batch.now
    }
    lost = set(batch.reported).difference(batch.now, known).intersection((*of["carriers"], *of["idle"]))
    mine = {*now, *known, *lost}
    return {host: now.get(host, known.get(host)) for host in batch.reported if host in mine}


def registered(hostvars: HostVars, hosts: Sequence[str], name: str) -> tuple[dict[str, Result], dict[str, str]]:
    """By host, what a task of the role returned; and why there is nothing, of hosts on which it failed."""
    results = {host: hostvars[host].get(name) for host in hosts}
    ran = {host: result for host, result in results.items() if result and not result.get("skipped")}
    failed = {host: reason for host, result in ran.items() if (reason := reason_of(result))}
    return {host: result for host, result in ran.items() if host not in failed}, failed
