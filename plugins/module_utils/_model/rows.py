# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Forwarding rows as people write them: a list of options, or text in the words of bridge(8), one row per line.

The text form is for long lists: 100,000 rows as dicts make a task several times as expensive, as one string they cost nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow

_PLAIN_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}\Z")
_PLAIN_LINE = re.compile(r"^([0-9a-f]{2}(?::[0-9a-f]{2}){5}) (\S.*)$", re.MULTILINE)
_NUMBERED_TAIL = re.compile(r"(dst \S+)((?: (?:src_)?vni [0-9]{1,8}){1,2})((?: (?:self|permanent|static|dynamic))*)\Z")
_SHOWN_MISTAKES = 20
_STATES = {"permanent": "permanent", "local": "permanent", "static": "static", "dynamic": "dynamic", "temp": "static"}
_FLAGS = ("router", "sticky", "extern_learn")
_NUMBERS = {"port": ("port", 1, 65535), "vni": ("vni", 1, values.VNI_MAX), "src_vni": ("src_vni", 1, values.VNI_MAX),
            "nhid": ("nexthop_group", 1, 0xFFFFFFFF), "vlan": ("vlan", 1, 4094)}  # fmt: skip
_NUMBER_OPTIONS = {field: (low, high) for field, low, high in _NUMBERS.values()}
_WORDS = frozenset((*_STATES, *_FLAGS, *_NUMBERS, "dst", "via", "dev", "self", "master", "offload", "used"))


def parse_row_list(rows: list[Mapping[str, Any]]) -> tuple[FdbRow, ...]:
    """Rows from the option 'rows'; an entry with several destinations is several rows."""
    found: list[FdbRow] = []
    mistakes: list[str] = []
    for position, row in enumerate(rows):
        try:
            found.extend(_parse_entry(row, f"rows[{position}]"))
        except ArgumentError as error:
            mistakes.append(error.message)
    if mistakes:
        raise ArgumentListError(mistakes[:_SHOWN_MISTAKES])
    return tuple(found)


def _parse_entry(row: Mapping[str, Any], path: str) -> list[FdbRow]:
    fields: dict[str, Any] = {
        "mac": values.parse_mac(row["mac"], f"{path}.mac"),
        "state": row["state"],
        "table": row["table"],
        **{flag: bool(row[flag]) for flag in _FLAGS},
    }
    for field, (low, high) in _NUMBER_OPTIONS.items():
        number = row.get(field)
        if number is not None:
            fields[field] = _number(str(number), low, high, f"{path}.{field}")
    if row.get("via") is not None:
        fields["via"] = values.parse_name(row["via"], f"{path}.via")
    destinations = row.get("dst")
    if not destinations:
        return [FdbRow(**fields)]
    return [FdbRow(dst=parse_destination(text, f"{path}.dst[{i}]"), **fields) for i, text in enumerate(destinations)]


def parse_destination(text: str, path: str) -> str:
    address = values.parse_address(text, path)
    if values.is_unspecified(address):
        raise ArgumentError(f"{path}: {address} is the unspecified address")
    return address


def parse_row_lines(text: str) -> tuple[FdbRow, ...]:
    """Rows from the option 'lines': "MAC dst ADDRESS [port PORT] ... [self|master] [permanent|static|dynamic]".

    What follows the MAC is parsed once per distinct text; long lists name few destinations. Empty lines and lines that start
    with '#' are skipped, and so is "dev NAME", so that the output of C(bridge fdb show) can be given back.
    """
    plain_rows = _parse_plain(text)
    if plain_rows is not None:
        return plain_rows
    found: list[FdbRow] = []
    mistakes: list[str] = []
    tails: dict[str, tuple[Any, ...]] = {}
    plain = _PLAIN_MAC.match
    make = tuple.__new__  # half the time of FdbRow(...)
    for number, line in enumerate(text.splitlines(), 1):
        word, _space, rest = line.strip().partition(" ")
        mac = word
        if not mac or mac[0] == "#":
            continue
        try:
            tail = tails.get(rest)
            if tail is None:
                tail = tails[rest] = _parse_tail(rest.split(), f"lines, line {number}")
            if not plain(mac):
                mac = values.parse_mac(mac, f"lines, line {number}")
            found.append(make(FdbRow, (mac, *tail)))
        except ArgumentError as error:
            mistakes.append(error.message)
            if len(mistakes) >= _SHOWN_MISTAKES:
                break
    if mistakes:
        raise ArgumentListError(mistakes)
    return tuple(found)


def _parse_plain(text: str) -> tuple[FdbRow, ...] | None:
    """Lists as programs write them, at one go: every line a canonical MAC, a space and words that are right. None: not one of these."""
    pairs = _PLAIN_LINE.findall(text)
    if not pairs or len(pairs) != len(text.splitlines()):
        return None
    try:
        tails = {rest: _plain_tail(rest) for rest in {rest for _mac, rest in pairs}}
    except ArgumentError:
        return None  # the line by line way says where
    make = tuple.__new__
    return tuple([make(FdbRow, (mac, *tails[rest])) for mac, rest in pairs])


@functools.lru_cache(maxsize=65536)
def _plain_tail(text: str) -> tuple[Any, ...]:
    """What follows the MAC; the tables of many interfaces name the same VTEPs. On an interface for many VNIs the numbers of these make each
    text another, so they are taken out of it first."""
    numbered = _NUMBERED_TAIL.match(text)
    if numbered is None:
        return _parse_tail(text.split(), "")
    words = numbered[2].split()
    told = {word: _number(number, 1, values.VNI_MAX, word) for word, number in zip(words[::2], words[1::2])}
    dst, port, _vni, _src_vni, *rest = _plain_tail(numbered[1] + numbered[3])
    return (dst, port, told.get("vni"), told.get("src_vni"), *rest)


def _parse_tail(words: list[str], path: str) -> tuple[Any, ...]:
    fields: dict[str, Any] = {}
    queue = iter(words)
    pending: str | None = None
    while True:
        word = pending if pending is not None else next(queue, None)
        pending = None
        if word is None:
            break
        if word in _STATES:
            fields["state"] = _STATES[word]
        elif word in _FLAGS:
            fields[word] = True
        elif word == "self":
            fields["table"] = "self"
        elif word == "master":
            fields["table"] = "master"
            following = next(queue, None)  # 'bridge fdb show' prints the bridge's name here, 'bridge fdb add' has none
            pending = following if following in _WORDS else None
        elif word in _NUMBERS or word in ("dst", "via", "dev"):
            _named_value(fields, word, next(queue, None), path)
        elif word != "offload":
            raise ArgumentError(f"{path}: {word!r} is no word of a forwarding row")
    return FdbRow("", **fields)[1:]


def _named_value(fields: dict[str, Any], word: str, value: str | None, path: str) -> None:
    if value is None:
        raise ArgumentError(f"{path}: a value is missing after {word!r}")
    if word in _NUMBERS:
        field, low, high = _NUMBERS[word]
        fields[field] = _number(value, low, high, f"{path}: {word}")
    elif word == "dst":
        fields["dst"] = parse_destination(value, f"{path}: dst")
    elif word == "via":
        fields["via"] = values.parse_name(value, f"{path}: via")


def _number(text: str, low: int, high: int, path: str) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise ArgumentError(f"{path}: {text!r} is not a number within {low}..{high}")
    return int(text)
