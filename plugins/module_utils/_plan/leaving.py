# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan what has to go: interfaces that are stated as absent, and those that carry the mark of a fabric and are no longer wanted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import claim_of, table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted

# Kinds that carry the mark of a fabric, and the order in which they go where none stands on another.
_KINDS = {"vlan": 0, "vxlan": 0, "bridge": 1, "vrf": 2}
# What two interfaces on one UDP port have to have in common (VXLAN_F_RCV_FLAGS, include/net/vxlan.h).
_RECEIVE = ("gbp", "gpe", "udp6_zero_checksum_rx", "remote_checksum_rx", "external", "vnifilter")


def leaving_names(links: Mapping[str, Link], wanted: Wanted) -> list[str]:
    """Interfaces that this run removes: what stands on another before that, members of a VRF before it, VXLAN interfaces before
    bridges, in natural order."""
    stated = {asked.link.name: asked.present for asked in wanted.links}
    names = [name for name, present in stated.items() if not present and name in links]
    if wanted.mark:
        stale = [name for name, link in links.items() if link.alias == wanted.mark and link.kind in _KINDS and name not in stated]
        names += stale
    leaving = frozenset(names)
    return sorted(names, key=lambda name: (links[name].kind == "vrf", -_depth(links, name, leaving), _KINDS.get(links[name].kind, 0), natural_key(name)))


def _depth(links: Mapping[str, Link], name: str, leaving: frozenset[str]) -> int:
    """On how many of the leaving an interface stands, each on the next."""
    seen = {name}
    lower = links[name].lower
    while lower in leaving and lower not in seen:
        seen.add(lower)
        lower = links[lower].lower
    return len(seen) - 1


def stand_in_the_way(links: Mapping[str, Link], leaving: Iterable[str], wanted: Wanted) -> set[str]:
    """Those of the leaving that have to go first: they hold a VNI, a routing table, a VLAN of a device, a UDP port with other
    receive settings, or an address, that is wanted elsewhere. All others go last, so that nothing is missing before its successor is there."""
    held = set()
    addresses: set[str] = set()
    ports: dict[object, set[tuple[object, ...]]] = {}
    for asked in wanted.links:
        if asked.present:
            addresses.update(asked.link.addresses or ())
            current = links.get(asked.link.name)
            merged = {**(current.attributes if current is not None else {}), **asked.link.attributes}
            held.add(claim_of(asked.link.kind, merged))
            if asked.link.kind == "vxlan":
                ports.setdefault(merged.get("port"), set()).add(_receive_settings(merged))
    found = set()
    for name in leaving:
        link = links[name]
        settings = ports.get(link.attributes.get("port"), set()) if link.kind == "vxlan" else set()
        if claim_of(link.kind, link.attributes) in held - {None} or settings - {_receive_settings(link.attributes)}:
            found.add(name)
        elif addresses.intersection(link.addresses or ()):
            # Of two with the same address the kernel routes by the first, which leads nowhere any more.
            found.add(name)
    return found


def _receive_settings(attributes: Mapping[str, object]) -> tuple[object, ...]:
    table = table_of("vxlan")
    return tuple(bool(attributes.get(key, default_of(table, key))) for key in _RECEIVE)
