# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three steps of an adoption, each judged by ip(8) and bridge(8)."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.vxlan.fabric.tests.support.engine import Result, good, judged, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace

STATE = ("interfaces", "bridges", "fdb", "vnis")
MARK = "vxlan.fabric:dc1"


def adopt(ns: Namespace) -> None:
    """Read the host, give it back, take it over, give up the network `drop`, and take the rest down."""
    wanted = read_and_give_back(ns)
    take_over(ns, wanted)
    give_up(ns, wanted)


def read_and_give_back(ns: Namespace) -> dict[str, Any]:
    """vtep accepts what vtep_info says, as options and as one text: no change, no write, and ip(8) sees none."""
    before = ns.state()
    seen: Result = good(run(ns, "vtep_info", {}))
    wanted = {key: seen[key] for key in STATE}
    unchanged(ns, "vtep", wanted)
    unchanged(ns, "vtep", {"host_state": json.dumps(wanted)})
    assert ns.state() == before
    return wanted


def take_over(ns: Namespace, wanted: dict[str, Any]) -> None:
    """With the name of a fabric the interfaces and bridges get its mark, and nothing else happens to them."""
    before, indexes = ns.state(), {entry["ifname"]: entry["ifindex"] for entry in ns.json("ip", "link")}
    names = {entry["name"] for key in ("interfaces", "bridges") for entry in wanted[key]}
    result = judged(ns, "vtep", {**wanted, "fabric": "dc1"})
    assert {(entry["operation"], entry["field"], entry["value"]) for entry in result["operations"]} == {("set_link", "alias", MARK)}
    assert {entry["interface"] for entry in result["operations"]} == names
    assert all(ns.link(name)["ifalias"] == MARK for name in names)
    assert {entry["ifname"]: entry["ifindex"] for entry in ns.json("ip", "link")} == indexes
    after = ns.state()
    after["links"] = [{key: value for key, value in link.items() if key != "ifalias"} for link in after["links"]]
    assert _sorted(after) == _sorted(before)
    unchanged(ns, "vtep", {**wanted, "fabric": "dc1", "purge": "managed"})


def give_up(ns: Namespace, wanted: dict[str, Any]) -> None:
    """What is left out goes, with `purge: managed`; what stays does not change; what the fabric does not own never goes."""
    before = ns.state()
    gone = {entry["name"] for key in ("interfaces", "bridges") for entry in wanted[key] if "drop" in entry["name"]}
    assert gone
    fewer = {
        **wanted,
        "interfaces": [entry for entry in wanted["interfaces"] if entry["name"] not in gone],
        "bridges": [entry for entry in wanted["bridges"] if entry["name"] not in gone],
        "fdb": [entry for entry in wanted["fdb"] if entry["interface"] not in gone],
        "vnis": {name: rows for name, rows in wanted["vnis"].items() if name not in gone},
    }
    judged(ns, "vtep", {**fewer, "fabric": "dc1", "purge": "managed"})
    assert _of(ns.state(), gone) == _of(before, gone)
    assert not any(ns.has(name) for name in gone)
    judged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    kinds = {entry.get("linkinfo", {}).get("info_kind") for entry in ns.json("ip", "link")}
    assert "vxlan" not in kinds


def _of(state: dict[str, list[Json]], gone: set[str]) -> dict[str, list[Json]]:
    """The part of a state that is about other interfaces. Without the multicast addresses that the underlay interface listens to: the
    group of a network that goes is no longer one of them."""
    return {key: [entry for entry in entries if not _about(entry, gone)] for key, entries in state.items()}


def _about(entry: Json, gone: set[str]) -> bool:
    return bool({entry.get("ifname"), entry.get("dev"), entry.get("master")} & gone) or str(entry.get("mac", "")).startswith(("01:00:5e:", "33:33:"))


def _sorted(state: dict[str, list[Json]]) -> dict[str, list[str]]:
    return {key: sorted(json.dumps(entry, sort_keys=True) for entry in entries) for key, entries in state.items()}
