# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Names of the inventory: groups and hosts, expanded to the hosts of a fabric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import GROUPS_OF_VTEPS
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section, suggest

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Named:
    """What a list of words stands for. hosts: sorted. complete: False where a word could not be understood, so that nothing should be
    concluded from what is missing."""

    hosts: tuple[str, ...]
    complete: bool


class Roster:
    """The hosts that words can name. fabric: those of the groups of VTEPs that belong to the fabric at hand; elsewhere: those of other fabrics."""

    def __init__(self, groups: Groups, fabric: Iterable[str], elsewhere: frozenset[str] = frozenset()) -> None:
        self.hosts = tuple(sorted(fabric, key=natural_key))
        self._order = {host: place for place, host in enumerate(self.hosts)}
        self._groups = groups
        self._elsewhere = elsewhere
        self._inventory = frozenset(host for hosts in groups.values() for host in hosts)

    def sort(self, hosts: Sequence[str] | set[str]) -> tuple[str, ...]:
        last = len(self._order)
        return tuple(sorted(hosts, key=lambda host: (self._order.get(host, last), natural_key(host) if host not in self._order else [])))

    def members(self, section: Section, key: str) -> Named:
        """VTEPs. A name that is both is the group, as in Ansible's patterns."""
        hosts: set[str] = set()
        complete = section.given(key)
        for place, word in section.texts(key, words.parse_word):
            found = self.expand(section, place, word)
            complete = complete and found is not None
            for host in found or ():
                if host in self._order:
                    hosts.add(host)
                elif host not in self._elsewhere:
                    complete = False
                    section.mistakes.add(place, f"{host} is in none of the groups {', '.join(GROUPS_OF_VTEPS)}, so deploy never reaches it", "no-vtep")
                elif host == word:
                    complete = False
                    section.mistakes.add(place, f"{host} belongs to another fabric", "several-fabrics")
        if complete and not hosts:
            complete = False
            section.wrong(key, "there is no host in it", "no-member")
        return Named(self.sort(hosts), complete)

    def anybody(self, section: Section, key: str) -> tuple[str, ...]:
        """Hosts of the inventory, VTEPs or not."""
        found = (self.expand(section, place, word) for place, word in section.texts(key, words.parse_word))
        return self.sort({host for hosts in found for host in hosts or ()})

    def expand(self, section: Section, place: Place, word: str) -> Sequence[str] | None:
        """All hosts of a group, or the host; None, and a mistake, for what is neither."""
        if word in self._groups:
            return self._groups[word]
        if word in self._inventory:
            return (word,)
        section.mistakes.add(place, f"there is no group or host {word!r}{suggest(word, self._nameable())}", "unknown-name")
        return None

    def _nameable(self) -> set[str]:
        return {*(group for group in self._groups if group not in ("all", "ungrouped")), *self.hosts}
