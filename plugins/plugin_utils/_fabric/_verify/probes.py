# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which host tries what: paths to other VTEPs, groups to have joined, bridges to send from and to listen on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, MULTICAST, NONE, OVERHEAD, Fabric, Network

DEFAULT_MTU = 1500  # of an overlay whose MTU is left to the host
_MOST_NAMES = 3
Probe = dict[str, Any]


class Probes(NamedTuple):
    """by_host: what vtep_probe takes. paths: how many pairs of VTEPs there are, sampled_paths: whether only some are tried; directions: by network
    how many there are, sampled_directions: whether only some are."""

    by_host: dict[str, Probe]
    paths: int
    sampled_paths: bool
    directions: dict[str, int]
    sampled_directions: bool


def plan_probes(fabric: Fabric, hosts: Collection[str], limit: int) -> Probes:
    """hosts: those that can be run on. limit: most pairs of VTEPs, and most directions of networks, that are all tried. Of more, each VTEP tries
    some others, evenly spread, so that each of them is a source and a target."""
    here = [host for host in fabric.vteps if host in set(hosts)]
    by_host: dict[str, Probe] = {host: {"paths": [], "memberships": [], "bridges": []} for host in here}
    paths, sampled_paths = _plan_paths(fabric, limit, by_host)
    directions, sampled_directions = _plan_overlay(fabric, limit, by_host)
    for network in fabric.carried:
        if network.flooding == MULTICAST:
            for host in network.members:
                if host in by_host:
                    by_host[host]["memberships"].append({"network": network.name, "group": network.group, "device": fabric.device(host, network)})
    return Probes(by_host, paths, sampled_paths, directions, sampled_directions)


def _some(listed: Sequence[str], most: int, place: int) -> list[str]:
    """All, or as many as that at even distances, beginning elsewhere for each place."""
    step = len(listed) / most
    return list(listed) if step <= 1 else [listed[(place + int(number * step)) % len(listed)] for number in range(most)]


def _plan_paths(fabric: Fabric, limit: int, by_host: dict[str, Probe]) -> tuple[int, bool]:
    """A path for each pair of VTEPs that share a network, as large as the largest of its frames; of each address that they use for one."""
    networks = fabric.carried
    carried: dict[str, list[int]] = {host: [] for host in fabric.vteps}
    for place, network in enumerate(networks):
        for host in network.members:
            carried[host].append(place)
    peers = _peers(fabric, carried)
    every = sum(len(others) for others in peers.values())
    chosen = {host: list(peers[host]) for host in by_host}
    sampled = sum(map(len, chosen.values())) > limit
    if sampled:
        most = max(limit // len(by_host), 1)
        chosen = {host: _some(others, most, place) for place, (host, others) in enumerate(chosen.items())}
        _reach_all(chosen, peers)
    for host, others in chosen.items():
        of = set(carried[host])
        for other in others:
            by_host[host]["paths"] += _paths(fabric, host, other, [networks[place] for place in carried[other] if place in of])
    return every, sampled


def _peers(fabric: Fabric, carried: Mapping[str, Sequence[int]]) -> dict[str, list[str]]:
    """By host, the others with which it shares a network, in the order of the fabric. Hosts with the same networks share the work."""
    networks = fabric.carried
    known: dict[tuple[int, ...], list[str]] = {}
    found = {}
    for host, places in carried.items():
        key = tuple(places)
        if key not in known:
            union: set[str] = set().union(*(networks[place].members for place in key))
            known[key] = [other for other in fabric.vteps if other in union]
        found[host] = [other for other in known[key] if other != host]
    return found


def _reach_all(chosen: dict[str, list[str]], peers: Mapping[str, Sequence[str]]) -> None:
    """Somebody tries those that nobody has been chosen to try."""
    tried = {other for others in chosen.values() for other in others}
    for host, others in peers.items():
        sources = [other for other in others if other in chosen] if host not in tried else []
        if sources:
            chosen[min(sources, key=lambda source: len(chosen[source]))].append(host)


def _paths(fabric: Fabric, host: str, other: str, shared: Sequence[Network]) -> list[Probe]:
    """One for each pair of addresses that some shared network uses."""
    found: dict[tuple[str, str], Probe] = {}
    for network in shared:
        ends = (fabric.address(host, network), fabric.address(other, network))
        size = (fabric.mtu(host, network) or DEFAULT_MTU) + OVERHEAD[network.family]
        entry = found.setdefault(ends, {"host": other, "source": ends[0], "address": ends[1], "size": size, "networks": []})
        entry["size"] = max(entry["size"], size)
        entry["networks"].append(network.name)
    return [{**entry, "networks": few(entry["networks"])} for entry in found.values()]


def few(names: Sequence[str]) -> list[str]:
    """The first names, and how many more there are: of a hundred networks nobody reads the list."""
    return list(names) if len(names) <= _MOST_NAMES + 1 else [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"]


def _plan_overlay(fabric: Fabric, limit: int, by_host: dict[str, Probe]) -> tuple[dict[str, int], bool]:
    """Every member listens to others. When there are too many directions, each to some, and some members send."""
    tried = [network for network in fabric.networks.values() if network.flooding != EVPN]
    machines = {network.name: _machines(network) for network in tried}
    inside = {network.name: [host for host in network.members if fabric.is_in_host(host, network)] for network in tried}
    every = {network.name: _count(network, inside[network.name], machines[network.name]) for network in tried}
    members = {name: [host for host in hosts if host in by_host] for name, hosts in inside.items()}
    now = sum(_count(network, members[network.name], machines[network.name]) for network in tried)
    most = max(limit // sum(map(len, members.values())), 1) if now > limit else len(by_host)
    able = {network.name: _able_to_send(network, members[network.name], machines[network.name]) for network in tried}
    senders = {name: _some(found, most + 1, place) for place, (name, found) in enumerate(able.items())}
    if now > limit:
        _let_all_send(able, senders)
    for network in tried:
        expected = _expected(network, members[network.name], senders[network.name], most, machines[network.name])
        _add_bridges(fabric, network, expected, machines[network.name], by_host)
    return every, now > limit


def _machines(network: Network) -> dict[str, str]:
    """By host, the MAC address of one machine that is known behind it."""
    return {endpoint.host: endpoint.mac for endpoint in reversed(network.endpoints) if endpoint.mac is not None}


def _able_to_hear(network: Network, members: Sequence[str], machines: Mapping[str, str]) -> list[str]:
    """All by broadcasts; where nothing floods, those with a machine that frames can be sent to."""
    return [host for host in members if network.flooding != NONE or host in machines]


def _able_to_send(network: Network, members: Sequence[str], machines: Mapping[str, str]) -> list[str]:
    """Those that somebody else can hear."""
    listeners = _able_to_hear(network, members, machines)
    return [host for host in members if listeners not in ([], [host])]


def _count(network: Network, members: Sequence[str], machines: Mapping[str, str]) -> int:
    """Ordered pairs of members of which the second can hear the first."""
    return len(_able_to_hear(network, members, machines)) * (len(members) - 1) if members else 0


def _let_all_send(able: Mapping[str, Sequence[str]], senders: dict[str, list[str]]) -> None:
    """Hosts that send nowhere do so in the network in which the fewest send."""
    sending = {host for found in senders.values() for host in found}
    count = Counter({name: len(found) for name, found in senders.items()})
    of_host: dict[str, list[str]] = {}
    for name, found in able.items():
        for host in found:
            of_host.setdefault(host, []).append(name)
    for host, names in of_host.items():
        if host not in sending:
            name = min(names, key=lambda name: count[name])
            senders[name] = [*senders[name], host]
            count[name] += 1


def _expected(network: Network, members: Sequence[str], senders: Sequence[str], most: int, machines: Mapping[str, str]) -> dict[str, list[str]]:
    """By member, those whose frames it has to hear, so that each sender is heard by somebody."""
    expected: dict[str, list[str]] = {}
    listeners = _able_to_hear(network, members, machines)
    able = set(listeners)
    for place, host in enumerate(members):
        others = [sender for sender in senders if sender != host] if host in able else []
        expected[host] = _some(others, most, place)
    heard = {sender for found in expected.values() for sender in found}
    for sender in senders:
        others = [host for host in listeners if host != sender] if sender not in heard else []
        if others:
            expected[min(others, key=lambda host: len(expected[host]))].append(sender)
    return expected


def _add_bridges(fabric: Fabric, network: Network, expected: Mapping[str, Sequence[str]], machines: Mapping[str, str], by_host: dict[str, Probe]) -> None:
    """With the bridges of hosts that have nothing to hear and to send left out."""
    targets: dict[str, list[str]] = {}
    for host, senders in expected.items():
        for sender in senders:
            targets.setdefault(sender, []).append(host)
    for host, senders in expected.items():
        if senders or host in targets:
            by_host[host]["bridges"].append(
                {
                    "network": network.name,
                    "bridge": fabric.bridge(host, network),
                    **({"vlan": vlan} if (vlan := fabric.vlan(host, network)) is not None else {}),
                    "mtu": fabric.mtu(host, network),
                    "expected": list(senders),
                    "hears_unicast": host in machines,
                    "sends": host in targets,
                    "floods": network.flooding != NONE,
                    "machines": [machines[target] for target in targets.get(host, ()) if target in machines],
                }
            )


def untried_networks(fabric: Fabric) -> dict[str, str]:
    """Networks in which no frame can be tried, and why."""
    found = {network.name: "its flood lists are those of BGP EVPN" for network in fabric.networks.values() if network.flooding == EVPN}
    silent = [network for network in fabric.networks.values() if network.flooding == NONE and not _machines(network)]
    found.update({network.name: "nothing floods in it, and no machine is known that a frame could be sent to" for network in silent})
    for network in fabric.networks.values():
        outside = [host for host in network.members if not fabric.is_in_host(host, network)]
        if outside and network.name not in found:
            found[network.name] = f"not on {', '.join(few(outside))}: its gateway is elsewhere, and their bridges stay out of it"
    return found


def networks_with_lists(fabric: Fabric) -> list[str]:
    """Networks whose members have lists of addresses to flood to."""
    return [network.name for network in fabric.carried if network.flooding not in (MULTICAST, EVPN)]
