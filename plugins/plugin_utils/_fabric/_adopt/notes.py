# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What adoption has to say beside the inventory that it writes: what is not in it, what would change, what stays, what was guessed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key

OUT = "out"
CHANGES = "changes"
LEFT = "left"
DEDUCED = "deduced"

# In the order in which they are told.
TITLES = {
    OUT: "Not in the inventory:",
    CHANGES: "Deploy would change:",
    LEFT: "Runs, is not described, and stays as it is:",
    DEDUCED: "Deduced; please check:",
}


class Note(NamedTuple):
    """level: a key of TITLES. host: None when it is about the whole fabric. about: the object, an interface, a network or an address."""

    level: str
    host: str | None
    about: str
    sentence: str


class Told(NamedTuple):
    """Notes that say the same: of which hosts (empty: of the fabric) and of which objects there."""

    level: str
    hosts: tuple[str, ...]
    about: tuple[str, ...]
    sentence: str


def gather(notes: Iterable[Note]) -> list[Told]:
    """The same sentence once for all objects of a host, then once for all hosts with the same objects. Sorted."""
    objects: dict[tuple[str, str, str | None], set[str]] = {}
    for note in notes:
        objects.setdefault((note.level, note.sentence, note.host), set()).add(note.about)
    hosts: dict[tuple[str, str, tuple[str, ...]], list[str | None]] = {}
    for (level, sentence, host), about in objects.items():
        hosts.setdefault((level, sentence, tuple(sorted(about, key=natural_key))), []).append(host)
    found = [
        Told(level, tuple(sorted((host for host in named if host is not None), key=natural_key)), about, sentence)
        for (level, sentence, about), named in hosts.items()
    ]
    order = list(TITLES)
    return sorted(
        found, key=lambda told: (order.index(told.level), [natural_key(host) for host in told.hosts], [natural_key(item) for item in told.about], told.sentence)
    )


def as_data(told: Told) -> dict[str, Any]:
    return {"level": told.level, "hosts": list(told.hosts), "about": list(told.about), "sentence": told.sentence}


def note_lines(told: dict[str, Any]) -> str:
    """One line for people. Many names are cut, the data has them all."""
    hosts = f"{few(told['hosts'])}: " if told["hosts"] else ""
    return f"{hosts}{few(told['about'])}: {told['sentence']}"


def few(names: Iterable[str], most: int = 8) -> str:
    listed = list(names)
    return ", ".join(listed) if len(listed) <= most else f"{', '.join(listed[:most])} and {len(listed) - most} more"
