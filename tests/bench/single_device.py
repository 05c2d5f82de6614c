# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""4,000 VNIs and 50,000 forwarding rows on one VXLAN interface below a bridge that filters VLANs, in one call of vtep, next to ip(8) and bridge(8),
which are told the same by batch files and verify nothing; the same again with nothing to do, next to the dumps; and the same fabric with an interface and
a bridge for each VNI. Where the kernel does not filter VLANs the single interface is measured without its VLANs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.vxlan.fabric.tests.bench.harness import (
    MODULE_ENV,
    Cost,
    in_pairs,
    machine,
    measure,
    module_words,
    namespace,
    report,
    scratch,
    underlay,
)

VNIS = int(os.environ.get("VXLAN_FABRIC_BENCH_VNIS", "4000"))
ROWS = int(os.environ.get("VXLAN_FABRIC_BENCH_ROWS", "50000"))
RUNS = int(os.environ.get("VXLAN_FABRIC_BENCH_RUNS", "3"))
VTEPS = 5  # in the flood list of each VNI; the other rows are machines behind them
FIRST = 2  # VLAN 1 is nobody's
NUMBERS = range(FIRST, FIRST + VNIS)
# What the module and the batch files leave behind goes between two runs.
GROUP = 4711


def vni_of(vlan: int) -> int:
    """Blocks of ten backwards: as ranges go in a grown network, there are some, and not one."""
    block, step = divmod(vlan - FIRST, 10)
    return 10000 + 10 * (VNIS // 10 - block) + step


def blocks() -> list[tuple[int, int, int]]:
    """First and last VLAN, and the first VNI."""
    return [(first, min(first + 9, NUMBERS[-1]), vni_of(first)) for first in range(FIRST, FIRST + VNIS, 10)]


def machines(vlan: int) -> list[str]:
    """MAC and VTEP of the machines of one network."""
    count = max(0, ROWS // VNIS - VTEPS)
    return [f"02:00:{vlan >> 8:02x}:{vlan & 255:02x}:00:{i:02x} dst 192.0.2.{2 + i % VTEPS}" for i in range(count)]


def flood_lines(vlan: int) -> list[str]:
    return [f"00:00:00:00:00:00 dst 192.0.2.{2 + i}" for i in range(VTEPS)] + machines(vlan)


def single(filters: bool) -> dict[str, Any]:
    """The host with one interface. filters: with its VLANs."""
    ranges = [{"vlan": f"{first}-{last}", "vni": f"{vni}-{vni + last - first}"} for first, last, vni in blocks()]
    lines = [f"{line} src_vni {vni_of(vlan)} vni {vni_of(vlan)}" for vlan in NUMBERS for line in flood_lines(vlan)]
    port: dict[str, Any] = {"name": "vxsvd", "learning": False}
    if filters:
        port |= {"vlan_tunnel": True, "vlans": [{"vlan": f"{NUMBERS[0]}-{NUMBERS[-1]}"}], "tunnels": ranges}
    bridge = {"name": "br0", "state": "up", "mcast_snooping": False, "addrgenmode": "none", "ports": [port]}
    made = {"name": "vxsvd", "state": "up", "external": True, "vnifilter": True, "local": "192.0.2.1", "learning": False, "addrgenmode": "none", "mtu": 1500}
    return {
        "interfaces": [{**made, "port": 4789, "master": "br0"}],
        "bridges": [{**bridge, "vlan_filtering": True} if filters else bridge],
        "vnis": {"vxsvd": [{"vni": f"{vni}-{vni + last - first}"} for first, last, vni in blocks()]},
        "fdb": [{"interface": "vxsvd", "lines": "\n".join(lines), "purge": "static"}],
    }


def per_vni() -> dict[str, Any]:
    """The same networks with an interface and a bridge each."""
    return {
        "defaults": {
            "interface": {"state": "up", "local": "192.0.2.1", "learning": False, "addrgenmode": "none", "mtu": 1500},
            "bridge": {"state": "up", "mcast_snooping": False, "addrgenmode": "none"},
            "port": {"learning": False},
            "fdb": {"purge": "static"},
        },
        "interfaces": [{"name": f"vx{vlan}", "vni": vni_of(vlan), "master": f"br{vlan}"} for vlan in NUMBERS],
        "bridges": [{"name": f"br{vlan}", "ports": [{"name": f"vx{vlan}"}]} for vlan in NUMBERS],
        "fdb": [{"interface": f"vx{vlan}", "lines": "\n".join(flood_lines(vlan))} for vlan in NUMBERS],
    }


def single_lines(filters: bool) -> tuple[list[str], list[str]]:
    """The single interface for ip -batch and bridge -batch."""
    links = [
        f"link add br0 type bridge mcast_snooping 0{' vlan_filtering 1' if filters else ''}",
        "link set br0 addrgenmode none",
        "link add vxsvd mtu 1500 type vxlan external vnifilter local 192.0.2.1 dstport 4789 nolearning",
        "link set vxsvd addrgenmode none master br0",
        f"link set vxsvd type bridge_slave learning off{' vlan_tunnel on' if filters else ''}",
    ]
    lines = [f"vni add dev vxsvd vni {vni}-{vni + last - first}" for first, last, vni in blocks()]
    if filters:
        lines += ["vlan delete dev vxsvd vid 1", f"vlan add dev vxsvd vid {NUMBERS[0]}-{NUMBERS[-1]}"]
        lines += [f"vlan add dev vxsvd vid {first}-{last} tunnel_info id {vni}-{vni + last - first}" for first, last, vni in blocks()]
    for vlan in NUMBERS:
        lines += _row_lines("vxsvd", vlan, f" src_vni {vni_of(vlan)} vni {vni_of(vlan)}")
    return [*links, "link set br0 up", "link set vxsvd up"], lines


def per_vni_lines() -> tuple[list[str], list[str]]:
    links = []
    for vlan in NUMBERS:
        links += [
            f"link add br{vlan} type bridge mcast_snooping 0",
            f"link set br{vlan} addrgenmode none",
            f"link add vx{vlan} mtu 1500 type vxlan id {vni_of(vlan)} local 192.0.2.1 dstport 4789 nolearning",
            f"link set vx{vlan} addrgenmode none master br{vlan}",
            f"link set vx{vlan} type bridge_slave learning off",
        ]
    links += [f"link set {kind}{vlan} up" for vlan in NUMBERS for kind in ("br", "vx")]
    return links, [line for vlan in NUMBERS for line in _row_lines(f"vx{vlan}", vlan, "")]


def _row_lines(name: str, vlan: int, tail: str) -> list[str]:
    found = []
    for line in flood_lines(vlan):
        mac, rest = line.split(" ", 1)
        found.append(f"fdb {'append' if mac.startswith('00') else 'add'} {mac} dev {name} {rest}{tail} self permanent")
    return found


def clear(name: str) -> None:
    links = json.loads(subprocess.run(["ip", "-n", name, "-j", "link", "show"], capture_output=True, check=True).stdout)
    ours = [f"link set {link['ifname']} group {GROUP}" for link in links if link["ifname"].startswith(("vx", "br"))]
    for lines in (ours, [f"link delete group {GROUP}"] if ours else []):
        subprocess.run(["ip", "-n", name, "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)


def compare(folder: Path, title: str, state: dict[str, Any], lines: tuple[list[str], list[str]], dumps: list[str]) -> None:
    """From nothing, and nothing to do, of one style."""
    name = f"vxsingle{os.getpid()}"
    files = []
    for program, listed in zip(("ip", "bridge"), lines):
        path = folder / f"{program}.batch"
        path.write_text("\n".join(listed) + "\n")
        files.append([program, "-n", name, "-batch", str(path)])
    with namespace(name):
        underlay(name)
        ours = module_words("vtep", {"host_state": json.dumps(state), "netns": name}, folder)
        shown = ["sh", "-ec", "; ".join(f"{words.format(name)} > {folder}/{at}.json" for at, words in enumerate(dumps))]

        def from_nothing(run: Callable[[], Cost]) -> Callable[[], Cost]:
            def cleared() -> Cost:
                clear(name)
                return run()

            return cleared

        pairs = in_pairs(from_nothing(lambda: measure(ours, MODULE_ENV)), from_nothing(lambda: measure(files[0]) + measure(files[1])), RUNS)
        report(f"{title}, from nothing; vtep verifies it", pairs, ("vtep", "ip -batch and bridge -batch"), 1.5)
        clear(name)
        measure(ours, MODULE_ENV)
        report(
            f"{title}, nothing to do",
            in_pairs(lambda: measure(ours, MODULE_ENV), lambda: measure(shown), RUNS),
            ("vtep", "the dumps of ip -j and bridge -j"),
            1.5,
        )
        clear(name)


def filters_vlans() -> bool:
    script = "ip link add br0 type bridge vlan_filtering 1 && bridge -d vlan show"
    return subprocess.run(["unshare", "-n", "sh", "-c", script], capture_output=True, check=False).returncode == 0


def main() -> None:
    machine()
    wanted = sys.argv[1:] or ["single", "per_vni"]
    links, rows = "ip -n {0} -j -d link show", "bridge -n {0} -j fdb show"
    with scratch() as folder:
        if "single" in wanted:
            filters = filters_vlans()
            dumps = [links, rows, "bridge -n {0} -j vni show", *(["bridge -n {0} -j vlan show", "bridge -n {0} -j vlan tunnelshow"] if filters else [])]
            what = "with VLANs" if filters else "without VLANs, which this kernel does not filter"
            title = f"{VNIS} VNIs on one interface {what}, {len(NUMBERS) * len(flood_lines(FIRST))} rows"
            compare(folder, title, single(filters), single_lines(filters), dumps)
        if "per_vni" in wanted:
            compare(folder, f"{VNIS} interfaces and bridges, as many rows", per_vni(), per_vni_lines(), [links, rows])


if __name__ == "__main__":
    main()
