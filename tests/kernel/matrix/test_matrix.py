# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option times the running kernel: applied, as iproute2 sees it, or refused by name before the first write; never ignored.

What happened goes to .cache/reports/matrix/RELEASE.json, of which tests/unit/docs/matrix_texts.py makes docs/kernel-matrix.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS, table_of
from ansible_collections.vxlan.fabric.tests.kernel.engine import test_bridge_options as bridges
from ansible_collections.vxlan.fabric.tests.kernel.engine import test_interface_options as interfaces
from ansible_collections.vxlan.fabric.tests.kernel.engine import test_vlan_interface as vlans
from ansible_collections.vxlan.fabric.tests.support.engine import ROOT, bad, good, run
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

REPORTS = ROOT / ".cache" / "reports" / "matrix"
Row = tuple[str, Attribute]
ROWS: list[Row] = [(kind, row) for kind in KINDS for row in table_of(kind)]


class Trial(NamedTuple):
    """One value of an option: the module and its arguments, and what the judge has to see; no judge where the kernel does not report it."""

    module: str
    arguments: dict[str, Any]
    judge: Callable[[Namespace], object] | None
    shown: object


def _vxlan(option: str) -> Trial:
    if option not in interfaces.CASES:
        return Trial("interface", {"name": "vx0", **interfaces.V4, option: True}, None, None)
    case = interfaces.CASES[option]
    return Trial("interface", interfaces.arguments(option, case, case.first), case.judge, case.shown[0])


def _bridge(option: str) -> Trial:
    case = bridges.BRIDGE_CASES[option]
    return Trial("bridge", bridges.given(option, case, case.first), case.judge, case.shown[0])


def _port(option: str) -> Trial:
    case = bridges.PORT_CASES[option]
    ports = [{"name": "p0", **case.base, option: case.first}, {"name": "p1"}]
    return Trial("bridge", {"name": "br0", "mac": bridges.MAC, "ports": ports}, case.judge, case.shown[0])


def _vrf(option: str) -> Trial:
    assert option == "table"
    return Trial("vrf", {"name": "va", option: 1001}, lambda ns: ns.data("va").get("table"), 1001)


def _vlan(option: str) -> Trial:
    case = vlans.CASES[option]
    return Trial(
        "vlan_interface",
        {**vlans.GIVEN, "device": "brv", **case.base, option: case.second if option == "device" else case.first},
        case.judge,
        case.shown[option == "device"],
    )


TRIALS: dict[str, Callable[[str], Trial]] = {"vxlan": _vxlan, "bridge": _bridge, "bridge_slave": _port, "vrf": _vrf, "vlan": _vlan}
NAMES = {"vxlan": "vx0", "bridge": "br0", "bridge_slave": "p0", "vrf": "va", "vlan": vlans.NAME}
MADE = ("vx0", "br0", "va", vlans.NAME)


@pytest.fixture(scope="module")
def ns() -> Iterator[Namespace]:
    """One for all rows: what each of them makes is removed."""
    with namespace("vfm") as made:
        made.ip(*bridges.PORTS, "nexthop add id 5 via 192.0.2.7 fdb")
        made.ip("nexthop add id 15 group 5 fdb", "link add name brv type bridge")
        yield made


@pytest.fixture(scope="module")
def capabilities(ns: Namespace) -> dict[str, Any]:
    found: dict[str, Any] = good(run(ns, "vtep_facts", {}))["ansible_facts"]["vxlan_capabilities"]
    return found


@pytest.fixture(scope="module")
def record() -> Iterator[dict[str, dict[str, dict[str, str]]]]:
    """What became of each row. Written only when all of them were tried."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    yield rows
    if sum(map(len, rows.values())) == len(ROWS):
        REPORTS.mkdir(parents=True, exist_ok=True)
        uml = "User Mode Linux" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
        report = {"kernel": os.uname().release, "as": "User-Mode Linux" if uml else "", "rows": rows}
        path: Path = REPORTS / f"{os.uname().release}.json"
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _tried(ns: Namespace, trial: Trial, kind: str, row: Attribute) -> dict[str, str]:
    """The result of a row, judged."""
    result = run(ns, trial.module, trial.arguments)
    if result["failed"]:
        text = bad(result)
        own = (f"{NAMES[kind]}.{row.option}: this kernel", f"{NAMES[kind]}: this kernel")
        (text,) = [sentence for sentence in text.split("; ") if sentence.startswith(own)]
        assert result["writes"] == 0, "refused after something was written"
        assert not [name for name in MADE if ns.has(name)]
        return {"result": "refused", "why": text.partition(f"this kernel ({os.uname().release}) ")[2]}
    assert result["changed"]
    if trial.judge is None:
        assert row.write_only
        return {"result": "write-only"}
    assert trial.judge(ns) == trial.shown, "acknowledged, and without an effect"
    return {"result": "applied"}


@pytest.mark.parametrize(("kind", "row"), [pytest.param(kind, row, id=f"{kind}-{row.option}") for kind, row in ROWS])
def test_row(ns: Namespace, capabilities: dict[str, Any], record: dict[str, Any], kind: str, row: Attribute) -> None:
    trial = TRIALS[kind](row.option)
    try:
        found = _tried(ns, trial, kind, row)
    finally:
        ns.sh("".join(f"ip link delete {name} 2>/dev/null || true;" for name in MADE))
    record.setdefault(kind, {})[row.option] = found
    assert capabilities["options"].get(kind, {}).get(row.option, False) is (found["result"] != "refused"), "vtep_facts says something else"
