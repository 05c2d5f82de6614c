# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What else hangs on an interface and is lost when it is re-created: the VNI filter, the routes that leave through it, and what
its addresses say beside the address."""

from __future__ import annotations

import socket
import struct
from collections.abc import Container, Iterable, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import KeptAddress, Route, VniRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import pack_address
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.links import IFADDR
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, messages

_SCOPES = {200: "site", 253: "link", 254: "host"}
_TUNNEL = struct.Struct("=BBHI")  # family, flags, reserved, index (struct tunnel_msg, linux/if_link.h)
_U64 = struct.Struct("=Q")
RTMSG = struct.Struct("=BBBBBBBBI")  # family, dst_len, src_len, tos, table, protocol, scope, type, flags
_RTMSG_TABLE = 4


def dump_vnis(netlink: NetlinkSocket) -> dict[int, list[VniRow]]:
    """The VNI filters of all interfaces by index (vxlan_vnifilter_dump, drivers/net/vxlan/vxlan_vnifilter.c)."""
    found: dict[int, list[VniRow]] = {}
    for buffer in netlink.dump(nl.RTM_GETTUNNEL, _TUNNEL.pack(nl.AF_BRIDGE, 0, 0, 0), "reading the VNI filter"):
        for start, end, what, _flags, _sequence in messages(buffer):
            if what != nl.RTM_NEWTUNNEL:
                continue
            index = _TUNNEL.unpack_from(buffer, start)[3]
            for number, payload in wire.split_list(buffer[start + _TUNNEL.size : end]):
                if number == nl.VXLAN_VNIFILTER_ENTRY:
                    found.setdefault(index, []).append(_decode_vni(wire.split_attributes(payload)))
    return found


def dump_vni_statistics(netlink: NetlinkSocket, index: int) -> dict[int, dict[str, int]]:
    """Counters of each VNI of a filter (struct vxlan_vni_stats, include/net/vxlan.h)."""
    found: dict[int, dict[str, int]] = {}
    body = _TUNNEL.pack(nl.AF_BRIDGE, nl.TUNNEL_MSG_FLAG_STATS, 0, index)
    for buffer in netlink.dump(nl.RTM_GETTUNNEL, body, "reading the counters of the VNIs"):
        for start, end, what, _flags, _sequence in messages(buffer):
            if what != nl.RTM_NEWTUNNEL or _TUNNEL.unpack_from(buffer, start)[3] != index:
                continue
            for number, payload in wire.split_list(buffer[start + _TUNNEL.size : end]):
                if number == nl.VXLAN_VNIFILTER_ENTRY:
                    attributes = wire.split_attributes(payload)
                    counters = wire.split_attributes(attributes.get(nl.VNIFILTER_STATS, b""))
                    found[wire.u32(attributes[nl.VNIFILTER_START])] = {
                        name: _U64.unpack(counters[at])[0] for at, name in enumerate(nl.VNI_COUNTERS, 1) if at in counters
                    }
    return found


def _decode_vni(attributes: dict[int, bytes]) -> VniRow:
    first = wire.u32(attributes[nl.VNIFILTER_START])
    last = wire.u32(attributes[nl.VNIFILTER_END]) if nl.VNIFILTER_END in attributes else first
    destination = None
    for number, family in ((nl.VNIFILTER_GROUP, socket.AF_INET), (nl.VNIFILTER_GROUP6, socket.AF_INET6)):
        if any(attributes.get(number, b"")):
            destination = socket.inet_ntop(family, attributes[number])
    return VniRow(first, last, destination)


def vni_bodies(index: int, rows: Iterable[VniRow]) -> list[bytes]:
    """Bodies for RTM_NEWTUNNEL and RTM_DELTUNNEL."""
    bodies = []
    for row in rows:
        entry = wire.attribute_u32(nl.VNIFILTER_START, row.start)
        if row.end != row.start:
            entry += wire.attribute_u32(nl.VNIFILTER_END, row.end)
        if row.destination is not None:
            number = nl.VNIFILTER_GROUP6 if ":" in row.destination else nl.VNIFILTER_GROUP
            entry += wire.attribute(number, pack_address(row.destination))
        bodies.append(_TUNNEL.pack(nl.AF_BRIDGE, 0, 0, index) + wire.attribute(nl.VXLAN_VNIFILTER_ENTRY | nl.NLA_F_NESTED, entry))
    return bodies


def dump_routes(netlink: NetlinkSocket, indexes: Container[int]) -> dict[int, list[Route]]:
    """Routes through some interfaces that the kernel did not make itself. Multipath routes are not among them."""
    found: dict[int, list[Route]] = {}
    for family in (socket.AF_INET, socket.AF_INET6):
        body = RTMSG.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)
        for buffer in netlink.dump(nl.RTM_GETROUTE, body, "reading the routes"):
            for start, end, what, _flags, _sequence in messages(buffer):
                index = _leaves_through(buffer, start, end) if what == nl.RTM_NEWROUTE else 0
                if index and index in indexes:
                    found.setdefault(index, []).append(_route(buffer[start:end]))
    return found


def _leaves_through(buffer: bytes, start: int, end: int) -> int:
    """Index of the interface, 0 for a route of the kernel's own or through several."""
    if RTMSG.unpack_from(buffer, start)[5] == nl.RTPROT_KERNEL:
        return 0
    attributes = wire.split_attributes(buffer, start + RTMSG.size, end)
    return wire.u32(attributes[nl.RTA_OIF]) if nl.RTA_OIF in attributes else 0


def _route(message: bytes) -> Route:
    family, length = message[0], message[1]
    attributes = wire.split_attributes(message, RTMSG.size)
    payload = attributes.get(nl.RTA_DST)
    words = [f"{socket.inet_ntop(family, payload)}/{length}" if payload else "default"]
    if nl.RTA_GATEWAY in attributes:
        words += ["via", socket.inet_ntop(family, attributes[nl.RTA_GATEWAY])]
    if nl.RTA_PRIORITY in attributes:
        words += ["metric", str(wire.u32(attributes[nl.RTA_PRIORITY]))]
    table = wire.u32(attributes[nl.RTA_TABLE]) if nl.RTA_TABLE in attributes else message[_RTMSG_TABLE]
    return Route(" ".join(words), message, table)


def dump_kept_addresses(netlink: NetlinkSocket, names: Mapping[int, str]) -> dict[int, tuple[KeptAddress, ...]]:
    """The addresses of some interfaces in the order in which they were added, with everything the kernel says of them.
    names: by index."""
    found: dict[int, list[KeptAddress]] = {}
    for buffer in netlink.dump(nl.RTM_GETADDR, IFADDR.pack(socket.AF_UNSPEC, 0, 0, 0, 0), "reading the addresses"):
        for start, end, what, _flags, _sequence in messages(buffer):
            index = IFADDR.unpack_from(buffer, start)[4] if what == nl.RTM_NEWADDR else 0
            if index in names:
                found.setdefault(index, []).append(_kept_address(buffer[start:end], names[index]))
    return {index: _oldest_first(kept) for index, kept in found.items()}


def _oldest_first(found: list[KeptAddress]) -> tuple[KeptAddress, ...]:
    """IPv6 addresses are dumped with the latest first (ipv6_link_dev_addr)."""
    four = [kept for kept in found if ":" not in kept.address]
    return (*four, *reversed([kept for kept in found if ":" in kept.address]))


def _kept_address(message: bytes, name: str) -> KeptAddress:
    family, length, _flags, scope, _index = IFADDR.unpack_from(message)
    attributes = wire.split_attributes(message, IFADDR.size)
    own = attributes.get(nl.IFA_LOCAL) or attributes[nl.IFA_ADDRESS]
    words: list[str] = []
    if nl.IFA_BROADCAST in attributes:
        words += ["broadcast", socket.inet_ntop(family, attributes[nl.IFA_BROADCAST])]
    if scope in _SCOPES:
        words += ["scope", _SCOPES[scope]]
    label = wire.text(attributes.get(nl.IFA_LABEL, b""))
    if label not in ("", name):
        words += ["label", label]
    if nl.IFA_RT_PRIORITY in attributes:
        words += ["metric", str(wire.u32(attributes[nl.IFA_RT_PRIORITY]))]
    if wire.u32(attributes.get(nl.IFA_FLAGS, b"\0\0\0\0")) & nl.IFA_F_NOPREFIXROUTE:
        words.append("noprefixroute")
    return KeptAddress(f"{socket.inet_ntop(family, own)}/{length}", tuple(words), message)


def address_body(kept: KeptAddress, index: int) -> bytes:
    """The message of an address with the interface's new index in it and without its lifetimes, which are for ever."""
    family, length, flags, scope, _index = IFADDR.unpack_from(kept.message)
    body = IFADDR.pack(family, length, flags, scope, index)
    parts = wire.split_list(kept.message[IFADDR.size :])
    return body + b"".join(wire.attribute(number, payload) for number, payload in parts if number != nl.IFA_CACHEINFO)


def route_body(route: Route, index: int) -> bytes:
    """The message of a route with the interface's new index and the route's table in it, and without its cache information. Of its
    flags only 'onlink' is a wish, the others tell of its state and are refused (fib_create_info, net/ipv4/fib_semantics.c)."""
    family, to, source, tos, _table, protocol, scope, kind, flags = RTMSG.unpack_from(route.message)
    table = route.table if route.table < 256 else nl.RT_TABLE_COMPAT
    body = RTMSG.pack(family, to, source, tos, table, protocol, scope, kind, flags & nl.RTNH_F_ONLINK) + wire.attribute_u32(nl.RTA_TABLE, route.table)
    for number, payload in wire.split_list(route.message[RTMSG.size :]):
        if number in (nl.RTA_CACHEINFO, nl.RTA_TABLE):
            continue
        body += wire.attribute_u32(number, index) if number == nl.RTA_OIF else wire.attribute(number, payload)
    return body
