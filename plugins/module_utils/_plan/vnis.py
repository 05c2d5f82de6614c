# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan the VNI filter of an interface: a set difference of VNIs. Pure."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link, collapsed, expanded
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC, is_multicast
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedVnis
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft


def plan_vnis(draft: Draft, wanted: WantedVnis, assume: bool) -> None:
    """Bring the filter to exactly these entries, or extend it by them, new ones first."""
    link = draft.state.links.get(wanted.interface)
    if link is None:
        if not wanted.present:
            return
        link = _assumed(draft, wanted.interface, assume)
    _check(wanted, link)
    destination = link.attributes.get("destination")
    own = str(destination) if destination is not None else None
    # An entry without a destination has the interface's own, if there is one (vxlan_vni_update_group).
    entries = {vni: told if told is not None else own for vni, told in expanded(wanted.rows).items()}
    present = expanded(draft.state.vnis.get(wanted.interface, ()))
    if not wanted.present:
        gone = {vni: told for vni, told in present.items() if vni in entries}
        if gone:
            draft.do(ops.DeleteVnis(wanted.interface, collapsed(gone)))
        return
    if entries == present:
        return
    # The kernel does not take a destination away from an entry, so such an entry goes and comes again.
    bare = {vni: told for vni, told in present.items() if vni in entries and entries[vni] is None and told is not None}
    if bare:
        draft.do(ops.DeleteVnis(wanted.interface, collapsed(bare)))
    new = {vni: told for vni, told in entries.items() if vni not in present or present[vni] != told}
    if new:
        before = {vni: present[vni] for vni in new if vni in present and vni not in bare}
        draft.do(ops.WriteVnis(wanted.interface, collapsed(new), collapsed(before)))
    # The kernel leaves the row of an entry's former destination: frames would go out twice.
    moved = {(vni, told) for vni, told in present.items() if told is not None and vni in new and new[vni] != told and vni not in bare}
    if moved:
        rows = draft.state.fdb.get(wanted.interface, ())
        draft.do(ops.DeleteRows(wanted.interface, tuple(row for row in rows if row.mac == ZERO_MAC and (row.src_vni, row.dst) in moved)))
    gone = {vni: told for vni, told in present.items() if vni not in entries}
    if gone and wanted.exact:
        draft.do(ops.DeleteVnis(wanted.interface, collapsed(gone)))


def _assumed(draft: Draft, name: str, assume: bool) -> Link:
    if not assume:
        raise ArgumentError(f"vnis: there is no interface {name!r} on this host")
    draft.warn(f"{name} does not exist yet; taken as if it did and filtered VNIs, since this is a check")
    link = Link(name, "vxlan", attributes={"external": True, "vnifilter": True})
    draft.assume(link)
    return link


def _check(wanted: WantedVnis, link: Link) -> None:
    """What the kernel would refuse; all mistakes at once."""
    name = wanted.interface
    if not link.attributes.get("vnifilter"):
        raise ArgumentError(f"vnis: {name} has no VNI filter; that takes 'external: true' and 'vnifilter: true'")
    groups = [row for row in wanted.rows if row.destination is not None and is_multicast(row.destination)]
    mistakes = [f"vnis.{name}: a multicast group ({row.destination} of VNI {row.start}) needs 'device' on the interface" for row in groups]
    if mistakes and not link.attributes.get("device"):
        raise ArgumentListError(mistakes)
