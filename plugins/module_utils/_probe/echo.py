# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Echo requests with the bit "do not fragment" to many VTEPs at once: who answers, and how large a packet may be.

RFC 792 and RFC 4443 have the messages. IP_PMTUDISC_PROBE of ip(7) sets the bit and asks the kernel not to believe what it has learned of
path MTUs: a packet is sent as it is, or refused because it does not fit the own device.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.frames import checksum

SMALL = 100  # bytes of an IP packet that fits everywhere
_EVERY = 0.25  # seconds between two tries
_STEP = 0.75  # seconds for one step of the search for the path MTU
_HEADERS = {4: 20, 6: 40}
_ECHO = {4: (8, 0), 6: (128, 129)}  # type of a request and of a reply
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER, _IPV6_DONTFRAG, _PROBE = 10, 23, 62, 3  # linux/in.h, linux/in6.h
_BUFFER = 4 << 20

OK, TOO_SMALL, NO_ANSWER, NO_SOURCE, NO_ROUTE, LOCAL_MTU = "ok", "too_small", "no_answer", "no_source", "no_route", "local_mtu"


class Target(NamedTuple):
    """size: bytes of the IP packet that has to fit."""

    address: str
    source: str
    size: int


class _State:
    """What is known of one target. smallest that is known not to pass, largest that is known to."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.family = 6 if ":" in target.address else 4
        self.passed: set[int] = set()
        self.error = 0
        self.refused: set[int] = set()


class Echo:
    """One socket per source address. Answers are told by a secret of this run, so that nobody else's count."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.states = [_State(target) for target in targets]
        self._secret = os.urandom(8)
        self._sockets: dict[str, socket.socket] = {}
        self._missing: set[str] = set()
        for state in self.states:
            self._open(state)

    def close(self) -> None:
        for each in self._sockets.values():
            each.close()

    def _open(self, state: _State) -> None:
        source = state.target.source
        if source in self._sockets or source in self._missing:
            return
        six = state.family == 6
        opened = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
        try:
            opened.bind((source, 0))
        except OSError:
            opened.close()
            self._missing.add(source)
            return
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        opened.setblocking(False)
        if six:
            opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, _PROBE)
            opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_DONTFRAG, 1)
        else:
            opened.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _PROBE)
        self._sockets[source] = opened

    def try_sizes(self, wanted: Mapping[int, Iterable[int]], seconds: float) -> None:
        """wanted: sizes by place of the target. Each is sent again until it is answered or the time is over."""
        end = time.monotonic() + seconds
        while True:
            open_ones = [(place, size) for place, sizes in wanted.items() for size in sizes if self._is_open(place, size)]
            if not open_ones or time.monotonic() >= end:
                return
            for place, size in open_ones:
                self._send(place, size)
                self._receive(0)
            self._receive(min(_EVERY, max(end - time.monotonic(), 0.01)))

    def _is_open(self, place: int, size: int) -> bool:
        state = self.states[place]
        return state.target.source in self._sockets and size not in state.passed and size not in state.refused

    def _send(self, place: int, size: int) -> None:
        state = self.states[place]
        body = self._secret + struct.pack("!II", place, size)
        header = struct.pack("!BBHHH", _ECHO[state.family][0], 0, 0, os.getpid() & 0xFFFF, place & 0xFFFF)
        message = header + body.ljust(size - _HEADERS[state.family] - len(header), b"\0")
        if state.family == 4:  # of ICMPv6 the kernel makes the checksum
            message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        try:
            self._sockets[state.target.source].sendto(message, (state.target.address, 0))
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                state.refused.add(size)
            elif error.errno not in (errno.EAGAIN, errno.ENOBUFS):
                state.error = error.errno or errno.EIO

    def _receive(self, seconds: float) -> None:
        """Everything that has come, and what comes within this time."""
        end = time.monotonic() + seconds
        while True:
            ready, _writable, _failed = select.select(list(self._sockets.values()), [], [], max(end - time.monotonic(), 0))
            for each in ready:
                self._drain(each)
            if not ready or time.monotonic() >= end:
                return

    def _drain(self, opened: socket.socket) -> None:
        while True:
            try:
                packet, peer = opened.recvfrom(65536)
            except OSError:  # nothing more, or an error that an ICMP message has left on the socket
                return
            family = 4 if opened.family == socket.AF_INET else 6
            message = packet[(packet[0] & 15) * 4 :] if family == 4 else packet
            if len(message) < 24 or message[0] != _ECHO[family][1] or message[8:16] != self._secret:
                continue
            place, size = struct.unpack("!II", message[16:24])
            state = self.states[place] if place < len(self.states) else None
            if state is not None and peer[0] == state.target.address and len(message) == size - _HEADERS[family]:
                state.passed.add(size)

    def judge(self, place: int) -> tuple[str, int | None]:
        """Result, and the largest size that is known to pass."""
        state = self.states[place]
        largest = max(state.passed, default=None)
        if state.target.source in self._missing:
            return NO_SOURCE, None
        if state.target.size in state.passed:
            return OK, largest
        if largest is None:
            return (NO_ROUTE if state.error in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN) else NO_ANSWER), None
        return (LOCAL_MTU if state.target.size in state.refused else TOO_SMALL), largest


def probe_paths(targets: list[Target], seconds: float) -> list[tuple[str, int | None]]:
    """For each target the result and, where a full frame does not pass, the path MTU. seconds: for the first answers; the search for path MTUs
    takes up to ten steps more, and only where there is something to be found."""
    echo = Echo(targets)
    try:
        echo.try_sizes({place: (SMALL, target.size) for place, target in enumerate(targets)}, seconds)
        bounds = {place: [SMALL, target.size] for place, target in enumerate(targets) if echo.judge(place)[0] in (TOO_SMALL, LOCAL_MTU)}
        while any(high - low > 1 for low, high in bounds.values()):
            middles = {place: (low + high) // 2 for place, (low, high) in bounds.items() if high - low > 1}
            echo.try_sizes({place: (middle,) for place, middle in middles.items()}, _STEP)
            for place, middle in middles.items():
                bounds[place][0 if middle in echo.states[place].passed else 1] = middle
        return [echo.judge(place) for place in range(len(targets))]
    finally:
        echo.close()


def show_path(entry: Mapping[str, Any], result: str, largest: int | None) -> dict[str, Any]:
    """An entry of the result of vtep_probe."""
    return {**{key: entry[key] for key in ("host", "source", "address", "size", "networks")}, "result": result, "path_mtu": None if result == OK else largest}
