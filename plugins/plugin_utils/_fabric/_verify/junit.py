# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A report in JUnit's XML, which CI systems show: a case for each host, network and area, with the causes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import AREAS, OVERLAY, UNDERLAY, told
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import Report

# What XML 1.0 has no way to write (section 2.2).
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report_junit(report: Report) -> str:
    """A suite for each area. Ends with a newline."""
    suites = [
        _Suite(report["fabric"], "state"),
        _Suite(report["fabric"], "drift"),
        *(_area_suite(report, name) for name in AREAS if name in report),
        _endpoints_suite(report),
    ]
    for host in report["hosts"]:
        _add_host(suites[0], suites[1], host)
    root = ElementTree.Element("testsuites", name=f"vxlan.fabric.verify.{report['fabric']}")
    for suite in suites:
        root.append(suite.element())
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


class _Suite:
    """Cases of one area."""

    def __init__(self, fabric: str, name: str) -> None:
        self._name = f"vxlan.fabric.{fabric}.{name.replace(' ', '_')}"
        self._cases: list[ElementTree.Element] = []
        self._counts = {"failure": 0, "error": 0, "skipped": 0}

    def add(self, name: str, sentences: Iterable[str] = (), kind: str = "failure") -> None:
        """kind: of what the sentences are, if there are any: failure, error or skipped."""
        case = ElementTree.Element("testcase", classname=self._name, name=_writable(name))
        lines = [_writable(sentence) for sentence in sentences]
        if lines:
            self._counts[kind] += 1
            message = lines[0] if len(lines) == 1 else f"{len(lines)} findings, the first: {lines[0]}"
            ElementTree.SubElement(case, kind, message=message).text = None if kind == "skipped" else "\n".join(lines)
        self._cases.append(case)

    def element(self) -> ElementTree.Element:
        suite = ElementTree.Element("testsuite", name=self._name, tests=str(len(self._cases)))
        for key, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(key, str(self._counts[kind]))
        suite.extend(self._cases)
        return suite


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("?", text)


def _add_host(state: _Suite, drift: _Suite, host: Mapping[str, Any]) -> None:
    """State by network, and what is of none; drift of the host as a whole, with the commands."""
    if host["error"]:
        state.add(host["host"], [host["error"]], "error")
        return
    networks = {line["network"] for line in host["networks"]}
    for network in sorted(networks, key=natural_key):
        state.add(f"{host['host']}: {network}", [problem for problem in host["problems"] if problem.startswith(f"{network}: ")])
    others = [problem for problem in host["problems"] if problem.partition(": ")[0] not in networks]
    if others or not networks:
        state.add(f"{host['host']}: besides", others)
    drift.add(host["host"], host["commands"] if host["drift"] else ())


def _area_suite(report: Report, name: str) -> _Suite:
    """A case for what is tried one by one, or one that is skipped."""
    area, suite = report[name], _Suite(report["fabric"], AREAS[name])
    if not area["tested"] and area["ok"]:
        suite.add(AREAS[name], [area["reason"]], "skipped")
        return suite
    by_case: dict[str, list[str]] = {case: [] for case in _cases(report, name)}
    for found in area["findings"]:
        key = found["network"] if name == OVERLAY and found["network"] in by_case else found["host"]
        by_case.setdefault(key, []).append(told(found))
    for item in area.get("networks", ()):  # of which a finding of several tells
        if item["failed"] and not by_case[item["network"]]:
            by_case[item["network"]] = [f"{item['failed']} of {item['tried']} directions fail"]
    for case, sentences in by_case.items():
        suite.add(case, sentences)
    return suite


def _cases(report: Report, name: str) -> list[str]:
    """Overlay by network, underlay by source; the rest by host where something is wrong, else as a whole."""
    area = report[name]
    if name == OVERLAY:
        return [item["network"] for item in area["networks"] if item["tried"]]
    if name == UNDERLAY:
        return sorted(area["pairs"], key=natural_key)
    return [] if area["findings"] else [AREAS[name]]


def _endpoints_suite(report: Report) -> _Suite:
    """A case for each network, and one for what is between them."""
    suite, plane = _Suite(report["fabric"], "endpoints"), report["data_plane"]
    if not plane["tested"]:
        suite.add("endpoints", [plane["reason"]], "skipped" if plane["ok"] else "failure")
        return suite
    wrong: dict[str, list[str]] = {}
    for row in plane["matrix"]:
        if not row["ok"]:
            key = row["source_network"] if row["source_network"] == row["target_network"] else ""
            wrong.setdefault(key, []).append(f"{row['source']} -> {row['target']}: {row['result']}, not {row['expected']}: {row['detail']}")
    for item in plane["networks"]:
        suite.add(item["network"], wrong.get(item["network"], ()))
    suite.add("between networks, routed and kept apart", wrong.get("", ()))
    return suite
