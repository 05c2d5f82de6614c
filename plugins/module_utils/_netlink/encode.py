# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The attribute tables on the wire, outwards: what pyroute2 is to encode, and the same as bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, Value, Values
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import TTL_INHERIT_NAME, TTL_INHERIT_NUMBER
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import pack_address
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.attributes import PROTOCOLS, UNPACK

# What pyroute2 is handed: (attribute name, value in pyroute2's type)
Encoded = list[tuple[str, object]]


def encode_values(table: Table, wanted: Values, index_of: Callable[[str], int]) -> Encoded:
    """Values as pyroute2 takes them. index_of: interface name -> index, raising when there is none."""
    encoded: Encoded = []
    masks: dict[str, list[int]] = {}
    done: set[str] = set()
    for attribute in table:
        if attribute.key not in wanted or attribute.key in done:
            continue
        done.add(attribute.key)
        value = wanted[attribute.key]
        if attribute.wire == "boolopt":
            mask = masks.setdefault(attribute.name, [0, 0])
            mask[0] |= int(bool(value)) << attribute.bit
            mask[1] |= 1 << attribute.bit
        else:
            encoded.extend(_encode(attribute, value, index_of))
    encoded.extend((name, struct.pack("=II", *mask)) for name, mask in masks.items())
    return encoded


def _encode(attribute: Attribute, value: Value, index_of: Callable[[str], int]) -> Encoded:
    name = attribute.name
    if attribute.wire == "flag":
        return [(name, None)] if value else []
    if attribute.wire == "address":
        if value is None:
            return []
        return [(attribute.name6 if ":" in str(value) else name, value)]
    if attribute.kind == "interface":
        return [(name, index_of(str(value)) if value else 0)]
    if attribute.kind == "ttl" and value == "inherit":
        return [(TTL_INHERIT_NAME, None)]
    if isinstance(value, tuple):
        return [(name, {"low": value[0], "high": value[1]})]
    if attribute.wire == "mac":
        return [(name, str(value))]
    if attribute.wire == "be64":
        return [(name, struct.pack(">Q", int(str(value))))]
    return [(name, _to_number(attribute, value))]


def _to_number(attribute: Attribute, value: Value) -> int:
    if attribute.kind == "choice":
        return attribute.choices.index(str(value))
    if attribute.kind == "protocol":
        return PROTOCOLS[str(value)]
    if value == "auto":
        return 0
    if value == "inherit":
        return 1
    return int(str(int(value)) if isinstance(value, bool) else str(value))


def pack_values(table: Table, wanted: Values, index_of: Callable[[str], int]) -> bytes:
    """The same values as netlink attributes, for the packed lane: those of the kind's data."""
    return _packed(table, wanted, index_of, outer=False)


def pack_outer(table: Table, wanted: Values, index_of: Callable[[str], int]) -> bytes:
    """Those that belong into the link's message itself."""
    return _packed(table, wanted, index_of, outer=True) if any(attribute.outer for attribute in table) else b""


def _packed(table: Table, wanted: Values, index_of: Callable[[str], int], outer: bool) -> bytes:
    numbers = _numbers_of(table)
    encoded = [(numbers[name], name, value) for name, value in encode_values(table, wanted, index_of)]
    return b"".join(wire.attribute(*_pack(*found)) for found in encoded if found[0].outer == outer)


def _numbers_of(table: Table) -> dict[str, Attribute]:
    known = _BY_NAME.get(id(table))
    if known is None:
        known = _BY_NAME[id(table)] = {name: attribute for attribute in table for name in (attribute.name, attribute.name6) if name}
        for attribute in table:
            if attribute.kind == "ttl":
                known[TTL_INHERIT_NAME] = attribute._replace(wire="flag", number=TTL_INHERIT_NUMBER)
    return known


_BY_NAME: dict[int, dict[str, Attribute]] = {}


def _pack(attribute: Attribute, name: str, value: object) -> tuple[int, bytes]:
    """Number and payload of one attribute, from what pyroute2 would be handed."""
    if attribute.wire == "flag":
        return attribute.number, b""
    if attribute.wire == "address":
        return attribute.number6 if name == attribute.name6 else attribute.number, pack_address(str(value))
    if isinstance(value, bytes):
        return attribute.number, value
    if isinstance(value, dict):
        return attribute.number, struct.pack(">HH", value["low"], value["high"])
    if attribute.wire == "mac":
        return attribute.number, bytes.fromhex(str(value).replace(":", ""))
    return abs(attribute.number), UNPACK[attribute.wire].pack(value)


_PYROUTE2_TYPES = {
    "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64", "be16": "be16", "be32": "be32", "be64": "cdata",
    "flag": "flag", "range": "port_range", "mac": "l2addr", "index": "uint32", "boolopt": "cdata",
}  # fmt: skip


def pyroute2_types(table: Iterable[Attribute]) -> dict[int, tuple[str, str]]:
    """number -> (name, type of pyroute2's nla_map) for every attribute of the kind's data."""
    types: dict[int, tuple[str, str]] = {}
    for attribute in table:
        if attribute.outer:
            continue
        if attribute.wire == "address":
            types[attribute.number] = (attribute.name, "ip4addr")
            types[attribute.number6] = (attribute.name6, "ip6addr")
        else:
            types[attribute.number] = (attribute.name, _PYROUTE2_TYPES[attribute.wire])
        if attribute.kind == "ttl":
            types[TTL_INHERIT_NUMBER] = (TTL_INHERIT_NAME, "flag")
    return types
