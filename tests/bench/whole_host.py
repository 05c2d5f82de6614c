# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole host in one call of vtep: 1,000 networks with bridges and 100,000 forwarding rows, next to ip(8) and bridge(8), which are told
the same by batch files and verify nothing; the same again with nothing to do, next to the dumps; and the removal of 1,000 interfaces, next
to the fastest way that ip(8) has."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.vxlan.fabric.tests.bench.harness import (
    MODULE_ENV,
    Cost,
    batch,
    in_pairs,
    machine,
    measure,
    module_words,
    namespace,
    report,
    scratch,
    underlay,
)

NETWORKS = int(os.environ.get("VXLAN_FABRIC_BENCH_NETWORKS", "1000"))
RUNS = int(os.environ.get("VXLAN_FABRIC_BENCH_RUNS", "3"))
PEERS, MACHINES = 50, 50  # per network: VTEPs in the flood list, and MACs behind them
NUMBERS = range(1, NETWORKS + 1)
FLAGS = {"learning": True, "flood": True, "mcast_flood": True, "bcast_flood": True, "hairpin": False, "isolated": False}
GROUP = 4711


def machines(number: int) -> list[str]:
    return [f"02:00:{number >> 8:02x}:{number & 255:02x}:00:{i:02x} dst 192.0.2.{2 + i % PEERS}" for i in range(MACHINES)]


def state() -> dict[str, Any]:
    """The host as the roles give it to vtep."""
    return {
        "fabric": "bench",
        "peers": {"all": [f"192.0.2.{2 + i}" for i in range(PEERS)]},
        "defaults": {
            "interface": {"state": "up", "local": "192.0.2.1", "device": "eth0", "remote": "none", "learning": False, "addrgenmode": "none", "mtu": "auto"},
            "bridge": {"state": "up", "stp": False, "mcast_snooping": False, "addrgenmode": "none"},
            "port": FLAGS,
            "fdb": {"flood": ["all"], "purge": "managed"},
        },
        "interfaces": [{"name": f"vx{n}", "vni": n, "master": f"br{n}"} for n in NUMBERS],
        "bridges": [{"name": f"br{n}", "ports": [{"name": f"vx{n}"}]} for n in NUMBERS],
        "fdb": [{"interface": f"vx{n}", "lines": "\n".join(machines(n))} for n in NUMBERS],
    }


def link_lines() -> list[str]:
    """The same for ip -batch, as short as a person who knows it would write it."""
    lines = []
    for n in NUMBERS:
        lines += [
            f"link add br{n} type bridge mcast_snooping 0",
            f"link set br{n} alias vxlan.fabric:bench addrgenmode none",
            f"link add vx{n} mtu 1550 type vxlan id {n} local 192.0.2.1 dev eth0 dstport 4789 nolearning",
            f"link set vx{n} alias vxlan.fabric:bench addrgenmode none master br{n}",
        ]
    return lines + [f"link set {kind}{n} up" for n in NUMBERS for kind in ("br", "vx")]


def row_lines() -> list[str]:
    lines = []
    for n in NUMBERS:
        lines += [f"fdb append 00:00:00:00:00:00 dev vx{n} dst 192.0.2.{2 + i} self permanent" for i in range(PEERS)]
        for machine_row in machines(n):
            mac, rest = machine_row.split(" ", 1)
            lines.append(f"fdb add {mac} dev vx{n} {rest} self permanent")
    return lines


@contextmanager
def host(name: str) -> Iterator[str]:
    """A namespace with an underlay. Its links go before it does: what the kernel does on its own behind our back would disturb the next run."""
    with namespace(name):
        underlay(name)
        try:
            yield name
        finally:
            remove_all(name)


def remove_all(name: str) -> None:
    links = json.loads(subprocess.run(["ip", "-n", name, "-j", "link", "show"], capture_output=True, check=True).stdout)
    ours = [link["ifname"] for link in links if link["ifname"].startswith(("vx", "br"))]
    if ours:
        batch(name, [f"link set {link} group {GROUP}" for link in ours])
        batch(name, [f"link delete group {GROUP}"])


def write_lines(folder: Path, name: str, lines: list[str]) -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def create_and_compare(folder: Path) -> None:
    name = f"vxbench{os.getpid()}"
    text = json.dumps(state())
    links, rows = write_lines(folder, "links", link_lines()), write_lines(folder, "rows", row_lines())
    with host(name):
        ours = module_words("vtep", {"host_state": text, "purge": "managed", "netns": name}, folder)

        def create_ours() -> Cost:
            remove_all(name)
            return measure(ours, MODULE_ENV)

        def create_peer() -> Cost:
            remove_all(name)
            return measure(["ip", "-n", name, "-batch", links]) + measure(["bridge", "-n", name, "-batch", rows])

        title = f"{NETWORKS} networks with bridges and {NETWORKS * (PEERS + MACHINES)} rows on one host, from nothing; vtep verifies them"
        report(title, in_pairs(create_ours, create_peer, RUNS), ("vtep", "ip -batch and bridge -batch"), 1.5)
        create_ours()  # what the peer made is not quite the same: it says nothing of the ports' flags
        dump = f"ip -n {name} -j -d link show > {folder}/links.json; bridge -n {name} -j fdb show > {folder}/rows.json"
        pairs = in_pairs(lambda: measure(ours, MODULE_ENV), lambda: measure(["sh", "-c", dump]), RUNS)
        report("the same with nothing to do", pairs, ("vtep", "ip -j -d link show and bridge -j fdb show"), 2.0)


def remove(folder: Path) -> None:
    name = f"vxbenchr{os.getpid()}"
    interfaces = [{"name": f"vx{n}", "vni": n} for n in NUMBERS]
    given = {"fabric": "bench", "purge": "managed", "netns": name}
    defaults = {"interface": {"state": "up", "local": "192.0.2.1", "addrgenmode": "none"}}
    with host(name):
        make = module_words("vtep", {**given, "host_state": json.dumps({"interfaces": interfaces, "defaults": defaults})}, folder)
        empty = module_words("vtep", given, folder)
        lines = write_lines(folder, "group", [f"link set vx{n} group {GROUP}" for n in NUMBERS])

        def remove_ours() -> Cost:
            measure(make, MODULE_ENV)
            return measure(empty, MODULE_ENV)

        def remove_peer() -> Cost:
            measure(make, MODULE_ENV)
            return measure(["ip", "-n", name, "-batch", lines]) + measure(["ip", "-n", name, "link", "delete", "group", str(GROUP)])

        title = f"removing {NETWORKS} VXLAN interfaces; vtep reads them before, to be able to bring them back, and looks afterwards"
        report(title, in_pairs(remove_ours, remove_peer, RUNS), ("vtep", "ip -batch into a group and ip link delete group"), 1.5)


def main() -> None:
    machine()
    with scratch() as folder:
        create_and_compare(folder)
        remove(folder)


if __name__ == "__main__":
    main()
