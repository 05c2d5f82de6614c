# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan one link: create, change, re-create or remove it. Pure.

A run that finds everything as wanted goes through here and no further: what plans changes is imported when there are any.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import checks
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.compare import differences, is_as_wanted, merged_attributes, needs_recreation
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft


def plan_link(draft: Draft, wanted: WantedLink) -> None:
    """Everything for one link but its being up: that comes last, see plan_admin_state."""
    current = draft.state.links.get(wanted.link.name)
    if current is not None:
        checks.check_kind(current, wanted.link.kind)
    if not wanted.present:  # see make_plan
        return
    wanted = checks.resolve(draft, wanted)
    if current is None:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.change import change_fields, create_link

        create_link(draft, wanted)
        change_fields(draft, wanted.link)
        return
    if current.kind == "vxlan":
        checks.check_vxlan(draft, wanted, replace(current, attributes=merged_attributes(current, wanted.link)))
        checks.warn_of_unreadable(draft, wanted)
    if not is_as_wanted(draft.state, wanted, current):
        _update(draft, wanted, current)


def plan_admin_state(draft: Draft, link: Link) -> None:
    if link.up is not None and link.up != draft.state.links[link.name].up:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.change import bring_up_or_down

        bring_up_or_down(draft, link)


# A bridge that begins to filter VLANs passes none that its ports do not have, so they get them first.
_AFTER_VLANS = ("vlan_filtering", "mcast_vlan_snooping")


def plan_held_back(draft: Draft, link: Link) -> None:
    """What waited until the ports of a bridge had their VLANs."""
    current = draft.state.links[link.name]
    changes = differences(table_of(current.kind), {key: link.attributes[key] for key in _AFTER_VLANS if key in link.attributes}, current.attributes)
    if changes:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.change import change_attributes

        change_attributes(draft, current, changes)


def plan_neighbours(draft: Draft, link: Link) -> None:
    """After the ports of bridges: what changes a MAC makes the kernel forget the neighbours."""
    stated, present = link.neighbours, draft.state.links[link.name].neighbours or ()
    if (draft.operations and present) or (stated is not None and stated != present) or _lost(draft, link, present):
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.change import change_neighbours

        change_neighbours(draft, link)


def _lost(draft: Draft, link: Link, present: tuple[Neighbour, ...]) -> bool:
    before = draft.before.links.get(link.name)
    return before is not None and bool(before.neighbours) and before.neighbours != present


def _update(draft: Draft, wanted: WantedLink, current: Link) -> None:
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan import change

    forced = needs_recreation(wanted, current)
    if forced:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.recreate import recreate_link

        recreate_link(draft, wanted, current, forced)
        if not {"destination", "device"}.isdisjoint(wanted.link.attributes):  # then a deleted default row is no statement
            change.settle_default_row(draft, current.name)
    else:
        changes = differences(table_of(current.kind), wanted.link.attributes, current.attributes)
        if wanted.vlans and changes.get("vlan_filtering"):
            changes = {key: value for key, value in changes.items() if key not in _AFTER_VLANS}
        change.change_attributes(draft, current, changes)
        change.settle_default_row(draft, current.name)
    change.change_fields(draft, wanted.link)
