# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What kernel this is."""

from __future__ import annotations

import functools
import os
import re
import subprocess

import pytest


def release() -> tuple[int, int]:
    """Major and minor version."""
    found = re.match(r"(\d+)\.(\d+)", os.uname().release)
    assert found
    return int(found[1]), int(found[2])


@functools.cache
def has_vlans() -> bool:
    """Bridges of this kernel have VLANs (CONFIG_BRIDGE_VLAN_FILTERING), and it tells them (RTM_GETVLAN, Linux 5.7)."""
    script = "ip link add br0 type bridge vlan_filtering 1 && bridge -d vlan show"
    return subprocess.run(["unshare", "-n", "sh", "-c", script], capture_output=True, check=False).returncode == 0


needs_vlans = pytest.mark.skipif(not has_vlans(), reason="the kernel lacks vlan_filtering of bridges")


def without_kind(kind: str) -> str:
    """Why interfaces of a kind cannot be tested on this kernel, for pytest.skip; empty when they can."""
    what, built = _OPTIONAL_KINDS[kind]
    return "" if _has_kind(kind) else f"this kernel ({os.uname().release}) has no {what} ({built})"


_OPTIONAL_KINDS = {"vrf": ("VRF", "CONFIG_NET_VRF"), "vlan": ("802.1Q interfaces", "CONFIG_VLAN_8021Q")}
_MADE = {
    "vrf": "ip link add probe type vrf table 4711",
    "vlan": "ip link add below type bridge && ip link add link below name probe type vlan id 7",
}


@functools.cache
def _has_kind(kind: str) -> bool:
    return subprocess.run(["unshare", "-n", "sh", "-c", _MADE[kind]], capture_output=True, check=False).returncode == 0
