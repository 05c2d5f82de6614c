# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thousand datagrams a second across the overlay, by a row of the forwarding table and by the flood list, lose none while the sending and
the receiving VTEP are worked on."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, run
from ansible_collections.vxlan.fabric.tests.support.overlay import PLAIN_PORT, Overlay, endpoint_address, host_state
from ansible_collections.vxlan.fabric.tests.support.stream import streams

from .measuring import LOSSLESS_TIMES, InconclusiveError, Measurements, conclusive

States = dict[int, dict[str, Any]]

LIVE: dict[str, dict[str, Any]] = {
    "learning switched": {"learning": False},
    "ttl changed": {"ttl": "77"},
    "ageing changed": {"ageing": 123},
    "mtu changed": {"mtu": "1450"},
    "several options at once": {"learning": False, "ttl": "9", "tos": "8", "df": "set", "ageing": 99, "txqueuelen": 7},
}
UNRELATED: dict[str, list[dict[str, Any]]] = {
    "interfaces": [{"name": "vx200", "state": "up", "vni": 200, "device": "eth0", "learning": False, "addresses": ["10.9.0.1/24"]}],
    "bridges": [{"name": "br200", "state": "up", "ports": [{"name": "vx200"}]}],
    "fdb": [{"interface": "vx200", "flood": ["lab"], "rows": []}],
}
NOTHING = {"fabric": "lab", "purge": "managed"}
repeated = pytest.mark.parametrize("time", range(LOSSLESS_TIMES))


def pair() -> States:
    return {1: host_state(1, (2,)), 2: host_state(2, (1,))}


def lossless(lab: Overlay, measurements: Measurements, work: str, states: States, changed: bool = True) -> None:
    """Run `vtep` on hosts while both streams go from endpoint 1 to endpoint 2."""
    with streams(lab.endpoints[1], lab.endpoints[2], endpoint_address(2)) as measured:
        results = {number: good(run(lab.hosts[number], "vtep", state)) for number, state in states.items()}
    for number, result in results.items():
        assert result["changed"] is changed, f"VTEP {number}: {result['operations']}"
        assert result["recreated"] == []
    assert all(stream.sent > 200 for stream in measured.streams.values()), "too few were sent to say anything"
    if measured.overflowed and any(measured.lost.values()):
        raise InconclusiveError
    measurements.lossless(work, measured)
    assert measured.lost == {"unicast": 0, "broadcast": 0}, {name: stream.silences for name, stream in measured.streams.items()}


@repeated
def test_a_run_that_finds_nothing_to_do(lab: Overlay, measurements: Measurements, time: int) -> None:  # noqa: ARG001 - only repeats
    conclusive(lab, lambda: lossless(lab, measurements, "a run that finds nothing to do", pair(), changed=False))


@repeated
@pytest.mark.parametrize("change", LIVE)
def test_a_live_change(lab: Overlay, measurements: Measurements, change: str, time: int) -> None:  # noqa: ARG001 - only repeats
    states = {1: host_state(1, (2,), **LIVE[change]), 2: host_state(2, (1,), **LIVE[change])}
    conclusive(lab, lambda: lossless(lab, measurements, change, states))


@repeated
def test_a_vtep_comes_and_goes(lab: Overlay, measurements: Measurements, time: int) -> None:  # noqa: ARG001 - only repeats
    three = {3: host_state(3, (1, 2)), 1: host_state(1, (2, 3)), 2: host_state(2, (1, 3))}

    def come_and_go() -> None:
        lossless(lab, measurements, "a VTEP added to the flood lists", three)
        assert lab.hosts[1].destinations("vx100") == ["192.0.2.2", "192.0.2.3"]
        lossless(lab, measurements, "a VTEP removed from the flood lists", {**pair(), 3: NOTHING})
        assert lab.hosts[1].destinations("vx100") == ["192.0.2.2"]
        assert not lab.hosts[3].has("vx100")

    conclusive(lab, come_and_go)


@repeated
def test_flags_of_bridge_ports(lab: Overlay, measurements: Measurements, time: int) -> None:  # noqa: ARG001 - only repeats
    states = pair()
    for state in states.values():
        tunnel = {"name": "vx100", **PLAIN_PORT, "neigh_suppress": True, "learning": False, "mcast_flood": False}
        state["bridges"][0] |= {"ports": [tunnel, {"name": "tap0", **PLAIN_PORT, "hairpin": True}], "ageing": 100}
    conclusive(lab, lambda: lossless(lab, measurements, "flags of bridge ports changed", states))


@repeated
def test_an_unrelated_network_comes_and_goes(lab: Overlay, measurements: Measurements, time: int) -> None:  # noqa: ARG001 - only repeats
    more = {number: {**state, **{key: [*state[key], *entries] for key, entries in UNRELATED.items()}} for number, state in pair().items()}

    def come_and_go() -> None:
        lossless(lab, measurements, "an unrelated network added", more)
        assert lab.hosts[1].has("vx200")
        lossless(lab, measurements, "an unrelated network purged", pair())
        assert not lab.hosts[1].has("vx200")
        assert not lab.hosts[1].has("br200")

    conclusive(lab, come_and_go)
