# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What verify found, as one value that is written as JSON, and from it the table for the terminal and the page in Markdown.

Sorted and without times: two runs with the same findings give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import AREAS, UNITS, Area, told

Report = dict[str, Any]


def make_report(
    fabric: str,
    hosts: Mapping[str, Mapping[str, Any] | None],
    probe: Mapping[str, Any],
    policy: str,
    waiting: Sequence[str] = (),
    areas: Mapping[str, Area] | None = None,
    untested: Sequence[str] = (),
    is_last: bool = True,
) -> Report:
    """hosts: by name, what findings.find gives; None for a host of which nothing is known. probe: what ping_matrix returned, empty
    when it was not run. policy: verify_data_plane. waiting: hosts whose turn comes later in the play. areas: by AREAS. untested: sentences.
    is_last: whether no batch comes after this one, with hosts of this fabric or another."""
    found = [_host(name, hosts[name]) for name in sorted(hosts, key=natural_key)]
    plane = _data_plane(probe, policy, not is_last)
    areas = areas or {}
    report = {
        "fabric": fabric,
        "ok": plane["ok"] and all(host["ok"] for host in found) and all(area["ok"] for area in areas.values()),
        "summary": "",
        "hosts": found,
        "waiting": list(waiting),
        **areas,
        "data_plane": plane,
        "untested": [*untested, *_untested_endpoints(plane)],
    }
    report["summary"] = _summary(report)
    return report


def _host(name: str, found: Mapping[str, Any] | None) -> Report:
    known = found or {"error": "was not looked at: it could not be reached, or failed before"}
    host = {
        "host": name,
        "networks": [{**line, "host": name} for line in known.get("networks", ())],
        "drift": list(known.get("drift", ())),
        "commands": list(known.get("commands", ())),
        "problems": list(known.get("problems", ())),
        "error": str(known.get("error", "")),
    }
    return {**host, "ok": not (host["drift"] or host["problems"] or host["error"])}


def _data_plane(probe: Mapping[str, Any], policy: str, waiting: bool) -> Report:
    """With `auto`, a machine that has none of the endpoints is no twin: nothing was tested, and that is said, not judged. A probe
    that broke down is a failure."""
    matrix = list(probe.get("matrix", ()))
    here = any(row["result"] not in ("unreachable", "not_tested") for row in matrix)
    broken = bool(probe) and "matrix" not in probe
    plane: Report = {
        "tested": here,
        "ok": bool(probe.get("ok")) if here or broken or (policy == "required" and not waiting) else True,
        "reason": "" if here else "its turn is after the last host" if waiting else _why_not(probe, policy),
        "networks": list(probe.get("networks", ())),
        "routed": dict(probe.get("routed", {"pairs": 0, "passed": 0})),
        "isolation": dict(probe.get("isolation", {"pairs": 0, "blocked": 0})),
        "missing": list(probe.get("missing", ())),
        "matrix": matrix,
    }
    return plane


def _why_not(probe: Mapping[str, Any], policy: str) -> str:
    if policy == "never":
        return "verify_data_plane is never"
    if probe.get("missing"):
        return f"none of the {len(probe['missing'])} endpoints is a namespace of this machine; they are on the twin"
    if probe.get("matrix"):
        return "check mode sends nothing"
    return str(probe.get("msg") or "the inventory has fewer than two endpoints")


def _untested_endpoints(plane: Mapping[str, Any]) -> list[str]:
    if not plane["tested"]:
        return [f"data plane: {plane['reason']}"]
    missing = [entry["name"] for entry in plane["missing"]]
    return [f"data plane: {', '.join(missing)} of the endpoints: not on this machine"] if missing else []


def _summary(report: Report) -> str:
    plane = report["data_plane"]
    if plane["tested"]:
        parts = [f"{item['network']}: {item['passed']} of {item['pairs']} pairs pass" for item in plane["networks"]]
        if plane["routed"]["pairs"]:
            parts.append(f"routed: {plane['routed']['passed']} of {plane['routed']['pairs']} pairs pass")
        parts.append(f"isolation: {plane['isolation']['blocked']} of {plane['isolation']['pairs']} blocked")
    else:
        parts = [f"data plane: not tested ({plane['reason']})"]
    if plane["tested"] and plane["missing"]:
        parts.append(f"unreachable from this machine: {len(plane['missing'])} endpoints")
    parts += [f"{AREAS[name]}: {count_area(name, report[name])}" for name in AREAS if name in report and report[name]["tested"]]
    silent = [host["host"] for host in report["hosts"] if host["error"]]
    drifted = [host["host"] for host in report["hosts"] if host["drift"]]
    differing = [host["host"] for host in report["hosts"] if host["problems"]]
    parts.append(f"drift: {', '.join(drifted) if drifted else 'none'}")
    if differing:
        parts.append(f"state differs on {', '.join(differing)}")
    if silent:
        parts.append(f"not known: {', '.join(silent)}")
    if report["waiting"]:
        parts.append(f"still to come: {', '.join(report['waiting'])}")
    return "; ".join(parts)


def count_area(name: str, area: Mapping[str, Any]) -> str:
    """How much of what was tried is well; and how much there is, if more."""
    more = f" (of {area['of']:,})" if area["of"] > area["tried"] else ""
    return f"{area['tried'] - area['failed']:,} of {area['tried']:,} {UNITS[name]}{more}"


def verdict(report: Report) -> str:
    return "is as its inventory says" if report["ok"] else "IS NOT AS ITS INVENTORY SAYS"


def list_findings(report: Report, most: int) -> list[str]:
    """Everything that is not as it should be, in words. most: of each kind."""
    found = []
    for host in report["hosts"]:
        if host["error"]:
            found.append(f"{host['host']}: {host['error']}")
        found += [f"{host['host']}: {problem}" for problem in host["problems"]]
    for name in AREAS:
        listed = [told(finding) for finding in report[name]["findings"]] if name in report else []
        found += _some(listed, most, f"of the {AREAS[name]}")
    plane = report["data_plane"]
    if not plane["tested"] and not plane["ok"]:
        found.append(f"data plane: {plane['reason']}")
    wrong = [row for row in plane["matrix"] if not row["ok"]] if plane["tested"] else []
    pairs = [f"{row['source']} -> {row['target']}: {row['result']}, not {row['expected']}: {row['detail']}" for row in wrong]
    return found + _some(pairs, most, "pairs of endpoints")


def _some(sentences: list[str], most: int, words: str) -> list[str]:
    rest = len(sentences) - most
    return sentences if rest <= 0 else [*sentences[:most], f"... and {rest} more {words}, all of them in the JSON report"]


def list_notes(report: Report) -> list[str]:
    """What is there besides, and is no fault."""
    lines = [line for host in report["hosts"] for line in host["networks"] if line.get("also")]
    return [f"{line['host']}: {line['network']}: {line['also']}" for line in lines]


def list_commands(report: Report) -> list[tuple[str, list[str]]]:
    """By host, what deploy would do."""
    return [(host["host"], host["commands"]) for host in report["hosts"] if host["drift"]]
