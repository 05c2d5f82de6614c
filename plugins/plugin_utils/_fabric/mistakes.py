# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Mistakes of an inventory: all of them are collected, each with host and path, and told together."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentListError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.kinds import ERROR, KINDS
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Network


class Mistake(NamedTuple):
    """What is wrong, and where. host: None when it stands in a variable that all hosts share. kind: one of KINDS."""

    host: str | None
    path: str
    sentence: str
    kind: str = "invalid-value"

    @property
    def level(self) -> str:
        return KINDS[self.kind].level

    @property
    def advice(self) -> str:
        return KINDS[self.kind].advice

    def __str__(self) -> str:
        host = f"{self.host}: " if self.host else ""
        return f"{host}{self.path}: {self.sentence}"


class Place(NamedTuple):
    """Where something stands in the inventory."""

    host: str | None
    path: str

    def at(self, key: str | int) -> Place:
        """One step down: a key of a mapping or an index of a list."""
        step = f"[{key}]" if isinstance(key, int) else f".{key}"
        return Place(self.host, self.path + step)

    def __str__(self) -> str:
        return f"{self.host}: {self.path}" if self.host else self.path


def place_of(network: Network, key: str) -> Place:
    """Where a key of a network stands; of an L3VNI, in its VRF."""
    root = Place(None, keys.FABRIC.name)
    return root.at("vrfs").at(str(network.vrf)).at(key) if network.is_transit else root.at("networks").at(network.name).at(key)


class InventoryError(ArgumentListError):
    """Every mistake of one inventory."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.found = mistakes
        super().__init__([str(mistake) for mistake in mistakes])
        count = len(mistakes)
        head = "the inventory has a mistake" if count == 1 else f"the inventory has {count} mistakes"
        self.message = f"{head}:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes)

    def __str__(self) -> str:
        return self.message


class Mistakes:
    """Collects, in the order of finding; the same mistake once."""

    def __init__(self) -> None:
        self._found: dict[Mistake, None] = {}
        self._spoilt: set[tuple[str | None, str]] = set()
        self._owners: dict[tuple[str, Hashable], Place] = {}

    def add(self, place: Place, sentence: str, kind: str = "invalid-value") -> None:
        self._found[Mistake(place.host, place.path, sentence, kind)] = None
        self._spoilt.add((place.host, place.path.partition("[")[0]))

    def touches(self, place: Place) -> bool:
        """Whether there is a mistake in a value or in an entry of it, so that nothing can be concluded from what is left."""
        return place in self._spoilt

    def claim(self, what: str, value: Hashable, place: Place, shown: str | None = None, kind: str = "duplicate-name") -> bool:
        """A value that only one place may hold, among others of its sort (what). False, and a mistake that names both, when another
        one has it already."""
        owner = self._owners.setdefault((what, value), place)
        if owner == place:
            return True
        self.add(place, f"{shown or value} is already at {owner}", kind)
        return False

    @property
    def all(self) -> list[Mistake]:
        return list(self._found)

    @property
    def errors(self) -> list[Mistake]:
        return [mistake for mistake in self._found if mistake.level == ERROR]

    def __bool__(self) -> bool:
        return bool(self.errors)

    def raise_if_any(self) -> None:
        """Warnings are no reason."""
        if self.errors:
            raise InventoryError(self.errors)
