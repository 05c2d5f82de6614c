# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify makes of what it found: state against inventory, drift, report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.assemble import Settings, make_reports
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.compare import compare_state
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.drift import list_drift, reason_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.findings import Batch
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.goal import make_goal
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import make_report
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.texts import report_markdown, report_text
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states, networks_of_links
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import markdown_table, text_table
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import ZERO, small
from ansible_collections.vxlan.fabric.tests.unit.fabric.simulated import as_found

State = dict[str, Any]


NETWORKS = networks_of_links(small().parse())
VNIS = {network.vni: network.name for network in small().parse().networks.values()}


def _state(host: str = "hv2") -> State:
    return expand(host_states(small().parse(), [host])[host])


def test_a_host_that_is_as_wanted_has_no_problem() -> None:
    state = _state()
    compared = compare_state(state, VNIS, as_found(state))
    assert compared["problems"] == []
    lines = {line["network"]: line for line in compared["networks"]}
    assert lines["blue"] == {
        "network": "blue",
        "vni": 100,
        "interface": "vx100 up",
        "flooding": "2 of 2",
        "machines": "1 of 1",
        "ports": "1 of 1",
        "ok": True,
        "also": "",
    }
    assert (lines["red"]["flooding"], lines["line"]["flooding"], lines["line"]["ports"]) == ("239.0.0.1", "192.0.2.3", "-")


def _drop_row(found: State) -> None:
    del found["fdb"][0]["rows"][0]


def _move_machine(found: State) -> None:
    found["fdb"][0]["rows"][2]["dst"] = "192.0.2.3"


def _add_rows(found: State) -> None:
    found["fdb"][0]["rows"] += [
        {"mac": ZERO, "dst": "192.0.2.77", "table": "self", "owner": "managed"},
        {"mac": "02:00:00:00:00:99", "dst": "192.0.2.77", "table": "self", "owner": "managed"},
        {"mac": "02:00:00:00:00:98", "dst": "192.0.2.77", "table": "self", "owner": "learned"},
    ]


SPOILT: dict[str, tuple[Callable[[State], Any], list[str]]] = {
    "down": (lambda found: found["interfaces"][0].update(state="down"), ["blue: vx100: state is down, not up"]),
    "learning": (lambda found: found["interfaces"][0].update(learning=False), ["blue: vx100: learning is off, not on"]),
    "remote": (lambda found: found["interfaces"][0].update(remote="192.0.2.9"), ["blue: vx100: remote is 192.0.2.9, not none"]),
    "address on the bridge": (lambda found: found["bridges"][0].update(addresses=["10.0.0.9/24"]), ["blue: br100: addresses is 10.0.0.9/24, not none"]),
    "interface gone": (lambda found: found["interfaces"].pop(0), ["blue: vx100 does not exist"]),
    "bridge gone": (lambda found: found["bridges"].pop(0), ["blue: br100 does not exist"]),
    "port elsewhere": (lambda found: found["bridges"][0]["ports"].pop(), ["blue: tap0 is not in bridge br100"]),
    "flood list": (_drop_row, ["blue: vx100: floods not to 192.0.2.1"]),
    "default destination": (lambda found: found["fdb"][2]["rows"].pop(), ["red: vx200: floods not to 239.0.0.1"]),
    "machine elsewhere": (_move_machine, ["blue: vx100: 02:00:00:00:00:01 is behind 192.0.2.3, not 192.0.2.1"]),
    "more rows": (
        _add_rows,
        ["blue: vx100: floods to 192.0.2.77 as well", "blue: vx100: 02:00:00:00:00:99 is fixed behind 192.0.2.77, the inventory does not know it"],
    ),
    "network removed": (lambda found: found["owners"].update(vx7="t"), ["vx7 carries the mark vxlan.fabric:t, and the inventory has it no more"]),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_differs_is_named(name: str) -> None:
    state = _state()
    found = as_found(state)
    spoil, expected = SPOILT[name]
    spoil(found)
    assert compare_state(state, VNIS, found)["problems"] == expected


def test_a_port_that_the_inventory_does_not_know_is_a_note() -> None:
    state = _state()
    found = as_found(state)
    found["bridges"][0]["ports"].append({"name": "vnet7"})
    compared = compare_state(state, VNIS, found)
    assert compared["problems"] == []
    assert compared["networks"][0]["also"] == "also in br100: vnet7"


CHANGED = {
    "changed": True,
    "operations": [
        {"operation": "set_attributes", "interface": "vx100", "commands": ["ip link set vx100 type vxlan learning"]},
        {"operation": "delete_link", "interface": "vx7", "commands": ["ip link delete vx7"]},
        {"operation": "set_link", "interface": "vx100", "commands": ["ip link set vx100 up"]},
    ],
    "commands": ["ip link set vx100 type vxlan learning", "ip link delete vx7", "ip link set vx100 up"],
    "recreated": [{"interface": "vx100", "attributes": ["port"]}],
}


def test_drift_is_listed_by_object_with_its_commands() -> None:
    assert list_drift(CHANGED, NETWORKS) == {
        "drift": [
            {
                "network": "blue",
                "object": "vx100",
                "commands": ["ip link set vx100 type vxlan learning", "ip link set vx100 up"],
                "recreated": ["port"],
            },
            {"network": "", "object": "vx7", "commands": ["ip link delete vx7"], "recreated": []},
        ],
        "commands": CHANGED["commands"],
    }
    assert list_drift({"skipped": True}, NETWORKS) == {"drift": [], "commands": []}


def test_a_host_that_failed_says_why() -> None:
    assert reason_of({"changed": False}, {"failed": True, "msg": "VNI 100 is taken"}) == "VNI 100 is taken"
    assert reason_of({"unreachable": True, "msg": "no route"}, {"skipped": True}) == "no route"
    assert reason_of({"failed": True}) == "failed without a message"
    assert reason_of({"changed": False}, CHANGED) == ""


def _registered(host: str, **result: Any) -> State:
    return {"verify_state": as_found(_state(host)), "vtep_result": {"changed": False, "operations": [], "commands": [], **result}}


def _report(hostvars: dict[str, State], hosts: list[str], batch: Batch, policy: str = "auto") -> State:
    """Of the only fabric; it is left in the variables of the batch, as by set_fact."""
    inventory = small()
    inventory.groups["switches"].append("spine1")
    reports = make_reports(hostvars, make_goal({"t": inventory.parse()}, hosts, 100), batch, {}, Settings(data_plane=policy))
    for host in batch.now:
        hostvars[host]["verify_report"] = reports
    found: State = reports["fabrics"]["t"]
    assert (reports["ok"], reports["summary"]) == (found["ok"], found["summary"])
    return found


def test_access_ports_are_of_the_network_of_their_bridge() -> None:
    operation = {"operation": "set_link", "interface": "tap0", "commands": ["ip link set tap0 master br100"]}
    batch = Batch(["hv2"], ["hv2"], ["hv2"])
    (found,) = _report({"hv2": _registered("hv2", operations=[operation])}, ["hv2"], batch)["hosts"]
    assert [(entry["network"], entry["object"]) for entry in found["drift"]] == [("blue", "tap0")]
    assert found["problems"] == []


def test_a_report_of_batches_holds_what_the_batches_beforeas_found() -> None:
    every = ["hv1", "hv2", "leaf1", "spine1"]
    hostvars: dict[str, State] = {host: {} for host in every}
    for now, active, waiting, errors in (
        (["hv1"], every, ["hv2", "leaf1", "spine1"], []),
        # hv2 failed before its turn came to this role, and leaf1 does not answer.
        (["leaf1"], ["hv1", "leaf1", "spine1"], ["spine1"], ["hv2", "leaf1"]),
        (["spine1"], ["hv1", "leaf1", "spine1"], [], ["hv2", "leaf1"]),
    ):
        batch = Batch(now, active, every)
        for host in now:
            hostvars[host].update(_registered(host) if host != "leaf1" else {"verify_state": {"unreachable": True, "msg": "no route"}})
        report = _report(hostvars, now, batch, "required")
        assert report["waiting"] == waiting
        assert ("still to come: " + ", ".join(waiting) in report["summary"]) == bool(waiting)
        assert [host["host"] for host in report["hosts"]] == every[: every.index(now[-1]) + 1]
        assert [host["host"] for host in report["hosts"] if host["error"]] == errors
        assert [line["network"] for line in report["hosts"][0]["networks"]] == ["blue", "red", "six"]
        # The data plane is judged at the end.
        assert report["data_plane"]["ok"] == bool(waiting)


def test_hosts_that_failed_at_the_end_are_reported_with_the_last_batch() -> None:
    hostvars = {"hv1": _registered("hv1"), "hv2": {}}
    found = _report(hostvars, ["hv1"], Batch(["hv1"], ["hv1"], ["hv1", "hv2"]))["hosts"]
    assert [(host["host"], bool(host["error"])) for host in found] == [("hv1", False), ("hv2", True)]


def _pair(source: str, target: str, result: str, expected: str = "pass") -> State:
    row = {"source": source, "target": target, "source_network": source[:-1], "target_network": target[:-1], "detail": "why"}
    return {**row, "result": result, "expected": expected, "ok": result == expected}


PROBE: State = {
    "ok": True,
    "matrix": [_pair("blue1", "blue2", "pass"), _pair("blue1", "red1", "blocked", "blocked")],
    "networks": [{"network": "blue", "pairs": 1, "passed": 1}],
    "isolation": {"pairs": 1, "blocked": 1},
    "missing": [],
}
MISSING: State = {**PROBE, "ok": False, "matrix": [_pair("blue1", "blue2", "unreachable")], "missing": [{"name": "blue1"}, {"name": "blue2"}]}
FINE: State = {"drift": [], "commands": [], "error": "", **compare_state(_state(), VNIS, as_found(_state()))}


def test_a_fabric_that_is_as_wanted() -> None:
    report = make_report("t", {"hv2": FINE}, PROBE, "auto")
    assert report["ok"]
    assert report["summary"] == "blue: 1 of 1 pairs pass; isolation: 1 of 1 blocked; drift: none"
    lines = report_text(report)
    assert lines[0] == "Fabric t is as its inventory says."
    assert "blue     100  hv2   vx100 up   2 of 2     1 of 1    1 of 1" in lines
    assert all(line.isascii() for line in lines)
    page = report_markdown(report)
    assert "| blue | 100 | hv2 | vx100 up | 2 of 2 | 1 of 1 | 1 of 1 |" in page
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_reports_do_not_depend_on_the_order_of_hosts() -> None:
    one, two = (make_report("t", dict.fromkeys(hosts, FINE), PROBE, "auto") for hosts in (["b", "a"], ["a", "b"]))
    assert report_markdown(one) == report_markdown(two)
    assert one == two


@pytest.mark.parametrize(
    ("host", "probe", "part"),
    [
        ({**FINE, **list_drift(CHANGED, NETWORKS)}, PROBE, "drift: hv2"),
        ({**FINE, "problems": ["blue: tap0 is not in bridge br100"]}, PROBE, "state differs on hv2"),
        ({**FINE, "error": "no route"}, PROBE, "not known: hv2"),
        (None, PROBE, "not known: hv2"),
        (FINE, {**PROBE, "ok": False, "matrix": [_pair("blue1", "red1", "breach", "blocked")]}, "drift: none"),
        (
            FINE,
            {**PROBE, "ok": False, "matrix": [*PROBE["matrix"], *MISSING["matrix"]], "missing": MISSING["missing"]},
            "unreachable from this machine: 2 endpoints",
        ),
    ],
)
def test_anything_else_is_not_fine(host: State | None, probe: State, part: str) -> None:
    report = make_report("t", {"hv2": host}, probe, "auto")
    assert not report["ok"]
    assert part in report["summary"]
    lines = report_text(report)
    assert lines[0] == "Fabric t IS NOT AS ITS INVENTORY SAYS."
    assert any(line in ("Found:", "Deploy would run on hv2:") for line in lines)
    assert "IS NOT" in report_markdown(report)


@pytest.mark.parametrize(
    ("probe", "policy", "ok", "part"),
    [
        (MISSING, "auto", True, "data plane: not tested (none of the 2 endpoints is a namespace of this machine; they are on the twin)"),
        (MISSING, "required", False, "data plane: not tested"),
        ({}, "never", True, "data plane: not tested (verify_data_plane is never)"),
        ({}, "auto", True, "data plane: not tested (the inventory has fewer than two endpoints)"),
        ({**PROBE, "ok": False, "matrix": [_pair("blue1", "blue2", "not_tested")]}, "auto", True, "data plane: not tested (check mode sends nothing)"),
        ({"failed": True, "msg": "no ping"}, "auto", False, "data plane: not tested (no ping)"),
    ],
)
def test_what_was_not_tested_is_said(probe: State, policy: str, ok: bool, part: str) -> None:
    report = make_report("t", {"hv2": FINE}, probe, policy)
    assert report["ok"] is ok
    assert part in report["summary"]
    assert "## Not tested" in report_markdown(report)


def test_tables() -> None:
    assert text_table(["a", "long"], [("wide cell", 1)]) == ["a          long", "---------  ----", "wide cell  1"]
    assert markdown_table(["a"], [("x|y",)]) == ["| a |", "| --- |", "| x\\|y |"]
