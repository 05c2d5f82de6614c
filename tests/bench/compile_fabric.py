# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it costs to judge and compile a fabric of 100 networks, all of them on every host, next to what Ansible needs to load its inventory:
250, 500 and 1,000 hosts, written by the generator of the large example. And how long the arguments of a host get.

Each measurement is a process of its own, so that none profits from what another has left in memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import compile as compiler
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import read_inventory
from ansible_collections.vxlan.fabric.tests.bench.harness import CHECKOUT, MODULE_ENV, machine, measure, scratch

SIZES = tuple(int(size) for size in os.environ.get("VXLAN_FABRIC_BENCH_HOSTS", "250 500 1000").split())
NETWORKS = int(os.environ.get("VXLAN_FABRIC_BENCH_NETWORKS", "100"))
RUNS = int(os.environ.get("VXLAN_FABRIC_BENCH_RUNS", "3"))
LIMIT = 256 * 1024
# The processor time of each, in this order.
STEPS = ("load", "variables", "judge", "compile", "texts", "filter")
OURS = ("judge", "compile", "texts")
EXPECTED = {
    "load": "Ansible parses the inventory",
    "variables": "Ansible reads and merges the variables of all hosts",
    "judge": "every mistake is looked for",
    "compile": "a state for each host",
    "texts": "as the arguments of vtep",
    "filter": "variables, judge, compile and texts as a play has them, by a filter",
}


@contextmanager
def timed(times: dict[str, float], step: str) -> Iterator[None]:
    start = time.process_time()
    yield
    times[step] = time.process_time() - start


def observe(inventory: str) -> dict[str, Any]:
    """In this process: seconds of each step, and the bytes of the longest and of all arguments."""
    times: dict[str, float] = {}
    with timed(times, "load"):
        loader = DataLoader()
        manager = InventoryManager(loader, sources=[inventory])
    with timed(times, "variables"):
        variables = VariableManager(loader, manager)
        plain = {host.name: variables.get_vars(host=host, include_hostvars=False) for host in manager.get_hosts()}
    groups = manager.get_groups_dict()
    with timed(times, "judge"):
        fabrics = read_inventory(plain, groups).judged()
    with timed(times, "compile"):
        states = compiler.states_of(fabrics, list(plain))
    with timed(times, "texts"):
        texts = compiler.texts_of(states)
    with timed(times, "filter"):
        fresh = HostVars(manager, VariableManager(loader, manager), loader)
        compiler.texts_of(compiler.states_of(read_inventory(fresh, groups).judged(), list(plain)))
    sizes = [len(text.encode()) for text in texts.values()]
    return {"times": times, "longest": max(sizes), "total": sum(sizes)}


def generate(folder: Path, hosts: int) -> Path:
    """All networks on every host: the fabric of this size that costs most."""
    inventory = folder / str(hosts)
    words = ["--hosts", str(hosts), "--networks", str(NETWORKS), "--everywhere"]
    subprocess.run([sys.executable, str(CHECKOUT / "examples" / "large" / "generate.py"), str(inventory), *words], check=True)
    return inventory


def measured(inventory: Path) -> dict[str, Any]:
    words = [sys.executable, __file__, str(inventory)]
    done = subprocess.run(words, env={**os.environ, **MODULE_ENV}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def listed(inventory: Path) -> float:
    """The processor time of ansible-inventory, which does nothing but load: what a user waits for before anything else."""
    return measure([str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(inventory), "--list"]).cpu


def main() -> None:
    machine()
    medians: dict[int, dict[str, float]] = {}
    with scratch() as folder:
        for hosts in SIZES:
            inventory = generate(folder, hosts)
            runs = [(measured(inventory), listed(inventory)) for _run in range(RUNS)]
            times = {step: statistics.median(run["times"][step] for run, _listed in runs) for step in STEPS}
            times["list"] = statistics.median(seconds for _run, seconds in runs)
            times["ours"] = sum(times[step] for step in OURS)
            medians[hosts] = times
            report(hosts, times, runs[0][0])
    print("\nTwice the hosts")
    for fewer, more in zip(SIZES, SIZES[1:]):
        ratios = {step: medians[more][step] / medians[fewer][step] * 2 * fewer / more for step in ("ours", "list", *OURS)}
        print(
            f"  from {fewer} to {more}: judge, compile and texts {ratios['ours']:.2f} times (" + ", ".join(f"{step} {ratios[step]:.2f}" for step in OURS) + ")"
            f", ansible-inventory {ratios['list']:.2f} times"
        )


def report(hosts: int, times: dict[str, float], found: dict[str, Any]) -> None:
    print(f"\n{hosts} hosts, {NETWORKS} networks on each ({RUNS} runs, medians of processor time)")
    for step in STEPS:
        print(f"  {step:10} {times[step]:7.2f} s  {EXPECTED[step]}")
    loading = times["load"] + times["variables"]
    print(f"  judge, compile and texts {times['ours']:.2f} s: {times['ours'] / loading:.2f} of loading, {times['ours'] / times['list']:.2f} of")
    print(f"  ansible-inventory --list, {times['list']:.2f} s (aim: at most 1)")
    verdict = "" if found["longest"] <= LIMIT else ": TOO LONG"
    print(f"  arguments: the longest {found['longest'] / 1024:.1f} KiB (limit {LIMIT // 1024}{verdict}), all {found['total'] / 1048576:.1f} MiB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(observe(sys.argv[1])))
    else:
        main()
