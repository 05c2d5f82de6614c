# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Matrices of a report as pictures: VTEPs and networks, and who gets to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import Block
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.svg import FAINT, LINE, SHADE, Canvas, shorten, text_width

_CELL, _SIZE, _MOST_LABEL, _MOST_TITLE = 24, 12, 260, 180
_MARGIN = 12


class Look(NamedTuple):
    """Of a cell. letter: what tells it apart where colours do not."""

    fill: str
    letter: str
    ink: str
    words: str


WELL = Look("#b9e2d0", "", "#0b5d43", "as wanted")
SAME = Look("#ffffff", "", FAINT, "")
UNTRIED = Look("#eef2f6", "·", FAINT, "not tried")
UNKNOWN = Look("#c9d1d9", "?", "#1b2733", "not known")
DIFFERS = Look("#d55e00", "!", "#ffffff", "differs from the inventory")
DRIFTS = Look("#e69f00", "~", "#1b2733", "deploy would change it")
NO_ANSWER = Look("#d55e00", "X", "#ffffff", "no answer")
NO_ROUTE = Look("#a63f00", "R", "#ffffff", "no route, or no source address")
TOO_SMALL = Look("#0072b2", "M", "#ffffff", "path MTU too small")
FAILED = Look("#d55e00", "X", "#ffffff", "does not arrive")
BREACH = Look("#7a1f5c", "B", "#ffffff", "arrives, and must not")
ABSENT = Look("#c9d1d9", "?", "#1b2733", "endpoint not on this machine")
BLOCKED = Look("#dcebf7", "", "#1b2733", "blocked, as it should be")


class Cell(NamedTuple):
    look: Look
    tip: str = ""


def draw_matrix(title: str, rows: Sequence[Block], columns: Sequence[Block], cell: Callable[[Block, Block], Cell | None]) -> str:
    """cell: None where there is nothing to be shown."""
    canvas = Canvas(title, f"{len(rows)} rows and {len(columns)} columns.")
    names = [shorten(row.label, _MOST_LABEL, _SIZE) for row in rows]
    titles = [shorten(column.label, _MOST_TITLE, _SIZE) for column in columns]
    left = _MARGIN + max([text_width(name, _SIZE) for name in names], default=40) + 10
    longest = max([text_width(name, _SIZE) for name in titles], default=40)
    top = int(longest * 0.87) + 16
    for place, name in enumerate(titles):
        canvas.text(left + place * _CELL + _CELL // 2 + 4, top - 6, name, _SIZE, turn=-60)
    for place, (row, name) in enumerate(zip(rows, names)):
        y = top + place * _CELL
        if place % 2 == 0:
            canvas.rect(_MARGIN - 6, y, left - _MARGIN + 6 + len(columns) * _CELL, _CELL, SHADE, SHADE, 0)
        canvas.text(left - 8, y + 16, name, _SIZE, anchor="end")
        for position, column in enumerate(columns):
            found = cell(row, column)
            if found is not None:
                _draw_cell(canvas, left + position * _CELL + 2, y + 2, found)
    height = top + len(rows) * _CELL
    for position in range(len(columns) + 1):
        canvas.line(left + position * _CELL, top, left + position * _CELL, height, LINE)
    return canvas.svg(left + len(columns) * _CELL + int(longest * 0.5) + _MARGIN, height + 8)


def _draw_cell(canvas: Canvas, x: int, y: int, cell: Cell) -> None:
    size = _CELL - 4
    canvas.rect(x, y, size, size, cell.look.fill, cell.look.fill, 3, tip=cell.tip)
    if cell.look.letter:
        canvas.text(x + size // 2, y + 14, cell.look.letter, _SIZE, cell.look.ink, "middle", bold=True)


PATH_LOOKS = {"ok": WELL, "too_small": TOO_SMALL, "local_mtu": TOO_SMALL, "no_answer": NO_ANSWER, "no_route": NO_ROUTE, "no_source": NO_ROUTE}
FRAME_LOOKS = {"ok": WELL, "failed": FAILED}


def pair_cell(pairs: Mapping[str, Mapping[str, str]], looks: Mapping[str, Look], exists: Callable[[str, str], bool]) -> Callable[[Block, Block], Cell | None]:
    """Of rows that are sources and columns that are targets: the worst result between them, and how many. exists: whether there is such a pair."""
    order = list(looks)

    def cell(row: Block, column: Block) -> Cell | None:
        found = [pairs.get(source, {}).get(target) for source in row.names for target in column.names if source != target and exists(source, target)]
        if not found:
            return None
        results = [result for result in found if result is not None]
        if not results:
            return Cell(UNTRIED, f"{row.label} -> {column.label}: not tried")
        worst = max(results, key=lambda result: (result != order[0], results.count(result)))
        look = looks[worst]
        count = f" ({results.count(worst)} of {len(results)})" if len(found) > 1 else ""
        return Cell(look, f"{row.label} -> {column.label}: {look.words}{count}")

    return cell
