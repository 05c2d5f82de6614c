# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is read again once there is a plan: before it is acted on, and afterwards to verify it. Pure."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import can_look_up
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.operations import DeleteRows, WriteRows


def incomplete_tables(plan: Plan, scope: Scope) -> frozenset[str]:
    """Tables that were there and seem to lack rows: a dump may have missed them (F20), so they are read once more before it is acted on."""
    return frozenset(
        operation.name
        for operation in plan.operations
        if isinstance(operation, WriteRows) and operation.name in plan.before.fdb and operation.name not in scope.lookups
    )


def final_scope(scope: Scope, plan: Plan) -> Scope:
    """What is read after a plan was carried out, to verify it."""
    touched: dict[str, list[FdbRow]] = {}
    for operation in plan.operations:
        if isinstance(operation, (WriteRows, DeleteRows)) and operation.name in plan.after.links:
            touched.setdefault(operation.name, []).extend(operation.rows)
    lookups = dict(scope.lookups)
    dumps = set(scope.fdb)
    for name, rows in touched.items():
        if name in lookups:
            continue
        if can_look_up(rows):
            lookups[name] = tuple(rows)
            dumps.discard(name)
        else:
            dumps.add(name)
    return scope._replace(fdb=frozenset(dumps), lookups=lookups, hanging=scope.hanging & frozenset(plan.after.links), final=True)
