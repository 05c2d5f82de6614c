# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The managed object of each module, before and after a run, in the form of its options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._engine import Outcome, read_vni_statistics
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link, ports_by_bridge
from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import show_bridge, show_interface, show_vlan_interface, show_vrf

Parameters = Any
Sides = tuple[dict[str, Any], dict[str, Any]]


def interface_sides(parameters: Parameters, outcome: Outcome) -> Sides:
    return _sides(parameters, outcome, lambda link, _state: show_interface(link))


def bridge_sides(parameters: Parameters, outcome: Outcome) -> Sides:
    before, after = _sides(parameters, outcome, lambda link, state: show_bridge(link, ports_by_bridge(state).get(link.name, ()), state))
    for side in (before, after):
        if not side:
            continue
        # A bridge without a MAC or MTU of its own takes them from its ports: no result of this run.
        for field in ("mac", "mtu"):
            if parameters.get(field) is None:
                side.pop(field, None)
        for port in side["ports"]:
            _drop_new(port, before, after)
    return before, after


def vlan_interface_sides(parameters: Parameters, outcome: Outcome) -> Sides:
    before, after = _sides(parameters, outcome, lambda link, _state: show_vlan_interface(link))
    for side in (before, after):  # one without a MAC or MTU of its own takes them from its device: no result of this run
        for field in ("mac", "mtu"):
            if parameters.get(field) is None:
                side.pop(field, None)
    return before, after


def vrf_sides(parameters: Parameters, outcome: Outcome) -> Sides:
    return _sides(parameters, outcome, lambda link, _state: show_vrf(link))


def _drop_new(port: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Of a port that this run enslaved, only that it is one, and its VLANs, are known without the kernel."""
    both = [{p["name"]: p for p in side.get("ports", ())} for side in (before, after)]
    if all(port["name"] in names for names in both):
        return
    for key in [key for key in port if key not in ("name", "vlans", "tunnels")]:
        del port[key]


def _sides(parameters: Parameters, outcome: Outcome, show: Callable[[Link, HostState], dict[str, Any]]) -> Sides:
    name = parameters["name"]
    before = _shown(name, outcome.before, show)
    predicted = _shown(name, outcome.plan.after, show)
    after = _shown(name, outcome.after, show)
    if not before or name in outcome.plan.recreated:  # made anew: what the kernel chose by itself (a random MAC, ...) is no result of this run
        after = {key: value for key, value in after.items() if key in predicted}
    return before, after


def _shown(name: str, state: HostState, show: Callable[[Link, HostState], dict[str, Any]]) -> dict[str, Any]:
    link: Link | None = state.links.get(name)
    return show(link, state) if link is not None else {}


def rows_sides(parameters: Parameters, outcome: Outcome) -> Sides:
    """Rows of the interface. A table beyond 'report_rows' is shown by its size and by the rows that this run changed."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops

    name = parameters["interface"]
    limit = parameters["report_rows"]
    before = configured(outcome.before.fdb.get(name, ()))
    after = configured(outcome.after.fdb.get(name, ()))
    if max(len(before), len(after)) <= limit:
        return _side(name, len(before), before), _side(name, len(after), after)
    gone: list[FdbRow] = []
    written: list[FdbRow] = []
    for operation in outcome.plan.operations:
        if isinstance(operation, ops.WriteRows):
            gone += operation.displaced[:limit]
            written += operation.rows[:limit]
        elif isinstance(operation, ops.DeleteRows):
            gone += operation.rows[:limit]
    return _side(name, len(before), gone[:limit]), _side(name, len(after), written[:limit])


def _side(name: str, count: int, shown: list[FdbRow]) -> dict[str, Any]:
    from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import show_rows

    return {"interface": name, "count": count, "rows": show_rows(shown)}


def vni_sides(parameters: Parameters, outcome: Outcome) -> Sides:
    """The VNI filter of the interface, and the VLANs that it maps, as far as the run is about them."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import show_tunnels
    from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import show_vni

    name = parameters["interface"]

    def side(state: HostState) -> dict[str, Any]:
        shown: dict[str, Any] = {"interface": name}
        if parameters.get("vnis") is not None:
            shown["vnis"] = [show_vni(row) for row in state.vnis.get(name, ())]
        if parameters.get("tunnels") is not None:
            shown["tunnels"] = show_tunnels((state.tunnels or {}).get(name, ()))
        return shown

    return side(outcome.before), side(outcome.after)


def vni_statistics(parameters: Parameters) -> dict[str, Any]:
    """The counters of every VNI, when they are asked for."""
    if not parameters["statistics"]:
        return {}
    return {"statistics": [{"vni": vni, **counters} for vni, counters in sorted(read_vni_statistics(parameters["interface"]).items())]}


def configured(rows: Iterable[FdbRow]) -> list[FdbRow]:
    """What somebody set; what the kernel learned or keeps for an interface's own MAC comes and goes by itself."""
    return [row for row in rows if row.state != "dynamic" and not (row.table == "master" and row.state == "permanent")]
