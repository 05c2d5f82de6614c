# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""VLANs of a bridge or a port, and the VNIs that a port maps them to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, UnsupportedError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import (
    TunnelRow,
    VlanEntry,
    VlanRow,
    collapsed_tunnels,
    collapsed_vlans,
    expanded_tunnels,
    expanded_vlans,
    range_text,
    with_default_pvid,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedVlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working

NEW_STATE = "forwarding"  # of a VLAN that is added (__vlan_add, net/bridge/br_vlan.c)


def plan_vlans(draft: Draft, wanted: WantedVlans, assume: bool) -> None:
    """Bring VLANs and their VNIs to what is wanted: VLANs that come before VNIs, VLANs that go after."""
    link = draft.state.links.get(wanted.interface)
    if link is None:
        if wanted.present:
            _missing(draft, wanted, assume)
        return
    vlans, tunnels = _present(draft, link)
    own = link.kind == "bridge"
    for operation in written_vlans(link.name, vlans, wanted.vlans or (), own):
        draft.do(operation)
    if wanted.tunnels is not None:
        for change in _tunnel_changes(draft, wanted, link, expanded_tunnels(tunnels)):
            draft.do(change)
    if wanted.vlans is not None and wanted.exact:
        for change in removed_vlans(link.name, *_present(draft, link), expanded_vlans(wanted.vlans), own):
            draft.do(change)


def _missing(draft: Draft, wanted: WantedVlans, assume: bool) -> None:
    """An interface that is not there: in a check of a module for one object it is taken as a port that has what is listed."""
    if not assume:
        raise ArgumentError(f"interface: there is no interface {wanted.interface!r} on this host")
    draft.warn(f"{wanted.interface} does not exist yet; taken as if it did and mapped no VLANs, since this is a check")
    if wanted.tunnels:
        draft.do(ops.WriteTunnels(wanted.interface, wanted.tunnels))


def _present(draft: Draft, link: Link) -> tuple[tuple[VlanRow, ...], tuple[TunnelRow, ...]]:
    """What the link has at this point of the plan."""
    if draft.state.vlans is None or draft.state.tunnels is None:
        raise UnsupportedError(
            f"{link.name}: this kernel does not tell the VLANs of bridges: it was built without them (CONFIG_BRIDGE_VLAN_FILTERING), or is older than Linux 5.7"
        )
    if link.name not in draft.state.vlans:
        raise ArgumentError(f"{link.name}: is neither a bridge nor a port of one, so it has no VLANs")
    return draft.state.vlans[link.name], draft.state.tunnels.get(link.name, ())


def written_vlans(name: str, present: Iterable[VlanRow], wanted: Iterable[VlanRow], own: bool) -> list[ops.Operation]:
    """Add what is missing, change what differs."""
    have = expanded_vlans(present)
    sent: dict[int, VlanEntry] = {}
    before: dict[int, VlanEntry] = {}
    for vlan, entry in expanded_vlans(wanted).items():
        old = have.get(vlan)
        options = _options(entry, old)
        if old is not None and entry[:2] == old[:2] and options == (None, None):
            continue
        sent[vlan] = (entry[0], entry[1], *options)
        if old is not None:
            before[vlan] = (old[0], old[1], old[2] if options[0] else None, old[3] if options[1] is not None else None)
    if any(entry[0] for entry in sent.values()):  # a new PVID: the one before is none any more
        before.update({vlan: (True, entry[1], None, None) for vlan, entry in have.items() if entry[0] and vlan not in before})
    return [ops.WriteVlans(name, collapsed_vlans(sent), collapsed_vlans(before), own)] if sent else []


def _options(entry: VlanEntry, old: VlanEntry | None) -> tuple[str | None, bool | None]:
    """State and neigh_suppress as far as they have to be sent: an older kernel refuses what it does not know."""
    state = old[2] if old is not None else NEW_STATE
    suppress = bool(old[3]) if old is not None else False
    return entry[2] if entry[2] not in (None, state) else None, entry[3] if entry[3] not in (None, suppress) else None


def removed_vlans(
    name: str, present: Iterable[VlanRow], tunnels: Iterable[TunnelRow], kept: Mapping[int, object] | Iterable[int], own: bool
) -> list[ops.Operation]:
    """Remove VLANs that are not among those kept, and before that their VNIs."""
    gone = {vlan: as_new(entry) for vlan, entry in expanded_vlans(present).items() if vlan not in kept}
    mapped = {vlan: vni for vlan, vni in expanded_tunnels(tunnels).items() if vlan in gone}
    found: list[ops.Operation] = []
    if mapped:
        found.append(ops.DeleteTunnels(name, collapsed_tunnels(mapped)))
    if gone:
        found.append(ops.DeleteVlans(name, collapsed_vlans(gone), own))
    return found


def as_new(entry: VlanEntry) -> VlanEntry:
    """What has to be said of a VLAN that is added to have this one."""
    return (entry[0], entry[1], entry[2] if entry[2] != NEW_STATE else None, entry[3] or None)


def settled_vlans(name: str, born: Iterable[VlanRow], rows: Iterable[VlanRow], tunnels: tuple[TunnelRow, ...], own: bool = False) -> list[ops.Operation]:
    """From the VLANs that an interface was born with to exactly these, and their VNIs."""
    wanted = collapsed_vlans({vlan: as_new(entry) for vlan, entry in expanded_vlans(rows).items()})
    found = removed_vlans(name, born, (), expanded_vlans(wanted), own)
    found += written_vlans(name, born, wanted, own)
    return [*found, ops.WriteTunnels(name, tunnels)] if tunnels else found


def undone_default_pvid(state: Working, bridge: str, old: int, new: int) -> tuple[ops.Operation, ...]:
    """What is still to be put back when a default PVID has moved from one to another VLAN and back."""
    if state.vlans is None or state.tunnels is None:
        return ()
    found: list[ops.Operation] = []
    for name in (bridge, *(port.name for port in state.ports_of(bridge))):
        rows = state.vlans.get(name, ())
        moved = with_default_pvid(rows, old, new)
        left = expanded_vlans(moved)
        lost = {vlan: vni for vlan, vni in expanded_tunnels(state.tunnels.get(name, ())).items() if vlan not in left}
        found += settled_vlans(name, with_default_pvid(moved, new, old), rows, collapsed_tunnels(lost), own=name == bridge)
    return tuple(found)


def _tunnel_changes(draft: Draft, wanted: WantedVlans, link: Link, have: Mapping[int, int]) -> list[ops.Operation]:
    """The kernel refuses to map a VLAN, or a VNI, that is mapped (__vlan_tunnel_info_add), so what is in the way goes first."""
    name = link.name
    asked = expanded_tunnels(wanted.tunnels or ())
    if not wanted.present:
        gone = {vlan: vni for vlan, vni in asked.items() if have.get(vlan) == vni}
        return [ops.DeleteTunnels(name, collapsed_tunnels(gone))] if gone else []
    new = {vlan: vni for vlan, vni in asked.items() if have.get(vlan) != vni}
    if new:
        _check_tunnels(draft, link, new)
    vnis = set(new.values())
    displaced = {vlan: vni for vlan, vni in have.items() if vlan in new or vni in vnis}
    stale = {vlan: vni for vlan, vni in have.items() if vlan not in asked and vlan not in displaced} if wanted.exact else {}
    found: list[ops.Operation] = []
    if displaced:
        found.append(ops.DeleteTunnels(name, collapsed_tunnels(displaced)))
    if new:
        found.append(ops.WriteTunnels(name, collapsed_tunnels(new)))
    if stale:
        found.append(ops.DeleteTunnels(name, collapsed_tunnels(stale)))
    return found


def _check_tunnels(draft: Draft, link: Link, new: Mapping[int, int]) -> None:
    """What the kernel would refuse (br_vlan_modify_tunnel, net/bridge/br_vlan_options.c)."""
    if link.kind == "bridge":
        raise ArgumentError(f"{link.name}.tunnels: a bridge itself maps no VLANs, its ports do")
    if not (link.port or {}).get("vlan_tunnel"):
        raise ArgumentError(f"{link.name}.tunnels: the port maps VLANs to VNIs with 'vlan_tunnel: true' only")
    vlans = expanded_vlans((draft.state.vlans or {})[link.name])
    lacking = {vlan: vni for vlan, vni in new.items() if vlan not in vlans}
    if lacking:
        shown = ", ".join(range_text(row.start, row.end) for row in collapsed_tunnels(lacking)[:5])
        raise ArgumentError(f"{link.name}.tunnels: VLAN {shown} is not on the port; 'vlans' of the port puts it there")
