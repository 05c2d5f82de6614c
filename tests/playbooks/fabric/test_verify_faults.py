# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of every kind that verify looks for, on the twin of the example: each is told with its cause, and gone after it was mended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, execute
from ansible_collections.vxlan.fabric.tests.support.site import Place, Site, unique_name

# Machines are tried elsewhere, by test_demo.
NO_ENDPOINTS = ("-e", "verify_data_plane=never")
Told = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, deployed on its twin."""
    made = Site(tmp_path_factory.mktemp("faults"))
    try:
        done = made.play("twin", twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        made.changed("deploy")
        yield made
    finally:
        made.remove()


def told(report: dict[str, Any]) -> Told:
    """Sentences and causes by area."""
    areas = ("underlay", "overlay", "overlay_isolation", "membership", "flood_lists")
    return {area: [(finding["sentence"], finding["cause"]) for finding in report[area]["findings"]] for area in areas if report[area]["findings"]}


def drop(host: Namespace, family: str, rule: str) -> None:
    host.sh(
        f"nft add table {family} fault; nft 'add chain {family} fault in {{ type filter hook {'input' if family == 'inet' else 'prerouting'} priority 0; }}'"
    )
    host.sh(f"nft 'add rule {family} fault in {rule}'")


DROPS = "the VTEPs reach each other and the tables are right: something drops UDP port 4789, such as a firewall"
FILTERS = "something filters bridged frames by protocol: rules of nftables for bridges, or br_netfilter"


@pytest.mark.skipif(shutil.which("nft") is None, reason="nft (nftables) is not installed")
def test_1_faults_that_no_table_shows(site: Site) -> None:
    """The underlay of leaf1 drops VXLAN, and leaf2 drops bridged ARP. There is no drift."""
    drop(site.host("leaf1"), "inet", "udp dport 4789 drop")
    drop(site.host("leaf2"), "bridge", "ether type arp drop")
    status, report = site.verify(*NO_ENDPOINTS)
    site.host("leaf1").sh("nft delete table inet fault")
    site.host("leaf2").sh("nft delete table bridge fault")
    assert status == 2
    found = told(report)
    assert list(found) == ["overlay"], found
    leaf1 = [("leaf1: blue: frames of none of the 3 others arrive", DROPS), ("leaf1: green: frames of none of the 2 others arrive", DROPS)]
    assert found["overlay"][:2] == leaf1
    of_leaf2 = found["overlay"][2:]
    assert {cause for _sentence, cause in of_leaf2} == {FILTERS}
    # A frame of ARP that leaf2 sends leaves by its own bridge, which that hook does not see.
    assert all(sentence.startswith("leaf2: ") or sentence.endswith(" at leaf2") for sentence, _cause in of_leaf2), of_leaf2
    assert all("ARP requests" in sentence for sentence, _cause in of_leaf2)
    assert not any(host["drift"] or host["problems"] for host in report["hosts"])
    # blue: 3 to leaf1 and 2 of the others to leaf2; green: 2 to leaf1; red: 2 and line: 1 to leaf2.
    assert (report["overlay"]["tried"], report["overlay"]["failed"]) == (26, 11)


def test_2_faults_of_tables(site: Site) -> None:
    """A flood list that lacks a row, a VXLAN interface that is down, and one in the bridge of another network."""
    site.host("hv1").bridge("fdb delete 00:00:00:00:00:00 dst 192.0.2.22 dev vx10200")
    site.host("leaf1").ip("link set vx10100 down")
    site.host("hv2").ip("link set vx10200 master br10300")
    status, report = site.verify(*NO_ENDPOINTS)
    assert status == 2
    found = told(report)
    assert "underlay" not in found
    assert ("red: leaf2 floods to hv1, and hv1 does not flood to leaf2", "a row is missing on hv1, or one too many on leaf2; deploy mends it") in found[
        "flood_lists"
    ]
    assert ("red: frames of hv1 do not arrive at leaf2", "hv1: vx10200: floods not to 192.0.2.22") in found["overlay"]
    not_joined = "the VXLAN interface is down, without the group, or was created on another device"
    assert found["membership"] == [("leaf1: blue: has not joined 239.1.1.100 on eth0", not_joined)]
    assert ("leaf1: blue: frames of none of the 3 others arrive", "leaf1: vx10100: state is down, not up") in found["overlay"]
    breaches = [sentence for sentence, _cause in found["overlay_isolation"]]
    assert {"hv2: green: hears frames of red from hv1", "hv2: green: hears frames of red from leaf2"} <= set(breaches)
    assert {host["host"] for host in report["hosts"] if host["drift"]} == {"hv1", "hv2", "leaf1"}
    suites = ElementTree.parse(site.directory / "reports" / site.name / "verify.xml").getroot()
    failed = {suite.get("name", "").rpartition(".")[2] for suite in suites if suite.get("failures") != "0"}
    assert failed == {"state", "drift", "overlay", "overlay_isolation", "multicast", "flood_lists"}
    page = (site.directory / "reports" / site.name / "verify.html").read_text(encoding="utf-8")
    assert "bridge fdb append 00:00:00:00:00:00 dev vx10200 dst 192.0.2.22 self permanent" in page


def test_3_deploy_mends_them_and_verify_is_content(site: Site) -> None:
    site.changed("deploy")
    status, report = site.verify(*NO_ENDPOINTS)
    assert (status, told(report), report["summary"].endswith("; drift: none")) == (0, {}, True), report["summary"]
    first = {path.name: path.read_bytes() for path in (site.directory / "reports" / site.name).iterdir()}
    assert set(first) == {"verify.html", "verify.md", "verify.json", "verify.xml"}
    assert site.verify(*NO_ENDPOINTS)[0] == 0
    assert {path.name: path.read_bytes() for path in (site.directory / "reports" / site.name).iterdir()} == first
    assert [execute(["ip", "netns", "pids", name]) for name in site.namespaces()] == [""] * len(site.namespaces())


def test_4_a_small_hop_and_a_host_whose_underlay_is_down(site: Site) -> None:
    underlay = Namespace(f"{site.name}-underlay")
    underlay.ip("link set leaf2 mtu 1400", "link set hv2 down")
    status, report = site.verify(*NO_ENDPOINTS, "-e", "verify_timeout=1")
    underlay.ip("link set leaf2 mtu 1600", "link set hv2 up")
    assert status == 2
    found = told(report)
    hop, down = "a hop on the way has a smaller MTU", "the host is down, its underlay is, or something on the way drops ICMP"
    assert ("hv2: does not answer any of 3 others", down) in found["underlay"]
    to_leaf2 = [entry for entry in found["underlay"] if entry[0].startswith("hv1 -> leaf2: ") or "leaf2: no full frame gets to it" in entry[0]]
    assert to_leaf2
    assert all(cause == hop and "1400" in sentence and "1600" in sentence for sentence, cause in to_leaf2), to_leaf2
    line = [cause for sentence, cause in found["overlay"] if sentence.startswith("line: full frames of hv1 do not arrive at leaf2")]
    assert line == ["underlay: hv1 -> leaf2: the path MTU to 192.0.2.22 is 1400, a full frame of blue, line, red needs 1600"]
    assert not any(host["drift"] for host in report["hosts"])


def test_5_a_part_of_the_hosts_says_what_was_left_out(site: Site) -> None:
    status, report = site.verify(*NO_ENDPOINTS, "--limit", "hv1,leaf2")
    assert (status, [host["host"] for host in report["hosts"]]) == (0, ["hv1", "leaf2"])
    assert (report["underlay"]["tried"], report["overlay"]["tried"]) == (6, 6)
    assert "underlay: 6 of 12 pairs of VTEPs: hv2, leaf1 were not part of this run" in report["untested"]
    before = site.report()
    done = site.play("verify", "--check", *NO_ENDPOINTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "underlay: check mode sends nothing" in done.stdout
    assert site.report() == before


def test_6_a_sample(site: Site) -> None:
    status, report = site.verify(*NO_ENDPOINTS, "-e", "verify_pairs=8", "-e", "verify_overlay=false")
    assert status == 0
    assert (report["underlay"]["tried"], report["underlay"]["of"]) == (8, 12)
    assert "underlay: 4 of 12 pairs of VTEPs: a sample is tried where there are more than verify_pairs of them" in report["untested"]
    assert "overlay: verify_overlay is false" in report["untested"]


class TwoFabrics(Place):
    """Two fabrics of two hosts each, in one inventory."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, unique_name(), "hosts.yml")
        self.other = f"{self.name}b"
        hosts: dict[str, Any] = {}
        for name, net in ((self.name, "192.0.2"), (self.other, "198.51.100")):
            members = [f"{name}-h{number}" for number in (1, 2)]
            fabric = {"name": name, "underlay": {"mtu": 1600}, "networks": {"blue": {"vni": 100, "members": members}}}
            hosts.update({host: {"vxlan_fabric": fabric, "vxlan_vtep": {"address": f"{net}.{place}"}} for place, host in enumerate(members, start=1)})
        # JSON is YAML.
        self.inventory.write_text(json.dumps({"all": {"children": {"hypervisors": {"hosts": hosts}}}}), encoding="utf-8")


def test_two_fabrics_in_one_inventory_have_a_report_each(tmp_path: Path) -> None:
    place = TwoFabrics(tmp_path)
    overlays = ("-i", f".vxlan-twin/{place.name}.yml", "-i", f".vxlan-twin/{place.other}.yml")
    try:
        built = place.play("twin", twin=False)
        assert built.returncode == 0, built.stdout + built.stderr
        assert all((tmp_path / path).exists() for path in overlays[1::2]), sorted(tmp_path.glob(".vxlan-twin/*"))
        deployed = place.play("deploy", *overlays, twin=False)
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        Namespace(f"{place.other}-{place.other}-h2").ip("link set vx100 down")
        done = place.play("verify", *overlays, twin=False)
        assert done.returncode == 2, done.stdout + done.stderr
        reports = {name: json.loads((tmp_path / "reports" / name / "verify.json").read_text(encoding="utf-8")) for name in (place.name, place.other)}
        assert {name: report["ok"] for name, report in reports.items()} == {place.name: True, place.other: False}
        assert all(f"{name}: data plane" in done.stdout for name in reports)
        assert [host["host"] for host in reports[place.other]["hosts"]] == [f"{place.other}-h1", f"{place.other}-h2"]
    finally:
        place.remove()
