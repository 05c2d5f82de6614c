# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Asking the kernel which way a packet would take, without sending one: RTM_GETROUTE (inet_rtm_getroute, net/ipv4/route.c;
inet6_rtm_getroute, net/ipv6/route.c). The question is the one that vxlan_xmit_one asks itself (udp_tunnel_dst_lookup)."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import pack_address
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.hanging import RTMSG
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, messages

# What the kernel answers where a rule or a route refuses, or none fits. EINVAL: the source address is not the host's, or a blackhole.
_REFUSALS = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL, errno.ENODEV, errno.ENETDOWN, errno.EADDRNOTAVAIL)


class Question(NamedTuple):
    """A packet over UDP. source: None leaves the choice to the kernel. device_index: of the device that it has to leave by, 0 for any."""

    address: str
    source: str | None
    device_index: int
    port: int


class Way(NamedTuple):
    """kind: unicast, local, multicast, ... (rtnetlink(7)); empty when there is no way, and error says why in the kernel's words.
    device_index: of the device, mtu: that the route or a learned path MTU sets, None when it is the device's. table: its number."""

    kind: str
    next_hop: str = ""
    device_index: int = 0
    source: str = ""
    mtu: int | None = None
    table: int = 0
    error: str = ""


def look_up_way(netlink: NetlinkSocket, question: Question) -> Way:
    """Which way this packet would take."""
    body = _body(question)
    try:
        answers = netlink.get_all(nl.RTM_GETROUTE, [body], (), f"looking up the route to {question.address}")
    except KernelError as error:
        if error.code not in _REFUSALS:
            raise
        return Way("", error=error.sentence or os.strerror(error.code))
    for start, end, what, _flags, _sequence in messages(answers[0]):
        if what == nl.RTM_NEWROUTE:
            return _decode(answers[0][start:end])
    return Way("", error="the kernel gave no answer")


def _body(question: Question) -> bytes:
    packed = pack_address(question.address)
    family = socket.AF_INET6 if len(packed) == 16 else socket.AF_INET
    bits = 8 * len(packed)
    attributes = wire.attribute(nl.RTA_DST, packed)
    if question.source:
        attributes += wire.attribute(nl.RTA_SRC, pack_address(question.source))
    if question.device_index:
        attributes += wire.attribute_u32(nl.RTA_OIF, question.device_index)
    attributes += wire.attribute(nl.RTA_IP_PROTO, bytes([socket.IPPROTO_UDP])) + wire.attribute(nl.RTA_DPORT, question.port.to_bytes(2, "big"))
    # IPv6 always names the table, and refuses the flag.
    flags = nl.RTM_F_LOOKUP_TABLE if family == socket.AF_INET else 0
    return RTMSG.pack(family, bits, bits if question.source else 0, 0, 0, 0, 0, 0, flags) + attributes


def _decode(message: bytes) -> Way:
    family, kind = message[0], message[7]
    found = wire.split_attributes(message, RTMSG.size)

    def address(number: int) -> str:
        return socket.inet_ntop(family, found[number]) if number in found else ""

    metrics = wire.split_attributes(found.get(nl.RTA_METRICS, b""))
    return Way(
        kind=nl.ROUTE_TYPES[kind] if kind < len(nl.ROUTE_TYPES) else str(kind),
        next_hop=address(nl.RTA_GATEWAY) or _via(found.get(nl.RTA_VIA, b"")),
        device_index=wire.u32(found.get(nl.RTA_OIF, b"")),
        source=address(nl.RTA_PREFSRC),
        mtu=wire.u32(metrics[nl.RTAX_MTU]) if nl.RTAX_MTU in metrics else None,
        table=wire.u32(found.get(nl.RTA_TABLE, b"")) or message[4],
    )


def _via(payload: bytes) -> str:
    """A next hop of the other family: struct rtvia, family and address (RFC 8950)."""
    if len(payload) < 6:
        return ""
    (family,) = struct.unpack_from("=H", payload)
    return socket.inet_ntop(family, payload[2:])
