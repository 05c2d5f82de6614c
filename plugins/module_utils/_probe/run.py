# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Send and listen. The only room that opens a packet socket or starts ping(8).

A thread enters the namespace of an endpoint (setns(2) moves one thread) to open its socket or to start a ping, which inherits the
namespace; the socket then works from everywhere.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import enter_namespace
from ansible_collections.vxlan.fabric.plugins.module_utils._probe import frames
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.matrix import (
    Attempt,
    Endpoint,
    Observations,
    Pair,
    attempts_of,
    plan_pairs,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.tags import ROOM, ask_for_tags, tag_of

_ETH_P_ALL = 0x0003
_PACKET_OUTGOING = 4
_SOL_PACKET = 263
_PACKET_ADD_MEMBERSHIP = 1
_PACKET_MR_PROMISC = 1
_SETTLE_SECONDS = 0.3
_BETWEEN_COPIES = 0.02
_COPIES = 2  # a lost frame must not look like isolation
_COPIES_THAT_ARRIVE = 6  # an underlay that loses a fifth loses all of them once in 15,000 times
_PING_INTERVAL = "0.2"  # the shortest that ping(8) grants to everybody


@dataclass(frozen=True)
class Settings:
    """ping, ip: paths of ping(8) and ip(8). timeout: whole seconds for a pair. parallel: pings at a time."""

    ping: str
    ip: str
    timeout: int
    parallel: int


def observe(endpoints: Sequence[Endpoint], settings: Settings) -> tuple[tuple[Endpoint, ...], Observations]:
    """Try every pair. Returns the endpoints with the MAC addresses that they really have, and what was seen."""
    run = os.urandom(4)
    with ThreadPoolExecutor(max_workers=settings.parallel) as pool:
        opened = list(pool.map(lambda endpoint: _open_or_reason(endpoint, settings), endpoints))
        sockets = {place: found for place, found in enumerate(opened) if isinstance(found, socket.socket)}
        missing = {place: found for place, found in enumerate(opened) if isinstance(found, str)}
        try:
            known = tuple(_with_mac(endpoint, sockets.get(place)) for place, endpoint in enumerate(endpoints))
            with _Ear(sockets, run) as ear:
                answered = _talk(known, sockets, settings, run, pool)
                time.sleep(_SETTLE_SECONDS)
            return known, Observations(answered, ear.arrived, missing)
        finally:
            for opened_socket in sockets.values():
                opened_socket.close()


def _open_or_reason(endpoint: Endpoint, settings: Settings) -> socket.socket | str:
    try:
        opened = _open(endpoint)
    except ArgumentError:
        return f"there is no network namespace {endpoint.netns}"
    except PermissionError as error:
        raise KernelError(error.errno or errno.EPERM, "", "opening a packet socket") from None
    except OSError as error:
        return f"{endpoint.device} in network namespace {endpoint.netns}: {error.strerror}"
    _forget_neighbours(endpoint, settings)
    return opened


def _forget_neighbours(endpoint: Endpoint, settings: Settings) -> None:
    """Every ping has to ask for the MAC address again, which needs flooding: what was known from before would hide that a flood
    list is broken, and what a breach left behind would look like a fault after it was mended."""
    command = [settings.ip, "neigh", "flush", "dev", endpoint.device]
    subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)


def _open(endpoint: Endpoint) -> socket.socket:
    """A packet socket on the device of an endpoint that hears everything, frames to other MAC addresses too."""
    enter_namespace(endpoint.netns)
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    try:
        opened.bind((endpoint.device, _ETH_P_ALL))
        index = socket.if_nametoindex(endpoint.device)
        ask_for_tags(opened)
        opened.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, struct.pack("iHH8s", index, _PACKET_MR_PROMISC, 0, b""))
        opened.setblocking(False)
    except BaseException:
        opened.close()
        raise
    return opened


def _with_mac(endpoint: Endpoint, opened: socket.socket | None) -> Endpoint:
    """The MAC address of the device: frames are made with what is true, not with what was planned."""
    if opened is None:
        return endpoint
    return replace(endpoint, mac=":".join(f"{octet:02x}" for octet in opened.getsockname()[4]))


class _Ear:
    """Counts marked frames at all endpoints, in a thread, while the block runs."""

    def __init__(self, sockets: dict[int, socket.socket], run: bytes) -> None:
        self.arrived: Counter[tuple[int, int, int]] = Counter()
        self._run = run
        self._stop = threading.Event()
        self._selector = selectors.DefaultSelector()
        for place, opened in sockets.items():
            self._selector.register(opened, selectors.EVENT_READ, place)
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> _Ear:
        self._thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._stop.set()
        self._thread.join()
        self._selector.close()

    def _listen(self) -> None:
        while not self._stop.is_set():
            for key, _events in self._selector.select(timeout=0.05):
                if isinstance(key.fileobj, socket.socket):
                    self._drain(key.fileobj, key.data)

    def _drain(self, opened: socket.socket, place: int) -> None:
        while True:
            try:
                frame, extra, _flags, origin = opened.recvmsg(2048, ROOM)
            except BlockingIOError:
                return
            except OSError:  # the device went down: it hears nothing, which is what will be reported
                return
            # With a tag it is for the interface of a VLAN on this device, which hears it without.
            if origin[2] == _PACKET_OUTGOING or tag_of(extra):
                continue
            marker = frames.find_marker(frame, self._run)
            if marker is not None:
                self.arrived[marker.source, marker.target, place] += 1


def _talk(endpoints: Sequence[Endpoint], sockets: dict[int, socket.socket], settings: Settings, run: bytes, pool: ThreadPoolExecutor) -> dict[Attempt, bool]:
    """Pings first: they also teach the bridges where everybody is, so that isolation is tried on a network that works."""
    same, routed, apart = ([pair for pair in pairs if set(pair) <= sockets.keys()] for pairs in plan_pairs(endpoints))
    attempts = [attempt for pair in (*same, *routed) for attempt in attempts_of(pair, endpoints)]
    pings = [attempt for attempt in attempts if attempt.address is not None]
    results = pool.map(lambda attempt: _ping(attempt, endpoints, settings, run), pings)
    answered = dict(zip(pings, results))
    for copy in range(_COPIES_THAT_ARRIVE):
        for place in sorted({pair.source for pair in same}):
            _send(sockets, Pair(place, place), [_broadcast(place, endpoints, run)])
        for attempt in attempts:
            if attempt.address is None:
                _send(sockets, attempt.pair, [_probe(attempt.pair, endpoints, run)])
        for pair in apart if copy < _COPIES else ():
            _send(sockets, pair, _intrusions(pair, endpoints, run))
        time.sleep(_BETWEEN_COPIES)
    return answered


def _ping(attempt: Attempt, endpoints: Sequence[Endpoint], settings: Settings, run: bytes) -> bool:
    """One answer within the time is enough. An address that is not usable yet (IPv6 DAD) makes ping(8) give up: try again."""
    pair, address = attempt
    enter_namespace(endpoints[pair.source].netns)
    marker = frames.Marker(run, pair.source, pair.target, frames.PING)
    command = [settings.ping, "-n", "-q", "-c", "1", "-i", _PING_INTERVAL, "-s", "56", "-p", marker.encode().hex()]
    end = time.monotonic() + settings.timeout
    while True:
        left = max(1, round(end - time.monotonic()))
        done = subprocess.run(
            [*command, "-w", str(left), str(address)],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=left + 5,
        )
        if done.returncode == 0:
            return True
        if done.returncode == 1 or time.monotonic() >= end:  # 1: no answer in time; 2: could not even send
            return False
        time.sleep(0.2)


def _send(sockets: dict[int, socket.socket], pair: Pair, built: Sequence[bytes]) -> None:
    for frame in built:
        try:
            sockets[pair.source].send(frame)
        except BlockingIOError:  # the queue of the device is full: wait for it once
            time.sleep(0.01)
            sockets[pair.source].send(frame)


def _probe(pair: Pair, endpoints: Sequence[Endpoint], run: bytes) -> bytes:
    marker = frames.Marker(run, pair.source, pair.target, frames.FRAME)
    return frames.build_probe(str(endpoints[pair.target].mac), str(endpoints[pair.source].mac), marker.encode())


def _broadcast(place: int, endpoints: Sequence[Endpoint], run: bytes) -> bytes:
    """ARP alone would not do: the request of one side teaches both, so that flooding into one direction only looks whole."""
    marker = frames.Marker(run, place, place, frames.FLOOD)
    return frames.build_probe(frames.BROADCAST, str(endpoints[place].mac), marker.encode())


def _intrusions(pair: Pair, endpoints: Sequence[Endpoint], run: bytes) -> list[bytes]:
    """What an intruder who knows MAC and IP address of the target would send, to it and to the gateway, and what is flooded: a broadcast."""
    source, target = endpoints[pair.source], endpoints[pair.target]
    source_mac, target_mac = str(source.mac), str(target.mac)
    marker = frames.Marker(run, pair.source, pair.target, frames.INTRUSION).encode()
    built = []
    for family in (4, 6):
        from_ip, to_ip = source.ip_of(family), target.ip_of(family)
        if from_ip is not None and to_ip is not None:
            built.append(frames.build_echo(target_mac, source_mac, from_ip, to_ip, marker))
            if source.gateway_mac is not None and source.is_routed(family):
                built.append(frames.build_echo(source.gateway_mac, source_mac, from_ip, to_ip, marker))
    from_ip, to_ip = source.ip_of(4), target.ip_of(4)
    if from_ip is not None and to_ip is not None:
        built.append(frames.build_arp_request(source_mac, from_ip, to_ip, marker))
    else:
        built.append(frames.build_probe(frames.BROADCAST, source_mac, marker))
    return built if len(built) > 1 else [*built, frames.build_probe(target_mac, source_mac, marker)]
