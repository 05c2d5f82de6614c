# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Look forwarding rows up one by one: for a list that is long but known this costs less than a dump, and it is exact."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb import LLADDR_HEAD, NDMSG, NameOf, RowDecoder, dump_tables
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb_write import pack_mac
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket

_SMALL_BUFFERS = 10


def look_up(netlink: NetlinkSocket, link: Link, asked: Sequence[FdbRow], name_of: NameOf, known_long: bool) -> tuple[FdbRow, ...]:
    """The rows of one interface as far as they matter to a long list: the whole table if it is a small one, or what it has for these MACs."""
    table = None if known_long else dump_small_fdb(link.index, name_of)
    if table is not None:
        return table
    if link.kind == "vxlan":
        return lookup_rows(netlink, link.index, asked, name_of)
    return dump_tables(netlink, {link.index: link.name}, name_of)[link.name]


def dump_small_fdb(index: int, name_of: NameOf) -> tuple[FdbRow, ...] | None:
    """The whole table if it is a small one (some 3,000 rows), else None. Costs little either way."""
    with NetlinkSocket() as netlink:
        buffers = netlink.dump_some(nl.RTM_GETNEIGH, NDMSG.pack(nl.AF_BRIDGE, index, 0, 0, 0), "reading the FDB", _SMALL_BUFFERS)
    if buffers is None:
        return None
    rows: list[FdbRow] = []
    decode = RowDecoder(name_of)
    for buffer in buffers:
        decode.collect(buffer, {index: rows})
    return tuple(rows)


def lookup_rows(netlink: NetlinkSocket, index: int, rows: Sequence[FdbRow], name_of: NameOf) -> tuple[FdbRow, ...]:
    """What the table has for the MACs of these rows, each looked up by itself (rtnl_fdb_get; vxlan_fdb_get).

    For unicast MACs of the interface's own table, which have one destination each. Unlike a dump this is exact while others
    write, and for a list that is long but known it is many times as fast: the kernel starts every piece of a dump at the front.
    """
    decode = RowDecoder(name_of)
    found: list[FdbRow] = []
    bodies = _lookup_bodies(index, rows)
    for buffer in netlink.get_all(nl.RTM_GETNEIGH, bodies, (errno.ENOENT,), "looking up rows of the FDB"):
        decode.collect(buffer, {index: found})
    return tuple(found)


def _lookup_bodies(index: int, rows: Sequence[FdbRow]) -> list[bytes]:
    head = NDMSG.pack(nl.AF_BRIDGE, index, 0, nl.NTF_SELF, 0) + LLADDR_HEAD
    tails = {vni: b"\0\0" + (wire.attribute_u32(nl.NDA_VNI, vni) if vni is not None else b"") for vni in {row.src_vni for row in rows}}
    return [b"".join((head, mac, tails[row.src_vni])) for row, mac in zip(rows, map(pack_mac, rows))]
