# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random desired states, one after the other on one namespace. After each: the run did what the check had said, a second run does
nothing and writes nothing. VXLAN_FABRIC_EXAMPLES sets how many sequences are tried."""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.tests.support.engine import PREDICTED, Result, Writes, in_child, through_the_door
from ansible_collections.vxlan.fabric.tests.support.kernel import release
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

EXAMPLES = int(os.environ.get("VXLAN_FABRIC_EXAMPLES", "60"))
Step = tuple[str, dict[str, Any]]
ZERO = "00:00:00:00:00:00"

# Interfaces never share a UDP port: the kernel refuses two with different receive settings on one.
PORTS = {"vx0": (4789, 4790), "vx1": (4791, 4792)}
ADDRESSES = ("10.0.0.1/24", "10.0.0.2/24", "10.0.1.1/24", "2001:db8:7::1/64", "2001:db8:7::2/64")
NEIGHBOURS = tuple({"address": address, "mac": "02:00:00:00:00:99"} for address in ("10.0.0.7", "10.0.1.7", "2001:db8:7::7"))
DESTINATIONS: dict[str, dict[str, Any]] = {
    "none": {"remote": "none", "local": "none", "flow_label": 0},
    "local": {"remote": "none", "local": "192.0.2.1", "flow_label": 0},
    "remote": {"remote": "192.0.2.2", "local": "192.0.2.1", "flow_label": 0},
    "remote only": {"remote": "192.0.2.3", "local": "none", "flow_label": 0},
    "group": {"group": "239.1.1.1", "local": "192.0.2.1", "device": "eth0", "flow_label": 0},
    "group2": {"group": "239.1.1.2", "local": "none", "device": "eth0", "flow_label": 0},
    "remote6": {"remote": "2001:db8::2", "local": "2001:db8::1", "flow_label": 5},
    "group6": {"group": "ff05::100", "local": "2001:db8::1", "device": "eth0"},
}
switch = st.booleans()
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "ttl": st.sampled_from(["auto", "inherit", "1", "64"]),
    "tos": st.sampled_from(["0", "inherit", "16"]),
    "df": st.sampled_from(["unset", "set", "inherit"]),
    "learning": switch,
    "ageing": st.sampled_from([1, 300, 1000]),
    "limit": st.sampled_from([0, 1000]),
    "proxy": switch,
    "rsc": switch,
    "l2miss": switch,
    "l3miss": switch,
    "udp_checksum": switch,
    "udp6_zero_checksum_rx": switch,
    "remote_checksum_rx": switch,
    "gbp": switch,
    "source_port": st.sampled_from(["0-0", "1000-2000"]),
    "mtu": st.sampled_from(["1280", "1400"]),
    "alias": st.sampled_from(["", "vxlan.fabric:demo", "x y"]),
    "master": st.sampled_from(["none", "br0", "br1"]),
    "txqueuelen": st.sampled_from([0, 500]),
    "addrgenmode": st.sampled_from(["eui64", "none"]),
    "addresses": st.lists(st.sampled_from(ADDRESSES), unique=True),
    "neighbours": st.lists(st.sampled_from(NEIGHBOURS), unique_by=lambda n: n["address"]),
    "state": st.sampled_from(["present", "up", "down"]),
}
if release() >= (6, 5):
    PLAIN["localbypass"] = switch
if release() >= (6, 14):
    PLAIN["reserved_bits"] = st.sampled_from(["0x1", "0xff"])


@st.composite
def interfaces(draw: st.DrawFn) -> Step:
    name = draw(st.sampled_from(sorted(PORTS)))
    if draw(st.integers(0, 9)) == 0:
        return "interface", {"name": name, "state": "absent"}
    given: dict[str, Any] = {"name": name, "mac": f"02:00:00:00:{name[2]}1:0{draw(st.integers(1, 2))}", "port": draw(st.sampled_from(PORTS[name]))}
    if draw(st.integers(0, 4)) == 0:
        given |= {"external": True, "remote": "none", "local": "192.0.2.1", "flow_label": 0, "device": "none", "vnifilter": draw(switch)}
    else:
        number = int(name[2]) * 10 + draw(st.integers(1, 2))
        given |= {
            "external": False,
            "vnifilter": False,
            "vni": number,
            "device": draw(st.sampled_from(["none", "eth0"])),
            **DESTINATIONS[draw(st.sampled_from(sorted(DESTINATIONS)))],
        }
    for option in draw(st.lists(st.sampled_from(sorted(PLAIN)), unique=True, max_size=8)):
        given[option] = draw(PLAIN[option])
    if given.get("gbp"):
        given["reserved_bits"] = "0x1"
    return "interface", given


PORT_FLAGS = {flag: switch for flag in ("learning", "flood", "isolated", "hairpin", "neigh_suppress", "mcast_flood", "locked")}


@st.composite
def bridges(draw: st.DrawFn) -> Step:
    given: dict[str, Any] = {"name": draw(st.sampled_from(["br0", "br1"])), "state": draw(st.sampled_from(["present", "up", "down"]))}
    given["mac"] = f"02:00:00:00:b{given['name'][2]}:01"
    for option, strategy in (("ageing", st.sampled_from([60, 61.5, 300])), ("stp", switch), ("mcast_snooping", switch), ("priority", st.integers(0, 5))):
        if draw(switch):
            given[option] = draw(strategy)
    if draw(switch):
        names = draw(st.lists(st.sampled_from(["vx0", "vx1", "p0"]), unique=True))
        given["ports"] = [{"name": name, **draw(st.fixed_dictionaries({}, optional=PORT_FLAGS))} for name in names]
        given["purge"] = draw(st.sampled_from(["none", "managed", "all"]))
    return "bridge", given


@st.composite
def tables(draw: st.DrawFn) -> Step:
    macs = [f"02:00:00:00:aa:0{i}" for i in range(4)]
    rows = []
    for mac in draw(st.lists(st.sampled_from(macs), unique=True)):
        row: dict[str, Any] = {"mac": mac, "dst": draw(st.integers(2, 5)), "state": draw(st.sampled_from(["permanent", "static"]))}
        row |= draw(st.fixed_dictionaries({}, optional={"port": st.sampled_from([4789, 5000]), "vni": st.sampled_from([11, 77]), "router": switch}))
        rows.append(row)
    flood = draw(st.none() | st.lists(st.integers(2, 6), unique=True, min_size=1))
    if flood is not None:
        rows += [{"mac": ZERO, "dst": number} for number in flood]
    state = draw(st.sampled_from(["present", "present", "present", "absent"]))
    policy = {"purge": draw(st.sampled_from(["none", "managed", "static"])), "flood_lists": draw(st.sampled_from(["exact", "extend"]))}
    return "fdb", {"interface": draw(st.sampled_from(sorted(PORTS))), "rows": rows, "state": state, **policy}


def fitted(step: Step, present: dict[str, dict[str, Any]], netns: str) -> Step | None:
    """A step as the present interfaces allow it: rows of their family, ports that exist."""
    module, given = step
    given = {**given, "netns": netns}
    if module == "bridge" and "ports" in given:
        given["ports"] = [port for port in given["ports"] if port["name"] in present or port["name"] == "p0"]
    if module == "fdb":
        link = present.get(given["interface"])
        if link is None:
            return None
        six = ":" in str(link.get("remote") or link.get("group") or link.get("local"))
        given["rows"] = [{**row, "dst": f"2001:db8::{row['dst']}" if six else f"192.0.2.{row['dst']}"} for row in given["rows"]]
    return module, given


def complaint(step: Step, writes: Writes) -> str:
    """One step: check, run, run again. Empty when all is well."""
    predicted = through_the_door(*step, check=True)
    checked = writes.count
    real: Result = through_the_door(*step, check=False)
    wrote = writes.count
    again = through_the_door(*step, check=False)
    if real["failed"] or predicted["failed"]:
        return f"failed: {real.get('msg')} / {predicted.get('msg')}"
    if checked:
        return "the check wrote"
    differing = [key for key in PREDICTED if predicted[key] != real[key]]
    if differing:
        return "; ".join(f"{key} predicted {predicted[key]}, was {real[key]}" for key in differing)
    if again["failed"] or again["changed"] or again["operations"] or writes.count != wrote:
        return f"second run: {again.get('msg')} {again.get('operations')}, {writes.count - wrote} writes"
    return ""


def sequence(steps: list[Step], netns: str) -> str:
    found = ""
    for step in steps:
        seen = through_the_door("vtep_info", {"fdb": "none", "netns": netns}, check=False)
        fitting = fitted(step, {entry["name"]: entry for entry in seen["interfaces"]}, netns)
        if fitting is None:
            continue
        found = complaint(fitting, Writes())
        if found:
            return f"{fitting}: {found}"
    return found


def scene(ns: Namespace) -> None:
    ns.ip(
        "link add br0 address 02:00:00:00:b0:01 type bridge",
        "link add br1 address 02:00:00:00:b1:01 type bridge",
        "link add p0 address 02:00:00:00:c0:01 type ifb",
    )


@hypothesis.settings(max_examples=EXAMPLES, deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@hypothesis.given(st.lists(st.one_of(interfaces(), interfaces(), bridges(), tables()), min_size=3, max_size=8))
def test_random_states_converge_as_the_check_said(steps: list[Step]) -> None:
    with namespace() as ns:
        scene(ns)
        found = in_child(lambda: sequence(steps, ns.name))
        if found:
            pytest.fail(found, pytrace=False)
