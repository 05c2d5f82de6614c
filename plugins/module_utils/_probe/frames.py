# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Frames that carry a marker, as bytes, and the marker found again in what an endpoint received. Pure.

The marker of ping_matrix is 16 bytes: what `ping -p` takes as a pattern.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

MAGIC = b"vxf\x1f"
MARKER = struct.Struct("!4s4sHHB3x")

PING = 1
"""An echo request of ping(8) within a network."""
FRAME = 2
"""A frame of our own within a network, where the endpoints have no address in common."""
INTRUSION = 3
"""A frame of our own that is meant for an endpoint of another network."""

FLOOD = 4
"""A broadcast, numbered as sent by an endpoint to itself: the others of its network must receive it."""

BROADCAST = "ff:ff:ff:ff:ff:ff"
ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
ETHERTYPE_IPV6 = 0x86DD
ETHERTYPE_PROBE = 0x88B5  # IEEE 802: local experimental EtherType 1
_ICMP_ECHO = 8  # RFC 792
_ICMPV6_ECHO = 128  # RFC 4443
_SHORTEST = 60  # Ethernet, without the frame check sequence


class Marker(NamedTuple):
    """Who sent a frame to whom, as positions in the list of endpoints, in which run, and why."""

    run: bytes  # 4 random bytes
    source: int
    target: int
    kind: int

    def encode(self) -> bytes:
        return MARKER.pack(MAGIC, self.run, self.source, self.target, self.kind)


def find_marker(frame: bytes, run: bytes) -> Marker | None:
    """The marker in a frame, None when it has none of this run, or is the answer to one."""
    place = frame.find(MAGIC + run)
    if place < 0 or len(frame) < place + MARKER.size or is_echo_reply(frame):
        return None
    _magic, _run, source, target, kind = MARKER.unpack_from(frame, place)
    return Marker(run, source, target, kind)


def is_echo_reply(frame: bytes) -> bool:
    """An answer of ICMP or ICMPv6: it repeats the marker of the request, and proves nothing about who received that."""
    (ethertype,) = struct.unpack_from("!H", frame, 12)
    if ethertype == ETHERTYPE_IPV4 and frame[23] == 1:
        return frame[14 + (frame[14] & 0xF) * 4] == 0
    if ethertype == ETHERTYPE_IPV6 and frame[20] == 58:
        return frame[54] == _ICMPV6_ECHO + 1
    return False


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _ethernet(target: str, source: str, ethertype: int, payload: bytes) -> bytes:
    return (_mac(target) + _mac(source) + struct.pack("!H", ethertype) + payload).ljust(_SHORTEST, b"\0")


def build_probe(target: str, source: str, marker: bytes) -> bytes:
    """A frame that no protocol stack answers."""
    return _ethernet(target, source, ETHERTYPE_PROBE, marker)


def build_arp_request(source_mac: str, source: str, target: str, marker: bytes) -> bytes:
    """Who has `target`? A broadcast (RFC 826); the marker is where the padding is."""
    question = struct.pack("!HHBBH", 1, ETHERTYPE_IPV4, 6, 4, 1)
    question += _mac(source_mac) + ipaddress.IPv4Address(source).packed + bytes(6) + ipaddress.IPv4Address(target).packed
    return _ethernet(BROADCAST, source_mac, ETHERTYPE_ARP, question + marker)


def build_echo(target_mac: str, source_mac: str, source: str, target: str, marker: bytes) -> bytes:
    """An ICMP or ICMPv6 echo request in an Ethernet frame, made by hand: no ARP, no route, no firewall of the sender."""
    body = struct.pack("!HH", 1, 1) + marker
    if ":" in target:
        return _ethernet(target_mac, source_mac, ETHERTYPE_IPV6, _ipv6_echo(source, target, body))
    icmp = struct.pack("!BBH", _ICMP_ECHO, 0, checksum(struct.pack("!BBH", _ICMP_ECHO, 0, 0) + body)) + body
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0)
    header += ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(target).packed
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return _ethernet(target_mac, source_mac, ETHERTYPE_IPV4, header + icmp)


def _ipv6_echo(source: str, target: str, body: bytes) -> bytes:
    """RFC 8200, section 8.1: the checksum covers a pseudo-header."""
    addresses = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(target).packed
    pseudo = addresses + struct.pack("!I3xB", 4 + len(body), 58)
    echo = struct.pack("!BBH", _ICMPV6_ECHO, 0, checksum(pseudo + struct.pack("!BBH", _ICMPV6_ECHO, 0, 0) + body)) + body
    return struct.pack("!IHBB", 6 << 28, len(echo), 58, 64) + addresses + echo


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
