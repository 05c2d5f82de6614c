# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what probes and hosts tell to findings with causes: tables of faults, and that whatever failed is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.marks import ARP, BROADCASTS, FULL, ICMP, ICMPV6, KINDS, SMALL, UNICAST
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import Area, merge_areas
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.compare import FLOOD, LINK, MACHINE, PORT, Fault
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.judging import judge_flood_lists, judge_memberships, judge_underlay
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.overlay import Known, compare_frames, find_cause, judge_isolation, judge_overlay

Value = dict[str, Any]

HOSTS = ("a", "b", "c", "d")
NOTHING: dict[str, Value] = {host: {} for host in HOSTS}
ADDRESSES = {f"10.0.0.{place}": host for place, host in enumerate(HOSTS, start=1)}
OF_HOST = {host: address for address, host in ADDRESSES.items()}


def told(area: Area) -> list[tuple[str, str]]:
    return [(finding["sentence"], finding["cause"]) for finding in area["findings"]]


def path(source: str, target: str, result: str = "ok", mtu: int | None = None) -> Value:
    ends = {"host": target, "source": OF_HOST[source], "address": OF_HOST[target]}
    return {**ends, "size": 1600, "networks": ["blue"], "result": result, "path_mtu": mtu}


def paths(wrong: dict[tuple[str, str], tuple[str, int | None]], hosts: tuple[str, ...] = HOSTS) -> dict[str, Value]:
    """All paths between hosts; those in wrong are."""
    return {source: {"paths": [path(source, target, *wrong.get((source, target), ("ok", None))) for target in hosts if target != source]} for source in hosts}


def both(host: str, result: str, mtu: int | None = None) -> dict[tuple[str, str], tuple[str, int | None]]:
    others = [other for other in HOSTS if other != host]
    return {**{(host, other): (result, mtu) for other in others}, **{(other, host): (result, mtu) for other in others}}


HOP, DOWN = "a hop on the way has a smaller MTU", "the host is down, its underlay is, or something on the way drops ICMP"
UNDERLAY: dict[str, tuple[dict[str, Value], int, list[tuple[str, str]]]] = {
    "well": (paths({}), 0, []),
    "one path": (
        paths({("a", "b"): ("too_small", 1400)}),
        1,
        [("a -> b: the path MTU to 10.0.0.2 is 1400, a full frame of blue needs 1600", HOP)],
    ),
    "a host behind a small hop": (
        paths(both("b", "too_small", 1400)),
        6,
        [
            ("b: no full frame gets from it to any of 3 others: the path MTU is 1400, 1600 are needed", HOP),
            ("b: no full frame gets to it from any of 3 others: the path MTU is 1400, 1600 are needed", HOP),
        ],
    ),
    "its own device": (
        paths({("b", other): ("local_mtu", 1500) for other in "acd"}),
        3,
        [
            (
                "b: no full frame gets from it to any of 3 others: the path MTU is 1500, 1600 are needed",
                "the MTU of the device to the underlay, or that of the network in the inventory",
            )
        ],
    ),
    "a host that is down": (
        {host: found for host, found in paths(both("b", "no_answer")).items() if host != "b"},
        3,
        [("b: does not answer any of 3 others", DOWN)],
    ),
    "no route": (
        paths({("b", other): ("no_route", None) for other in "acd"}),
        3,
        [("b: there is no route to 10.0.0.1, nor to 2 others", "the routing table of the source")],
    ),
    "no address": (
        paths({**both("b", "no_answer"), **{("b", other): ("no_source", None) for other in "acd"}}),
        6,
        [
            ("b: does not answer any of 3 others", DOWN),
            ("b: the VTEP address 10.0.0.2 is not on this host", "the address was removed, or the inventory has another one than the host"),
        ],
    ),
    "two hosts": (
        paths({("a", "b"): ("no_answer", None)}, ("a", "b")),
        1,
        [("a -> b: does not answer at 10.0.0.2", DOWN)],
    ),
}


@pytest.mark.parametrize("name", UNDERLAY)
def test_underlay(name: str) -> None:
    sent, failed, expected = UNDERLAY[name]
    area = judge_underlay(sent, 12)
    assert (area["failed"], sorted(told(area))) == (failed, sorted(expected))
    assert (area["of"], area["tested"]) == (12, True)


RESULTS = st.sampled_from([("ok", None), ("too_small", 1400), ("local_mtu", 1500), ("no_answer", None), ("no_route", None), ("no_source", None)])


@given(st.dictionaries(st.tuples(st.sampled_from(HOSTS), st.sampled_from(HOSTS)).filter(lambda ends: ends[0] != ends[1]), RESULTS))
def test_whatever_fails_in_the_underlay_is_told(found: dict[tuple[str, str], tuple[str, int | None]]) -> None:
    sent: dict[str, Value] = {}
    for (source, target), result in found.items():
        sent.setdefault(source, {"paths": []})["paths"].append(path(source, target, *result))
    area = judge_underlay(sent, 12)
    wrong = {ends for ends, (result, _mtu) in found.items() if result != "ok"}
    assert (area["tried"], area["failed"], area["ok"]) == (len(found), len(wrong), not wrong)
    named = {finding["host"] for finding in area["findings"]} | {finding["other"] for finding in area["findings"]}
    assert all(source in named or target in named for source, target in wrong)
    assert len(area["findings"]) <= len(wrong)


def test_nothing_was_tried() -> None:
    area = judge_underlay({"a": {"paths": []}}, 0)
    assert (area["tested"], area["ok"], area["reason"]) == (False, True, "there is no pair of VTEPs to be tried")


def test_memberships() -> None:
    entries = [
        {"network": "blue", "group": "239.1.1.1", "device": "eth0", "member": True, "found_on": ["eth0"]},
        {"network": "red", "group": "239.1.1.2", "device": "eth0", "member": False, "found_on": ["eth7"]},
    ]
    area = judge_memberships({"a": {"memberships": entries}})
    assert (area["tried"], area["failed"]) == (2, 1)
    cause = "the VXLAN interface is down, without the group, or was created on another device"
    assert told(area) == [("a: red: has not joined 239.1.1.2 on eth0, only on eth7", cause)]


def floods(lists: dict[str, list[str]]) -> tuple[Value, dict[str, Value]]:
    """What judge_flood_lists takes: by host, the addresses that it floods to."""
    goal = {"addresses": ADDRESSES, "with_lists": ["blue"], "networks": {"vx1": "blue", "vx2": "other"}, "own_networks": {}, "vnis": {}}
    return goal, {
        host: {
            "interfaces": [{"name": "vx1"}, {"name": "vx2"}, {"name": "stranger"}],
            "fdb": [{"interface": "vx1", "rows": [{"mac": "00:00:00:00:00:00", "dst": address, "table": "self"} for address in addresses]}],
        }
        for host, addresses in lists.items()
    }


FLOODS: dict[str, tuple[dict[str, list[str]], int, list[str]]] = {
    "whole": ({"a": ["10.0.0.2"], "b": ["10.0.0.1"]}, 2, []),
    "one-sided": ({"a": ["10.0.0.2"], "b": ["10.0.0.3"], "c": ["10.0.0.2"]}, 3, ["blue: a floods to b, and b does not flood to a"]),
    "the last row is gone": ({"a": ["10.0.0.2"], "b": []}, 1, ["blue: a floods to b, and b does not flood to a"]),
    "a stranger": ({"a": ["10.0.0.2", "10.9.9.9"], "b": ["10.0.0.1"]}, 3, ["a: blue: floods to 10.9.9.9, which is no VTEP of the fabric"]),
    "of a host that is not known nothing is said": ({"a": ["10.0.0.2"]}, 1, []),
}


@pytest.mark.parametrize("name", FLOODS)
def test_flood_lists(name: str) -> None:
    lists, tried, sentences = FLOODS[name]
    area = judge_flood_lists(*floods(lists))
    assert ([sentence for sentence, _cause in told(area)], area["tried"]) == (sentences, tried)


def probes(hosts: tuple[str, ...] = HOSTS, network: str = "blue", floods: bool = True, machines: tuple[str, ...] = ()) -> dict[str, Value]:
    return {
        host: {
            "bridges": [
                {
                    "network": network,
                    "expected": [other for other in hosts if other != host],
                    "floods": floods,
                    "hears_unicast": host in machines,
                }
            ]
        }
        for host in hosts
    }


def hearing(planned: dict[str, Value], lost: dict[tuple[str, str], set[str]]) -> dict[str, Value]:
    """Everything is heard but what is lost, by origin and listener."""
    return {
        host: {
            "heard": [
                {
                    "network": bridge["network"],
                    "origin_network": bridge["network"],
                    "origin_host": origin,
                    **{kind: 0 if kind in lost.get((origin, host), set()) else 6 for kind in KINDS},
                }
                for bridge in probe["bridges"]
                for origin in bridge["expected"]
            ]
        }
        for host, probe in planned.items()
    }


NO_FRAMES, LARGE = set(KINDS), {FULL, ICMP, ICMPV6, UNICAST}
DROPS = "the VTEPs reach each other and the tables are right: something drops UDP port 4789, such as a firewall"
FROM_B, TO_B = {("b", host): NO_FRAMES for host in "acd"}, {(host, "b"): NO_FRAMES for host in "acd"}
WRONG_PATH = {**path("a", "b", "too_small", 1400), "source_host": "a"}
FRAMES: dict[str, tuple[dict[tuple[str, str], set[str]], dict[str, list[Fault]], list[Value], list[tuple[str, str]]]] = {
    "well": ({}, {}, [], []),
    "a firewall": (TO_B, {}, [], [("b: blue: frames of none of the 3 others arrive", DROPS)]),
    "a firewall on the way out": (FROM_B, {}, [], [("b: blue: its frames arrive at none of the 3 others", DROPS)]),
    "both": (
        {**TO_B, **FROM_B},
        {},
        [],
        [("b: blue: frames of none of the 3 others arrive", DROPS), ("b: blue: its frames arrive at none of the 3 others", DROPS)],
    ),
    "a row is missing": (
        {("a", "b"): NO_FRAMES - {UNICAST}},
        {"a": [Fault("blue", FLOOD, "10.0.0.2", "vx1: floods not to 10.0.0.2")]},
        [],
        [("blue: frames of a do not arrive at b", "a: vx1: floods not to 10.0.0.2")],
    ),
    "a row for another is missing": (
        {("a", "b"): NO_FRAMES},
        {"a": [Fault("blue", FLOOD, "10.0.0.3", "vx1: floods not to 10.0.0.3"), Fault("red", LINK, "vx2", "vx2: state is down, not up")]},
        [],
        [("blue: frames of a do not arrive at b", DROPS)],
    ),
    "the interface is down": (
        TO_B,
        {"b": [Fault("blue", PORT, "tap0", "tap0 is not in bridge br1"), Fault("blue", LINK, "vx1", "vx1: state is down, not up")]},
        [],
        [("b: blue: frames of none of the 3 others arrive", "b: vx1: state is down, not up")],
    ),
    "a small path": (
        {("a", "b"): LARGE},
        {"a": [Fault("blue", LINK, "vx1", "vx1: learning is off, not on")]},
        [WRONG_PATH],
        [("blue: full frames of a do not arrive at b", "underlay: a -> b: the path MTU to 10.0.0.2 is 1400, a full frame of blue needs 1600")],
    ),
    "a path of another network": (
        {("a", "b"): LARGE},
        {},
        [{**WRONG_PATH, "networks": ["red"]}],
        [("blue: full frames of a do not arrive at b", "something on the way drops what is large: an MTU, or fragments")],
    ),
    "a filter": (
        {("a", "b"): {ARP, ICMPV6}},
        {},
        [],
        [
            (
                "blue: ARP requests, ICMP echo requests over IPv6 of a do not arrive at b",
                "something filters bridged frames by protocol: rules of nftables for bridges, or br_netfilter",
            )
        ],
    ),
    "a machine elsewhere": (
        {("a", "b"): {UNICAST}},
        {"a": [Fault("blue", MACHINE, "02:00:00:00:00:01", "vx1: it is behind c, not b")]},
        [],
        [("blue: frames to known machines of a do not arrive at b", "a: vx1: it is behind c, not b")],
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames(name: str) -> None:
    lost, faults, wrong_paths, expected = FRAMES[name]
    planned = probes(machines=("b",))
    found = compare_frames(planned, NOTHING, hearing(planned, lost))
    area = judge_overlay(found, NOTHING, {"blue": 12}, find_cause(Known(faults, wrong_paths, ADDRESSES, True, 4789)))
    assert sorted(told(area)) == sorted(expected)
    wrong = {ends for ends, kinds in lost.items() if kinds - ({UNICAST} if ends[1] != "b" else set())}
    assert (area["tried"], area["failed"]) == (12, len(wrong))
    assert area["networks"] == [{"network": "blue", "tried": 12, "of": 12, "failed": len(wrong)}]
    assert {(origin, listener) for origin, row in area["pairs"].items() for listener, result in row.items() if result == "failed"} == wrong
    assert judge_isolation(found, planned, planned)["ok"]


@given(st.dictionaries(st.tuples(st.sampled_from(HOSTS), st.sampled_from(HOSTS)), st.sets(st.sampled_from(BROADCASTS))))
def test_whatever_is_not_heard_is_told(lost: dict[tuple[str, str], set[str]]) -> None:
    planned = probes()
    found = compare_frames(planned, NOTHING, hearing(planned, lost))
    area = judge_overlay(found, {}, {"blue": 12}, find_cause(Known({}, [], ADDRESSES, True, 4789)))
    wrong = {ends for ends, kinds in lost.items() if kinds and ends[0] != ends[1]}
    assert (area["failed"], area["ok"]) == (len(wrong), not wrong)
    named = {(finding["other"], finding["host"]) for finding in area["findings"]} | {(finding["host"], "") for finding in area["findings"]}
    assert all((origin, listener) in named or (origin, "") in named or (listener, "") in named for origin, listener in wrong)
    assert all(cause for _sentence, cause in told(area))


def test_where_nothing_floods_only_frames_to_machines_are_expected() -> None:
    planned = probes(("a", "b"), floods=False, machines=("b",))
    planned["a"]["bridges"][0]["expected"] = []
    heard = hearing(planned, {("a", "b"): set(BROADCASTS)})
    found = compare_frames(planned, NOTHING, heard)
    assert judge_overlay(found, {}, {"blue": 1}, find_cause(Known({}, [], {}, True, 4789)))["ok"]
    found = compare_frames(planned, NOTHING, hearing(planned, {("a", "b"): {UNICAST, SMALL}}))
    assert told(judge_overlay(found, {}, {"blue": 1}, find_cause(Known({}, [], {}, True, 4789)))) == [("blue: frames of a do not arrive at b", DROPS)]


def test_who_could_not_send_is_told_once_and_who_was_not_asked_is_not_missed() -> None:
    planned = probes()
    heard = hearing(planned, {**FROM_B, **{("a", host): NO_FRAMES for host in "bcd"}})
    sent: dict[str, Value] = {host: {} for host in "cd"}
    sent["b"] = {"sent": [{"network": "blue", "bridge": "br1", "detail": "br1: No such device"}, {"network": "red", "bridge": "br2", "detail": ""}]}
    area = judge_overlay(compare_frames(planned, sent, heard), sent, {"blue": 12}, find_cause(Known({}, [], {}, True, 4789)))
    assert told(area) == [("b: blue: cannot send all: br1: No such device", "")]
    assert (area["tried"], area["failed"]) == (9, 3)


def test_frames_of_another_network_are_a_breach() -> None:
    planned = probes(("a", "b"))
    heard = hearing(planned, {})
    heard["b"]["heard"].append({"network": "blue", "origin_network": "red", "origin_host": "c", **dict.fromkeys(KINDS, 6)})
    found = compare_frames(planned, NOTHING, heard)
    area = judge_isolation(found, planned, heard)
    assert (area["tried"], area["failed"]) == (2, 1)
    ((sentence, cause),) = told(area)
    assert sentence == "b: blue: hears frames of red from c"
    assert "in the bridge of blue" in cause


def test_areas_of_batches_are_added() -> None:
    one, two = (judge_underlay({host: paths({("a", "b"): ("no_answer", None)})[host]}, 12) for host in "ac")
    merged = merge_areas(one, two)
    assert (merged["tried"], merged["failed"], merged["of"], merged["ok"]) == (6, 1, 12, False)
    assert list(merged["pairs"]) == ["a", "c"]
    assert merge_areas(None, two) == two
    # In the other order the same is found.
    assert merge_areas(two, one)["findings"] == merged["findings"]
    nothing = judge_underlay({}, 12)
    assert (merge_areas(nothing, two)["tested"], merge_areas(nothing, nothing)["reason"]) == (True, "there is no pair of VTEPs to be tried")
