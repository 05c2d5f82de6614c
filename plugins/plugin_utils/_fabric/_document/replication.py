# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""How broadcasts of a network get to its members: one panel for each network, or for those that do it alike."""

from __future__ import annotations

import math

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import Block, gather
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.svg import FAINT, LINE, PAPER, SHADE, Canvas, colour_of, shorten
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, HEAD_END, MULTICAST, NONE, Fabric, Network

_WIDE, _HIGH, _GAP, _MARGIN, _TOP = 330, 330, 20, 24, 76
_MOST_NAMES = 12
_MOST_DOTS = 60
_MOST_PANELS = 12
_ACROSS = 4


def draw_replication(fabric: Fabric) -> str:
    panels = gather(fabric.networks, lambda name: (fabric.networks[name].members, fabric.networks[name].flooding), _MOST_PANELS)
    canvas = Canvas(f"Replication in fabric {fabric.name}", f"How broadcasts of {len(fabric.networks)} networks get to all members.")
    least = canvas.heading(f"Fabric {fabric.name}: how a broadcast gets to all members", "a line: a tunnel that copies are sent through")
    across = min(_ACROSS, max(len(panels), 1))
    for place, panel in enumerate(panels):
        corner = (_MARGIN + place % across * (_WIDE + _GAP), _TOP + place // across * (_HIGH + _GAP))
        _draw_panel(canvas, fabric, panel, corner)
    down = -(-len(panels) // across)
    return canvas.svg(max(2 * _MARGIN + across * (_WIDE + _GAP) - _GAP, least), _TOP + down * (_HIGH + _GAP) + 4)


def _draw_panel(canvas: Canvas, fabric: Fabric, panel: Block, corner: tuple[int, int]) -> None:
    x, y = corner
    network = fabric.networks[panel.names[0]]
    colour = colour_of(list(fabric.networks).index(network.name))
    canvas.rect(x, y, _WIDE, _HIGH, PAPER, LINE)
    title = f"{network.name}, VNI {network.vni}" if len(panel.names) == 1 else panel.label
    canvas.text(x + 14, y + 24, shorten(title, _WIDE - 28, 14), 14, bold=True)
    for place, line in enumerate(describe(network)):
        canvas.text(x + 14, y + 42 + 15 * place, shorten(line, _WIDE - 28, 11), 11, FAINT)
    _draw_ring(canvas, network, (x + _WIDE // 2, y + 198), colour)


def describe(network: Network) -> tuple[str, str]:
    """Two lines: how, and how many copies."""
    count = len(network.members)
    if network.flooding in HEAD_END:
        learns = "with learning" if network.learning else "without learning"
        return f"head-end replication, {learns}", f"{count} members, {count - 1} copies of each broadcast"
    if network.flooding == MULTICAST:
        return f"multicast to {network.group}", f"{count} members, 1 copy, to the group"
    if network.flooding == NONE:
        return "nothing floods, all machines are known", f"{count} members, 0 copies"
    if network.flooding == EVPN:
        return "lists of BGP EVPN", f"{count} members, {count - 1} copies where BGP says so"
    return "point to point", f"{count} members, 1 copy"


def _draw_ring(canvas: Canvas, network: Network, centre: tuple[int, int], colour: str) -> None:
    """Members on a circle; of many, only as many dots as can be told apart."""
    members = network.members
    shown = members if len(members) <= _MOST_DOTS else members[:_MOST_DOTS]
    named = len(members) <= _MOST_NAMES
    places = [_on_circle(centre, 74 if named else 100, place, len(shown)) for place in range(len(shown))]
    _draw_tunnels(canvas, network, places, centre, colour)
    for place, (host, (x, y)) in enumerate(zip(shown, places)):
        canvas.circle(x, y, 7 if named else 4, colour)
        if named:
            _draw_name(canvas, host, _on_circle(centre, 90, place, len(shown)), centre)
    if not named:
        canvas.text(centre[0], centre[1] + 2, str(len(members)), 24, anchor="middle", bold=True)
        canvas.text(centre[0], centre[1] + 20, "members", 12, FAINT, "middle")


def _draw_name(canvas: Canvas, host: str, place: tuple[int, int], centre: tuple[int, int]) -> None:
    x, y = place
    anchor = "middle" if abs(x - centre[0]) < 16 else "start" if x > centre[0] else "end"
    lower = 10 if y > centre[1] + 60 else 0 if y < centre[1] - 60 else 4
    canvas.text(x, y + lower, shorten(host, 88, 11), 11, anchor=anchor)


def _draw_tunnels(canvas: Canvas, network: Network, places: list[tuple[int, int]], centre: tuple[int, int], colour: str) -> None:
    if network.flooding == MULTICAST:
        for x, y in places:
            canvas.line(x, y, *centre, stroke=colour)
        canvas.circle(*centre, 16, SHADE, colour)
        return
    if network.flooding == NONE:
        return
    dash = "4 4" if network.flooding == EVPN else ""
    if len(places) > _MOST_NAMES:
        canvas.ring(*centre, 73, 46, "#dbe3ea")  # too many lines to be told apart
        return
    for place, start in enumerate(places):
        for other in places[place + 1 :]:
            canvas.line(*start, *other, stroke=colour, dash=dash)


def _on_circle(centre: tuple[int, int], radius: int, place: int, count: int) -> tuple[int, int]:
    angle = 2 * math.pi * place / max(count, 1) - math.pi / 2
    return round(centre[0] + radius * math.cos(angle)), round(centre[1] + radius * math.sin(angle))
