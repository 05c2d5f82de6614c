# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Attributes of a VRF (enum IFLA_VRF_*) and of an 802.1Q interface (enum IFLA_VLAN_*), linux/if_link.h; ip-link(8), "VRF Type Support"
and "VLAN Type Support".
"""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table

_U32 = 0xFFFFFFFF
_IFLA_LINK = 5

VRF: Table = (
    Attribute("table", 1, "IFLA_VRF_TABLE", "u32", "number", "table", low=1, high=_U32, since=(4, 3), claimed=True, advice="a routing table, ip-route(8)"),
)


def _flag(option: str, bit: int, default: bool, since: tuple[int, int]) -> Attribute:
    """VLAN_FLAG_* of linux/if_vlan.h: flags and the mask of those that are meant (struct ifla_vlan_flags), as boolean options are. Not
    reported when none is set (vlan_fill_info, net/8021q/vlan_netlink.c)."""
    return Attribute(option, 2, "IFLA_VLAN_FLAGS", "boolopt", "bool", option, "onoff", default=default, live=True, quiet=True, since=since, bit=bit)


VLAN: Table = (
    Attribute("device", -_IFLA_LINK, "IFLA_LINK", "index", "interface", "link", aliases=("dev", "link", "physdev"), claimed=True),
    Attribute(
        "protocol",
        5,
        "IFLA_VLAN_PROTOCOL",
        "be16",
        "protocol",
        "protocol",
        aliases=("proto",),
        choices=("802.1Q", "802.1ad"),
        default="802.1Q",
        since=(3, 10),
        claimed=True,
    ),
    Attribute(
        "vlan",
        1,
        "IFLA_VLAN_ID",
        "u16",
        "number",
        "id",
        aliases=("id", "vlan_id"),
        low=0,
        high=4094,
        claimed=True,
        advice="a VLAN tag has 12 bits, and 4095 is reserved",
    ),
    _flag("reorder_hdr", 0, True, (3, 12)),
    _flag("gvrp", 1, False, (3, 12)),
    _flag("loose_binding", 2, False, (3, 12)),
    _flag("mvrp", 3, False, (3, 12)),
    _flag("bridge_binding", 4, False, (5, 2)),
)
