# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of fabrics: those of the examples byte by byte, and what holds for all."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document import membership, replication, svg, topology
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import gather, tiers
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.documents import make_documents
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import parse_fabric
from ansible_collections.vxlan.fabric.tests.support.examples import DOCUMENTED, GOLDEN, render
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, small
from ansible_collections.vxlan.fabric.tests.unit.fabric.mixed import mixed

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = {"topology": topology.draw_topology, "membership": membership.draw_membership, "replication": replication.draw_replication}


@pytest.mark.parametrize("example", DOCUMENTED, ids=lambda path: path.name)
def test_documents_of_the_examples_are_up_to_date(example: Path) -> None:
    """`make documents` writes them anew."""
    there = {str(path.relative_to(GOLDEN / example.name)): path.read_text(encoding="utf-8") for path in (GOLDEN / example.name).rglob("*") if path.is_file()}
    assert there == render(example)


def _large(vteps: int, networks: int, linked: bool) -> Fabric:
    """Racks of 20 under a leaf each, under two spines; networks on all, on racks, and on a few."""
    hosts = [f"rack{place // 20 + 1}-hv{place % 20 + 1}" for place in range(vteps)]
    racks = sorted({host.partition("-")[0] for host in hosts})
    leaves = [f"leaf-{rack}" for rack in racks]
    groups = {rack: [host for host in hosts if host.startswith(f"{rack}-")] for rack in racks}
    members: list[Any] = [["hypervisors"], *([rack] for rack in racks), hosts[:3]]
    value: dict[str, Any] = {"name": "large", "underlay": {"mtu": 9000}, "networks": {}}
    for number in range(networks):
        value["networks"][f"net{number}"] = {"vni": 1000 + number, "members": members[number % len(members)]}
    if linked:
        links = [{"from": [rack], "to": [leaf]} for rack, leaf in zip(racks, leaves)]
        value["underlay"]["links"] = [{"from": leaves, "to": ["spine1", "spine2"]}, *links]
    everybody = [*hosts, *leaves, "spine1", "spine2"]
    addresses = {host: {"address": f"10.0.{place // 250}.{place % 250 + 1}"} for place, host in enumerate(hosts)}
    return parse_fabric(value, addresses, {"all": everybody, "hypervisors": hosts, "switches": [*leaves, "spine1", "spine2"], **groups})


def _texts(picture: str) -> str:
    return " ".join("".join(element.itertext()) for element in ElementTree.fromstring(picture).iter())


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("linked", [True, False], ids=["linked", "unlinked"])
@pytest.mark.parametrize("vteps", [4, 40, 400])
def test_pictures_of_any_size_show_everybody_and_stay_readable(kind: str, vteps: int, linked: bool) -> None:
    fabric = _large(vteps, 30, linked)
    picture = PICTURES[kind](fabric)
    root = ElementTree.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None
    assert int(root.attrib["width"]) <= 1700
    assert len(picture) < 600_000
    assert all(int(text.attrib["font-size"]) >= 11 for text in root.iter(f"{SVG}text"))
    if kind == "topology":
        shown = _texts(picture)
        assert all(host in shown for host in fabric.vteps)


@st.composite
def _fabrics(draw: st.DrawFn) -> Fabric:
    return _large(draw(st.integers(1, 130)), draw(st.integers(1, 45)), draw(st.booleans()))


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[0] + other[2] and other[0] < one[0] + one[2] and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]


def _drawn(draw: Any, fabric: Fabric, monkeypatch: pytest.MonkeyPatch) -> tuple[svg.Canvas, int, int]:
    """The canvas of a picture, and its size."""
    kept: list[tuple[svg.Canvas, int, int]] = []

    def keep(canvas: svg.Canvas, width: int, height: int) -> str:
        kept.append((canvas, width, height))
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(svg.Canvas, "svg", keep)
        draw(fabric)
    return kept[0]


@pytest.mark.parametrize("kind", PICTURES)
def test_nothing_overlaps_and_everything_is_inside(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @given(_fabrics())
    @settings(max_examples=25, deadline=None)
    def judge(fabric: Fabric) -> None:
        canvas, width, height = _drawn(PICTURES[kind], fabric, monkeypatch)
        for x, y, wide, high in [*canvas.boxes, *canvas.texts]:
            assert x >= 0
            assert y >= 0
            assert x + wide <= width
            assert y + high <= height
        if kind != "membership":  # there, cells are on rows
            for place, box in enumerate(canvas.boxes):
                assert not any(_overlap(box, other) for other in canvas.boxes[place + 1 :])
        for place, text in enumerate(canvas.texts):
            assert not any(_overlap(text, other) for other in canvas.texts[place + 1 :]), kind

    judge()


@given(inventories(), st.integers())
@settings(max_examples=40)
def test_the_order_of_the_inventory_does_not_matter(inventory: Inventory, seed: int) -> None:
    names = list(inventory.fabric["networks"])
    random.Random(seed).shuffle(names)
    other = Inventory({**inventory.fabric, "networks": {name: inventory.fabric["networks"][name] for name in names}}, inventory.vteps, inventory.groups)
    assert make_documents(inventory.parse()) == make_documents(other.parse())


@given(inventories())
@settings(max_examples=40)
def test_every_vtep_and_network_is_in_the_pages_and_tables(inventory: Inventory) -> None:
    fabric = inventory.parse()
    found = make_documents(fabric)
    assert {row["vtep"] for row in csv.DictReader(io.StringIO(found["vteps.csv"]))} == set(fabric.vteps)
    assert {int(row["vni"]) for row in csv.DictReader(io.StringIO(found["networks.csv"]))} == {network.vni for network in fabric.networks.values()}
    for host in fabric.vteps:
        assert f"hosts/{host}.md" in found
        assert f"](hosts/{host}.md)" in found["README.md"]
    for text in ("topology.mmd", "topology.dot"):
        assert all(f"{network.name} {network.vni}" in found[text] for network in fabric.networks.values())


def test_floods_are_in_the_table_as_they_are_compiled() -> None:
    rows = list(csv.DictReader(io.StringIO(make_documents(small().parse())["flood.csv"])))
    assert [row["destination_vtep"] for row in rows if (row["vtep"], row["network"]) == ("hv1", "blue")] == ["hv2", "leaf1"]
    assert [row["destination"] for row in rows if row["network"] == "red"] == ["239.0.0.1", "239.0.0.1"]


HOSTILE = '<script>&"|`=cmd'


def test_descriptions_cannot_break_out() -> None:
    inventory = small()
    inventory.network("blue")["description"] = HOSTILE
    inventory.network("red")["description"] = "=1+1"
    found = make_documents(inventory.parse())
    assert "<script>" not in found["README.md"]
    rows = list(csv.DictReader(io.StringIO(found["networks.csv"])))
    assert {row["network"]: row["description"] for row in rows}["red"] == "'=1+1"
    canvas = svg.Canvas(HOSTILE, HOSTILE)
    canvas.text(0, 0, HOSTILE)
    canvas.rect(0, 0, 1, 1, tip=HOSTILE)
    assert _texts(canvas.svg(10, 10)).count(HOSTILE) >= 4


def test_hosts_narrow_their_pages_only() -> None:
    found = make_documents(small().parse(), ["hv1"])
    assert [path for path in found if path.startswith("hosts/")] == ["hosts/hv1.md"]
    assert "leaf1" in found["README.md"]


def test_alike_ones_are_gathered_only_when_there_are_many() -> None:
    names = [f"h{number}" for number in range(1, 13)]
    assert [block.label for block in gather(names, lambda _name: 1, 12)] == names
    assert [block.label for block in gather(names, lambda name: name < "h2", 11)] == ["h1 … h12 (4)", "h2 … h9 (8)"]


def test_tiers_begin_with_what_is_no_vtep() -> None:
    assert [len(tier) for tier in tiers(_large(40, 3, linked=True))] == [2, 2, 40]
    assert [len(tier) for tier in tiers(_large(40, 3, linked=False))] == [40]


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz (dot) is not installed")
def test_graphviz_takes_the_dot() -> None:
    for linked in (True, False):
        text = make_documents(_large(30, 5, linked))["topology.dot"]
        assert subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, check=False).returncode == 0


def test_mermaid_and_dot_have_every_link_once() -> None:
    found = make_documents(_large(20, 2, linked=True))
    assert len(re.findall(r" --- ", found["topology.mmd"])) == len(re.findall(r"\d -- n\d+;", found["topology.dot"])) == 22


def test_hosts_of_both_styles_trunk_ports_and_vrfs_are_told() -> None:
    files = make_documents(mixed().parse())
    leaf, other, hypervisor = (files[f"hosts/{host}.md"] for host in ("leaf1", "leaf2", "hv1"))
    assert "one VXLAN interface for all networks (vxs4), in the VLAN-aware bridge brs." in leaf
    assert "| web | 10100 | 100 | vxs4 | brs | 1550 | swp1 | 10.0.0.254/24 |" in leaf
    assert "- web: 192.0.2.2 (leaf2), 192.0.2.3 (hv1)" in leaf
    assert "| app | 02:00:00:00:01:02 | 192.0.2.3 | hv1 |" in leaf
    assert "| red | 1001 | vlan101, vlan100 |" in leaf
    assert "| swp9 | app (101), web (100) | - |" in other
    assert "| eth5 | app (101), web (100) | lab |" in hypervisor
    assert "| web | 10100 | vx10100 | br10100 | 1550 | tap0 | - |" in hypervisor
    assert "| red | 1001 | - | app, web | leaf1, leaf2 |" in files["README.md"]
    assert "MAC address 02:00:5e:00:01:01, in VRF red, on leaf1, leaf2." in files["README.md"]
    assert [line.rsplit(",", 1)[1] for line in files["vteps.csv"].splitlines()] == ["style", "per_vni", "single", "single"]
