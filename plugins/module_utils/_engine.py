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
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError, KernelError, UnsupportedError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted, without_removals
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import has_net_admin, journal_path, namespace_lock
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.reader import read_host
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import first_scope, leaving_ports, loses_vlans, make_plan, second_scope


class Outcome(NamedTuple):
    """A run: its plan, and the host before and after (after: predicted in check mode, read back otherwise). completed: operations of a
    killed run that were carried out before. deferred: operations that are left, because they remove something and that was to wait."""

    plan: Plan
    before: HostState
    after: HostState
    completed: int = 0
    deferred: int = 0


def run_additions(wanted: Wanted, check: bool, lock_timeout: float = 30.0) -> Outcome:
    """As run, but what would be removed stays, and is counted."""
    if os.path.exists(journal_path()):
        whole = None
    else:
        whole = _check(wanted)
        if not whole.plan.operations:
            return whole
    outcome = run(without_removals(wanted), check, lock_timeout)
    if not check:
        return outcome._replace(deferred=len(_check(wanted).plan.operations))
    done = set(map(repr, outcome.plan.operations))
    left = () if whole is None else whole.plan.operations
    return outcome._replace(deferred=sum(1 for operation in left if repr(operation) not in done))


def run(wanted: Wanted, check: bool, lock_timeout: float = 30.0) -> Outcome:
    """Bring this network namespace to what is wanted. lock_timeout: seconds to wait for another run."""
    if check:
        return _check(wanted)
    # Read and write under one lock: another run must not work between our look and our first write.
    with namespace_lock(lock_timeout, STOP.check) as journal, NetlinkSocket() as netlink:
        if not os.path.exists(journal):
            return _run(netlink, wanted, journal)
        from ansible_collections.vxlan.fabric.plugins.module_utils._apply.carry_out import complete

        repeated = complete(netlink, journal)
        outcome = _run(netlink, wanted, journal)
        if not repeated:
            return outcome
        told = f"an earlier run was killed here; its {repeated} operations were carried out once more before this one"
        return outcome._replace(plan=_warned(outcome.plan, told), completed=repeated)


def _check(wanted: Wanted) -> Outcome:
    """What a real run would do; it would complete a killed one first, so that its plan may be another."""
    told = "an earlier run was killed here; a run that is no check would complete it first"
    killed = os.path.exists(journal_path()) and _is_of_a_killed_run(journal_path())
    try:
        with NetlinkSocket() as netlink:
            outcome = _run(netlink, wanted, journal="")
    except FabricError as error:
        if killed:
            error.message += f". But {told}"
        raise
    return outcome._replace(plan=_warned(outcome.plan, told)) if killed else outcome


def _is_of_a_killed_run(path: str) -> bool:
    """And not of a namespace of the past that had the same number."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply import journal

    return bool(journal.read(path))


def _warned(plan: Plan, text: str) -> Plan:
    return plan._replace(warnings=(text, *plan.warnings))


def _run(netlink: NetlinkSocket, wanted: Wanted, journal: str) -> Outcome:
    """journal: path of the journal; empty for a check."""
    scope, before = _read(netlink, wanted)
    plan = make_plan(before, wanted)
    if plan.operations:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rereading import incomplete_tables

        doubted = incomplete_tables(plan, scope)
        if doubted:
            scope = scope._replace(doubted=doubted)
            plan = make_plan(read_host(netlink, scope), wanted)
    if not plan.operations:
        return Outcome(plan, plan.before, plan.before)
    plan = _completed(plan)
    if not has_net_admin():
        raise KernelError(errno.EPERM, "CAP_NET_ADMIN is not effective in this process", f"{len(plan.operations)} changes are needed")
    _refuse_what_is_missing(plan)
    if not journal:
        return Outcome(plan, plan.before, plan.after)
    from ansible_collections.vxlan.fabric.plugins.module_utils._apply.carry_out import carry_out

    return Outcome(plan, plan.before, carry_out(netlink, plan, scope, journal))


def _refuse_what_is_missing(plan: Plan) -> None:
    """Before the first write: older kernels acknowledge what they do not know, others refuse it when half of the plan is done."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.needs import doubtful_needs

    doubtful = doubtful_needs(plan, os.uname().release)
    if not doubtful:
        return
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import missing
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.capabilities import probe

    asked: dict[str, set[str]] = {need.kind: set() for need in doubtful}
    for need in doubtful:
        asked[need.kind] |= {need.option} - {""}
    try:
        found = probe(asked)
    except UnsupportedError:
        return  # no right to try: what the kernel ignores is found when it is read back
    sentences = missing(doubtful, found)
    if sentences:
        raise UnsupportedError("; ".join(sentences), missing=sentences)


def _read(netlink: NetlinkSocket, wanted: Wanted) -> tuple[Scope, HostState]:
    scope = first_scope(wanted)
    state = read_host(netlink, scope)
    hanging = second_scope(state, wanted)
    ports = leaving_ports(state, wanted) - scope.fdb
    if hanging or ports:
        scope = scope._replace(hanging=hanging, fdb=scope.fdb | ports, vlans=True, bridges=True, addresses=True, neighbours=True)
        state = read_host(netlink, scope)
    elif not scope.vlans and loses_vlans(state, wanted):
        scope = scope._replace(vlans=True)
        state = read_host(netlink, scope)
    return scope, state


def _completed(plan: Plan) -> Plan:
    """For re-created links: what the creating message does not say is the kernel's default, as it was before."""
    if not plan.recreated:
        return plan
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.recreate import with_defaults

    links = dict(plan.after.links)
    for name in plan.recreated:
        links[name] = with_defaults(links[name], plan.before.links[name])
    return plan._replace(after=replace(plan.after, links=links))


def read_vni_statistics(name: str) -> dict[int, dict[str, int]]:
    """The counters of each VNI of an interface with a VNI filter; none where it is not there."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.hanging import dump_vni_statistics

    with NetlinkSocket() as netlink:
        link = read_host(netlink, Scope()).links.get(name)
        return dump_vni_statistics(netlink, link.index) if link is not None and link.attributes.get("vnifilter") else {}


def read_everything(statistics: bool = False, rows: bool = True) -> HostState:
    """All that vtep_info shows. rows: the forwarding tables too."""
    with NetlinkSocket() as netlink:
        return read_host(netlink, Scope(addresses=True, neighbours=True, statistics=statistics, everything=rows))
