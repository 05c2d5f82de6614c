# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run stages (make targets) side by side and judge them. Usage: run_stages.py STAGE...

Each stage writes to .cache/logs/STAGE.log; a failed one is shown. Where pytest left .cache/reports/STAGE.xml its tests are counted,
elsewhere the stage counts as one. The last line is `N passed, N failed, N skipped`; failures give exit status 1.
"""

from __future__ import annotations

import collections
import os
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "logs"
REPORTS = ROOT / ".cache" / "reports"
WORKERS = 2
SHOWN_LINES = 300

# Stages that name the same resource never run at the same time: the same tests would wait for each other, and the long ones measure.
RESOURCES = {
    **dict.fromkeys(("oldest", "packed"), "the engine's tests"),
    **dict.fromkeys(("faults", "machine", "versions", "disruption", "test-kernels"), "the machine"),
}
# ansible-test's words, and those of the Makefile
SKIP = re.compile(r"^(?:WARNING: (?=Skipping sanity test)|SKIPPED: )(.*)$", re.MULTILINE)


class Skip(NamedTuple):
    stage: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What one stage came to."""

    stage: str
    ok: bool
    seconds: float
    passed: int
    failed: int
    skips: tuple[Skip, ...]


def read_junit(stage: str, path: Path) -> tuple[int, int, tuple[Skip, ...]]:
    """Passed, failed and skipped tests of a report of pytest."""
    passed = failed = 0
    skips = []
    for case in ET.parse(path).getroot().iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skipped is not None:
            skips.append(Skip(stage, skipped.get("message", "no reason given")))
        else:
            passed += 1
    return passed, failed, tuple(skips)


def judge(stage: str, status: int, seconds: float) -> Outcome:
    """Count what a finished stage left behind."""
    report = REPORTS / f"{stage}.xml"
    ok = status == 0
    if report.exists():
        passed, failed, skips = read_junit(stage, report)
        # pytest itself can fail (collection, no test found) without a failed test
        return Outcome(stage, ok, seconds, passed, max(failed, int(not ok)), skips)
    log = (LOGS / f"{stage}.log").read_text(encoding="utf-8", errors="replace")
    skips = tuple(Skip(stage, reason) for reason in dict.fromkeys(SKIP.findall(log)))
    return Outcome(stage, ok, seconds, int(ok), int(not ok), skips)


def run(stage: str) -> Outcome:
    """Run one make target with its output in a file."""
    (REPORTS / f"{stage}.xml").unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")} | {"NO_COLOR": "1"}
    start = time.monotonic()
    with (LOGS / f"{stage}.log").open("wb") as log:
        command = ["make", "--no-print-directory", "--keep-going", stage]
        status = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode
    return judge(stage, status, time.monotonic() - start)


class Runner:
    """Workers that take the next stage whose resource is free."""

    def __init__(self, stages: Sequence[str]) -> None:
        self.pending = list(stages)
        self.busy: set[str] = set()
        self.outcomes: dict[str, Outcome] = {}
        self.changed = threading.Condition()

    def take(self) -> str | None:
        """The next stage, once there is one that may run; None when all were taken."""
        with self.changed:
            while self.pending:
                for stage in self.pending:
                    if RESOURCES.get(stage) not in self.busy:
                        self.pending.remove(stage)
                        self.busy |= {RESOURCES[stage]} if stage in RESOURCES else set()
                        return stage
                self.changed.wait()
            return None

    def finish(self, outcome: Outcome) -> None:
        with self.changed:
            self.outcomes[outcome.stage] = outcome
            self.busy.discard(RESOURCES.get(outcome.stage, ""))
            self.changed.notify_all()
            show(outcome)

    def work(self) -> None:
        while stage := self.take():
            print(f"-- {stage} ...", flush=True)
            self.finish(run(stage))

    def run(self) -> list[Outcome]:
        workers = [threading.Thread(target=self.work, name=f"worker {number}") for number in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return list(self.outcomes.values())


def show(outcome: Outcome) -> None:
    """Say how a stage ended; of a failed one, what it wrote."""
    print(f"-- {outcome.stage}: {'ok' if outcome.ok else 'FAILED'} ({outcome.seconds:.0f} s)", flush=True)
    if not outcome.ok:
        path = LOGS / f"{outcome.stage}.log"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > SHOWN_LINES:
            print(f"(the last {SHOWN_LINES} of {len(lines)} lines of {path.relative_to(ROOT)})")
        print("\n".join(f"   {line}" for line in lines[-SHOWN_LINES:]), flush=True)


def summarise(outcomes: Sequence[Outcome], seconds: float) -> None:
    """The table, the reasons of all skips, and the closing line."""
    print(f"\n{'stage':<12} {'result':<7} {'seconds':>7} {'passed':>7} {'failed':>7} {'skipped':>8}")
    for outcome in outcomes:
        result = "ok" if outcome.ok else "FAILED"
        print(f"{outcome.stage:<12} {result:<7} {outcome.seconds:>7.0f} {outcome.passed:>7} {outcome.failed:>7} {len(outcome.skips):>8}")
    print(f"{'wall clock':<20} {seconds:>7.0f}")
    skips = collections.Counter(skip for outcome in outcomes for skip in outcome.skips)
    if skips:
        print("\nskipped, and why:")
        for skip, count in sorted(skips.items()):
            print(f"{count:>5}  {skip.stage}: {skip.reason}")
    total = [sum(column) for column in zip(*((o.passed, o.failed, len(o.skips)) for o in outcomes))]
    print(f"\n{total[0]} passed, {total[1]} failed, {total[2]} skipped")


def main() -> int:
    stages = sys.argv[1:]
    if not stages:
        print(__doc__, file=sys.stderr)
        return 2
    for folder in (LOGS, REPORTS):
        folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    outcomes = sorted(Runner(stages).run(), key=lambda outcome: stages.index(outcome.stage))
    summarise(outcomes, time.monotonic() - start)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
