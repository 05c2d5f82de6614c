# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook deploy over twins of several sizes that are as the inventory says, next to a play with ansible.builtin.ping over the same hosts."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.vxlan.fabric.tests.bench.harness import COLLECTIONS, RUNS, Cost, in_pairs, machine, measure, report, scratch

SIZES = tuple(int(size) for size in os.environ.get("VXLAN_FABRIC_BENCH_HOSTS", "10 20 40").split())
MIDDLE = sorted(SIZES)[len(SIZES) // 2]
NETWORKS = 5
TARGET = 1.5
PING = """
- hosts: hypervisors:switches
  gather_facts: false
  tasks:
    - ansible.builtin.ping:
"""


class Site:
    """A fabric of some size, its twin, and plays over it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder / str(size)
        self.folder.mkdir()
        self.name = f"bench{os.getpid()}x{size}"
        hosts = [f"h{number:03}" for number in range(size)]
        variables = {
            host: {"vxlan_vtep": {"address": f"192.0.2.{place + 1}", "device": "eth0", "ports": {"net0": ["tap0"]}}} for place, host in enumerate(hosts)
        }
        networks = {f"net{number}": {"vni": 1000 + number, "members": ["hypervisors", "switches"]} for number in range(NETWORKS)}
        groups = {"hypervisors": {"hosts": dict.fromkeys(hosts[::2])}, "switches": {"hosts": dict.fromkeys(hosts[1::2])}}
        shared = {"vxlan_fabric": {"name": self.name, "underlay": {"mtu": 1600}, "networks": networks}}
        # JSON is YAML.
        (self.folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": variables, "vars": shared, "children": groups}}))
        (self.folder / "ping.yml").write_text(PING)
        self.overlay = self.folder / "twin.yml"

    def words(self, playbook: str, *more: str) -> list[str]:
        return [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(self.folder / "hosts.yml"), playbook, *more]

    @property
    def env(self) -> dict[str, str]:
        return {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": str(self.folder / "home"), "ANSIBLE_FORKS": "5"}

    def twin(self, state: str) -> None:
        measure(self.words("vxlan.fabric.twin", "-e", f"twin_state={state}", "-e", f"twin_overlay={self.overlay}"), self.env)

    def ping(self, piped: bool = False) -> Cost:
        return self._play(self.words(str(self.folder / "ping.yml")), piped)

    def deploy(self, *more: str, piped: bool = False) -> Cost:
        return self._play(self.words("vxlan.fabric.deploy", *more), piped)

    def _play(self, words: list[str], piped: bool) -> Cost:
        return measure([*words, "-i", str(self.overlay)], {**self.env, "ANSIBLE_PIPELINING": str(piped)})

    def require_rest(self) -> None:
        """What is timed is to be a play that changes nothing."""
        words = [*self.words("vxlan.fabric.deploy"), "-i", str(self.overlay)]
        told = subprocess.run(words, env={**os.environ, **self.env}, capture_output=True, text=True, check=True).stdout
        if "changed=0" not in told or "changed=1" in told:
            sys.exit(f"the second deploy changed something:\n{told[-2000:]}")


@contextmanager
def twins(folder: Path) -> Iterator[dict[int, Site]]:
    """Deployed, so that whatever runs after finds nothing to do."""
    sites = {size: Site(folder, size) for size in sorted(SIZES)}
    try:
        for site in sites.values():
            site.twin("present")
            site.deploy()
            site.require_rest()
        yield sites
    finally:
        for site in sites.values():
            site.twin("absent")


def report_growth(pairs: dict[int, list[tuple[Cost, Cost]]]) -> None:
    """What a further host costs, between each size and the next."""
    medians = {size: statistics.median(deploy.cpu for deploy, _ping in found) for size, found in pairs.items()}
    print("\nGrowth, processor time of deploy")
    for size, cost in medians.items():
        print(f"  {size:3} hosts  {cost:6.2f} s  {cost / size * 1000:4.0f} ms a host")
    sizes: Sequence[int] = list(medians)
    for fewer, more in zip(sizes, sizes[1:]):
        print(f"  from {fewer} to {more}: {(medians[more] - medians[fewer]) / (more - fewer) * 1000:.0f} ms for each further host")


def main() -> None:
    machine()
    with scratch() as folder, twins(folder) as sites:
        # A round has all sizes, so that all of them see the machine in the same moods; the first is not counted.
        rounds = [{size: (site.deploy(), site.ping()) for size, site in sites.items()} for _round in range(RUNS + 1)][1:]
        pairs = {size: [one[size] for one in rounds] for size in sites}
        for size, found in pairs.items():
            report(f"{size} hosts of {NETWORKS} networks, nothing to do", found, ("deploy", "ping"), TARGET)
        report_growth(pairs)
        site = sites[MIDDLE]
        report(f"{MIDDLE} hosts, --check", in_pairs(lambda: site.deploy("--check"), site.ping), ("deploy", "ping"), TARGET)
        piped = in_pairs(lambda: site.deploy(piped=True), lambda: site.ping(piped=True))
        report(f"{MIDDLE} hosts, with pipelining", piped, ("deploy", "ping"), TARGET)


if __name__ == "__main__":
    main()
