# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Apply a plan, verify it, and undo it when anything is wrong; and complete what a killed run left."""

from __future__ import annotations

import os
from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._apply import journal
from ansible_collections.vxlan.fabric.plugins.module_utils._apply.explain import explain
from ansible_collections.vxlan.fabric.plugins.module_utils._apply.stop import STOP
from ansible_collections.vxlan.fabric.plugins.module_utils._apply.transaction import apply_operations, repeat, undo
from ansible_collections.vxlan.fabric.plugins.module_utils._apply.verify import as_before, deviations, unrestored
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError, RollbackError, VerificationError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer as writing
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.reader import read_host
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rereading import final_scope

# Reads of a changing table may miss rows (F20): what seems absent after a write is looked at again before it is an error.
_VERIFY_TRIES = 3


def complete(netlink: NetlinkSocket, path: str) -> int:
    """Do once more what a run that was killed here was doing; the number of its operations."""
    operations = journal.read(path)
    if operations:
        writer = writing.Writer(netlink, HostState(), long=True)
        repeat(writer, operations)
        writer.renew()
    journal.remove(path)
    return len(operations)


def carry_out(netlink: NetlinkSocket, plan: Plan, scope: Scope, path: str) -> HostState:
    """Apply and verify. On any failure the host is as before, or the error lists what is not. path: of the journal."""
    writer = writing.Writer(netlink, plan.before, long=len(plan.operations) >= writing.PACK_FROM)
    final = final_scope(scope, plan)
    written = journal.needs_journal(plan) and journal.write(path, plan)
    try:
        apply_operations(writer, plan.operations, STOP.check)
        try:
            after = _verified(netlink, plan, final)
        except BaseException:
            undo(writer, plan.operations)
            raise
        # Tables of which only the written rows were looked up are as predicted: that has just been verified.
        partly = {name: plan.after.fdb[name] for name in final.lookups if name in plan.after.fdb}
        return replace(after, fdb={**after.fdb, **partly})
    except FabricError as error:
        shown = explain(error, plan.after)
        leftovers = _leftovers(netlink, plan, scope)
        raise (RollbackError(shown, leftovers) if leftovers else shown) from error
    finally:
        if written:
            journal.remove(path)
        writer.close()


def _leftovers(netlink: NetlinkSocket, plan: Plan, scope: Scope) -> list[str]:
    """What is not as it was before the run, judged by reading and not by what undoing said."""
    wrong: list[str] = []
    for _try in range(_VERIFY_TRIES):
        try:
            netlink.reopen()
            present = read_host(netlink, Scope()).links
            found = read_host(netlink, scope._replace(hanging=scope.hanging & frozenset(present)))
        except (FabricError, OSError) as error:
            wrong = [f"what is there now could not be read ({error}), so compare it with 'before'"]
            continue
        wrong = deviations(as_before(plan), found, "") + unrestored(plan, found)
        if not wrong:
            break
    return wrong


def _verified(netlink: NetlinkSocket, plan: Plan, scope: Scope) -> HostState:
    """The host as it is now, which is as the plan predicted. A dump may miss rows, so what seems wrong is looked at again."""
    wrong: list[str] = []
    for _try in range(_VERIFY_TRIES):
        after = read_host(netlink, scope)
        wrong = deviations(plan, after, os.uname().release)
        if not wrong:
            return after
        scope = scope._replace(doubted=scope.doubted | frozenset(plan.after.fdb))
    raise VerificationError("; ".join(wrong), deviations=wrong)
