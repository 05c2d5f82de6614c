# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""100,000 forwarding rows: the fdb module, which verifies what it wrote, next to bridge(8), which does not."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.vxlan.fabric.tests.bench.harness import MODULE_ENV, Cost, batch, in_pairs, machine, measure, module_words, namespace, report, scratch

ROWS = int(os.environ.get("VXLAN_FABRIC_BENCH_ROWS", "100000"))


def rows() -> list[str]:
    """Unicast MACs behind 200 VTEPs."""
    return [f"02:00:{i >> 16 & 255:02x}:{i >> 8 & 255:02x}:{i & 255:02x}:01 dst 192.0.2.{2 + i % 200}" for i in range(ROWS)]


def fresh(name: str, interface: str) -> None:
    """An empty interface; the old one takes its rows along."""
    batch(name, [f"link add {interface} type vxlan id {len(interface)} dstport 4789 nolearning"])


def main() -> None:
    machine()
    with scratch() as folder, namespace(f"vxbench{os.getpid()}") as name:
        lines = rows()
        ours = module_words("fdb", {"interface": "ours", "netns": name, "lines": "\n".join(lines)}, folder)
        file = folder / "rows.batch"
        file.write_text("".join(f"fdb add {row.split()[0]} dev bridge8 {' '.join(row.split()[1:])}\n" for row in lines))
        peer = ["ip", "netns", "exec", name, "bridge", "-batch", str(file)]

        def write_ours() -> Cost:
            recreate(name, "ours")
            return measure(ours, MODULE_ENV)

        def write_peer() -> Cost:
            recreate(name, "bridge8")
            return measure(peer)

        for interface in ("ours", "bridge8"):
            fresh(name, interface)
        report(f"{ROWS} rows into an empty interface, verified, next to bridge -batch", in_pairs(write_ours, write_peer), ("fdb", "bridge -batch"), 1.5)
        no_change(name, ours, folder)


def recreate(name: str, interface: str) -> None:
    batch(name, [f"link delete {interface}"])
    fresh(name, interface)


def no_change(name: str, ours: list[str], folder: Path) -> None:
    """Nothing to do over the same rows: next to a dump by bridge(8) and the start of a module that finds an empty table right."""
    idle = module_words("fdb", {"interface": "idle", "netns": name, "lines": "02:00:00:00:00:01 dst 192.0.2.2"}, folder)
    batch(name, ["link add idle type vxlan id 99 dstport 4789"])
    measure(idle, MODULE_ENV)
    show = ["sh", "-c", f"ip netns exec {name} bridge -j fdb show dev bridge8 > {folder}/rows.json"]

    def peer() -> Cost:
        start, dump = measure(idle, MODULE_ENV), measure(show)
        return Cost(start.wall + 1.5 * dump.wall, start.cpu + 1.5 * dump.cpu)

    pairs = in_pairs(lambda: measure(ours, MODULE_ENV), peer)
    report(f"nothing to do over {ROWS} rows, next to 1.5 times bridge -j fdb show and a module's start", pairs, ("fdb", "the sum"), 1.0)


if __name__ == "__main__":
    main()
