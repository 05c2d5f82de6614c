# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a plan needs of the kernel. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import Need, needs_of_values
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan


def needs_of(plan: Plan) -> Iterator[Need]:
    """Kinds of links that are not on the host yet, and attributes that get a value which is not the kernel's own."""
    there = {link.kind for link in plan.before.links.values()}
    for operation in plan.operations:
        if isinstance(operation, ops.CreateLink):
            link = operation.link
            if link.kind not in there:
                yield Need(link.name, link.kind)
            yield from needs_of_values(link.name, link.kind, link.attributes)
        elif isinstance(operation, ops.SetAttributes):
            yield from needs_of_values(operation.name, operation.kind, operation.values)
        elif isinstance(operation, ops.SetPort):
            yield from needs_of_values(operation.name, "bridge_slave", operation.values)
        elif isinstance(operation, ops.VLAN_LISTS):
            if not plan.before.vlans:  # no bridge has told any
                yield Need(operation.name, "bridge", "vlan_filtering")
            if isinstance(operation, ops.WriteVlans) and any(row.neigh_suppress for row in operation.rows):
                yield Need(operation.name, "bridge_slave", "neigh_vlan_suppress")  # of the same version
