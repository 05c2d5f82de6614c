# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How a network floods, from what its interfaces and their rows are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import Found, Tunnel, most_frequent
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, LEARNING, MULTICAST, NONE, POINT_TO_POINT, STATIC


class Flooding(NamedTuple):
    """word: of the inventory. group: with multicast. learning: of the VTEPs. votes: what each host looks like by itself."""

    word: str
    group: str | None
    learning: bool
    votes: tuple[str, ...]


def deduce_flooding(tunnels: Sequence[Tunnel]) -> Flooding:
    """What most hosts do. A line of two is one only where each end has the other as its remote."""
    votes = [_vote(tunnel) for tunnel in tunnels]
    if POINT_TO_POINT in votes and (len(tunnels) != 2 or set(votes) != {POINT_TO_POINT}):
        votes = [_head_end(tunnel) if vote == POINT_TO_POINT else vote for tunnel, vote in zip(tunnels, votes)]
    word = most_frequent(votes)
    same = [tunnel for tunnel, vote in zip(tunnels, votes) if vote == word]
    group = most_frequent(str(tunnel.group) for tunnel in same) if word == MULTICAST else None
    return Flooding(word, group, most_frequent(bool(tunnel.link.get("learning")) for tunnel in same), tuple(votes))


def _vote(tunnel: Tunnel) -> str:
    if tunnel.group is not None:
        return MULTICAST
    if tunnel.has_daemon_rows and not tunnel.flood:
        return EVPN
    if tunnel.flood:
        return POINT_TO_POINT if tunnel.flood == {tunnel.link.get("remote")} else _head_end(tunnel)
    if tunnel.link.get("proxy"):
        return NONE
    port = tunnel.bridge_port
    # What only a network that BGP is to fill looks like: nobody learns, and the port answers for what BGP will tell (RFC 9161).
    waits_for_bgp = not tunnel.link.get("learning") and port.get("learning") is False and port.get("neigh_suppress")
    return EVPN if waits_for_bgp else _head_end(tunnel)


def _head_end(tunnel: Tunnel) -> str:
    return LEARNING if tunnel.link.get("learning") else STATIC


def has_no_address(mac: str, tunnels: Sequence[Tunnel]) -> bool:
    return mac not in {entry["mac"] for tunnel in tunnels for entry in neighbours_of(tunnel.link)}


def neighbours_of(link: Found) -> list[Found]:
    """The permanent neighbour entries of an interface or bridge: of one that answers for machines elsewhere, or routes to them."""
    return [entry for entry in link.get("neighbours") or () if entry.get("state", "permanent") == "permanent" and not entry.get("extern_learn")]
