# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What vtep_info shows: the state of a host in the form of the modules' options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils import _arguments as arguments
from ansible_collections.vxlan.fabric.plugins.module_utils._engine import read_everything
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link, owner_of, ports_by_bridge
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import KINDS, show_link
from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import show_owned_rows, show_vni


def info_spec() -> arguments.Spec:
    """Arguments of the vtep_info module."""
    return {
        "names": {"type": "list", "elements": "str", "aliases": ["name", "interfaces"]},
        "fdb": {"type": "str", "choices": ["configured", "all", "none"], "default": "configured"},
        "statistics": {"type": "bool", "default": False},
        "capabilities": {"type": "bool", "default": False},
        **arguments.COMMON,
    }


def gather(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Read the namespace and show what the parameters ask for."""
    state = read_everything(statistics=parameters["statistics"], rows=parameters["fdb"] != "none")
    shown = show_host(state, parameters.get("names"), parameters["fdb"], parameters["statistics"])
    return {**shown, "capabilities": find_capabilities()} if parameters["capabilities"] else shown


def facts_spec() -> arguments.Spec:
    """Arguments of the vtep_facts module."""
    return dict(arguments.COMMON)


def gather_facts(_parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What the kernel has, as the fact vxlan_capabilities."""
    return {"ansible_facts": {"vxlan_capabilities": find_capabilities()}}


def find_capabilities() -> dict[str, Any]:
    """What the kernel has, by trying; see probe."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.capabilities import probe

    return probe().as_facts()


def show_host(state: HostState, names: list[str] | None, which: str, statistics: bool) -> dict[str, Any]:
    """Links and forwarding rows as arguments of the modules; beside them what is no argument.

    names: interfaces to show, None for all. which: rows that are configured, all, or none.
    """
    chosen = [state.links[name] for name in sorted(state.links, key=natural_key) if names is None or name in names]
    links = [link for link in chosen if link.kind in KINDS.values()]
    ports = ports_by_bridge(state)
    shown: dict[str, Any] = {
        **{key: [show_link(link, ports.get(link.name, ()), state) for link in links if link.kind == kind] for key, kind in KINDS.items()},
        "fdb": [_rows(link, state, which) for link in _with_rows(chosen, state)] if which != "none" else [],
        "vnis": {link.name: [show_vni(row) for row in state.vnis[link.name]] for link in links if link.name in state.vnis},
        "owners": {link.name: str(link.alias).partition(":")[2] if link.managed else "" for link in links},
    }
    if statistics:
        shown["statistics"] = {link.name: dict(link.statistics) for link in links}
    return shown


def _with_rows(chosen: list[Link], state: HostState) -> list[Link]:
    """VXLAN interfaces, and ports of bridges that have rows of their own."""
    return [link for link in chosen if link.kind == "vxlan" or (link.kind != "bridge" and state.fdb.get(link.name))]


def _rows(link: Link, state: HostState, which: str) -> dict[str, Any]:
    rows = state.fdb.get(link.name, ())
    if which == "configured":
        rows = tuple(row for row in rows if owner_of(row, link) not in ("learned", "kernel"))
    return {"interface": link.name, "rows": show_owned_rows(rows, link)}
