# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the role vtep, run in check mode, would change on a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]


def list_drift(result: Result, networks: Mapping[str, str]) -> dict[str, Any]:
    """result: what the module vtep returned in check mode. networks: by the name of an interface. Gives `drift` (one entry per
    interface, bridge or port that would be changed) and `commands` (all of it in the order of the run)."""
    entries: dict[str, dict[str, Any]] = {}
    for operation in result.get("operations") or ():
        name = str(operation["interface"])
        entry = entries.setdefault(name, {"network": networks.get(name, ""), "object": name, "commands": []})
        entry["commands"] += operation.get("commands") or ()
    for again in result.get("recreated") or ():
        entries[again["interface"]]["recreated"] = list(again["attributes"])
    return {"drift": [{"recreated": [], **entry} for entry in entries.values()], "commands": list(result.get("commands") or ())}


def reason_of(*results: Result) -> str:
    """Why something could not be found out, in the words of the first task that failed; empty if everything was."""
    failed = [result for result in results if result.get("failed") or result.get("unreachable")]
    return str(failed[0].get("msg") or "failed without a message") if failed else ""
