# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The same as the pictures in the words of other people's tools: Mermaid and the DOT of Graphviz."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import Block, gather, neighbours_of, networks_of_hosts, tiers
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric

_MOST_NODES = 60


def _nodes(fabric: Fabric) -> list[Block]:
    neighbours, carried = neighbours_of(fabric), networks_of_hosts(fabric)
    names = [name for tier in tiers(fabric) for name in tier]
    return gather(names, lambda name: (neighbours.get(name), carried.get(name), name in fabric.vteps), _MOST_NODES)


def _edges(fabric: Fabric, blocks: list[Block]) -> list[tuple[int, int]]:
    """Links of the underlay, by the places of the blocks."""
    home = {name: place for place, block in enumerate(blocks) for name in block.names}
    return sorted({(home[near], home[far]) for near, far in fabric.links})


def _label(fabric: Fabric, block: Block) -> list[str]:
    vtep = fabric.vteps.get(block.names[0])
    addresses = [*vtep.addresses.values()] if vtep is not None and len(block.names) == 1 else []
    return [block.label, *addresses]


def topology_mermaid(fabric: Fabric) -> str:
    """A flowchart. VTEPs are rectangles, other nodes of the underlay rounded; networks are hexagons, a dotted line is a member."""
    blocks = _nodes(fabric)
    lines = ["flowchart TB"]
    for place, block in enumerate(blocks):
        text = "<br/>".join(_mermaid(part) for part in _label(fabric, block))
        lines.append(f'  n{place}["{text}"]' if block.names[0] in fabric.vteps else f'  n{place}(["{text}"])')
    lines += [f"  n{near} --- n{far}" for near, far in _edges(fabric, blocks)]
    return "\n".join([*lines, *_members_mermaid(fabric, blocks)]) + "\n"


def _members_mermaid(fabric: Fabric, blocks: list[Block]) -> list[str]:
    lines = []
    for position, network in enumerate(fabric.networks.values()):
        lines.append(f'  v{position}{{{{"{_mermaid(network.name)} {network.vni}"}}}}')
        members = set(network.members)
        lines += [f"  n{place} -.- v{position}" for place, block in enumerate(blocks) if block.names[0] in members]
    return lines


def _mermaid(text: str) -> str:
    """Inside of double quotes, where it takes HTML's entities."""
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def topology_dot(fabric: Fabric) -> str:
    """An undirected graph, with one subgraph of equal rank for each tier."""
    blocks = _nodes(fabric)
    home = {name: place for place, block in enumerate(blocks) for name in block.names}
    lines = [f"graph {_dot(fabric.name)} {{", '  node [shape=box, fontname="monospace"];']
    for place, block in enumerate(blocks):
        shape = "" if block.names[0] in fabric.vteps else ", shape=ellipse"
        lines.append(f"  n{place} [label={_dot(chr(10).join(_label(fabric, block)))}{shape}];")
    for tier in tiers(fabric):
        same = sorted({home[name] for name in tier})
        lines.append("  { rank=same; " + " ".join(f"n{place};" for place in same) + " }")
    lines += [f"  n{near} -- n{far};" for near, far in _edges(fabric, blocks)]
    for position, network in enumerate(fabric.networks.values()):
        lines.append(f"  v{position} [label={_dot(f'{network.name} {network.vni}')}, shape=hexagon];")
        members = set(network.members)
        lines += [f"  n{place} -- v{position} [style=dotted];" for place, block in enumerate(blocks) if block.names[0] in members]
    return "\n".join([*lines, "}"]) + "\n"


def _dot(text: str) -> str:
    """A quoted ID of the DOT language, in which a line break is written \\n."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
