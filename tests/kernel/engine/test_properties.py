# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random desired states, one after the other on one namespace. After each: the run did what the check had said, a second run does
nothing and writes nothing. VXLAN_FABRIC_EXAMPLES sets how many sequences are tried."""

from __future__ import annotations

import os

import hypothesis
import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import PREDICTED, Result, Writes, in_child, through_the_door
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace
from ansible_collections.vxlan.fabric.tests.support.strategies import Step, fitted, steps

EXAMPLES = int(os.environ.get("VXLAN_FABRIC_EXAMPLES", "60"))


def complaint(step: Step, writes: Writes) -> str:
    """One step: check, run, run again. Empty when all is well."""
    predicted = through_the_door(*step, check=True)
    checked = writes.count
    real: Result = through_the_door(*step, check=False)
    wrote = writes.count
    again = through_the_door(*step, check=False)
    if real["failed"] or predicted["failed"]:
        return f"failed: {real.get('msg')} / {predicted.get('msg')}"
    if checked:
        return "the check wrote"
    differing = [key for key in PREDICTED if predicted[key] != real[key]]
    if differing:
        return "; ".join(f"{key} predicted {predicted[key]}, was {real[key]}" for key in differing)
    if again["failed"] or again["changed"] or again["operations"] or writes.count != wrote:
        return f"second run: {again.get('msg')} {again.get('operations')}, {writes.count - wrote} writes"
    return ""


def sequence(steps: list[Step], netns: str) -> str:
    found = ""
    for step in steps:
        seen = through_the_door("vtep_info", {"fdb": "none", "netns": netns}, check=False)
        fitting = fitted(step, {entry["name"]: entry for entry in seen["interfaces"]})
        if fitting is None:
            continue
        found = complaint((fitting[0], {**fitting[1], "netns": netns}), Writes())
        if found:
            return f"{fitting}: {found}"
    return found


def scene(ns: Namespace) -> None:
    ns.ip(
        "link add br0 address 02:00:00:00:b0:01 type bridge",
        "link add br1 address 02:00:00:00:b1:01 type bridge",
        "link add p0 address 02:00:00:00:c0:01 type ifb",
    )


@hypothesis.settings(max_examples=EXAMPLES, deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@hypothesis.given(steps)
def test_random_states_converge_as_the_check_said(listed: list[Step]) -> None:
    with namespace() as ns:
        scene(ns)
        found = in_child(lambda: sequence(listed, ns.name))
        if found:
            pytest.fail(found, pytrace=False)
