# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan the forwarding rows of one interface: a set difference, computed from a dump because the kernel's return codes lie (F8,
F9). Pure, and fast where nothing is missing: 100,000 rows are compared as sets."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import (
    FdbRow,
    Link,
    destinations_of_filter,
    is_of_filter,
    owner_of,
    row_key,
    without_own,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import GROUP_DIGITS, ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedRows
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft


def plan_rows(draft: Draft, wanted: WantedRows, assume: bool) -> None:
    """Bring the rows of one interface to what is wanted. Additions come before removals, so that flooding never stops."""
    link = draft.state.links.get(wanted.interface)
    if link is None:
        if not wanted.present:
            return
        link = _assumed(draft, wanted.interface, assume)
    current = draft.state.fdb.get(wanted.interface, ())
    rows = normalise(wanted.rows, link)
    filtered = destinations_of_filter(draft.state.vnis.get(wanted.interface, ()))
    if current and wanted.present and _is_as_wanted(wanted, rows, current, link, filtered):
        return
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan import row_changes

    if not wanted.present:
        row_changes.plan_absent(draft, wanted, link, current)
        return
    row_changes.check_rows(rows, link)
    row_changes.plan_present(draft, wanted, rows, _without_filter(current, rows, link, filtered) if filtered else current, link)
    if wanted.purge != "none":
        row_changes.purge_rows(draft, wanted, rows, link, filtered)


def _without_filter(
    current: tuple[FdbRow, ...], rows: tuple[FdbRow, ...], link: Link, filtered: frozenset[tuple[int | None, str | None]]
) -> tuple[FdbRow, ...]:
    """Without the rows of the VNI filter, which no exact list takes away; a row that is wanted too is there."""
    device = str(link.attributes.get("device") or "") or None
    wanted = {row_key(row, device) for row in rows}
    return tuple(row for row in current if not is_of_filter(row, filtered) or row_key(row, device) in wanted)


def _is_as_wanted(
    wanted: WantedRows, rows: tuple[FdbRow, ...], current: tuple[FdbRow, ...], link: Link, filtered: frozenset[tuple[int | None, str | None]]
) -> bool:
    """All rows are there, and of what else is there nothing has to go: the quick answer for a table that is right."""
    have = set(current)
    if not have.issuperset(rows):
        return False
    others = have.difference(rows)
    if filtered:
        others = {row for row in others if not is_of_filter(row, filtered)}
    return not others or not any(in_flood_list(row) or may_purge(wanted.purge, owner_of(row, link), row) for row in others)


def _assumed(draft: Draft, name: str, assume: bool) -> Link:
    if not assume:
        raise ArgumentError(f"interface: there is no interface {name!r} on this host")
    draft.warn(f"{name} does not exist yet; taken as if it did and had no rows, since this is a check")
    link = Link(name, "vxlan")
    draft.assume(link)
    return link


def normalise(rows: tuple[FdbRow, ...], link: Link) -> tuple[FdbRow, ...]:
    """A port, VNI or device that is the interface's own is not reported back by the kernel: drop it here too."""
    port, vni, via = own = tuple(link.attributes.get(key) for key in ("port", "vni", "device"))
    plain = own == (None, None, None) or all(row.port is None and row.vni is None and row.via is None for row in rows)
    # None is equal to no attribute that is there: of many rows with a VNI on an interface that has none, none is touched.
    return tuple(
        dict.fromkeys(
            rows
            if plain
            else [
                without_own(row, link)
                if (row.port == port and port is not None) or (row.vni == vni and vni is not None) or (row.via == via and via is not None)
                else row
                for row in rows
            ]
        )
    )


def in_flood_list(row: FdbRow) -> bool:
    """The row is one of several destinations of its MAC."""
    return (row.mac[1] in GROUP_DIGITS or row.mac == ZERO_MAC) and row.table == "self"


def in_every_vlan(row: FdbRow) -> bool:
    """The bridge takes a row without a VLAN as one in each VLAN of the port as well (br_fdb_add, br_fdb_delete, net/bridge/br_fdb.c)."""
    return row.table == "master" and row.vlan is None


def may_purge(policy: str, owner: str, row: FdbRow) -> bool:
    if owner == "kernel" or (owner == "default" and row.mac == ZERO_MAC):
        return False
    if policy == "managed":
        return owner == "managed"
    if policy == "static":
        return owner in ("managed", "foreign")
    return policy == "all"
