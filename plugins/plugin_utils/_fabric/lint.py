# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What lint says of an inventory: as a value, as text for a terminal, and as JUnit for CI.

Sorted by host and path, without times: two runs on the same inventory give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import Reading
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.kinds import ERROR, KINDS, WARNING
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistake

Report = dict[str, Any]


def make_lint(reading: Reading, hosts: Sequence[str] | None = None, strict: bool = False) -> Report:
    """hosts: only mistakes of these hosts and those that concern no host alone. strict: warnings count as errors."""
    wanted = None if hosts is None else set(hosts)
    told = [mistake for mistake in reading.mistakes if wanted is None or mistake.host is None or mistake.host in wanted]
    told.sort(key=_order)
    entries = [_entry(mistake) for mistake in told]
    errors, warnings = (sum(1 for entry in entries if entry["level"] == level) for level in (ERROR, WARNING))
    return {
        "ok": not errors and not (strict and warnings),
        "errors": errors,
        "warnings": warnings,
        "fabrics": [_fabric(name, reading) for name in sorted(reading.fabrics, key=natural_key)],
        "mistakes": entries,
        "summary": _summary(reading, errors, warnings),
    }


def _order(mistake: Mistake) -> tuple[bool, list[Any], list[Any]]:
    return (mistake.level != ERROR, natural_key(mistake.host or ""), natural_key(mistake.path))


def _entry(mistake: Mistake) -> dict[str, Any]:
    return {
        "level": mistake.level,
        "kind": mistake.kind,
        "host": mistake.host,
        "path": mistake.path,
        "sentence": mistake.sentence,
        "advice": mistake.advice,
    }


def _fabric(name: str, reading: Reading) -> dict[str, Any]:
    fabric = reading.fabrics[name]
    return {"name": name, "vteps": len(fabric.vteps), "networks": len(fabric.networks)}


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _summary(reading: Reading, errors: int, warnings: int) -> str:
    names = ", ".join(sorted(reading.fabrics, key=natural_key))
    of = f"fabric{'' if len(reading.fabrics) == 1 else 's'} {names}" if names else "the inventory"
    return f"{of}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def lint_text(report: Mapping[str, Any]) -> list[str]:
    """Lines for a terminal: what is wrong, and under each kind what to do."""
    lines = [f"Fabric {fabric['name']}: {_count(fabric['vteps'], 'VTEP')}, {_count(fabric['networks'], 'network')}." for fabric in report["fabrics"]]
    for level, title in ((ERROR, "Errors:"), (WARNING, "Warnings:")):
        of_level = [entry for entry in report["mistakes"] if entry["level"] == level]
        if of_level:
            lines += ["", title, *(line for entry in of_level for line in _lines(entry))]
    return [*lines, "", report["summary"]]


def _lines(entry: Mapping[str, Any]) -> list[str]:
    host = f"{entry['host']}: " if entry["host"] else ""
    return [f"  {host}{entry['path']}: {entry['sentence']} [{entry['kind']}]", f"    {entry['advice']}"]


def lint_junit(report: Mapping[str, Any]) -> str:
    """One suite, one case per kind, so that what was looked for is in it as well. Errors are failures; warnings are where the suite is strict
    (then the report is not ok), else they are told in system-out. Ends with a newline."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in KINDS}
    for entry in report["mistakes"]:
        by_kind[entry["kind"]].append(entry)
    strict = not report["ok"] and not report["errors"]
    failed = {kind for kind, entries in by_kind.items() if entries and (KINDS[kind].level == ERROR or strict)}
    suite = ElementTree.Element("testsuite", name="vxlan.fabric.lint", tests=str(len(KINDS)), failures=str(len(failed)), errors="0", skipped="0")
    for kind, entries in by_kind.items():
        case = ElementTree.SubElement(suite, "testcase", classname="vxlan.fabric.lint", name=kind)
        text = "\n".join(line.strip() for entry in entries for line in _lines(entry))
        if kind in failed:
            ElementTree.SubElement(case, "failure", message=_count(len(entries), "mistake"), type=KINDS[kind].level).text = text
        elif entries:
            ElementTree.SubElement(case, "system-out").text = text
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"
