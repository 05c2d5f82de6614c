# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What lives in other network namespaces of this machine and still counts here."""

from __future__ import annotations

import ctypes
import os

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.links import dump_links
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import CLONE_NEWNET, FOLDER, enter_namespace
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket


def namespaces_holding(vni: object, port: object) -> list[tuple[str, str]]:
    """(namespace, interface) of VXLAN interfaces with this VNI and port that live in another named namespace than the one
    they were created in. Each namespace is visited and left again."""
    found = []
    with open("/proc/self/ns/net", "rb") as own:
        for name in _named_namespaces():
            try:
                enter_namespace(name)
                with NetlinkSocket() as netlink:
                    links = dump_links(netlink)
            except FabricError:
                continue
            finally:
                ctypes.CDLL(None).setns(own.fileno(), CLONE_NEWNET)
            found += [
                (name, link.name)
                for link in links.values()
                if link.foreign_namespace and (link.attributes.get("vni"), link.attributes.get("port")) == (vni, port)
            ]
    return found


def _named_namespaces() -> list[str]:
    try:
        return sorted(os.listdir(FOLDER))
    except OSError:
        return []
