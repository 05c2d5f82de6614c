# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""F33: two flooding VXLAN ports of one segment in one bridge are a loop, by whatever way they get there."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.tests.support.engine import good, judged, refused, run
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

MAC, MAC2 = "02:00:00:00:11:11", "02:00:00:00:22:22"
VX0: dict[str, Any] = {"name": "vx0", "mac": MAC, "vni": 100, "remote": "192.0.2.2", "local": "192.0.2.1"}


def loop_ready(ns: Namespace) -> None:
    good(run(ns, "bridge", {"name": "br0", "mac": MAC2}))
    good(run(ns, "interface", {**VX0, "master": "br0"}))


def test_f33_loop_by_master_is_refused(ns: Namespace) -> None:
    loop_ready(ns)
    refused(ns, "interface", {**VX0, "name": "vx1", "port": 4790, "master": "br0"}, "vx1", "br0", "vx0", "loop")


def test_f33_loop_by_ports_is_refused(ns: Namespace) -> None:
    loop_ready(ns)
    good(run(ns, "interface", {**VX0, "name": "vx1", "port": 4790}))
    refused(ns, "bridge", {"name": "br0", "ports": [{"name": "vx1"}]}, "vx1", "br0", "vx0", "loop")


def test_f33_loop_by_two_new_ports_is_refused(ns: Namespace) -> None:
    good(run(ns, "interface", VX0))
    good(run(ns, "interface", {**VX0, "name": "vx1", "port": 4790}))
    refused(ns, "bridge", {"name": "br0", "ports": [{"name": "vx0"}, {"name": "vx1"}]}, "br0", "vx0", "loop")


def test_f33_loop_by_a_changed_vni_is_refused(ns: Namespace) -> None:
    loop_ready(ns)
    good(run(ns, "interface", {**VX0, "name": "vx1", "vni": 101, "master": "br0"}))
    refused(ns, "interface", {"name": "vx1", "vni": 100, "port": 4790}, "vx1", "br0", "vx0", "loop")


def test_f33_different_segments_are_no_loop(ns: Namespace) -> None:
    loop_ready(ns)
    judged(ns, "interface", {**VX0, "name": "vx1", "vni": 101, "master": "br0"})
