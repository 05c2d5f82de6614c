# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The marked frames of vtep_probe as bytes, and the mark read again. Pure.

Some have the EtherType 0x88B5, which IEEE 802 leaves to local experiments (RFC 9542, section 3); others are ARP and ICMP, because some things on the way
treat these in their own ways. Their addresses are those of benchmarks (RFC 2544, RFC 5180), which nothing that is connected has, so that
nothing answers. The source MAC address is one of their own, made of the names of host and network; what learns it forgets it again.
"""

from __future__ import annotations

import hashlib
import json
import struct
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._probe import frames

SMALL, FULL, ARP, ICMP, ICMPV6, UNICAST = "small", "full", "arp", "icmp", "icmpv6", "unicast"
BROADCASTS = (SMALL, FULL, ARP, ICMP, ICMPV6)
KINDS = (*BROADCASTS, UNICAST)
ETHERTYPES = (frames.ETHERTYPE_PROBE, frames.ETHERTYPE_ARP, frames.ETHERTYPE_IPV4, frames.ETHERTYPE_IPV6)
SOURCE_PREFIX = 0x0276  # locally administered, unicast
_MAGIC = b"vxlan.fabric probe "
_SMALL_PAYLOAD = 300
_ICMP_HEADERS = {ICMP: 20 + 8, ICMPV6: 40 + 8}
_FROM_4, _TO_4, _FROM_6, _TO_6 = "198.18.0.1", "198.19.0.1", "2001:2::1", "2001:2::2"


class Mark(NamedTuple):
    """What a frame says of itself."""

    fabric: str
    network: str
    host: str
    kind: str


def source_of(fabric: str, network: str, host: str) -> str:
    """A MAC address, the same in every run."""
    digest = hashlib.sha256(f"{fabric}/{network}/{host}".encode()).digest()
    return ":".join(f"{octet:02x}" for octet in SOURCE_PREFIX.to_bytes(2, "big") + digest[:4])


def make_frame(mark: Mark, mtu: int, target: str = frames.BROADCAST) -> bytes:
    """mtu: bytes after the Ethernet header of all but small frames and ARP."""
    source = source_of(*mark[:3])
    if mark.kind == ARP:
        # From nobody it would be an ARP probe, which a bridge keeps from ports with neigh_suppress (br_do_proxy_suppress_arp, br_arp_nd_proxy.c).
        return frames.build_arp_request(source, _FROM_4, _TO_4, _body(mark, 28, _SMALL_PAYLOAD))
    if mark.kind == ICMP:
        return frames.build_echo(target, source, _FROM_4, _TO_4, _body(mark, _ICMP_HEADERS[ICMP], mtu))
    if mark.kind == ICMPV6:
        return frames.build_echo(target, source, _FROM_6, _TO_6, _body(mark, _ICMP_HEADERS[ICMPV6], mtu))
    return frames.build_probe(target, source, _body(mark, 0, _SMALL_PAYLOAD if mark.kind == SMALL else mtu))


def _body(mark: Mark, headers: int, payload: int) -> bytes:
    """The mark, and how long the frame is, so that one that was cut is no sighting; padded to what the headers leave of the payload."""
    text = _MAGIC + json.dumps([*mark, payload]).encode() + b"\n"
    return text.ljust(payload - headers, b"\0")


def read_frame(frame: bytes) -> Mark | None:
    """The mark, or None for frames of others, and of those that are shorter than they say."""
    place = frame.find(_MAGIC, 14)
    if place < 0:
        return None
    try:
        *mark, payload = json.loads(frame[place + len(_MAGIC) :].partition(b"\n")[0])
        fabric, network, host, kind = (str(word) for word in mark)
    except (ValueError, TypeError):
        return None
    (ethertype,) = struct.unpack_from("!H", frame, 12)
    if kind not in KINDS or ethertype != _ethertype(kind) or not isinstance(payload, int) or len(frame) < 14 + payload:
        return None
    return Mark(fabric, network, host, kind)


def _ethertype(kind: str) -> int:
    return {ARP: frames.ETHERTYPE_ARP, ICMP: frames.ETHERTYPE_IPV4, ICMPV6: frames.ETHERTYPE_IPV6}.get(kind, frames.ETHERTYPE_PROBE)
