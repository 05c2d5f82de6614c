# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who carries what: a matrix of VTEPs and networks."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import Block, gather, networks_of_hosts
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.svg import FAINT, LINE, SHADE, Canvas, colour_of, shorten, text_width
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric

_MOST_ROWS, _MOST_COLUMNS = 48, 40
_ROW, _COLUMN, _SIZE = 22, 30, 12
_MARGIN, _TOP, _MOST_LABEL = 24, 74, 380


def draw_membership(fabric: Fabric) -> str:
    """A filled square where a VTEP carries a network; with a G where it is its gateway. VTEPs with the same networks share a row when there are
    many, and networks with the same VTEPs a column."""
    carried = networks_of_hosts(fabric)
    rows = gather(fabric.vteps, lambda host: (carried[host], tuple(_is_gateway(fabric, host, name) for name in carried[host])), _MOST_ROWS)
    columns = gather(fabric.networks, lambda name: (fabric.networks[name].members, fabric.networks[name].gateway is not None), _MOST_COLUMNS)
    canvas = Canvas(f"Members of the networks of fabric {fabric.name}", f"{len(fabric.vteps)} VTEPs and {len(fabric.networks)} networks.")
    least = canvas.heading(f"Fabric {fabric.name}: who carries what", "a square: the VTEP carries the network; G: it is its gateway as well")
    names = [shorten(row.label, _MOST_LABEL, _SIZE) for row in rows]
    titles = [shorten(_title(fabric, column), _MOST_LABEL // 2, _SIZE) for column in columns]
    left = _MARGIN + max([text_width(name, _SIZE) for name in names], default=40) + 12
    top = _TOP + int(max([text_width(title, _SIZE) for title in titles], default=40) * 0.87) + 10
    lean = int(max([text_width(title, _SIZE) for title in titles], default=40) * 0.5)
    for place, title in enumerate(titles):
        canvas.text(left + place * _COLUMN + _COLUMN // 2 + 4, top - 8, title, _SIZE, turn=-60)
    for place, (row, name) in enumerate(zip(rows, names)):
        y = top + place * _ROW
        if place % 2 == 0:
            canvas.rect(_MARGIN - 6, y, left - _MARGIN + 6 + len(columns) * _COLUMN, _ROW, SHADE, SHADE, 0)
        canvas.text(left - 10, y + 15, name, _SIZE, anchor="end")
        for position, column in enumerate(columns):
            if column.names[0] in carried[row.names[0]]:
                _cell(canvas, fabric, row, column, (left + position * _COLUMN + 7, y + 3))
    height = top + len(rows) * _ROW
    for position in range(len(columns) + 1):
        canvas.line(left + position * _COLUMN, top, left + position * _COLUMN, height, LINE)
    many = [f"{len(fabric.vteps)} VTEPs in {len(rows)} rows"] if len(rows) < len(fabric.vteps) else []
    many += [f"{len(fabric.networks)} networks in {len(columns)} columns"] if len(columns) < len(fabric.networks) else []
    if many:
        height += 24
        canvas.text(_MARGIN, height, f"{', '.join(many)}: those that are alike share one", 11, FAINT)
    return canvas.svg(max(left + len(columns) * _COLUMN + lean + _MARGIN, least), height + 20)


def _title(fabric: Fabric, column: Block) -> str:
    return f"{column.label} {fabric.networks[column.names[0]].vni}" if len(column.names) == 1 else column.label


def _is_gateway(fabric: Fabric, host: str, name: str) -> bool:
    gateway = fabric.networks[name].gateway
    return gateway is not None and host in gateway.hosts


def _cell(canvas: Canvas, fabric: Fabric, row: Block, column: Block, corner: tuple[int, int]) -> None:
    network = fabric.networks[column.names[0]]
    colour = colour_of(list(fabric.networks).index(network.name))
    canvas.rect(*corner, 16, 16, colour, colour, 3, tip=f"{row.label} carries {column.label}")
    if _is_gateway(fabric, row.names[0], network.name):
        canvas.text(corner[0] + 8, corner[1] + 12, "G", 11, "#ffffff", "middle", bold=True)
