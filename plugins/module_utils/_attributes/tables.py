# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which table a kind of link has. All but VXLAN's are imported when somebody asks for them: most runs never do."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN

# Every kind of link, or of port, that has a table.
KINDS = ("vxlan", "bridge", "bridge_slave", "vrf", "vlan")

# What kinds are called that not every kernel has, and the option that has them, CONFIG_ left out.
OPTIONAL_KINDS = {"vrf": ("VRF", "NET_VRF"), "vlan": ("802.1Q interfaces", "VLAN_8021Q")}


def table_of(kind: str) -> Table:
    """The attributes of vxlan, bridge, bridge_slave (the kernel's word for a bridge port), vrf or vlan; none for other kinds."""
    if kind == "vxlan":
        return VXLAN
    if kind in ("bridge", "bridge_slave"):
        from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT

        return BRIDGE if kind == "bridge" else PORT
    if kind in ("vrf", "vlan"):
        from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.routed import VLAN, VRF

        return VRF if kind == "vrf" else VLAN
    return ()


# Kinds of which some attributes together can be had by one link only.
_CLAIMING = ("vxlan", "vrf", "vlan")
_CLAIMS: dict[str, tuple[Attribute, ...]] = {}


def claim_of(kind: str, attributes: Mapping[str, Value]) -> tuple[Value, ...] | None:
    """What only one link of the host can have: the kind and a VNI, a routing table, or a device, protocol and VLAN. None: nothing."""
    if kind not in _CLAIMING:
        return None
    claims = _CLAIMS.get(kind)
    if claims is None:
        claims = _CLAIMS[kind] = tuple(attribute for attribute in table_of(kind) if attribute.claimed)
    held = tuple(attributes.get(attribute.key, attribute.default) for attribute in claims)
    return None if None in held else (kind, *held)
