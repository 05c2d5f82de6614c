# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The one door between AnsibleModule and the engine: enter the namespace, run, report, and turn errors into C(fail_json) once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._apply.stop import STOP
from ansible_collections.vxlan.fabric.plugins.module_utils._engine import Outcome, run, run_additions
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import enter_namespace

Parameters = Mapping[str, Any]
_ECHOED_CHARACTERS = 10_000
_ECHOED_ENTRIES = 20
Sides = tuple[dict[str, Any], dict[str, Any]]


def run_module(
    module: AnsibleModule,
    parse: Callable[[Parameters, bool], Wanted],
    show: Callable[[Parameters, Outcome], Sides],
    read: Callable[[Parameters], dict[str, Any]] | None = None,
) -> None:
    """A module that changes the host: parse its parameters, run the engine, report.

    parse: parameters and check mode -> what is wanted. show: the managed object before and after, as options. read: what is read
    beside it when all is done.
    """
    # A module lives for seconds and makes no cycles that matter; looking for them costs a tenth of a long list.
    gc.disable()
    STOP.listen(module.params["timeout"])
    try:
        wanted = parse(module.params, module.check_mode)
        _shorten(module.params)
        if module.params.get("netns"):
            enter_namespace(module.params["netns"])
        carry_out = run_additions if module.params.get("removals") == "later" else run
        outcome = carry_out(wanted, module.check_mode, module.params["lock_timeout"])
        before, after = show(module.params, outcome)
        beside = read(module.params) if read is not None else {}
    except FabricError as error:
        fail(module, error)
    for warning in outcome.plan.warnings:
        module.warn(warning)
    module.exit_json(**_result(outcome, before, after, module.params), **_counts(outcome, module.params), **beside)


def _shorten(parameters: dict[str, Any]) -> None:
    """AnsibleModule sends all parameters back; a list of 100,000 lines would be most of the result."""
    for name in ("lines", "host_state"):
        text = parameters.get(name)
        if text and len(text) > _ECHOED_CHARACTERS:
            parameters[name] = f"({len(text)} characters)"
    for name in ("interfaces", "bridges", "fdb", "vlan_interfaces", "vrfs"):  # of vtep
        listed = parameters.get(name)
        if isinstance(listed, list) and len(listed) > _ECHOED_ENTRIES:
            parameters[name] = [f"({len(listed)} entries)"]


def fail(module: AnsibleModule, error: FabricError) -> NoReturn:
    """The only place where an error becomes the end of a module."""
    details: dict[str, Any] = dict(error.details)
    module.fail_json(msg=error.message, **details)
    raise AssertionError("fail_json returned")


def _result(outcome: Outcome, before: dict[str, Any], after: dict[str, Any], parameters: Parameters) -> dict[str, Any]:
    limit = parameters["report_rows"]
    most = parameters.get("report_objects")  # None: all of them
    plan = outcome.plan
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    if before != after:
        from ansible_collections.vxlan.fabric.plugins.module_utils._render.objects import only_differences

        old, new = only_differences(before, after)
    operations: list[dict[str, Any]] = []
    commands: list[str] = []
    if plan.operations:
        from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import all_command_lines
        from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import show_operation

        operations = [show_operation(operation, limit) for operation in plan.operations[:most]]
        commands = all_command_lines(plan.operations, limit)
    return {
        "changed": bool(plan.operations or outcome.completed),
        "diff": {"before": old, "after": new},
        "operations": operations,
        "commands": commands,
        "recreated": [{"interface": name, "attributes": forced} for name, forced in plan.recreated.items()],
        "before": before,
        "after": after,
    }


def _counts(outcome: Outcome, parameters: Parameters) -> dict[str, Any]:
    """Where the list of operations may be cut, how many there are of each kind."""
    if "report_objects" not in parameters:
        return {}
    if not outcome.plan.operations:
        return {"counts": {}, "deferred": outcome.deferred}
    from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import count_operations

    return {"counts": count_operations(outcome.plan.operations), "deferred": outcome.deferred}


def run_info(module: AnsibleModule, gather: Callable[[Parameters], dict[str, Any]]) -> None:
    """A module that only reads."""
    try:
        if module.params.get("netns"):
            enter_namespace(module.params["netns"])
        facts = gather(module.params)
    except FabricError as error:
        fail(module, error)
    module.exit_json(changed=False, **facts)


def run_files(module: AnsibleModule, work: Callable[[Parameters, bool], dict[str, Any]]) -> None:
    """A module that writes files for what runs. work: parameters and check mode -> the result."""
    try:
        if module.params.get("netns"):
            enter_namespace(module.params["netns"])
        result = work(module.params, module.check_mode)
    except FabricError as error:
        fail(module, error)
    except OSError as error:
        fail(module, FabricError(f"{error.filename or 'a file'}: {error.strerror}. Files of the system need root: use 'become: true'"))
    _shorten(module.params)
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)
