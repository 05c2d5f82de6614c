# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors to the fabric library. Each filter is documented in the YAML file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import compile as compiler
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.assemble import Settings, make_reports
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.files import report_files
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.findings import Batch
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.goal import make_goal
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.texts import report_text
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.changes import show_changes
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars, hosts_without_addresses, pick_fabric, read_fabrics, read_inventory
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.lint import lint_junit, lint_text, make_lint
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import make_topology

Groups = Mapping[str, Sequence[str]]
T = TypeVar("T")
DEFAULT_PAIRS = 10_000


def _told(work: Callable[[], T]) -> T:
    """The only place where a mistake in the inventory becomes an error of a template."""
    try:
        return work()
    except FabricError as error:
        raise AnsibleFilterError(error.message) from error


def host_state(hostvars: HostVars, groups: Groups, host: str) -> dict[str, Any]:
    return _told(lambda: compiler.states_of(read_fabrics(hostvars, groups), [host])[host])


def host_states(hostvars: HostVars, groups: Groups, hosts: Sequence[str] | None = None) -> dict[str, str]:
    return _told(lambda: compiler.texts_of(compiler.states_of(read_fabrics(hostvars, groups), hosts)))


def compiled(hostvars: HostVars, groups: Groups, hosts: Sequence[str] | None = None) -> dict[str, Any]:
    def work() -> dict[str, Any]:
        reading = read_inventory(hostvars, groups)
        return {"states": compiler.texts_of(compiler.states_of(reading.judged(), hosts)), "lint": make_lint(reading)}

    return _told(work)


def lint(hostvars: HostVars, groups: Groups, hosts: Sequence[str] | None = None, strict: bool = False) -> dict[str, Any]:
    return make_lint(read_inventory(hostvars, groups), hosts, strict)


def unresolved(hostvars: HostVars, groups: Groups) -> list[str]:
    return hosts_without_addresses(hostvars, groups)


def hosts_with_removals(hostvars: HostVars, hosts: Sequence[str], result: str = "vtep_result") -> list[str]:
    return [host for host in hosts if (hostvars[host].get(result) or {}).get("deferred")]


def changes_text(hostvars: HostVars, hosts: Sequence[str], result: str = "vtep_result") -> list[str]:
    return show_changes({host: hostvars[host].get(result) for host in hosts})


def topology(hostvars: HostVars, groups: Groups, twin: Mapping[str, Any] | None = None, fabric: str | None = None) -> dict[str, Any]:
    return _told(lambda: make_topology(pick_fabric(read_fabrics(hostvars, groups), fabric), twin))


def endpoints(hostvars: HostVars, groups: Groups) -> list[dict[str, Any]]:
    return _told(lambda: [entry for fabric in read_fabrics(hostvars, groups).values() for entry in list_endpoints(fabric)])


def verify_goal(hostvars: HostVars, groups: Groups, hosts: Sequence[str], pairs: int = DEFAULT_PAIRS) -> dict[str, Any]:
    if pairs < 1:
        raise AnsibleFilterError(f"verify_pairs: {pairs} is less than 1")
    return _told(lambda: make_goal(read_fabrics(hostvars, groups), hosts, pairs))


def verify_report(
    hostvars: HostVars, goal: Mapping[str, Any], batch: Mapping[str, Sequence[str]], matrices: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    probed = {str(result.get("item")): result for result in matrices.get("results", ()) if not result.get("skipped")}
    return _of_hosts(make_reports(hostvars, goal, Batch(batch["now"], batch["active"], batch["all"]), probed, Settings(**settings)))


def verify_text(reports: Mapping[str, Any]) -> list[str]:
    return _of_hosts([line for report in reports["fabrics"].values() for line in [*report_text(report), ""]][:-1])


def verify_files(reports: Mapping[str, Any]) -> dict[str, str]:
    return _of_hosts({f"{name}/{path}": text for name, report in reports["fabrics"].items() for path, text in report_files(report).items()})


def _of_hosts(value: T) -> T:
    """Plain values, of which no text is a template, whatever a host has said: up to ansible-core 2.18 every text is one that is not marked."""
    found: Any = value
    if isinstance(value, Mapping):
        found = {str(key): _of_hosts(item) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        found = [_of_hosts(item) for item in value]
    elif isinstance(value, str):
        found = wrap_var(value)
    plain: T = found
    return plain


class FilterModule:
    """Filters of the fabric."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "changes_text": changes_text,
            "compiled": compiled,
            "endpoints": endpoints,
            "host_state": host_state,
            "host_states": host_states,
            "hosts_with_removals": hosts_with_removals,
            "lint": lint,
            "lint_junit": lint_junit,
            "lint_text": lint_text,
            "topology": topology,
            "unresolved": unresolved,
            "verify_files": verify_files,
            "verify_goal": verify_goal,
            "verify_report": verify_report,
            "verify_text": verify_text,
        }
