# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/disruption.md, its measured part: made of the report, never typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.vxlan.fabric.tests.support.engine import ROOT

PAGE = ROOT / "docs" / "disruption.md"
BEGIN = "<!-- measured: begin. Written by `make disruption`, do not edit -->"
END = "<!-- measured: end -->"


def write_page(report: Path) -> None:
    """Put what a report says between the marks of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _old, after = rest.split(END)
    PAGE.write_text(before + BEGIN + "\n\n" + render(json.loads(report.read_text(encoding="utf-8"))) + "\n" + END + after, encoding="utf-8")


def render(report: dict[str, Any]) -> str:
    """The two tables, and what they were measured on."""
    lines = [
        f"Measured {report['date']} on Linux {report['kernel'].partition('-')[0]}, Python {report['python']}, pyroute2 {report['pyroute2']}.",
        *_busy(report),
        "",
        "| what was done meanwhile | times | datagrams sent | lost |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [f"| {work} | {entry['runs']} | {entry['sent']:,} | {entry['lost']} |" for work, entry in report["lossless"].items()]
    lines += [
        "",
        "| what was done meanwhile | times | unicast: silence in ms, median (most) | datagrams lost | broadcast: silence in ms | datagrams lost |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for work, entry in report["outages"].items():
        cells = [_median(entry[f"{stream} {what}"]) for stream in ("unicast", "broadcast") for what in ("ms", "lost")]
        lines.append(f"| {work} | {entry['repetitions']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _busy(report: dict[str, Any]) -> list[str]:
    """How much else the machine had to do: it is part of every silence."""
    if "load" not in report:
        return []
    return [
        f"The machine has {report['processors']} processors and had a load of {report['load']} in the last quarter of an hour. "
        f"{report['disturbed']} measurements were repeated because its own packet queues overflowed."
    ]


def _median(found: dict[str, float]) -> str:
    return f"{found['median']:.0f} ({found['max']:.0f})"
