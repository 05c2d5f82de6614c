# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as files: pages that stand alone, whatever hosts have said, the same bytes every time, legible at any size."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.template import Templar
from hypothesis import given, settings

from ansible_collections.vxlan.fabric.plugins.filter.fabric import verify_files, verify_report, verify_text
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.marks import FULL, ICMP, ICMPV6
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.assemble import Settings
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.files import report_files
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import make_report
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.texts import report_text
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, mixed_inventories, small
from ansible_collections.vxlan.fabric.tests.unit.fabric.simulated import Simulated, large

State = dict[str, Any]
EVIL = '<script>alert("x")</script>&amp;|`{{ 1 + 1 }}\x07'


try:
    from ansible.template import trust_as_template as trust
except ImportError:  # before ansible-core 2.19

    def trust(template: str) -> str:  # type: ignore[misc]
        return template


def spoilt(simulated: Simulated) -> Simulated:
    """One fault of every kind, each on a host of its own."""
    first, second, third, fourth = simulated.hosts[:4]
    simulated.drop_row(first)
    simulated.break_path(second)
    simulated.silence(third, (FULL, ICMP, ICMPV6))
    simulated.lose(fourth)
    return simulated


class _Reader(HTMLParser):
    """Elements that are open, all that there were, what their attributes lead to, and texts."""

    VOID = frozenset(("meta", "br"))

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "action", "data", "xlink:href")]
        assert not any(name.startswith("on") for name, _value in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read_page(text: str) -> _Reader:
    """A page is well formed and loads nothing."""
    reader = _Reader(text)
    assert reader.open == []
    assert not {"script", "iframe", "img", "link", "object", "form", "base"} & set(reader.seen)
    anchors = set(re.findall(r' id="([^"]+)"', text))
    assert all(link.startswith("#") and link[1:] in anchors for link in reader.links), reader.links
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)
    return reader


def suites_of(text: str) -> dict[str, ElementTree.Element]:
    """By name, with counts that are true."""
    root = ElementTree.fromstring(text)
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        counts = {"tests": len(cases), **{key: sum(case.find(kind) is not None for case in cases) for key, kind in KINDS.items()}}
        assert {key: int(element.get(key, "-1")) for key in counts} == counts
    return {str(suite.get("name")).rpartition(".")[2]: suite for suite in root}


KINDS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def outcomes(suite: ElementTree.Element) -> dict[str, str]:
    return {str(case.get("name")): next((child.tag for child in case), "") for case in suite}


def test_a_fabric_without_faults() -> None:
    report = Simulated(small().parse()).report()
    files = report_files(report)
    assert report["ok"], report_text(report)
    assert list(files) == ["verify.md", "verify.html", "verify.xml", "verify.json"]
    reader = read_page(files["verify.html"])
    assert "as its inventory says" in reader.texts
    assert "What is wrong" not in reader.texts
    assert "12 of 12" not in reader.texts
    assert {"6 of 6", "VTEPs and networks", "Underlay", "Overlay", "Not tested"} <= set(reader.texts)
    assert all(not outcome or outcome == "skipped" for suite in suites_of(files["verify.xml"]).values() for outcome in outcomes(suite).values())
    assert json.loads(files["verify.json"]) == report


@settings(max_examples=40)
@given(mixed_inventories())
def test_any_fabric_that_is_as_wanted_is_reported_so(inventory: Inventory) -> None:
    simulated = Simulated(inventory.parse())
    report = simulated.report()
    assert report["ok"], report_text(report)
    read_page(report_files(report)["verify.html"])


def test_every_fault_is_on_every_page_with_its_cause() -> None:
    report = spoilt(Simulated(large(6, 3, 6).parse())).report()
    files = report_files(report)
    reader = read_page(files["verify.html"])
    page = "\n".join(reader.texts)
    text = "\n".join(report_text(report))
    for sentence, cause in (
        ("net0: vx10000: floods not to 10.0.0.2", ""),
        ("hv002: no full frame gets to it from any of 4 others: the path MTU is 1400, 1600 are needed", "a hop on the way has a smaller MTU"),
        ("hv003: full frames of the others do not arrive, in net0, net1, net2", "something on the way drops what is large: an MTU, or fragments"),
        ("net0: hv002 floods to hv001, and hv001 does not flood to hv002", "a row is missing on hv001, or one too many on hv002; deploy mends it"),
        ("no route to host", ""),
    ):
        for where in (page, text, files["verify.md"]):
            assert sentence in where
            assert cause in where
        assert any(sentence in piece for piece in ElementTree.fromstring(files["verify.xml"]).itertext())
    assert "bridge fdb append 00:00:00:00:00:00 dev vx10000 dst 10.0.0.2 self permanent" in reader.texts
    assert any("hv004 were not to be looked at" in piece or "hv004 was not to be looked at" in piece for piece in reader.texts)


def test_cases_of_junit() -> None:
    suites = suites_of(report_files(spoilt(Simulated(large(6, 3, 6).parse())).report())["verify.xml"])
    assert list(suites) == ["state", "drift", "underlay", "overlay", "overlay_isolation", "multicast", "flood_lists", "endpoints"]
    state = outcomes(suites["state"])
    assert (state["hv001: net0"], state["hv001: net1"], state["hv004"]) == ("failure", "", "error")
    assert outcomes(suites["drift"]) == {"hv001": "failure", "hv002": "", "hv003": "", "hv005": "", "hv006": ""}
    assert outcomes(suites["underlay"])["hv002"] == "failure"
    overlay = outcomes(suites["overlay"])
    assert [overlay[name] for name in ("net0", "net1", "net2")] == ["failure"] * 3
    assert outcomes(suites["overlay_isolation"]) == {"overlay isolation": ""}
    assert outcomes(suites["multicast"]) == {"multicast": "skipped"}
    assert outcomes(suites["endpoints"]) == {"endpoints": "skipped"}


def test_what_hosts_say_is_no_markup() -> None:
    simulated = Simulated(small().parse())
    simulated.lose("hv1", EVIL)
    simulated.variables["hv2"]["verify_state"]["interfaces"][0]["alias"] = EVIL
    simulated.variables["hv2"]["vtep_result"].update(
        changed=True, operations=[{"operation": "set_link", "interface": EVIL, "commands": [EVIL]}], commands=[EVIL]
    )
    simulated.variables["leaf1"]["verify_heard"] = {"failed": True, "msg": EVIL}
    report = simulated.report()
    files = report_files(report)
    reader = read_page(files["verify.html"])
    assert any(EVIL in text for text in reader.texts)
    assert "<script" not in files["verify.md"].replace(f"\n{EVIL}\n", "")
    suites_of(files["verify.xml"])
    assert json.loads(files["verify.json"]) == report


@pytest.mark.parametrize(("hosts", "networks", "members"), [(4, 2, 4), (40, 20, 16), (200, 50, 40)])
def test_pages_of_any_size_can_be_read(hosts: int, networks: int, members: int) -> None:
    """A matrix has at most as many rows and columns as fit on a screen, and a fault of one host is still seen."""
    report = spoilt(Simulated(large(hosts, networks, members).parse(), 2000)).report()
    page = report_files(report)["verify.html"]
    read_page(page)
    sizes = [(int(width), int(height)) for width, height in re.findall(r'<svg [^>]*width="(\d+)" height="(\d+)"', page)]
    assert len(sizes) == 3
    assert all(width < 1700 and height < 1500 for width, height in sizes), sizes
    assert len(page) < 900_000
    assert ">M<" in page
    assert len(report_text(report)) < 200


def test_the_same_findings_are_the_same_bytes_whatever_the_order() -> None:
    fabric = large(8, 4, 6).parse()
    one, other = spoilt(Simulated(fabric)), spoilt(Simulated(fabric))
    other.variables = dict(reversed(other.variables.items()))
    assert report_files(one.report()) == report_files(other.report())


def test_a_sample_is_named() -> None:
    report = Simulated(large(20, 2, 20).parse(), 50).report()
    assert report["underlay"]["tried"] < report["underlay"]["of"] == 380
    assert any(text.startswith("underlay: ") and "verify_pairs" in text for text in report["untested"])
    assert any(text.startswith("overlay: ") and "verify_pairs" in text for text in report["untested"])
    assert "(of 380)" in report["summary"]
    assert report["ok"]


@pytest.mark.parametrize(
    ("chosen", "untested"),
    [
        (Settings("never", underlay=False), ["underlay: verify_underlay is false", "multicast: verify_underlay is false"]),
        (Settings("never", overlay=False), ["overlay: verify_overlay is false", "overlay isolation: verify_overlay is false"]),
        (
            Settings("never", check=True),
            [f"{area}: check mode sends nothing" for area in ("underlay", "multicast", "overlay", "overlay isolation")],
        ),
    ],
)
def test_what_was_not_asked_for_is_told(chosen: Settings, untested: list[str]) -> None:
    simulated = spoilt(Simulated(large(6, 3, 6).parse()))
    report = simulated.report(chosen)
    assert all(sentence in report["untested"] for sentence in untested)
    suites = suites_of(report_files(report)["verify.xml"])
    for sentence in untested:
        name = sentence.partition(":")[0]
        assert outcomes(suites[name.replace(" ", "_")]) == {name: "skipped"}


def test_hosts_outside_of_the_run_are_told() -> None:
    fabric = large(6, 1, 6).parse()
    report = Simulated(fabric, hosts=["hv001", "hv002"]).report()
    assert report["ok"]
    assert (report["underlay"]["tried"], report["underlay"]["of"], report["overlay"]["tried"], report["overlay"]["of"]) == (10, 30, 2, 30)
    assert "overlay: 28 of 30 directions: hv003, hv004, hv005, hv006 were not part of this run" in report["untested"]


def test_endpoints_have_a_matrix_too() -> None:
    row = {"source_network": "blue", "target_network": "blue", "detail": "no answer"}
    matrix = [
        {**row, "source": "a", "target": "b", "result": "fail", "expected": "pass", "ok": False},
        {**row, "source": "b", "target": "a", "result": "pass", "expected": "pass", "ok": True},
    ]
    probe = {"ok": False, "matrix": matrix, "networks": [{"network": "blue", "pairs": 2, "passed": 1}], "isolation": {"pairs": 0, "blocked": 0}, "missing": []}
    files = report_files(make_report("t", {}, probe, "auto"))
    reader = read_page(files["verify.html"])
    assert {"a -> b: does not arrive", "a -> b: fail, not pass"} <= set(reader.texts)
    assert outcomes(suites_of(files["verify.xml"])["endpoints"]) == {"blue": "failure", "between networks, routed and kept apart": ""}


def test_what_hosts_say_is_no_template() -> None:
    """Ansible looks for templates in what filters give, unless it is marked or, from ansible-core 2.19 on, was never trusted."""
    simulated = Simulated(small().parse())
    simulated.lose("hv1", EVIL)
    batch = {"now": simulated.hosts, "active": simulated.hosts, "all": simulated.hosts}
    report = verify_report(simulated.variables, simulated.goal, batch, {}, {"data_plane": "never"})
    templar = Templar(loader=None, variables={"report": report, "files": verify_files(report), "text": verify_text(report)})
    for template in ("{{ report.fabrics.t.hosts[0].error }}", "{{ files['t/verify.json'] }}", "{{ text | join(' ') }}"):
        assert "{{ 1 + 1 }}" in templar.template(trust(template))
