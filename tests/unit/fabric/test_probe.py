# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe without a kernel: frames as bytes, and how observations are judged."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._probe import frames
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.matrix import (
    Attempt,
    Observations,
    Pair,
    attempts_of,
    judge,
    parse_endpoints,
    plan_pairs,
    sentence,
    summarise,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.tags import tag_of, with_tag

RUN = b"abcd"
MARKER = frames.Marker(RUN, 3, 65535, frames.INTRUSION)
MAC_A, MAC_B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
ENDPOINTS = parse_endpoints(
    [
        {"name": "red1", "network": "red", "netns": "n3", "addresses": ["10.0.0.1/24"]},
        {"name": "blue2", "network": "blue", "netns": "n2", "addresses": ["2001:db8::2/64", "10.0.0.2/24"]},
        {"name": "blue1", "network": "blue", "netns": "n1", "addresses": ["10.0.0.1/24"]},
    ]
)
BLUE1, BLUE2, RED1 = range(3)


def test_a_marker_is_a_pattern_of_ping() -> None:
    assert len(MARKER.encode()) == 16


@pytest.mark.parametrize(
    "frame",
    [
        frames.build_probe(MAC_B, MAC_A, MARKER.encode()),
        frames.build_arp_request(MAC_A, "10.0.0.1", "10.0.0.2", MARKER.encode()),
        frames.build_echo(MAC_B, MAC_A, "10.0.0.1", "10.0.0.2", MARKER.encode()),
        frames.build_echo(MAC_B, MAC_A, "2001:db8::1", "2001:db8::2", MARKER.encode()),
    ],
)
def test_the_marker_is_found_again_in_its_own_run_only(frame: bytes) -> None:
    assert len(frame) >= 60
    assert frames.find_marker(frame, RUN) == MARKER
    assert frames.find_marker(frame, b"wxyz") is None
    assert frames.find_marker(frame[: frame.index(frames.MAGIC) + 15], RUN) is None


def test_an_answer_is_no_sighting() -> None:
    request = frames.build_echo(MAC_B, MAC_A, "10.0.0.1", "10.0.0.2", MARKER.encode())
    assert frames.find_marker(request[:34] + b"\0" + request[35:], RUN) is None
    request = frames.build_echo(MAC_B, MAC_A, "2001:db8::1", "2001:db8::2", MARKER.encode())
    assert frames.find_marker(request[:54] + b"\x81" + request[55:], RUN) is None


@given(st.binary(max_size=200))
def test_any_frame_can_be_looked_at(frame: bytes) -> None:
    frames.find_marker(frame, RUN)
    frames.find_marker(frame + MARKER.encode(), RUN)


def test_checksums_are_right() -> None:
    frame = frames.build_echo(MAC_B, MAC_A, "10.0.0.1", "10.0.0.2", MARKER.encode())
    assert frames.checksum(frame[14:34]) == 0
    (length,) = struct.unpack_from("!H", frame, 16)
    assert frames.checksum(frame[34 : 14 + length]) == 0
    frame = frames.build_echo(MAC_B, MAC_A, "2001:db8::1", "2001:db8::2", MARKER.encode())
    (length,) = struct.unpack_from("!H", frame, 18)
    pseudo = frame[22:54] + struct.pack("!I3xB", length, 58)
    assert frames.checksum(pseudo + frame[54 : 54 + length]) == 0


def test_endpoints_are_sorted_and_checked() -> None:
    assert [endpoint.name for endpoint in ENDPOINTS] == ["blue1", "blue2", "red1"]
    assert ENDPOINTS[BLUE2].addresses == ("10.0.0.2/24", "2001:db8::2/64")
    with pytest.raises(ArgumentError, match=r"endpoints\[0\].mac: .*; endpoints\[1\].addresses\[0\]"):
        parse_endpoints([{"name": "a", "network": "n", "netns": "x", "mac": "?"}, {"name": "b", "network": "n", "netns": "x", "addresses": ["1.2.3"]}])
    with pytest.raises(ArgumentError, match="a of network n is there twice"):
        parse_endpoints([{"name": "a", "network": "n", "netns": "x"}] * 2)


def test_pairs() -> None:
    same, routed, apart = plan_pairs(ENDPOINTS)
    assert routed == []
    assert same == [(BLUE1, BLUE2), (BLUE2, BLUE1)]
    assert set(apart) == {(BLUE1, RED1), (RED1, BLUE1), (BLUE2, RED1), (RED1, BLUE2)}


def test_an_address_of_a_family_that_the_source_lacks_is_not_tried() -> None:
    pair = Pair(BLUE1, BLUE2)
    assert attempts_of(pair, ENDPOINTS) == [Attempt(pair, "10.0.0.2")]
    bare = parse_endpoints([{"name": name, "network": "n", "netns": "x"} for name in "ab"])
    assert attempts_of(Pair(0, 1), bare) == [Attempt(Pair(0, 1), None)]


ALL_ANSWERED = {Attempt(Pair(BLUE1, BLUE2), "10.0.0.2"): True, Attempt(Pair(BLUE2, BLUE1), "10.0.0.1"): True}
FLOODED = {(BLUE1, BLUE1, BLUE2): 1, (BLUE2, BLUE2, BLUE1): 1}
ALL_ARRIVED = {(BLUE1, BLUE2, BLUE2): 1, (BLUE2, BLUE1, BLUE1): 1, **FLOODED}


def _results(seen: Observations | None) -> dict[tuple[str, str], tuple[str, str]]:
    return {(row["source"], row["target"]): (row["result"], row["detail"]) for row in judge(ENDPOINTS, seen)}


def test_all_is_well() -> None:
    matrix = judge(ENDPOINTS, Observations(ALL_ANSWERED, ALL_ARRIVED, {}))
    assert all(row["ok"] for row in matrix)
    counts = summarise(matrix)
    assert counts["passed"] == 6
    assert sentence(counts) == "blue: 2 of 2 pairs pass; red: 0 of 0 pairs pass; isolation: 4 of 4 blocked"


def test_silence_is_no_pass() -> None:
    seen = Observations({**ALL_ANSWERED, Attempt(Pair(BLUE1, BLUE2), "10.0.0.2"): False}, ALL_ARRIVED, {})
    assert _results(seen)["blue1", "blue2"] == ("fail", "no answer from 10.0.0.2, although the target received a request")


def test_an_answer_of_somebody_else_is_no_pass() -> None:
    """Two tenants have the same address: the ping is answered, and the wrong one has received it."""
    results = _results(Observations(ALL_ANSWERED, {(BLUE2, BLUE1, RED1): 1, (BLUE1, BLUE2, BLUE2): 1, **FLOODED}, {}))
    assert results["blue2", "blue1"] == ("fail", "answered, but not by blue1: the request was received by red1")
    assert results["blue2", "red1"][0] == "breach"


def test_a_lost_broadcast_is_no_pass() -> None:
    arrived = {**ALL_ARRIVED, (BLUE1, BLUE1, BLUE2): 0}
    assert _results(Observations(ALL_ANSWERED, arrived, {}))["blue1", "blue2"] == ("fail", "a broadcast of blue1 did not arrive")


def test_a_frame_that_arrived_is_a_breach_whomever_it_was_for() -> None:
    results = _results(Observations(ALL_ANSWERED, {**ALL_ARRIVED, (RED1, BLUE1, BLUE2): 1}, {}))
    assert results["red1", "blue2"] == ("breach", "blue2 of network blue received frames of red1 of network red")
    assert results["red1", "blue1"] == ("blocked", "")


def test_an_endpoint_that_is_elsewhere_is_not_passed_over() -> None:
    matrix = judge(ENDPOINTS, Observations({}, {}, {RED1: "there is no network namespace n3"}))
    rows = [row for row in matrix if "red1" in (row["source"], row["target"])]
    assert {row["result"] for row in rows} == {"unreachable"}
    assert summarise(matrix)["untested"] == 4


def test_check_mode_tests_nothing() -> None:
    assert {result for result, _detail in _results(None).values()} == {"not_tested"}


def test_where_nothing_floods_a_broadcast_is_not_waited_for_and_must_not_come_from_another_host() -> None:
    def arrived(hosts: tuple[str, str], *flooded: tuple[int, int, int]) -> list[str]:
        raw = [
            {"name": f"v{place}", "network": "vault", "netns": f"n{place}", "addresses": [f"10.0.0.{place + 1}/24"], "host": host, "flooding": False}
            for place, host in enumerate(hosts)
        ]
        endpoints = parse_endpoints(raw)
        answered = {attempt: True for pair in plan_pairs(endpoints)[0] for attempt in attempts_of(pair, endpoints)}
        seen = Observations(answered, {(0, 1, 1): 1, (1, 0, 0): 1, **dict.fromkeys(flooded, 1)}, {})
        return [f"{row['result']}: {row['detail']}" for row in judge(endpoints, seen)]

    assert arrived(("hv1", "hv2")) == ["pass: ", "pass: "]
    assert arrived(("hv1", "hv1"), (0, 0, 1)) == ["pass: ", "pass: "]
    assert arrived(("hv1", "hv2"), (0, 0, 1)) == ["fail: a broadcast of v0 arrived, and nothing of network vault should flood", "pass: "]


def _tenants(**changes: object) -> list[dict[str, object]]:
    """web and app are joined, desk is not; web1 may be changed."""
    gateway = {"gateways": ["10.0.0.254"], "gateway_mac": "02:00:5e:00:01:01"}
    return [
        {"name": "app1", "network": "app", "netns": "n1", "addresses": ["10.0.1.1/24"], "routed": ["web"], **gateway},
        {"name": "desk1", "network": "desk", "netns": "n2", "addresses": ["10.0.2.1/24"], **gateway},
        {"name": "web1", "network": "web", "netns": "n3", "addresses": ["10.0.0.1/24"], "routed": ["app"], **gateway, **changes},
    ]


def _pairs(**changes: object) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    found = plan_pairs(parse_endpoints(_tenants(**changes)))
    return {(pair.source, pair.target) for pair in found.routed}, {(pair.source, pair.target) for pair in found.apart}


APP, DESK, WEB = range(3)
_ALONE = {(APP, DESK), (DESK, APP), (DESK, WEB), (WEB, DESK)}


def test_pairs_that_gateways_join_are_routed() -> None:
    assert _pairs() == ({(APP, WEB), (WEB, APP)}, _ALONE)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"addresses": ["2001:db8::1/64"]}, "apart"),
        ({"gateways": ["2001:db8::fe"]}, "apart"),
        ({"routed": [], "unjudged": ["app"]}, "left out"),
        ({"routed": []}, "left out"),
    ],
    ids=["no common family", "no gateway of the family", "not known", "one way only"],
)
def test_pairs_that_are_not_routed(changes: dict[str, object], told: str) -> None:
    both = {(APP, WEB), (WEB, APP)}
    assert _pairs(**changes) == (set(), _ALONE | both if told == "apart" else _ALONE)


def test_a_routed_pair_passes_when_the_target_was_asked_and_answers() -> None:
    endpoints = parse_endpoints(_tenants())

    def result(answers: bool, arrives: bool) -> dict[tuple[str, str], str]:
        answered = {attempt: answers for pair in plan_pairs(endpoints).routed for attempt in attempts_of(pair, endpoints)}
        arrived = {(APP, WEB, WEB): 1, (WEB, APP, APP): 1} if arrives else {}
        matrix = judge(endpoints, Observations(answered, arrived, {}))
        told = summarise(matrix)
        assert told["routed"] == {"pairs": 2, "passed": 2 if answers and arrives else 0}
        assert ("routed: 2 of 2 pairs pass" in sentence(told)) == (answers and arrives)
        return {(row["source"], row["target"]): row["result"] for row in matrix}

    assert result(True, True)["web1", "app1"] == "pass"
    assert result(True, False)["web1", "app1"] == "fail"
    assert result(False, True)["web1", "app1"] == "fail"
    assert result(False, False)["web1", "desk1"] == "blocked"


def test_what_a_gateway_lets_through_is_a_breach() -> None:
    matrix = judge(parse_endpoints(_tenants()), Observations({}, {(WEB, DESK, DESK): 1}, {}))
    assert [row["detail"] for row in matrix if row["result"] == "breach"] == ["desk1 of network desk received frames of web1 of network web"]


def test_a_tag_is_told_apart() -> None:
    def extra(status: int, tag: int) -> list[tuple[int, int, bytes]]:
        return [(263, 8, struct.pack("=IIIHHHH", status, 60, 60, 0, 14, tag, 0x8100))]

    assert tag_of(extra(1 << 4, 0x2000 | 100)) == 100, "three bits of it are a priority"
    assert tag_of(extra(1 << 4, 0)) == 0
    assert tag_of(extra(1, 100)) == 0
    assert tag_of([]) == 0
    frame = frames.build_probe(MAC_B, MAC_A, MARKER.encode())
    assert with_tag(frame, 100) == frame[:12] + bytes.fromhex("81000064") + frame[12:]
    assert with_tag(frame, 0) == frame
