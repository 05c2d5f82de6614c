# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What another interface of the host holds. Pure: judged on the state that was read."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError
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


def check_claim_free(state: Working, wanted: Link) -> None:
    """Two VRFs with one routing table are one VRF, which the kernel allows (vrf_map_register_dev, drivers/net/vrf.c, unless
    net.vrf.strict_mode is set) and nobody means; a VLAN of a device has one interface (vlan_check_real_dev, net/8021q/vlan.c)."""
    for other in state.other_holders(wanted):
        what = (
            f"routing table {wanted.attributes['table']}"
            if wanted.kind == "vrf"
            else f"VLAN {wanted.attributes['vlan']} ({wanted.attributes.get('protocol', '802.1Q')}) of {wanted.attributes['device']}"
        )
        raise ConflictError(
            f"{wanted.name}: {what} is held by interface {other.name!r} of this host; if that is the same under another name, rename it "
            f"(ip link set {other.name} name {wanted.name}) or remove it first",
            holder=other.name,
        )


def check_device(state: Working, wanted: Link) -> None:
    """The device of a VLAN interface."""
    device = wanted.attributes.get("device")
    if device not in state.links:
        raise ArgumentError(f"{wanted.name}.device: there is no interface {device!r} on this host")


def check_master(state: Working, member: Link, master: str) -> None:
    """A bridge is no port of another one (br_add_if, net/bridge/br_if.c), and a VRF no member of a VRF."""
    found = state.links.get(master)
    if found is None:
        raise ArgumentError(f"{member.name}.master: there is no interface {master!r} on this host")
    if member.kind == "bridge" and found.kind != "vrf":
        raise ArgumentError(f"{member.name}.master: {master} is of kind {found.kind or 'physical'!r}, a bridge can be a member of a VRF only")
    if found.kind == "bridge":
        check_loop(state, member, master)


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
