# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planning of VRFs, VLAN interfaces and the bridges among them: what the kernel forgets of their members comes back in every plan."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._apply.transaction import inverses
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import MAIN_TABLE, HostState, Link, Neighbour, Route
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import make_plan, second_scope
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import all_command_lines
from ansible_collections.vxlan.fabric.tests.support.strategies import ADDRESSES, NEIGHBOURS, Step
from ansible_collections.vxlan.fabric.tests.unit.engine.test_planner import START, after, essence, wanted_of

MASTERS = ("none", "va", "vb")
TABLES = {"va": (1001, 1002), "vb": (2001, 2002)}
VLANS = {"v0": (10, 11), "v1": (20, 21)}
STATES = st.sampled_from(["present", "up", "down"])
LISTS = {
    "addresses": st.lists(st.sampled_from(ADDRESSES), unique=True),
    "neighbours": st.lists(st.sampled_from(NEIGHBOURS), unique_by=lambda n: n["address"]),
}


def _routed(name: str) -> HostState:
    """A host on which br0 has all that the kernel forgets: IPv6 addresses, neighbours, a route."""
    had = ("10.0.0.1/24", "2001:db8:7::1/64")
    link = replace(START.links[name], addresses=had, neighbours=(Neighbour("10.0.0.7", "02:00:00:00:00:99"),))
    routes = (Route("10.9.0.0/16 via 10.0.0.7", bytes([socket.AF_INET]) + bytes(11)),)
    return replace(START, links={**START.links, name: link}, routes={name: routes})


@st.composite
def vrfs(draw: st.DrawFn) -> Step:
    name = draw(st.sampled_from(sorted(TABLES)))
    if draw(st.integers(0, 5)) == 0:
        return "vrf", {"name": name, "state": "absent"}
    return "vrf", {
        "name": name,
        "table": draw(st.sampled_from(TABLES[name])),
        "state": draw(STATES),
        "recreate": draw(st.sampled_from(["when_needed", "always"])),
    }


@st.composite
def vlan_interfaces(draw: st.DrawFn) -> Step:
    name = draw(st.sampled_from(sorted(VLANS)))
    if draw(st.integers(0, 7)) == 0:
        return "vlan_interface", {"name": name, "state": "absent"}
    given: dict[str, Any] = {"name": name, "device": draw(st.sampled_from(["br0", "br1"])), "vlan": draw(st.sampled_from(VLANS[name])), "state": draw(STATES)}
    optional = {"master": st.sampled_from(MASTERS), "loose_binding": st.booleans(), "gvrp": st.booleans(), **LISTS}
    return "vlan_interface", {**given, **draw(st.fixed_dictionaries({}, optional=optional))}


@st.composite
def bridges(draw: st.DrawFn) -> Step:
    given = {"name": draw(st.sampled_from(["br0", "br1"])), "state": draw(STATES)}
    return "bridge", {**given, **draw(st.fixed_dictionaries({}, optional={"master": st.sampled_from(MASTERS), **LISTS}))}


steps = st.lists(st.one_of(vrfs(), vlan_interfaces(), bridges()), min_size=3, max_size=9)


def fitted(step: Step, state: HostState) -> Step | None:
    """A step as the present interfaces allow it: VRFs that exist, a device that is up under what is to come up."""
    module, told = step
    told = dict(told)
    if told.get("master") in TABLES and told["master"] not in state.links:
        told["master"] = "none"
    device = state.links.get(told.get("device", ""))
    if device is not None and not device.up and told["state"] == "up":
        told["state"] = "present"
    return module, told


def walked(listed: list[Step]) -> list[tuple[Step, Plan]]:
    state, plans = _routed("br0"), []
    for step in listed:
        fitting = fitted(step, state)
        if fitting is not None:
            plan = make_plan(state, wanted_of(fitting))
            plans.append((fitting, plan))
            state = plan.after
    return plans


@settings(max_examples=150)
@given(steps)
def test_nothing_is_left_to_do_where_a_plan_leads(listed: list[Step]) -> None:
    for step, plan in walked(listed):
        if step[1].get("recreate") != "always":
            assert make_plan(plan.after, wanted_of(step)).operations == (), step


@settings(max_examples=150)
@given(steps)
def test_after_is_what_the_operations_add_up_to(listed: list[Step]) -> None:
    for step, plan in walked(listed):
        assert essence(after(plan.before, plan.operations)) == essence(plan.after), step


@settings(max_examples=150)
@given(steps)
def test_undoing_any_prefix_of_a_plan_leads_back(listed: list[Step]) -> None:
    for step, plan in walked(listed):
        for length in range(1, len(plan.operations) + 1):
            done = plan.operations[:length]
            undone = after(plan.before, (*done, *inverses(done)))
            assert essence(undone) == essence(plan.before), (step, done)


@settings(max_examples=150)
@given(steps)
def test_what_nobody_stated_stays(listed: list[Step]) -> None:
    """Addresses, neighbours, members and whether it is up, of every interface but the one that the step is about; of that what is not stated."""
    for (_module, told), plan in walked(listed):
        for name, before in plan.before.links.items():
            link = plan.after.links.get(name)
            if link is None:
                assert told == {"name": name, "state": "absent"}
                continue
            for key in ("addresses", "neighbours"):
                if name != told["name"] or key not in told:
                    assert getattr(link, key) == getattr(before, key), (name, told)
            if name != told["name"]:
                assert link.master == before.master or (link.master == "" and told["state"] == "absent")
                assert link.up is before.up or _stands_on(plan, name, told["name"])


def _stands_on(plan: Plan, name: str, lower: str) -> bool:
    link: Link | None = plan.after.links.get(name)
    return link is not None and link.kind == "vlan" and link.lower == lower


@settings(max_examples=150)
@given(steps)
def test_routes_follow_their_interface(listed: list[Step]) -> None:
    """As long as it keeps the address that they were made with and stays up, in the table of the VRF that it is in."""
    for (_module, told), plan in walked(listed):
        link = plan.after.links["br0"]
        if not plan.before.routes.get("br0") or not link.up or not plan.before.links["br0"].up or "10.0.0.1/24" not in (link.addresses or ()):
            return
        if told["name"] == "br0" and "addresses" in told and set(plan.before.links["br0"].addresses or ()) - set(told["addresses"]):
            return  # addresses of the same IP version may have gone
        vrf = plan.after.links.get(link.master or "")
        table = vrf.attributes["table"] if vrf is not None else MAIN_TABLE
        assert [route.table for route in plan.after.routes["br0"]] == [table], (told, plan.operations)


@settings(max_examples=60)
@given(steps)
def test_all_that_a_plan_takes_away_was_read(listed: list[Step]) -> None:
    """What is forgotten has to be read as a whole beforehand."""
    for step, plan in walked(listed):
        wanted = wanted_of(step)
        whole = second_scope(plan.before, wanted)
        put_back = {op.name for op in plan.operations if isinstance(op, (ops.AddRoute,)) or (isinstance(op, ops.AddAddress) and op.again)}
        assert put_back <= whole, step


@settings(max_examples=60)
@given(steps)
def test_every_operation_can_be_typed(listed: list[Step]) -> None:
    for _step, plan in walked(listed):
        assert bool(all_command_lines(plan.operations, 0)) == bool(plan.operations)
