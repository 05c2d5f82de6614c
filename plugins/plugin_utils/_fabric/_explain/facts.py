# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Facts as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import is_multicast
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import Scene
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import Question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Fact


def word(value: object) -> str:
    """Empty for what nobody says."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def one(what: str, wanted: object, real: object) -> Fact:
    """Two values of an option; they differ if both are known and not the same."""
    return named(what, word(wanted), word(real))


def named(what: str, wanted: str, real: str) -> Fact:
    return Fact(what, wanted, real, bool(wanted) and bool(real) and wanted != real)


def vlan_facts(scene: Scene, port: str) -> tuple[Fact, ...]:
    """How a port is in the VLAN of the network, on a VLAN-aware bridge."""
    wanted, real = scene.wanted.tagging(port), scene.real.tagging(port) if scene.known else ""
    return (named(f"{port} in VLAN {scene.wanted.vlan}", wanted, real),) if wanted or real else ()


def vtep_name(question: Question, address: str | None) -> str:
    """An address with the host that has it."""
    if address is None:
        return "nobody"
    if is_multicast(address):
        return f"group {address}"
    fabric, network = question.fabric, question.network
    hosts = [host for host in network.members if fabric.address(host, network) == address]
    hosts = hosts or [host for host, vtep in fabric.vteps.items() if address in (*vtep.addresses.values(), *vtep.others)]
    return f"{address} ({hosts[0]})" if hosts else f"{address} (no VTEP of the fabric)"


def state_of(link: Mapping[str, Any] | None) -> str:
    """Of an entry of underlay_info's links."""
    if link is None:
        return ""
    return f"{link['state']}, {'with' if link['carrier'] else 'no'} carrier"
