# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge what a disturbed run left behind, by the states that ip(8) and bridge(8) report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.tests.support.engine import Result, run
from ansible_collections.vxlan.fabric.tests.support.inject import Call, Ended, NotReachedError, Point, calls, traced
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace

from .scenarios import Scenario

State = dict[str, list[Json]]

_TRIES = 4

ABSORBED, ROLLED_BACK, LISTED, UNREADABLE = "absorbed", "rolled back", "leftovers listed", "said that it cannot be read"


def observed(ns: Namespace) -> State:
    """The state, without what the kernel does by itself a moment later: what a port knows of the spanning tree; that an IPv6 address is no
    longer tentative, and the route to it."""
    state = ns.state()
    for link in state["links"]:
        port = link.get("linkinfo", {}).get("info_slave_data", {})
        for key in ("bridge_id", "root_id", "designated_cost"):
            port.pop(key, None)
    for entry in state["addresses"]:
        for address in entry["of"]:
            address.pop("tentative", None)
    state["routes6"] = [route for route in state["routes6"] if route.get("table") != "local"]
    return state


class WrongEndError(Exception):
    """What is wrong with the end of a run."""


def differences(before: State, after: State) -> list[tuple[str, Json]]:
    """Entries that only one of the states has, as (part, entry)."""
    return [(part, entry) for part in before for entry in (*before[part], *after[part]) if (entry in before[part]) != (entry in after[part])]


def shown(before: State, after: State, most: int = 6) -> str:
    """The differences in words: of an interface that both have, the attributes."""
    texts = []
    for part in before:
        old, new = ([entry for entry in state[part] if entry not in other[part]] for state, other in ((before, after), (after, before)))
        both = {str(entry.get("ifname")) for entry in old} & {str(entry.get("ifname")) for entry in new} if part in {"links", "addresses"} else set()
        for name in sorted(both):
            (one,), (two,) = ([entry for entry in entries if entry.get("ifname") == name] for entries in (old, new))
            texts.append(f"{part} {name}: {_attributes(one, two)}")
        for sign, entries in (("-", old), ("+", new)):
            texts += [f"{part} {sign} {json.dumps(entry)[:300]}" for entry in entries if entry.get("ifname") not in both]
    return " | ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")


def _attributes(one: Json, two: Json) -> str:
    old, new = _flat(one), _flat(two)
    return ", ".join(f"{key} {old.get(key)!r} -> {new.get(key)!r}" for key in sorted(old | new) if old.get(key) != new.get(key))


def _flat(entry: Json, path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in entry.items():
        found |= _flat(value, f"{path}{key}.") if isinstance(value, dict) else {path + key: value}
    return found


def judge_error(ns: Namespace, scenario: Scenario, before: State, wanted: State, ended: Ended, lasting: bool = False) -> str:
    """The outcome of a run that met an error: it carried on and all is as wanted, or it failed and all is as before, or the error
    names everything that is not. lasting: nothing can be sent any more, so that saying just this is all that is left."""
    result = finished(ended)
    after = observed(ns)
    if not result["failed"]:
        judge_success(ns, scenario, wanted, after)
        return ABSORBED
    if "Traceback" in result["msg"] or not result["msg"].strip():
        raise WrongEndError(f"no sentence: {result['msg']!r}")
    left = differences(before, after)
    listed = result.get("leftovers", [])
    if lasting and any("could not be read" in sentence for sentence in listed):
        return UNREADABLE
    if not left:
        if listed:
            raise WrongEndError(f"everything is as before, and yet the error lists {listed}")
        return ROLLED_BACK
    unnamed = [(part, entry) for part, entry in left if not named(part, entry, listed)]
    if unnamed:
        raise WrongEndError(f"left behind and not listed: {unnamed[:4]} ({shown(before, after)}); the error: {result['msg']}")
    return LISTED


def finished(ended: Ended) -> Result:
    if ended.crash:
        raise WrongEndError(f"crashed: {_end_of(ended.crash)}")
    if ended.result is None:
        raise WrongEndError(f"ended by signal {ended.signal}")
    return ended.result


def _end_of(trace: str) -> str:
    """Where a traceback comes from, on one line."""
    lines = [line.strip() for line in trace.splitlines() if line.strip().strip("^")]
    return " | ".join(line.rpartition("/")[2] if line.startswith("File ") else line for line in lines[-5:])


def judge_success(ns: Namespace, scenario: Scenario, wanted: State, after: State) -> None:
    """A run that says it succeeded: all is as wanted, and a check finds nothing to do."""
    again = run(ns, scenario.module, scenario.given, check=True)
    if again["failed"] or again["changed"]:
        raise WrongEndError(f"success, and yet a check says {again.get('msg') or again['operations']}")
    if after != wanted:
        raise WrongEndError(f"success, and yet not as after an undisturbed run: {shown(wanted, after)}")


def named(part: str, entry: Json, sentences: list[str]) -> bool:
    """An entry of a state is covered by a sentence about it, or by one that says that its whole interface is there or not."""
    name = str(entry.get("ifname") or entry.get("dev") or "")
    about = [sentence for sentence in sentences if _mentions(sentence, name)]
    if any(sentence.endswith((f"{name} is not there", f"{name} is still there")) for sentence in about):
        return True
    if part == "fdb":
        return any(str(entry["mac"]) in sentence or "more rows" in sentence for sentence in about)
    return bool(about)


def _mentions(sentence: str, name: str) -> bool:
    words = sentence.replace(":", " ").replace(",", " ").split()
    return bool(name) and name in words


def each_point(scenario: Scenario, points: list[Point], judge: Callable[[Namespace, Point], bool]) -> None:
    """Call judge with a host as it was and each point. It says whether the host is so still; if not, the next point gets another.
    So it does after a run that slipped through undisturbed, whose point is tried again."""
    left = list(reversed(points))
    slipped = 0
    while left:
        with scenario.host() as ns:
            try:
                while left and judge(ns, left[-1]):
                    left.pop()
                del left[-1:]
                slipped = 0
            except NotReachedError:
                slipped += 1
                if slipped == _TRIES:
                    raise


class Prepared(NamedTuple):
    """What is known of a scenario: the states before and after a run that nobody disturbs, and its calls."""

    before: State
    wanted: State
    calls: list[Call]


_prepared: dict[str, Prepared] = {}


def prepare(scenario: Scenario, folder: Path) -> Prepared:
    """Run a scenario undisturbed, once in a process."""
    if scenario.name not in _prepared:
        with scenario.host() as ns:
            before = observed(ns)
            result = finished(ended := traced(ns, scenario.module, scenario.given, folder))
            assert not result["failed"], result["msg"]
            assert result["changed"], result
            wanted = observed(ns)
            judge_success(ns, scenario, wanted, wanted)
            _prepared[scenario.name] = Prepared(before, wanted, calls(ended.log))
    return _prepared[scenario.name]
