# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canonical values: what is parsed once, so that equality is idempotency."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, parse_value, present_value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values

addresses = st.ip_addresses()
macs = st.binary(min_size=6, max_size=6)


def option(name: str) -> Attribute:
    return next(attribute for attribute in VXLAN if attribute.option == name)


@given(macs)
def test_every_way_to_write_a_mac_is_one_mac(octets: bytes) -> None:
    canonical = ":".join(f"{octet:02x}" for octet in octets)
    text = octets.hex()
    for written in (canonical, canonical.upper(), canonical.replace(":", "-"), ".".join((text[:4], text[4:8], text[8:])), f" {canonical} "):
        assert values.parse_mac(written, "x") == canonical
    assert values.is_group_mac(canonical) == bool(octets[0] & 1)
    assert values.takes_flood_list(canonical) == (octets[0] & 1 == 1 or not any(octets))


@pytest.mark.parametrize("text", ["", "02:00", "02:00:00:00:00:0g", "020000000000", "02:00:00:00:00:00:00", "02:00-00:00:00:00", "2:0:0:0:0:1"])
def test_no_mac(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"path: .* is not a MAC address"):
        values.parse_mac(text, "path")


@given(addresses)
def test_every_way_to_write_an_address_is_one_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    canonical = values.parse_address(str(address), "x")
    assert ipaddress.ip_address(canonical) == address
    assert values.parse_address(address.exploded, "x") == canonical
    assert values.parse_address(canonical.upper(), "x") == canonical
    assert values.family_of(canonical) == address.version
    assert values.pack_address(canonical) == address.packed
    assert values.is_multicast(canonical) == address.is_multicast
    assert values.is_unspecified(canonical) == address.is_unspecified
    if address.version == 6:
        assert values.is_link_local(canonical) == address.is_link_local


@given(st.text())
def test_what_is_no_address_is_none(text: str) -> None:
    canonical = values.canonical_address(text)
    if canonical is not None:
        assert ipaddress.ip_address(canonical)


@given(addresses, st.integers(-1, 130))
def test_prefixes(address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int) -> None:
    text = f"{address.exploded}/{length}"
    if 0 <= length <= address.max_prefixlen:
        assert ipaddress.ip_interface(values.parse_prefix(text, "x")) == ipaddress.ip_interface(text)
    else:
        with pytest.raises(ArgumentError):
            values.parse_prefix(text, "x")
    assert values.parse_prefix(str(address), "x").endswith(f"/{address.max_prefixlen}")


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32))
def test_subnets(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address, length: int) -> None:
    same = ipaddress.ip_network(f"{one}/{length}", strict=False) == ipaddress.ip_network(f"{other}/{length}", strict=False)
    assert (values.subnet_of(f"{one}/{length}") == values.subnet_of(f"{other}/{length}")) == same


@given(st.integers(-5, 1 << 25))
def test_vnis(vni: int) -> None:
    if 1 <= vni < 1 << 24:
        assert values.parse_vni(vni, "x") == vni
    else:
        with pytest.raises(ArgumentError, match=r"1\.\.16777215"):
            values.parse_vni(vni, "x")


@given(st.text())
def test_names_are_what_the_kernel_takes(text: str) -> None:
    """dev_valid_name, net/core/dev.c."""
    size = len(text.encode("utf-8", "surrogatepass"))
    bad = not 1 <= size <= 15 or text in (".", "..") or any(c in "/:" or c.isspace() or ord(c) < 32 or ord(c) == 127 for c in text)
    try:
        values.parse_name(text, "x")
    except (ArgumentError, UnicodeEncodeError):
        assert bad
    else:
        assert not bad


@given(st.text(max_size=300))
def test_aliases_never_break_a_line(text: str) -> None:
    try:
        kept = values.parse_alias(text, "x")
    except (ArgumentError, UnicodeEncodeError):
        return
    assert kept == text
    assert len(kept.encode()) <= 255
    assert not any(ord(c) < 32 or ord(c) == 127 for c in kept)


@given(st.lists(st.integers(0, 99).map(lambda n: f"vx{n}")))
def test_natural_order(names: list[str]) -> None:
    assert sorted(names, key=values.natural_key) == sorted(names, key=lambda name: int(name[2:]))


@pytest.mark.parametrize(
    ("name", "given_value", "canonical"),
    [
        ("ttl", "0", "auto"), ("ttl", "auto", "auto"), ("ttl", "inherit", "inherit"), ("ttl", "255", 255), ("ttl", "0x10", 16),
        ("tos", "1", "inherit"), ("tos", "inherit", "inherit"), ("tos", "0x10", 16), ("tos", "0", 0),
        ("remote", "none", None), ("remote", "", None), ("remote", "2001:DB8::1", "2001:db8::1"), ("group", "239.1.1.1", "239.1.1.1"),
        ("device", "none", None), ("device", "eth0", "eth0"), ("source_port", "1000-2000", (1000, 2000)), ("source_port", "1000 2000", (1000, 2000)),
        ("source_port", "0-0", (0, 0)), ("reserved_bits", "0xff", 255), ("reserved_bits", "255", 255),
        ("vni", 5, 5), ("learning", True, True), ("df", "set", "set"),
    ],
)  # fmt: skip
def test_values_of_options(name: str, given_value: object, canonical: object) -> None:
    assert parse_value(option(name), given_value, name) == canonical


@pytest.mark.parametrize(
    ("name", "given_value"),
    [
        ("ttl", "256"), ("ttl", "x"), ("tos", "auto"), ("tos", "-1"), ("remote", "239.1.1.1"), ("group", "192.0.2.1"), ("local", "ff02::1"), ("remote", "::"),
        ("remote", "192.0.2.1/24"), ("device", "a b"), ("source_port", "5"), ("source_port", "2000-1000"), ("source_port", "1-65536"), ("source_port", "a-b"),
        ("source_port", "0-5"), ("reserved_bits", str(1 << 64)), ("vni", 0), ("vni", 1 << 24), ("port", 0),
        ("port", 65536), ("ageing", 0), ("flow_label", 1 << 20),
    ],
)  # fmt: skip
def test_values_that_are_refused(name: str, given_value: object) -> None:
    with pytest.raises(ArgumentError, match=name):
        parse_value(option(name), given_value, name)


def samples(attribute: Attribute) -> st.SearchStrategy[Any]:
    """Values of an option as people write them."""
    if attribute.kind == "bool":
        return st.booleans()
    if attribute.choices:
        return st.sampled_from(attribute.choices)
    words: dict[str, st.SearchStrategy[Any]] = {
        "unicast": st.sampled_from(["192.0.2.1", "2001:DB8::1"]),
        "local": st.sampled_from(["192.0.2.1", "2001:DB8::1"]),
        "multicast": st.sampled_from(["239.1.1.1", "FF05::1"]),
        "interface": st.sampled_from(["eth0", "x.5"]),
        "range": st.tuples(st.integers(1, 65535), st.integers(1, 65535)).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        "mac": st.just("01:80:C2:00:00:04"),
        "seconds": st.integers(max(attribute.low, 1), min(attribute.high, 1 << 20)),
        "ttl": st.sampled_from(["auto", "inherit", "0", "77"]),
        "tos": st.sampled_from(["inherit", "1", "0", "77"]),
    }
    return words.get(attribute.kind, st.integers(attribute.low, attribute.high))


@pytest.mark.parametrize("attribute", [*VXLAN, *BRIDGE, *PORT], ids=lambda a: f"{a.name}-{a.option}")
@given(data=st.data())
def test_what_is_shown_can_be_given_back(attribute: Attribute, data: st.DataObject) -> None:
    value = parse_value(attribute, data.draw(samples(attribute)), "x")
    assert parse_value(attribute, present_value(attribute, value), "x") == value
