# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""F23: two runs at once on one host. None fails, and the host ends as one of the two wanted it.

One kind again: make kernel PYTEST="-k 'two_runs and vtep-differing'"
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import Result, finish_child, good, run, start
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

from . import hosts
from .judging import observed, shown
from .recording import ALL, record
from .scenarios import BRIDGE, NAKED, PORTS, ZERO, mac

ROUNDS = 13 if ALL else 1
Given = dict[str, Any]


def interface(turn: int, side: int) -> Given:
    return {
        "name": "vx0",
        "mac": mac(0, side),
        "vni": 100 + side,
        "local": "192.0.2.1",
        "remote": f"192.0.2.{2 + side}",
        "port": 4789 + (turn + side) % 3,
        "ttl": str(1 + turn),
        "mtu": str(1400 + side),
        "addresses": [f"10.0.{turn}.{1 + side}/24", f"2001:db8:7:{turn}::{1 + side}/64"],
        "master": "br0",
        "state": "up",
    }


def bridge(turn: int, side: int) -> Given:
    return {
        "name": "br1",
        "mac": mac(0xB1, side),
        "ageing": 60 + turn,
        "stp": bool(side),
        "addresses": [f"10.9.{turn}.{1 + side}/24"],
        "ports": [{"name": f"tap{side}", "isolated": bool(turn % 2)}],
        "purge": "all",
        "state": "up",
    }


def fdb(turn: int, side: int) -> Given:
    rows = [{"mac": mac(0xC0, n), "dst": f"192.0.2.{10 + side + turn}"} for n in range(60 + 20 * side)]
    flood = {"mac": ZERO, "dst": [f"192.0.2.{n}" for n in range(2 + side, 12 + 3 * side + turn)]}
    return {"interface": "vx9", "rows": [*rows, flood], "purge": "static"}


def vtep(turn: int, side: int) -> Given:
    return {**hosts.host(range(1 + side, 4 + 2 * side), (2 + turn, 30 + side)), "vnis": {}}


MAKERS = {"interface": interface, "bridge": bridge, "fdb": fdb, "vtep": vtep}
# What is deleted before each second pair, so that both make it.
OBJECTS = {"interface": ("vx0",), "bridge": ("br1",), "fdb": (), "vtep": ("vx2", "br3")}


def both(ns: Namespace, module: str, arguments: tuple[Given, Given]) -> list[Result]:
    """Two runs that begin at the same moment."""
    gate, opener = os.pipe()

    def wait() -> None:
        os.close(opener)
        os.read(gate, 1)

    children = [start(ns, module, given, patch=wait) for given in arguments]
    os.close(gate)
    os.close(opener)
    return [finish_child(child) for child in children]


@pytest.mark.parametrize("differing", [False, True], ids=["same", "differing"])
@pytest.mark.parametrize("module", list(MAKERS))
def test_two_runs_at_once(ns: Namespace, module: str, differing: bool) -> None:
    ns.ip(*BRIDGE, *PORTS, *(line.replace("vx0", "vx9").replace("4789", "4799") for line in NAKED))
    changed = last = 0
    for turn in range(ROUNDS):
        if turn % 2:
            ns.ip(*(f"link delete {name}" for name in OBJECTS[module] if ns.has(name)))
        wanted = (MAKERS[module](turn, 0), MAKERS[module](turn, int(differing)))
        results = both(ns, module, wanted)
        assert [result["failed"] for result in results] == [False, False], [result.get("msg") for result in results]
        found = observed(ns)
        alone = []
        for given in wanted:
            good(run(ns, module, given))
            alone.append(observed(ns))
        assert found in alone, f"turn {turn}: neither {shown(alone[0], found)} nor {shown(alone[1], found)}"
        changed += sum(result["changed"] for result in results)
        last += found == alone[1]
    record("pairs", f"{module}-{'differing' if differing else 'same'}", {"pairs": ROUNDS, "failures": 0, "runs that changed something": changed})
    assert differing or changed == ROUNDS, "of two runs that want the same, one finds nothing to do"
    assert last <= ROUNDS
