# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a run is asked for: links and forwarding rows with the policies that apply to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, VniRow

if TYPE_CHECKING:  # most runs ask for no VLANs
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow

# A place in a wanted link that is only known on the host itself.
MTU_AUTO = -1


class WantedLink(NamedTuple):
    """A link and what may be done to get it.

    link          stated fields; None, and keys that are missing, are left alone
    present       False: it has to go
    recreate      when_needed | never | always: policy for attributes that cannot change on a live interface
    local_from    name of the interface whose address is to be the source address
    missing_local fail | warn: a source address that the host does not have
    ports         ports of a bridge: name and the flags that are stated
    purge         none | managed | all: ports that are not listed
    vlans         VLANs of a bridge itself and of its ports
    """

    link: Link
    present: bool = True
    recreate: str = "when_needed"
    local_from: str | None = None
    missing_local: str = "fail"
    ports: tuple[Link, ...] = ()
    purge: str = "none"
    vlans: tuple[WantedVlans, ...] = ()


class WantedVlans(NamedTuple):
    """VLANs of a bridge or a bridge port, and the VNIs that the port maps VLANs to. None: left alone.

    exact    what is not listed goes
    present  False: these mappings have to go
    """

    interface: str
    vlans: tuple[VlanRow, ...] | None = None
    tunnels: tuple[TunnelRow, ...] | None = None
    exact: bool = True
    present: bool = True


class WantedRows(NamedTuple):
    """Forwarding rows of one interface.

    present      False: these rows have to go
    purge        none | managed | static | all: rows of MACs that are not listed
    flood_lists  exact | extend: destinations of a listed flood MAC that are not listed
    """

    interface: str
    rows: tuple[FdbRow, ...]
    present: bool = True
    purge: str = "none"
    flood_lists: str = "exact"


class WantedVnis(NamedTuple):
    """The VNI filter of one interface.

    exact    entries that are not listed go
    present  False: these entries have to go
    """

    interface: str
    rows: tuple[VniRow, ...]
    exact: bool = True
    present: bool = True


class Wanted(NamedTuple):
    """Everything one run is asked for.

    links     bridges before the interfaces that are their ports
    vlans     of interfaces beside the bridges among the links
    assume    interfaces that are missing now are taken as there (check mode of a module for one object)
    mark      alias of the VXLAN interfaces and bridges that go when they are not among the links; empty: none go
    in_the_way  of those only what stands in the way of something wanted
    warnings  what was found while parsing
    """

    links: tuple[WantedLink, ...] = ()
    rows: tuple[WantedRows, ...] = ()
    vnis: tuple[WantedVnis, ...] = ()
    vlans: tuple[WantedVlans, ...] = ()
    assume: bool = False
    mark: str = ""
    warnings: tuple[str, ...] = ()
    in_the_way: bool = False


def without_removals(wanted: Wanted) -> Wanted:
    """What of it adds and changes. Everything stays that would go because it is not listed, or is to be absent, but for what stands in the
    way: without its place nothing could be added."""
    links = [link._replace(purge="none", link=_keeping_lists(link.link), vlans=_extending(link.vlans)) for link in wanted.links if link.present]
    rows = [entry._replace(purge="none", flood_lists="extend") for entry in wanted.rows if entry.present]
    vnis = [entry._replace(exact=False) for entry in wanted.vnis if entry.present]
    return wanted._replace(links=tuple(links), rows=tuple(rows), vnis=tuple(vnis), vlans=_extending(wanted.vlans), in_the_way=True)


def all_vlans(wanted: Wanted) -> list[WantedVlans]:
    """The VLAN lists of a run: those of a bridge before those of its ports."""
    return [*(lists for link in wanted.links if link.present for lists in link.vlans), *wanted.vlans]


def _extending(lists: tuple[WantedVlans, ...]) -> tuple[WantedVlans, ...]:
    return tuple(entry._replace(exact=False) for entry in lists if entry.present)


def _keeping_lists(link: Link) -> Link:
    """Addresses and neighbours of a link that is to have none are left for later; other lists are exact at once."""
    return replace(link, addresses=link.addresses or None, neighbours=link.neighbours or None)
