# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Forwarding rows on the wire: the packed lane for lists of any length.

Read with PF_BRIDGE RTM_GETNEIGH (rtnl_fdb_dump, net/core/rtnetlink.c), written with RTM_NEWNEIGH and RTM_DELNEIGH
(vxlan_fdb_add and vxlan_fdb_delete, drivers/net/vxlan/vxlan_core.c; br_fdb_add, net/bridge/br_fdb.c).
"""

from __future__ import annotations

import functools
import socket
import struct
from collections.abc import Callable, Container, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket

NDMSG = struct.Struct("=BxxxiHBB")  # family, index, state, flags, type (struct ndmsg)
_LENGTH = struct.Struct("=I")
_ROW_BYTES = 40  # nlmsghdr, ndmsg and NDA_LLADDR
_LLADDR_HEADER = (10, nl.NDA_LLADDR)
LLADDR_HEAD = struct.pack("=HH", *_LLADDR_HEADER)
(_LLADDR_NUMBER,) = _LENGTH.unpack(LLADDR_HEAD)
_CACHEINFO_HEADER = struct.pack("=HH", 20, nl.NDA_CACHEINFO)
_VNI_HEADER, _SRC_VNI_HEADER = struct.pack("=HH", 8, nl.NDA_VNI), struct.pack("=HH", 8, nl.NDA_SRC_VNI)
_HALF = struct.Struct("=H")

_ONE_DUMP_FROM = 16
_SETTLE_TRIES = 12

NameOf = Callable[[int], "str | None"]


def dump_tables(netlink: NetlinkSocket, wanted: Mapping[int, str], name_of: NameOf, doubted: Container[str] = ()) -> dict[str, tuple[FdbRow, ...]]:
    """The rows of some interfaces, by name, in both tables: their own (self) and their bridge's (master).

    wanted: names by index. From some number on one dump of everything costs less than one for each.

    A dump in several pieces is no snapshot: the kernel counts rows to find where it was, so that one that comes or goes shifts the
    others, and a stable row may be missed (F20; vxlan_fdb_dump, br_fdb_dump). A table that was cut that way and shows signs of
    change, and one in C(doubted), is read until nothing new turns up.
    """
    found: dict[int, list[FdbRow]] = {index: [] for index in wanted}
    decode = RowDecoder(name_of)
    cut: set[int] = set()
    # With strict checking the kernel filters by interface itself; without, the rows of others are skipped.
    for index in wanted if len(wanted) < _ONE_DUMP_FROM else (0,):
        tables = found if not index else {index: found[index]}
        for buffer in _dump(netlink, index):
            cut.add(decode.last)
            decode.collect(buffer, tables)
        decode.last = 0
    tables_read = {wanted[index]: tuple(rows) for index, rows in found.items()}
    for index, name in wanted.items():
        if name in doubted or (index in cut and _moves(tables_read[name])):
            tables_read[name] = _settled(netlink, index, decode, tables_read[name])
    return tables_read


def _dump(netlink: NetlinkSocket, index: int) -> list[bytes]:
    return netlink.dump(nl.RTM_GETNEIGH, NDMSG.pack(nl.AF_BRIDGE, index, 0, 0, 0), "reading the FDB")


def _moves(rows: tuple[FdbRow, ...]) -> bool:
    """Rows that come and go by themselves, or one that was seen twice because others came."""
    return any(row.state == "dynamic" for row in rows) or len(set(rows)) < len(rows)


def _settled(netlink: NetlinkSocket, index: int, decode: RowDecoder, first: tuple[FdbRow, ...]) -> tuple[FdbRow, ...]:
    """Read a table until what somebody configured in it has not grown twice; a dump of one piece is exact by itself."""
    seen = dict.fromkeys(row for row in first if row.state != "dynamic")
    quiet = 0
    for _try in range(_SETTLE_TRIES):
        buffers = _dump(netlink, index)
        rows: list[FdbRow] = []
        for buffer in buffers:
            decode.collect(buffer, {index: rows})
        if len(buffers) == 1:
            return tuple(rows)
        moving = [row for row in rows if row.state == "dynamic"]
        before = len(seen)
        seen.update(dict.fromkeys(row for row in rows if row.state != "dynamic"))
        quiet = quiet + 1 if len(seen) == before else 0
        if quiet == 2:
            break
    return (*seen, *dict.fromkeys(moving))


@functools.cache
def _run_of(step: int) -> struct.Struct:
    """Messages of one length: length, type, then of struct ndmsg index, state and flags, the header of the first attribute, which
    is the MAC as a rule, its bytes, and what follows."""
    return struct.Struct(f"=IH10x4xiHBxI6s2x{step - _ROW_BYTES}s")


class RowDecoder:
    """Turns messages into rows. Rows of one dump share nearly all their bytes, so what follows the MAC is decoded once
    and remembered; at 100,000 rows this is most of the time."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._rest: dict[tuple[bytes, int, int], tuple[object, ...]] = {}
        self.last = 0  # index of the interface that the last row was of

    def collect(self, buffer: bytes, tables: Mapping[int, list[FdbRow]]) -> None:
        """Add the rows of a buffer to the tables, by interface index; rows of others are skipped.

        Most messages of a buffer are of one length, and C(struct) takes such a run at one go.
        """
        offset = 0
        size = len(buffer)
        view = memoryview(buffer)
        make = tuple.__new__  # half the time of FdbRow(...)
        known = self._rest
        while offset + _ROW_BYTES <= size:
            (length,) = _LENGTH.unpack_from(buffer, offset)
            if length < _ROW_BYTES:  # the end of a dump, an acknowledgement
                break
            step = (length + 3) & ~3
            whole = (size - offset) // step * step
            for found, kind, where, state, flags, head, mac, rest in _run_of(step).iter_unpack(view[offset : offset + whole]):
                if found != length:
                    break
                offset += step
                self.last = where
                rows = tables.get(where)
                if rows is None or kind != nl.RTM_NEWNEIGH:
                    continue
                if head != _LLADDR_NUMBER:  # of an interface that came from another namespace: the MAC is not the first
                    self._add_unusual(buffer[offset - step + 28 : offset - step + length], state, flags, rows)
                    continue
                # The cache information at the end counts time; the bytes before it are what repeats. A bridge puts the VLAN behind it.
                key = (rest[:-20] if rest[-20:-16] == _CACHEINFO_HEADER else rest, state, flags)
                tail = known.get(key)
                if tail is None:
                    tail = self._new_tail(*key)
                rows.append(make(FdbRow, (mac.hex(":"), *tail)))
            if not whole:
                break

    def _new_tail(self, rest: bytes, state: int, flags: int) -> tuple[object, ...]:
        """What follows a MAC and is not remembered. With thousands of VNIs these make each row's bytes its own, so it is what stands before
        them that is remembered."""
        if rest[-8:-4] == _SRC_VNI_HEADER:
            shorter, vni, src_vni = _without_vnis(rest)
            if src_vni is not None:
                tail = self._rest.get((shorter, state, flags)) or self._new_tail(shorter, state, flags)
                return (*tail[:2], vni if vni is not None else tail[2], src_vni, *tail[4:])
        tail = self._rest[rest, state, flags] = self._decode(wire.split_attributes(rest), state, flags)
        return tail

    def _add_unusual(self, attributes: bytes, state: int, flags: int, rows: list[FdbRow]) -> None:
        found = wire.split_attributes(attributes)
        mac = found.get(nl.NDA_LLADDR, b"")
        if len(mac) == 6:
            rows.append(tuple.__new__(FdbRow, (mac.hex(":"), *self._decode(found, state, flags))))

    def _decode(self, attributes: dict[int, bytes], state: int, flags: int) -> tuple[object, ...]:
        dst = attributes.get(nl.NDA_DST)
        port = attributes.get(nl.NDA_PORT)
        via = attributes.get(nl.NDA_IFINDEX)
        vlan = attributes.get(nl.NDA_VLAN)
        return (
            socket.inet_ntop(socket.AF_INET6 if len(dst) == 16 else socket.AF_INET, dst) if dst and any(dst) else None,
            int.from_bytes(port, "big") if port else None,
            _u32(attributes, nl.NDA_VNI),
            _u32(attributes, nl.NDA_SRC_VNI),
            (self._name_of(wire.u32(via)) or f"if{wire.u32(via)}") if via else None,
            _u32(attributes, nl.NDA_NH_ID),
            struct.unpack("=H", vlan)[0] if vlan else None,
            _state_word(state),
            "master" if flags & nl.NTF_MASTER or (nl.NDA_MASTER in attributes and not flags & nl.NTF_SELF) else "self",
            bool(flags & nl.NTF_ROUTER),
            bool(flags & nl.NTF_STICKY),
            bool(flags & nl.NTF_EXT_LEARNED),
        )


def _without_vnis(rest: bytes) -> tuple[bytes, int | None, int | None]:
    """What follows a MAC without the VNI and the source VNI at its end, and these. They are no attributes where they lie within the first one,
    which is an IPv6 address then."""
    (first,) = _HALF.unpack_from(rest)
    shorter = rest[:-8]
    if len(shorter) < first:
        return rest, None, None
    if shorter[-8:-4] == _VNI_HEADER and len(shorter) - 8 >= first:
        return shorter[:-8], wire.u32(shorter[-4:]), wire.u32(rest[-4:])
    return shorter, None, wire.u32(rest[-4:])


def _u32(attributes: dict[int, bytes], number: int) -> int | None:
    payload = attributes.get(number)
    return wire.u32(payload) if payload else None


def _state_word(state: int) -> str:
    if state & nl.NUD_PERMANENT:
        return "permanent"
    return "static" if state & nl.NUD_NOARP else "dynamic"
