# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The probe from its parameters to its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.matrix import judge, parse_endpoints, sentence, summarise
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.run import Settings, observe

ENDPOINT: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "network": {"type": "str", "required": True},
    "netns": {"type": "str", "required": True},
    "device": {"type": "str", "default": "eth0"},
    "mac": {"type": "str"},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "host": {"type": "str"},
    "flooding": {"type": "bool", "default": True},
    "gateways": {"type": "list", "elements": "str", "default": []},
    "gateway_mac": {"type": "str"},
    "routed": {"type": "list", "elements": "str", "default": []},
    "unjudged": {"type": "list", "elements": "str", "default": []},
}


def probe(parameters: Mapping[str, Any], ping: str, ip: str, check: bool) -> dict[str, Any]:
    """ping, ip: paths of ping(8) and ip(8). check: send nothing."""
    for name in ("timeout", "parallel"):
        if parameters[name] < 1:
            raise ArgumentError(f"{name}: {parameters[name]} is less than 1")
    endpoints = parse_endpoints(parameters["endpoints"])
    seen = None
    if not check:
        endpoints, seen = observe(endpoints, Settings(ping, ip, parameters["timeout"], parameters["parallel"]))
    matrix = judge(endpoints, seen)
    counts = summarise(matrix)
    missing = seen.missing if seen else {}
    return {
        "matrix": matrix,
        **counts,
        "missing": [{"name": endpoints[place].name, "network": endpoints[place].network, "why": missing[place]} for place in sorted(missing)],
        "ok": not check and counts["passed"] == len(matrix) and not missing,
        "msg": sentence(counts) + (" (check mode: nothing was sent)" if check else ""),
    }
