# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What another interface of the host holds. Pure: judged on the state that was read."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working


def check_vni_free(state: Working, wanted: Link) -> None:
    """(VNI, port, family) is unique in the namespace that an interface was created in, whatever name and 'local' (F10, F13;
    vxlan_vni_in_use, drivers/net/vxlan/vxlan_core.c)."""
    if wanted.attributes.get("external") or wanted.attributes.get("vni") is None:
        return
    for other in state.with_vni(wanted.attributes["vni"]):
        if other.name == wanted.name:
            continue
        if other.attributes.get("port") == wanted.attributes.get("port") and other.family == wanted.family and not _link_local_elsewhere(other, wanted):
            raise ConflictError(
                f"{wanted.name}: VNI {wanted.attributes['vni']} with port {wanted.attributes['port']} is held by interface "
                f"{other.name!r} of this host; if that is the same network under another name, rename it "
                f"(ip link set {other.name} name {wanted.name}) or remove it first",
                holder=other.name,
            )


def _link_local_elsewhere(one: Link, other: Link) -> bool:
    destinations = [str(link.attributes.get("destination") or "") for link in (one, other)]
    both = all(values.is_link_local(d) if d else False for d in destinations)
    return both and one.attributes.get("device") != other.attributes.get("device")


def check_loop(state: Working, port: Link, bridge: str) -> None:
    """Two VXLAN ports of one segment in one bridge flood into each other for ever (F33)."""
    if port.kind != "vxlan" or port.attributes.get("vni") is None:
        return
    for other in state.with_vni(port.attributes["vni"]):
        if other.name != port.name and other.master == bridge:
            raise ConflictError(
                f"{port.name}: bridge {bridge} already has {other.name} as a port, of the same VNI {port.attributes['vni']}; "
                "two VXLAN ports of one segment in one bridge are a loop"
            )
