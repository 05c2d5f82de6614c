# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The module vtep_probe from its parameters to its result."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.echo import OK, SMALL, Target, probe_paths, show_path
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.groups import judge_memberships, read_groups
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.job import collect, start_listening
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.overlay import parse_bridges, send_frames

Spec = dict[str, dict[str, Any]]

_PATH: Spec = {
    "host": {"type": "str", "required": True},
    "source": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "size": {"type": "int", "required": True},
    "networks": {"type": "list", "elements": "str", "default": []},
}
_MEMBERSHIP: Spec = {"network": {"type": "str", "required": True}, "group": {"type": "str", "required": True}, "device": {"type": "str"}}
_BRIDGE: Spec = {
    "network": {"type": "str", "required": True},
    "bridge": {"type": "str", "required": True},
    "vlan": {"type": "int"},
    "mtu": {"type": "int"},
    "expected": {"type": "list", "elements": "str"},
    "hears_unicast": {"type": "bool", "default": False},
    "sends": {"type": "bool", "default": True},
    "floods": {"type": "bool", "default": True},
    "machines": {"type": "list", "elements": "str", "default": []},
}


def probe_spec() -> Spec:
    """Arguments of the module."""
    return {
        "phase": {"type": "str", "choices": ["send", "listen", "collect"], "default": "send"},
        "fabric": {"type": "str", "required": True},
        "host": {"type": "str", "required": True},
        "paths": {"type": "list", "elements": "dict", "options": _PATH, "default": []},
        "memberships": {"type": "list", "elements": "dict", "options": _MEMBERSHIP, "default": []},
        "bridges": {"type": "list", "elements": "dict", "options": _BRIDGE, "default": []},
        "job": {"type": "str"},
        "timeout": {"type": "float", "default": 3.0},
        "lifetime": {"type": "float", "default": 300.0},
        "netns": {"type": "str"},
    }


def probe_vtep(parameters: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """check: nothing is sent, and no process is started."""
    phase = parameters["phase"]
    if phase == "collect":
        if not parameters["job"] and not check:
            raise ArgumentError("job: is required with phase: collect")
        return {"heard": [] if check else collect(parameters["job"], parameters["timeout"])}
    bridges = parse_bridges(parameters["bridges"])
    try:
        if phase == "listen":
            return {"job": "" if check else start_listening(parameters["fabric"], parameters["host"], bridges, parameters["lifetime"])}
        return _send(parameters, check)
    except PermissionError as error:
        raise KernelError(error.errno or errno.EPERM, "", "opening a raw socket (CAP_NET_RAW)") from error


def _send(parameters: Mapping[str, Any], check: bool) -> dict[str, Any]:
    if check:
        return {"sent": [], "paths": [], "memberships": [], "ok": True}
    listed = parameters["paths"]
    for place, entry in enumerate(listed):
        if not SMALL <= entry["size"] <= 65535:
            raise ArgumentError(f"paths[{place}].size: {entry['size']} is not of {SMALL}..65535")
    senders = [entry for entry in parameters["bridges"] if entry["sends"]]
    sent = send_frames(parameters["fabric"], parameters["host"], parse_bridges(senders))
    judged = probe_paths([Target(entry["address"], entry["source"], entry["size"]) for entry in listed], parameters["timeout"])
    paths = [show_path(entry, *result) for entry, result in zip(listed, judged)]
    memberships = judge_memberships(parameters["memberships"], read_groups() if parameters["memberships"] else {})
    well = all(path["result"] == OK for path in paths) and all(entry["member"] for entry in memberships) and not any(entry["detail"] for entry in sent)
    return {"sent": sent, "paths": paths, "memberships": memberships, "ok": well}
