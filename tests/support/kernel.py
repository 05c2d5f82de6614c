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
