# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thousand numbered datagrams a second from one namespace to another, judged where they arrive. Each millisecond one goes to the
receiver's address and one to the broadcast address: the first takes a row of the forwarding table, the second the flood list."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from .engine import finish_child, start_child
from .namespaces import Namespace

INTERVAL = 0.001
PORTS = {"unicast": 7001, "broadcast": 7002}
_DATAGRAM = struct.Struct("=Qd")
_SETTLE = 0.15  # what is on its way arrives
_BUFFER = 1 << 24
_SO_RCVBUFFORCE = 33


class Stream(NamedTuple):
    """What became of one stream: datagrams sent, the numbers of those that were lost, and each silence as (seconds, datagrams)."""

    sent: int
    lost: tuple[int, ...]
    silences: tuple[tuple[float, int], ...]


def _enter(ns: Namespace) -> None:
    descriptor = os.open(f"/run/netns/{ns.name}", os.O_RDONLY)
    if ctypes.CDLL(None).setns(descriptor, 0x40000000):
        raise OSError("setns")
    os.close(descriptor)


def _punctual() -> None:
    """A busy machine must not turn into bursts and gaps of the sender; without the right to it the test still counts by number."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def _send(ns: Namespace, address: str, stop: int) -> list[float]:
    """Send until `stop` (a pipe) closes; when each number left, by the monotonic clock."""
    _enter(ns)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    targets = ((address, PORTS["unicast"]), ("255.255.255.255", PORTS["broadcast"]))
    _punctual()
    poll = select.poll()
    poll.register(stop, select.POLLIN | select.POLLHUP)
    times: list[float] = []
    due = time.monotonic()
    while not poll.poll(0):
        due += INTERVAL
        now = time.monotonic()
        if due > now:
            time.sleep(due - now)
        now = time.monotonic()
        datagram = _DATAGRAM.pack(len(times), now)
        for target in targets:
            sender.sendto(datagram, target)
        times.append(now)
    return times


def _receive(ns: Namespace, stop: int, ready: int) -> dict[str, set[int]]:
    """The numbers that arrived."""
    _enter(ns)
    sockets: dict[int, tuple[socket.socket, set[int]]] = {}
    found: dict[str, set[int]] = {name: set() for name in PORTS}
    poll = select.poll()
    for name, port in PORTS.items():
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        receiver.bind(("0.0.0.0", port))  # noqa: S104 - a namespace of the test
        receiver.setblocking(False)
        sockets[receiver.fileno()] = (receiver, found[name])
        poll.register(receiver, select.POLLIN)
    poll.register(stop, select.POLLIN | select.POLLHUP)
    _punctual()
    os.close(ready)
    while True:
        events = [descriptor for descriptor, _event in poll.poll()]
        for descriptor in events:
            if descriptor in sockets:
                receiver, numbers = sockets[descriptor]
                with suppress(BlockingIOError):
                    while True:
                        numbers.add(_DATAGRAM.unpack_from(receiver.recv(64))[0])
        if events == [stop]:
            return found


def _judge(times: list[float], arrived: set[int]) -> Stream:
    """Silences: a run of lost numbers lasts from the departure of the last that arrived before it to that of the first after it."""
    lost = tuple(number for number in range(len(times)) if number not in arrived)
    silences: list[tuple[float, int]] = []
    position = 0
    while position < len(lost):
        end = position
        while end + 1 < len(lost) and lost[end + 1] == lost[end] + 1:
            end += 1
        first, last = max(lost[position] - 1, 0), min(lost[end] + 1, len(times) - 1)
        silences.append((times[last] - times[first], end - position + 1))
        position = end + 1
    return Stream(len(times), lost, tuple(silences))


def dropped_by_machine() -> int:
    """Packets of any namespace that this machine's queues had no room for (softnet_data.dropped): they are one for each processor, not
    one for each namespace, and whoever sends a storm in another one fills them."""
    with open("/proc/net/softnet_stat", encoding="ascii") as lines:
        return sum(int(line.split()[1], 16) for line in lines)


class Measured:
    """Filled when the streams have stopped. overflowed: packets that the machine had no room for meanwhile, ours or others'."""

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.overflowed = 0

    @property
    def lost(self) -> dict[str, int]:
        return {name: len(stream.lost) for name, stream in self.streams.items()}


@contextmanager
def streams(source: Namespace, target: Namespace, address: str) -> Iterator[Measured]:
    """Send while the body runs, and some time before and after it. address: the target's."""
    measured = Measured()
    dropped = dropped_by_machine()
    stop_receiver, stop_receiver_end = os.pipe()
    stop_sender, stop_sender_end = os.pipe()
    ready, ready_end = os.pipe()

    def receiving() -> dict[str, set[int]]:
        for descriptor in (stop_receiver_end, stop_sender_end):
            os.close(descriptor)
        return _receive(target, stop_receiver, ready_end)

    def sending() -> list[float]:
        for descriptor in (stop_receiver_end, stop_sender_end):
            os.close(descriptor)
        return _send(source, address, stop_sender)

    receiver = start_child(receiving)
    os.close(ready_end)
    os.read(ready, 1)
    sender = start_child(sending)
    try:
        time.sleep(_SETTLE)
        yield measured
        time.sleep(_SETTLE)
    finally:
        os.close(stop_sender_end)
        times: list[float] = finish_child(sender)
        time.sleep(_SETTLE)
        os.close(stop_receiver_end)
        arrived: dict[str, set[int]] = finish_child(receiver)
        for descriptor in (stop_receiver, stop_sender, ready):
            os.close(descriptor)
    measured.overflowed = dropped_by_machine() - dropped
    measured.streams = {name: _judge(times, numbers) for name, numbers in arrived.items()}
