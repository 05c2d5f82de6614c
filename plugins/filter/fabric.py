# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors to the fabric library. Each filter is documented in the YAML file of its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ansible.errors import AnsibleFilterError

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import compile as compiler
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compare import compare_state
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.drift import list_drift
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars, read_fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.report import make_report, report_markdown, report_text
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import make_topology

Groups = Mapping[str, Sequence[str]]
T = TypeVar("T")


def _told(work: Callable[[], T]) -> T:
    """The only place where a mistake in the inventory becomes an error of a template."""
    try:
        return work()
    except FabricError as error:
        raise AnsibleFilterError(error.message) from error


def host_state(hostvars: HostVars, groups: Groups, host: str) -> dict[str, Any]:
    return _told(lambda: compiler.host_states(read_fabric(hostvars, groups), [host])[host])


def host_states(hostvars: HostVars, groups: Groups, hosts: Sequence[str] | None = None) -> dict[str, str]:
    return _told(lambda: {host: json.dumps(state) for host, state in compiler.host_states(read_fabric(hostvars, groups), hosts).items()})


def topology(hostvars: HostVars, groups: Groups, twin: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return _told(lambda: make_topology(read_fabric(hostvars, groups), twin))


def endpoints(hostvars: HostVars, groups: Groups) -> list[dict[str, Any]]:
    return _told(lambda: list_endpoints(read_fabric(hostvars, groups)))


def verify_host(results: Sequence[Mapping[str, Any]], found: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    seen = list_drift([*results, found])
    compared = compare_state(state, found) if "interfaces" in found else {"networks": [], "problems": []}
    return {**seen, **compared}


def verify_report(hostvars: HostVars, groups: Groups, hosts: Sequence[str], probe: Mapping[str, Any] | None = None, data_plane: str = "auto") -> dict[str, Any]:
    """The findings of each host are its variable C(verify_found)."""
    name = _told(lambda: read_fabric(hostvars, groups)).name
    return make_report(name, {host: hostvars[host].get("verify_found") for host in hosts}, probe or {}, data_plane)


class FilterModule:
    """Filters of the fabric."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "endpoints": endpoints,
            "host_state": host_state,
            "host_states": host_states,
            "topology": topology,
            "verify_host": verify_host,
            "verify_markdown": report_markdown,
            "verify_report": verify_report,
            "verify_text": report_text,
        }
