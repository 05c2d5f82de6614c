# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example by the commands of its README, as they stand: lint, twin, deploy, verify, a look around, and nothing left behind. The
large one is smaller here, and as it stands in `make large`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ansible_collections.vxlan.fabric.tests.support.kernel import has_vlans, without_kind
from ansible_collections.vxlan.fabric.tests.support.site import ROOT, Done, Place, unique_name

# By the name of the example: that of its fabric. What is generated has the name that the README gives it.
FABRICS = {"homelab": "homelab", "ipv6-only": "ipv6-only", "leaf-spine": "leaf-spine", "large": "rehearsal", "tenants": "tenants"}
# Eight hosts in place of forty show the same in a fifth of the time; the forty are for `make large`.
SMALLER = ("--hosts 40", "--hosts 8 --pod 4")
WHOLE = "VXLAN_FABRIC_ALL" in os.environ
NEIGHBOURS = 2048  # each of forty hosts knows the others, in one table for all namespaces (neigh_alloc of neighbour.c)


def why_not(example: str) -> str:
    """What this machine lacks for an example; empty when it can run."""
    if example == "large" and WHOLE:
        limit = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")  # only the first network namespace has it
        has = int(limit.read_text(encoding="ascii")) if limit.exists() else 0
        return "" if has >= NEIGHBOURS else f"forty hosts need {NEIGHBOURS} ARP entries, net.ipv4.neigh.default.gc_thresh3 is {has or 'not seen'} here"
    if example != "tenants":
        return ""
    reasons = ["" if has_vlans() else "the kernel lacks vlan_filtering of bridges", *(without_kind(kind) for kind in ("vlan", "vrf"))]
    return next(filter(None, reasons), "")


class Visit(NamedTuple):
    """An example in a directory of its own, with another name of the fabric. blocks: of the README; first: what running the first came to."""

    site: Place
    blocks: list[str]
    first: Done


def readme_blocks(example: str) -> list[str]:
    text = (ROOT / "examples" / example / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```shell\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module", params=list(FABRICS))
def visit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """The first block of the README is everything up to verify, the last takes the twin down."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    example: str = request.param
    if reason := why_not(example):
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp(example)
    fabric, name = FABRICS[example], unique_name()
    shutil.copytree(ROOT / "examples" / example, directory / "examples" / example)
    for path in directory.glob(f"examples/{example}/group_vars/*.yml"):
        path.write_text(re.sub(rf"^  name: {fabric}$", f"  name: {name}", path.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")
    blocks = [re.sub(rf"(?<!examples/)\b{fabric}\b", name, block) for block in readme_blocks(example)]
    if example == "large" and not WHOLE:
        assert SMALLER[0] in blocks[0]
        blocks[0] = blocks[0].replace(*SMALLER)
    generated = example == "large"
    site = Place(directory, name, name if generated else f"examples/{example}")
    try:
        yield Visit(site, blocks, site.shell(blocks[0]))
        last = site.shell(blocks[-1])
        assert (last.returncode, site.namespaces()) == (0, []), last.stdout + last.stderr
    finally:
        if site.namespaces():
            site.remove()


def test_1_everything_up_to_verify_succeeds(visit: Visit) -> None:
    output = visit.first.stdout
    assert visit.first.returncode == 0, output + visit.first.stderr
    assert f"fabric {visit.site.name}: 0 errors, 0 warnings" in output
    report = visit.site.report()
    assert report["ok"], report["summary"]
    assert report["summary"].endswith("drift: none")
    failed = [row for row in report["data_plane"]["matrix"] if not row["ok"]]
    assert failed == []
    assert not any(host["problems"] or host["error"] for host in report["hosts"])


def test_2_a_second_deploy_changes_nothing(visit: Visit) -> None:
    """Of the large example the report of verify says it as well, for less."""
    if visit.site.inventory.name == visit.site.name:
        return
    changed = visit.site.changed("deploy")
    assert changed
    assert set(changed.values()) == {0}


def test_3_a_look_around_shows_something(visit: Visit) -> None:
    for block in visit.blocks[1:-1]:
        done = visit.site.shell(block)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        assert done.stdout


def networks_of_readme(example: str) -> dict[str, list[str]]:
    """The table of networks: cells by the name of the network."""
    text = (ROOT / "examples" / example / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    start = next(place for place, row in enumerate(rows) if row[0] == "Network")
    return {row[0]: row for row in rows[start + 1 :]}


@pytest.mark.parametrize("example", [name for name in FABRICS if name != "large"])
def test_the_table_of_the_readme_is_what_the_inventory_says(example: str) -> None:
    networks = _fabric(example)["networks"]
    rows = networks_of_readme(example)
    assert list(rows) == list(networks)
    for name, network in networks.items():
        vni = network.get("vni") or _fabric(example)["vni_base"] + network["vlan"]
        assert rows[name][1] == str(vni), name
        assert rows[name][2].partition(",")[0] == network.get("flooding", "learning").replace("_", " "), name


def _fabric(example: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(ROOT / "examples" / example / "group_vars" / "all.yml").read_text(encoding="utf-8"))["vxlan_fabric"]
    return loaded
