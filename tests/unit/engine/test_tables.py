# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attribute tables are consistent with themselves, with pyroute2's knowledge, and on the wire."""

from __future__ import annotations

import collections
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import bridge_spec, fdb_spec, interface_spec, vlan_interface_spec, vrf_spec
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.routed import VLAN, VRF
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, parse_value, spell
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._info import info_spec
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import pyroute
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.attributes import decode_values
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.encode import encode_values, pack_outer, pyroute2_types

from .test_values import samples

TABLES: dict[str, Table] = {"vxlan": VXLAN, "bridge": BRIDGE, "bridge_slave": PORT, "vrf": VRF, "vlan": VLAN}
NAMES = {1: "eth0", 2: "x.5"}
INDEXES = {name: index for index, name in NAMES.items()}
by_kind = pytest.mark.parametrize("kind", sorted(TABLES))


@by_kind
def test_numbers_are_unique_but_for_two_doors_to_one_thing(kind: str) -> None:
    users: dict[int, set[str]] = collections.defaultdict(set)
    for attribute in TABLES[kind]:
        for number in filter(None, (attribute.number, attribute.number6)):
            users[number].add(f"bit {attribute.bit}" if attribute.bit >= 0 else attribute.key)
    shared = {number: keys for number, keys in users.items() if len(keys) > 1}
    assert all(all(key.startswith("bit ") for key in keys) for keys in shared.values())


@by_kind
def test_options_and_words_are_unique(kind: str) -> None:
    for field in ("option", "word"):
        seen = collections.Counter(getattr(attribute, field) for attribute in TABLES[kind])
        del seen[""]
        assert [name for name, count in seen.items() if count > 1] == []


@pytest.mark.parametrize(
    "spec",
    [
        interface_spec(),
        bridge_spec(),
        vrf_spec(),
        vlan_interface_spec(),
        bridge_spec()["ports"]["options"],
        fdb_spec(),
        fdb_spec()["rows"]["options"],
        info_spec(),
    ],
)
def test_names_and_aliases_are_unique_over_a_spec(spec: dict[str, Any]) -> None:
    seen = collections.Counter([*spec, *(alias for entry in spec.values() for alias in entry.get("aliases", ()))])
    assert [name for name, count in seen.items() if count > 1] == []


@by_kind
def test_numbers_and_names_are_pyroute2s_where_it_knows_them(kind: str) -> None:
    """pyroute2 took them from the kernel's headers independently."""
    known = {name: number for number, (name, _type) in pyroute._numbered(ifinfmsg.ifinfo.data_map[kind].nla_map).items()}
    for attribute in TABLES[kind]:
        for name, number in ((attribute.name, attribute.number), (attribute.name6, attribute.number6)):
            if name in known:
                assert known[name] == number, name


@by_kind
def test_every_word_of_iproute2_is_an_option_or_an_alias(kind: str) -> None:
    """What people have typed for years works."""
    for attribute in TABLES[kind]:
        if attribute.word and attribute.word not in ("remote", "group"):
            assert attribute.word in (attribute.option, *attribute.aliases), attribute.word


@by_kind
def test_rows_are_complete(kind: str) -> None:
    for attribute in TABLES[kind]:
        assert attribute.option.isidentifier()
        assert attribute.name.startswith("IFLA_")
        assert attribute.kind in ("bool", "choice", "protocol") or attribute.low <= attribute.high
        if attribute.default is not None and attribute.kind not in ("seconds", "range", "ttl", "tos"):
            assert parse_value(attribute, attribute.default, "x") == attribute.default


def wire_bytes(attribute: Attribute, value: object, kind: str) -> dict[int, bytes]:
    """One value as pyroute2 encodes it with our types: number -> payload."""
    types = pyroute2_types(TABLES[kind])
    base = ifinfmsg.ifinfo.data_map[kind]
    rows = tuple(types.get(number, (f"IFLA_UNKNOWN_{number}", "hex")) for number in range(max(types) + 1))
    nest = type(kind, (base,), {"nla_map": rows, "prefix": "IFLA_", "__slots__": ()})()
    nest["attrs"] = encode_values((attribute,), {attribute.key: value}, INDEXES.__getitem__)  # type: ignore[dict-item]
    nest.encode()
    found = {}
    data, offset = bytes(nest.data), 4
    while offset + 4 <= len(data):
        size, number = struct.unpack_from("=HH", data, offset)
        found[number & 0x3FFF] = data[offset + 4 : offset + size]
        offset += (size + 3) & ~3
    return found


@pytest.mark.parametrize(
    ("kind", "attribute"), [(kind, a) for kind, table in TABLES.items() for a in table], ids=lambda x: x if isinstance(x, str) else x.option
)
@given(data=st.data())
def test_encoder_and_decoder_are_inverse(kind: str, attribute: Attribute, data: st.DataObject) -> None:
    value = parse_value(attribute, data.draw(samples(attribute)), "x")
    if attribute.outer:
        raw = {attribute.number: pack_outer((attribute,), {attribute.key: value}, INDEXES.__getitem__)[4:]}
    else:
        raw = wire_bytes(attribute, value, kind)
    assert set(raw) <= {attribute.number, attribute.number6, 28}
    if attribute.kind == "ttl" and value == "inherit":  # sent as a flag, reported as a byte beside ttl 0
        raw = {attribute.number: b"\0", 28: b"\1"}
    found = decode_values((attribute,), raw, NAMES.get).get(attribute.key)
    assert found == value or (attribute.unset == value and found is None)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("learning", False, ["nolearning"]), ("gbp", True, ["gbp"]), ("gbp", False, []), ("source_port", (1, 2), ["srcport", "1", "2"]),
        ("limit", 0, ["maxaddress", "unlimited"]), ("device", "eth0", ["dev", "eth0"]), ("remote", None, []), ("ttl", "inherit", ["ttl", "inherit"]),
        ("reserved_bits", 255, ["reserved_bits", "0xff"]), ("df", "set", ["df", "set"]),
    ],
)  # fmt: skip
def test_spelling(option: str, value: Any, words: list[str]) -> None:
    assert spell(next(a for a in VXLAN if a.option == option), value) == words
