# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""One run of the twin: read, plan, apply, verify, report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import (
    FabricError,
    RollbackError,
    VerificationError,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.goal import compile_goal
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.iproute import NETNS_DIR, IpError, Iproute
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.lock import hold_lock
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.names import mark_of
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.operations import (
    ADD_NAMESPACE,
    DELETE_NAMESPACE,
    Command,
    Operation,
    describe_operation,
    render_operation,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.plan import plan_world, predict_world
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.processes import find_processes
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.read import Survey, refuse_foreign, survey_twin
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import Topology, Uplink
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import World, describe_world, find_owned

LOCK_TIMEOUT = 60.0
_CAP_NET_ADMIN = 12  # capability.h
_CAP_SYS_ADMIN = 21


@dataclass(frozen=True)
class _Run:
    """What one run knows; `topology` is None for `absent`."""

    name: str
    topology: Topology | None
    goal: World
    ip: Iproute

    @property
    def mark(self) -> str:
        return mark_of(self.name)


def run_twin(name: str, topology: Topology | None, ip: Iproute, check_mode: bool) -> dict[str, Any]:
    """Build, repair or (without topology) remove the twin; the result is the module's."""
    require_privileges()
    goal = compile_goal(topology, ipv6=os.path.exists("/proc/sys/net/ipv6")) if topology else {}
    run = _Run(name, topology, goal, ip)
    with hold_lock(name, LOCK_TIMEOUT):
        survey = survey_twin(ip, run.mark, goal)
        refuse_foreign(survey, goal)
        operations = plan_world(survey.world, goal, run.mark)
        predicted = predict_world(survey.world, operations)
        # Looked for before: afterwards nothing leads from the name to the namespace.
        warnings = _warn_of_processes(operations)
        if operations and not check_mode:
            _apply(run, survey.world, operations)
        return _report(run, survey, operations, predicted, warnings)


def require_privileges() -> None:
    """Told before anything is planned: in check mode too, which must not promise what a real run cannot do."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        effective = next((int(line.split()[1], 16) for line in status if line.startswith("CapEff:")), 0)
    if not (effective >> _CAP_SYS_ADMIN & 1 and effective >> _CAP_NET_ADMIN & 1):
        raise FabricError(
            "building network namespaces needs CAP_SYS_ADMIN and CAP_NET_ADMIN: use 'become: true', or run Ansible in a "
            "user namespace of your own: unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && exec ansible-playbook ...'"
        )
    directory = NETNS_DIR if os.path.isdir(NETNS_DIR) else os.path.dirname(NETNS_DIR)
    if not os.access(directory, os.W_OK):
        raise FabricError(
            f"{directory} is not writable, the names of namespaces are kept there. In a user namespace give it a /run of "
            "its own first: mount -t tmpfs tmpfs /run"
        )


def _commands(operations: tuple[Operation, ...]) -> list[Command]:
    return [command for operation in operations for command in render_operation(operation)]


def _apply(run: _Run, before: World, operations: tuple[Operation, ...]) -> None:
    """All or nothing: what fails is put back to `before`."""
    try:
        run.ip.write(_commands(operations))
        _verify(run)
    except FabricError as error:
        created = [operation.netns for operation in operations if operation.action == ADD_NAMESPACE]
        if isinstance(error, IpError):
            created = _names_added(operations, error.done)
        _roll_back(run, before, created, error)


def _names_added(operations: tuple[Operation, ...], done: int) -> list[str]:
    """The namespaces among the first `done` commands, whether they carry the mark yet or not."""
    return [command.words[2] for command in _commands(operations)[:done] if command.words[:2] == ("netns", "add")]


def _verify(run: _Run) -> None:
    """Read back: the kernel's word counts, not that of the tool."""
    found = survey_twin(run.ip, run.mark, run.goal)
    missing = plan_world(found.world, run.goal, run.mark)
    if missing:
        commands = _shorten([str(command) for command in _commands(missing)])
        raise VerificationError(f"everything was acknowledged, and yet this is still to be done: {commands}")


def _shorten(sentences: list[str], most: int = 5) -> str:
    """Enough to understand, not more than fits a screen."""
    more = f"; and {len(sentences) - most} more" if len(sentences) > most else ""
    return "; ".join(sentences[:most]) + more


def _roll_back(run: _Run, before: World, created: list[str], error: FabricError) -> None:
    goal = find_owned(before, run.mark)
    try:
        now = survey_twin(run.ip, run.mark, goal, created)
        operations = plan_world(now.world, goal, run.mark)
        run.ip.write(_commands(operations))
    except FabricError as second:
        raise RollbackError(error, [second.message]) from error
    state = "the twin is as it was before" if before else "everything that this run made is removed again"
    raise FabricError(f"{error.message}; {state}", **error.details) from error


def _warn_of_processes(operations: tuple[Operation, ...]) -> list[str]:
    names = [operation.netns for operation in operations if operation.action == DELETE_NAMESPACE]
    return [
        f"process {pid} ({command}) runs in the network namespace {netns}: it lives on without a name until it ends"
        for netns, pid, command in find_processes(NETNS_DIR, names)
    ]


def _report(run: _Run, survey: Survey, operations: tuple[Operation, ...], predicted: World, warnings: list[str]) -> dict[str, Any]:
    """`after` is what was planned; a real run has verified that it is so."""
    before = describe_world(find_owned(survey.world, run.mark))
    after = describe_world(find_owned(predicted, run.mark))
    return {
        "changed": bool(operations),
        "operations": [describe_operation(operation) for operation in operations],
        "commands": [str(command) for command in _commands(operations)],
        "before": before,
        "after": after,
        "diff": _differences(before, after),
        "hosts": describe_hosts(run.topology),
        "warnings": [*(run.topology.warnings if run.topology else ()), *warnings],
    }


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }


def _describe_uplink(uplink: Uplink) -> dict[str, Any]:
    return {"device": uplink.device, "mtu": uplink.mtu, "addresses": list(uplink.addresses)}


def describe_hosts(topology: Topology | None) -> list[dict[str, Any]]:
    """The topology with every default filled in."""
    return [
        {
            "name": host.name,
            "netns": host.netns,
            **_describe_uplink(host.uplinks[0]),
            "uplinks": [_describe_uplink(uplink) for uplink in host.uplinks[1:]],
            "forwarding": [f"ipv{family}" for family in host.forwarding],
            "endpoints": [
                {
                    "name": endpoint.name,
                    "netns": endpoint.netns,
                    "port": endpoint.port,
                    "mac": endpoint.mac,
                    "mtu": endpoint.mtu,
                    "addresses": list(endpoint.addresses),
                    "gateways": list(endpoint.gateways),
                    "vlan": endpoint.vlan,
                }
                for endpoint in host.endpoints
            ],
        }
        for host in (topology.hosts if topology else ())
    ]
