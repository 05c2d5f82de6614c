# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host on which the modules and other people work in turns, as a state machine. Every transition keeps what is promised:

- what a check says is what the run then does, and the check changes nothing;
- a second run finds nothing to do and writes nothing;
- a run that fails leaves everything as it was, whichever write was refused;
- what vtep_info says can be given back, and brings a drifted host back to what it was;
- interfaces and rows of others stay, byte for byte.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ansible_collections.vxlan.fabric.tests.support import drift
from ansible_collections.vxlan.fabric.tests.support.engine import PREDICTED, Result
from ansible_collections.vxlan.fabric.tests.support.namespaces import CommandError, Json, namespace
from ansible_collections.vxlan.fabric.tests.support.snapshot import Snapshot
from ansible_collections.vxlan.fabric.tests.support.strategies import Step, bridges, fitted, interfaces, tables
from ansible_collections.vxlan.fabric.tests.support.worker import Worker

State = dict[str, list[Json]]
SCENE = (
    "link add br0 address 02:00:00:00:b0:01 type bridge",
    "link add br1 address 02:00:00:00:b1:01 type bridge",
    "link add p0 address 02:00:00:00:c0:01 type ifb",
)
OURS = ("vx0", "vx1", "br0", "br1", "p0")
# What cannot be had, and a word of the refusal. fx0, fp0 and fbr0 are others'. A check takes what is not there as made by an earlier task.
IMPOSSIBLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    (
        "interface",
        {"name": "vx0", "external": False, "vnifilter": False, "vni": 9000, "port": 4799, "remote": "192.0.2.2", "local": "192.0.2.1", "alias": "x"},
        "fx0",
    ),
    ("interface", {"name": "vx5", "vni": 5, "port": 4795, "remote": "192.0.2.2", "master": "br9"}, "br9"),
    ("interface", {"name": "fp0", "vni": 5, "port": 4795, "remote": "192.0.2.2"}, "fp0"),
    ("interface", {"name": "vx5", "vni": 5, "port": 4795, "remote": "192.0.2.2", "device": "eth0", "mtu": "60000"}, "mtu"),
    ("interface", {"name": "vx5", "vni": 5, "port": 4795, "remote": "192.0.2.2", "local": "192.0.2.77"}, "192.0.2.77"),
    ("interface", {"name": "fbr0", "state": "absent"}, "fbr0"),
    ("bridge", {"name": "fp0", "state": "up"}, "fp0"),
    ("bridge", {"name": "br0", "ports": [{"name": "p9"}]}, "p9"),
    ("fdb", {"interface": "vx9", "rows": [{"mac": "02:00:00:00:aa:00", "dst": "192.0.2.2"}]}, "vx9"),
)


STATE = ("interfaces", "bridges", "fdb", "vnis")
MARK = "vxlan.fabric:demo"


@st.composite
def whole_hosts(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of vtep. A port is listed by one bridge at most, and the interface itself then says nothing about it."""
    links = draw(st.lists(interfaces(), max_size=2, unique_by=lambda step: step[1]["name"]))
    listed = draw(st.lists(bridges(), max_size=2, unique_by=lambda step: step[1]["name"]))
    rows = draw(st.lists(tables(), max_size=2, unique_by=lambda step: step[1]["interface"]))
    ports: set[str] = set()
    for _name, given in listed:
        if "ports" in given:
            given["ports"] = [port for port in given["ports"] if port["name"] not in ports]
            ports |= {port["name"] for port in given["ports"]}
    return {
        "fabric": "demo",
        "purge": draw(st.sampled_from(["none", "managed"])),
        "interfaces": [{key: value for key, value in given.items() if key != "master"} for _name, given in links],
        "bridges": [given for _name, given in listed],
        "fdb": [given for _name, given in rows],
    }


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two values differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = dict.fromkeys((*one, *other))
        return [found for key in keys for found in differences(one.get(key, "(none)"), other.get(key, "(none)"), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [found for position in range(len(one)) for found in differences(one[position], other[position], f"{path}[{position}]")]
    return [] if one == other else [f"{path}: {one} / {other}"]


def lacks_default_row(seen: Result) -> bool:
    """Somebody deleted the row of an interface's own destination. Asking for the destination asks for the row: it comes back."""
    rows = {entry["interface"]: {row.get("dst") for row in entry["rows"] if row["mac"] == drift.ZERO} for entry in seen["fdb"]}
    defaults = ((link["name"], link.get("remote") or link.get("group")) for link in seen["interfaces"])
    return any(default and default not in rows.get(name, ()) for name, default in defaults)


def consistent(given: dict[str, Any], link: dict[str, Any]) -> dict[str, Any]:
    """The default destination of the interface is not asked away in the same call."""
    default = link.get("remote") or link.get("group")
    flood = [row for row in given["rows"] if row["mac"] == drift.ZERO]
    if default in (None, "none") or not flood:
        return given
    unicast = [row for row in given["rows"] if row["mac"] != drift.ZERO]
    if given["state"] == "absent":
        return {**given, "rows": [*unicast, *(row for row in flood if row["dst"] != default)]}
    return {**given, "rows": [*unicast, *flood, *([{"mac": drift.ZERO, "dst": default}] if all(row["dst"] != default for row in flood) else [])]}


class Tally:
    """Transitions that were carried out. Those by which hypothesis shrinks a violation do not count."""

    def __init__(self) -> None:
        self.transitions = 0
        self.refused = 0  # of these: runs that had a write refused
        self.by_kind: dict[str, int] = {}
        self.shrinking = False

    def count(self, kind: str) -> None:
        if not self.shrinking:
            self.transitions += 1
            self.by_kind[kind] = self.by_kind.get(kind, 0) + 1


class FabricMachine(RuleBasedStateMachine):
    """One namespace with an underlay, two bridges and a port of ours, and interfaces of others."""

    tally = Tally()

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        self.ns = self.resources.enter_context(namespace("vfm"))
        self.ns.ip(*SCENE)
        drift.build_foreign(self.ns)
        self.worker = Worker(self.ns)
        self.resources.callback(self.worker.close)
        now = Snapshot(self.ns)
        self.foreign = drift.foreign_text(now)
        self.of_daemon: dict[str, list[str]] = {"vx0": [], "vx1": []}
        self.state: State = {}
        self.learn(now)

    def teardown(self) -> None:
        if isinstance(sys.exc_info()[1], Exception):  # a violation; what follows in this round only makes it shorter
            self.tally.shrinking = True
        self.resources.close()

    # ---- looking

    @staticmethod
    def state_of(now: Snapshot) -> State:
        """Everything that can be seen. A port learns in the spanning tree's own time which bridge is its root, even without one."""
        state = now.state()
        for link in state["links"]:
            for field in ("bridge_id", "root_id"):
                link.get("linkinfo", {}).get("info_slave_data", {}).pop(field, None)
        return state

    def info(self) -> Result:
        seen = self.worker.run("vtep_info", {})
        assert not seen["failed"], seen
        return seen

    def ours(self) -> tuple[list[Json], list[Json]]:
        """VXLAN interfaces and bridges of ours."""
        seen = self.worker.run("vtep_info", {"fdb": "none"})
        assert not seen["failed"], seen
        return [entry for entry in seen["interfaces"] if entry["name"] in OURS], [entry for entry in seen["bridges"] if entry["name"] in OURS]

    def others_untouched(self, now: Snapshot) -> None:
        found = drift.foreign_text(now)
        assert found == self.foreign, "foreign interfaces changed: " + drift.text_difference(self.foreign, found)

    def nothing_happened(self, what: str) -> None:
        now = Snapshot(self.ns)
        differing = differences(self.state, self.state_of(now))
        assert not differing, f"{what}: {differing}"
        self.others_untouched(now)

    def after_somebody_elses_work(self, kind: str) -> None:
        self.learn(Snapshot(self.ns))
        self.tally.count(kind)

    def learn(self, now: Snapshot) -> None:
        self.state = self.state_of(now)
        self.of_daemon = drift.daemon_rows(now, self.of_daemon)

    # ---- one run of a module with everything that is promised of it

    def judged(self, step: Step) -> Result:
        name, given = step
        predicted = self.worker.run(name, given, check=True)
        assert predicted["writes"] == 0, "the check wrote"
        self.nothing_happened("the check changed the kernel")
        real = self.worker.run(name, given)
        assert not real["failed"], f"failed: {real.get('msg')}; the check said {predicted.get('msg', 'nothing')}; {step}"
        assert not predicted["failed"], f"only the check failed: {predicted.get('msg')}; {step}"
        differing = differences({key: predicted[key] for key in PREDICTED}, {key: real[key] for key in PREDICTED})
        assert not differing, f"predicted and real differ: {differing}; {step}"
        self.second_run_does_nothing(step)
        self.settle(real)
        return real

    def second_run_does_nothing(self, step: Step) -> None:
        again = self.worker.run(*step)
        assert not again["failed"], f"second run failed: {again.get('msg')}; {step}"
        assert not again["changed"], f"second run: {again['operations']}; {step}"
        assert again["operations"] == []
        assert again["writes"] == 0, f"the second run wrote; {step}"

    def settle(self, real: Result) -> None:
        """After a run: others' things are as they were; rows of the routing daemon too, unless their interface went or was re-created
        with another address family or kind, which cannot hold them."""
        now = Snapshot(self.ns)
        self.others_untouched(now)
        touched = {entry["interface"] for entry in real["recreated"]} | {
            operation["interface"] for operation in real["operations"] if operation["operation"] in ("delete_link", "create_link")
        }
        before = self.of_daemon
        self.learn(now)
        for name, rows in before.items():
            if name not in touched:
                assert self.of_daemon[name] == rows, f"rows of the routing daemon on {name} changed: {rows} became {self.of_daemon[name]}"

    # ---- rules: the modules

    @initialize(packed=st.booleans())
    def choose_lane(self, packed: bool) -> None:
        self.worker.packed = packed

    @rule(step=st.one_of(interfaces(), interfaces(), bridges(), tables()))
    def bring_to(self, step: Step) -> None:
        fitting = self.fitting(step)
        if fitting is not None:
            self.judged(fitting)
            self.tally.count("run")

    def fitting(self, step: Step) -> Step | None:
        """The step as the present interfaces allow it."""
        links, present = self.ours()
        found = fitted(step, {link["name"]: link for link in links})
        if found and found[1].get("master") in {"br0", "br1"} - {bridge["name"] for bridge in present}:
            found[1]["master"] = "none"
        return found

    @rule(state=whole_hosts())
    def bring_host_to(self, state: dict[str, Any]) -> None:
        """One call for the whole host. With purge it removes what carries the mark of this fabric and is not listed, and nothing else."""
        fitting = self.fitting_host(state)
        links, present = self.ours()
        named = {entry["name"]: entry.get("alias", "") for entry in (*links, *present)}
        listed = {entry["name"] for entry in (*fitting["interfaces"], *fitting["bridges"])}
        absent = {entry["name"] for entry in fitting["interfaces"] if entry.get("state") == "absent"}
        purged = {name for name, alias in named.items() if alias == MARK and name not in listed} if fitting["purge"] == "managed" else set()
        self.judged(("vtep", fitting))
        links, present = self.ours()
        aliases = {entry["name"]: entry.get("alias", "") for entry in (*links, *present)}
        assert set(aliases) == (set(named) - purged | listed) - absent, f"{sorted(named)} became {sorted(aliases)}, {sorted(purged)} were to be purged"
        for name in listed - absent:
            assert aliases[name], f"{name} carries no mark"
        self.tally.count("whole host")

    def fitting_host(self, state: dict[str, Any]) -> dict[str, Any]:
        """Each list for itself and for the others: ports that are there afterwards, rows of the family that the interface will have."""
        links, _present = self.ours()
        purging = state["purge"] == "managed"
        later = {link["name"]: link for link in links if not (purging and link.get("alias") == MARK)}
        for given in state["interfaces"]:
            later[given["name"]] = given
        there = {name: link for name, link in later.items() if link.get("state") != "absent"}
        bridged = [found[1] for found in (fitted(("bridge", given), there) for given in state["bridges"]) if found]
        rows = [consistent(found[1], there[found[1]["interface"]]) for found in (fitted(("fdb", given), there) for given in state["fdb"]) if found]
        return {**state, "bridges": bridged, "fdb": rows}

    @rule(step=st.one_of(interfaces(), bridges(), tables()))
    def only_check(self, step: Step) -> None:
        fitting = self.fitting(step)
        if fitting is not None:
            predicted = self.worker.run(*fitting, check=True)
            assert not predicted["failed"], f"{fitting}: {predicted.get('msg')}"
            assert predicted["writes"] == 0
            self.nothing_happened("the check changed the kernel")
            self.tally.count("check")

    @rule(step=st.one_of(interfaces(), interfaces(), bridges(), tables()), refused_at=st.integers(1, 12))
    def fail_at_a_write(self, step: Step, refused_at: int) -> None:
        """The kernel refuses one of the writes. All is as before then, or the run had fewer writes."""
        fitting = self.fitting(step)
        if fitting is None:
            return
        result = self.worker.run(*fitting, refused_at=refused_at)
        if result["failed"]:
            # Not a mistake of its own, which the refusal would then keep from being undone.
            assert "refused by the test" in result["msg"], f"{result['msg']}; {fitting}"
            # Reserved bits that a live change of others reset cannot be made again (the kernel refuses them): the error lists them.
            left = [entry for entry in result.get("leftovers", ()) if "reserved_bits" not in entry]
            assert not left, f"write {refused_at} refused: {result['msg']}; {fitting}"
            self.nothing_happened(f"a run that failed at write {refused_at} left something; {fitting}")
            self.tally.refused += 0 if self.tally.shrinking else 1
        else:
            self.settle(result)
        self.tally.count("run with a write refused")

    @rule(which=st.sampled_from(IMPOSSIBLE))
    def ask_the_impossible(self, which: tuple[str, dict[str, Any], str]) -> None:
        name, given, word = which
        for check in (True, False):
            result = self.worker.run(name, given, check=check)
            if check and word in ("vx9", "p9"):
                continue
            assert result["failed"], f"{name} {given}, check {check}: did not fail: {result}"
            assert word in result["msg"], f"{name} {given}, check {check}: {word} is not in {result['msg']}"
        self.nothing_happened(f"{name} {given} failed and left something")
        self.tally.count("impossible")

    @rule()
    def give_back(self) -> None:
        """What is there is accepted as it is: nothing to do, nothing written, others' interfaces among it."""
        seen = self.info()
        if lacks_default_row(seen):
            return
        for step in self.steps_of(seen):
            self.second_run_does_nothing(step)
        self.tally.count("given back")

    def steps_of(self, seen: Result) -> list[Step]:
        """What vtep_info returned, as runs of the modules."""
        return [
            ("vtep", {key: seen[key] for key in STATE}),
            *(("interface", entry) for entry in seen["interfaces"]),
            *(("bridge", entry) for entry in seen["bridges"]),
            *(("fdb", entry) for entry in seen["fdb"]),
        ]

    @rule(kinds=st.lists(drift.drifts, min_size=1, max_size=3))
    def drift_and_bring_back(self, kinds: list[tuple[str, int]]) -> None:
        """Others break things; what vtep_info had said before brings it all back. Rows of the routing daemon on an interface that was
        deleted are the daemon's to bring back, and left out."""
        if any(self.of_daemon.values()):
            return
        wanted = self.info()
        if lacks_default_row(wanted) or not self.drifted(kinds):
            return
        self.learn(Snapshot(self.ns))
        back = {key: [entry for entry in wanted[key] if entry.get("name", entry.get("interface")) in OURS] for key in ("interfaces", "bridges", "fdb")}
        self.judged(("vtep", {**back, "defaults": {"bridge": {"purge": "all"}, "fdb": {"purge": "static"}}}))
        found = self.info()
        differing = differences({key: wanted[key] for key in STATE}, {key: found[key] for key in STATE})
        assert not differing, f"{kinds}: not all came back: {differing}"
        self.tally.count("drift brought back")

    # ---- rules: other people

    @rule(kinds=st.lists(drift.drifts, min_size=1, max_size=3))
    def others_break_things(self, kinds: list[tuple[str, int]]) -> None:
        if self.drifted(kinds):
            self.after_somebody_elses_work("drift")

    def drifted(self, kinds: list[tuple[str, int]]) -> int:
        """Carry out what fits; how many did. What ip(8) refuses is no drift."""
        done = 0
        for kind, which in kinds:
            line = drift.drift_line(kind, which, *self.ours())
            if line is None:
                continue
            program, _space, words = line.partition(" ")
            try:
                (self.ns.ip if program == "ip" else self.ns.bridge)(words)
            except CommandError:
                continue
            done += 1
        return done

    @rule(change=st.sampled_from(drift.FOREIGN_CHANGES))
    def others_work_on_theirs(self, change: tuple[str, str]) -> None:
        program, words = change
        (self.ns.ip if program == "ip" else self.ns.bridge)(words)
        now = Snapshot(self.ns)
        self.foreign = drift.foreign_text(now)
        self.learn(now)
        self.tally.count("others' own change")

    @rule(mac=st.sampled_from(drift.DAEMON_MACS), which=st.integers(0, 1), remove=st.integers(0, 3))
    def routing_daemon_works(self, mac: str, which: int, remove: int) -> None:
        """BGP EVPN adds and removes rows on interfaces of ours."""
        links, _bridges = self.ours()
        if not links:
            return
        link = links[which % len(links)]
        destination = "2001:db8::5" if drift.six(link) else "192.0.2.5"
        try:
            if remove:
                self.ns.bridge(f"fdb replace {mac} dev {link['name']} dst {destination} extern_learn")
            else:
                self.ns.bridge(f"fdb del {mac} dev {link['name']}")
        except CommandError:
            return
        self.after_somebody_elses_work("routing daemon")
