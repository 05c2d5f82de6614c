# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""VLANs of bridges and their ports, and the VNIs that ports map them to, by RTM_*VLAN (Linux 5.7; br_vlan_rtm_dump and
br_vlan_rtm_process, net/bridge/br_vlan.c).

A dump of the older RTM_GETLINK has to hold all VLANs of a port in one message, which a few hundred ranges fill; this one has no end.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import (
    STATES,
    TunnelRow,
    VlanRow,
    collapsed_tunnels,
    collapsed_vlans,
    expanded_tunnels,
    expanded_vlans,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, messages

_HEADER = struct.Struct("=BxxxI")  # family, index (struct br_vlan_msg, linux/if_bridge.h)
_INFO = struct.Struct("=HH")  # flags, VLAN (struct bridge_vlan_info)
_U16 = struct.Struct("=H")

Vlans = dict[int, "list[VlanRow]"]
Tunnels = dict[int, "list[TunnelRow]"]


def dump_vlans(netlink: NetlinkSocket, apart: bool = False) -> tuple[Vlans, Tunnels] | None:
    """By interface index; None where the kernel has no VLANs of bridges, or is too old to tell them this way.

    apart: a VLAN of a port may have a neigh_suppress of its own. The kernel does not look at it when it puts VLANs into a range
    (br_vlan_opts_eq_range, net/bridge/br_vlan_options.c), so that one would be read for its neighbours; with counters each comes by itself.
    """
    told = _dump(netlink, wire.attribute_u32(nl.VLANDB_DUMP_FLAGS, nl.VLANDB_DUMPF_STATS) if apart else b"")
    if not apart:
        own = told is not None and any(row.neigh_suppress for rows in told[0].values() for row in rows)
        return dump_vlans(netlink, apart=True) if own else told
    if told is None:
        return None
    vlans = {index: list(collapsed_vlans(expanded_vlans(rows))) for index, rows in told[0].items()}
    return vlans, {index: list(collapsed_tunnels(expanded_tunnels(rows))) for index, rows in told[1].items()}


def _dump(netlink: NetlinkSocket, flags: bytes) -> tuple[Vlans, Tunnels] | None:
    try:
        buffers = netlink.dump(nl.RTM_GETVLAN, _HEADER.pack(nl.AF_BRIDGE, 0) + flags, "reading the VLANs of the bridges")
    except KernelError as error:
        if error.code in (errno.EOPNOTSUPP, errno.ENOTSUP):
            return None
        raise
    vlans: Vlans = {}
    tunnels: Tunnels = {}
    for buffer in buffers:
        for start, end, what, _flags, _sequence in messages(buffer):
            if what != nl.RTM_NEWVLAN:
                continue
            index = _HEADER.unpack_from(buffer, start)[1]
            for number, payload in wire.split_list(buffer[start + _HEADER.size : end]):
                if number == nl.BRIDGE_VLANDB_ENTRY:
                    _decode(wire.split_attributes(payload), vlans.setdefault(index, []), tunnels.setdefault(index, []))
    return vlans, tunnels


def _decode(attributes: dict[int, bytes], vlans: list[VlanRow], tunnels: list[TunnelRow]) -> None:
    flags, start = _INFO.unpack(attributes[nl.VLANDB_INFO])
    end = _U16.unpack(attributes[nl.VLANDB_RANGE])[0] if nl.VLANDB_RANGE in attributes else start
    state = attributes.get(nl.VLANDB_STATE, b"\3")[0]
    vlans.append(
        VlanRow(
            start,
            end,
            bool(flags & nl.VLAN_INFO_PVID),
            bool(flags & nl.VLAN_INFO_UNTAGGED),
            STATES[state] if state < len(STATES) else str(state),
            any(attributes.get(nl.VLANDB_NEIGH_SUPPRESS, b"")),
        )
    )
    tunnel = wire.find_attribute(attributes.get(nl.VLANDB_TUNNEL, b""), nl.VLANDB_TUNNEL_ID)
    if tunnel is not None:
        tunnels.append(TunnelRow(start, end, wire.u32(tunnel)))


def vlan_bodies(index: int, rows: Iterable[VlanRow]) -> list[bytes]:
    """Bodies for RTM_NEWVLAN and RTM_DELVLAN."""
    bodies = []
    for row in rows:
        flags = (nl.VLAN_INFO_PVID if row.pvid else 0) | (nl.VLAN_INFO_UNTAGGED if row.untagged else 0)
        options = b""
        if row.state is not None:
            options += wire.attribute(nl.VLANDB_STATE, bytes([STATES.index(row.state)]))
        if row.neigh_suppress is not None:
            options += wire.attribute(nl.VLANDB_NEIGH_SUPPRESS, bytes([row.neigh_suppress]))
        bodies.append(_body(index, flags, row.start, row.end, options))
    return bodies


def tunnel_bodies(index: int, rows: Iterable[TunnelRow], command: int) -> list[bytes]:
    """Bodies for RTM_NEWVLAN. command: RTM_SETLINK maps, RTM_DELLINK takes the mapping away."""
    bodies = []
    for row in rows:
        tunnel = wire.attribute_u32(nl.VLANDB_TUNNEL_ID, row.vni) + wire.attribute_u32(nl.VLANDB_TUNNEL_COMMAND, command)
        # Without the flag the message would add the VLAN, and take from it that it is the PVID, or untagged.
        bodies.append(_body(index, nl.VLAN_INFO_ONLY_OPTIONS, row.start, row.end, wire.attribute(nl.VLANDB_TUNNEL | nl.NLA_F_NESTED, tunnel)))
    return bodies


def _body(index: int, flags: int, start: int, end: int, options: bytes) -> bytes:
    entry = wire.attribute(nl.VLANDB_INFO, _INFO.pack(flags, start))
    if end != start:
        entry += wire.attribute(nl.VLANDB_RANGE, _U16.pack(end))
    return _HEADER.pack(nl.AF_BRIDGE, index) + wire.attribute(nl.BRIDGE_VLANDB_ENTRY | nl.NLA_F_NESTED, entry + options)
