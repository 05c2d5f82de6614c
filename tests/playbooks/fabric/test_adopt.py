# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook adopt by whole runs: a fabric that was deployed, and hosts that somebody set up with ip(8) and bridge(8)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.vxlan.fabric.tests.support.namespaces import execute
from ansible_collections.vxlan.fabric.tests.support.site import Done, Place, Site, changes


def _twin(tmp_path: Path, example: str) -> Iterator[Site]:
    """With its underlay, nothing deployed. Beside the inventory one that knows no more than the hosts."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    site = Site(tmp_path, example)
    (tmp_path / "bare").mkdir()
    shutil.copy(site.inventory / "hosts.yml", tmp_path / "bare")
    try:
        done = site.play("twin", twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield site
    finally:
        site.remove()


@pytest.fixture(name="example")
def _example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    yield from _twin(tmp_path, request.param)


@pytest.fixture(name="homelab")
def _homelab(tmp_path: Path) -> Iterator[Site]:
    yield from _twin(tmp_path, "homelab")


class Adopting:
    """Runs adopt on hosts of which nothing else is known, and other playbooks with what it wrote."""

    def __init__(self, site: Site) -> None:
        self.directory = site.directory
        self.bare = Place(site.directory, site.name, "bare")
        self.adopted = Place(site.directory, site.name, "adopted")

    def __call__(self, *words: str) -> Done:
        done = self.bare.play("adopt", "-e", "adopt_hosts_file=true", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def fabric(self) -> dict[str, Any]:
        text = (self.adopted.inventory / "group_vars" / "all" / "vxlan_fabric.yml").read_text(encoding="utf-8")
        found: dict[str, Any] = yaml.safe_load(text)["vxlan_fabric"]
        return found

    def warnings(self) -> list[str]:
        """Of lint, which must find no errors."""
        done = self.adopted.play("lint", twin=False)
        report: dict[str, Any] = json.loads((self.directory / "reports" / "lint.json").read_text(encoding="utf-8"))
        assert (done.returncode, report["errors"]) == (0, 0), done.stdout
        return [mistake["kind"] for mistake in report["mistakes"]]


@pytest.mark.parametrize(
    "example",
    [
        "demo",
        pytest.param("leaf-spine", marks=pytest.mark.skipif("VXLAN_FABRIC_ALL" not in os.environ, reason="takes minutes, it is part of `make large`")),
    ],
    indirect=True,
)
def test_a_deployed_fabric_comes_back_as_an_inventory_that_changes_nothing(example: Site) -> None:
    assert set(example.changed("deploy").values()) != {0}
    adopt = Adopting(example)
    shown = adopt("--check", "--diff")
    assert "+++ after: group_vars/all/vxlan_fabric.yml" in shown.stdout
    assert f"+  name: {example.name}" in shown.stdout
    assert not adopt.adopted.inventory.exists()

    done = adopt()
    assert "Deploy would change:" not in done.stdout
    assert "Not in the inventory:" not in done.stdout
    assert '"  nothing on ' in done.stdout
    assert set(adopt.adopted.changed("deploy", "--check").values()) == {0}
    assert adopt.warnings() == []
    assert set(changes(adopt()).values()) == {0}


BY_HAND = """
ip link add vx-blue type vxlan id 10 local {local} dev eth0 dstport 4789 ttl 16
ip link add br-blue type bridge mcast_snooping 0
ip link set vx-blue master br-blue
ip link add vxlan20 type vxlan id 20 local {local} dstport 4789 nolearning
ip link add br20 type bridge
ip link set vxlan20 master br20
ip link add vx30 type vxlan id 30 local {local} dstport 4789
for link in vx-blue br-blue vxlan20 br20 vx30; do ip link set $link up; done
ip link set br20 alias 'storage, vlan 20'
for peer in {peers}; do
  bridge fdb append 00:00:00:00:00:00 dev vx-blue dst $peer
  bridge fdb append 00:00:00:00:00:00 dev vxlan20 dst $peer
done
bridge fdb append 00:00:00:00:00:00 dev vx-blue dst 203.0.113.9
"""


def _configuration(site: Site, host: str) -> dict[str, Any]:
    """Not what the bridges learn of each other meanwhile."""
    state = site.host(host).state()
    return {key: state[key] for key in ("links", "addresses")}


def test_hosts_set_up_by_hand_become_an_inventory_and_its_deploy_does_what_was_told(homelab: Site) -> None:
    site = homelab
    addresses = {
        host: yaml.safe_load((site.inventory / "host_vars" / f"{host}.yml").read_text(encoding="utf-8"))["vxlan_vtep"]["address"]
        for host in ("pve1", "pve2", "pve3")
    }
    for host, address in addresses.items():
        site.host(host).sh(BY_HAND.format(local=address, peers=" ".join(other for other in addresses.values() if other != address)))
    before = {host: _configuration(site, host) for host in addresses}
    adopt = Adopting(site)
    done = adopt("-e", "adopt_fabric=lab", "-e", '{"adopt_names": {"20": "storage"}}')
    assert {host: _configuration(site, host) for host in addresses} == before
    assert changes(done) == {"pve1": 1, "pve2": 0, "pve3": 0}, "the files"

    fabric = adopt.fabric()
    assert fabric["name"] == "lab"
    assert {name: network["vni"] for name, network in fabric["networks"].items()} == {"blue": 10, "storage": 20}
    assert fabric["networks"]["storage"]["description"] == "storage, vlan 20"
    for line in (
        "pve1, pve2, pve3: vx30: it is in no bridge, and every network of the inventory is one",
        "pve1, pve2, pve3: vx-blue: row 00:00:00:00:00:00 dst 203.0.113.9 goes",
        "pve1, pve2, pve3: br20: mcast_snooping on becomes off",
        "pve1, pve2, pve3: vx-blue: ttl 16",
        "ip link set br20 type bridge mcast_snooping 0",
    ):
        assert line in done.stdout, done.stdout
    notes = (adopt.adopted.inventory / "NOTES.md").read_text(encoding="utf-8")
    assert "vx30: it is in no bridge" in notes
    assert adopt.warnings() == ["static-unknown"], "of storage, in which nobody learns and no machine is known"

    assert set(adopt.adopted.changed("deploy").values()) != {0}
    for host, address in addresses.items():
        others = sorted(other for other in addresses.values() if other != address)
        assert site.host(host).destinations("vx-blue") == others
        assert site.host(host).destinations("vxlan20") == others
        assert site.host(host).data("vx-blue")["ttl"] == 16
        assert site.host(host).link("br20")["ifalias"] == "vxlan.fabric:lab"
        assert "ifalias" not in site.host(host).link("vx30")
    assert set(adopt.adopted.changed("deploy", "--check").values()) == {0}


def test_what_somebody_has_edited_is_not_overwritten(homelab: Site) -> None:
    site = homelab
    assert set(site.changed("deploy").values()) != {0}
    adopt = Adopting(site)
    adopt()
    edited = adopt.adopted.inventory / "group_vars" / "all" / "vxlan_fabric.yml"
    text = edited.read_text(encoding="utf-8")
    edited.write_text(text + "# mine\n", encoding="utf-8")
    refused = adopt.bare.play("adopt", "-e", "adopt_hosts_file=true")
    assert refused.returncode != 0
    assert "vxlan_fabric.yml would be overwritten" in refused.stdout
    assert edited.read_text(encoding="utf-8") == text + "# mine\n"
    adopt("-e", "adopt_overwrite=true")
    assert edited.read_text(encoding="utf-8") == text


def test_a_host_that_does_not_answer_is_told_and_the_others_are_adopted(homelab: Site) -> None:
    site = homelab
    assert set(site.changed("deploy").values()) != {0}
    execute(["ip", "netns", "delete", site.host("pve1").name])
    adopt = Adopting(site)
    done = adopt()
    assert "pve1: host: not read: " in done.stdout
    assert "floods to" not in done.stdout
    assert {tuple(network["members"]) for network in adopt.fabric()["networks"].values()} == {("pve2", "pve3")}
    assert not (adopt.adopted.inventory / "host_vars" / "pve1").exists()
    assert "pve2, pve3: vx100, vx200: row 00:00:00:00:00:00 dst 192.168.1.11 goes" in done.stdout, done.stdout
    assert "pve2, pve3: vx200: row 02:00:00:c8:00:01 dst 192.168.1.11 goes" in done.stdout
