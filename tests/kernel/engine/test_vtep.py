# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vtep module: each of its options, what it refuses, the order in which it works, and how it ends when it may not go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._apply import transaction
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.writer import Writer
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import vtep_spec
from ansible_collections.vxlan.fabric.tests.support.engine import COLLECTIONS, Result, bad, good, judged, refused, run, run_process, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import has_vlans
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

ZERO = "00:00:00:00:00:00"
MAC = "02:00:00:00:22:22"
MARK = "vxlan.fabric:dc1"


def networks(*numbers: int, **more: Any) -> dict[str, Any]:
    """A host with a bridge, an interface and a flood list for each network."""
    return {
        "fabric": "dc1",
        "purge": "managed",
        "peers": {"all": ["192.0.2.2", "192.0.2.3"]},
        "defaults": {
            "interface": {"state": "up", "local": "192.0.2.1", "learning": False, "addrgenmode": "none"},
            "bridge": {"state": "up", "mcast_snooping": False, "addrgenmode": "none"},
            "port": {"hairpin": False},
            "fdb": {"flood": ["all"], "purge": "managed"},
        },
        "interfaces": [{"name": f"vx{n}", "vni": n, "mac": f"02:00:00:00:01:{n:02x}"} for n in numbers],
        "bridges": [{"name": f"br{n}", "mac": f"02:00:00:00:02:{n:02x}", "ports": [{"name": f"vx{n}"}]} for n in numbers],
        "fdb": [{"interface": f"vx{n}"} for n in numbers],
        **more,
    }


def flood_list(ns: Namespace, name: str) -> set[str]:
    return {row["dst"] for row in ns.json("bridge", "fdb", "show", "dev", name) if row["mac"] == ZERO}


def info(ns: Namespace) -> dict[str, Any]:
    """What vtep_info says, as arguments of vtep."""
    found = good(run(ns, "vtep_info", {}))
    return {key: found[key] for key in ("interfaces", "bridges", "fdb", "vnis")}


def test_a_host_from_nothing_and_back(ns: Namespace) -> None:
    empty = ns.state()
    real = judged(ns, "vtep", networks(1, 2))
    assert real["counts"] == {"create_link": 4, "set_link": 16, "write_rows": 4}
    for n in (1, 2):
        link = ns.link(f"vx{n}")
        assert link["master"] == f"br{n}"
        assert link["ifalias"] == ns.link(f"br{n}")["ifalias"] == MARK
        assert "UP" in link["flags"]
        assert flood_list(ns, f"vx{n}") == {"192.0.2.2", "192.0.2.3"}
    unchanged(ns, "vtep", info(ns))
    gone = judged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    assert gone["counts"] == {"delete_link": 4}
    assert ns.state() == empty


@pytest.mark.parametrize("form", [json.dumps, dict])
def test_host_state_is_the_same_as_options(ns: Namespace, form: Any) -> None:
    given = networks(1, 2)
    judged(ns, "vtep", given)
    unchanged(ns, "vtep", {"purge": given.pop("purge"), "host_state": form(given)})


@pytest.mark.parametrize("count", [3, 20])
def test_both_lanes_give_the_same_host(ns: Namespace, count: int) -> None:
    """Few networks go through pyroute2, many through the packed lane: network 1 is the same."""
    judged(ns, "vtep", networks(*range(1, count + 1)))
    judged(ns, "vtep", networks(1))
    shown = ns.link("vx1"), ns.link("br1")
    assert [(link["ifalias"], link["mtu"], link["inet6_addr_gen_mode"]) for link in shown] == [(MARK, 1500, "none")] * 2
    assert len(ns.json("ip", "link", "show", "type", "vxlan")) == 1


def test_purge_takes_what_has_the_mark_and_nothing_else(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1, 2))
    ns.ip(
        "link add vx8 type vxlan id 8 dstport 4789", "link add br8 type bridge", "link add vx9 type vxlan id 9 dstport 4789",
        "link set vx9 alias vxlan.fabric:dc10", "link add p0 type ifb", "link set p0 alias vxlan.fabric:dc1", "link set vx8 alias mine",
    )  # fmt: skip
    judged(ns, "vtep", networks(2))
    names = {link["ifname"] for link in ns.json("ip", "link", "show")}
    assert {"vx8", "br8", "vx9", "p0", "vx2", "br2"} <= names
    assert not {"vx1", "br1"} & names
    unchanged(ns, "vtep", {**networks(), "purge": "none"})
    assert "vx2" in {link["ifname"] for link in ns.json("ip", "link", "show")}


def test_purge_of_many_is_one_message_and_foreign_interface_groups_stay(ns: Namespace) -> None:
    ns.ip("link add p0 type ifb", "link set p0 group 4711")
    judged(ns, "vtep", networks(*range(1, 11)))
    ns.ip("link set vx3 group 4711")
    judged(ns, "vtep", networks(5))
    assert ns.link("p0")["group"] == "4711"
    assert {link["ifname"] for link in ns.json("ip", "link", "show", "type", "vxlan")} == {"vx5"}


def test_what_stands_in_the_way_goes_first_the_rest_last(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1, 2, 3))
    given = networks(3, 4)
    given["interfaces"].append({"name": "new1", "vni": 1})
    real = judged(ns, "vtep", given)
    order = [(operation["operation"], operation["interface"]) for operation in real["operations"]]
    assert order[0] == ("delete_link", "vx1")
    created = max(position for position, (what, _name) in enumerate(order) if what == "create_link")
    assert all(order.index(("delete_link", name)) > created for name in ("vx2", "br1", "br2"))
    assert order[-3:] == [("delete_link", "vx2"), ("delete_link", "br1"), ("delete_link", "br2")]


def test_absent_entries(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1, 2))
    given = {"interfaces": [{"name": "vx1", "state": "absent"}], "bridges": [{"name": "br1", "state": "absent"}, {"name": "never", "state": "absent"}]}
    assert judged(ns, "vtep", given)["counts"] == {"delete_link": 2}
    ns.ip("link add br7 type ifb")
    refused(ns, "vtep", {"bridges": [{"name": "br7", "state": "absent"}]}, "br7", "kind 'ifb'")


def test_recreate_is_the_default_of_the_interfaces(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1, 2))
    given = networks(1, 2)
    given["defaults"]["interface"]["port"] = 4790
    refused(ns, "vtep", {**given, "recreate": "never"}, "cannot be changed on a live interface", "port 4789 -> 4790", "'recreate' is 'never'")
    given["interfaces"][0]["recreate"] = "never"
    refused(ns, "vtep", given, "vx1", "'recreate' is 'never'")
    del given["interfaces"][0]["recreate"]
    assert judged(ns, "vtep", given)["recreated"] == [{"interface": "vx1", "attributes": ["port"]}, {"interface": "vx2", "attributes": ["port"]}]
    assert flood_list(ns, "vx2") == {"192.0.2.2", "192.0.2.3"}


def test_an_alias_of_its_own_is_kept_and_told(ns: Namespace) -> None:
    given = networks(1)
    given["interfaces"][0]["alias"] = "uplink"
    real = judged(ns, "vtep", given)
    assert ns.link("vx1")["ifalias"] == "uplink"
    assert any("'uplink' and stays so" in warning for warning in real["warnings"])


def test_a_mark_that_replaces_an_alias_is_told(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1))
    real = judged(ns, "vtep", networks(1, fabric="dc2", purge="none"))
    assert ns.link("vx1")["ifalias"] == "vxlan.fabric:dc2"
    assert f"vx1: its alias {MARK!r} is replaced by the owner mark 'vxlan.fabric:dc2'" in real["warnings"]


def test_flood_lists_follow_the_peer_set(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1, 2))
    real = judged(ns, "vtep", networks(1, 2, peers={"all": ["192.0.2.3", "192.0.2.4"]}))
    assert flood_list(ns, "vx1") == flood_list(ns, "vx2") == {"192.0.2.3", "192.0.2.4"}
    kinds = [operation["operation"] for operation in real["operations"]]
    assert kinds == ["write_rows", "delete_rows"] * 2, "make before break"
    given = networks(1, peers={"a": ["192.0.2.5"], "b": ["192.0.2.6", "192.0.2.7"]})
    given["fdb"] = [{"interface": "vx1", "flood": ["a", "b"], "rows": [{"mac": MAC, "dst": "192.0.2.5"}]}]
    judged(ns, "vtep", given)
    assert flood_list(ns, "vx1") == {"192.0.2.5", "192.0.2.6", "192.0.2.7"}


def test_null_takes_a_default_away(ns: Namespace) -> None:
    given = networks(1)
    given["interfaces"][0].update(local=None, state=None)
    judged(ns, "vtep", given)
    assert "local" not in ns.link("vx1")["linkinfo"]["info_data"]
    assert "UP" not in ns.link("vx1")["flags"]


FILTER = {"name": "sv", "state": "up", "port": 4790, "external": True, "vnifilter": True, "local": "192.0.2.1", "device": "eth0"}


def vnis(ns: Namespace) -> list[tuple[int, int, str]]:
    shown = ns.json("bridge", "vni", "show", "dev", "sv")
    entries = [entry for device in shown for entry in device["vnis"]]
    return [(entry["vni"], entry.get("vniEnd", entry["vni"]), entry.get("remote", entry.get("group", ""))) for entry in entries]


def test_vni_filter_is_an_exact_set(ns: Namespace) -> None:
    first = {"interfaces": [FILTER], "vnis": {"sv": [{"vni": "100-199"}, {"vni": 300, "remote": "192.0.2.2"}]}}
    judged(ns, "vtep", first)
    assert vnis(ns) == [(100, 199, ""), (300, 300, "192.0.2.2")]
    unchanged(ns, "vtep", info(ns))
    real = judged(ns, "vtep", {"vnis": {"sv": [{"vni": "100-150"}, {"vni": "160", "group": "239.1.1.1"}, {"vni": 300, "remote": "192.0.2.3"}]}})
    assert vnis(ns) == [(100, 150, ""), (160, 160, "239.1.1.1"), (300, 300, "192.0.2.3")]
    assert {row["dst"] for row in ns.json("bridge", "fdb", "show", "dev", "sv") if row.get("src_vni") == 300} == {"192.0.2.3"}
    assert real["diff"]["after"]["vnis"]["sv"][0] == {"vni": "100-150"}
    judged(ns, "vtep", {"vnis": {"sv": [{"vni": 300}]}})
    assert vnis(ns) == [(300, 300, "")]
    judged(ns, "vtep", {"vnis": {"sv": []}})
    assert vnis(ns) == []


def test_vni_filter_mistakes(ns: Namespace) -> None:
    good(run(ns, "vtep", {"interfaces": [{**FILTER, "device": "none"}, {"name": "vx1", "vni": 1, "state": "up"}]}))
    refused(ns, "vtep", {"vnis": {"vx1": [{"vni": 5}]}}, "vx1 has no VNI filter", "vnifilter: true")
    refused(ns, "vtep", {"vnis": {"sv": [{"vni": 5, "group": "239.1.1.1"}]}}, "vnis.sv", "needs 'device'")
    refused(ns, "vtep", {"vnis": {"sv": [{"vni": "5-9"}, {"vni": 7}]}}, "VNI 7 is in two entries")
    refused(ns, "vtep", {"vnis": {"sv": [{"vni": "9-5"}, {"vni": 0}, {"vni": 1, "remote": "239.1.1.1"}]}}, "'9-5'", "'0'", "vnis.sv[2].remote", "multicast")
    refused(ns, "vtep", {"vnis": {"none": [{"vni": 5}]}}, "there is no interface 'none'")


def test_flood_lists_of_the_vnis_of_one_interface(ns: Namespace) -> None:
    def lists() -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for row in ns.json("bridge", "fdb", "show", "dev", "sv"):
            if row["mac"] == ZERO:
                found.setdefault(row["src_vni"], set()).add(row["dst"])
        return found

    given = {"interfaces": [FILTER], "vnis": {"sv": [{"vni": "100-103"}]}, "peers": {"a": ["192.0.2.2", "192.0.2.3"], "b": ["192.0.2.4"]}}
    floods = [{"src_vni": "100-102", "flood": ["a"]}, {"src_vni": 103, "flood": ["a", "b"]}]
    judged(ns, "vtep", {**given, "fdb": [{"interface": "sv", "floods": floods, "purge": "managed"}], "fabric": "dc1"})
    three = {"192.0.2.2", "192.0.2.3", "192.0.2.4"}
    assert lists() == {**{vni: {"192.0.2.2", "192.0.2.3"} for vni in (100, 101, 102)}, 103: three}
    judged(ns, "vtep", {**given, "fdb": [{"interface": "sv", "floods": [{"src_vni": "101", "flood": ["b"]}], "purge": "managed"}], "fabric": "dc1"})
    assert lists() == {101: {"192.0.2.4"}}
    wrong = [{"src_vni": "0-3", "flood": ["a"]}, {"src_vni": 5, "flood": ["c"]}, {"flood": ["a"]}]
    refused(
        ns,
        "vtep",
        {**given, "fdb": [{"interface": "sv", "floods": wrong}]},
        *("fdb[0].floods[0].src_vni: '0-3'", "fdb[0].floods[1].flood: there is no peer set 'c'", "fdb[0].floods[2].src_vni: is required"),
    )


def test_the_row_of_a_destination_of_the_filter_is_not_purged(ns: Namespace) -> None:
    """The kernel makes it with the entry of the filter, and no purge of rows takes it away."""
    filtered = {"sv": [{"vni": 100}, {"vni": 160, "group": "239.1.1.1"}]}
    given = {"fabric": "dc1", "interfaces": [FILTER], "vnis": filtered, "peers": {"a": ["192.0.2.2"]}}
    rows = {"fdb": [{"interface": "sv", "floods": [{"src_vni": 100, "flood": ["a"]}], "purge": "managed"}]}

    def shown() -> set[tuple[int, str]]:
        return {(row["src_vni"], row["dst"]) for row in ns.json("bridge", "fdb", "show", "dev", "sv") if row["mac"] == ZERO}

    judged(ns, "vtep", {**given, **rows})
    assert shown() == {(100, "192.0.2.2"), (160, "239.1.1.1")}
    unchanged(ns, "vtep", {"peers": given["peers"], **rows})
    judged(ns, "vtep", {**given, "fdb": [{"interface": "sv", "rows": [], "purge": "static"}]})
    assert shown() == {(160, "239.1.1.1")}


def test_report_objects_and_rows_limit_the_report_and_nothing_else(ns: Namespace) -> None:
    short = good(run(ns, "vtep", {**networks(1, 2, 3), "report_objects": 2, "report_rows": 3}))
    assert len(short["operations"]) == 2
    assert [entry["name"] for entry in short["after"]["interfaces"]] == ["vx1", "vx2"]
    assert len(short["after"]["bridges"]) == 2
    assert sum(len(entry["rows"]) for entry in short["after"]["fdb"]) == 3
    assert short["counts"]["create_link"] == 6
    rows = [line for line in short["commands"] if line.startswith("bridge fdb")]
    assert len(rows) == 3
    assert "# and 1 more rows of vx2" in short["commands"]
    assert len([line for line in short["commands"] if line.startswith("ip link add")]) == 6


MISTAKES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "all at once": (
        {
            "interfaces": [{"name": "v1", "vni": 0, "lerning": True}, {"name": "x" * 16, "vni": 2}, {"vni": 3}, "v4"],
            "bridges": [{"name": "b", "ports": [{"name": "p", "floood": True}, {}]}],
            "fdb": [{"interface": "v1", "flood": ["nobody"], "rows": [{"mac": "1"}, {"dst": "192.0.2.1"}]}],
            "peers": {"all": ["192.0.2.256"], "one": "192.0.2.1"},
            "defaults": {"interfaces": {}, "port": {"lurning": False}},
        },
        (
            "interfaces[0].vni: 0 is not within", "interfaces[0].lerning: unknown option; did you mean 'learning'?", "interfaces[1].name: 'xxxxxxxxxxxxxxxx'",
            "interfaces[2].name: is required", "interfaces[3]: options and their values", "bridges[0].ports[0].floood", "bridges[0].ports[1].name: is required",
            "fdb[0].flood: there is no peer set 'nobody'", "fdb[0].rows[0].mac: '1'", "fdb[0].rows[1].mac: is required", "peers.all[0]: '192.0.2.256'",
            "peers.one: a list", "defaults.interfaces", "defaults.port.lurning",
        ),
    ),
    "type": ({"interfaces": [{"name": "v", "vni": "many"}]}, ("interfaces[0].vni: a number is expected, not 'many'",)),
    "choice": ({"interfaces": [{"name": "v", "vni": 1, "state": "running"}]}, ("interfaces[0].state: 'running' is none of present, up, down, absent",)),
    "alias and name": ({"interfaces": [{"name": "v", "vni": 1, "id": 2}]}, ("interfaces[0].id: vni is given twice",)),
    "twice": ({"interfaces": [{"name": "v", "vni": 1}, {"name": "v", "vni": 2}]}, ("v is listed twice",)),
    "as both": ({"interfaces": [{"name": "v", "vni": 1}], "bridges": [{"name": "v"}]}, ("v is listed twice",)),
    "rows twice": ({"fdb": [{"interface": "v"}, {"interface": "v"}]}, ("fdb: v is listed twice",)),
    "two masters": (
        {"interfaces": [{"name": "v", "vni": 1, "master": "b1"}], "bridges": [{"name": "b1"}, {"name": "b2", "ports": [{"name": "v"}]}]},
        ("b2 lists v as a port, whose master is b1",),
    ),
    "purge of what": ({"purge": "managed"}, ("purge: 'managed' needs 'fabric'",)),
    "a line break in the mark": ({"fabric": "dc\n1", "interfaces": [{"name": "v", "vni": 1}]}, ("fabric: control characters",)),
    "no JSON": ({"host_state": "{"}, ("host_state: not JSON",)),
    "not an object": ({"host_state": "[]"}, ("host_state: a JSON object",)),
    "unknown key": ({"host_state": '{"interfces": []}'}, ("host_state.interfces: unknown option; did you mean 'interfaces'?",)),
    "beside it": ({"host_state": '{"fabric": "a"}', "fabric": "b"}, ("host_state: fabric cannot be given beside it",)),
    "rows of nothing": ({"fdb": [{"interface": "nowhere", "rows": [{"mac": MAC, "dst": "192.0.2.2"}]}]}, ("there is no interface 'nowhere'",)),
    "row that cannot be absent": (
        {
            "interfaces": [{"name": "v", "vni": 1, "remote": "192.0.2.2"}],
            "fdb": [{"interface": "v", "state": "absent", "rows": [{"mac": ZERO, "dst": "192.0.2.2"}]}],
        },
        ("of v the row to 192.0.2.2 is to be absent",),
    ),
    "a loop": (
        {"interfaces": [{"name": "v1", "vni": 1, "master": "b"}, {"name": "v2", "vni": 1, "port": 4790, "master": "b"}], "bridges": [{"name": "b"}]},
        ("b already has v1 as a port, of the same VNI 1",),
    ),
    "VNI twice": ({"interfaces": [{"name": "v1", "vni": 1}, {"name": "v2", "vni": 1}]}, ("VNI 1 with port 4789 is held by interface 'v1'",)),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_with_their_path_before_anything_changes(ns: Namespace, name: str) -> None:
    given, words = MISTAKES[name]
    # As one text, so that everything is validated here; what is about the module itself cannot be in it.
    own = {key: given[key] for key in ("purge", "host_state") if key in given}
    refused(ns, "vtep", given if own else {"host_state": json.dumps(given)}, *words)


def test_a_failing_network_leaves_the_others_as_they_were(ns: Namespace) -> None:
    """The UDP port of the last one is taken: everything of the run goes back, what was there before stays."""
    judged(ns, "vtep", networks(1))
    before = ns.state()
    script = "import socket,time; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('',4799)); print(1,flush=True); time.sleep(60)"
    taken = subprocess.Popen(["ip", "netns", "exec", ns.name, sys.executable, "-c", script], stdout=subprocess.PIPE)
    try:
        assert taken.stdout is not None
        taken.stdout.readline()
        given = networks(1, 2, 3)
        given["interfaces"][2]["port"] = 4799
        text = bad(run(ns, "vtep", given))
    finally:
        taken.kill()
        taken.wait()
    assert "UDP port 4799 is held by process" in text
    assert ns.state() == before


def slow(seconds: float) -> Any:
    """A kernel that takes its time for every batch."""

    def patch() -> None:
        writer._BATCH = 0  # one operation at a time, in the packed lane as well
        write = Writer.write_batch

        def slowly(self: Writer, operations: Any) -> None:
            write(self, operations)
            time.sleep(seconds)

        setattr(Writer, "write_batch", slowly)  # noqa: B010 - a method, as far as mypy knows

    return patch


def test_timeout_undoes_what_was_done(ns: Namespace) -> None:
    judged(ns, "vtep", networks(1))
    before = ns.state()
    text = bad(run(ns, "vtep", {**networks(1, 2), "timeout": 0.3}, patch=slow(0.1)))
    assert "ended by its time limit of 0.3 s ('timeout')" in text
    assert ns.state() == before
    good(run(ns, "vtep", {**networks(1, 2), "timeout": 60}))


def interrupted(number: signal.Signals, *batches: int) -> Any:
    """The signal comes at these batches of writes, counted from 1; those of undoing count on."""

    def patch() -> None:
        writer._BATCH = 0  # one operation at a time, in the packed lane as well
        write = Writer.write_batch
        count = 0

        def writing(self: Writer, operations: Any) -> None:
            nonlocal count
            count += 1
            if count in batches:
                os.kill(os.getpid(), number)
            write(self, operations)

        setattr(Writer, "write_batch", writing)  # noqa: B010 - a method, as far as mypy knows

    return patch


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_undo_what_was_done(ns: Namespace, number: signal.Signals) -> None:
    """The second time it comes while it is being undone."""
    judged(ns, "vtep", networks(1))
    before = ns.state()
    text = bad(run(ns, "vtep", networks(1, 2), patch=interrupted(number, 5, 7)))
    assert f"ended by signal {number.name}" in text
    assert ns.state() == before


def test_sigterm_to_a_real_process(ns: Namespace, tmp_path: Path) -> None:
    """As Ansible runs it: a process of its own. It answers with JSON, and the host is as before."""
    before = ns.state()
    numbers = range(1, 121)
    file = tmp_path / "arguments.json"
    given = {**networks(*numbers), "netns": ns.name}
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**given, "_ansible_remote_tmp": str(tmp_path)}}), encoding="utf-8")
    words = [sys.executable, "-m", "ansible_collections.vxlan.fabric.plugins.modules.vtep", str(file)]
    started = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(COLLECTIONS)})
    end = time.monotonic() + 30
    while time.monotonic() < end and started.poll() is None and len(ns.json("ip", "link", "show", "type", "bridge")) < 5:
        time.sleep(0.002)
    started.send_signal(signal.SIGTERM)
    answer: Result = json.loads(started.communicate(timeout=60)[0])
    if answer.get("failed"):
        assert "ended by signal SIGTERM" in answer["msg"]
        assert ns.state() == before
    else:  # it had been quicker
        unchanged(ns, "vtep", networks(*numbers))


def test_a_lock_that_is_held_is_waited_for_and_then_told(ns: Namespace, tmp_path: Path) -> None:
    holder = tmp_path / "holder.py"
    holder.write_text(
        "import sys\n"
        "from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import enter_namespace, namespace_lock\n"
        "enter_namespace(sys.argv[1])\n"
        "with namespace_lock(5):\n    print(1, flush=True)\n    sys.stdin.readline()\n"
    )
    held = subprocess.Popen(
        [sys.executable, str(holder), ns.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    )
    assert held.stdout is not None
    held.stdout.readline()
    try:
        assert "another run has been working" in bad(run(ns, "vtep", {**networks(1), "lock_timeout": 0.2}))
        assert "ended by its time limit" in bad(run(ns, "vtep", {**networks(1), "timeout": 0.2}))
        good(run(ns, "vtep", networks(1), check=True))
    finally:
        held.communicate(b"\n")
    good(run(ns, "vtep", {**networks(1), "lock_timeout": 0.2}))


def test_a_killed_re_creation_is_completed_by_the_next_run(ns: Namespace) -> None:
    """What hung on the interface and is in nobody's arguments comes back, though its run was killed after the removal."""
    given = networks(1)
    del given["defaults"]["fdb"]["purge"]
    good(run(ns, "vtep", given))
    ns.ip("address add 10.0.0.1/24 dev vx1", "link set vx1 type bridge_slave cost 55")
    ns.sh(f"bridge fdb add {MAC} dev vx1 dst 192.0.2.77")
    given["interfaces"][0]["port"] = 4790

    def patch() -> None:
        writer._BATCH = 0  # one operation at a time, in the packed lane as well
        write = Writer.write_batch

        def killed(self: Writer, operations: Any) -> None:
            write(self, operations)
            if isinstance(operations[0], ops.DeleteLink):
                os.kill(os.getpid(), signal.SIGKILL)

        setattr(Writer, "write_batch", killed)  # noqa: B010

    with pytest.raises(EOFError):
        run(ns, "vtep", given, patch=patch)
    assert "vx1" not in {link["ifname"] for link in ns.json("ip", "link", "show")}
    ns.ip("link add vx1 type vxlan id 9 dstport 4999")
    assert "would complete it first" in bad(run(ns, "vtep", {"interfaces": [{"name": "vx1", "external": True, "gpe": True}]}, check=True))
    ns.ip("link delete vx1")
    assert any("would complete it first" in warning for warning in good(run(ns, "vtep", given, check=True))["warnings"])
    healed = good(run(ns, "vtep", given))
    assert any("an earlier run was killed here" in warning for warning in healed["warnings"])
    assert healed["changed"] is True
    link = ns.link("vx1")
    assert link["linkinfo"]["info_data"]["port"] == 4790
    assert link["linkinfo"]["info_slave_data"]["cost"] == 55
    assert {row["dst"] for row in ns.json("bridge", "fdb", "show", "dev", "vx1") if row["mac"] == MAC} == {"192.0.2.77"}
    assert [a["local"] for entry in ns.json("ip", "address", "show", "dev", "vx1") for a in entry["addr_info"]] == ["10.0.0.1"]
    assert not good(run(ns, "vtep", given)).get("warnings")


def test_undo_that_meets_an_error_goes_on(ns: Namespace) -> None:
    """One step of undoing is refused: the others are done, and what is left behind is told."""

    def patch() -> None:
        send = transaction._write_again

        def refusing(used: Any, batch: Any) -> None:
            if any(isinstance(operation, ops.DeleteLink) and operation.name == "br2" for operation in batch):
                raise RuntimeError("no")
            send(used, batch)

        setattr(transaction, "_write_again", refusing)  # noqa: B010 - private, as far as mypy knows

    def both() -> None:
        patch()
        interrupted(signal.SIGTERM, 9)()

    text = bad(run(ns, "vtep", networks(1, 2), patch=both))
    assert "Putting things back was incomplete" in text
    assert "br2 is still there" in text
    assert {link["ifname"] for link in ns.json("ip", "link", "show", "type", "bridge")} == {"br2"}


TESTED_ELSEWHERE = {"netns", "vlan_interfaces", "vrfs"}  # by every test, and in test_gateway
TESTED_HERE = {
    "fabric", "interfaces", "bridges", "fdb", "vnis", "peers", "defaults", "host_state", "purge", "recreate", "removals", "report_objects",
    "report_rows", "timeout", "lock_timeout",
}  # fmt: skip


def test_every_option_has_a_test() -> None:
    assert set(vtep_spec()) == TESTED_HERE | TESTED_ELSEWHERE


def test_as_a_process_without_pyroute2_when_nothing_changes(ns: Namespace, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked" / "pyroute2"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ImportError('pyroute2 is not to be imported')\n")
    good(run(ns, "vtep", networks(1)))
    assert good(run_process(ns, "vtep", networks(1), tmp_path, path=(blocked.parent,)))["changed"] is False
    text = bad(
        run_process(
            ns, "vtep", {**networks(1), "fabric": "dc2", "purge": "none", "interfaces": [{"name": "vx1", "mtu": 1400}]}, tmp_path, path=(blocked.parent,)
        )
    )
    assert "pyroute2" in text


def _smaller() -> dict[str, Any]:
    """Network 20 and VTEP 192.0.2.3 have gone, VTEP 192.0.2.4 and network 30 have come; vx10 is to have no neighbours any more."""
    wanted = networks(10, 30, peers={"all": ["192.0.2.2", "192.0.2.4"]}, removals="later")
    wanted["interfaces"][0]["neighbours"] = []
    return wanted


def _larger() -> dict[str, Any]:
    wanted = networks(10, 20)
    wanted["interfaces"][0]["neighbours"] = [{"address": "10.0.0.2", "mac": MAC}]
    wanted["fdb"][0]["rows"] = [{"mac": MAC, "dst": "192.0.2.3"}]
    return wanted


def test_removals_wait_and_are_counted(ns: Namespace) -> None:
    good(run(ns, "vtep", _larger()))
    predicted = good(run(ns, "vtep", _smaller(), check=True))
    found = good(run(ns, "vtep", _smaller()))
    assert predicted["commands"] == found["commands"]
    assert predicted["deferred"] > 0
    assert not any(" del" in command for command in found["commands"])
    assert found["deferred"] > 0
    assert ns.has("vx20")
    assert ns.has("vx30")
    assert flood_list(ns, "vx10") == {"192.0.2.2", "192.0.2.3", "192.0.2.4"}
    assert ns.destinations("vx10", MAC) == ["192.0.2.3"]
    assert [entry["dst"] for entry in ns.json("ip", "neigh", "show", "dev", "vx10")] == ["10.0.0.2"]
    again = good(run(ns, "vtep", _smaller()))
    assert (again["changed"], again["deferred"]) == (False, found["deferred"])


def test_what_waited_goes_in_the_next_run(ns: Namespace) -> None:
    good(run(ns, "vtep", _larger()))
    good(run(ns, "vtep", _smaller()))
    last = good(run(ns, "vtep", {**_smaller(), "removals": "now"}))
    assert (last["changed"], last["deferred"]) == (True, 0)
    assert not ns.has("vx20")
    assert not ns.has("br20")
    assert flood_list(ns, "vx10") == {"192.0.2.2", "192.0.2.4"}
    assert ns.destinations("vx10", MAC) == []
    assert ns.json("ip", "neigh", "show", "dev", "vx10") == []
    unchanged(ns, "vtep", _smaller())


def test_a_run_that_has_nothing_to_remove_has_nothing_left(ns: Namespace) -> None:
    found = good(run(ns, "vtep", networks(10, removals="later")))
    assert (found["changed"], found["deferred"]) == (True, 0)
    assert unchanged(ns, "vtep", networks(10, removals="later"))["deferred"] == 0


@pytest.mark.skipif(has_vlans(), reason="the kernel has VLANs of bridges")
def test_vlans_where_the_kernel_has_none(ns: Namespace) -> None:
    """Whether there is a bridge that could tell, or none yet."""
    wanted = {"name": "br0", "vlans": [{"vlan": 5}]}
    refused(ns, "bridge", wanted, "CONFIG_BRIDGE_VLAN_FILTERING", "br0", check=False)
    ns.ip("link add br0 type bridge", "link add p0 master br0 type veth peer name q0")
    refused(ns, "bridge", wanted, "CONFIG_BRIDGE_VLAN_FILTERING", "br0")
    refused(ns, "bridge", {"name": "br0", "ports": [{"name": "p0", "tunnels": [{"vlan": 1, "vni": 5}]}]}, "CONFIG_BRIDGE_VLAN_FILTERING", "p0")
    assert "vlans" not in good(run(ns, "vtep_info", {}))["bridges"][0]


def test_what_stands_in_the_way_goes_although_removals_are_later(ns: Namespace) -> None:
    """One interface for all VNIs in place of one for each: both want the UDP port. And an address that moves from one bridge to another."""
    old = networks(1, 2)
    old["bridges"][0]["addresses"] = ["10.0.9.1/24"]
    good(run(ns, "vtep", old))
    new = {
        "fabric": "dc1",
        "purge": "managed",
        "interfaces": [{"name": "sv", "state": "up", "port": 4789, "external": True, "vnifilter": True, "local": "192.0.2.1"}],
        "bridges": [{"name": "brs", "state": "up", "addresses": ["10.0.9.1/24"], "ports": [{"name": "sv"}]}],
    }
    later = judged(ns, "vtep", {**new, "removals": "later"})
    names = {link["ifname"] for link in ns.json("ip", "link", "show")}
    assert {"sv", "brs", "br2"} <= names, "what stands in nobody's way stays"
    assert not {"vx1", "vx2", "br1"} & names
    assert later["deferred"] == 1
    judged(ns, "vtep", new)
    assert {link["ifname"] for link in ns.json("ip", "link", "show", "type", "bridge")} == {"brs"}
