# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""F20: a dump of a forwarding table that others write meanwhile is no snapshot, rows that were there all the time are missing from it.
No read of ours misses one, and no run takes one for missing.

More reads: VXLAN_FABRIC_ALL=1 make kernel PYTEST="-k churn"
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, run
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

from .recording import ALL, record
from .scenarios import ZERO, lines, mac

STATIC, LEARNED = 2200, 1500
READS = 125 if ALL else 6
FLOOD = ("192.0.2.2", "192.0.2.3")


@contextmanager
def churn(ns: Namespace, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Learned rows that come and go as fast as bridge(8) can: another program writes them all the time."""
    batch = folder / "churn"
    rows = [f"02:00:00:77:{n >> 8:02x}:{n & 255:02x} dev vx0 dst 192.0.2.{n % 200 + 1}" for n in range(LEARNED)]
    batch.write_text("".join(f"fdb {verb} {row}{' dynamic' if verb == 'replace' else ''}\n" for verb in ("replace", "del") for row in rows), encoding="utf-8")
    script = f"while bridge -force -batch {batch} 2>/dev/null || :; do :; done"
    with subprocess.Popen(["ip", "netns", "exec", ns.name, "sh", "-c", script], start_new_session=True) as writer:
        try:
            yield writer
        finally:
            os.killpg(writer.pid, signal.SIGKILL)


def stable() -> set[tuple[str, str]]:
    return {(line.split()[0], "192.0.2.9") for line in lines(STATIC).splitlines()} | {(ZERO, destination) for destination in FLOOD}


WANTED: dict[str, Any] = {
    "interfaces": [{"name": "vx0", "vni": 100, "port": 4789}],
    "peers": {"all": list(FLOOD)},
    "fdb": [{"interface": "vx0", "flood": ["all"], "lines": lines(STATIC), "purge": "managed"}],
}
ROWS: dict[str, Any] = {"interface": "vx0", "rows": [{"mac": ZERO, "dst": list(FLOOD)}], "lines": lines(STATIC)}


def by_info(ns: Namespace) -> str:
    """What vtep_info does not show, or shows twice."""
    (entry,) = (entry for entry in good(run(ns, "vtep_info", {}))["fdb"] if entry["interface"] == "vx0")
    rows = [(row["mac"], row["dst"]) for row in entry["rows"]]
    missing = stable() - set(rows)
    twice = len(rows) - len(set(rows))
    return f"{len(missing)} rows are missing, {twice} twice" if missing or twice else ""


def _by_run(module: str, given: dict[str, Any], check: bool = False) -> Callable[[Namespace], str]:
    def read(ns: Namespace) -> str:
        result = run(ns, module, given, check)
        if result["failed"]:
            return str(result["msg"])
        return f"changed: {result['operations'][:3]}" if result["changed"] or result["writes"] else ""

    return read


READERS: dict[str, Callable[[Namespace], str]] = {
    "vtep_info": by_info,
    "fdb-purge": _by_run("fdb", {**ROWS, "purge": "static"}),
    "vtep": _by_run("vtep", WANTED),
    "vtep-check": _by_run("vtep", WANTED, check=True),
}


def by_bridge(ns: Namespace) -> bool:
    """Whether one dump by bridge(8) misses a stable row: what this is all about."""
    return not stable() <= {(row["mac"], row.get("dst", "")) for row in ns.json("bridge", "fdb", "show", "dev", "vx0")}


@pytest.mark.parametrize("reader", list(READERS))
def test_no_read_under_churn_is_wrong(ns: Namespace, reader: str, tmp_path: Path) -> None:
    ns.ip(f"link add vx0 address {mac(0)} type vxlan id 100 local 192.0.2.1 dstport 4789 nolearning ageing 300", "link set vx0 up")
    good(run(ns, "fdb", ROWS))
    with churn(ns, tmp_path) as writer:
        wrong = [text for text in (READERS[reader](ns) for _read in range(READS)) if text]
        control = sum(by_bridge(ns) for _read in range(READS))
        assert writer.poll() is None, "the churn ended early"
    assert stable() <= {(row["mac"], row.get("dst", "")) for row in ns.fdb("vx0")}, "a run changed what is stable"
    record("churn", reader, {"reads": READS, "wrong": len(wrong), "dumps by bridge(8) that missed a row": control, "rows": STATIC + len(FLOOD)})
    assert control or not ALL, "the churn was too slow to disturb anybody"
    assert not wrong, f"{len(wrong)} of {READS} reads: {wrong[:5]}"
