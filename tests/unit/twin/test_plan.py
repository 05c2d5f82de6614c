# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner against a model of the kernel: it converges, it is quiet afterwards, and it leaves alone what is not its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._twin import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.goal import compile_goal
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.operations import Operation, render_operation
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.plan import plan_world, predict_world
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import parse_topology
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import (
    Link,
    Namespace,
    World,
    describe_world,
    find_owned,
)

MARK = "vxlan.twin:t"


def goal_of(hosts: list[dict[str, Any]], **underlay: object) -> World:
    return compile_goal(parse_topology("t", underlay, hosts))


def built(goal: World, start: World | None = None) -> World:
    current = start or {}
    return predict_world(current, plan_world(current, goal, MARK))


def with_link(world: World, netns: str, link: Link) -> World:
    namespace = world[netns]
    return {**world, netns: replace(namespace, links={**namespace.links, link.name: link})}


def change_link(world: World, netns: str, name: str, changes: Mapping[str, Any]) -> World:
    return with_link(world, netns, replace(world[netns].links[name], **changes))


def without_namespace(world: World, netns: str) -> World:
    return predict_world(world, (Operation(ops.DELETE_NAMESPACE, netns),))


HOSTS: list[dict[str, Any]] = [
    {"name": "a", "addresses": ["192.0.2.1/24", "2001:db8::1/64"], "endpoints": [{"name": "e", "port": "tap0", "addresses": ["10.0.0.1/24"]}]},
    {"name": "b", "addresses": ["192.0.2.2/24", "2001:db8::2/64"], "endpoints": []},
]


@st.composite
def topologies(draw: st.DrawFn) -> World:
    mode = draw(st.sampled_from(["segment", "routed"]))
    families = draw(st.sampled_from([(4,), (6,), (4, 6)]))
    hosts = []
    for index in sorted(draw(st.sets(st.integers(1, 4), max_size=4))):
        number = draw(st.sampled_from([index, index + 10]))
        length = draw(st.sampled_from([24, 25]))
        addresses = {4: [f"192.0.2.{number}/{length}", f"192.0.2.{number + 100}/{length}"], 6: [f"2001:db8::{number}/64"]}
        ports = draw(st.lists(st.sampled_from(["tap0", "tap1", "eth9"]), unique=True, max_size=2))
        trunk: list[dict[str, Any]] = [
            {"name": f"v{vlan}-{index}", "port": ports[0], "vlan": vlan + draw(st.sampled_from([0, 10])), "addresses": ["10.0.9.1/24"]}
            for vlan in sorted(draw(st.sets(st.integers(1, 3), max_size=2)) if ports else ())
        ]
        hosts.append(
            {
                "name": f"h{index}",
                "forwarding": draw(st.sampled_from([[], ["ipv4"], ["ipv4", "ipv6"]])),
                "device": draw(st.sampled_from(["eth0", "ens1"])),
                "addresses": [address for family in families for address in draw(st.permutations(addresses[family]))[: draw(st.integers(0, 2))]],
                "endpoints": [
                    *trunk,
                    # An endpoint may move from host to host and from port to port.
                    *(
                        {"name": f"{port}-{draw(st.integers(1, 2))}-{index}", "port": port, "addresses": draw(st.sampled_from([[], ["10.0.0.1/24"]]))}
                        for port in ports
                    ),
                ],
            }
        )
    return goal_of(hosts, mode=mode, mtu=draw(st.sampled_from([1500, 1600])))


@st.composite
def drifted(draw: st.DrawFn, world: World) -> World:
    """Somebody has had his fingers in it."""
    for netns in draw(st.lists(st.sampled_from(sorted(world)), max_size=4)) if world else []:
        if netns not in world:
            continue
        name = draw(st.sampled_from(sorted(world[netns].links)))
        link = world[netns].links[name]
        how = draw(st.sampled_from(["down", "mtu", "mac", "addresses", "link", "namespace", "routes", "sysctls"]))
        if how == "namespace":
            world = without_namespace(world, netns)
        elif how == "routes":
            world = {**world, netns: replace(world[netns], routes=frozenset())}
        elif how == "sysctls":
            world = {**world, netns: replace(world[netns], sysctls=dict.fromkeys(world[netns].sysctls, "0"))}
        elif name == "lo":
            world = change_link(world, netns, name, {"up": False})
        elif how == "link":
            world = predict_world(world, (Operation(ops.DELETE_LINK, netns, name),))
        elif how == "addresses":
            world = change_link(world, netns, name, {"addresses": draw(st.sampled_from([(), ("192.0.2.77/24", *(link.addresses or ()))]))})
        else:
            values: dict[str, Mapping[str, Any]] = {"down": {"up": False}, "mtu": {"mtu": 1400}, "mac": {"mac": "02:00:00:00:00:99"}}
            world = change_link(world, netns, name, values[how])
    return world


@given(st.data())
def test_from_any_state_to_any_goal(data: st.DataObject) -> None:
    before = data.draw(topologies().map(built).flatmap(drifted))
    goal = data.draw(topologies())
    after = built(goal, before)
    assert plan_world(after, goal, MARK) == ()
    assert set(after) == set(goal)


@given(st.data())
def test_the_plan_of_the_way_back_restores_what_was(data: st.DataObject) -> None:
    """Rolling back is planning with `before` as the goal."""
    before = data.draw(topologies().map(built))
    after = built(data.draw(topologies()), before)
    back = built(find_owned(before, MARK), after)
    # What was not read before is not put back: a real run reads the sysctls of the goal.
    back = {name: replace(namespace, sysctls=before[name].sysctls) for name, namespace in back.items()}
    assert describe_world(back) == describe_world(before)


@given(st.data())
def test_what_others_made_stays(data: st.DataObject) -> None:
    """A VXLAN interface, a bridge, and the access port in it."""
    before = built(goal_of(HOSTS))
    bridge = Link("br100", "bridge", alias="vxlan.fabric:demo", addresses=("10.9.9.9/24",))
    vxlan = Link("vx100", "vxlan", master="br100")
    before = with_link(with_link(before, "t-a", bridge), "t-a", vxlan)
    before = change_link(before, "t-a", "tap0", {"master": "br100"})
    before = data.draw(drifted(before))
    if "t-a" not in before:
        return
    wanted = {name for name in ("br100", "vx100") if name in before["t-a"].links}
    after = built(goal_of(HOSTS), before)
    for name in wanted:
        assert after["t-a"].links[name] == before["t-a"].links[name]
    if (
        after["t-a"].links["tap0"].peer
        and "tap0" in before["t-a"].links
        and not any(operation.action == ops.DELETE_LINK for operation in plan_world(before, goal_of(HOSTS), MARK))
    ):
        assert after["t-a"].links["tap0"].master == before["t-a"].links["tap0"].master


def actions(current: World, goal: World) -> list[str]:
    return [
        f"{operation.action} {operation.netns} {operation.target} {' '.join(f'{key}={value}' for key, value in operation.values)}".strip()
        for operation in plan_world(current, goal, MARK)
    ]


@pytest.mark.parametrize(
    ("netns", "link", "changes", "expected"),
    [
        ("t-a", "eth0", {"mtu": 1400}, ["set_link t-a eth0 mtu=1500"]),
        ("t-a", "eth0", {"up": False}, ["set_link t-a eth0 up=True"]),
        ("t-a", "lo", {"up": False}, ["set_link t-a lo up=True"]),
        ("t-e", "eth0", {"alias": "mine"}, [f"set_link t-e eth0 alias={MARK}"]),
        ("t-a", "tap0", {"master": "br0"}, []),
        ("t-a", "tap0", {"addresses": ("10.1.1.1/24",)}, []),
        ("t-underlay", "a", {"master": ""}, ["set_link t-underlay a master=underlay"]),
        ("t-underlay", "underlay", {"mcast_snooping": 1}, ["set_link t-underlay underlay mcast_snooping=0"]),
        ("t-e", "eth0", {"addresses": ()}, ["add_address t-e eth0 address=10.0.0.1/24"]),
        (
            # A new primary address of the same subnet: the old one goes first, and would take the other with it.
            "t-a",
            "eth0",
            {"addresses": ("192.0.2.9/24", "192.0.2.1/24", "2001:db8::1/64")},
            [
                "delete_address t-a eth0 address=192.0.2.1/24",
                "delete_address t-a eth0 address=192.0.2.9/24",
                "add_address t-a eth0 address=192.0.2.1/24",
            ],
        ),
        (
            "t-a",
            "eth0",
            {"addresses": ("192.0.2.1/24", "2001:db8::1/128")},
            ["delete_address t-a eth0 address=2001:db8::1/128", "add_address t-a eth0 address=2001:db8::1/64"],
        ),
    ],
)
def test_drift_is_repaired_with_the_least(netns: str, link: str, changes: dict[str, Any], expected: list[str]) -> None:
    goal = goal_of(HOSTS)
    assert actions(change_link(built(goal), netns, link, changes), goal) == expected


def test_a_lost_last_address_takes_the_routes_with_it() -> None:
    goal = goal_of(HOSTS, mode="routed")
    current = change_link(built(goal), "t-a", "eth0", {"addresses": ("192.0.2.8/32", "2001:db8::1/128")})
    assert actions(current, goal) == [
        "delete_address t-a eth0 address=192.0.2.8/32",
        "add_address t-a eth0 address=192.0.2.1/32",
        "add_route t-a default via=169.254.0.1 device=eth0",
    ]


def test_a_host_that_leaves_takes_its_endpoints_along() -> None:
    goal = goal_of(HOSTS[1:])
    assert actions(built(goal_of(HOSTS)), goal) == [
        "delete_link t-underlay a",
        "delete_namespace t-a",
        "delete_namespace t-e",
    ]


def test_absent_is_the_empty_goal() -> None:
    assert {line.split()[0] for line in actions(built(goal_of(HOSTS)), {})} == {"delete_namespace"}


def test_an_endpoint_that_moves_takes_its_port_along() -> None:
    moved = [{**HOSTS[0], "endpoints": []}, {**HOSTS[1], "endpoints": HOSTS[0]["endpoints"]}]
    assert actions(built(goal_of(HOSTS)), goal_of(moved))[0] in ("delete_link t-a tap0", "delete_link t-e eth0")


@pytest.mark.parametrize("name", ["eth0", "tap0"])
def test_a_foreign_link_of_our_name_is_refused(name: str) -> None:
    goal = goal_of(HOSTS)
    stripped = predict_world(built(goal), (Operation(ops.DELETE_LINK, "t-a", name),))
    current = with_link(stripped, "t-a", Link(name, "tun"))
    with pytest.raises(ConflictError, match=f"t-a: {name} exists and is not the twin's \\(kind tun\\)"):
        plan_world(current, goal, MARK)


def test_switching_the_mode_back_and_forth() -> None:
    segment, routed = goal_of(HOSTS), goal_of(HOSTS, mode="routed")
    there = built(routed, built(segment))
    assert "underlay" not in there["t-underlay"].links
    assert not built(segment, there)["t-a"].routes


def test_commands_are_what_a_person_types() -> None:
    goal = goal_of(HOSTS[:1], mode="routed")
    commands = [str(command) for operation in plan_world({}, goal, MARK) for command in render_operation(operation)]
    assert commands[:3] == [
        "ip netns add t-underlay",
        f"ip -n t-underlay link set dev lo alias {MARK}",
        "ip -n t-underlay link set dev lo up",
    ]
    for line in (
        "ip -n t-a address add 2001:db8::1/128 dev eth0 nodad",
        "ip -n t-a route replace default via fe80::1 dev eth0 proto 86 onlink",
        "ip -n t-underlay route replace 192.0.2.1/32 dev a proto 86",
        "ip netns exec t-underlay sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'",
    ):
        assert line in commands


def test_a_stray_namespace_of_ours_is_removed() -> None:
    goal = goal_of(HOSTS)
    stray = Namespace("t-old", {"lo": Link("lo", "loopback", alias=MARK)})
    assert actions({**built(goal), "t-old": stray}, goal) == ["delete_namespace t-old"]


def _with_trunk(*vlans: int) -> World:
    tagged = [{"name": f"v{vlan}", "port": "tap0", "vlan": vlan, "addresses": [f"10.0.{vlan}.1/24"]} for vlan in vlans]
    return goal_of([{"name": "a", "addresses": ["192.0.2.1/24"], "forwarding": ["ipv4"], "endpoints": [{"name": "e", "port": "tap0"}, *tagged]}])


def test_what_has_a_tag_stands_on_the_cable_of_the_port() -> None:
    goal = _with_trunk(5, 7)
    assert goal["t-v5"].links["eth0"].peer == ("t-e", "eth0")
    commands = [str(command) for operation in plan_world({}, goal, MARK) for command in render_operation(operation)]
    (made,) = [command for command in commands if "id 7" in command]
    assert made.startswith("ip -n t-e link add link eth0 name vlan7 netns t-v7 mtu 1450 address 02:")
    assert made.endswith("type vlan id 7")
    assert commands[commands.index(made) + 1] == "ip -n t-v7 link set dev vlan7 name eth0"
    assert "ip netns exec t-a sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'" in commands
    assert describe_world(goal)["t-v5"]["links"]["eth0"]["lower"] == {"netns": "t-e", "name": "eth0"}


def test_another_tag_is_another_interface() -> None:
    current = built(_with_trunk(5, 7))
    goal = _with_trunk(5)
    other = {**goal, "t-v7": replace(current["t-v7"], links={**current["t-v7"].links, "eth0": replace(current["t-v7"].links["eth0"], vlan=9)})}
    actions = [(operation.action, operation.netns) for operation in plan_world(current, other, MARK)]
    assert actions[:2] == [(ops.DELETE_LINK, "t-v7"), (ops.ADD_LINK, "t-v7")]


def test_without_the_cable_what_has_a_tag_goes_and_comes_back() -> None:
    goal = _with_trunk(5)
    broken = predict_world(built(goal), (Operation(ops.DELETE_LINK, "t-a", "tap0"),))
    assert "eth0" not in broken["t-e"].links
    assert "eth0" not in broken["t-v5"].links
    operations = plan_world(broken, goal, MARK)
    assert [operation.netns for operation in operations if operation.action == ops.ADD_LINK] == ["t-a", "t-v5"]
    assert not plan_world(predict_world(broken, operations), goal, MARK)
