# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes that the installed iproute2 is too old to show, read from the kernel by hand: numbers are those of linux/if_link.h, and
nothing here is shared with the engine."""

from __future__ import annotations

import ctypes
import os
import socket
import struct

from .engine import in_child
from .namespaces import Namespace

Attributes = dict[int, bytes]


def _attributes(payload: bytes) -> Attributes:
    found: Attributes = {}
    while len(payload) >= 4:
        size, number = struct.unpack_from("=HH", payload)
        found[number & 0x3FFF] = payload[4:size]
        payload = payload[(size + 3) & ~3 :]
    return found


def _read(path: str, name: str) -> tuple[Attributes, Attributes]:
    descriptor = os.open(path, os.O_RDONLY)
    if ctypes.CDLL(None).setns(descriptor, 0x40000000):
        raise OSError("setns")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(name), 0, 0)
        netlink.send(struct.pack("=IHHII", 16 + len(body), 18, 1, 1, 0) + body)  # RTM_GETLINK, NLM_F_REQUEST
        answer = netlink.recv(1 << 16)
    info = _attributes(_attributes(answer[32:])[18])  # IFLA_LINKINFO
    return _attributes(info.get(2, b"")), _attributes(info.get(5, b""))  # IFLA_INFO_DATA, IFLA_INFO_SLAVE_DATA


def kind_data(ns: Namespace, name: str) -> Attributes:
    """IFLA_INFO_DATA of a link by attribute number."""
    found: Attributes = in_child(lambda: _read(f"/run/netns/{ns.name}", name))[0]
    return found


def port_data(ns: Namespace, name: str) -> Attributes:
    """IFLA_INFO_SLAVE_DATA of a link by attribute number."""
    found: Attributes = in_child(lambda: _read(f"/run/netns/{ns.name}", name))[1]
    return found
