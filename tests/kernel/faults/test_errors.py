# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors at every netlink send and receive of every scenario: the run absorbs the error, or everything is as before, or the error
lists what is not. Never silent, never a traceback.

One point again: VXLAN_FABRIC_POINT=error=EPERM:sendto:7 make kernel PYTEST="-k 'test_errors and recreate_port'"
"""

from __future__ import annotations

import collections
import itertools
import os
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.inject import Call, Point, traced
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

from .hosts import SCENARIOS as HOSTS
from .judging import ROLLED_BACK, WrongEndError, each_point, judge_error, prepare
from .recording import ALL, record
from .scenarios import OBJECTS, Scenario

OFTEN_ABSORBED = ("EINTR", "ENOBUFS")
REFUSALS = ("EPERM", "EBUSY", "EEXIST", "ENODEV", "ENOMEM")
ERRORS = (*OFTEN_ABSORBED, *REFUSALS)
# From a send on, nothing can be sent any more: what was done cannot be undone either, and the error has to say so.
LASTING = ("ENOBUFS", "EPERM")
_SHORT = 3


def points(found: list[Call], scenario: Scenario) -> list[Point]:
    """All points of a scenario, or a short selection that is spread over the run and over the errors."""
    single = os.environ.get("VXLAN_FABRIC_POINT")
    if single:
        return [Point.parse(single)]
    # The same calls, hundreds of times over, are sampled; the last ones of a run never are.
    kept = [call for position, call in enumerate(found) if position % scenario.step == 0 or position < 20 or position >= len(found) - 20]
    if not ALL:
        chosen = [kept[len(kept) * part // (_SHORT + 1)] for part in range(1, _SHORT + 1)]
        first = sum(map(ord, scenario.name))
        return [Point(call, f"error={ERRORS[(first + number) % len(ERRORS)]}") for number, call in enumerate(chosen)]
    if scenario.module == "vtep":  # whole hosts take seconds for one point: two errors at each call, in turn, of which one is not retried by anybody
        some = [Point(call, f"error={error}") for turn, call in enumerate(kept) for error in (OFTEN_ABSORBED[turn % 2], REFUSALS[turn % len(REFUSALS)])]
        sends = [call for call in kept if call.sends]
        return some + [Point(call, f"error={LASTING[turn % 2]}", onwards=True) for turn, call in enumerate(sends)]
    return [Point(call, f"error={error}") for call in kept for error in ERRORS] + [
        Point(call, f"error={error}", onwards=True) for call in kept if call.sends for error in LASTING
    ]


class Series:
    """The points of one scenario."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario = scenario
        self.folder = folder
        self.before, self.wanted, self.calls = prepare(scenario, folder)
        self.problems: list[str] = []
        self.outcomes: dict[str, collections.Counter[str]] = {}

    def judged(self, ns: Namespace, point: Point) -> bool:
        """Try a point. Whether the host is as before."""
        ended = traced(ns, self.scenario.module, self.scenario.given, self.folder, point)
        try:
            outcome = judge_error(ns, self.scenario, self.before, self.wanted, ended, point.onwards)
        except WrongEndError as problem:
            self.problems.append(f"{point}: {problem}")
            outcome = "wrong"
        kind = point.fault.removeprefix("error=") + (" from then on" if point.onwards else "")
        self.outcomes.setdefault(kind, collections.Counter())[outcome] += 1
        return outcome == ROLLED_BACK


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("scenario", [*OBJECTS, *HOSTS], ids=lambda scenario: scenario.name)
def test_an_error_at_any_call_is_never_silent(scenario: Scenario, tmp_path: Path) -> None:
    series = Series(scenario, tmp_path)
    found = series.calls
    chosen = points(found, scenario)
    each_point(scenario, chosen, series.judged)
    sends = sum(call.sends for call in found)
    record(
        "errors",
        scenario.name,
        {
            "sends": sends,
            "receives": len(found) - sends,
            "calls tried": len({point.call for point in chosen}),
            "points": len(chosen),
            "problems": series.problems[:20],
            "outcomes": {kind: dict(counted) for kind, counted in series.outcomes.items()},
        },
    )
    assert not series.problems, "\n".join([f"{len(series.problems)} of {len(chosen)} points:", *itertools.islice(series.problems, 20)])
