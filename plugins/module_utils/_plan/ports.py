# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan the ports of a bridge. Pure."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import conflicts, rebuild
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.change import forgotten, set_mac
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.compare import differences
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft


def plan_ports(draft: Draft, wanted: WantedLink, assume: bool) -> None:
    """Ports of a bridge: enslave, flags, and what is not listed by policy."""
    bridge = wanted.link.name
    joining = any(draft.state.links[port.name].master != bridge for port in wanted.ports if port.name in draft.state.links)
    for port in wanted.ports:
        _enslave(draft, bridge, port, assume)
    if joining:
        _pin(draft, wanted.link)
    for port in wanted.ports:  # a flag may name another port (backup_port), so all are in the bridge before
        _plan_flags(draft, port)
    if wanted.purge == "none":
        return
    listed = {port.name for port in wanted.ports}
    for link in sorted(draft.state.ports_of(bridge), key=lambda link: values.natural_key(link.name)):
        if link.name not in listed and link.name not in draft.leaving and (wanted.purge == "all" or link.managed):
            draft.do(ops.SetLink(link.name, "master", "", bridge, rebuild.membership(draft.state, link)))


def _pin(draft: Draft, bridge: Link) -> None:
    """A bridge takes its MAC and MTU from its ports until somebody changes them (br_mtu_auto_adjust, br_stp_recalculate_bridge_id):
    what is stated is set again after ports joined."""
    if bridge.mac is not None:
        set_mac(draft, draft.state.links[bridge.name], bridge.mac)
    if bridge.mtu is not None:
        draft.do(ops.SetLink(bridge.name, "mtu", bridge.mtu, bridge.mtu))


def _enslave(draft: Draft, bridge: str, port: Link, assume: bool) -> None:
    current = draft.state.links.get(port.name)
    if current is None:
        if not assume:
            raise ArgumentError(f"{bridge}.ports: there is no interface {port.name!r} on this host")
        draft.assume_missing(port.name, f"{bridge}.ports")
        current = draft.state.links[port.name]
    if current.master != bridge:
        conflicts.check_loop(draft.state, current, bridge)
        restore = (*rebuild.membership(draft.state, current), *forgotten(draft, bridge))
        draft.do(ops.SetLink(port.name, "master", bridge, current.master, restore))


def _plan_flags(draft: Draft, port: Link) -> None:
    flags = draft.state.links[port.name].port or {}
    changes = differences(PORT, port.port or {}, flags)
    if changes:
        before = {key: flags.get(key, default_of(PORT, key)) for key in changes}
        tunnels = (draft.state.tunnels or {}).get(port.name, ()) if changes.get("vlan_tunnel") is False else ()
        draft.do(ops.SetPort(port.name, changes, before, (ops.WriteTunnels(port.name, tunnels),) if tunnels else ()))
