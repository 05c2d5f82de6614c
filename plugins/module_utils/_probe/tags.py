# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""802.1Q tags of frames. The kernel takes them out before a packet socket sees the frame, and tells them beside it (packet(7), PACKET_AUXDATA)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence

Ancillary = Sequence[tuple[int, int, bytes]]

_SOL_PACKET, _PACKET_AUXDATA = 263, 8
_TPACKET_AUXDATA = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata of linux/if_packet.h: status, lengths, offsets, tag, its EtherType
_TP_STATUS_VLAN_VALID = 1 << 4
_ETHERTYPE_VLAN = 0x8100
ROOM = socket.CMSG_SPACE(_TPACKET_AUXDATA.size)
"""For recvmsg."""


def ask_for_tags(opened: socket.socket) -> None:
    opened.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)


def tag_of(ancillary: Ancillary) -> int:
    """The VLAN; 0 for a frame without a tag, or with a priority only."""
    for level, kind, data in ancillary:
        if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA) and len(data) >= _TPACKET_AUXDATA.size:
            status, *_others, tag, _ethertype = _TPACKET_AUXDATA.unpack_from(data)
            return tag & 0xFFF if status & _TP_STATUS_VLAN_VALID else 0
    return 0


def with_tag(frame: bytes, vlan: int) -> bytes:
    """A frame as it is sent from a bridge that knows VLANs; without a VLAN as it is."""
    return frame[:12] + struct.pack("!HH", _ETHERTYPE_VLAN, vlan) + frame[12:] if vlan else frame
