# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packed lane against pyroute2's encoder: the oracle."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.ndmsg import ndmsg

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.rows import parse_row_lines
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import pack_address
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb import RowDecoder
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb_write import RowEncoder
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import row_words

INDEXES = {"eth0": 7, "x.5": 9}
NAMES = {index: name for name, index in INDEXES.items()}
INDEX = 42
# linux/neighbour.h, written down again here
STATES = {"permanent": 0x80, "static": 0x42, "dynamic": 0x02}
FLAGS = {"router": 0x80, "sticky": 0x40, "extern_learn": 0x10}

u32 = st.integers(1, (1 << 32) - 1)
maybe = st.none()
macs = st.binary(min_size=6, max_size=6).map(lambda octets: octets.hex(":"))
destinations = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "fe80::5"])
rows = st.builds(
    FdbRow,
    mac=macs,
    dst=maybe | destinations,
    port=maybe | st.integers(1, 65535),
    vni=maybe | st.integers(1, (1 << 24) - 1),
    src_vni=maybe | st.integers(1, (1 << 24) - 1),
    via=maybe | st.sampled_from(sorted(INDEXES)),
    nexthop_group=maybe | u32,
    vlan=maybe | st.integers(1, 4094),
    state=st.sampled_from(sorted(STATES)),
    table=st.sampled_from(["self", "master"]),
    router=st.booleans(),
    sticky=st.booleans(),
    extern_learn=st.booleans(),
)


def oracle(row: FdbRow, index: int = INDEX, **more: Any) -> ndmsg:
    """The row as pyroute2 encodes it."""
    message = ndmsg()
    flags = 0x04 if row.table == "master" else 0x02
    message["family"], message["ifindex"], message["state"] = 7, index, STATES[row.state]
    message["flags"] = flags | sum(bit for word, bit in FLAGS.items() if getattr(row, word))
    given_values: dict[str, Any] = {
        **more, "NDA_LLADDR": row.mac, "NDA_DST": row.dst, "NDA_PORT": row.port, "NDA_VNI": row.vni, "NDA_SRC_VNI": row.src_vni,
        "NDA_NH_ID": row.nexthop_group, "NDA_IFINDEX": INDEXES[row.via] if row.via else None,
    }  # fmt: skip
    attributes = [(name, value) for name, value in given_values.items() if value is not None]
    attributes.append(("NDA_CACHEINFO", {"ndm_confirmed": 1, "ndm_used": 2, "ndm_updated": 3, "ndm_refcnt": 0}))
    if row.vlan is not None:
        attributes.append(("NDA_VLAN", row.vlan))
    message["attrs"] = attributes
    message["header"]["type"] = 28
    message.encode()
    return message


def attributes_of(body: bytes) -> dict[int, bytes]:
    found = wire.split_attributes(body, 12)
    found.pop(3, None)
    return found


@given(st.lists(rows))
def test_rows_are_encoded_as_pyroute2_does(listed: list[FdbRow]) -> None:
    for row, body in zip(listed, RowEncoder(INDEX, INDEXES.__getitem__).bodies(listed)):
        expected = bytes(oracle(row).data)[16:]
        assert body[:12] == expected[:12]
        assert attributes_of(body) == attributes_of(expected)
        assert len(body) % 4 == 0


@given(st.lists(rows), st.booleans())
def test_rows_of_pyroute2_are_decoded(listed: list[FdbRow], moved: bool) -> None:
    """moved: an interface from another namespace has an attribute before the MAC. Several messages per buffer, as in a dump."""
    more = {"NDA_LINK_NETNSID": 3} if moved else {}
    buffer = b"".join(bytes(oracle(row, **more).data) for row in listed)
    found: list[FdbRow] = []
    RowDecoder(NAMES.get).collect(buffer, {INDEX: found})
    assert found == listed


@pytest.mark.parametrize("dst", ["192.0.2.2", "2001:db8:0:0:800:b00:1:2", "2001:db8::800:700:1:2", "2001:db8:800:700:800:b00:1:2"])
@pytest.mark.parametrize(("vni", "src_vni"), [(None, None), (None, 5), (6, 5), (6, None)])
def test_vnis_are_told_from_addresses_that_look_like_them(dst: str, vni: int | None, src_vni: int | None) -> None:
    """In the order of the kernel (vxlan_fdb_info): destination, VNI, source VNI, cache information."""
    row = FdbRow("02:00:00:00:00:01", socket.inet_ntop(socket.AF_INET6 if ":" in dst else socket.AF_INET, pack_address(dst)), vni=vni, src_vni=src_vni)
    body = struct.pack("=BxxxiHBB", 7, INDEX, 0x80, 2, 0) + wire.attribute(2, bytes.fromhex("020000000001")) + wire.attribute(1, pack_address(dst))
    body += b"".join(wire.attribute_u32(number, value) for number, value in ((7, vni), (11, src_vni)) if value is not None)
    body += wire.attribute(3, bytes(16))
    found: list[FdbRow] = []
    message = struct.pack("=IHHII", 16 + len(body), 28, 2, 1, 0) + body
    RowDecoder(NAMES.get).collect(message * 3, {INDEX: found})
    assert found == [row] * 3


@given(rows)
def test_rows_of_other_interfaces_are_skipped(row: FdbRow) -> None:
    found: list[FdbRow] = []
    RowDecoder(NAMES.get).collect(bytes(oracle(row, index=INDEX + 1).data), {INDEX: found})
    assert found == []


@given(st.binary(max_size=200))
def test_garbage_does_not_hang_or_crash_the_splitter(buffer: bytes) -> None:
    assert isinstance(wire.split_attributes(buffer), dict)
    assert isinstance(wire.split_list(buffer), list)


@given(st.lists(st.tuples(st.integers(1, 0x3FFF), st.binary(max_size=40)), unique_by=lambda pair: pair[0]))
def test_attributes_are_split_as_they_were_joined(pairs: list[tuple[int, bytes]]) -> None:
    buffer = b"".join(wire.attribute(number, payload) for number, payload in pairs)
    assert wire.split_attributes(buffer) == dict(pairs)
    assert wire.split_list(buffer) == pairs
    assert len(buffer) % 4 == 0
    assert wire.attribute_u32(5, 7) == struct.pack("=HHI", 8, 5, 7)


@pytest.mark.parametrize(
    ("tail", "row"),
    [
        ("dst 192.0.2.2 src_vni 5 vni 6", FdbRow("", "192.0.2.2", vni=6, src_vni=5)),
        ("dst 192.0.2.2 vni 6 src_vni 5 self static", FdbRow("", "192.0.2.2", vni=6, src_vni=5, state="static")),
        ("dst 2001:DB8::2 src_vni 16777215 self", FdbRow("", "2001:db8::2", src_vni=16777215)),
        ("dst 192.0.2.2 vni 7", FdbRow("", "192.0.2.2", vni=7)),
        ("dst 192.0.2.2 port 4790 vni 6 src_vni 5", FdbRow("", "192.0.2.2", port=4790, vni=6, src_vni=5)),
    ],
)
def test_vnis_in_lines(tail: str, row: FdbRow) -> None:
    assert parse_row_lines(f"02:00:00:00:00:01 {tail}\n") == (row._replace(mac="02:00:00:00:00:01"),)


@pytest.mark.parametrize("number", ["0", "16777216", "99999999"])
def test_a_vni_that_is_none_is_told_with_its_line(number: str) -> None:
    with pytest.raises(ArgumentError, match="line 2"):
        parse_row_lines(f"02:00:00:00:00:01 dst 192.0.2.2 src_vni 5\n02:00:00:00:00:02 dst 192.0.2.2 src_vni {number}\n")


@given(st.lists(rows))
def test_words_of_rows_are_read_back_as_the_rows(listed: list[FdbRow]) -> None:
    assert parse_row_lines("\n".join(" ".join(row_words(row)) for row in listed)) == tuple(listed)


SHOWN = """\
02:00:00:00:aa:01 dev vx0 dst 192.0.2.3 via eth0 self permanent
02:00:00:00:aa:02 dev vx0 master br0 static
02:00:00:00:aa:03 dev vx0 vlan 5 master static static
02:00:00:00:aa:04 dev vx0 dst 192.0.2.3 port 4790 vni 7 src_vni 8 self extern_learn offload permanent
02:00:00:00:aa:05 dev vx0 nhid 10 self
"""


def test_lines_as_bridge_shows_them() -> None:
    """A bridge may have the name of a word."""
    assert parse_row_lines(SHOWN) == (
        FdbRow("02:00:00:00:aa:01", "192.0.2.3", via="eth0"),
        FdbRow("02:00:00:00:aa:02", table="master", state="static"),
        FdbRow("02:00:00:00:aa:03", vlan=5, table="master", state="static"),
        FdbRow("02:00:00:00:aa:04", "192.0.2.3", port=4790, vni=7, src_vni=8, extern_learn=True),
        FdbRow("02:00:00:00:aa:05", nexthop_group=10),
    )
