# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""VTEPs that look alike, as one: a picture of four hundred hosts has to be as short as what is to be said about them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric


class Block(NamedTuple):
    """Names that are shown as one. names: sorted naturally."""

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """A name, two names, or the first and the last with how many there are."""
        if len(self.names) <= 2:
            return ", ".join(self.names)
        return f"{self.names[0]} … {self.names[-1]} ({len(self.names)})"


def gather(names: Iterable[str], alike: Callable[[str], Hashable], most: int) -> list[Block]:
    """One block for each name; with more than `most` names, those that are alike share one. In natural order of their first names."""
    ordered = sorted(names, key=natural_key)
    if len(ordered) <= most:
        return [Block((name,)) for name in ordered]
    found: dict[Hashable, list[str]] = {}
    for name in ordered:
        found.setdefault(alike(name), []).append(name)
    return [Block(tuple(group)) for group in found.values()]


def networks_of_hosts(fabric: Fabric) -> Mapping[str, tuple[str, ...]]:
    """By VTEP, the networks that it carries."""
    carried: dict[str, list[str]] = {host: [] for host in fabric.vteps}
    for network in fabric.networks.values():
        for host in network.members:
            carried[host].append(network.name)
    return {host: tuple(names) for host, names in carried.items()}


def neighbours_of(fabric: Fabric) -> Mapping[str, tuple[str, ...]]:
    """By node of the underlay, those that it is linked to."""
    found: dict[str, set[str]] = {}
    for near, far in fabric.links:
        found.setdefault(near, set()).add(far)
        found.setdefault(far, set()).add(near)
    return {name: tuple(sorted(others, key=natural_key)) for name, others in found.items()}


def tiers(fabric: Fabric) -> list[list[str]]:
    """Nodes of the underlay from the top: what is no VTEP and linked to none first, or what is no VTEP (spines), then what is linked
    to it, and so on; what is linked to nothing last."""
    neighbours = neighbours_of(fabric)
    everybody = [*fabric.vteps, *(name for name in neighbours if name not in fabric.vteps)]
    others = [name for name in neighbours if name not in fabric.vteps]
    tops = [name for name in others if not any(neighbour in fabric.vteps for neighbour in neighbours[name])] or others
    if neighbours and not tops:
        most = max(map(len, neighbours.values()))
        tops = [name for name, found in neighbours.items() if len(found) == most]
    level = dict.fromkeys(tops, 0)
    edge = tops
    while edge:
        following = [other for name in edge for other in neighbours[name] if other not in level]
        level.update({other: level[name] + 1 for name in edge for other in neighbours[name] if other not in level})
        edge = list(dict.fromkeys(following))
    last = max(level.values(), default=-1) + 1
    by_level: dict[int, list[str]] = {}
    for name in everybody:
        by_level.setdefault(level.get(name, last), []).append(name)
    return [sorted(by_level[place], key=natural_key) for place in sorted(by_level)]
