# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One netlink socket: dumps, and many messages per send with each error traced to its message.

The packed lane of the engine. Nothing here knows what a message means. RFC 3549; linux/netlink.h.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire

HEADER = struct.Struct("=IHHII")
_HEAD = struct.Struct("=IHH")  # length, type, flags: the part of a header before its sequence number
_LAST = struct.Struct("=HHI")  # type, flags, sequence number
_TAIL_BYTES = 512  # the end of a dump is the last message of its buffer, with the kernel's sentence, if it has one
_ERROR = struct.Struct("=i")
_ERROR_TYPE = struct.pack("=H", nl.NLMSG_ERROR)
_RECEIVE_BYTES = 1 << 16
_BUFFER_BYTES = 1 << 22
_ANSWER_BYTES = 1 << 13
_DUMP_TRIES = 8
# One acknowledgement per so many messages: 64 to 256 were fastest, 4,096 three times slower (docs/performance.md).
CHUNK = 128


class Refusal(NamedTuple):
    """The kernel's answer to a message it did not carry out."""

    code: int
    sentence: str


class NetlinkSocket:
    """An rtnetlink socket of the network namespace that the process is in."""

    def __init__(self) -> None:
        self._sequence = 0
        self._open()

    def reopen(self) -> None:
        """A new socket, when it is not known what is still to come from the old one."""
        self._socket.close()
        self._open()

    def _open(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        for option in (nl.NETLINK_EXT_ACK, nl.NETLINK_GET_STRICT_CHK):
            self._set(nl.SOL_NETLINK, option, 1)
        if not self._set(socket.SOL_SOCKET, nl.SO_RCVBUFFORCE, _BUFFER_BYTES):
            self._set(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.bind((0, 0))

    def _set(self, level: int, option: int, value: int) -> bool:
        try:
            self._socket.setsockopt(level, option, value)
        except OSError:
            return False  # older kernels, or no CAP_NET_ADMIN: everything works without, only less precisely
        return True

    def __enter__(self) -> NetlinkSocket:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._socket.close()

    def dump_some(self, kind: int, body: bytes, doing: str, most: int) -> list[bytes] | None:
        """A dump if it fits into so many buffers, otherwise None; the socket is of no use then, and has to be closed."""
        buffers, interrupted = self._dump_once(kind, body, doing, most)
        return None if interrupted or len(buffers) > most else buffers

    def dump(self, kind: int, body: bytes, doing: str) -> list[bytes]:
        """The buffers of a dump. One that the kernel marks as interrupted is repeated; in the end the run fails loudly."""
        for tries in range(1, _DUMP_TRIES + 1):
            try:
                buffers, interrupted = self._dump_once(kind, body, doing)
            except KernelError as error:
                # Messages were lost (F22); what is still to come belongs to a dump that nobody waits for any more.
                if error.code != errno.ENOBUFS or tries == _DUMP_TRIES:
                    raise
                self.reopen()
                continue
            if not interrupted:
                return buffers
        raise KernelError(errno.EINTR, "the table kept changing while it was read", doing)

    def _dump_once(self, kind: int, body: bytes, doing: str, most: int = 0) -> tuple[list[bytes], bool]:
        self._sequence += 1
        sequence = self._sequence
        size = HEADER.size + len(body)
        self._ask(HEADER.pack(size, kind, nl.NLM_F_REQUEST | nl.NLM_F_DUMP, sequence, 0) + body, doing)
        buffers: list[bytes] = []
        interrupted = False
        ends = _ends_of_dump(sequence)
        while True:
            buffer = self._receive(doing)
            if _is_plain_piece(buffer, sequence, ends):
                buffers.append(buffer)
                if most and len(buffers) > most:
                    return buffers, interrupted
                continue
            for start, end, what, flags, number in messages(buffer):
                if number != sequence:
                    continue
                interrupted = interrupted or bool(flags & nl.NLM_F_DUMP_INTR)
                if what == nl.NLMSG_ERROR:
                    refusal = read_refusal(buffer, start, end, flags)
                    raise KernelError(refusal.code, refusal.sentence, doing)
                if what == nl.NLMSG_DONE:
                    (code,) = _ERROR.unpack_from(buffer, start) if end - start >= 4 else (0,)
                    if code < 0:
                        raise KernelError(-code, "", doing)
                    buffers.append(buffer)
                    return buffers, interrupted
            buffers.append(buffer)
            if most and len(buffers) > most:
                return buffers, interrupted

    def _ask(self, message: bytes, doing: str) -> None:
        try:
            self._socket.send(message)
        except OSError as error:
            raise KernelError(error.errno or errno.EIO, "", doing, uncertain=True) from error

    def _receive(self, doing: str) -> bytes:
        try:
            buffer, _ancillary, flags, _address = self._socket.recvmsg(_RECEIVE_BYTES)
        except OSError as error:
            raise KernelError(error.errno or errno.EIO, "", doing, uncertain=True) from error
        if flags & socket.MSG_TRUNC:
            raise KernelError(errno.EMSGSIZE, "a netlink message was cut off", doing)
        return buffer

    def get_all(self, kind: int, bodies: Sequence[bytes], absent: tuple[int, ...], doing: str) -> list[bytes]:
        """The answers to many requests for one object each. absent: error numbers that mean "there is none"."""
        chunks = (bodies[first : first + CHUNK] for first in range(0, len(bodies), CHUNK))
        return [self._get_chunk(kind, chunk, absent, doing) for chunk in chunks]

    def _get_chunk(self, kind: int, bodies: Sequence[bytes], absent: tuple[int, ...], doing: str) -> bytes:
        packed, _base = self._packed([(kind, 0, body) for body in bodies])
        self._ask(packed, doing)
        receive = self._socket.recv
        try:
            answers = [receive(_ANSWER_BYTES) for _body in bodies]
        except OSError as error:
            raise KernelError(error.errno or errno.EIO, "", doing, uncertain=True) from error
        failures = [answer for answer in answers if answer[4:6] == _ERROR_TYPE]
        for failure in failures:
            refusal = read_refusal(failure, HEADER.size, len(failure), HEADER.unpack_from(failure)[2])
            if refusal.code not in absent:
                raise KernelError(refusal.code, refusal.sentence, doing)
        if failures:
            answers = [answer for answer in answers if answer[4:6] != _ERROR_TYPE]
        return b"".join(answers)

    def _packed(self, chunk: Sequence[tuple[int, int, bytes]], acknowledge_last: bool = False) -> tuple[bytes, int]:
        """Messages behind each other, and the sequence number of the first. The numbers are packed at one go, and what the
        headers of many messages have in common once: a header each would be a third of the time of a long list."""
        base = self._sequence + 1
        self._sequence += len(chunk)
        numbers = struct.pack(f"={2 * len(chunk)}I", *(word for number in range(base, self._sequence + 1) for word in (number, 0)))
        heads: dict[tuple[int, int, int], bytes] = {}
        parts: list[bytes] = []
        offset = 0
        for kind, flags, body in chunk:
            key = (len(body), kind, flags)
            head = heads.get(key)
            if head is None:
                head = heads[key] = _HEAD.pack(HEADER.size + len(body), kind, flags | nl.NLM_F_REQUEST)
            parts += (head, numbers[offset : offset + 8], body)
            offset += 8
        if acknowledge_last:
            kind, flags, body = chunk[-1]
            parts[-3] = _HEAD.pack(HEADER.size + len(body), kind, flags | nl.NLM_F_REQUEST | nl.NLM_F_ACK)
        return b"".join(parts), base

    def send_all(self, requests: Sequence[tuple[int, int, bytes]], doing: str) -> dict[int, Refusal]:
        """Send (type, flags, body) messages, CHUNK in a send. Returns what was refused, by position.

        Every message is tried: a refused one does not stop those behind it (netlink_rcv_skb, net/netlink/af_netlink.c).
        """
        refused: dict[int, Refusal] = {}
        for first in range(0, len(requests), CHUNK):
            refused.update(self._send_chunk(requests[first : first + CHUNK], first, doing))
        return refused

    def _send_chunk(self, chunk: Sequence[tuple[int, int, bytes]], first: int, doing: str) -> dict[int, Refusal]:
        packed, base = self._packed(chunk, acknowledge_last=True)
        last = self._sequence
        self._ask(packed, doing)
        refused: dict[int, Refusal] = {}
        while True:
            buffer = self._receive(doing)
            for start, end, what, flags, sequence in messages(buffer):
                if what != nl.NLMSG_ERROR or not base <= sequence <= last:
                    continue
                refusal = read_refusal(buffer, start, end, flags)
                if refusal.code:
                    refused[first + sequence - base] = refusal
                if sequence == last:
                    return refused


def _ends_of_dump(sequence: int) -> tuple[bytes, ...]:
    """The end of a dump as it looks in a buffer, with every flag that it may have."""
    flags = (
        nl.NLM_F_MULTI | first | second | third for first in (0, nl.NLM_F_DUMP_INTR) for second in (0, nl.NLM_F_CAPPED) for third in (0, nl.NLM_F_ACK_TLVS)
    )
    return tuple(_LAST.pack(nl.NLMSG_DONE, flag, sequence) for flag in flags)


def _is_plain_piece(buffer: bytes, sequence: int, ends: tuple[bytes, ...]) -> bool:
    """A piece of a dump with nothing to be looked at: not the last, no error, not interrupted. The kernel marks the first message
    of a piece before which the table changed (nl_dump_check_consistent), and says errors in a message of their own."""
    _length, kind, flags, number, _port = HEADER.unpack_from(buffer)
    tail = buffer[-_TAIL_BYTES:]
    return number == sequence and kind > nl.NLMSG_DONE and not flags & nl.NLM_F_DUMP_INTR and not any(end in tail for end in ends)


def messages(buffer: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """(start of body, end, type, flags, sequence) of each message of a buffer."""
    offset = 0
    size = len(buffer)
    unpack = HEADER.unpack_from
    while offset + 16 <= size:
        length, kind, flags, sequence, _port = unpack(buffer, offset)
        if length < 16:
            return
        yield offset + 16, offset + length, kind, flags, sequence
        offset += (length + 3) & ~3


def read_refusal(buffer: bytes, start: int, end: int, flags: int) -> Refusal:
    """Error number and the kernel's sentence (NLMSGERR_ATTR_MSG) of an NLMSG_ERROR; number 0 is an acknowledgement."""
    (code,) = _ERROR.unpack_from(buffer, start)
    if not flags & nl.NLM_F_ACK_TLVS:
        return Refusal(-code, "")
    (quoted,) = struct.unpack_from("=I", buffer, start + 4)
    skip = HEADER.size if flags & nl.NLM_F_CAPPED else (quoted + 3) & ~3
    attributes = wire.split_attributes(buffer, start + 4 + skip, end)
    sentence = wire.text(attributes.get(nl.NLMSGERR_ATTR_MSG, b""))
    return Refusal(-code, sentence)


def describe(refusal: Refusal) -> str:
    return f"{refusal.sentence or os.strerror(refusal.code)} ({errno.errorcode.get(refusal.code, refusal.code)})"
