# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was sent and lost during which work: once in a short run, many times with VXLAN_FABRIC_ALL=1."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, run
from ansible_collections.vxlan.fabric.tests.support.overlay import Overlay, host_state
from ansible_collections.vxlan.fabric.tests.support.stream import Measured

ALL = os.environ.get("VXLAN_FABRIC_ALL") == "1"
LOSSLESS_TIMES = 10 if ALL else 1
OUTAGE_TIMES = 50 if ALL else 1

LOSSLESS = (
    "a run that finds nothing to do",
    "learning switched",
    "ttl changed",
    "ageing changed",
    "mtu changed",
    "several options at once",
    "a VTEP added to the flood lists",
    "a VTEP removed from the flood lists",
    "flags of bridge ports changed",
    "an unrelated network added",
    "an unrelated network purged",
)
OUTAGES = (
    "re-created on the sending VTEP, 3 rows",
    "re-created on the receiving VTEP, 3 rows",
    "re-created on the sending VTEP, 1,000 rows",
    "re-created on the receiving VTEP, 1,000 rows",
)


TRIES = 5


class InconclusiveError(Exception):
    """Datagrams were lost, and the machine's own queues overflowed at the same time: nobody can say whose they were."""


def reset(lab: Overlay) -> None:
    """VTEPs 1 and 2 in one network, the third has nothing."""
    for number, peers in ((1, (2,)), (2, (1,))):
        good(run(lab.hosts[number], "vtep", host_state(number, peers)))
    good(run(lab.hosts[3], "vtep", {"fabric": "lab", "purge": "managed"}))


def conclusive(lab: Overlay, measurement: Callable[[], None]) -> None:
    """Measure, again where other traffic of this machine disturbed it."""
    for _try in range(TRIES):
        try:
            measurement()
        except InconclusiveError:
            Measurements.disturbed += 1
            reset(lab)
        else:
            return
    pytest.skip(f"this machine's packet queues overflowed in each of {TRIES} measurements (/proc/net/softnet_stat): too much other traffic")


class Measurements:
    """Counts of datagrams by work, and of each re-creation the silence of each stream. disturbed: measurements that were repeated."""

    disturbed = 0

    def __init__(self) -> None:
        self._lossless: dict[str, dict[str, int]] = {}
        self._outages: dict[str, list[dict[str, float]]] = {}

    def lossless(self, work: str, measured: Measured) -> None:
        assert work in LOSSLESS, work
        entry = self._lossless.setdefault(work, {"runs": 0, "sent": 0, "lost": 0})
        entry["runs"] += 1
        entry["sent"] += sum(stream.sent for stream in measured.streams.values())
        entry["lost"] += sum(measured.lost.values())

    def outage(self, work: str, measured: Measured) -> None:
        assert work in OUTAGES, work
        found: dict[str, float] = {}
        for name, stream in measured.streams.items():
            found[f"{name} ms"] = 1000 * sum(seconds for seconds, _datagrams in stream.silences)
            found[f"{name} lost"] = len(stream.lost)
        self._outages.setdefault(work, []).append(found)

    def complete(self) -> bool:
        return set(self._lossless) == set(LOSSLESS) and set(self._outages) == set(OUTAGES)

    def report(self) -> dict[str, Any]:
        outages = {
            work: {
                "repetitions": len(self._outages[work]),
                **{
                    key: {"median": round(statistics.median(values), 1), "max": round(max(values), 1)}
                    for key in self._outages[work][0]
                    for values in ([entry[key] for entry in self._outages[work]],)
                },
            }
            for work in OUTAGES
        }
        lossless = {work: self._lossless[work] for work in LOSSLESS}
        sent = sum(entry["sent"] for entry in lossless.values())
        lost = sum(entry["lost"] for entry in lossless.values())
        surroundings = {"disturbed": self.disturbed, "processors": os.cpu_count(), "load": round(os.getloadavg()[2], 1)}
        return {"sent": sent, "lost": lost, **surroundings, "lossless": lossless, "outages": outages}
