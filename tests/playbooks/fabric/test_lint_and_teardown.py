# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks lint and teardown by whole runs of Ansible, two fabrics in one inventory, and a VTEP address that is the name of an interface."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from ansible_collections.vxlan.fabric.tests.support.site import Site


@pytest.fixture(name="paper")
def _paper(tmp_path: Path) -> Site:
    """An example without hosts: nothing that is tried on it may need one."""
    return Site(tmp_path)


def _report(site: Site, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status of lint and its report, which it must have shown too."""
    done = site.play("lint", *words, twin=False)
    report: dict[str, Any] = json.loads((site.directory / "reports" / "lint.json").read_text(encoding="utf-8"))
    assert report["summary"] in done.stdout, done.stdout + done.stderr
    return done.returncode, report


def test_a_clean_inventory_passes(paper: Site) -> None:
    status, report = _report(paper, "-e", "lint_strict=true")
    assert (status, report["mistakes"]) == (0, [])


def _spoil(site: Site) -> None:
    site.edit(lambda fabric: fabric["networks"]["red"].update(vni=10100, membrs=["hv1"]))
    variables = site.inventory / "host_vars" / "hv2.yml"
    variables.write_text(variables.read_text(encoding="utf-8").replace("192.0.2.12", "192.0.2.11"), encoding="utf-8")


def test_every_mistake_is_told_at_once_and_the_status_is_for_ci(paper: Site) -> None:
    _spoil(paper)
    status, report = _report(paper)
    assert status == 2
    assert [(entry["kind"], entry["host"]) for entry in report["mistakes"]] == [
        ("unknown-key", None),
        ("vni-collision", None),
        ("duplicate-vtep-address", "hv2"),
    ]
    suite = ElementTree.parse(paper.directory / "reports" / "lint.xml").getroot()
    assert {case.get("name") for case in suite if case.find("failure") is not None} == {entry["kind"] for entry in report["mistakes"]}
    text = (paper.directory / "reports" / "lint.txt").read_text(encoding="utf-8")
    assert "did you mean 'members'? [unknown-key]" in text


def test_a_target_leaves_out_what_belongs_to_other_hosts(paper: Site) -> None:
    _spoil(paper)
    _status, report = _report(paper, "-e", "target=switches")
    assert [entry["kind"] for entry in report["mistakes"]] == ["unknown-key", "vni-collision"]


def test_warnings_fail_only_where_that_is_wanted(paper: Site) -> None:
    paper.edit(lambda fabric: fabric["networks"]["green"].update(flooding="multicast", group="239.1.1.100", family="ipv4"))
    status, report = _report(paper)
    assert (status, [entry["kind"] for entry in report["mistakes"]]) == (0, ["group-shared"])
    assert _report(paper, "-e", "lint_strict=true")[0] == 2


TWO = {
    "all": {
        "children": {
            "hypervisors": {"children": {"east": {}, "west": {}}},
            "switches": {},
            "east": {
                "hosts": {"e1": {"vxlan_vtep": {"address": "192.0.2.1"}}, "e2": {"vxlan_vtep": {"address": "192.0.2.2"}}},
                "vars": {"vxlan_fabric": {"name": "east", "underlay": {"mtu": 1600}, "networks": {"blue": {"vni": 100, "members": ["hypervisors"]}}}},
            },
            "west": {
                "hosts": {"w1": {"number": 1, "vxlan_vtep": {"address": "192.0.2.{{ number }}"}}, "w2": {"vxlan_vtep": {"address": "192.0.2.2"}}},
                "vars": {
                    "vxlan_fabric": {"name": "west", "underlay": {"mtu": 1600}, "networks": {"blue": {"vni": "{{ 50 * 2 }}", "members": ["hypervisors"]}}}
                },
            },
        }
    }
}


def test_two_fabrics_in_one_inventory(paper: Site) -> None:
    shutil.rmtree(paper.inventory)
    paper.inventory.mkdir()
    (paper.inventory / "hosts.yml").write_text(yaml.safe_dump(TWO), encoding="utf-8")
    status, report = _report(paper)
    assert (status, report["mistakes"]) == (0, [])
    assert report["fabrics"] == [{"name": name, "networks": 1, "vteps": 2} for name in ("east", "west")]


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on its twin."""
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        done = made.play("twin", twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.play("twin", "-e", "twin_state=absent", twin=False)


def test_1_a_name_of_an_interface_is_resolved_on_its_host(site: Site) -> None:
    """Also for the peers of a run that does not reach it."""
    variables = site.inventory / "host_vars" / "hv2.yml"
    written = variables.read_text(encoding="utf-8").replace('[192.0.2.12, "2001:db8::12"]', "eth0")
    variables.write_text(written, encoding="utf-8")
    assert "eth0\n" in written
    site.changed("deploy", "-e", "target=hv1")
    assert site.host("hv1").destinations("vx10200") == ["192.0.2.12", "192.0.2.22"]
    assert site.host("hv1").destinations("vx10300") == ["2001:db8::12", "2001:db8::21"]
    site.changed("deploy")
    assert {row["addr_info"][0]["local"] for row in site.host("hv2").json("ip", "-4", "address", "show", "dev", "eth0")} == {"192.0.2.12"}
    assert site.host("hv2").link("vx10200")["linkinfo"]["info_data"]["local"] == "192.0.2.12"


def test_2_teardown_removes_what_is_marked_and_nothing_else(site: Site) -> None:
    site.host("hv1").ip("link add mine type vxlan id 77 dstport 4790", "link add other type bridge", "link set dev other alias vxlan.fabric:other")
    done = site.play("teardown", "--check", "-e", "target=hv1")
    assert "ip link del" in done.stdout, done.stdout + done.stderr
    assert site.host("hv1").has("vx10100")
    assert site.changed("teardown", "-e", "target=hv1") == {"hv1": 1}
    for name in ("vx10100", "br10100", "vx10400", "br10400"):
        assert not site.host("hv1").has(name)
    assert site.host("hv2").has("vx10100")
    for name in ("mine", "other", "tap-blue", "eth0"):
        assert site.host("hv1").has(name)
    site.changed("teardown")
    assert not site.host("leaf1").has("vx10100")
    assert set(site.changed("teardown").values()) == {0}
    site.host("hv1").ip("link delete mine", "link delete other")


def test_3_teardown_needs_no_inventory_without_mistakes(site: Site) -> None:
    site.changed("deploy", "-e", "target=leaf2")
    kept = site.variables.read_text(encoding="utf-8")
    site.edit(lambda fabric: fabric["networks"]["red"].update(vni=0))
    assert site.changed("teardown", "-e", "target=leaf2") == {"leaf2": 1}
    site.variables.write_text(kept, encoding="utf-8")
    assert not site.host("leaf2").has("vx10200")
