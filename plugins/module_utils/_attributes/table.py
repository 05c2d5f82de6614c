# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What one attribute of a link kind is, said once.

A row of a table is an C(Attribute). The argument spec, the encoder, the decoder, the comparison, the command line and the
documentation test derive from it; nothing else in the engine names an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Union

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values

# A canonical value. A range is a pair; None means "not set" (no remote, no device).
Value = Union[bool, int, str, tuple[int, int], None]
Values = Mapping[str, Value]


class Attribute(NamedTuple):
    """One attribute.

    option      the module's option; C(aliases) are the other spellings people type
    number      netlink attribute (enum in linux/if_link.h); C(number6) its IPv6 twin. Negative: of the link's message itself (IFLA_*),
                and not of the data of its kind
    name        the enum's name, C(name6) the twin's
    wire        u8 u16 u32 u64 be16 be32 be64 flag address range mac index
    kind        how a value is read: bool number choice protocol unicast multicast local interface range ttl tos seconds mac mask
    word        iproute2's word; empty where iproute2 has none (then no command line can show it)
    style       how iproute2 spells it: value (word VALUE), detach (the same, noword for none), switch (word / noword),
                flag (word, only when true), onoff, one (0/1)
    state_key   key of the value in a state, where it is not the option: two doors to one thing share it
    default     what the kernel has when nobody says anything; None: unset, or depends on the others
    live        may change on an existing interface
    write_only  the kernel does not report it
    quiet       the kernel reports it only when it is on
    unset       the number that the kernel reports for "none"
    since       first kernel
    config      the option that kernels are known to be built without, CONFIG_ left out; then they lack it whatever their version
    along       what else has to be set for the kernel to take it
    advice      what to say when a number is out of range
    scale       kernel units per second (USER_HZ: 100); a canonical value of kind seconds, and C(default), count kernel units
    bit         position in a boolean-option mask (struct br_boolopt_multi, struct ifla_vlan_flags)
    claimed     what all such attributes of a kind have together, only one link of a host can have
    """

    option: str
    number: int
    name: str
    wire: str
    kind: str
    word: str
    style: str = "value"
    aliases: tuple[str, ...] = ()
    state_key: str = ""
    number6: int = 0
    name6: str = ""
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    default: Value = None
    live: bool = False
    write_only: bool = False
    quiet: bool = False
    unset: int = -1
    since: tuple[int, int] = (3, 12)
    config: str = ""
    along: tuple[tuple[str, bool | str], ...] = ()
    advice: str = ""
    scale: int = 1
    bit: int = -1
    claimed: bool = False

    @property
    def key(self) -> str:
        return self.state_key or self.option

    @property
    def outer(self) -> bool:
        """Of the link's message itself."""
        return self.number < 0


Table = tuple[Attribute, ...]

_SPEC_TYPES = {"bool": "bool", "number": "int", "seconds": "float"}
_WORDS_FOR_NONE = ("none", "")
_WORDS_FOR_ZERO = {"limit": "unlimited"}


def argument_spec(table: Iterable[Attribute]) -> dict[str, dict[str, object]]:
    """The options of a table as AnsibleModule wants them."""
    spec: dict[str, dict[str, object]] = {}
    for attribute in table:
        entry: dict[str, object] = {"type": _SPEC_TYPES.get(attribute.kind, "str")}
        if attribute.choices:
            entry["choices"] = list(attribute.choices)
        if attribute.aliases:
            entry["aliases"] = list(attribute.aliases)
        spec[attribute.option] = entry
    return spec


def parse_values(table: Iterable[Attribute], raw: Mapping[str, object], path: str = "") -> tuple[dict[str, Value], list[str]]:
    """Canonical values of the options that are given, and every mistake found."""
    found: dict[str, Value] = {}
    mistakes: list[str] = []
    for attribute in table:
        given = raw.get(attribute.option)
        if given is None:
            continue
        try:
            found[attribute.key] = parse_value(attribute, given, f"{path}{attribute.option}")
        except ArgumentError as error:
            mistakes.append(error.message)
    return found, mistakes


def parse_value(attribute: Attribute, given: object, path: str) -> Value:
    """One option's canonical value."""
    kind = attribute.kind
    if kind == "bool":
        return bool(given)
    if attribute.choices:
        return str(given)
    if kind == "number":
        return _in_range(attribute, given, path)
    if kind == "seconds":
        return _parse_seconds(attribute, given, path)
    text = str(given).strip()
    if kind in ("ttl", "tos"):
        return _parse_word_or_number(attribute, text, path)
    if kind in ("unicast", "multicast", "local"):
        return None if text in _WORDS_FOR_NONE else _parse_destination(kind, text, path)
    if kind == "interface":
        return None if text in _WORDS_FOR_NONE else values.parse_name(text, path)
    if kind == "range":
        return _parse_range(text, path)
    if kind == "mac":
        return values.parse_mac(text, path)
    return _in_range(attribute, text, path)  # mask


def _in_range(attribute: Attribute, given: object, path: str) -> int:
    try:
        number = int(str(given), 0)
    except ValueError:
        raise ArgumentError(f"{path}: {given!r} is not a number") from None
    if not attribute.low <= number <= attribute.high:
        advice = f"; {attribute.advice}" if attribute.advice else ""
        raise ArgumentError(f"{path}: {number} is not within {attribute.low}..{attribute.high}{advice}")
    return number


def _parse_seconds(attribute: Attribute, given: object, path: str) -> int:
    """Seconds to the kernel's units: equality must not depend on how a fraction is written."""
    try:
        seconds = float(str(given))
    except ValueError:
        raise ArgumentError(f"{path}: {given!r} is not a number of seconds") from None
    if not attribute.low <= seconds <= attribute.high:
        raise ArgumentError(f"{path}: {seconds:g} is not within {attribute.low}..{attribute.high} seconds")
    return round(seconds * attribute.scale)


def _parse_word_or_number(attribute: Attribute, text: str, path: str) -> Value:
    if text == "inherit" or (text == "auto" and attribute.kind == "ttl"):
        return text
    number = _in_range(attribute, text, path)
    if attribute.kind == "ttl" and number == 0:
        return "auto"
    if attribute.kind == "tos" and number == 1:
        return "inherit"  # the wire value of "inherit" (ip-link(8), iplink_vxlan.c)
    return number


def _parse_destination(kind: str, text: str, path: str) -> str:
    address = values.parse_address(text, path)
    multicast = values.is_multicast(address)
    if values.is_unspecified(address):
        raise ArgumentError(f"{path}: {address} is the unspecified address; write 'none' for no address")
    if kind == "multicast" and not multicast:
        raise ArgumentError(f"{path}: {address} is not a multicast address; a unicast destination is option 'remote'")
    if kind == "unicast" and multicast:
        raise ArgumentError(f"{path}: {address} is a multicast address; that is option 'group'")
    if kind == "local" and multicast:
        raise ArgumentError(f"{path}: {address} is a multicast address, a source address cannot be")
    return address


def _parse_range(text: str, path: str) -> tuple[int, int]:
    parts = text.replace("-", " ").split()
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        low, high = int(parts[0]), int(parts[1])
        if (low, high) == (0, 0) or 1 <= low <= high <= 65535:
            return (low, high)
    raise ArgumentError(f"{path}: {text!r} is not a port range such as 49152-65535")


def present_values(table: Iterable[Attribute], found: Values) -> dict[str, object]:
    """Canonical values as options, ready to be fed back. What is not set is left out."""
    shown: dict[str, object] = {}
    for attribute in table:
        value = found.get(attribute.key)
        if value is None or not _door_fits(attribute, value):
            continue
        shown[attribute.option] = present_value(attribute, value)
    return shown


def present_value(attribute: Attribute, value: Value) -> object:
    """One canonical value as its option is written."""
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return f"{value[0]}-{value[1]}"
    if attribute.kind in ("ttl", "tos"):
        return str(value)
    if attribute.kind == "seconds":
        return int(value) // attribute.scale if int(value) % attribute.scale == 0 else int(value) / attribute.scale
    if attribute.kind == "mask":
        return f"{value:#x}"
    return value


def _door_fits(attribute: Attribute, value: Value) -> bool:
    if attribute.kind == "multicast":
        return values.is_multicast(str(value))
    return attribute.kind != "unicast" or not values.is_multicast(str(value))


def attribute_for(table: Table, key: str, value: Value) -> Attribute:
    """The row that spells this key with this value (remote or group for a destination)."""
    rows = _by_key(table)[key]
    if len(rows) > 1 and value is not None:
        for row in rows:
            if _door_fits(row, value):
                return row
    return rows[0]


def default_of(table: Table, key: str) -> Value:
    """What the kernel has for a key when nobody said anything."""
    rows = _by_key(table).get(key)
    return rows[0].default if rows else None


_INDEXES: dict[int, tuple[Table, dict[str, list[Attribute]]]] = {}


def _by_key(table: Table) -> dict[str, list[Attribute]]:
    """The rows of a table by key. Tables are constants, so each is indexed once."""
    known = _INDEXES.get(id(table))
    if known is None or known[0] is not table:
        rows: dict[str, list[Attribute]] = {}
        for attribute in table:
            rows.setdefault(attribute.key, []).append(attribute)
        known = _INDEXES[id(table)] = (table, rows)
    return known[1]


def alike(attribute: Attribute, one: Value, other: Value) -> bool:
    """Equal, for a time as far as the kernel keeps it: it counts in ticks and reports up to one unit less than was set."""
    if attribute.kind == "seconds" and isinstance(one, int) and isinstance(other, int):
        return abs(one - other) <= 1
    return one == other


def spell(attribute: Attribute, value: Value) -> list[str]:
    """The words of iproute2 for an attribute with a value; empty where it has none."""
    if not attribute.word:
        return []
    if value is None:
        return [f"no{attribute.word}"] if attribute.style == "detach" else []
    return _spell_value(attribute, value)


def _spell_value(attribute: Attribute, value: Value) -> list[str]:
    if attribute.style == "switch":
        return [attribute.word if value else f"no{attribute.word}"]
    if attribute.style == "flag":
        return [attribute.word] if value else []
    if attribute.style == "onoff":
        return [attribute.word, "on" if value else "off"]
    if attribute.style == "one":
        return [attribute.word, str(int(bool(value)))]
    if isinstance(value, tuple):
        return [attribute.word, str(value[0]), str(value[1])]
    if value == 0 and attribute.option in _WORDS_FOR_ZERO:
        return [attribute.word, _WORDS_FOR_ZERO[attribute.option]]
    if attribute.kind == "mask":
        return [attribute.word, f"{value:#x}"]
    if attribute.kind == "choice" and attribute.style == "number":
        return [attribute.word, str(attribute.choices.index(str(value)))]
    return [attribute.word, str(value)]


def version_text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
