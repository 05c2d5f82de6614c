# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example fabric from its inventory to the proof, by whole runs of Ansible; then broken in every way that matters, and mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.site import Site

HOSTS = ("hv1", "hv2", "leaf1", "leaf2")
PROVED = (
    "blue: 12 of 12 pairs pass; green: 6 of 6 pairs pass; line: 2 of 2 pairs pass; red: 6 of 6 pairs pass; "
    "isolation: 106 of 106 blocked; underlay: 12 of 12 paths; overlay: 26 of 26 directions; overlay isolation: 12 of 12 bridges; "
    "multicast: 4 of 4 groups; flood lists: 14 of 14 rows; drift: none"
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, deployed on its twin."""
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        done = made.play("twin", twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.play("twin", "-e", "twin_state=absent", twin=False)


def _commands(report: dict[str, Any]) -> dict[str, list[str]]:
    found = {host["host"]: [command for entry in host["drift"] for command in entry["commands"]] for host in report["hosts"]}
    return {host: commands for host, commands in found.items() if commands}


def _problems(report: dict[str, Any]) -> dict[str, list[str]]:
    return {host["host"]: host["problems"] for host in report["hosts"] if host["problems"]}


def _failed(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(row["source"], row["target"]): row["result"] for row in report["data_plane"]["matrix"] if not row["ok"]}


def test_1_check_mode_on_fresh_hosts_says_what_deploy_will_do(site: Site) -> None:
    predicted = site.changed("deploy", "--check", "--diff")
    assert set(predicted) == set(HOSTS)
    assert not site.host("hv1").has("vx10100")
    assert site.changed("deploy") == predicted


def test_2_a_second_deploy_changes_nothing(site: Site) -> None:
    assert site.changed("deploy") == dict.fromkeys(HOSTS, 0)


def test_3_the_fabric_is_proved(site: Site) -> None:
    status, report = site.verify()
    assert (status, report["ok"], report["summary"]) == (0, True, PROVED)
    page = (site.directory / "reports" / site.name / "verify.md").read_text(encoding="utf-8")
    assert page.startswith(f"# Fabric {site.name}\n\nIt is as its inventory says.\n")


def test_4_the_kernel_has_what_the_inventory_says(site: Site) -> None:
    hv1, leaf2 = site.host("hv1"), site.host("leaf2")
    assert hv1.destinations("vx10100") == ["239.1.1.100"]
    assert hv1.destinations("vx10200") == ["192.0.2.12", "192.0.2.22"]
    assert hv1.destinations("vx10300") == ["2001:db8::12", "2001:db8::21"]
    assert leaf2.destinations("vx10400") == ["192.0.2.11"]
    assert hv1.destinations("vx10100", "02:00:00:01:00:04") == ["192.0.2.22"]
    for name, master in (("vx10200", "br10200"), ("swp2", "br10200"), ("vx10100", "br10100"), ("swp1", "br10100")):
        assert leaf2.link(name)["master"] == master
    assert leaf2.link("br10200")["mtu"] == leaf2.link("vx10200")["mtu"] == 1550
    assert hv1.link("vx10300")["mtu"] == 1530
    assert hv1.addresses("br10100") == set()
    assert not any(address["scope"] == "link" for entry in hv1.json("ip", "address", "show", "dev", "br10100") for address in entry["addr_info"])


def test_5_faults_are_found_named_and_mended(site: Site) -> None:
    """All at once, each on a host of its own, so that one run of verify has to tell them apart."""
    site.host("hv1").bridge("fdb delete 00:00:00:00:00:00 dst 192.0.2.22 dev vx10200")
    site.host("hv2").ip("link set vx10300 down")
    site.host("leaf1").ip("link set swp3 master br10100")
    site.host("leaf2").bridge("fdb replace 02:00:00:01:00:01 dst 192.0.2.12 dev vx10100")
    site.host("leaf2").ip("link add stray0 mtu 1550 type veth peer name stray1", "link set stray0 master br10400")
    status, report = site.verify()
    assert status == 2
    assert _problems(report) == {
        "hv1": ["red: vx10200: floods not to 192.0.2.22"],
        "hv2": ["green: vx10300: state is down, not up"],
        # Its MTU was set, so br10100 does not follow that of the port that has no business there.
        "leaf1": ["green: swp3 is not in bridge br10300"],
        "leaf2": ["blue: vx10100: 02:00:00:01:00:01 is behind 192.0.2.12, not 192.0.2.11"],
    }
    assert _commands(report) == {
        "hv1": ["bridge fdb append 00:00:00:00:00:00 dev vx10200 dst 192.0.2.22 self permanent"],
        "hv2": ["ip link set vx10300 up"],
        # A bridge may follow the MTU of a port that joins, so it is said again.
        "leaf1": ["ip link set swp3 master br10300", "ip link set dev br10300 mtu 1530"],
        "leaf2": ["bridge fdb replace 02:00:00:01:00:01 dev vx10100 dst 192.0.2.11 self permanent"],
    }
    failed = _failed(report)
    assert failed["red1", "red3"] == "fail"
    assert failed["green1", "green2"] == "fail"
    assert failed["green3", "blue1"] == failed["blue1", "green3"] == "breach"
    assert failed["blue4", "blue1"] == "fail"
    assert ("red3", "red1") not in failed
    assert ("line1", "line2") not in failed
    notes = [line["also"] for host in report["hosts"] for line in host["networks"] if line["also"]]
    assert notes == ["also in br10100: swp3", "also in br10400: stray0"]
    assert all(name in report["summary"] for name in ("drift: hv1, hv2, leaf1, leaf2", "state differs on hv1, hv2, leaf1, leaf2"))
    site.changed("deploy")
    assert site.verify()[1]["summary"] == PROVED


IN_BATCHES = """
- hosts: hypervisors:switches
  gather_facts: false
  serial: [1, 2, 1]
  roles:
    - role: vxlan.fabric.verify
"""


def test_5_in_batches_the_report_is_of_all_and_the_last_one_judges(site: Site) -> None:
    (site.directory / "batches.yml").write_text(IN_BATCHES, encoding="utf-8")
    site.host("hv1").ip("link set vx10400 down")
    status, report = site.verify(playbook="batches.yml")
    assert status == 2
    assert [host["host"] for host in report["hosts"]] == list(HOSTS)
    assert _commands(report) == {"hv1": ["ip link set vx10400 up"]}
    # Each tries the paths to all others; frames are heard between hv2 and leaf1, which are in one batch.
    assert (report["underlay"]["tried"], report["overlay"]["tried"], report["overlay"]["of"]) == (12, 4, 26)
    assert "overlay: 22 of 26 directions: hosts of different batches do not hear each other" in report["untested"]
    assert "line: 0 of 2 pairs pass" in report["summary"]
    assert report["summary"].endswith("drift: hv1; state differs on hv1")
    site.changed("deploy", "-e", "target=hv1")


def test_6_a_host_that_does_not_answer_and_one_that_fails_are_in_the_report(site: Site) -> None:
    overlay = site.directory / ".vxlan-twin" / f"{site.name}.yml"
    kept = overlay.read_text(encoding="utf-8")
    overlay.write_text(kept.replace(f"{site.name}-leaf1", f"{site.name}-gone"), encoding="utf-8")
    site.host("hv2").ip("link delete br10200", "link add br10200 type veth peer name far0")
    try:
        status, report = site.verify("-e", "target=hv1,hv2,leaf1")
    finally:
        overlay.write_text(kept, encoding="utf-8")
        site.host("hv2").ip("link delete br10200")
    assert status == 2
    assert [host["host"] for host in report["hosts"]] == ["hv1", "hv2", "leaf1"]
    failed, lost = (host for host in report["hosts"] if host["error"])
    assert (failed["host"], lost["host"]) == ("hv2", "leaf1")
    assert "br10200" in failed["error"]
    assert f"{site.name}-gone" in lost["error"]
    assert report["summary"].endswith("drift: none; state differs on hv2; not known: hv2, leaf1")
    site.changed("deploy", "-e", "target=hv2")


def test_7_mistakes_stop_deploy_before_anything_is_changed(site: Site) -> None:
    kept = site.variables.read_text(encoding="utf-8")

    def spoil(fabric: dict[str, Any]) -> None:
        fabric["networks"]["blue"]["vni"] = 10999
        fabric["networks"]["red"]["membrs"] = ["hv1"]
        fabric["networks"]["line"]["members"] = ["hypervisors", "leaf2"]

    site.edit(spoil)
    try:
        done = site.play("deploy")
    finally:
        site.variables.write_text(kept, encoding="utf-8")
    assert done.returncode == 2
    output = done.stdout + done.stderr
    assert "the inventory has 2 mistakes" in output
    assert "vxlan_fabric.networks.red.membrs: unknown key; did you mean 'members'?" in output
    assert "vxlan_fabric.networks.line.members: flooding: point_to_point needs exactly 2 members, not 3 (hv1, hv2, leaf2)" in output
    assert not site.host("hv1").has("vx10999")


def test_8_the_fabric_follows_its_inventory(site: Site) -> None:
    """A network goes, one changes how it floods, a host leaves one; nothing of it is left anywhere."""

    def change(fabric: dict[str, Any]) -> None:
        networks = fabric["networks"]
        del networks["line"]
        networks["blue"].update(flooding="static")
        del networks["blue"]["group"]
        networks["red"]["members"] = ["hypervisors"]
        del networks["red"]["endpoints"][2]

    kept = {path: path.read_text(encoding="utf-8") for path in (site.inventory / "host_vars").glob("*.yml")}
    site.edit(change)
    for path, text in kept.items():
        path.write_text(re.sub(r"    (line: .*|red: \[swp2\])\n", "", text), encoding="utf-8")
    predicted = site.changed("deploy", "--check")
    done = site.changed("deploy")  # a host that adds and removes changes twice
    assert {host for host, count in done.items() if count} == {host for host, count in predicted.items() if count}
    for host, gone in (("hv1", "10400"), ("leaf2", "10400"), ("leaf2", "10200")):
        assert not site.host(host).has(f"vx{gone}")
        assert not site.host(host).has(f"br{gone}")
    assert site.host("leaf2").destinations("vx10100") == ["192.0.2.11", "192.0.2.12", "192.0.2.21"]
    assert site.host("hv1").destinations("vx10200") == ["192.0.2.12"]
    status, report = site.verify()
    assert (status, report["ok"]) == (0, True), report["summary"]
    assert report["summary"].endswith("drift: none")


def test_9_without_a_twin_verify_says_that_the_data_plane_was_not_tested(site: Site) -> None:
    """The endpoints are elsewhere: as on a real fabric."""
    site.edit(lambda fabric: [endpoint.update(name=f"far-{endpoint['name']}") for network in fabric["networks"].values() for endpoint in network["endpoints"]])
    status, report = site.verify("-e", "target=hv2")
    assert status == 0
    assert "data plane: not tested (none of the 9 endpoints is a namespace of this machine" in report["summary"]


def test_a_host_that_left_the_fabric_has_nothing_of_it(site: Site) -> None:
    def leave(fabric: dict[str, Any]) -> None:
        fabric["networks"]["blue"]["members"] = ["hypervisors", "leaf2"]
        fabric["networks"]["green"]["members"] = ["hypervisors"]
        for network in fabric["networks"].values():
            network["endpoints"] = [endpoint for endpoint in network["endpoints"] if endpoint["host"] != "leaf1"]

    site.edit(leave)
    (site.inventory / "host_vars" / "leaf1.yml").unlink()
    assert site.host("leaf1").has("vx10100")
    assert site.changed("deploy", "-e", "target=leaf1") == {"leaf1": 1}
    for name in ("vx10100", "br10100", "vx10300", "br10300"):
        assert not site.host("leaf1").has(name)
    assert site.host("leaf1").has("swp1")
