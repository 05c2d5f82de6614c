# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what `make test-all` counted into docs/reliability.md. Usage: reliability.py

The tests leave .cache/reports/reliability/*.json. Each block of the document between `<!-- counts: NAME -->` and `<!-- end -->` is made
anew from them; the text around the blocks is written by hand and has no figures in it. A family without reports keeps its block.
"""

from __future__ import annotations

import collections
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".cache" / "reports" / "reliability"
DOCUMENT = ROOT / "docs" / "reliability.md"

Report = dict[str, Any]

_BLOCK = re.compile(r"(<!-- counts: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_RELEASE = re.compile(r"(?<=[0-9])-.*")  # what a distribution, or a machine, adds to the version
_WRONG = ("wrong", "not healed")
_SURROUNDINGS = ("family", "part", "counts", "kernel", "python", "pyroute2", "iproute2", "commit", "date")
_KILLED = ("killed before the first write", "killed half way", "killed when done")


def read_reports() -> dict[str, list[Report]]:
    """The reports by family; those of short selections are left out."""
    found: dict[str, list[Report]] = {}
    for path in sorted(REPORTS.glob("*.json")):
        report: Report = json.loads(path.read_text(encoding="utf-8"))
        if not path.stem.endswith("-short"):
            found.setdefault(report["family"], []).append(report)
    return found


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def surroundings(reports: list[Report]) -> str:
    """Where and when, in one line. Of the kernel's release only the numbers."""

    def seen(key: str) -> str:
        return ", ".join(sorted({_RELEASE.sub("", r[key]) if key == "kernel" else r[key] for r in reports if key in r}))

    words = {"Linux": "kernel", "Python": "python", "pyroute2": "pyroute2", "iproute2": "iproute2", "commit": "commit"}
    found = [f"{word} {seen(key)}" for word, key in words.items() if seen(key)]
    return f"Measured {seen('date')}: {', '.join(found)}.\n\n"


def outcomes(reports: list[Report]) -> dict[str, collections.Counter[str]]:
    """What became of the points, by kind of fault, over all scenarios."""
    summed: dict[str, collections.Counter[str]] = {}
    for report in reports:
        for kind, counted in report["counts"]["outcomes"].items():
            summed.setdefault(kind, collections.Counter()).update(counted)
    return dict(sorted(summed.items()))


def wrong(report: Report) -> int:
    return sum(counted.get(word, 0) for counted in report["counts"]["outcomes"].values() for word in _WRONG)


def errors(reports: list[Report]) -> str:
    columns = ("absorbed", "rolled back", "leftovers listed", "said that it cannot be read", "wrong")
    summed = outcomes(reports)
    points = sum(report["counts"]["points"] for report in reports)
    rows = [[kind, sum(counted.values()), *(counted[column] for column in columns)] for kind, counted in summed.items()]
    total: collections.Counter[str] = sum(summed.values(), collections.Counter())
    rows.append(["all", points, *(total[column] for column in columns)])
    text = f"{len(reports)} scenarios, {points} points.\n\n" + table(("error", "points", *columns), rows)
    each = [[r["part"], *(r["counts"][key] for key in ("sends", "receives", "calls tried", "points")), wrong(r)] for r in reports]
    return text + "\n" + table(("scenario", "sends", "receives", "of these tried", "points", "wrong"), each)


def killed(reports: list[Report]) -> str:
    summed = outcomes(reports)["SIGKILL"]
    points = sum(report["counts"]["points"] for report in reports)
    rows = [[key.removeprefix("killed "), summed[key]] for key in _KILLED] + [["not healed by the second run", summed["not healed"]]]
    return f"{len(reports)} scenarios, {points} points.\n\n" + table(("the run was killed", "points"), rows) + _not_fully(reports)


def interrupted(reports: list[Report]) -> str:
    summed = outcomes(reports)["SIGTERM"]
    points = sum(report["counts"]["points"] for report in reports)
    rows = [[word, summed[word]] for word in ("rolled back", "finished", "wrong")]
    return f"{len(reports)} scenarios, {points} points.\n\n" + table(("the run", "points"), rows) + _not_fully(reports)


def _not_fully(reports: list[Report]) -> str:
    bad = [f"{report['part']} ({wrong(report)})" for report in reports if wrong(report)]
    return f"\nNot so in {', '.join(bad)}.\n" if bad else ""


def pairs(reports: list[Report]) -> str:
    keys = ("pairs", "failures", "runs that changed something")
    rows = [[report["part"].replace("-", ", "), *(report["counts"][key] for key in keys)] for report in reports]
    rows.append(["all", *(sum(report["counts"][key] for report in reports) for key in keys)])
    return table(("module, desired states", *keys), rows)


def churn(reports: list[Report]) -> str:
    keys = ("rows", "reads", "wrong", "dumps by bridge(8) that missed a row")
    rows = [[report["part"], *(report["counts"][key] for key in keys)] for report in reports]
    rows.append(["all", "", *(sum(report["counts"][key] for report in reports) for key in keys[1:])])
    return table(("reader", "stable rows", "reads", "wrong", "of as many dumps by `bridge fdb show` missed a stable row"), rows)


def drift(reports: list[Report]) -> str:
    kept = [report["part"] for report in reports if report["counts"]["index kept"]]
    anew = [report["part"] for report in reports if not report["counts"]["index kept"]]
    rows = [["repaired, every interface keeps its index", len(kept), _names(kept)], ["repaired by making an interface anew", len(anew), _names(anew)]]
    return f"{len(reports)} kinds.\n\n" + table(("how", "kinds", "which"), rows)


def _names(parts: list[str]) -> str:
    return ", ".join(part.replace("_", " ") for part in parts)


def versions(reports: list[Report]) -> str:
    pairs = {pair: found for report in reports for pair, found in report["Python / pyroute2"].items()}
    rows = [(*pair.split("/"), found.get("ansible_core", ""), found["passed"], found["failed"], found["skipped"]) for pair, found in pairs.items()]
    return table(("Python", "pyroute2", "ansible-core", "passed", "failed", "skipped"), rows)


def anything(reports: list[Report]) -> str:
    """A family that says its figures itself."""
    keys = list(dict.fromkeys(key for report in reports for key in report if key not in _SURROUNDINGS))
    return "".join(table(("", ""), [[key.replace("_", " "), _plain(report.get(key, ""))] for key in keys]) + "\n" for report in reports).rstrip("\n") + "\n"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(part)}" for key, part in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


RENDERERS: dict[str, Callable[[list[Report]], str]] = {
    "errors": errors,
    "killed": killed,
    "interrupted": interrupted,
    "pairs": pairs,
    "churn": churn,
    "drift": drift,
    "versions": versions,
}


def main() -> int:
    reports = read_reports()

    def block(match: re.Match[str]) -> str:
        found = reports.get(match["name"])
        if not found:
            print(f"no reports of {match['name']}: its counts stay as they are", file=sys.stderr)
            return match[0]
        # What a table has a column for is not said above it.
        where = [{key: report[key] for key in report if match["name"] != "versions" or key not in ("python", "pyroute2")} for report in found]
        return f"{match[1]}{surroundings(where)}{RENDERERS.get(match['name'], anything)(found)}{match[3]}"

    DOCUMENT.write_text(_BLOCK.sub(block, DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
