# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a run changed, or would change, as commands host by host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key

_MOST_LINES = 200


def show_changes(results: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """results: by host what the module vtep returned, None where it did not run. Lines for a terminal; hosts without changes in one line."""
    lines: list[str] = []
    same = []
    for host in sorted(results, key=natural_key):
        commands = list((results[host] or {}).get("commands") or ())
        if commands:
            left = len(commands) - _MOST_LINES
            more = [f"  ... and {left} more, all of them in the result of the task (-v)"] if left > 0 else []
            lines += [f"{host}:", *(f"  {command}" for command in commands[:_MOST_LINES]), *more]
        elif results[host] is not None:
            same.append(host)
    return [*lines, *([f"nothing on {_few(same)}"] if same else [])]


def _few(hosts: list[str]) -> str:
    return ", ".join(hosts) if len(hosts) <= 10 else f"{', '.join(hosts[:10])} and {len(hosts) - 10} more hosts"
