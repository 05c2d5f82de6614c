# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The state of a host while a plan is made: changed in place, with indexes, so that a plan for thousands of links stays linear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import claim_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, KeptAddress, Link, Route, VniRow

if TYPE_CHECKING:  # most runs see no VLANs
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow

_Item = TypeVar("_Item")


class Working:
    """Everything a HostState holds, owned by one plan. The questions below are asked once per link of a plan."""

    def __init__(self, state: HostState) -> None:
        self.links: dict[str, Link] = dict(state.links)
        self.fdb: dict[str, tuple[FdbRow, ...]] = dict(state.fdb)
        self.vnis: dict[str, tuple[VniRow, ...]] = dict(state.vnis)
        self.routes: dict[str, tuple[Route, ...]] = dict(state.routes)
        self.kept_addresses: Mapping[str, tuple[KeptAddress, ...]] = state.kept_addresses
        self.vlans: dict[str, tuple[VlanRow, ...]] | None = None if state.vlans is None else dict(state.vlans)
        self.tunnels: dict[str, tuple[TunnelRow, ...]] | None = None if state.tunnels is None else dict(state.tunnels)
        self.knows_addresses = any(link.addresses is not None for link in state.links.values())
        self.knows_neighbours = any(link.neighbours is not None for link in state.links.values())
        self._ports: dict[str, dict[str, None]] = {}
        self._standing: dict[str, dict[str, None]] = {}
        self._holders: dict[tuple[Value, ...], dict[str, None]] = {}
        self._addresses: dict[str, str] | None = None
        for link in self.links.values():
            self._enter(link)

    def _enter(self, link: Link) -> None:
        if link.master:
            self._ports.setdefault(link.master, {})[link.name] = None
        if link.lower:
            self._standing.setdefault(link.lower, {})[link.name] = None
        held = _claim(link)
        if held is not None:
            self._holders.setdefault(held, {})[link.name] = None

    def _leave(self, link: Link) -> None:
        if link.master:
            self._ports[link.master].pop(link.name, None)
        if link.lower:
            self._standing[link.lower].pop(link.name, None)
        held = _claim(link)
        if held is not None:
            self._holders[held].pop(link.name, None)

    def put(self, link: Link) -> None:
        """A link as it is from now on."""
        old = self.links.get(link.name)
        if old is not None:
            self._leave(old)
            if old.addresses != link.addresses:
                self._addresses = None
        elif link.addresses:
            self._addresses = None
        self.links[link.name] = link
        self._enter(link)

    def drop(self, name: str) -> None:
        """A link that is gone, with its rows; its ports are nobody's."""
        old = self.links.pop(name)
        self._leave(old)
        self.fdb.pop(name, None)
        for lists in (self.vlans, self.tunnels):
            if lists is not None:
                lists.pop(name, None)
        if old.addresses:
            self._addresses = None

    def ports_of(self, bridge: str) -> list[Link]:
        return [self.links[name] for name in self._ports.get(bridge, ())]

    def standing_on(self, name: str) -> list[str]:
        """Links that the kernel deletes together with this one, sorted."""
        return sorted(other for other in self._standing.get(name, ()) if other != name)

    def with_vni(self, vni: Value) -> list[Link]:
        """VXLAN interfaces that were made here with this VNI."""
        return [self.links[name] for name in self._holders.get(("vxlan", vni), ())]

    def other_holders(self, link: Link) -> list[Link]:
        """Other links of the kind that have what only one can have, see claim_of."""
        held = _claim(link)
        names = self._holders.get(held, ()) if held is not None else ()
        return [self.links[name] for name in names if name != link.name]

    def owner_of_address(self, address: str) -> Link | None:
        """The first link that has an address (without a prefix length), if any."""
        if self._addresses is None:
            found: dict[str, str] = {}
            for link in self.links.values():
                for prefix in link.addresses or ():
                    found.setdefault(prefix.partition("/")[0], link.name)
            self._addresses = found
        name = self._addresses.get(address)
        return self.links[name] if name is not None else None

    def frozen(self) -> HostState:
        """What the plan leads to. The working state is not to be changed afterwards."""
        return HostState(self.links, self.fdb, self.vnis, self.routes, self.kept_addresses, self.vlans, self.tunnels)


def _claim(link: Link) -> tuple[Value, ...] | None:
    return None if link.foreign_namespace else claim_of(link.kind, link.attributes)


def replaced(items: tuple[_Item, ...], gone: Iterable[_Item], new: Iterable[_Item]) -> tuple[_Item, ...]:
    """A tuple without some items and with others at its end."""
    dropped = set(gone)
    kept = [item for item in items if item not in dropped] if dropped else items
    return (*kept, *new)
