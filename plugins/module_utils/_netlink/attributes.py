# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The attribute tables on the wire, inwards: what a dump reports, as canonical values."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import TTL_INHERIT_NUMBER

_FORMATS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q", "be16": ">H", "be32": ">I", "be64": ">Q", "index": "=I"}
UNPACK = {wire: struct.Struct(form) for wire, form in _FORMATS.items()}
PROTOCOLS = {"802.1Q": 0x8100, "802.1ad": 0x88A8}


def decode_values(table: Table, raw: Mapping[int, bytes], name_of: Callable[[int], str | None]) -> dict[str, Value]:
    """Canonical values of a link's data. A key that the kernel does not report is absent.

    name_of: interface index -> name, None when it is not in this namespace.
    """
    found: dict[str, Value] = {}
    for key, attribute, known in _decoders(table):
        if known is None:
            value = _decode(attribute, raw, name_of)
        else:
            payload = raw.get(attribute.number)
            if payload is None:
                value = False if attribute.quiet else None
            elif payload in known:
                value = known[payload]
            else:
                value = known[payload] = _decode(attribute, raw, name_of)
        if value is not None:
            found[key] = value
    return found


Decoder = tuple[str, Attribute, "dict[bytes, Value] | None"]
_DECODERS: dict[int, tuple[Table, list[Decoder]]] = {}


def _decoders(table: Table) -> list[Decoder]:
    """How each key of a table is decoded: what depends on nothing but its own bytes is remembered, thousands of links say the same."""
    known = _DECODERS.get(id(table))
    if known is None or known[0] is not table:
        first = {attribute.key: attribute for attribute in reversed(table)}
        alone = {key: attribute.wire not in ("flag", "address") and attribute.kind not in ("interface", "ttl") for key, attribute in first.items()}
        decoders: list[Decoder] = [(key, attribute, {} if alone[key] else None) for key, attribute in first.items()]
        known = _DECODERS[id(table)] = (table, decoders[::-1])
    return known[1]


def _decode(attribute: Attribute, raw: Mapping[int, bytes], name_of: Callable[[int], str | None]) -> Value:
    if attribute.wire == "flag":
        return attribute.number in raw
    payload = raw.get(attribute.number)
    if attribute.wire == "address":
        return _decode_address(payload, raw.get(attribute.number6))
    if payload is None:
        return False if attribute.quiet else None
    if attribute.wire == "range":
        low, high = struct.unpack(">HH", payload)
        return (low, high)
    if attribute.wire == "mac":
        return ":".join(f"{byte:02x}" for byte in payload)
    if attribute.wire == "boolopt":
        options, known = struct.unpack("=II", payload)
        return bool(options >> attribute.bit & 1) if known >> attribute.bit & 1 else None
    number = int(UNPACK[attribute.wire].unpack(payload)[0])
    if attribute.kind == "interface":
        return name_of(number) if number else None
    if attribute.kind == "ttl" and any(raw.get(TTL_INHERIT_NUMBER, b"")):
        return "inherit"
    return _from_number(attribute, number)


def _decode_address(four: bytes | None, six: bytes | None) -> Value:
    for family, payload in ((socket.AF_INET, four), (socket.AF_INET6, six)):
        if payload is not None and any(payload):
            return socket.inet_ntop(family, payload)
    return None


def _from_number(attribute: Attribute, number: int) -> Value:
    if number == attribute.unset:
        return None
    if attribute.kind == "bool":
        return bool(number)
    if attribute.kind == "choice":
        return attribute.choices[number] if number < len(attribute.choices) else str(number)
    if attribute.kind == "protocol":
        return next((word for word, code in PROTOCOLS.items() if code == number), f"{number:#06x}")
    if attribute.kind == "ttl" and number == 0:
        return "auto"
    if attribute.kind == "tos" and number == 1:
        return "inherit"
    return number
