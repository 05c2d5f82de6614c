# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Marked frames across the overlay: every member of a network sends some from its bridge, and all others hear them on theirs.

The frames have the EtherType 0x88B5, which IEEE 802 leaves to local experiments (RFC 9542, section 3), and a source address of their own made of the
names of host and network: nothing that is connected takes notice of them, and what learns their addresses forgets them again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import select
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.frames import ETHERTYPE_PROBE

BROADCAST = b"\xff" * 6
SMALL, FULL = "small", "full"
_MAGIC = b"vxlan.fabric probe "
_REPEATS = 6  # with 20 % loss, one frame in 15,000 is missed
_SPACING = 0.03
_SMALL_PAYLOAD = 300
_OUTGOING = 4  # PACKET_OUTGOING of linux/if_packet.h
_SIOCGIFMTU = 0x8921  # linux/sockios.h
_BUFFER = 8 << 20


class Mark(NamedTuple):
    """What a frame says of itself."""

    fabric: str
    network: str
    host: str
    size: str


class Bridge(NamedTuple):
    """A bridge that is listened on. expected: hosts whose frames of this network have to arrive."""

    network: str
    name: str
    mtu: int
    expected: tuple[str, ...]


def parse_bridges(entries: Sequence[Mapping[str, Any]]) -> list[Bridge]:
    return [Bridge(entry["network"], entry["bridge"], int(entry["mtu"] or 0), tuple(entry.get("expected") or ())) for entry in entries]


def source_of(fabric: str, network: str, host: str) -> bytes:
    """A locally administered unicast address, the same in every run."""
    return b"\x02" + hashlib.sha256(f"{fabric}/{network}/{host}".encode()).digest()[:5]


def make_frame(mark: Mark, payload: int) -> bytes:
    """payload: bytes after the Ethernet header."""
    body = _MAGIC + json.dumps(list(mark)).encode() + b"\n"
    return BROADCAST + source_of(*mark[:3]) + ETHERTYPE_PROBE.to_bytes(2, "big") + body.ljust(payload, b"\0")


def read_frame(frame: bytes) -> Mark | None:
    """The mark, or None for frames of others. A frame that says to be full has to be as long as it says."""
    body = frame[14:]
    if not body.startswith(_MAGIC):
        return None
    try:
        fabric, network, host, size = json.loads(body[len(_MAGIC) :].partition(b"\n")[0])
    except ValueError:
        return None
    return Mark(str(fabric), str(network), str(host), str(size))


def send_frames(fabric: str, host: str, bridges: Iterable[Bridge]) -> list[dict[str, Any]]:
    """Small and full ones on each bridge, several times. Gives an entry for each network."""
    sent = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as opened:
        listed = list(bridges)
        failed: dict[str, str] = {}
        for _time in range(_REPEATS):
            for bridge in listed:
                try:
                    _send_both(opened, fabric, host, bridge)
                except OSError as error:
                    failed[bridge.network] = f"{bridge.name}: {error.strerror}"
            time.sleep(_SPACING)
        sent += [{"network": bridge.network, "bridge": bridge.name, "detail": failed.get(bridge.network, "")} for bridge in listed]
    return sent


def _send_both(opened: socket.socket, fabric: str, host: str, bridge: Bridge) -> None:
    for size, payload in ((SMALL, _SMALL_PAYLOAD), (FULL, mtu_of(opened, bridge))):
        opened.sendto(make_frame(Mark(fabric, bridge.network, host, size), payload), (bridge.name, 0))


def mtu_of(opened: socket.socket, bridge: Bridge) -> int:
    """As said, or that of the device where it is left to the host (netdevice(7))."""
    if bridge.mtu:
        return bridge.mtu
    request = fcntl.ioctl(opened, _SIOCGIFMTU, struct.pack("16si12x", bridge.name.encode(), 0))
    return int(struct.unpack("16si12x", request)[1])


class Heard:
    """Frames by the network of the bridge that heard them, the network and host that they are of, and size."""

    def __init__(self, fabric: str, host: str, bridges: Sequence[Bridge]) -> None:
        self._fabric, self._host = fabric, host
        self._networks = {bridge.name: bridge.network for bridge in bridges}
        self._missing = {(bridge.network, host, size) for bridge in bridges for host in bridge.expected for size in (SMALL, FULL)}
        self.counts: dict[tuple[str, str, str, str], int] = {}

    def take(self, device: str, frame: bytes) -> bool:
        """Whether it was one that had not been heard before."""
        mark = read_frame(frame)
        if mark is None or device not in self._networks or mark.fabric != self._fabric or mark.host == self._host:
            return False
        network = self._networks[device]
        key = (network, mark.network, mark.host, mark.size)
        self.counts[key] = self.counts.get(key, 0) + 1
        if mark.network == network:
            self._missing.discard((network, mark.host, mark.size))
        return self.counts[key] == 1

    @property
    def is_complete(self) -> bool:
        return not self._missing

    def report(self) -> list[dict[str, Any]]:
        by_origin: dict[tuple[str, str, str], dict[str, int]] = {}
        for (network, origin_network, host, size), count in self.counts.items():
            by_origin.setdefault((network, origin_network, host), {})[size] = count
        return [
            {"network": network, "origin_network": of, "origin_host": host, SMALL: sizes.get(SMALL, 0), FULL: sizes.get(FULL, 0)}
            for (network, of, host), sizes in sorted(by_origin.items())
        ]


def open_listener() -> socket.socket:
    """Ports of bridges hand their frames to the bridge before a socket of this protocol sees them, so that it sees those of the bridges."""
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE_PROBE))
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return opened


def listen(opened: socket.socket, heard: Heard, seconds: float, quiet: float) -> None:
    """Until everything expected was heard and a moment more, in which frames of other networks would come; until nothing new came for
    a while; or until the time is over."""
    end = time.monotonic() + seconds
    silent_from: float | None = None
    while True:
        now = time.monotonic()
        enough = 1.0 if heard.is_complete else quiet
        until = end if silent_from is None else min(end, silent_from + enough)
        if now >= until:
            return
        ready, _writable, _failed = select.select([opened], [], [], until - now)
        if ready:
            frame, address = opened.recvfrom(65536)
            if address[2] != _OUTGOING and heard.take(address[0], frame):
                silent_from = time.monotonic()


def start_listening(fabric: str, host: str, bridges: Sequence[Bridge], seconds: float, quiet: float) -> str:
    """A process that listens in the background and ends by itself. Gives the name of its job, for collect. The socket is open when this returns."""
    opened = open_listener()
    handle, job = tempfile.mkstemp(prefix="vxlan-fabric-heard-")
    os.close(handle)
    sys.stdout.flush()
    if os.fork() == 0:
        with contextlib.suppress(BaseException):
            os.setsid()
            if os.fork() == 0:
                _listen_and_write(opened, Heard(fabric, host, bridges), job, (seconds, quiet))
        os._exit(0)
    os.wait()
    opened.close()
    return job


def _listen_and_write(opened: socket.socket, heard: Heard, job: str, times: tuple[float, float]) -> None:
    """In the background: nothing of the module's input and output may stay open, or Ansible waits for it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.closerange(3, opened.fileno())
    os.closerange(opened.fileno() + 1, 1024)
    listen(opened, heard, *times)
    with open(f"{job}.part", "w", encoding="utf-8") as file:
        json.dump(heard.report(), file)
    os.replace(f"{job}.part", job)


def collect(job: str, seconds: float) -> list[dict[str, Any]]:
    """What a job has heard, once it has ended. Its file is removed."""
    if os.path.dirname(job) != tempfile.gettempdir() or not os.path.basename(job).startswith("vxlan-fabric-heard-"):
        raise ArgumentError(f"job: {job!r} is none of a run with phase: listen")
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            with open(job, encoding="utf-8") as file:
                text = file.read()
            if text:
                found: list[dict[str, Any]] = json.loads(text)
                return found
            time.sleep(0.1)
        raise ArgumentError(f"job: {job} has not ended within {seconds:g} seconds")
    except FileNotFoundError:
        raise ArgumentError(f"job: {job} is not there; was it collected before?") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(job)
