# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What one run changes on a host, in the form of vtep_info: before, and after."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._engine import Outcome
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, ports_by_bridge
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import KINDS, show_link
from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import show_rows, show_vni

Report = dict[str, Any]
# What a plan says of a port that it enslaves.
KNOWN_OF_NEW_PORTS = ("name", "vlans", "tunnels")


def changed_objects(outcome: Outcome, rows: int, objects: int) -> tuple[Report, Report]:
    """Links that a run touches, VNI filters, and the rows it writes and removes. rows: most rows of each side;
    objects: most links of each kind."""
    plan = outcome.plan
    before: Report = {}
    after: Report = {}
    names = _touched(plan)
    show = _Shower(outcome)
    for key, kind in KINDS.items():
        chosen = [name for name in names if _kind(name, plan) == kind][:objects]
        if chosen:
            pairs = [show.sides(name) for name in chosen]
            before[key] = [old for old, _new in pairs if old]
            after[key] = [new for _old, new in pairs if new]
    _add_rows(plan, before, after, rows)
    _add_vnis(outcome, before, after)
    return before, after


def _touched(plan: Plan) -> list[str]:
    """Names of links that an operation concerns, and of bridges whose ports come, go or change."""
    found: dict[str, None] = {}
    for operation in plan.operations:
        if isinstance(operation, (ops.WriteRows, ops.DeleteRows, ops.WriteVnis, ops.DeleteVnis)):
            continue
        name = ops.target_of(operation)
        found[name] = None
        if isinstance(operation, ops.SetLink) and operation.field == "master":
            found.update(dict.fromkeys(str(master) for master in (operation.value, operation.before) if master))
        elif isinstance(operation, (ops.SetPort, ops.WriteVlans, ops.DeleteVlans, ops.WriteTunnels, ops.DeleteTunnels)):
            link = plan.after.links.get(name)
            if link is not None and link.master:
                found[link.master] = None
    return sorted(found, key=natural_key)


def _kind(name: str, plan: Plan) -> str:
    link = plan.after.links.get(name) or plan.before.links.get(name)
    return link.kind if link is not None else ""


class _Shower:
    """Shows links before and after a run; what is needed for each of many is looked up once."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._states = (outcome.plan.before, outcome.after, outcome.plan.after)
        self._ports = [ports_by_bridge(state) for state in self._states]
        self._said: dict[str, set[str]] = {}
        self._joined = {op.name for op in outcome.plan.operations if isinstance(op, ops.SetLink) and op.field == "master"}
        for operation in outcome.plan.operations:
            if isinstance(operation, ops.SetLink):
                self._said.setdefault(operation.name, set()).add(operation.field)
            elif isinstance(operation, ops.CreateLink) and operation.link.mac:
                self._said.setdefault(operation.link.name, set()).add("mac")

    def _shown(self, name: str, which: int) -> Report:
        link = self._states[which].links.get(name)
        if link is None:
            return {}
        return show_link(link, self._ports[which].get(name, ()), self._states[which])

    def sides(self, name: str) -> tuple[Report, Report]:
        """A link before and after."""
        before, after = self._shown(name, 0), self._shown(name, 1)
        if not before or name in self._outcome.plan.recreated:  # made anew: what the kernel chose by itself is no result of this run
            predicted = self._shown(name, 2)
            after = {key: value for key, value in after.items() if key in predicted}
        if _kind(name, self._outcome.plan) in ("bridge", "vlan"):
            # A bridge without a MAC or MTU of its own takes them from its ports, a VLAN interface from its device: no result of this run.
            for field in {"mac", "mtu"} - self._said.get(name, set()):
                before.pop(field, None)
                after.pop(field, None)
            _drop_new_ports(before, after, self._joined)
        return before, after


def _drop_new_ports(before: Report, after: Report, joined: set[str]) -> None:
    """Of a port that this run enslaved (or made anew), or let go, only that it is one is known without the kernel."""
    sides = [{port["name"]: port for port in side.get("ports", ())} for side in (before, after)]
    for ports, others in (sides, reversed(sides)):
        for name, port in ports.items():
            if name not in others or name in joined:
                for key in [key for key in port if key not in KNOWN_OF_NEW_PORTS]:
                    del port[key]


def _add_rows(plan: Plan, before: Report, after: Report, limit: int) -> None:
    gone: dict[str, list[FdbRow]] = {}
    written: dict[str, list[FdbRow]] = {}
    left = [limit, limit]
    for operation in plan.operations:
        if isinstance(operation, ops.WriteRows):
            _take(gone, operation.name, operation.displaced, left, 0)
            _take(written, operation.name, operation.rows, left, 1)
        elif isinstance(operation, ops.DeleteRows):
            _take(gone, operation.name, operation.rows, left, 0)
    if gone or written:
        before["fdb"] = [{"interface": name, "rows": show_rows(gone[name])} for name in sorted(gone, key=natural_key)]
        after["fdb"] = [{"interface": name, "rows": show_rows(written[name])} for name in sorted(written, key=natural_key)]


def _take(found: dict[str, list[FdbRow]], name: str, rows: tuple[FdbRow, ...], left: list[int], side: int) -> None:
    shown = rows[: max(0, left[side])]
    if shown:
        found.setdefault(name, []).extend(shown)
        left[side] -= len(shown)


def _add_vnis(outcome: Outcome, before: Report, after: Report) -> None:
    names = {op.name for op in outcome.plan.operations if isinstance(op, (ops.WriteVnis, ops.DeleteVnis))}
    if names:
        for state, side in ((outcome.plan.before, before), (outcome.after, after)):
            side["vnis"] = {name: [show_vni(row) for row in state.vnis[name]] for name in sorted(names, key=natural_key) if name in state.vnis}
