# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state machine, for so many transitions: 500, or 10,000 with VXLAN_FABRIC_ALL=1, or VXLAN_FABRIC_TRANSITIONS. The short form takes
the same ways each time; the long one takes new ones, from VXLAN_FABRIC_SEED if that is given. Its count goes into a report."""

from __future__ import annotations

import os
import random
import traceback

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from ansible_collections.vxlan.fabric.tests.support.report import write_report

from .fabric_machine import FabricMachine, Tally

ALL = os.environ.get("VXLAN_FABRIC_ALL") == "1"
TRANSITIONS = int(os.environ.get("VXLAN_FABRIC_TRANSITIONS", "10000" if ALL else "500"))
SEED = int(os.environ.get("VXLAN_FABRIC_SEED", str(random.SystemRandom().randrange(10**9)) if ALL else "1"))
# Takes minutes; without it the whole way is shown.
SHRINK = os.environ.get("VXLAN_FABRIC_SHRINK", "1" if ALL else "0") == "1"
# A few long ways: a mistake shows after a history. A round is what is shrunk when it finds a violation.
EXAMPLES, STEPS = (20 if ALL else 12), 50
MOST_VIOLATIONS = 5


def one_round(seed: int, tally: Tally) -> str:
    """Some ways through the machine; what was violated, if anything, with the shortest way there."""

    class Round(FabricMachine):
        pass

    Round.tally = tally
    tally.shrinking = False
    settings = hypothesis.settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, derandomize=False, print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate, *([hypothesis.Phase.shrink] if SHRINK else [])],
    )  # fmt: skip
    try:
        hypothesis.seed(seed)(Round)
        run_state_machine_as_test(Round, settings=settings, _min_steps=STEPS - 5)
    except Exception:
        return traceback.format_exc(limit=-3)
    return ""


def test_whatever_happens_to_a_host_the_promises_are_kept() -> None:
    tally = Tally()
    violations: list[str] = []
    rounds = 0
    while tally.transitions < TRANSITIONS and len(violations) < MOST_VIOLATIONS:
        found = one_round(SEED * 1_000_000 + rounds, tally)
        rounds += 1
        if found:
            violations.append(found)
        counts = {"transitions": tally.transitions, "violations": len(violations), "seed": SEED, "rounds": rounds}
        write_report("machine" if ALL else "machine-short", "machine", {**counts, "failed_on_purpose": tally.refused, "by_kind": tally.by_kind})
        print(f"seed {SEED}, round {rounds}: {tally.transitions} transitions, {len(violations)} violations", flush=True)
    print(f"seed {SEED}: {tally.transitions} transitions in {rounds} rounds, {tally.by_kind}, {tally.refused} failed on purpose")
    if violations:
        pytest.fail(f"seed {SEED}, {tally.transitions} transitions: {len(violations)} violations\n\n" + "\n\n".join(violations), pytrace=False)
