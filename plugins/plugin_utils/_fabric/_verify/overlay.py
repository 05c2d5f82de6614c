# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the marked frames come to: who hears whom, what of another network is heard, and why something is not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple, Optional

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.marks import ARP, BROADCASTS, FULL, ICMP, ICMPV6, SMALL, UNICAST
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import Area, Finding, Result, area, finding
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.compare import FLOOD, LINK, MACHINE, Fault
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.judging import OK, tell_path
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.probes import few

Kinds = frozenset[str]

_LARGE = frozenset((FULL, ICMP, ICMPV6, UNICAST))
_WORDS = {
    SMALL: "small frames",
    FULL: "full frames",
    ARP: "ARP requests",
    ICMP: "ICMP echo requests over IPv4",
    ICMPV6: "ICMP echo requests over IPv6",
    UNICAST: "frames to known machines",
}
FAILED = "failed"
_MOST_CAUSES, _MANY_NETWORKS = 3, 3
_UNDERLAY = "underlay: "
_COUNTS = re.compile(r"(\d+ of )?the \d+ others")


class Direction(NamedTuple):
    """Of frames."""

    network: str
    origin: str
    listener: str


class Sighting(NamedTuple):
    """Kinds of frames that had to arrive, and those of them that did not."""

    wanted: Kinds
    missing: Kinds

    @property
    def is_none(self) -> bool:
        return self.missing == self.wanted or SMALL in self.missing

    @property
    def words(self) -> str:
        """What does not arrive."""
        if self.is_none:
            return "frames"
        if self.missing >= {FULL, ICMP, ICMPV6} and self.missing <= _LARGE:
            return "full frames"
        return ", ".join(words for kind, words in _WORDS.items() if kind in self.missing)


Cause = Callable[[Direction, Optional[Sighting]], str]


class Heard(NamedTuple):
    """sightings: of each direction that was tried. breaches: network of the bridge, network and host of the frame, and host of the bridge."""

    sightings: dict[Direction, Sighting]
    breaches: list[tuple[str, str, str, str]]

    @property
    def failed(self) -> dict[Direction, Sighting]:
        return {direction: sighting for direction, sighting in self.sightings.items() if sighting.missing}


def compare_frames(probes: Mapping[str, Mapping[str, Any]], sent: Mapping[str, Result], heard: Mapping[str, Result]) -> Heard:
    """By host: what it had to do, what became of its frames, and what it has heard. A host that could not send is not missed here."""
    sightings: dict[Direction, Sighting] = {}
    breaches = []
    for listener, result in heard.items():
        counts = {(entry["network"], entry["origin_network"], entry["origin_host"]): entry for entry in result.get("heard", ())}
        for bridge in probes[listener]["bridges"]:
            wanted = frozenset((*(BROADCASTS if bridge["floods"] else ()), *((UNICAST,) if bridge["hears_unicast"] else ())))
            for origin in bridge["expected"]:
                if origin in sent:
                    entry = counts.get((bridge["network"], bridge["network"], origin), {})
                    missing = frozenset(kind for kind in wanted if not entry.get(kind))
                    sightings[Direction(bridge["network"], origin, listener)] = Sighting(wanted, missing)
        breaches += [(network, of, origin, listener) for network, of, origin in sorted(counts) if network != of]
    return Heard(sightings, breaches)


def judge_overlay(found: Heard, sent: Mapping[str, Result], every: Mapping[str, int], cause: Cause) -> Area:
    """every: by network, how many directions there are."""
    unsent = {(entry["network"], host): entry["detail"] for host, result in sent.items() for entry in result.get("sent", ()) if entry["detail"]}
    findings = [
        finding(network, host, "", f"{host}: {network}: cannot send all: {detail}", cause(Direction(network, host, host), None))
        for (network, host), detail in unsent.items()
    ]
    findings += _merge(_tell(found, {direction for direction in found.failed if (direction.network, direction.origin) in unsent}, cause))
    tried, wrong = (Counter(direction.network for direction in directions) for directions in (found.sightings, found.failed))
    networks = [{"network": network, "tried": tried[network], "of": count, "failed": wrong[network]} for network, count in every.items()]
    reason = "no frame is expected between two of these hosts"
    judged = area(findings, len(found.sightings), len(found.failed), sum(every.values()), reason)
    return {**judged, "networks": networks, "pairs": _pairs(found.sightings)}


def _pairs(sightings: Mapping[Direction, Sighting]) -> dict[str, dict[str, str]]:
    """By origin and listener: FAILED if it is in any network."""
    pairs: dict[str, dict[str, str]] = {}
    for direction, sighting in sightings.items():
        row = pairs.setdefault(direction.origin, {})
        row[direction.listener] = FAILED if sighting.missing else row.get(direction.listener, OK)
    return pairs


# Of a host that no frame gets to, and of one that no frame gets from: for all of its peers, and for some of them with one cause.
_WORDS_FOR = {
    "listener": ("{0}: {1}: {2} of none of the {4} others arrive", "{0}: {1}: {2} of {3} of the {4} others do not arrive"),
    "origin": ("{0}: {1}: its {2} arrive at none of the {4} others", "{0}: {1}: its {2} do not arrive at {3} of the {4} others"),
}


def _tell(found: Heard, told: Collection[Direction], cause: Cause) -> list[Finding]:
    """A host that hears nobody, or that nobody hears, is a finding for each cause and not as many as it has peers. told: what was said already."""
    rest = {direction: (sighting, cause(direction, sighting)) for direction, sighting in found.failed.items() if direction not in told}
    findings = []
    for end, words in _WORDS_FOR.items():
        tried, failed = (Counter((direction.network, getattr(direction, end)) for direction in listed) for listed in (found.sightings, found.failed))
        groups: dict[tuple[str, str, Sighting, str], list[Direction]] = {}
        for direction, (sighting, why) in rest.items():
            groups.setdefault((direction.network, getattr(direction, end), sighting, _sort(why)), []).append(direction)
        for (network, host, sighting, _why), directions in groups.items():
            peers = tried[network, host]
            if len(directions) > 1 and failed[network, host] == peers:
                sentence = words[len(directions) < peers].format(host, network, sighting.words, len(directions), peers)
                findings.append(finding(network, host, "", sentence, rest[directions[0]][1]))
                for direction in directions:
                    del rest[direction]
    for direction, (sighting, why) in rest.items():
        sentence = f"{direction.network}: {sighting.words} of {direction.origin} do not arrive at {direction.listener}"
        findings.append(finding(direction.network, direction.listener, direction.origin, sentence, why))
    return findings


def _sort(cause: str) -> str:
    """What is told alike: of paths, the peer does not matter."""
    return cause.partition(_UNDERLAY)[1] or cause


def _merge(findings: Iterable[Finding]) -> list[Finding]:
    """What is the same in many networks of a host is one finding."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for each in findings:
        general = _COUNTS.sub("the others", each["sentence"].replace(f"{each['network']}: ", "", 1))
        groups.setdefault((each["host"], each["other"], general, each["cause"]), []).append(each)
    merged: list[Finding] = []
    for (host, other, general, cause), group in groups.items():
        if len(group) < _MANY_NETWORKS:
            merged += group
        else:
            names = ", ".join(few([each["network"] for each in group]))
            merged.append(finding(names, host, other, f"{general}, in {names}", cause))
    return merged


def judge_isolation(found: Heard, probes: Mapping[str, Mapping[str, Any]], heard: Iterable[str]) -> Area:
    """What of another network is heard, on each bridge that was listened on."""
    bridges = [(bridge["network"], host) for host in heard for bridge in probes[host]["bridges"]]
    findings = []
    for network, of, origin, listener in found.breaches:
        sentence = f"{listener}: {network}: hears frames of {of} from {origin}"
        cause = f"a port or an interface of {of} is in the bridge of {network}, or a bridge of both, on {listener} or {origin}"
        findings.append(finding(network, listener, origin, sentence, cause))
    hit = {(network, listener) for network, _of, _origin, listener in found.breaches}
    return area(findings, len(bridges), len(hit), reason="nobody listened")


class Known(NamedTuple):
    """What the other findings tell. faults: by host, what of its state differs; paths: of the underlay, those that fail; addresses: hosts by VTEP
    address; is_underlay_tested; port: of UDP."""

    faults: Mapping[str, Collection[Fault]]
    paths: Collection[Mapping[str, Any]]
    addresses: Mapping[str, str]
    is_underlay_tested: bool
    port: int


def find_cause(known: Known) -> Cause:
    """Why frames do not get from one host to another."""
    paths: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for path in known.paths:
        paths.setdefault((path["source_host"], path["host"]), []).append(path)

    def cause(direction: Direction, sighting: Sighting | None) -> str:
        wrong = [path for ends in ((direction.origin, direction.listener), (direction.listener, direction.origin)) for path in paths.get(ends, ())]
        path = next((path for path in wrong if direction.network in path["networks"]), None)
        told = f"{_UNDERLAY}{path['source_host']} -> {path['host']}: {tell_path(path)}" if path else ""
        if told and sighting is not None and not sighting.is_none:
            return told
        ends = dict.fromkeys((direction.origin, direction.listener))
        faults = [(name, fault) for name in ends for fault in known.faults.get(name, ()) if _matters(name, fault, direction, sighting, known)]
        if faults:
            return "; ".join(f"{name}: {fault.text}" for name, fault in faults[:_MOST_CAUSES])
        return told or _guess(sighting, known)

    return cause


def _matters(host: str, fault: Fault, direction: Direction, sighting: Sighting | None, known: Known) -> bool:
    """Whether a fault of this host can be why frames of this kind do not get there."""
    if fault.network not in ("", direction.network):  # empty: of what all networks of the host share
        return False
    if fault.kind == FLOOD:
        return host == direction.origin and (known.addresses.get(fault.about) == direction.listener or fault.about not in ("", *known.addresses))
    if fault.kind == MACHINE:
        return sighting is not None and UNICAST in sighting.missing and host == direction.origin
    return fault.kind == LINK


def _guess(sighting: Sighting | None, known: Known) -> str:
    if sighting is None:
        return ""
    if not sighting.is_none and sighting.missing <= _LARGE:
        return "something on the way drops what is large: an MTU, or fragments"
    if not sighting.is_none:
        return "something filters bridged frames by protocol: rules of nftables for bridges, or br_netfilter"
    if known.is_underlay_tested:
        return f"the VTEPs reach each other and the tables are right: something drops UDP port {known.port}, such as a firewall"
    return ""
