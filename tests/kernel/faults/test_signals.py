# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signals at every netlink send of every scenario. SIGKILL: a second run heals. SIGTERM: the run undoes what it did and says so.

One point again: VXLAN_FABRIC_POINT=signal=SIGKILL:sendto:7 make kernel PYTEST="-k 'killed and recreate_port'"
"""

from __future__ import annotations

import collections
import itertools
import os
import signal
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import run
from ansible_collections.vxlan.fabric.tests.support.inject import Call, Point, traced
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

from .hosts import SCENARIOS as HOSTS
from .judging import ROLLED_BACK, State, WrongEndError, each_point, finished, judge_success, observed, prepare, shown
from .recording import ALL, record
from .scenarios import OBJECTS, Scenario


def sends(found: list[Call], name: str) -> list[Point]:
    """A signal at every send of a scenario, or at a few of them."""
    single = os.environ.get("VXLAN_FABRIC_POINT")
    if single:
        return [Point.parse(single)]
    chosen = [call for call in found if call.sends]
    if not ALL:  # among the writes: past the first reads, before the last ones
        chosen = chosen[len(chosen) // 2 :][:1]
    return [Point(call, f"signal={name}") for call in chosen]


def complain(problems: list[str], count: int) -> None:
    assert not problems, "\n".join([f"{len(problems)} of {count} points:", *itertools.islice(problems, 20)])


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("scenario", [*OBJECTS, *HOSTS], ids=lambda scenario: scenario.name)
def test_a_killed_run_is_healed_by_the_next(scenario: Scenario, tmp_path: Path) -> None:
    before, wanted, calls = prepare(scenario, tmp_path)
    points = sends(calls, "SIGKILL")
    problems: list[str] = []
    found: collections.Counter[str] = collections.Counter()

    def judge(ns: Namespace, point: Point) -> bool:
        assert traced(ns, scenario.module, scenario.given, tmp_path, point).signal == signal.SIGKILL, point
        state = observed(ns)
        found["killed before the first write" if state == before else "killed when done" if state == wanted else "killed half way"] += 1
        try:
            heal(ns, scenario, wanted)
        except WrongEndError as problem:
            problems.append(f"{point}: {problem}")
            found["not healed"] += 1
        return False

    each_point(scenario, points, judge)
    record("killed", scenario.name, {"points": len(points), "problems": problems[:20], "outcomes": {"SIGKILL": dict(found)}})
    complain(problems, len(points))


def heal(ns: Namespace, scenario: Scenario, wanted: State) -> None:
    """Run again, undisturbed."""
    again = run(ns, scenario.module, scenario.given)
    if again["failed"]:
        raise WrongEndError(f"the second run failed: {again['msg']}")
    judge_success(ns, scenario, wanted, observed(ns))


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("scenario", [*OBJECTS, *HOSTS], ids=lambda scenario: scenario.name)
def test_an_interrupted_run_leaves_nothing(scenario: Scenario, tmp_path: Path) -> None:
    before, wanted, calls = prepare(scenario, tmp_path)
    points = sends(calls, "SIGTERM")
    problems: list[str] = []
    found: collections.Counter[str] = collections.Counter()

    def judge(ns: Namespace, point: Point) -> bool:
        try:
            outcome = interrupted(ns, scenario, point, before, wanted, tmp_path)
        except WrongEndError as problem:
            problems.append(f"{point}: {problem}")
            outcome = "wrong"
        found[outcome] += 1
        return outcome == ROLLED_BACK

    each_point(scenario, points, judge)
    record("interrupted", scenario.name, {"points": len(points), "problems": problems[:20], "outcomes": {"SIGTERM": dict(found)}})
    complain(problems, len(points))


def interrupted(ns: Namespace, scenario: Scenario, point: Point, before: State, wanted: State, folder: Path) -> str:
    result = finished(traced(ns, scenario.module, scenario.given, folder, point))
    after = observed(ns)
    if not result["failed"]:  # the signal came when all was done
        judge_success(ns, scenario, wanted, after)
        return "finished"
    if "SIGTERM" not in result["msg"]:
        raise WrongEndError(f"the error does not say that the run was interrupted: {result['msg']}")
    if after != before:
        raise WrongEndError(f"left behind: {shown(before, after)}; the error: {result['msg']}")
    return ROLLED_BACK
