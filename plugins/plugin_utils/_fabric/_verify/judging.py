# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the probes and the tables of the hosts come to, area by area."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import Area, Finding, Result, area, finding
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of

OK = "ok"
_RESULTS = {
    "no_answer": "does not answer at {address}",
    "no_route": "there is no route to {address}",
    "no_source": "the VTEP address {source} is not on this host",
    "too_small": "the path MTU to {address} is {path_mtu}, a full frame of {networks} needs {size}",
    "local_mtu": "the own device lets {path_mtu} bytes pass, a full frame of {networks} needs {size}",
}
_CAUSES = {
    "no_answer": "the host is down, its underlay is, or something on the way drops ICMP",
    "no_route": "the routing table of the source",
    "no_source": "the address was removed, or the inventory has another one than the host",
    "too_small": "a hop on the way has a smaller MTU",
    "local_mtu": "the MTU of the device to the underlay, or that of the network in the inventory",
}


def tell_path(path: Mapping[str, Any]) -> str:
    """What became of an entry of paths, as a part of a sentence."""
    return _RESULTS[path["result"]].format(**{**path, "networks": ", ".join(path["networks"])})


def judge_underlay(sent: Mapping[str, Result], every: int) -> Area:
    """sent: by source, what vtep_probe returned. every: pairs of VTEPs that there are."""
    wrong: list[dict[str, Any]] = []
    pairs: dict[str, dict[str, str]] = {}
    for host, result in sent.items():
        for path in result.get("paths", ()):
            row = pairs.setdefault(host, {})
            row[path["host"]] = path["result"] if row.get(path["host"], OK) == OK else row[path["host"]]
            wrong += [{**path, "source_host": host}] if path["result"] != OK else []
    tried = [result for row in pairs.values() for result in row.values()]
    found = area(_tell_paths(wrong, pairs), len(tried), sum(result != OK for result in tried), every, "there is no pair of VTEPs to be tried")
    return {**found, "pairs": pairs, "paths": wrong}


def _tell_paths(wrong: Sequence[Mapping[str, Any]], pairs: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """A VTEP that is wrong for all of its peers is one finding, or two, and not as many as it has peers."""
    to: dict[str, dict[str, str]] = {}
    for source, row in pairs.items():
        for target, result in row.items():
            to.setdefault(target, {})[source] = result
    targets = [target for target, row in to.items() if len(row) > 1 and OK not in row.values()]
    sources = [source for source, row in pairs.items() if len(row) > 1 and OK not in row.values()]
    ends = [("to", "host", host) for host in targets if len(targets) <= len(sources) or not set(to[host]) <= set(sources)]
    ends += [("from", "source_host", host) for host in sources]
    findings, rest = [], list(wrong)
    for way, end, host in ends:
        paths = [path for path in rest if path[end] == host]
        if paths:
            most = Counter(_sort(path) for path in paths).most_common(1)[0][0]
            findings.append(finding("", host, "", *_tell_many(host, [path for path in paths if _sort(path) == most], way)))
            rest = [path for path in rest if path[end] != host or _sort(path) != most]
    for path in rest:
        sentence = f"{path['source_host']} -> {path['host']}: {tell_path(path)}"
        findings.append(finding(", ".join(path["networks"]), path["source_host"], path["host"], sentence, _CAUSES[path["result"]]))
    return findings


def _sort(path: Mapping[str, Any]) -> str:
    """What is told alike."""
    return "too_small" if path["result"] == "local_mtu" else str(path["result"])


def _tell_many(host: str, paths: Sequence[Mapping[str, Any]], way: str) -> tuple[str, str]:
    """Sentence and cause. paths: of one sort. way: "to" or "from" this host."""
    peers = {path["source_host" if way == "to" else "host"] for path in paths}
    result = Counter(path["result"] for path in paths).most_common(1)[0][0]
    whom = f"any of {len(peers)} others" if len(peers) > 1 else next(iter(peers))
    other = "from" if way == "to" else "to"
    if result in ("too_small", "local_mtu"):
        sizes = sorted({path["path_mtu"] for path in paths})
        mtu = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        needed = max(path["size"] for path in paths)
        sentence = f"{host}: no full frame gets {way} it {other} {whom}: the path MTU is {mtu}, {needed} are needed"
    elif result == "no_answer":
        sentence = f"{host}: does not answer {whom}" if way == "to" else f"{host}: gets no answer from {whom}"
    else:
        sentence = f"{host}: {_RESULTS[result].format(**{**paths[0], 'networks': ''})}" + (f", nor to {len(peers) - 1} others" if result == "no_route" else "")
    return sentence, _CAUSES[result]


def judge_memberships(sent: Mapping[str, Result]) -> Area:
    findings, tried = [], 0
    for host, result in sent.items():
        for entry in result.get("memberships", ()):
            tried += 1
            if not entry["member"]:
                elsewhere = f", only on {', '.join(entry['found_on'])}" if entry["found_on"] else ""
                sentence = f"{host}: {entry['network']}: has not joined {entry['group']} on {entry['device'] or 'any device'}{elsewhere}"
                cause = "the VXLAN interface is down, without the group, or was created on another device"
                findings.append(finding(entry["network"], host, "", sentence, cause))
    return area(findings, tried, len(findings), reason="no network floods by multicast")


def judge_flood_lists(goal: Mapping[str, Any], states: Mapping[str, Result]) -> Area:
    """states: by host, what vtep_info returned. A floods to B, so B has to flood to A; and to nobody who is no VTEP of the fabric."""
    hosts_of, floods = goal["addresses"], _read_floods(goal, states)
    findings, tried = [], 0
    for (network, host), destinations in floods.items():
        for address in sorted(destinations):
            other = hosts_of.get(address)
            tried += 1
            if other is None:
                sentence = f"{host}: {network}: floods to {address}, which is no VTEP of the fabric"
                findings.append(finding(network, host, address, sentence, "a row of a VTEP that has left, or of somebody else; deploy removes it"))
            elif (network, other) in floods and not any(hosts_of.get(back) == host for back in floods[network, other]):
                sentence = f"{network}: {host} floods to {other}, and {other} does not flood to {host}"
                findings.append(finding(network, other, host, sentence, f"a row is missing on {other}, or one too many on {host}; deploy mends it"))
    return area(findings, tried, len(findings), reason="no host has a flood list")


def _read_floods(goal: Mapping[str, Any], states: Mapping[str, Result]) -> dict[tuple[str, str], set[str]]:
    """By network and host, where the rows of the zero MAC address lead."""
    found: dict[tuple[str, str], set[str]] = {}
    with_lists = set(goal["with_lists"])
    for host, state in states.items():
        rows_of = {entry["interface"]: entry["rows"] for entry in state.get("fdb", ())}
        for interface in state.get("interfaces", ()):
            for network, rows in _rows_by_network(goal, host, interface, rows_of.get(interface["name"], ()), state):
                if network in with_lists:
                    found[network, host] = {str(row["dst"]) for row in rows if row["mac"] == ZERO_MAC and row["table"] == "self" and row.get("dst")}
    return found


def _rows_by_network(goal: Mapping[str, Any], host: str, interface: Result, rows: Sequence[Result], state: Result) -> Iterator[tuple[str, Sequence[Result]]]:
    """Of an interface that has one VNI, all of its rows; of one that has several, those of each VNI of its filter."""
    network = links_of(goal, host).get(interface["name"])
    if network is not None:
        yield network, rows
        return
    by_vni: dict[int, list[Result]] = {}
    for row in rows:
        by_vni.setdefault(row.get("src_vni", 0), []).append(row)
    for entry in state.get("vnis", {}).get(interface["name"], ()):
        for vni in numbers_of(entry["vni"]):
            if str(vni) in goal["vnis"]:
                yield goal["vnis"][str(vni)], by_vni.get(vni, [])


def links_of(goal: Mapping[str, Any], host: str) -> Mapping[str, str]:
    """By the name of a VXLAN interface or bridge of this host, the network that it is of."""
    found: Mapping[str, str] = goal["own_networks"].get(host, goal["networks"])
    return found
