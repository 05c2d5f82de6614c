# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pictures as SVG that opens anywhere: no scripts, no fonts from elsewhere, a background of its own.

Letters are all equally wide, so that the width of a text is known without a browser. Coordinates are integers, and the same picture is the
same bytes.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
INK, FAINT, PAPER, SHADE, LINE = "#1b2733", "#5b6b7b", "#ffffff", "#eef2f6", "#b6c2cd"
# Okabe and Ito's colours, which people with any eyes tell apart.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a6fbe", "#8a7a00")
_WIDTH_OF_LETTER = 0.61  # of the size of the font


def text_width(text: str, size: int) -> int:
    """In pixels, rounded up."""
    return int(len(text) * size * _WIDTH_OF_LETTER) + 1


def shorten(text: str, width: int, size: int) -> str:
    """The text, or as much of it as fits."""
    if text_width(text, size) <= width:
        return text
    room = int(width / (size * _WIDTH_OF_LETTER)) - 1
    return text[: max(room, 1)] + "…"


def colour_of(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


class Canvas:
    """Shapes in the order in which they are drawn."""

    def __init__(self, title: str, description: str) -> None:
        self._title = title
        self._description = description
        self._shapes: list[str] = []
        self.boxes: list[tuple[int, int, int, int]] = []
        self.texts: list[tuple[int, int, int, int]] = []

    def rect(self, x: int, y: int, width: int, height: int, fill: str = PAPER, stroke: str = LINE, radius: int = 5, tip: str = "") -> None:
        """tip: what a browser shows when the pointer rests on it."""
        self.boxes.append((x, y, width, height))
        shape = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}" stroke="{stroke}"'
        self._shapes.append(f"{shape}><title>{escape(tip)}</title></rect>" if tip else f"{shape}/>")

    def circle(self, x: int, y: int, radius: int, fill: str, stroke: str = "none") -> None:
        self._shapes.append(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{stroke}"/>')

    def ring(self, x: int, y: int, radius: int, width: int, colour: str) -> None:
        """radius: of its middle."""
        self._shapes.append(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def line(self, x1: int, y1: int, x2: int, y2: int, stroke: str = LINE, width: int = 1, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._shapes.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="{width}"{dashed}/>')

    def text(self, x: int, y: int, text: str, size: int = 12, fill: str = INK, anchor: str = "start", bold: bool = False, turn: int = 0) -> None:
        """x, y: of the base line; anchor: start, middle or end. turn: degrees."""
        if not turn:
            width = text_width(text, size)
            left = x - {"start": 0, "middle": width // 2, "end": width}[anchor]
            self.texts.append((left, y - size, width, size))
        more = (' font-weight="bold"' if bold else "") + (f' transform="rotate({turn} {x} {y})"' if turn else "")
        shape = f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{more}>'
        self._shapes.append(f"{shape}{escape(text)}</text>")

    def heading(self, text: str, below: str) -> int:
        """How wide the picture has to be for it."""
        self.text(24, 34, text, 18, bold=True)
        self.text(24, 54, below, 12, FAINT)
        return 48 + max(text_width(text, 18) + 24, text_width(below, 12))

    def svg(self, width: int, height: int) -> str:
        """Ends with a newline."""
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={quoteattr(self._title)} font-family="{FONT}">'
        told = [f"<title>{escape(self._title)}</title>", f"<desc>{escape(self._description)}</desc>"]
        ground = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
        return "\n".join([head, *told, ground, *self._shapes, "</svg>"]) + "\n"
