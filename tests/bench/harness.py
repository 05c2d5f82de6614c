# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time whole commands in pairs, A B A B: the ratio of neighbours holds when the machine's speed drifts."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

CHECKOUT = Path(__file__).resolve().parents[2]
COLLECTIONS = CHECKOUT / ".cache" / "collections"
RUNS = int(os.environ.get("VXLAN_FABRIC_BENCH_RUNS", "5"))


class Cost(NamedTuple):
    """What one run of a command took: seconds of wall clock and of processor time (user and system, with all children), and the
    largest memory of one process in MB."""

    wall: float
    cpu: float
    memory: float = 0.0

    def __add__(self, other: object) -> Cost:
        """One command after the other."""
        if not isinstance(other, Cost):
            return NotImplemented
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.memory, other.memory))


def measure(words: Sequence[str], env: dict[str, str] | None = None) -> Cost:
    """Run a command; its failure ends the benchmark."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(words, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _pid, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            sys.exit(f"{' '.join(words)[:300]}: {output.read()[-4000:].decode(errors='replace')}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def in_pairs(ours: Callable[[], Cost], peer: Callable[[], Cost], runs: int = RUNS) -> list[tuple[Cost, Cost]]:
    """Both in turn, after one round that is not counted."""
    ours()
    peer()
    return [(ours(), peer()) for _run in range(runs)]


def report(title: str, pairs: list[tuple[Cost, Cost]], names: tuple[str, str], target: float) -> None:
    """Medians of both, and the median of the ratios pair by pair."""
    print(f"\n{title} ({len(pairs)} pairs, target at most {target:g})")
    for figure in ("wall", "cpu"):
        ours = [getattr(pair[0], figure) for pair in pairs]
        peer = [getattr(pair[1], figure) for pair in pairs]
        ratios = [a / b for a, b in zip(ours, peer)]
        print(
            f"  {figure:4}  {names[0]} {statistics.median(ours):.2f} s  {names[1]} {statistics.median(peer):.2f} s  "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    if pairs[0][0].memory:
        print(f"  memory  {names[0]} {max(pair[0].memory for pair in pairs):.0f} MB  {names[1]} {max(pair[1].memory for pair in pairs):.0f} MB")


def machine() -> None:
    print(f"Linux {platform.release()}, Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")


def module_words(module: str, arguments: dict[str, Any], folder: Path) -> list[str]:
    """A module of the collection as a process of its own, started as Ansible would."""
    path = folder / f"{module}.{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
    return [sys.executable, "-m", f"ansible_collections.vxlan.fabric.plugins.modules.{module}", str(path)]


MODULE_ENV = {"PYTHONPATH": str(COLLECTIONS)}


@contextmanager
def namespace(name: str) -> Iterator[str]:
    """A network namespace for the length of a benchmark."""
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="vxlan-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def underlay(name: str) -> None:
    """eth0 with an address and MTU 1600, its other end beside it."""
    batch(name, ["link add eth0 mtu 1600 type veth peer name far0", "address add 192.0.2.1/24 dev eth0", "link set eth0 up", "link set far0 up"])


def batch(namespace_name: str, lines: Sequence[str]) -> None:
    """Lines for `ip -batch` in a namespace."""
    subprocess.run(["ip", "-n", namespace_name, "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
