# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is tried, and how it is judged. Pure.

Judged at the receiver: a ping that somebody else answered is no pass, a frame that nobody answered is no proof of isolation.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key, parse_address, parse_interface_mac, parse_prefix

PASSED = "pass"
FAIL = "fail"
BLOCKED = "blocked"
BREACH = "breach"
UNREACHABLE = "unreachable"
NOT_TESTED = "not_tested"
MOST_ENDPOINTS = 0xFFFF  # what the marker can number


@dataclass(frozen=True)
class Endpoint:
    """addresses: ADDRESS/LENGTH, sorted. mac: None when it is to be read from the device. host: empty where it is not known.
    flooding: whether others hear its broadcasts. gateways: its first hops, without length. routed: networks that they lead to and that reach it.
    unjudged: networks of which it is not known whether they do."""

    name: str
    network: str
    netns: str
    device: str
    mac: str | None
    addresses: tuple[str, ...]
    host: str = ""
    flooding: bool = True
    gateways: tuple[str, ...] = ()
    gateway_mac: str | None = None
    routed: frozenset[str] = frozenset()
    unjudged: frozenset[str] = frozenset()

    def is_routed(self, family: int) -> bool:
        return any((":" in address) == (family == 6) for address in self.gateways)

    def ip_of(self, family: int) -> str | None:
        """The first address of a family (4, 6)."""
        found = [address.partition("/")[0] for address in self.addresses if (":" in address) == (family == 6)]
        return found[0] if found else None


class Pair(NamedTuple):
    """Positions in the list of endpoints."""

    source: int
    target: int


class Pairs(NamedTuple):
    """same: of one network. routed: of two that gateways join. apart: of two that nothing joins."""

    same: list[Pair]
    routed: list[Pair]
    apart: list[Pair]


class Attempt(NamedTuple):
    """A ping of an address, or (address None) a frame to the MAC address of the target."""

    pair: Pair
    address: str | None


@dataclass(frozen=True)
class Observations:
    """What a run saw.

    answered: whether ping(8) got an answer, by attempt.
    arrived: how many marked frames of a source an endpoint received that were meant for a target: (source, target, receiver).
    A broadcast is meant for its source.
    missing: why an endpoint cannot be reached.
    """

    answered: Mapping[Attempt, bool]
    arrived: Mapping[tuple[int, int, int], int]
    missing: Mapping[int, str]


def parse_endpoints(raw: Sequence[Mapping[str, Any]]) -> tuple[Endpoint, ...]:
    """Sorted by network and name, so that the matrix does not depend on the order of the argument."""
    mistakes: list[str] = []
    found = []
    for index, entry in enumerate(raw):
        try:
            found.append(_endpoint(entry, f"endpoints[{index}]"))
        except ArgumentError as error:
            mistakes.append(error.message)
    names: set[tuple[str, str]] = set()
    for endpoint in found:
        if (endpoint.network, endpoint.name) in names:
            mistakes.append(f"endpoints: {endpoint.name} of network {endpoint.network} is there twice")
        names.add((endpoint.network, endpoint.name))
    if len(found) > MOST_ENDPOINTS:
        mistakes.append(f"endpoints: {len(found)} are more than {MOST_ENDPOINTS}")
    if mistakes:
        raise ArgumentListError(mistakes)
    return tuple(sorted(found, key=lambda endpoint: (natural_key(endpoint.network), natural_key(endpoint.name))))


def _endpoint(entry: Mapping[str, Any], path: str) -> Endpoint:
    mac = entry.get("mac")
    prefixes = [parse_prefix(str(item), f"{path}.addresses[{place}]") for place, item in enumerate(entry.get("addresses") or [])]
    return Endpoint(
        name=entry["name"],
        network=entry["network"],
        netns=entry["netns"],
        device=entry.get("device") or "eth0",
        mac=None if mac is None else parse_interface_mac(str(mac), f"{path}.mac"),
        addresses=tuple(sorted(prefixes, key=lambda prefix: (":" in prefix, ipaddress.ip_interface(prefix)))),
        host=entry.get("host") or "",
        flooding=entry.get("flooding", True),
        gateways=tuple(parse_address(str(item), f"{path}.gateways[{place}]") for place, item in enumerate(entry.get("gateways") or [])),
        gateway_mac=None if entry.get("gateway_mac") is None else parse_interface_mac(str(entry["gateway_mac"]), f"{path}.gateway_mac"),
        routed=frozenset(entry.get("routed") or ()),
        unjudged=frozenset(entry.get("unjudged") or ()),
    )


def plan_pairs(endpoints: Sequence[Endpoint]) -> Pairs:
    """Every ordered pair, but for those of which it is not known whether they should reach each other."""
    found = Pairs([], [], [])
    for place, source in enumerate(endpoints):
        for other, target in enumerate(endpoints):
            if place != other:
                listed = _sort_of(Pair(place, other), source, target, endpoints, found)
                if listed is not None:
                    listed.append(Pair(place, other))
    return found


def _sort_of(pair: Pair, source: Endpoint, target: Endpoint, endpoints: Sequence[Endpoint], pairs: Pairs) -> list[Pair] | None:
    """The list that a pair belongs into. Routed are addresses: two without a common family are apart whatever joins their networks."""
    if source.network == target.network:
        return pairs.same
    if not _is_joined(source, target) or attempts_of(pair, endpoints)[0].address is None:
        return pairs.apart
    return pairs.routed if target.network in source.routed and source.network in target.routed else None


def _is_joined(source: Endpoint, target: Endpoint) -> bool:
    """Something may lead from one to the other, or back."""
    return target.network in source.routed | source.unjudged or source.network in target.routed | target.unjudged


def attempts_of(pair: Pair, endpoints: Sequence[Endpoint]) -> list[Attempt]:
    """A ping of every address of the target whose family the source has too, and between networks both have a gateway of; else a frame."""
    source, target = endpoints[pair.source], endpoints[pair.target]
    addresses = [prefix.partition("/")[0] for prefix in target.addresses]
    usable = [address for address in addresses if source.ip_of(6 if ":" in address else 4) is not None]
    if source.network != target.network:
        usable = [address for address in usable if source.is_routed(6 if ":" in address else 4) and target.is_routed(6 if ":" in address else 4)]
    return [Attempt(pair, address) for address in usable] or [Attempt(pair, None)]


def judge(endpoints: Sequence[Endpoint], seen: Observations | None) -> list[dict[str, Any]]:
    """The matrix: one row per ordered pair. seen: None when nothing was tried."""
    same, routed, apart = plan_pairs(endpoints)
    rows = [_row(pair, endpoints, PASSED, _judge_same(pair, endpoints, seen)) for pair in same]
    rows += [_row(pair, endpoints, PASSED, _judge_routed(pair, endpoints, seen)) for pair in routed]
    rows += [_row(pair, endpoints, BLOCKED, _judge_apart(pair, endpoints, seen)) for pair in apart]
    return rows


def _row(pair: Pair, endpoints: Sequence[Endpoint], expected: str, verdict: tuple[str, str]) -> dict[str, Any]:
    source, target = endpoints[pair.source], endpoints[pair.target]
    result, detail = verdict
    return {
        "source": source.name,
        "source_network": source.network,
        "target": target.name,
        "target_network": target.network,
        "expected": expected,
        "result": result,
        "ok": result == expected,
        "detail": detail,
    }


def _unseen(pair: Pair, endpoints: Sequence[Endpoint], seen: Observations | None) -> tuple[str, str] | None:
    if seen is None:
        return NOT_TESTED, "check mode: nothing was sent"
    for place in pair:
        if place in seen.missing:
            return UNREACHABLE, f"{endpoints[place].name} is unreachable from this machine: {seen.missing[place]}"
    return None


def _judge_same(pair: Pair, endpoints: Sequence[Endpoint], seen: Observations | None) -> tuple[str, str]:
    unseen = _unseen(pair, endpoints, seen)
    if unseen or seen is None:
        return unseen or (NOT_TESTED, "")
    flooded = seen.arrived.get((pair.source, pair.source, pair.target), 0) > 0
    result, detail = _judge_unicast(pair, endpoints, seen)
    source, target = endpoints[pair.source], endpoints[pair.target]
    wrong = ""
    if source.flooding and not flooded:
        wrong = f"a broadcast of {source.name} did not arrive"
    elif flooded and not source.flooding and "" not in (source.host, target.host) and source.host != target.host:
        wrong = f"a broadcast of {source.name} arrived, and nothing of network {source.network} should flood"
    return (FAIL, "; ".join(filter(None, (detail, wrong)))) if wrong else (result, detail)


def _judge_routed(pair: Pair, endpoints: Sequence[Endpoint], seen: Observations | None) -> tuple[str, str]:
    unseen = _unseen(pair, endpoints, seen)
    if unseen or seen is None:
        return unseen or (NOT_TESTED, "")
    return _judge_unicast(pair, endpoints, seen)


def _judge_unicast(pair: Pair, endpoints: Sequence[Endpoint], seen: Observations) -> tuple[str, str]:
    arrived = seen.arrived.get((pair.source, pair.target, pair.target), 0) > 0
    attempts = attempts_of(pair, endpoints)
    if attempts[0].address is None:
        return (PASSED, "") if arrived else (FAIL, f"a frame to {endpoints[pair.target].mac} did not arrive")
    silent = [str(attempt.address) for attempt in attempts if not seen.answered.get(attempt)]
    if silent:
        return FAIL, f"no answer from {', '.join(silent)}" + (", although the target received a request" if arrived else "")
    if not arrived:
        others = _receivers(pair, endpoints, seen)
        return FAIL, f"answered, but not by {endpoints[pair.target].name}: the request was {others}"
    return PASSED, ""


def _receivers(pair: Pair, endpoints: Sequence[Endpoint], seen: Observations) -> str:
    found = [place for (source, target, place) in seen.arrived if (source, target) == pair]
    names = ", ".join(endpoints[place].name for place in sorted(found))
    return f"received by {names}" if names else "received by no endpoint that is known here"


def _judge_apart(pair: Pair, endpoints: Sequence[Endpoint], seen: Observations | None) -> tuple[str, str]:
    """Whatever the source sent, to whomever: nothing of it may arrive at an endpoint of another network."""
    unseen = _unseen(pair, endpoints, seen)
    if unseen or seen is None:
        return unseen or (NOT_TESTED, "")
    count = sum(number for (source, _target, place), number in seen.arrived.items() if (source, place) == pair)
    if count:
        source, target = endpoints[pair.source], endpoints[pair.target]
        return BREACH, f"{target.name} of network {target.network} received frames of {source.name} of network {source.network}"
    return BLOCKED, ""


def summarise(matrix: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts, by network and in all."""
    passing = [row for row in matrix if row["expected"] == PASSED]
    same = [row for row in passing if row["source_network"] == row["target_network"]]
    routed = [row for row in passing if row["source_network"] != row["target_network"]]
    apart = [row for row in matrix if row["expected"] == BLOCKED]
    names = sorted({str(row["source_network"]) for row in matrix}, key=natural_key)
    return {
        "networks": [_count(name, [row for row in same if row["source_network"] == name]) for name in names],
        "routed": {"pairs": len(routed), "passed": sum(1 for row in routed if row["ok"])},
        "isolation": {"pairs": len(apart), "blocked": sum(1 for row in apart if row["ok"])},
        "passed": sum(1 for row in matrix if row["ok"]),
        "failed": sum(1 for row in matrix if row["result"] in (FAIL, BREACH)),
        "untested": sum(1 for row in matrix if row["result"] in (UNREACHABLE, NOT_TESTED)),
    }


def _count(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"network": name, "pairs": len(rows), "passed": sum(1 for row in rows if row["ok"])}


def sentence(counts: Mapping[str, Any]) -> str:
    """One line for people."""
    parts = [f"{item['network']}: {item['passed']} of {item['pairs']} pairs pass" for item in counts["networks"]]
    routed = counts["routed"]
    if routed["pairs"]:
        parts.append(f"routed: {routed['passed']} of {routed['pairs']} pairs pass")
    isolation = counts["isolation"]
    parts.append(f"isolation: {isolation['blocked']} of {isolation['pairs']} blocked")
    if counts["untested"]:
        parts.append(f"{counts['untested']} not tested")
    return "; ".join(parts)
