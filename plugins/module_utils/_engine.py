# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The five stages on a host: parse (done by the caller) -> read -> plan -> apply -> verify, and what a report needs.

Check mode stops before apply; what it predicts is what a real run does, because it is the same plan.
"""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._apply.stop import STOP
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError, KernelError, RollbackError, VerificationError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import has_net_admin, namespace_lock
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.reader import read_host
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import final_scope, first_scope, incomplete_tables, leaving_ports, make_plan, second_scope

# Reads of a changing table may miss rows (F20): what seems absent after a write is looked at again before it is an error.
_VERIFY_TRIES = 3


class Outcome(NamedTuple):
    """A run: its plan, and the host before and after (after: predicted in check mode, read back otherwise)."""

    plan: Plan
    before: HostState
    after: HostState


def run(wanted: Wanted, check: bool, lock_timeout: float = 30.0) -> Outcome:
    """Bring this network namespace to what is wanted. lock_timeout: seconds to wait for another run."""
    if check:
        with NetlinkSocket() as netlink:
            return _run(netlink, wanted, journal="")
    # Read and write under one lock: another run must not work between our look and our first write.
    with namespace_lock(lock_timeout, STOP.check) as journal, NetlinkSocket() as netlink:
        if not os.path.exists(journal):
            return _run(netlink, wanted, journal)
        completed = _complete(netlink, journal)
        outcome = _run(netlink, wanted, journal)
        return outcome._replace(plan=outcome.plan._replace(warnings=(*completed, *outcome.plan.warnings)))


def _complete(netlink: NetlinkSocket, path: str) -> tuple[str, ...]:
    """Do once more what a run that was killed here was doing; a warning, if there was one."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply import journal
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply.transaction import repeat
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.writer import Writer

    operations = journal.read(path)
    if operations:
        writer = Writer(netlink, HostState(), long=True)
        repeat(writer, operations)
        writer.renew()
    journal.remove(path)
    return (f"an earlier run was killed here; its {len(operations)} operations were carried out once more before this one",) if operations else ()


def _run(netlink: NetlinkSocket, wanted: Wanted, journal: str) -> Outcome:
    """journal: path of the journal; empty for a check."""
    scope, before = _read(netlink, wanted)
    plan = make_plan(before, wanted)
    doubted = incomplete_tables(plan, scope)
    if doubted:
        scope = scope._replace(doubted=doubted)
        plan = make_plan(read_host(netlink, scope), wanted)
    plan = _completed(plan)
    if not plan.operations:
        return Outcome(plan, plan.before, plan.before)
    if not has_net_admin():
        raise KernelError(errno.EPERM, "CAP_NET_ADMIN is not effective in this process", f"{len(plan.operations)} changes are needed")
    after = _carry_out(netlink, plan, scope, journal) if journal else plan.after
    return Outcome(plan, plan.before, after)


def _read(netlink: NetlinkSocket, wanted: Wanted) -> tuple[Scope, HostState]:
    scope = first_scope(wanted)
    state = read_host(netlink, scope)
    hanging = second_scope(state, wanted)
    ports = leaving_ports(state, wanted) - scope.fdb
    if hanging or ports:
        scope = scope._replace(hanging=hanging, fdb=scope.fdb | ports, bridges=True, addresses=True, neighbours=True)
        state = read_host(netlink, scope)
    return scope, state


def _carry_out(netlink: NetlinkSocket, plan: Plan, scope: Scope, path: str) -> HostState:
    """Apply and verify. Modules that a run without changes does not need are imported here: pyroute2 above all."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply import journal
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply.explain import explain
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply.transaction import apply_operations, undo
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer as writing

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
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply.verify import as_before, deviations, unrestored

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
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply.verify import deviations

    wrong: list[str] = []
    for _try in range(_VERIFY_TRIES):
        after = read_host(netlink, scope)
        wrong = deviations(plan, after, os.uname().release)
        if not wrong:
            return after
        scope = scope._replace(doubted=scope.doubted | frozenset(plan.after.fdb))
    raise VerificationError("; ".join(wrong), deviations=wrong)


def _completed(plan: Plan) -> Plan:
    """For re-created links: what the creating message does not say is the kernel's default, as it was before."""
    if not plan.recreated:
        return plan
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.recreate import with_defaults

    links = dict(plan.after.links)
    for name in plan.recreated:
        links[name] = with_defaults(links[name], plan.before.links[name])
    return plan._replace(after=replace(plan.after, links=links))


def read_everything(statistics: bool = False, rows: bool = True) -> HostState:
    """All that vtep_info shows. rows: the forwarding tables too."""
    with NetlinkSocket() as netlink:
        return read_host(netlink, Scope(addresses=True, neighbours=True, statistics=statistics, everything=rows))
