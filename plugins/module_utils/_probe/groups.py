# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which multicast groups this network namespace has joined, and on which devices: /proc/net/igmp and /proc/net/igmp6."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any


def read_groups() -> dict[str, list[str]]:
    """Devices by group."""
    found: dict[str, list[str]] = {}
    for path, parse in (("/proc/thread-self/net/igmp", parse_igmp), ("/proc/thread-self/net/igmp6", parse_igmp6)):
        try:
            with open(path, encoding="ascii") as file:
                text = file.read()
        except OSError:  # a kernel without the family
            continue
        for device, group in parse(text):
            found.setdefault(group, []).append(device)
    return found


def parse_igmp(text: str) -> list[tuple[str, str]]:
    """igmp_mc_seq_show: a line for a device, "2\\teth0 : 1 V3", and indented ones for its groups, the address as the machine has it in memory."""
    found, device = [], ""
    for line in text.splitlines()[1:]:
        words = line.split()
        if line[:1].isspace():
            found.append((device, socket.inet_ntoa(struct.pack("=I", int(words[0], 16)))))
        elif len(words) > 1:
            device = words[1]
    return found


def parse_igmp6(text: str) -> list[tuple[str, str]]:
    """igmp6_mc_seq_show: index, device, 32 digits of the address."""
    lines = (line.split() for line in text.splitlines())
    return [(words[1], str(ipaddress.IPv6Address(int(words[2], 16)))) for words in lines if len(words) > 2]


def judge_memberships(wanted: Sequence[Mapping[str, Any]], groups: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """wanted: entries of memberships. A device that is not said may be any."""
    judged = []
    for entry in wanted:
        group, device = str(ipaddress.ip_address(entry["group"])), entry.get("device")
        found = sorted(groups.get(group, ()))
        judged.append(
            {"network": entry["network"], "group": group, "device": device, "member": bool(found) if device is None else device in found, "found_on": found}
        )
    return judged
