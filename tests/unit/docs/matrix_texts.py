# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options times kernels, as the tests in tests/kernel/matrix recorded them: docs/kernels/*.json and docs/kernel-matrix.md.

Take over what was recorded on this machine, and write the page anew: make kernel-matrix
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
RECORDED = ROOT / ".cache" / "reports" / "matrix"
FOLDER = ROOT / "docs" / "kernels"
PAGE = ROOT / "docs" / "kernel-matrix.md"

Report = dict[str, Any]

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_TITLES = {
    "vxlan": "VXLAN interfaces",
    "bridge": "Bridges",
    "bridge_slave": "Ports of bridges",
    "vrf": "VRFs",
    "vlan": "VLAN interfaces",
}
_INTRODUCTION = """\
# Every option on every kernel

<!-- Written from docs/kernels/*.json by tests/unit/docs/matrix_texts.py; a test compares. Do not edit. -->

Each option was given to the module on each of these kernels. It was applied, and `ip` sees it ("yes"), or refused by name before anything was
written ("no", and the reason). No option of any kernel is acknowledged and ignored. What [kernel.md](kernel.md) says of versions is what was
read in sources; this page is what happened.
"""


def versions(report: Report) -> tuple[int, ...]:
    return tuple(map(int, report["kernel"].split(".")))


def read_reports(folder: Path = FOLDER) -> list[Report]:
    """Oldest kernel first."""
    return sorted((json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")), key=versions)


def _cell(found: dict[str, str] | None) -> str:
    if found is None:
        return "not tried"
    if found["result"] == "refused":
        why = re.sub(r"^lacks it(: )?(it )?", "", found["why"])
        return re.sub(r"CONFIG_\w+", lambda match: f"`{match[0]}`", f"no: it {why}" if why else "no")
    return {"applied": "yes", "write-only": "yes, not reported"}[found["result"]]


def matrix_page(reports: list[Report]) -> str:
    """The text of docs/kernel-matrix.md."""
    names = [f"{report['kernel']}{', ' + report['as'] if report['as'] else ''}" for report in reports]
    lines = [_INTRODUCTION]
    for kind, title in _TITLES.items():
        options = list(dict.fromkeys(option for report in reports for option in report["rows"].get(kind, ())))
        if not options:
            continue
        lines += [f"## {title}\n", f"| option | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
        for option in options:
            cells = [_cell(report["rows"].get(kind, {}).get(option)) for report in reports]
            lines.append(f"| `{option}` | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def take_over() -> None:
    """What was recorded here into docs/kernels, one file for each first two numbers of a version."""
    FOLDER.mkdir(exist_ok=True)
    for path in sorted(RECORDED.glob("*.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        version = _VERSION.match(report["kernel"])
        assert version, report["kernel"]
        report["kernel"] = version[0]
        name = ".".join(version[0].split(".")[:2])
        (FOLDER / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    take_over()
    PAGE.write_text(matrix_page(read_reports()), encoding="utf-8")
