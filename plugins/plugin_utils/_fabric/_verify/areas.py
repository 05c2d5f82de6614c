# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What was tried in an area, how much of it, and what is wrong there, each with a sentence and a cause where one is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key

Area = dict[str, Any]
Finding = dict[str, Any]
Result = Mapping[str, Any]

UNDERLAY, OVERLAY, ISOLATION, MEMBERSHIP, FLOOD_LISTS = "underlay", "overlay", "overlay_isolation", "membership", "flood_lists"
AREAS = {UNDERLAY: "underlay", OVERLAY: "overlay", ISOLATION: "overlay isolation", MEMBERSHIP: "multicast", FLOOD_LISTS: "flood lists"}
"""By key of the report, how a person calls it."""
UNITS = {UNDERLAY: "paths", OVERLAY: "directions", ISOLATION: "bridges", MEMBERSHIP: "groups", FLOOD_LISTS: "rows"}


def area(findings: Sequence[Finding], tried: int, failed: int, every: int | None = None, reason: str = "") -> Area:
    """tried, every: so many of so many. reason: why nothing was tried, where that is so."""
    return {
        "tested": tried > 0,
        "reason": "" if tried else reason,
        "tried": tried,
        "of": tried if every is None else every,
        "failed": failed,
        "ok": not findings,
        "findings": sorted(findings, key=lambda finding: [natural_key(finding[key]) for key in ("host", "network", "other", "sentence")]),
    }


def finding(network: str, host: str, other: str, sentence: str, cause: str = "") -> Finding:
    return {"network": network, "host": host, "other": other, "sentence": sentence, "cause": cause}


def told(found: Finding) -> str:
    """With its cause."""
    return f"{found['sentence']} ({found['cause']})" if found["cause"] else str(found["sentence"])


def merge_areas(earlier: Area | None, now: Area) -> Area:
    """Of two batches of hosts."""
    if earlier is None:
        return now
    tried = earlier["tried"] + now["tried"]
    both = area([*earlier["findings"], *now["findings"]], tried, earlier["failed"] + now["failed"], now["of"], now["reason"])
    if "pairs" in now:
        both["pairs"] = {source: {**earlier["pairs"].get(source, {}), **now["pairs"].get(source, {})} for source in {**earlier["pairs"], **now["pairs"]}}
    if "paths" in now:
        both["paths"] = [*earlier["paths"], *now["paths"]]
    if "networks" in now:
        both["networks"] = [_merge_networks(*of) for of in zip(earlier["networks"], now["networks"])]
    return {**now, **both}


def _merge_networks(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {**now, **{key: earlier[key] + now[key] for key in ("tried", "failed")}}
