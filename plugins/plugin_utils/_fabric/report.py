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
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import Row, markdown_table, text_table

Report = dict[str, Any]

_STATE_HEADER = ("network", "VNI", "host", "interface", "flooding", "machines", "ports")
_STATE_KEYS = ("network", "vni", "host", "interface", "flooding", "machines", "ports")
_PAIRS_HEADER = ("network", "pairs", "as expected")
_MOST_FAILURES = 20


def make_report(fabric: str, hosts: Mapping[str, Mapping[str, Any] | None], probe: Mapping[str, Any], policy: str, waiting: Sequence[str] = ()) -> Report:
    """hosts: by name, what findings.find gives; None for a host of which nothing is known. probe: what ping_matrix returned, empty
    when it was not run. policy: verify_data_plane. waiting: hosts whose turn comes later in the play."""
    found = [_host(name, hosts[name]) for name in sorted(hosts, key=natural_key)]
    plane = _data_plane(probe, policy, waiting)
    report = {
        "fabric": fabric,
        "ok": plane["ok"] and all(host["ok"] for host in found),
        "summary": "",
        "hosts": found,
        "waiting": list(waiting),
        "data_plane": plane,
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


def _data_plane(probe: Mapping[str, Any], policy: str, waiting: Sequence[str]) -> Report:
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


def _summary(report: Report) -> str:
    plane = report["data_plane"]
    if plane["tested"]:
        parts = [f"{item['network']}: {item['passed']} of {item['pairs']} pairs pass" for item in plane["networks"]]
        parts.append(f"isolation: {plane['isolation']['blocked']} of {plane['isolation']['pairs']} blocked")
    else:
        parts = [f"data plane: not tested ({plane['reason']})"]
    if plane["tested"] and plane["missing"]:
        parts.append(f"unreachable from this machine: {len(plane['missing'])} endpoints")
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


def _state_rows(report: Report) -> list[Row]:
    lines = [line for host in report["hosts"] for line in host["networks"]]
    return [[line[key] for key in _STATE_KEYS] for line in sorted(lines, key=lambda line: natural_key(line["network"]))]


def _pair_rows(plane: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = [(item["network"], item["pairs"], item["passed"]) for item in plane["networks"]]
    return [*rows, ("(between networks)", plane["isolation"]["pairs"], plane["isolation"]["blocked"])]


def _findings(report: Report) -> list[str]:
    """Everything that is not as it should be, in words."""
    found = []
    for host in report["hosts"]:
        if host["error"]:
            found.append(f"{host['host']}: {host['error']}")
        found += [f"{host['host']}: {problem}" for problem in host["problems"]]
    plane = report["data_plane"]
    if not plane["tested"] and not plane["ok"]:
        found.append(f"data plane: {plane['reason']}")
    wrong = [row for row in plane["matrix"] if not row["ok"]] if plane["tested"] else []
    found += [f"{row['source']} -> {row['target']}: {row['result']}, not {row['expected']}: {row['detail']}" for row in wrong[:_MOST_FAILURES]]
    if len(wrong) > _MOST_FAILURES:
        found.append(f"... and {len(wrong) - _MOST_FAILURES} more pairs, all of them in the JSON report")
    return found


def _notes(report: Report) -> list[str]:
    lines = [line for host in report["hosts"] for line in host["networks"] if line.get("also")]
    return [f"{line['host']}: {line['network']}: {line['also']}" for line in lines]


def _commands(report: Report) -> list[tuple[str, list[str]]]:
    """By host, what deploy would do."""
    return [(host["host"], host["commands"]) for host in report["hosts"] if host["drift"]]


def _verdict(report: Report) -> str:
    return "is as its inventory says" if report["ok"] else "IS NOT AS ITS INVENTORY SAYS"


def report_text(report: Report) -> list[str]:
    """Lines for a terminal."""
    lines = [f"Fabric {report['fabric']} {_verdict(report)}.", ""]
    lines += [*text_table(_STATE_HEADER, _state_rows(report)), ""]
    if report["data_plane"]["tested"]:
        lines += [*text_table(_PAIRS_HEADER, _pair_rows(report["data_plane"])), ""]
    lines += _block("Found:", _findings(report)) + _block("Besides:", _notes(report))
    for host, commands in _commands(report):
        lines += _block(f"Deploy would run on {host}:", commands)
    return [*lines, report["summary"]]


def _block(title: str, items: Sequence[str]) -> list[str]:
    return [title, *(f"  {item}" for item in items), ""] if items else []


def report_markdown(report: Report) -> str:
    """A page. Ends with a newline."""
    lines = [f"# Fabric {report['fabric']}", "", f"It {_verdict(report)}.", "", report["summary"], ""]
    lines += ["## State", "", *markdown_table(_STATE_HEADER, _state_rows(report)), ""]
    lines += ["## Who reaches whom", ""]
    plane = report["data_plane"]
    lines += markdown_table(_PAIRS_HEADER, _pair_rows(plane)) if plane["tested"] else [f"Not tested: {plane['reason']}."]
    lines.append("")
    lines += _section("Found", _findings(report)) + _section("Besides", _notes(report))
    for host, commands in _commands(report):
        lines += [f"## Deploy would run on {host}", "", "```console", *commands, "```", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(title: str, items: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {item}" for item in items), ""] if items else []
