# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which table a kind of link has. The bridge's tables are imported when somebody asks for them: most runs never do."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN

# Every kind of link, or of port, that has a table.
KINDS = ("vxlan", "bridge", "bridge_slave")


def table_of(kind: str) -> Table:
    """The attributes of vxlan, bridge or bridge_slave (the kernel's word for a bridge port); none for other kinds."""
    if kind == "vxlan":
        return VXLAN
    if kind not in ("bridge", "bridge_slave"):
        return ()
    from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT

    return BRIDGE if kind == "bridge" else PORT
