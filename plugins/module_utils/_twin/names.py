# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Names and addresses that the twin makes up: the same ones in every run, so that nothing drifts."""

from __future__ import annotations

import hashlib
import re

MARK = "vxlan.twin:"
"""Start of the alias on `lo` and on the far end of each cable. Not the mark of the fabric: what deploys and tears down
the fabric must not take the twin's own links for its own."""

BRIDGE = "underlay"

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}\Z")
_RESERVED = ("lo", BRIDGE, "all", "default")


def mark_of(twin: str) -> str:
    """What `ip link show lo` tells about whose namespace this is."""
    return MARK + twin


def port_of_host(host: str) -> str:
    """The name of a host's cable in the namespace of the underlay: the host's own where that is an interface name."""
    if _PLAIN.match(host) and host not in _RESERVED:
        return host
    readable = re.sub(r"[^A-Za-z0-9]", "", host)[:6]
    return f"{readable}-{_digest(host)[:8]}"


def port_of_uplink(host: str, device: str) -> str:
    """The same for a further uplink of the host."""
    return port_of_host(f"{host}.{device}")


def derive_mac(twin: str, netns: str, device: str) -> str:
    """A locally administered unicast MAC (IEEE 802, second bit of the first octet) that depends on its owner only."""
    digest = _digest(twin, netns, device)
    return ":".join(["02"] + [digest[i : i + 2] for i in range(0, 10, 2)])


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
