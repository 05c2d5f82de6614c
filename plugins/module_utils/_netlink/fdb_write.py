# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Forwarding rows as messages (vxlan_fdb_add and vxlan_fdb_delete, drivers/net/vxlan/vxlan_core.c; br_fdb_add, net/bridge/br_fdb.c)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import pack_address
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb import LLADDR_HEAD, NDMSG

STATE_BITS = {"permanent": nl.NUD_PERMANENT, "static": nl.NUD_NOARP | nl.NUD_REACHABLE, "dynamic": nl.NUD_REACHABLE}


_FLAG_BITS = {"router": nl.NTF_ROUTER, "sticky": nl.NTF_STICKY, "extern_learn": nl.NTF_EXT_LEARNED}


_U32_ATTRIBUTE = struct.Struct("=HHI")


def pack_mac(row: FdbRow) -> bytes:
    return bytes.fromhex(row.mac.replace(":", ""))


class RowEncoder:
    """Turns rows into message bodies for one interface. What follows the MAC is packed once per destination, but for the VNIs: there may be
    as many destinations with a VNI as rows."""

    def __init__(self, index: int, index_of: Callable[[str], int]) -> None:
        self._index = index
        self._index_of = index_of
        self._tails: dict[tuple[object, ...], tuple[bytes, bytes]] = {}

    def bodies(self, rows: Iterable[FdbRow]) -> list[bytes]:
        """Message bodies (struct ndmsg and attributes) for RTM_NEWNEIGH or RTM_DELNEIGH, in the order of the rows."""
        packed = []
        tails = self._tails
        for row in rows:
            vni, src_vni = row[3], row[4]
            key = row[1:3] + row[5:]
            parts = tails.get(key)
            if parts is None:
                parts = tails[key] = self._pack(row)
            body = parts[0] + pack_mac(row) + parts[1]
            if vni is not None:
                body += _U32_ATTRIBUTE.pack(8, nl.NDA_VNI, vni)
            if src_vni is not None:
                body += _U32_ATTRIBUTE.pack(8, nl.NDA_SRC_VNI, src_vni)
            packed.append(body)
        return packed

    def _pack(self, row: FdbRow) -> tuple[bytes, bytes]:
        flags = nl.NTF_MASTER if row.table == "master" else nl.NTF_SELF
        for word, bit in _FLAG_BITS.items():
            flags |= bit if getattr(row, word) else 0
        head = NDMSG.pack(nl.AF_BRIDGE, self._index, STATE_BITS[row.state], flags, 0)
        tail = b""
        if row.dst is not None:
            tail += wire.attribute(nl.NDA_DST, pack_address(row.dst))
        if row.port is not None:
            tail += wire.attribute(nl.NDA_PORT, struct.pack(">H", row.port))
        if row.nexthop_group is not None:
            tail += wire.attribute_u32(nl.NDA_NH_ID, row.nexthop_group)
        if row.via is not None:
            tail += wire.attribute_u32(nl.NDA_IFINDEX, self._index_of(row.via))
        if row.vlan is not None:
            tail += wire.attribute(nl.NDA_VLAN, struct.pack("=H", row.vlan))
        return head + LLADDR_HEAD, b"\0\0" + tail
