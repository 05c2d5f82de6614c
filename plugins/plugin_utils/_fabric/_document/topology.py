# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The underlay and the VTEPs on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import Block, gather, neighbours_of, networks_of_hosts, tiers
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.svg import COLOURS, FAINT, LINE, PAPER, SHADE, Canvas, colour_of, text_width
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric

_MOST_IN_A_TIER = 24
# With more networks than colours a dot does not say which one it is: then their number is written.
_MOST_CHIPS = len(COLOURS)
_GAP, _MARGIN, _TOP = 18, 24, 84
_MOST_WIDE, _LEAST_WIDE = 1500, 720
_WIRE = "#8fa1b3"


class _Box(NamedTuple):
    """A block with what is written in it, and where it stands."""

    block: Block
    lines: tuple[str, ...]
    networks: tuple[str, ...]
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


def draw_topology(fabric: Fabric) -> str:
    """Tiers below each other. Where a tier does not fit in a line, pods: what hangs on a node of the second tier stands below it, and a bus
    links the pods with the first tier."""
    canvas = Canvas(f"Topology of fabric {fabric.name}", f"{len(fabric.vteps)} VTEPs, {len(fabric.links)} links of the underlay.")
    mtu = f", MTU {fabric.underlay_mtu}" if fabric.underlay_mtu else ""
    facts = f"{len(fabric.vteps)} VTEPs, {len(fabric.networks)} networks, UDP port {fabric.port}{mtu}"
    boxes = [_boxes(fabric, tier) for tier in tiers(fabric)]
    as_pods = bool(fabric.links) and len(boxes) > 1 and any(sum(box.width + _GAP for box in tier) > _MOST_WIDE for tier in boxes)
    facts += "; what hangs on the bus is linked to the first row" if as_pods else ""
    least = max(canvas.heading(f"Fabric {fabric.name}: underlay and VTEPs", facts), _LEAST_WIDE)
    colours = {name: colour_of(place) for place, name in enumerate(fabric.networks)}
    rows, y = _pods(fabric, boxes) if as_pods else _rows(boxes, _TOP if fabric.links else _TOP + 64)
    everything = [box for row in rows for box in row]
    width = max([least, *(box.x + box.width + _MARGIN for box in everything)])
    if as_pods:
        rows[:1] = _centred(rows[:1], width)
        _draw_bus(canvas, fabric, rows)
    else:
        rows = _centred(rows, width)
        everything = [box for row in rows for box in row]
        _draw_links(canvas, fabric, everything)
    if not fabric.links:
        _draw_cloud(canvas, everything, width)
    for box in (box for row in rows for box in row):
        _draw_box(canvas, fabric, box, colours)
    bottom = _legend(canvas, fabric, colours, y, width)
    return canvas.svg(width, bottom)


def _rows(tiers_of_boxes: list[list[_Box]], y: int) -> tuple[list[list[_Box]], int]:
    rows = []
    for tier in tiers_of_boxes:
        placed, y = _place(tier, y)
        rows.append(placed)
        y += 56
    return rows, y


def _pods(fabric: Fabric, tiers_of_boxes: list[list[_Box]]) -> tuple[list[list[_Box]], int]:
    """The first tier, and then rows of pods: a node of the second tier with what hangs on it below, and what hangs on nothing at the end."""
    neighbours = neighbours_of(fabric)
    first, y = _place(tiers_of_boxes[0], _TOP)
    pods = [[box] for box in tiers_of_boxes[1]]
    home = {name: pod for pod in pods for name in pod[0].block.names}
    for box in (box for tier in tiers_of_boxes[2:] for box in tier):
        found = next((home[other] for name in box.block.names for other in neighbours.get(name, ()) if other in home), None)
        if found is None:
            found = []
            pods.append(found)
        found.append(box)
        home.update(dict.fromkeys(box.block.names, found))
    rows: list[list[_Box]] = [first]
    x, y, height = _MARGIN, y + 70, 0
    row: list[_Box] = []
    for pod in pods:
        wide = max(box.width for box in pod)
        if x > _MARGIN and x + wide > _MOST_WIDE:
            rows.append(row)
            x, y, height, row = _MARGIN, y + height + 50, 0, []
        down = y
        for box in pod:
            row.append(box._replace(x=x + (wide - box.width) // 2, y=down))
            down += box.height + 26
        x, height = x + wide + _GAP, max(height, down - y - 26)
    return [*rows, row], y + height + 44


def _draw_bus(canvas: Canvas, fabric: Fabric, rows: list[list[_Box]]) -> None:
    """Each top of a pod is linked to the bus, and the bus to the first tier; what is below in a pod to what is above it."""
    neighbours = neighbours_of(fabric)
    bus = max(box.y + box.height for box in rows[0]) + 28
    for box in rows[0]:
        canvas.line(box.x + box.width // 2, box.y + box.height, box.x + box.width // 2, bus, stroke=_WIRE, width=2)
    trunk = _MARGIN // 2
    canvas.line(trunk, bus, max(box.x + box.width // 2 for box in rows[0]), bus, stroke=_WIRE, width=2)
    for row in rows[1:]:
        top = min(box.y for box in row)
        tops = [box for box in row if box.y == top]
        canvas.line(trunk, bus, trunk, top - 22, stroke=_WIRE, width=2)
        canvas.line(trunk, top - 22, tops[-1].x + tops[-1].width // 2, top - 22, stroke=_WIRE, width=2)
        for box in row:
            middle = box.x + box.width // 2
            if box.y == top and any(name in neighbours for name in box.block.names):
                canvas.line(middle, top - 22, middle, top, stroke=_WIRE, width=2)
            elif box.y != top:
                canvas.line(middle, box.y - 26, middle, box.y, stroke=_WIRE, width=2)


def _boxes(fabric: Fabric, tier: list[str]) -> list[_Box]:
    neighbours, carried = neighbours_of(fabric), networks_of_hosts(fabric)
    blocks = gather(tier, lambda name: (neighbours.get(name), carried.get(name), name in fabric.vteps), _MOST_IN_A_TIER)
    return [_box(fabric, block, carried) for block in blocks]


def _box(fabric: Fabric, block: Block, carried: Mapping[str, tuple[str, ...]]) -> _Box:
    vtep = fabric.vteps.get(block.names[0])
    lines: tuple[str, ...] = ("no VTEP",)
    if vtep is not None:
        addresses = [*vtep.addresses.values(), *vtep.others]
        lines = tuple(addresses) if len(block.names) == 1 else (f"{addresses[0]} …" if addresses else "",)
    networks = carried.get(block.names[0], ())
    if len(fabric.networks) > _MOST_CHIPS and vtep is not None:
        lines += (f"{len(networks)} network{'' if len(networks) == 1 else 's'}",)
    dots = len(networks) if len(fabric.networks) <= _MOST_CHIPS else 0
    width = max(text_width(block.label, 13), *(text_width(line, 11) for line in lines), dots * 12 + 24) + 20
    return _Box(block, lines, networks, width=width, height=34 + 15 * len(lines) + (18 if dots else 0))


def _place(boxes: list[_Box], y: int) -> tuple[list[_Box], int]:
    """Side by side, in as many lines as it takes."""
    placed: list[_Box] = []
    x, height = _MARGIN, 0
    for box in boxes:
        if x > _MARGIN and x + box.width > _MOST_WIDE:
            x, y, height = _MARGIN, y + height + _GAP, 0
        placed.append(box._replace(x=x, y=y))
        x, height = x + box.width + _GAP, max(height, box.height)
    return placed, y + height


def _centred(rows: list[list[_Box]], width: int) -> list[list[_Box]]:
    centred = []
    for row in rows:
        lines: dict[int, list[_Box]] = {}
        for box in row:
            lines.setdefault(box.y, []).append(box)
        moved = []
        for line in lines.values():
            shift = (width - 2 * _MARGIN - (line[-1].x + line[-1].width - line[0].x)) // 2
            moved += [box._replace(x=box.x + shift) for box in line]
        centred.append(moved)
    return centred


def _draw_links(canvas: Canvas, fabric: Fabric, boxes: list[_Box]) -> None:
    """Between blocks, one line however many links it stands for."""
    home = {name: box for box in boxes for name in box.block.names}
    pairs: dict[tuple[int, int, int, int], int] = {}
    for near, far in fabric.links:
        upper, lower = sorted((home[near], home[far]), key=lambda box: (box.y, box.x))
        if upper.y == lower.y:
            ends = (upper.x + upper.width, upper.y + upper.height // 2, lower.x, lower.y + lower.height // 2)
        else:
            ends = (upper.x + upper.width // 2, upper.y + upper.height, lower.x + lower.width // 2, lower.y)
        pairs[ends] = pairs.get(ends, 0) + 1
    for ends, count in pairs.items():
        canvas.line(*ends, stroke=_WIRE, width=1 if count == 1 else 2)


def _draw_cloud(canvas: Canvas, boxes: list[_Box], width: int) -> None:
    """No links are said: everybody is on the underlay, whatever it is."""
    y = _TOP
    for box in boxes:
        if box.y == boxes[0].y:
            canvas.line(box.x + box.width // 2, y + 34, box.x + box.width // 2, box.y, stroke=_WIRE)
    canvas.rect(_MARGIN, y, width - 2 * _MARGIN, 34, SHADE, LINE, 17)
    canvas.text(width // 2, y + 22, "underlay", 13, FAINT, "middle")


def _draw_box(canvas: Canvas, fabric: Fabric, box: _Box, colours: Mapping[str, str]) -> None:
    is_vtep = box.block.names[0] in fabric.vteps
    tip = ", ".join(box.block.names) + (": " + ", ".join(box.networks) if box.networks else "")
    canvas.rect(box.x, box.y, box.width, box.height, PAPER if is_vtep else SHADE, "#51677d" if is_vtep else LINE, tip=tip)
    canvas.text(box.x + box.width // 2, box.y + 20, box.block.label, 13, anchor="middle", bold=True)
    y = box.y + 36
    for line in box.lines:
        canvas.text(box.x + box.width // 2, y, line, 11, FAINT, "middle")
        y += 15
    if len(fabric.networks) > _MOST_CHIPS:
        return
    left = box.x + box.width // 2 - len(box.networks) * 6
    for place, name in enumerate(box.networks):
        canvas.circle(left + 6 + place * 12, y - 1, 4, colours[name])


def _legend(canvas: Canvas, fabric: Fabric, colours: Mapping[str, str], y: int, width: int) -> int:
    """What the dots stand for, where there are any."""
    if len(fabric.networks) > _MOST_CHIPS:
        canvas.text(_MARGIN, y, "which network is on which VTEP: in the matrix of members", 11, FAINT)
        return y + 24
    x = _MARGIN
    for network in fabric.networks.values():
        label = f"{network.name} ({network.vni})"
        if x > _MARGIN and x + 20 + text_width(label, 11) > width - _MARGIN:
            x, y = _MARGIN, y + 18
        canvas.circle(x + 5, y - 4, 4, colours[network.name])
        canvas.text(x + 14, y, label, 11)
        x += 32 + text_width(label, 11)
    return y + 24
