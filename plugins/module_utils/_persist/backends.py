# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The backends: how each renders, and where its files are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._persist import ifupdown, netplan, networkd, networkmanager, service
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import Carries, Loss
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File

Render = Callable[[Boot, str, networkd.Around], tuple[list[File], list[Loss]]]


class Backend(NamedTuple):
    """carries: what it can carry, as data. render: None for the service, which takes the state itself. patterns: where its files are."""

    carries: Carries
    render: Render | None
    patterns: tuple[str, ...]
    title: str


BACKENDS = {
    networkd.NAME: Backend(
        networkd.CARRIES,
        networkd.render,
        (f"{networkd.FOLDER}/10-vxlan-fabric-*", f"{networkd.FOLDER}/*.d/10-vxlan-fabric-*.conf"),
        "systemd-networkd",
    ),
    networkmanager.NAME: Backend(networkmanager.CARRIES, networkmanager.render, (f"{networkmanager.FOLDER}/vxlan-fabric-*",), "NetworkManager"),
    "ifupdown2": Backend(ifupdown.CARRIES, ifupdown.render_ifupdown2, (f"{ifupdown.FOLDER}/vxlan-fabric-*",), "ifupdown2"),
    "ifupdown": Backend(ifupdown.CARRIES, ifupdown.render_ifupdown, (f"{ifupdown.FOLDER}/vxlan-fabric-*",), "Debian's ifupdown"),
    netplan.NAME: Backend(netplan.CARRIES, netplan.render, (f"{netplan.FOLDER}/90-vxlan-fabric-*",), "netplan"),
    service.NAME: Backend(
        service.CARRIES,
        None,
        (f"{service.UNITS}/vxlan-fabric-*.service", f"{service.UNITS}/*.wants/vxlan-fabric-*.service", f"{service.LIBRARY}/*.json"),
        "own service",
    ),
}
SYSCTL_FOLDER = "/etc/sysctl.d"
PATTERNS = (*(pattern for backend in BACKENDS.values() for pattern in backend.patterns), f"{SYSCTL_FOLDER}/60-vxlan-fabric-*.conf")
