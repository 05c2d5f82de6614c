# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From what is and what is wanted to a plan. Pure: (state, wanted) -> operations, and the state after them."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import MTU_AUTO, Wanted, all_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.checks import check_kind
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.compare import hanging_names, ports_are_as_wanted, vlans_on
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft, Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.links import plan_admin_state, plan_held_back, plan_link, plan_neighbours

# From this many rows on, looking up each is cheaper than a dump, whose cost grows with the square (docs/performance.md).
LOOKUP_FROM = 2000


def make_plan(state: HostState, wanted: Wanted) -> Plan:
    """Links first, then ports, rows, what brings interfaces up, and last of all removals that stand in nobody's way: every prefix of
    the plan is safe (F24)."""
    draft = Draft(state)
    draft.assuming = wanted.assume
    for warning in wanted.warnings:
        draft.warn(warning)
    last = _plan_early_removals(draft, wanted) if wanted.mark or any(not link.present for link in wanted.links) else []
    for link in wanted.links:
        if link.present or link.link.name not in draft.leaving:
            plan_link(draft, link)
    _plan_lists(draft, wanted)
    for link in wanted.links:
        if link.present:
            plan_admin_state(draft, link.link)
    for name in last:
        _remove(draft, name)
    _remember(draft, wanted)
    return Plan(tuple(draft.operations), state, draft.state.frozen(), draft.recreated, tuple(draft.warnings))


def _plan_lists(draft: Draft, wanted: Wanted) -> None:
    """Ports of bridges, their VLANs, VNI filters and forwarding rows."""
    for link in wanted.links:
        if link.present and (link.ports or link.purge != "none") and not ports_are_as_wanted(draft.state, link):
            from ansible_collections.vxlan.fabric.plugins.module_utils._plan.ports import plan_ports

            plan_ports(draft, link, wanted.assume)
    for lists in all_vlans(wanted):
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.vlans import plan_vlans

        plan_vlans(draft, lists, wanted.assume)
    for link in wanted.links:
        if link.present and link.vlans:
            plan_held_back(draft, link.link)
    for link in wanted.links:
        if link.present:
            plan_neighbours(draft, link.link)
    for filtered in wanted.vnis:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.vnis import plan_vnis

        plan_vnis(draft, filtered, wanted.assume)
    for rows in wanted.rows:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rows import plan_rows

        plan_rows(draft, rows, wanted.assume)
    _remember(draft, wanted)


def _remember(draft: Draft, wanted: Wanted) -> None:
    """What the plan has made the kernel forget of interfaces, theirs or others'."""
    if draft.forgotten:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.flushing import plan_remembering

        plan_remembering(draft, {link.link.name: link.link for link in wanted.links})


def _plan_early_removals(draft: Draft, wanted: Wanted) -> list[str]:
    """Remove what stands in the way; the names of what is to be removed at the end."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.leaving import leaving_names, stand_in_the_way

    links = draft.state.links
    for asked in wanted.links:
        if not asked.present and asked.link.name in links:
            check_kind(links[asked.link.name], asked.link.kind)
    leaving = leaving_names(links, wanted)
    first = stand_in_the_way(links, leaving, wanted) if leaving else set()
    if wanted.in_the_way:
        leaving = [name for name in leaving if name in first]
    draft.leaving = frozenset(leaving)
    for name in leaving:
        if name in first:
            _remove(draft, name)
    return [name for name in leaving if name not in first]


def _remove(draft: Draft, name: str) -> None:
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.recreate import remove_link

    current = draft.state.links.get(name)
    if current is not None:
        remove_link(draft, current)


def first_scope(wanted: Wanted) -> Scope:
    """What has to be read for a run, as far as the request alone tells."""
    links = [w for w in wanted.links if w.present]
    lookups = {rows.interface: rows.rows for rows in wanted.rows if rows.present and rows.purge == "none" and can_look_up(rows.rows)}
    tables = {rows.interface for rows in wanted.rows if rows.interface not in lookups}
    given = [w.link.attributes for w in links]
    return Scope(
        # Flags of a port that may change its master are put back when the run fails.
        bridges=any(w.link.kind != "vxlan" or w.link.master is not None for w in wanted.links) or bool(wanted.mark or wanted.vlans),
        addresses=any(w.link.addresses is not None or w.local_from or w.link.mtu == MTU_AUTO or w.link.attributes.get("local") for w in links),
        # With a MAC that is set the kernel forgets them, and a bridge's follows its ports.
        neighbours=any(w.link.neighbours is not None or w.link.mac is not None or w.ports for w in links),
        lookups=lookups,
        # The kernel has a row for each destination of a filter: not one to purge.
        vnis=frozenset(filtered.interface for filtered in wanted.vnis) | {rows.interface for rows in wanted.rows if rows.purge != "none"},
        # A row of a bridge without a VLAN is one in every VLAN of the port (br_fdb_add, net/bridge/br_fdb.c).
        vlans=bool(all_vlans(wanted)) or any(row.table == "master" and row.vlan is None for rows in wanted.rows for row in rows.rows),
        fdb=frozenset(tables)
        | frozenset(filtered.interface for filtered in wanted.vnis)
        | frozenset(w.link.name for w, a in zip(links, given) if "destination" in a or "device" in a),
    )


def can_look_up(rows: Sequence[FdbRow]) -> bool:
    """Rows that are so many that looking each up beats reading the table, and that can be: one destination per MAC."""
    return len(rows) >= LOOKUP_FROM and all(row.table == "self" and row.vlan is None and not takes_flood_list(row.mac) for row in rows)


def second_scope(state: HostState, wanted: Wanted) -> frozenset[str]:
    """Interfaces that this run may take down, of which everything has to be read."""
    names: set[str] = set()
    vrfs = {name for name, link in state.links.items() if link.kind == "vrf"} | {w.link.name for w in wanted.links if w.link.kind == "vrf"}
    for link in wanted.links:
        names |= hanging_names(state, link, vrfs)
    if wanted.mark:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.leaving import leaving_names

        stale = set(leaving_names(state.links, wanted))
        names |= stale | {link.name for link in state.links.values() if link.master in stale}
    return frozenset(names | vlans_on(state, names)) if names else frozenset()


def loses_vlans(state: HostState, wanted: Wanted) -> bool:
    """An attribute or flag changes that takes VLANs, or their VNIs, along: they have to be known to be put back when the run fails."""
    for link in wanted.links:
        current = state.links.get(link.link.name)
        if current is None or not link.present:
            continue
        pvid = link.link.attributes.get("vlan_default_pvid")
        if pvid is not None and pvid != current.attributes.get("vlan_default_pvid", pvid):
            return True
        for port in link.ports:
            there = state.links.get(port.name)
            if (port.port or {}).get("vlan_tunnel") is False and there is not None and (there.port or {}).get("vlan_tunnel"):
                return True
    return False


def leaving_ports(state: HostState, wanted: Wanted) -> frozenset[str]:
    """Ports that this run may take out of their bridge: their rows in its table go then, and have to be known."""
    purged = {w.link.name: {port.name for port in w.ports} for w in wanted.links if w.present and w.purge != "none"}
    moved = {w.link.name: w.link.master for w in wanted.links if w.present and w.link.master is not None}
    moved.update((port.name, w.link.name) for w in wanted.links if w.present for port in w.ports)
    return frozenset(
        link.name
        for link in state.links.values()
        if link.master and (moved.get(link.name, link.master) != link.master or (link.master in purged and link.name not in purged[link.master]))
    )
