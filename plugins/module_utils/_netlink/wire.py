# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Netlink attributes as bytes: what C(struct) can do without pyroute2. RFC 3549, section 2.2; linux/netlink.h."""

from __future__ import annotations

import struct

from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl

_HEADER = struct.Struct("=HH")


def attribute(number: int, payload: bytes) -> bytes:
    """One attribute, padded to four bytes."""
    size = len(payload) + 4
    return _HEADER.pack(size, number) + payload + b"\0" * (-size % 4)


def attribute_u32(number: int, value: int) -> bytes:
    return attribute(number, struct.pack("=I", value))


def split_attributes(buffer: bytes, start: int = 0, end: int | None = None) -> dict[int, bytes]:
    """Attributes of a message from C(start) on; flags are masked off the type. A number that repeats keeps its last value."""
    found: dict[int, bytes] = {}
    stop = (len(buffer) if end is None else end) - 3
    unpack = _HEADER.unpack_from
    while start < stop:
        size, number = unpack(buffer, start)
        if size < 4:
            break
        found[number & 0x3FFF] = buffer[start + 4 : start + size]  # NLA_TYPE_MASK
        start += (size + 3) & -4
    return found


def find_attribute(buffer: bytes, wanted: int) -> bytes | None:
    """The payload of one attribute, without looking at those behind it."""
    start = 0
    stop = len(buffer)
    unpack = _HEADER.unpack_from
    while start + 4 <= stop:
        size, number = unpack(buffer, start)
        if size < 4:
            break
        if number & nl.NLA_TYPE_MASK == wanted:
            return buffer[start + 4 : start + size]
        start += (size + 3) & ~3
    return None


def split_list(buffer: bytes) -> list[tuple[int, bytes]]:
    """As split_attributes, for a nest in which numbers repeat."""
    found = []
    start = 0
    while start + 4 <= len(buffer):
        size, number = _HEADER.unpack_from(buffer, start)
        if size < 4:
            break
        found.append((number & nl.NLA_TYPE_MASK, buffer[start + 4 : start + size]))
        start += (size + 3) & ~3
    return found


def text(payload: bytes) -> str:
    """A NUL-terminated string."""
    return payload.split(b"\0", 1)[0].decode("utf-8", "replace")


def u32(payload: bytes) -> int:
    return int.from_bytes(payload[:4], "little" if _LITTLE else "big")


_LITTLE = struct.pack("=H", 1) == b"\x01\x00"
