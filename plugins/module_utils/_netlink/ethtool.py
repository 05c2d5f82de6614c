# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The checksum offload of an interface, by the ioctl of ethtool(8) (linux/ethtool.h, struct ethtool_value)."""

from __future__ import annotations

import ctypes
import fcntl
import socket
import struct

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError

_SIOCETHTOOL = 0x8946
_GET_TX_CHECKSUM, _SET_TX_CHECKSUM = 0x16, 0x17  # ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM
_VALUE = struct.Struct("=II")
_REQUEST = struct.Struct("@16sP8x")  # struct ifreq with a pointer


def interface_names() -> set[str]:
    """Of this network namespace."""
    return {name for _index, name in socket.if_nameindex()}


def tx_checksum(name: str) -> bool:
    """Whether the interface leaves checksums of what it sends to what is below it."""
    return bool(_call(name, _GET_TX_CHECKSUM, 0, "reading"))


def set_tx_checksum(name: str, wanted: bool) -> None:
    _call(name, _SET_TX_CHECKSUM, int(wanted), "setting")


def _call(name: str, command: int, value: int, doing: str) -> int:
    buffer = ctypes.create_string_buffer(_VALUE.pack(command, value), _VALUE.size)
    request = _REQUEST.pack(name.encode(), ctypes.addressof(buffer))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as control:
        try:
            fcntl.ioctl(control, _SIOCETHTOOL, request)
        except OSError as error:
            raise KernelError(error.errno or 0, "", f"{doing} the checksum offload of {name}") from None
    found: int = _VALUE.unpack(buffer.raw)[1]
    return found
