# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Marked frames across the overlay: members of a network send some from their bridges, and others hear them on theirs."""

from __future__ import annotations

import ctypes
import fcntl
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import parse_mac
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.frames import BROADCAST
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.marks import (
    BROADCASTS,
    ETHERTYPES,
    KINDS,
    SOURCE_PREFIX,
    UNICAST,
    Mark,
    make_frame,
    read_frame,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.tags import ROOM, ask_for_tags, tag_of, with_tag

_REPEATS = 6  # with 20 % loss, one frame in 15,000 is missed
_SPACING = 0.03
_PACE = 0.005  # seconds for the frames of one bridge: each is copied to every VTEP of a flood list
_OUTGOING = 4  # PACKET_OUTGOING of linux/if_packet.h
_SIOCGIFMTU = 0x8921  # linux/sockios.h
_BUFFER = 8 << 20
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE = 26, 33  # asm-generic/socket.h
_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, _PACKET_MR_PROMISC = 263, 1, 1  # linux/if_packet.h
_ETH_P_ALL = 0x0003
_LOOK = 0.2  # seconds between two looks at whether to end


class Bridge(NamedTuple):
    """A bridge that frames are sent from and heard on.

    mtu: 0 for that of the device. floods: whether broadcasts are sent. machines: MAC addresses behind other hosts that frames are sent to as well.
    vlan: of the network, where the bridge knows VLANs, or 0.
    expected: hosts whose frames of this network count; None for all. hears_unicast: whether frames to machines behind this bridge are to be heard.
    """

    network: str
    name: str
    mtu: int = 0
    floods: bool = True
    machines: tuple[str, ...] = ()
    expected: frozenset[str] | None = None
    hears_unicast: bool = False
    vlan: int = 0


def parse_bridges(entries: Sequence[Mapping[str, Any]]) -> list[Bridge]:
    return [
        Bridge(
            entry["network"],
            entry["bridge"],
            int(entry["mtu"] or 0),
            entry["floods"],
            tuple(parse_mac(mac, f"bridges[{place}].machines") for mac in entry["machines"]),
            None if entry["expected"] is None else frozenset(entry["expected"]),
            entry["hears_unicast"],
            _parse_vlan(entry["vlan"], f"bridges[{place}].vlan"),
        )
        for place, entry in enumerate(entries)
    ]


def _parse_vlan(vlan: int | None, path: str) -> int:
    if vlan is not None and not 1 <= vlan <= 4094:
        raise ArgumentError(f"{path}: {vlan} is not within 1..4094")
    return vlan or 0


def send_frames(fabric: str, host: str, bridges: Iterable[Bridge]) -> list[dict[str, Any]]:
    """Of every kind on each bridge, several times. Gives an entry for each network."""
    listed = list(bridges)
    failed: dict[str, str] = {}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as opened:
        for _time in range(_REPEATS if listed else 0):
            for bridge in listed:
                time.sleep(_PACE)
                error = _send_kinds(opened, fabric, host, bridge)
                if error is not None:
                    failed[bridge.network] = f"{bridge.name}: {error.strerror}"
            time.sleep(_SPACING)
    return [{"network": bridge.network, "bridge": bridge.name, "detail": failed.get(bridge.network, "")} for bridge in listed]


def _send_kinds(opened: socket.socket, fabric: str, host: str, bridge: Bridge) -> OSError | None:
    """The last error, if there was any: what is too large is no reason to keep the small ones back."""
    found = None
    wanted = [(kind, BROADCAST) for kind in BROADCASTS if bridge.floods] + [(UNICAST, machine) for machine in bridge.machines]
    for kind, target in wanted:
        try:
            frame = make_frame(Mark(fabric, bridge.network, host, kind), mtu_of(opened, bridge), target)
            opened.sendto(with_tag(frame, bridge.vlan), (bridge.name, 0))
        except OSError as error:
            found = error
    return found


def mtu_of(opened: socket.socket, bridge: Bridge) -> int:
    """As said, or that of the device where it is left to the host (netdevice(7))."""
    if bridge.mtu:
        return bridge.mtu
    request = fcntl.ioctl(opened, _SIOCGIFMTU, struct.pack("16si12x", bridge.name.encode(), 0))
    return int(struct.unpack("16si12x", request)[1])


class Heard:
    """Counts frames by the network of the bridge that heard them, the network and host that they are of, and kind."""

    def __init__(self, fabric: str, host: str, bridges: Sequence[Bridge]) -> None:
        self._fabric, self._host = fabric, host
        self._bridges = {(bridge.name, bridge.vlan): bridge for bridge in bridges}
        self._counts: dict[tuple[str, str, str], dict[str, int]] = {}

    def take(self, device: str, frame: bytes, vlan: int = 0) -> bool:
        """Whether it was one that had not been heard before."""
        bridge = self._bridges.get((device, vlan))
        mark = read_frame(frame) if bridge is not None else None
        if mark is None or bridge is None or mark.fabric != self._fabric or mark.host == self._host:
            return False
        if mark.network == bridge.network and bridge.expected is not None and mark.host not in bridge.expected:
            return False
        counts = self._counts.setdefault((bridge.network, mark.network, mark.host), dict.fromkeys(KINDS, 0))
        counts[mark.kind] += 1
        return counts[mark.kind] == 1

    def report(self) -> list[dict[str, Any]]:
        return [{"network": network, "origin_network": of, "origin_host": host, **counts} for (network, of, host), counts in sorted(self._counts.items())]


def open_listeners(bridges: Iterable[Bridge]) -> list[socket.socket]:
    """Ports of bridges hand their frames to the bridge before a socket of one EtherType sees them, so that these see those of the bridges.
    Only frames of probes get past the filter, whatever else the host forwards. What has a tag is heard on the bridge alone, by a socket of all EtherTypes:
    to those of one it comes on the interface of its VLAN, or, where there is none, without the tag."""
    opened = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype)) for ethertype in ETHERTYPES]
    listed = list(bridges)
    for each in opened:
        _prepare(each)
    for name in {bridge.name for bridge in listed if bridge.hears_unicast and _exists(bridge.name)}:
        # Ends with the socket.
        opened[0].setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, struct.pack("iHH8s", socket.if_nametoindex(name), _PACKET_MR_PROMISC, 0, b""))
    return opened + [_open_tagged(name) for name in sorted({bridge.name for bridge in listed if bridge.vlan and _exists(bridge.name)})]


def _exists(name: str) -> bool:
    """A bridge that does not exist hears nothing, which is what is reported then."""
    try:
        socket.if_nametoindex(name)
    except OSError:
        return False
    return True


def _open_tagged(bridge: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    ask_for_tags(opened)
    _prepare(opened)
    opened.bind((bridge, _ETH_P_ALL))
    return opened


def _prepare(opened: socket.socket) -> None:
    _filter(opened)
    try:  # more than net.core.rmem_max allows, see socket(7)
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)


def _filter(opened: socket.socket) -> None:
    """Of classic BPF (socket(7), SO_ATTACH_FILTER): a source address that begins as those of probes."""
    program = [(0x28, 0, 0, 6), (0x15, 0, 1, SOURCE_PREFIX), (0x06, 0, 0, 0xFFFF), (0x06, 0, 0, 0)]  # ldh [6]; jeq; ret all; ret nothing
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *instruction) for instruction in program))
    opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(code)))


def listen(opened: Sequence[socket.socket], heard: Heard, seconds: float, has_to_end: Callable[[], bool], quiet: float) -> bool:
    """Until it has to end and nothing new has come for a moment. False when it had not to within its time."""
    end = time.monotonic() + seconds
    last = 0.0
    while time.monotonic() < end:
        ready, _writable, _failed = select.select(opened, [], [], _LOOK)
        for each in ready:
            frame, extra, _flags, address = each.recvmsg(65536, ROOM)
            if address[2] != _OUTGOING and heard.take(address[0], frame, tag_of(extra)):
                last = time.monotonic()
        if not ready and time.monotonic() - last > quiet and has_to_end():
            return True
    return False
