# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a re-creation costs those who talk across the interface: one silence, as long as is measured and published."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, run
from ansible_collections.vxlan.fabric.tests.support.overlay import Overlay, endpoint_address, host_state
from ansible_collections.vxlan.fabric.tests.support.stream import streams

from .measuring import OUTAGE_TIMES, OUTAGES, InconclusiveError, Measurements, conclusive

# Generous for a busy machine; the published figure is the measured one.
MOST_SECONDS = 2.0


def state_with_rows(number: int, rows: int, **interface: Any) -> dict[str, Any]:
    state = host_state(number, (3 - number,), **interface)
    more = "\n".join(f"02:00:00:01:{row >> 8:02x}:{row & 255:02x} dst 192.0.2.3" for row in range(rows))
    state["fdb"][0]["lines"] = more
    return state


@pytest.mark.parametrize("work", OUTAGES)
def test_a_re_creation_is_one_short_silence(lab: Overlay, measurements: Measurements, work: str) -> None:
    """ttl: inherit cannot be had, nor be left, on a live interface."""
    number = 1 if "sending" in work else 2
    rows = 998 if "1,000" in work else 1

    def recreate() -> None:
        good(run(lab.hosts[number], "vtep", state_with_rows(number, rows)))
        with streams(lab.endpoints[1], lab.endpoints[2], endpoint_address(2)) as measured:
            result = good(run(lab.hosts[number], "vtep", state_with_rows(number, rows, ttl="inherit")))
        assert [entry["interface"] for entry in result["recreated"]] == ["vx100"]
        if measured.overflowed and any(len(stream.silences) != 1 for stream in measured.streams.values()):
            raise InconclusiveError
        for name, stream in measured.streams.items():
            assert stream.lost, f"{name}: an interface that is re-created cannot forward: is the measurement blind?"
            assert len(stream.silences) == 1, f"{name}: {stream.silences}"
            assert stream.silences[0][0] < MOST_SECONDS
        measurements.outage(work, measured)

    for _repetition in range(OUTAGE_TIMES):
        conclusive(lab, recreate)
