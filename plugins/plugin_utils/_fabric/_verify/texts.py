# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A report as lines for a terminal and as a page in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import AREAS, UNITS
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import Report, list_commands, list_findings, list_notes, verdict
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import Row, markdown_table, text_table

_STATE_HEADER = ("network", "VNI", "host", "interface", "flooding", "machines", "ports")
_STATE_KEYS = ("network", "vni", "host", "interface", "flooding", "machines", "ports")
_NETWORK_HEADER = ("network", "VNI", "hosts", "as wanted", "not as wanted on")
_AREA_HEADER = ("between hosts", "what", "there are", "tried", "well")
_PAIRS_HEADER = ("network", "pairs", "as expected")
_MOST_FAILURES = 20
_MOST_ROWS = 100


def state_table(report: Report) -> tuple[Sequence[str], list[Row]]:
    """A row for each network on each host, or for each network where there are many."""
    lines = sorted((line for host in report["hosts"] for line in host["networks"]), key=lambda line: natural_key(line["network"]))
    if len(lines) <= _MOST_ROWS:
        return _STATE_HEADER, [[line[key] for key in _STATE_KEYS] for line in lines]
    by_network: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        by_network.setdefault(line["network"], []).append(line)
    return _NETWORK_HEADER, [_network_row(name, of) for name, of in by_network.items()]


def _network_row(name: str, lines: Sequence[Mapping[str, Any]]) -> Row:
    wrong = [line["host"] for line in lines if not line["ok"]]
    named = ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
    return (name, lines[0]["vni"], len(lines), len(lines) - len(wrong), named or "-")


def area_rows(report: Report) -> list[Row]:
    found = [(AREAS[name], UNITS[name], report[name]) for name in AREAS if name in report and report[name]["tested"]]
    return [(words, units, area["of"], area["tried"], area["tried"] - area["failed"]) for words, units, area in found]


def pair_rows(plane: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    rows = [(item["network"], item["pairs"], item["passed"]) for item in plane["networks"]]
    if plane["routed"]["pairs"]:
        rows.append(("(routed)", plane["routed"]["pairs"], plane["routed"]["passed"]))
    return [*rows, ("(between networks)", plane["isolation"]["pairs"], plane["isolation"]["blocked"])]


def report_text(report: Report) -> list[str]:
    """Lines for a terminal."""
    lines = [f"Fabric {report['fabric']} {verdict(report)}.", "", *text_table(*state_table(report)), ""]
    if area_rows(report):
        lines += [*text_table(_AREA_HEADER, area_rows(report)), ""]
    if report["data_plane"]["tested"]:
        lines += [*text_table(_PAIRS_HEADER, pair_rows(report["data_plane"])), ""]
    lines += _block("Found:", list_findings(report, _MOST_FAILURES)) + _block("Besides:", list_notes(report)) + _block("Not tested:", report["untested"])
    for host, commands in list_commands(report):
        lines += _block(f"Deploy would run on {host}:", commands)
    return [*lines, report["summary"]]


def _block(title: str, items: Sequence[str]) -> list[str]:
    return [title, *(f"  {item}" for item in items), ""] if items else []


def report_markdown(report: Report) -> str:
    """A page. Ends with a newline."""
    lines = [f"# Fabric {report['fabric']}", "", f"It {verdict(report)}.", "", report["summary"], ""]
    lines += _section("Found", list_findings(report, _MOST_FAILURES))
    lines += ["## State", "", *markdown_table(*state_table(report)), ""]
    if area_rows(report):
        lines += ["## Between hosts", "", *markdown_table(_AREA_HEADER, area_rows(report)), ""]
    if report["data_plane"]["tested"]:
        lines += ["## Who reaches whom", "", *markdown_table(_PAIRS_HEADER, pair_rows(report["data_plane"])), ""]
    lines += _section("Besides", list_notes(report)) + _section("Not tested", report["untested"])
    for host, commands in list_commands(report):
        lines += [f"## Deploy would run on {host}", "", "```console", *commands, "```", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(title: str, items: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {_inline(item)}" for item in items), ""] if items else []


def _inline(text: str) -> str:
    """In a list of Markdown: what a host says is no markup, and one line."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
