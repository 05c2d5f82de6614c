# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random desired states for the interface, bridge and fdb modules: each valid by itself and after any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from .kernel import release

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
    PLAIN["reserved_bits"] = st.sampled_from(["0x0", "0x4000000000000000"])


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
    return "interface", given


PORT_FLAGS = dict.fromkeys(("learning", "flood", "isolated", "hairpin", "neigh_suppress", "mcast_flood", "locked"), switch)


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


steps = st.lists(st.one_of(interfaces(), interfaces(), bridges(), tables()), min_size=3, max_size=8)


def fitted(step: Step, present: Mapping[str, Mapping[str, Any]]) -> Step | None:
    """A step as the present interfaces allow it: rows of their family, ports that exist."""
    module, given = step
    given = dict(given)
    if module == "bridge" and "ports" in given:
        given["ports"] = [port for port in given["ports"] if port["name"] in present or port["name"] == "p0"]
    if module == "fdb":
        link = present.get(given["interface"])
        if link is None:
            return None
        six = ":" in str(link.get("remote") or link.get("group") or link.get("local"))
        given["rows"] = [{**row, "dst": f"2001:db8::{row['dst']}" if six else f"192.0.2.{row['dst']}"} for row in given["rows"]]
    return module, given
