# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a plan needs of the kernel. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS
from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import Need, doubtful_rows, is_doubtful, needs_of_values
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan


def doubtful_needs(plan: Plan, release: str) -> list[Need]:
    """What has to be tried before the plan is carried out: kinds of links that are not on the host yet and not on every kernel, and attributes
    that get a value which is not the kernel's own and that this kernel may lack. Linear: a plan has thousands of operations."""
    rows = {kind: doubtful_rows(kind, release) for kind in KINDS}
    there = {link.kind for link in plan.before.links.values()}
    needs: list[Need] = []
    for operation in plan.operations:
        if isinstance(operation, ops.CreateLink) and operation.link.kind not in there:
            needs.append(Need(operation.link.name, operation.link.kind))
        for name, kind, values in _values_of(operation):
            needs.extend(needs_of_values(name, kind, values, rows.get(kind, ())))
        if isinstance(operation, ops.VLAN_LISTS):
            needs.extend(_needs_of_vlans(operation, plan))
    return [need for need in needs if is_doubtful(need, release)]


def _values_of(operation: ops.Operation) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    """Name, kind and values of what an operation gives attributes to."""
    if isinstance(operation, ops.CreateLink):
        yield operation.link.name, operation.link.kind, operation.link.attributes
    elif isinstance(operation, ops.SetAttributes):
        yield operation.name, operation.kind, operation.values
    elif isinstance(operation, ops.SetPort):
        yield operation.name, "bridge_slave", operation.values


def _needs_of_vlans(operation: ops.Operation, plan: Plan) -> Iterator[Need]:
    if not plan.before.vlans:  # no bridge has told any
        yield Need(ops.target_of(operation), "bridge", "vlan_filtering")
    if isinstance(operation, ops.WriteVlans) and any(row.neigh_suppress for row in operation.rows):
        yield Need(operation.name, "bridge_slave", "neigh_vlan_suppress")  # of the same version
