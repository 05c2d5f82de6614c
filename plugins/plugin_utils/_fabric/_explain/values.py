# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The walk of a frame as values: legs, one for each host that it passes, made of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# How a step stands.
AS_WANTED, DIFFERS, ENDS, NOT_REACHED, NOT_KNOWN = "as wanted", "differs", "ends", "not reached", "not known"


@dataclass(frozen=True)
class Fact:
    """One thing to look at. wanted: by the inventory, empty where it says nothing. real: as read, empty where it is not known."""

    what: str
    wanted: str = ""
    real: str = ""
    differs: bool = False


@dataclass(frozen=True)
class Finding:
    """What is not as the inventory wants it, why, and what mends it."""

    sentence: str
    mend: str = ""


@dataclass(frozen=True)
class Step:
    """text: what the kernel does here and why, sentences. look: commands by which the reader can look himself.
    wanted_end, real_end: why the walk ends here, empty where it goes on. wanted_arrives, real_arrives: it ends because the frame is there; None if
    that cannot be said. harmless: one of several copies ends here, and nothing is lost."""

    title: str
    text: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    look: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    wanted_end: str = ""
    real_end: str = ""
    wanted_arrives: bool | None = False
    real_arrives: bool | None = False
    harmless: bool = False
    status: str = AS_WANTED


@dataclass(frozen=True)
class Leg:
    """What happens on one host, or to one copy of the frame. host: where it happens. error: why its real state is not known."""

    title: str
    host: str
    steps: tuple[Step, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Walk:
    """title: who to whom. real: whether hosts were looked at. wanted_arrives, real_arrives: None when it cannot be said."""

    fabric: str
    network: str
    title: str
    legs: tuple[Leg, ...]
    wanted_arrives: bool | None
    real_arrives: bool | None
    real: bool
    notes: tuple[str, ...] = ()
    summary: str = ""

    @property
    def steps(self) -> list[Step]:
        return [step for leg in self.legs for step in leg.steps]


def as_dict(walk: Walk) -> dict[str, Any]:
    """As JSON and YAML have it, for programs and for the role."""
    return {
        "fabric": walk.fabric,
        "network": walk.network,
        "title": walk.title,
        "summary": walk.summary,
        "real": walk.real,
        "arrives": {"wanted": walk.wanted_arrives, "real": walk.real_arrives},
        "ok": walk.real_arrives is not False and walk.wanted_arrives is not False and not any(step.findings for step in walk.steps),
        "notes": list(walk.notes),
        "legs": [{"title": leg.title, "host": leg.host, "error": leg.error, "steps": [_step(step) for step in leg.steps]} for leg in walk.legs],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "title": step.title,
        "text": list(step.text),
        "facts": [{"what": fact.what, "wanted": fact.wanted, "real": fact.real, "differs": fact.differs} for fact in step.facts],
        "look": list(step.look),
        "findings": [{"sentence": finding.sentence, "mend": finding.mend} for finding in step.findings],
        "ends": {"wanted": step.wanted_end, "real": step.real_end},
        "arrives": {"wanted": step.wanted_arrives, "real": step.real_arrives},
        "status": step.status,
    }
