# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a boot has to make, for tests: from arguments of vtep and a host with an underlay."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot, boot_of
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.networkd import Around
from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import parse_vtep

ETH0 = Link("eth0", index=2, mtu=1600, up=True, master="", addresses=("192.0.2.1/24", "2001:db8::1/64"), neighbours=())
TAP0 = Link("tap0", index=3, mtu=1500, up=True, master="", addresses=(), neighbours=())
HOST = HostState(links={"eth0": ETH0, "tap0": TAP0}, fdb={"eth0": (), "tap0": ()})
AROUND = Around({"eth0": ("20-eth0.network", True)}, frozenset({"eth0"}))


def boot(state: dict[str, Any]) -> Boot:
    return boot_of(HOST, parse_vtep({"recreate": "when_needed", "purge": "none", "fabric": "dc1", **state}))
