# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the role vtep, run in check mode, would change on a host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]


def list_drift(results: Sequence[Result]) -> dict[str, Any]:
    """results: the registered results of the role's tasks, each of a loop. Gives `drift` (one entry per object that would be
    changed, with the commands that would do it) and `error` (why it could not be found out, else empty)."""
    items = [item for result in results for item in _items(result)]
    changed = [_entry(item) for item in items if item.get("changed")]
    errors = [_sentence(result) for result in (*results, *items) if result.get("failed") or result.get("unreachable")]
    return {"drift": changed, "error": _last(errors)}


def _items(result: Result) -> Sequence[Result]:
    found: Sequence[Result] = result.get("results") or []
    return found


def _entry(item: Result) -> dict[str, Any]:
    """What is no longer wanted is an item that is a name; what is wanted is an item that is a mapping."""
    target = item.get("item")
    known: Mapping[str, Any] = target if isinstance(target, Mapping) else {"name": target}
    return {
        "network": str(known.get("network", "")),
        "object": str(known.get("name") or known.get("interface")),
        "commands": list(item.get("commands") or ()),
        "recreated": [str(entry.get("interface")) for entry in item.get("recreated") or ()],
    }


def _sentence(result: Result) -> str:
    return str(result.get("msg") or "failed without a message")


def _last(sentences: Iterable[str]) -> str:
    """The result of a single item says more than the "one or more items failed" of its loop, and comes after it."""
    found = list(sentences)
    return found[-1] if found else ""
