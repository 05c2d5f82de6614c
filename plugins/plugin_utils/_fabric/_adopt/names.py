# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Names of networks: of what people wrote at interfaces and bridges. The same hosts give the same names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys, words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.networks import Group
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import Tunnel, most_frequent

# What people put in front of a name, to say what kind of interface it is.
_PREFIX = re.compile(r"(?:vxlan|vtep|vni|vx|bridge|vmbr|br)[-_.]?", re.IGNORECASE)
_VLAN = re.compile(r"(?:^|[^a-z])vlan[-_. ]?([0-9]{1,4})$", re.IGNORECASE)


def name_networks(groups: Iterable[Group], given: Mapping[int, str]) -> dict[int, str]:
    """By VNI, unique. given: names that the user chose."""
    names: dict[int, str] = {}
    taken = set(given.values())
    for group in groups:
        name = given.get(group.vni)
        if name is None:
            name = next((word for word in _candidates(group) if word not in taken), None) or f"vni{group.vni}"
            while name in taken:
                name += "-x"
        taken.add(name)
        names[group.vni] = name
    return names


def _candidates(group: Group) -> Iterator[str]:
    """The best first: an alias of one word, the name of the bridge, that of the interface; of several hosts the most frequent."""
    for words_of in (_aliases, _bridge_names, _interface_names):
        found = [word for tunnel in group.tunnels for word in words_of(tunnel) if _is_label(word)]
        if found:
            best = most_frequent(found)
            yield best
            yield f"{best}-{group.vni}"


def _aliases(tunnel: Tunnel) -> list[str]:
    return tunnel.aliases


def _bridge_names(tunnel: Tunnel) -> list[str]:
    return [_bare(str(tunnel.bridge_name))]


def _interface_names(tunnel: Tunnel) -> list[str]:
    return [_bare(tunnel.name)]


def _bare(name: str) -> str:
    found = _PREFIX.match(name)
    return name[found.end() :] if found else name


def _is_label(text: str) -> bool:
    """A number alone says nothing that the VNI does not say."""
    try:
        return not text.isdigit() and words.parse_label(text, "") == text
    except ArgumentError:
        return False


def describe(group: Group) -> str | None:
    """What people wrote as an alias, if it is more than the name."""
    written = [alias for tunnel in group.tunnels for alias in tunnel.aliases if alias.isprintable()]
    return most_frequent(written) if written else None


def vlan_of(group: Group) -> int | None:
    """That of a trunk port, if it is one; else a VLAN that all who name one agree on, as in `br-vlan100`."""
    tagged = {trunk.vlan for tunnel in group.tunnels for trunk in tunnel.trunks.values()}
    if tagged:
        return tagged.pop() if len(tagged) == 1 else None
    texts = [text for tunnel in group.tunnels for text in (tunnel.name, str(tunnel.bridge_name), *tunnel.aliases)]
    found = {int(match[1]) for match in map(_VLAN.search, texts) if match}
    low, high = keys.VLAN
    vlan = found.pop() if len(found) == 1 else None
    return vlan if vlan is not None and low <= vlan <= high else None
