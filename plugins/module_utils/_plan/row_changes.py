# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan what changes in the forwarding rows of one interface. Pure. A run that finds them right never comes here."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, is_of_filter, owner_of, row_key, row_quality
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import family_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import VlanEntry, expanded_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedRows
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rows import in_every_vlan, in_flood_list, may_purge

_SHOWN_MISTAKES = 20


def check_rows(rows: tuple[FdbRow, ...], link: Link) -> None:
    """Everything that the kernel would refuse, or acknowledge and not do; all mistakes at once."""
    external = bool(link.attributes.get("external"))
    # Long lists repeat what follows the MAC: judge each such tail once.
    tails = {row[1:]: row for row in rows}
    mistakes = [mistake for row in tails.values() for mistake in _mistakes_of(row, link, external)]
    mistakes += _double_destinations([row for row in rows if not in_flood_list(row)])
    if mistakes:
        raise ArgumentListError([f"{link.name}: {mistake}" for mistake in mistakes[:_SHOWN_MISTAKES]])


def _double_destinations(single: list[FdbRow]) -> list[str]:
    """A second destination of a unicast MAC would be acknowledged and ignored (F9)."""
    if len({row.mac for row in single}) == len(single):
        return []
    seen: dict[tuple[object, ...], FdbRow] = {}
    mistakes = []
    for row in single:
        other = seen.setdefault(entry_of(row), row)
        if other is not row:
            mistakes.append(
                f"{row.mac}: a unicast MAC has one destination, two are given ({other.dst or other.nexthop_group} and "
                f"{row.dst or row.nexthop_group}); several VTEPs behind one MAC are a nexthop group"
            )
    return mistakes


def _mistakes_of(row: FdbRow, link: Link, external: bool) -> list[str]:
    found = []
    if row.table == "self" and link.kind == "vxlan":
        if row.dst is None and row.nexthop_group is None:
            found.append(f"{row.mac}: a row of a VXLAN interface needs 'dst' or 'nexthop_group'")
        if row.dst is not None and link.index and family_of(row.dst) != link.family:
            found.append(f"{row.mac}: destination {row.dst} is not IPv{link.family}, which is what {link.name} sends")
        if row.src_vni is not None and not external:
            found.append(f"{row.mac}: 'src_vni' needs an interface with 'external'")
    if row.dst is not None and row.nexthop_group is not None:
        found.append(f"{row.mac}: 'dst' and 'nexthop_group' exclude each other")
    if row.table == "master" and (row.dst or row.port or row.vni or row.src_vni or row.via or row.nexthop_group):
        found.append(f"{row.mac}: a row of the bridge (table master) has no destination")
    if row.table == "master" and link.index and not link.master:
        found.append(f"{row.mac}: table master needs {link.name} to be a port of a bridge")
    return found


def entry_of(row: FdbRow) -> tuple[object, ...]:
    """What the kernel looks a frame up by: one entry, which for flood MACs has several destinations."""
    return (row.mac, row.table, row.vlan, row.src_vni)


def plan_present(draft: Draft, wanted: WantedRows, rows: tuple[FdbRow, ...], current: tuple[FdbRow, ...], link: Link) -> None:
    have = set(current)
    missing = [row for row in rows if row not in have]
    lists: dict[tuple[object, ...], list[FdbRow]] = {}
    for row in filter(in_flood_list, rows):
        lists.setdefault(entry_of(row), []).append(row)
    if not missing and not lists:
        return
    single = [row for row in missing if entry_of(row) not in lists] if lists else missing
    by_entry: dict[tuple[object, ...], list[FdbRow]] = {}
    if current:
        entries = {entry_of(row) for row in single} | set(lists)
        for row in current:
            if entry_of(row) in entries:
                by_entry.setdefault(entry_of(row), []).append(row)
    _write_single(draft, link, single, by_entry)
    device = link.attributes.get("device")
    changes = [_flood_list(wanted, listed, by_entry.get(entry, []), str(device) if device else None) for entry, listed in lists.items()]
    # Thousands of lists, one for each VNI of an interface, are one operation: each looks through the whole table.
    written, displaced, gone = ([row for change in changes for row in change[at]] for at in range(3))
    if written:
        draft.do(ops.WriteRows(link.name, tuple(written), append=True, displaced=tuple(displaced)))
    if gone:
        draft.do(ops.DeleteRows(link.name, tuple(dict.fromkeys(gone))))


def _write_single(draft: Draft, link: Link, missing: list[FdbRow], by_entry: dict[tuple[object, ...], list[FdbRow]]) -> None:
    """Rows of which an entry has one: they replace what is there. Between a destination and a nexthop group the kernel does
    not replace, so the old one goes first."""
    if not missing:
        return
    displaced: list[FdbRow] = []
    removed: list[FdbRow] = []
    for row in missing if by_entry else ():
        for old in by_entry.get(entry_of(row), []):
            if old.extern_learn and not row.extern_learn:
                draft.warn(f"{link.name}: {row.mac} had been set by a routing daemon (extern_learn); the static row replaces it")
            # A routing daemon's row does not take over a user's: acknowledged and ignored (vxlan_fdb_update_existing).
            taken_over = row.table == "self" and row.extern_learn and not old.extern_learn
            switch = taken_over or (old.nexthop_group is None) != (row.nexthop_group is None)
            (removed if switch else displaced).append(old)
    if removed:
        draft.do(ops.DeleteRows(link.name, tuple(removed)))
    draft.do(ops.WriteRows(link.name, tuple(missing), displaced=tuple(displaced)))


def _flood_list(wanted: WantedRows, listed: list[FdbRow], current: list[FdbRow], device: str | None) -> tuple[list[FdbRow], list[FdbRow], list[FdbRow]]:
    """What makes the destinations of one flood MAC an exact set (or extends it by policy): rows to write, those that they displace,
    and rows to remove."""
    have: dict[tuple[object, ...], FdbRow] = {}
    gone: list[FdbRow] = []
    for row in sorted(current, key=lambda row: row.via is not None):
        key = row_key(row, device)
        if key in have:
            gone.append(row)  # the same VTEP twice, with and without 'via': everything would go out twice (F6)
        have[key] = row
    keys = {row_key(row, device) for row in listed}
    new = [row for row in listed if row_key(row, device) not in have]
    changed = [(have[row_key(row, device)], row) for row in listed if row_key(row, device) in have]
    restated = [(old, row._replace(via=old.via)) for old, row in changed if row_quality(old) != row_quality(row)]
    if wanted.flood_lists == "exact":
        gone += [row for key, row in have.items() if key not in keys and (not row.extern_learn or wanted.purge == "all")]
    return [*new, *(row for _old, row in restated)], [old for old, _row in restated], gone


def plan_absent(draft: Draft, wanted: WantedRows, link: Link, current: tuple[FdbRow, ...]) -> None:
    """Remove rows. A row given without a destination means every row of that MAC, one without port, VNI or device every way to
    that destination; each is deleted with all that identifies it, because deleting the zero MAC without a destination would
    take the whole list (F8)."""
    exact: dict[tuple[object, ...], list[FdbRow]] = {}
    for row in wanted.rows:
        if row.dst or row.nexthop_group:
            exact.setdefault((*entry_of(row), row.dst or row.nexthop_group), []).append(row)
    whole = {(row.mac, row.table, row.vlan) for row in wanted.rows if not row.dst and not row.nexthop_group}
    own = {field: link.attributes.get(attribute) for field, attribute in _WAYS.items()}
    gone = tuple(
        row
        for row in current
        if ((row.mac, row.table, row.vlan) in whole or any(_is_way(row, given, own) for given in exact.get((*entry_of(row), row.dst or row.nexthop_group), ())))
        and not _is_own_address(link, row)
    )
    if gone:
        draft.do(ops.DeleteRows(wanted.interface, gone))


# What tells two ways to one destination apart, and the attribute of the interface that stands for "not reported".
_WAYS = {"port": "port", "vni": "vni", "via": "device"}


def _is_way(row: FdbRow, given: FdbRow, own: Mapping[str, object]) -> bool:
    """What is given fits the row, which has none where it is the interface's own."""
    for field in _WAYS:
        stated, found = getattr(given, field), getattr(row, field)
        if stated is not None and stated != (own[field] if found is None else found):
            return False
    return True


def _is_own_address(link: Link, row: FdbRow) -> bool:
    """The bridge's entry for the interface's own MAC belongs to the kernel."""
    return row.table == "master" and row.state == "permanent" and row.mac == link.mac


def _vlans_of(draft: Draft, name: str) -> dict[int, VlanEntry]:
    return expanded_vlans((draft.state.vlans or {}).get(name, ()))


def purge_rows(
    draft: Draft, wanted: WantedRows, rows: tuple[FdbRow, ...], link: Link, filtered: frozenset[tuple[int | None, str | None]] = frozenset()
) -> None:
    """Rows of MACs that are not listed, as far as the policy says that they are ours to remove. filtered: destinations of the VNI filter."""
    listed = {entry_of(row) for row in rows}
    listed |= {(row.mac, row.table, vlan, None) for row in rows if in_every_vlan(row) for vlan in _vlans_of(draft, wanted.interface)}
    others = (row for row in draft.state.fdb.get(wanted.interface, ()) if entry_of(row) not in listed and not is_of_filter(row, filtered))
    gone = tuple(row for row in others if may_purge(wanted.purge, owner_of(row, link), row))
    if wanted.purge == "managed" and not link.managed and link.index:
        draft.warn(f"{link.name}: no owner mark in its alias, so 'purge: managed' removes nothing")
    if gone:
        draft.do(ops.DeleteRows(wanted.interface, gone))
