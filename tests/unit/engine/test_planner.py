# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planning without a kernel: a plan leads where it says, has nothing left to do there, and can be undone."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import given, settings

from ansible_collections.vxlan.fabric.plugins.module_utils._apply.transaction import inverses
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.routed import VLAN, VRF
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table, default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import make_plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.predict import predict
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import all_command_lines
from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import show_interface
from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import show_operation
from ansible_collections.vxlan.fabric.tests.support.engine import FakeModule
from ansible_collections.vxlan.fabric.tests.support.strategies import Step, fitted, steps

TABLES: dict[str, Table] = {"vxlan": VXLAN, "bridge": BRIDGE, "vrf": VRF, "vlan": VLAN}


def link(name: str, kind: str, mac: str, addresses: tuple[str, ...] = ()) -> Link:
    return Link(
        name, kind, index=1, mac=mac, mtu=1600, alias="", master="", up=True, txqueuelen=1000, addrgenmode="eui64", addresses=addresses, neighbours=()
    )  # fmt: skip


START = HostState(
    links={
        "eth0": link("eth0", "veth", "02:00:00:00:00:01", ("192.0.2.1/24", "2001:db8::1/64")),
        "p0": link("p0", "ifb", "02:00:00:00:c0:01"),
        "br0": link("br0", "bridge", "02:00:00:00:b0:01"),
        "br1": link("br1", "bridge", "02:00:00:00:b1:01"),
    },
    fdb={"p0": ()},
)


def wanted_of(step: Step) -> Wanted:
    module, given_arguments = step
    parameters = FakeModule(module, given_arguments, check=False).params
    parse: Any = importlib.import_module(f"ansible_collections.vxlan.fabric.plugins.modules.{module}").parse
    wanted: Wanted = parse(parameters, False)
    return wanted


def stated(table: Table, values: Mapping[str, object] | None) -> dict[str, object]:
    """Values that are not the default anyway."""
    return {key: value for key, value in (values or {}).items() if value != default_of(table, key) and value is not None}


def essence(state: HostState) -> dict[str, object]:
    """What matters of a state: no interface numbers, no defaults, rows in any order."""
    found: dict[str, object] = {}
    for name, one in state.links.items():
        shown = (one.kind, one.mac, one.alias or "", one.master or "", bool(one.up), one.addresses, one.neighbours, one.group, one.altnames)
        found[name] = (shown, stated(TABLES.get(one.kind, ()), one.attributes), stated(PORT, one.port))
        device = one.attributes.get("device")
        found[f"rows of {name}"] = frozenset(row._replace(via=None) if row.via == device else row for row in state.fdb.get(name, ()))
    return found


def after(state: HostState, operations: Iterable[ops.Operation]) -> HostState:
    working = Working(state)
    for operation in operations:
        predict(working, operation)
    return working.frozen()


def walked(listed: list[Step]) -> list[tuple[Step, Plan]]:
    """Each step planned on what the steps before lead to."""
    state, plans = START, []
    for step in listed:
        fitting = fitted(step, {name: show_interface(one) for name, one in state.links.items() if one.kind == "vxlan"})
        if fitting is None:
            continue
        plan = make_plan(state, wanted_of(fitting))
        plans.append((fitting, plan))
        state = plan.after
    return plans


@settings(max_examples=300)
@given(steps)
def test_nothing_is_left_to_do_where_a_plan_leads(listed: list[Step]) -> None:
    for step, plan in walked(listed):
        assert make_plan(plan.after, wanted_of(step)).operations == (), step


@settings(max_examples=300)
@given(steps)
def test_after_is_what_the_operations_add_up_to(listed: list[Step]) -> None:
    for step, plan in walked(listed):
        assert essence(after(plan.before, plan.operations)) == essence(plan.after), step


@settings(max_examples=300)
@given(steps)
def test_undoing_any_prefix_of_a_plan_leads_back(listed: list[Step]) -> None:
    for step, plan in walked(listed):
        if any(isinstance(op, ops.SetAttributes) and None in op.before.values() for op in plan.operations):
            continue  # a first destination or device cannot be taken away again on a live interface: the error says so then
        for length in range(1, len(plan.operations) + 1):
            done = plan.operations[:length]
            undone = after(plan.before, (*done, *inverses(done)))
            assert essence(undone) == essence(plan.before), (step, done)


@settings(max_examples=100)
@given(steps)
def test_every_operation_can_be_shown_and_typed(listed: list[Step]) -> None:
    for _step, plan in walked(listed):
        lines = all_command_lines(plan.operations, 0)
        assert bool(lines) == bool(plan.operations)
        for operation in plan.operations:
            shown = show_operation(operation, 10)
            assert shown["operation"]
            assert shown["interface"]
            assert shown["commands"] or isinstance(operation, ops.SetAttributes)


@settings(max_examples=100)
@given(steps)
def test_up_comes_last(listed: list[Step]) -> None:
    """Every prefix of a plan is safe: nothing passes before all is set (F24). A re-created interface that was up has its routes behind."""
    for _step, plan in walked(listed):
        if plan.recreated:
            continue
        ups = [position for position, op in enumerate(plan.operations) if isinstance(op, ops.SetLink) and op.field == "up" and op.value]
        assert all(position == len(plan.operations) - 1 for position in ups)
