# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Numbers that follow each other, as one word: 4,000 VNIs are a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Union

Word = Union[int, str]


def word_of(first: int, last: int) -> Word:
    """C(7), or C("7-9")."""
    return first if first == last else f"{first}-{last}"


def numbers_of(word: Word) -> range:
    """The inverse."""
    first, _dash, last = str(word).partition("-")
    return range(int(first), int(last or first) + 1)


def runs(rows: Iterable[Sequence[int]]) -> list[tuple[Word, ...]]:
    """Of rows of as many numbers each, the words of those of which every number is one more than in the row before. Sorted."""
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for row in sorted(map(tuple, rows)):
        if found and all(number == before + 1 for number, before in zip(row, found[-1][1])):
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return [tuple(word_of(first, last) for first, last in zip(*ends)) for ends in found]
