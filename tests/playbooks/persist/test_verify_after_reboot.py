# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of a twin with a Debian each, which deploy persists: they are powered off and started, and verify is green, frames included."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.machines import Machine, machine, skip_unless_possible
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace
from ansible_collections.vxlan.fabric.tests.support.site import Site

HOSTS = ("hv1", "hv2", "leaf1", "leaf2")


def ours(ns: Namespace) -> list[str]:
    return [link["ifname"] for link in ns.json("ip", "link") if link.get("linkinfo", {}).get("info_kind") in ("vxlan", "bridge")]


def power_off(host: Machine) -> None:
    """What the twin stands in for, the network card and those of the virtual machines, stays."""
    host.stop()
    host.ns.ip(*(f"link delete {name}" for name in ours(host.ns)))
    assert ours(host.ns) == []


@pytest.mark.skipif(os.environ.get("VXLAN_FABRIC_ALL") != "1", reason="only with VXLAN_FABRIC_ALL=1, make persistence")
def test_verify_is_green_after_a_reboot(tmp_path: Path) -> None:
    skip_unless_possible()
    site = Site(tmp_path / "site")
    with ExitStack() as stack:
        stack.callback(site.remove)
        done = site.play("twin", twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        hosts = {}
        for name in HOSTS:
            (tmp_path / name).mkdir()
            hosts[name] = stack.enter_context(machine(site.host(name), tmp_path / name, "", {}))
            hosts[name].start()
        roots = {name: host.root for name, host in hosts.items()}
        persisted = {"persist_backend": "service", "roots": roots, "persist_root": "{{ roots[inventory_hostname] }}"}
        assert site.changed("deploy", "-e", json.dumps(persisted)) == dict.fromkeys(HOSTS, 2)
        before = {name: sorted(ours(host.ns)) for name, host in hosts.items()}
        for host in hosts.values():
            power_off(host)
        status, report = site.verify()
        assert status != 0, report["summary"]
        for host in hosts.values():
            host.start()
        assert {name: sorted(ours(host.ns)) for name, host in hosts.items()} == before
        status, report = site.verify()
        assert status == 0, json.dumps(report)[:3000]
