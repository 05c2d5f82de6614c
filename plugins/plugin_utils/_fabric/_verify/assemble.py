# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From what the tasks of the role registered on all hosts to the reports of all fabrics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import (
    AREAS,
    FLOOD_LISTS,
    ISOLATION,
    MEMBERSHIP,
    OVERLAY,
    UNDERLAY,
    Area,
    area,
    finding,
    merge_areas,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.findings import Batch, HostVars, Result, find_all, registered
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.judging import judge_flood_lists, judge_memberships, judge_underlay
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.overlay import Known, compare_frames, find_cause, judge_isolation, judge_overlay
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.probes import few
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import Report, make_report

Goal = Mapping[str, Any]


class Settings(NamedTuple):
    """Variables of the role without their prefix. check: of the run."""

    data_plane: str = "auto"
    underlay: bool = True
    overlay: bool = True
    check: bool = False


def make_reports(hostvars: HostVars, goal: Goal, batch: Batch, matrices: Mapping[str, Result], settings: Settings) -> dict[str, Any]:
    """`ok` and `summary` of all fabrics, and `fabrics`, the report of each. matrices: what ping_matrix returned, by fabric."""
    reports = {name: _report_of(name, hostvars, goal, batch, matrices.get(name, {}), settings) for name in goal["fabrics"]}
    # A fabric of which no host is in the play is not spoken of.
    spoken = {name: report for name, report in reports.items() if report["hosts"]}
    summaries = [report["summary"] for report in spoken.values()] if len(spoken) == 1 else [f"{name}: {report['summary']}" for name, report in spoken.items()]
    return {"ok": all(report["ok"] for report in spoken.values()), "summary": " | ".join(summaries), "fabrics": spoken}


def _report_of(name: str, hostvars: HostVars, goal: Goal, batch: Batch, matrix: Result, settings: Settings) -> Report:
    of = json.loads(goal["fabrics"][name])
    before = _before(name, hostvars, batch)
    hosts = find_all(hostvars, goal, of, batch, before)
    areas = _areas(hostvars, goal, of, hosts, settings)
    merged = {key: merge_areas(before.get(key), found) for key, found in areas.items()}
    states = {host: state for host in hosts if (state := hostvars[host].get("verify_state")) and "interfaces" in state}
    merged[FLOOD_LISTS] = judge_flood_lists(of, states)
    waiting = [host for host in batch.waiting if host in {*of["carriers"], *of["idle"]}]
    untested = _untested(of, batch, hosts, merged, settings) if not waiting else []
    return make_report(name, hosts, matrix, settings.data_plane, waiting, {key: merged[key] for key in AREAS}, untested, not batch.waiting)


def _before(name: str, hostvars: HostVars, batch: Batch) -> Mapping[str, Any]:
    """The report of the batch before."""
    reports = (hostvars[host].get("verify_report") for host in reversed(batch.earlier))
    last: Mapping[str, Any] = next((report for report in reports if report), {"fabrics": {}})
    found: Mapping[str, Any] = last["fabrics"].get(name, {})
    return found


def _areas(hostvars: HostVars, goal: Goal, of: Mapping[str, Any], hosts: Mapping[str, Any], settings: Settings) -> dict[str, Area]:
    """What was tried between the hosts of this batch."""
    here = of["hosts"]
    sent, not_sent = registered(hostvars, here, "verify_sent")
    heard, not_heard = registered(hostvars, here, "verify_heard")
    not_heard = {**not_heard, **registered(hostvars, here, "verify_listening")[1]}
    probes = {host: json.loads(goal["probes"][host]) for host in {*sent, *heard}}
    underlay = judge_underlay(sent, of["paths"])
    faults = {host: found["faults"] for host, found in hosts.items() if found and "faults" in found}
    known = Known(faults, underlay["paths"], of["addresses"], underlay["tested"], of["port"])
    found = compare_frames(probes, sent if settings.overlay else {}, heard)
    overlay = judge_overlay(found, sent if settings.overlay else {}, of["directions"], find_cause(known))
    areas = {UNDERLAY: underlay, MEMBERSHIP: judge_memberships(sent), OVERLAY: overlay, ISOLATION: judge_isolation(found, probes, heard)}
    broken = {UNDERLAY: not_sent if settings.underlay else {}, OVERLAY: {**not_sent, **not_heard} if settings.overlay else {}}
    asked = {UNDERLAY: settings.underlay, MEMBERSHIP: settings.underlay, OVERLAY: settings.overlay, ISOLATION: settings.overlay}
    judged = {key: _with_broken(found_area, broken.get(key, {}), AREAS[key]) for key, found_area in areas.items()}
    return {key: _not_asked(judged[key], key, settings) if settings.check or not asked[key] else judged[key] for key in judged}


def _with_broken(found: Area, reasons: Mapping[str, str], name: str) -> Area:
    """A probe that could not be run is a finding of its own."""
    told = [finding("", host, "", f"{host}: the {name} could not be tried: {reason}") for host, reason in reasons.items()]
    return {**found, **area([*found["findings"], *told], found["tried"], found["failed"], found["of"], found["reason"])} if told else found


def _not_asked(found: Area, key: str, settings: Settings) -> Area:
    variable = "verify_overlay" if key in (OVERLAY, ISOLATION) else "verify_underlay"
    reason = "check mode sends nothing" if settings.check else f"{variable} is false"
    return {**found, **area([], 0, 0, found["of"], reason)}


def _untested(of: Mapping[str, Any], batch: Batch, hosts: Mapping[str, Any], areas: Mapping[str, Area], settings: Settings) -> list[str]:
    """What was not tried between hosts, and why, in words."""
    told = [f"{AREAS[key]}: {found['reason']}" for key, found in areas.items() if not found["tested"] and found["reason"]]
    reported = set(hosts)
    absent = [host for host in of["carriers"] if host not in reported]
    lost = [host for host, found in hosts.items() if found is None or found.get("error")]
    why = [f"{_names(absent)} not part of this run"] if absent else []
    why += [f"{_names(lost)} not to be looked at"] if lost else []
    for key, what, sampled in ((UNDERLAY, "pairs of VTEPs", of["sampled_paths"]), (OVERLAY, "directions", of["sampled_directions"])):
        found = areas[key]
        if found["tested"] and found["tried"] < found["of"]:
            reasons = ["a sample is tried where there are more than verify_pairs of them"] if sampled else []
            reasons += why
            reasons += ["hosts of different batches do not hear each other"] if key == OVERLAY and len(batch.now) < len(batch.every) else []
            told.append(f"{AREAS[key]}: {found['of'] - found['tried']:,} of {found['of']:,} {what}: {'; '.join(reasons) or 'their probes failed'}")
    if settings.overlay and not settings.check:
        told += [f"overlay: network {network}: {reason}" for network, reason in of["untried"].items()]
    return told


def _names(hosts: Sequence[str]) -> str:
    return f"{', '.join(few(hosts))} {'was' if len(hosts) == 1 else 'were'}"
