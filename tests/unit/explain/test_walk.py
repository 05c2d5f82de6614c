# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks over all ways of flooding, on hosts that are as wanted and on hosts with one fault each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import parse_question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.render import walk_markdown, walk_text
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import DIFFERS, ENDS, NOT_KNOWN, NOT_REACHED, Step, Walk, as_dict
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.walk import make_walk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import parse_fabric
from ansible_collections.vxlan.fabric.tests.unit.explain.hosts import Host, explain, perfect
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories

HOSTS = ["hv1", "hv2", "leaf1"]
M1, M2, ZERO = "02:00:00:00:00:01", "02:00:00:00:00:02", "00:00:00:00:00:00"
A = {4: ["192.0.2.1", "192.0.2.2", "192.0.2.3"], 6: ["2001:db8::1", "2001:db8::2", "2001:db8::3"]}
FLOODINGS = ["learning", "static", "multicast", "none", "point_to_point", "evpn"]


def fabric_of(flooding: str, family: int = 4, macs: bool = True, gateway: list[str] | None = None, **more: Any) -> Fabric:
    """A network of three hosts (two, point to point) with a machine on hv1 and one on hv2."""
    endpoints: list[dict[str, Any]] = [
        {"name": "vm1", "host": "hv1", "port": "tap1", "mac": M1, "address": "10.0.0.1/24"},
        {"name": "vm2", "host": "hv2", "port": "tap2", "mac": M2, "address": "10.0.0.2/24"},
    ]
    if not macs or flooding == "evpn":
        for endpoint in endpoints:
            del endpoint["mac"]
    members = HOSTS[:2] if flooding == "point_to_point" else HOSTS
    network: dict[str, Any] = {"vni": 100, "members": members, "flooding": flooding, "endpoints": endpoints, **more}
    if flooding == "multicast":
        network["group"] = "239.1.1.1" if family == 4 else "ff05::1"
    else:
        network["family"] = f"ipv{family}"
    if gateway is not None:
        network["gateway"] = {"address": "10.0.0.254/24", "mac": "02:00:5e:00:00:01", "members": gateway}
    vteps = {host: {"address": [A[4][place], A[6][place]], "device": "eth0"} for place, host in enumerate(HOSTS)}
    fabric = {"name": "t", "underlay": {"mtu": 1600}, "networks": {"blue": network}}
    return parse_fabric(fabric, vteps, {"all": HOSTS, "hypervisors": HOSTS[:2], "switches": HOSTS[2:]})


def walk_of(fabric: Fabric, source: str = "vm1", destination: str = "vm2", hosts: dict[str, Host] | None = None, **options: Any) -> Walk:
    question = parse_question({fabric.name: fabric}, None, "blue", source, destination)
    return explain(question, perfect(fabric) if hosts is None else hosts, **options)


def odd(walk: Walk) -> list[tuple[str, str]]:
    """Steps that are reached and not as wanted."""
    return [(step.title, step.status) for step in walk.steps if step.status in (DIFFERS, ENDS, NOT_KNOWN)]


def found(walk: Walk) -> str:
    return "; ".join(finding.sentence for step in walk.steps for finding in step.findings if step.status != NOT_REACHED)


def mends(walk: Walk) -> set[str]:
    return {finding.mend for step in walk.steps for finding in step.findings if step.status != NOT_REACHED}


def step_of(walk: Walk, title: str) -> Step:
    return next(step for step in walk.steps if step.title == title)


def fact(walk: Walk, title: str, what: str) -> tuple[str, str, bool]:
    (one,) = [each for each in step_of(walk, title).facts if each.what == what]
    return one.wanted, one.real, one.differs


def deploy(host: str) -> str:
    return f"ansible-playbook -i INVENTORY vxlan.fabric.deploy -e target={host}"


LOOKUP, ROW, ROUTE, ARRIVAL, SNOOP, OUT = (
    "The bridge looks the destination up", "The row of the VXLAN interface", "The route", "The packet arrives", "Who sent it is learned or checked",
    "Out to the machine",
)  # fmt: skip


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("flooding", FLOODINGS)
def test_as_wanted_it_arrives(flooding: str, family: int) -> None:
    fabric = fabric_of(flooding, family)
    hosts = perfect(fabric)
    if flooding == EVPN:
        for host, port, mac, other in (("hv1", "tap1", M1, 1), ("hv2", "tap2", M2, 0)):
            hosts[host].hear(mac, port)
            hosts["hv1" if other == 0 else "hv2"].rows("vx100").append({"mac": mac, "dst": A[family][1 - other], "owner": "extern_learn", "table": "self"})
    walk = walk_of(fabric, hosts=hosts)
    assert (odd(walk), found(walk)) == ([], "")
    assert (walk.wanted_arrives, walk.real_arrives, walk.summary) == (True, True, "It arrives. Every step is as the inventory wants it.")
    place = f"{A[family][1]} (hv2)"
    assert fact(walk, ROW, "row")[:2] == (place, place)
    owner = "set by a routing daemon" if flooding == EVPN else "set by the fabric"
    assert fact(walk, ROW, "owner")[:2] == (owner, owner)
    overhead = 50 if family == 4 else 70
    assert fact(walk, "Does it fit?", "full packet")[0] == f"{1600 - overhead} + {overhead} = 1600"
    assert fact(walk, "UDP and IP around it", "outer source")[:2] == (A[family][0], A[family][0])
    assert "08 00 00 00 00 00 64 00" in step_of(walk, "The VXLAN header").text[0]


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("flooding", FLOODINGS)
def test_by_the_inventory_alone(flooding: str, family: int) -> None:
    fabric = fabric_of(flooding, family)
    walk = make_walk(parse_question({"t": fabric}, None, "blue", "vm1", "vm2"), {}, real=False)
    assert (walk.wanted_arrives, walk.real_arrives, walk.summary) == (True, None, "By the inventory it arrives. No host was looked at.")
    assert all(not each.real and not each.differs for step in walk.steps for each in step.facts)
    assert found(walk) == ""


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("flooding", FLOODINGS)
def test_a_broadcast(flooding: str, family: int) -> None:
    fabric = fabric_of(flooding, family)
    walk = walk_of(fabric, destination="broadcast")
    if flooding == "none":
        assert (walk.wanted_arrives, walk.real_arrives) == (False, False)
        assert "neither a row for ff:ff:ff:ff:ff:ff nor a flood list" in walk.summary
        assert walk.summary.endswith("The inventory does not want it to.")
        return
    assert (odd(walk), walk.wanted_arrives, walk.real_arrives) == ([], True, True)
    others = [host for host in fabric.networks["blue"].members if host != "hv1"]
    assert [leg.host for leg in walk.legs if leg.title.startswith("On ")] == ["hv1", *others]
    copies = 1 if flooding == "multicast" else len(others)
    assert sum(leg.title.startswith("In the tunnel") for leg in walk.legs) == copies


def test_a_long_flood_list_is_cut() -> None:
    walk = walk_of(fabric_of("static"), destination="broadcast", most=1)
    assert walk.notes[0] == "1 other members get a copy as well; -e explain_receivers=2 tells of all of them."
    assert [leg.host for leg in walk.legs] == ["hv1", "hv1", "hv2"]


# What is broken, on which host, and what the walk makes of it: the step, whether it ends there, part of the finding, and what mends it.
Break = Callable[[dict[str, Host]], object]


def _rows(host: Host, mac: str, *rows: dict[str, Any]) -> None:
    listed = host.rows("vx100")
    listed[:] = [row for row in listed if row["mac"] != mac]
    listed.extend({"mac": mac, "table": "self", "state": "permanent", **row} for row in rows)


def _without_interface(host: Host) -> None:
    host.state["interfaces"] = []


def _renamed(host: Host) -> None:
    host.interface("vx100")["name"] = "vx-old"
    host.port("br100", "vx100")["name"] = "vx-old"
    next(entry for entry in host.state["fdb"] if entry["interface"] == "vx100")["interface"] = "vx-old"


def _moved(host: Host, port: str) -> None:
    bridge = host.bridge("br100")
    bridge["ports"] = [entry for entry in bridge["ports"] if entry["name"] != port]
    host.state["bridges"].append({"name": "br200", "mac": "02:00:00:00:ff:99", "state": "up", "ports": [{"name": port}]})


def _unplugged(host: Host, port: str) -> Host:
    bridge = host.bridge("br100")
    bridge["ports"] = [entry for entry in bridge["ports"] if entry["name"] != port]
    return host


FAULTS: dict[str, tuple[Break, str, bool, str, str]] = {
    "row to another VTEP": (
        lambda hosts: _rows(hosts["hv1"], M2, {"dst": A[4][2], "owner": "managed"}),
        ROW, False, f"vx100 has {M2} behind 192.0.2.3 (leaf1), not 192.0.2.2 (hv2); it was set by hand", deploy("hv1"),
    ),
    "row to nobody": (
        lambda hosts: _rows(hosts["hv1"], M2, {"dst": "192.0.2.99", "owner": "managed"}),
        ROW, False, "behind 192.0.2.99 (no VTEP of the fabric), not 192.0.2.2 (hv2)", deploy("hv1"),
    ),
    "row missing": (lambda hosts: _rows(hosts["hv1"], M2), ROW, False, f"the row of {M2} is missing on vx100, so that the frame is flooded", deploy("hv1")),
    "row learned": (
        lambda hosts: _rows(hosts["hv1"], M2, {"dst": A[4][1], "owner": "learned"}),
        ROW, False, "it is learned by the kernel and not fixed", deploy("hv1"),
    ),
    "row learned elsewhere": (
        lambda hosts: _rows(hosts["hv1"], M2, {"dst": A[4][2], "owner": "learned"}),
        ROW, False, "the kernel learned it: it was heard from there", deploy("hv1"),
    ),
    "row of a daemon": (
        lambda hosts: _rows(hosts["hv1"], M2, {"dst": A[4][2], "owner": "extern_learn"}),
        ROW, False, "a routing daemon set it", "vtysh -c 'show evpn mac vni 100'",
    ),
    "row of a nexthop group": (lambda hosts: _rows(hosts["hv1"], M2, {"nexthop_group": 7, "owner": "foreign"}), ROW, True, "behind nobody", deploy("hv1")),
    "no bridge": (lambda hosts: hosts["hv1"].state.update(bridges=[]), "Into the bridge", True, "br100 is missing on hv1", deploy("hv1")),
    "bridge down": (lambda hosts: hosts["hv1"].bridge("br100").update(state="down"), "Into the bridge", True, "br100 is down", deploy("hv1")),
    "port in another bridge": (lambda hosts: _moved(hosts["hv1"], "tap1"), "Into the bridge", True, "tap1 is in the wrong bridge, br200", deploy("hv1")),
    "port in no bridge": (lambda hosts: _unplugged(hosts["hv1"], "tap1"), "Into the bridge", True, "tap1 is in no bridge", deploy("hv1")),
    "port down": (lambda hosts: hosts["hv1"].links.update(tap1={"state": "down"}), "Into the bridge", True, "tap1 is down", "ip link set tap1 up"),
    "port without carrier": (
        lambda hosts: hosts["hv1"].links.update(tap1={"carrier": False}),
        "Into the bridge", True, "tap1 has no carrier", "start the machine, or look at the cable",
    ),
    "another machine behind the port": (
        lambda hosts: hosts["hv1"].hear("52:54:00:00:00:07", "tap1"),
        "The frame", False, f"behind tap1 the bridge has heard 52:54:00:00:00:07, and not {M1}", "correct the MAC address in the inventory, or in the machine",
    ),
    "source heard elsewhere": (
        lambda hosts: hosts["hv1"].hear(M1, "vx100"),
        "Into the bridge", False, "the bridge has the source behind vx100", f"look for a second {M1}, or wait until the source has spoken",
    ),
    "destination heard here": (
        lambda hosts: (hosts["hv1"].bridge("br100")["ports"].append({"name": "tap9"}), hosts["hv1"].hear(M2, "tap9")),
        LOOKUP, True, "was heard behind tap9 of this host", "say host: hv1 in the inventory if it moved, else find the second machine",
    ),
    "interface missing": (lambda hosts: _without_interface(hosts["hv1"]), LOOKUP, True, "vx100 is missing on hv1", deploy("hv1")),
    "interface not in the bridge": (
        lambda hosts: _unplugged(hosts["hv1"], "vx100"),
        LOOKUP, True, "vx100 is a port of no bridge", deploy("hv1"),
    ),
    "interface down": (lambda hosts: hosts["hv1"].interface("vx100").update(state="down"), LOOKUP, True, "vx100 is down", deploy("hv1")),
    "no flooding": (
        lambda hosts: hosts["hv1"].port("br100", "vx100").update(flood=False),
        LOOKUP, True, "flood of vx100 is off", deploy("hv1"),
    ),
    "another VNI": (lambda hosts: hosts["hv1"].interface("vx100").update(vni=101), "The VXLAN header", False, "vx100 has VNI 101", deploy("hv1")),
    "another port": (lambda hosts: hosts["hv1"].interface("vx100").update(port=8472), "UDP and IP around it", False, "sends to UDP port 8472", deploy("hv1")),
    "another source": (
        lambda hosts: hosts["hv1"].interface("vx100").update(local="192.0.2.77"),
        "UDP and IP around it", True, "sends from 192.0.2.77: the others know this host as 192.0.2.1", deploy("hv1"),
    ),
    "no VTEP address": (
        lambda hosts: hosts["hv1"].lost.add(A[4][0]),
        "UDP and IP around it", True, "no interface of hv1 has 192.0.2.1", "ip address add 192.0.2.1/32 dev lo (or where it belongs)",
    ),
    "no route": (
        lambda hosts: hosts["hv1"].routes.update({A[4][1]: {"type": "", "error": "Network is unreachable", "output": "", "mtu": 0}}),
        ROUTE, True, "hv1 has no way to 192.0.2.2: Network is unreachable", "add the route or start the routing daemon that makes it; ip route show",
    ),
    "uplink down": (lambda hosts: hosts["hv1"].links.update(eth0={"state": "down"}), ROUTE, True, "eth0 is down", "ip link show eth0"),
    "small underlay": (
        lambda hosts: hosts["hv1"].routes.update({A[4][1]: {"mtu": 1500}}),
        "Does it fit?", False, "a full frame is 100 bytes too long", deploy("hv1"),
    ),
    "small network": (lambda hosts: hosts["hv1"].interface("vx100").update(mtu=1400), "Does it fit?", False, "vx100 has MTU 1400, not 1550", deploy("hv1")),
    "address lost": (lambda hosts: hosts["hv2"].lost.add(A[4][1]), ARRIVAL, True, "hv2 lost its VTEP address 192.0.2.2", "ip address show to 192.0.2.2"),
    "port closed": (lambda hosts: hosts["hv2"].closed.add(4789), ARRIVAL, True, "no VXLAN interface of hv2 is up with this port", deploy("hv2")),
    "VNI unknown": (
        lambda hosts: hosts["hv2"].interface("vx100").update(vni=101),
        "The VNI chooses the interface", True, "vx100 has VNI 101, not 100", deploy("hv2"),
    ),
    "source fixed elsewhere": (
        lambda hosts: _rows(hosts["hv2"], M1, {"dst": A[4][2], "owner": "managed"}),
        SNOOP, True, f"the row of the source, {M1}, leads to 192.0.2.3 (leaf1)", deploy("hv2"),
    ),
    "source not known": (lambda hosts: _rows(hosts["hv2"], M1), SNOOP, False, f"the row of the source, {M1}, is missing on vx100", deploy("hv2")),
    "receiver's interface in another bridge": (lambda hosts: _moved(hosts["hv2"], "vx100"), OUT, True, "vx100 is a port of br200", deploy("hv2")),
    "receiver's port in another bridge": (lambda hosts: _moved(hosts["hv2"], "tap2"), OUT, True, "tap2 is in the wrong bridge, br200", deploy("hv2")),
    "receiver's port is not there": (
        lambda hosts: (_unplugged(hosts["hv2"], "tap2"), hosts["hv2"].links.update(tap2=None)),
        OUT, True, "there is no interface tap2 on hv2", "start the machine, then deploy",
    ),
    "destination heard from the tunnel": (
        lambda hosts: hosts["hv2"].hear(M2, "vx100"),
        OUT, True, f"{M2} was last heard from another host", "look for the machine",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_at_its_step(fault: str) -> None:
    change, title, ends, sentence, mend = FAULTS[fault]
    fabric = fabric_of("learning")
    hosts = perfect(fabric)
    change(hosts)
    walk = walk_of(fabric, hosts=hosts)
    told = step_of(walk, title)
    assert (title, told.status) == odd(walk)[0]
    assert (told.status == ENDS) is ends
    assert sentence in "; ".join(finding.sentence for finding in told.findings)
    assert mend in {finding.mend for finding in told.findings}
    assert walk.wanted_arrives is True
    if ends:
        assert walk.real_arrives is False
        assert f"(step {walk.steps.index(told) + 1})" in walk.summary
    assert json.loads(json.dumps(as_dict(walk)))["ok"] is False


def test_a_renamed_interface_is_found_by_its_vni() -> None:
    fabric = fabric_of("learning")
    hosts = perfect(fabric)
    _renamed(hosts["hv2"])
    walk = walk_of(fabric, hosts=hosts)
    assert (walk.real_arrives, fact(walk, "The VNI chooses the interface", "its name")) == (True, ("vx100", "vx-old", True))


def _single(flooding: str = "static") -> Fabric:
    """hv1 and leaf1 have one interface for all networks, hv2 one for each."""
    network: dict[str, Any] = {"vni": 10100, "vlan": 100, "members": HOSTS, "flooding": flooding}
    network["endpoints"] = [
        {"name": "vm1", "host": "hv1", "port": "tap1", "mac": M1, "address": "10.0.0.1/24"},
        {"name": "vm2", "host": "hv2", "port": "tap2", "mac": M2, "address": "10.0.0.2/24"},
    ]
    vteps: dict[str, Any] = {host: {"address": A[4][place], "device": "eth0"} for place, host in enumerate(HOSTS)}
    vteps["hv1"]["style"] = vteps["leaf1"]["style"] = "single"
    fabric = {"name": "t", "underlay": {"mtu": 1600}, "networks": {"blue": network, "red": {"vni": 10200, "vlan": 200, "members": HOSTS, "flooding": "static"}}}
    return parse_fabric(fabric, vteps, {"all": HOSTS, "hypervisors": HOSTS[:2], "switches": HOSTS[2:]})


@pytest.mark.parametrize("flooding", ["static", "none"])
def test_one_interface_for_all_networks(flooding: str) -> None:
    fabric = _single(flooding)
    for source, destination in (("vm1", "vm2"), ("vm2", "vm1")):
        walk = walk_of(fabric, source, destination)
        assert (odd(walk), found(walk), walk.real_arrives) == ([], "", True)
    walk = walk_of(fabric)
    assert fact(walk, "The VXLAN header", "VNI")[:2] == ("10100", "10100")
    assert "VLAN 100 of the frame chooses the VNI" in step_of(walk, "The VXLAN header").text[1]
    assert fact(walk, "Into the bridge", "tap1 in VLAN 100")[:2] == ("untagged", "untagged")


SINGLE_FAULTS: dict[str, tuple[str, str, Callable[[Host], object], str, str]] = {
    "port not in the VLAN": ("vm1", "vm2", lambda host: host.port("brs", "tap1").update(vlans=[]), "Into the bridge", "tap1 is not in VLAN 100"),
    "interface not in the VLAN": ("vm1", "vm2", lambda host: host.port("brs", "vxs4").update(vlans=[{"vlan": "200"}]), LOOKUP, "vxs4 is not in VLAN 100"),
    "VLAN without a VNI": ("vm1", "vm2", lambda host: host.port("brs", "vxs4").update(tunnels=[]), "The VXLAN header", "VLAN 100 has no VNI on vxs4"),
    "VLAN with the VNI of another": (
        "vm1", "vm2", lambda host: host.port("brs", "vxs4").update(tunnels=[{"vlan": "100", "vni": "10200"}]), "The VXLAN header", "vxs4 has VNI 10200",
    ),
    "VNI not in the filter": (
        "vm2", "vm1", lambda host: host.state["vnis"].update(vxs4=[{"vni": "10200"}]), "The VNI chooses the interface", "10100 is not in the VNI filter",
    ),
    "receiver's port not in the VLAN": ("vm2", "vm1", lambda host: host.port("brs", "tap1").update(vlans=[{"vlan": 200}]), OUT, "tap1 is not in VLAN 100"),
}  # fmt: skip


@pytest.mark.parametrize("fault", SINGLE_FAULTS)
def test_a_fault_of_vlans(fault: str) -> None:
    source, destination, change, title, sentence = SINGLE_FAULTS[fault]
    fabric = _single()
    hosts = perfect(fabric)
    change(hosts["hv1"])
    walk = walk_of(fabric, source, destination, hosts)
    assert odd(walk)[0][0] == title
    assert sentence in found(walk)
    assert mends(walk) == {deploy("hv1")}
    assert walk.real_arrives is False


def test_a_machine_behind_a_trunk_port() -> None:
    fabric = fabric_of("static", vlan=7)
    inventory = {"name": "t", "networks": {"blue": {"vni": 100, "vlan": 7, "members": ["hv1", "hv2"], "flooding": "static", "endpoints": [
        {"name": "vm1", "host": "hv1", "port": "eth4", "mac": M1}, {"name": "vm2", "host": "hv2", "port": "tap2", "mac": M2},
    ]}}}  # fmt: skip
    vteps = {host: {"address": A[4][place], "device": "eth0"} for place, host in enumerate(HOSTS)}
    vteps["hv1"] = {**vteps["hv1"], "ports": {"eth4": {"trunk": ["blue"]}}}  # type: ignore[dict-item]
    fabric = parse_fabric(inventory, vteps, {"all": HOSTS, "hypervisors": HOSTS})
    walk = walk_of(fabric)
    assert (odd(walk), walk.real_arrives) == ([], True)
    assert fact(walk, "Into the bridge", "bridge of eth4.7")[:2] == ("br100", "br100")


def test_a_missing_member_of_a_flood_list() -> None:
    fabric = fabric_of("static")
    hosts = perfect(fabric)
    _rows(hosts["hv1"], ZERO, {"dst": A[4][1], "owner": "managed"}, {"dst": "192.0.2.99", "owner": "managed"})
    walk = walk_of(fabric, destination="broadcast", hosts=hosts)
    assert found(walk) == "192.0.2.3 (leaf1) is missing in the flood list of vx100; 192.0.2.99 (no VTEP of the fabric) should not be in the flood list of vx100"
    assert walk.real_arrives is False


def test_a_host_that_left_the_group() -> None:
    fabric = fabric_of("multicast")
    hosts = perfect(fabric)
    hosts["leaf1"].left.add("239.1.1.1")
    walk = walk_of(fabric, destination="broadcast", hosts=hosts)
    assert odd(walk) == [(ARRIVAL, ENDS)]
    assert walk.summary.startswith("It does not arrive. It ends because leaf1 is not a member of 239.1.1.1 on eth0")


def test_without_flooding_a_missing_row_is_the_end() -> None:
    fabric = fabric_of("none")
    hosts = perfect(fabric)
    _rows(hosts["hv1"], M2)
    hosts["hv1"].interface("vx100")["neighbours"] = []
    walk = walk_of(fabric, hosts=hosts)
    assert odd(walk) == [("Before it: how the source finds the MAC address", DIFFERS), (ROW, ENDS)]
    assert "vx100 has no entry for 10.0.0.2" in found(walk)
    assert "and there is no flood list" in found(walk)


def test_with_evpn_bgp_has_to_tell() -> None:
    fabric = fabric_of("evpn")
    hosts = perfect(fabric)
    hosts["hv1"].hear(M1, "tap1")
    hosts["hv2"].hear(M2, "tap2")
    walk = walk_of(fabric, hosts=hosts)
    assert odd(walk) == [(ROW, DIFFERS)]
    assert mends(walk) == {"vtysh -c 'show bgp l2vpn evpn summary'"}
    assert walk.real_arrives is True


def test_a_machine_whose_mac_address_was_heard() -> None:
    fabric = fabric_of("learning", macs=False)
    hosts = perfect(fabric)
    unknown = walk_of(fabric, hosts=hosts)
    assert (unknown.real_arrives, fact(unknown, ROW, "row")[1]) == (True, "192.0.2.2 (hv2), 192.0.2.3 (leaf1)")
    assert "does not know the MAC address of vm1 and vm2" in step_of(unknown, "The frame").text[1]
    hosts["hv1"].hear(M1, "tap1")
    hosts["hv2"].hear(M2, "tap2")
    _rows(hosts["hv1"], M2, {"dst": A[4][1], "owner": "learned"})
    known = walk_of(fabric, hosts=hosts)
    assert (known.summary, fact(known, ROW, "row")[1]) == ("It arrives. Every step is as the inventory wants it.", "192.0.2.2 (hv2)")
    _rows(hosts["hv1"], M2, {"dst": A[4][2], "owner": "learned"})
    assert "the kernel learned it" in found(walk_of(fabric, hosts=hosts))


def test_a_machine_on_the_same_host() -> None:
    third = {"name": "vm3", "host": "hv1", "port": "tap3", "mac": "02:00:00:00:00:03", "address": "10.0.0.3/24"}
    fabric = fabric_of("learning", endpoints=[{"name": "vm1", "host": "hv1", "port": "tap1", "mac": M1}, third])
    hosts = perfect(fabric)
    walk = walk_of(fabric, destination="vm3", hosts=hosts)
    assert (odd(walk), walk.real_arrives, [leg.host for leg in walk.legs]) == ([], True, ["hv1"])
    hosts["hv1"].hear("02:00:00:00:00:03", "tap3")
    assert walk_of(fabric, destination="vm3", hosts=hosts).real_arrives is True
    _moved(hosts["hv1"], "tap3")
    assert odd(walk_of(fabric, destination="vm3", hosts=hosts)) == [(OUT, ENDS)]


@pytest.mark.parametrize("flooding", ["learning", "none", "multicast"])
def test_the_gateway(flooding: str) -> None:
    everywhere = fabric_of(flooding, gateway=HOSTS)
    walk = walk_of(everywhere, destination="gateway")
    assert (odd(walk), walk.real_arrives, [leg.host for leg in walk.legs]) == ([], True, ["hv1"])
    hosts = perfect(everywhere)
    hosts["hv1"].bridge("br100")["mac"] = "02:00:00:00:00:77"
    broken = walk_of(everywhere, destination="gateway", hosts=hosts)
    assert (odd(broken)[-1], mends(broken)) == ((LOOKUP, ENDS), {deploy("hv1")})
    elsewhere = walk_of(fabric_of(flooding, gateway=["leaf1"]), destination="gateway")
    assert (odd(elsewhere), elsewhere.real_arrives, elsewhere.legs[-1].host) == ([], True, "leaf1")
    assert elsewhere.legs[-1].steps[-1].title == "Up to the gateway"
    back = walk_of(fabric_of(flooding, gateway=["leaf1"]), source="gateway", destination="vm1")
    assert (odd(back), back.real_arrives, back.legs[0].host) == ([], True, "leaf1")


def test_a_known_machine_that_speaks_from_elsewhere_is_dropped() -> None:
    fabric = fabric_of("learning")
    walk = walk_of(fabric, source=f"leaf1:{M1}", destination="vm2")
    assert (walk.wanted_arrives, walk.real_arrives) == (False, False)
    assert "vxlan_snoop drops it" in walk.summary
    assert "say host: leaf1 in the inventory and deploy, if the machine moved" in mends(walk)


def test_an_address_that_nobody_knows() -> None:
    fabric = fabric_of("learning")
    hosts = perfect(fabric)
    walk = walk_of(fabric, destination="52:54:00:00:00:09", hosts=hosts)
    assert (walk.wanted_arrives, walk.real_arrives) == (None, None)
    assert "It is flooded, and whoever has the address takes it." in walk.summary
    _rows(hosts["hv1"], "52:54:00:00:00:09", {"dst": A[4][2], "owner": "learned"})
    hosts["leaf1"].bridge("br100")["ports"].append({"name": "swp7"})
    hosts["leaf1"].hear("52:54:00:00:00:09", "swp7")
    learned = walk_of(fabric, destination="52:54:00:00:00:09", hosts=hosts)
    assert (learned.real_arrives, [leg.host for leg in learned.legs][-1]) == (True, "leaf1")


def test_hosts_that_were_not_looked_at() -> None:
    fabric = fabric_of("learning")
    limited = walk_of(fabric, available=["hv1"])
    assert (limited.real_arrives, {step.status for step in limited.legs[-1].steps}) == (None, {NOT_KNOWN})
    assert limited.summary.endswith("Whether it really does cannot be said. Not known: hv2: it was not looked at.")
    hosts = perfect(fabric)
    hosts["hv1"].error = "no route to host"
    dead = walk_of(fabric, hosts=hosts)
    assert (dead.real_arrives, {step.status for step in dead.legs[0].steps}) == (None, {NOT_KNOWN})
    assert "hv1: no route to host" in dead.summary


@given(st.one_of(inventories(), mixed_inventories()), st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_the_fabric_hosts_that_are_as_wanted_pass_frames(inventory: Inventory, data: st.DataObject) -> None:
    """And the inventory alone says the same."""
    fabric = inventory.parse()
    network = data.draw(st.sampled_from(sorted(fabric.networks)))
    found_there = fabric.networks[network]
    host = data.draw(st.sampled_from(found_there.members))
    source = data.draw(st.sampled_from([f"{host}:52:54:00:00:00:01", *(endpoint.name for endpoint in found_there.endpoints)]))
    words = ["broadcast", *(endpoint.name for endpoint in found_there.endpoints if endpoint.name != source), *(["gateway"] if found_there.gateway else [])]
    question = parse_question({fabric.name: fabric}, None, network, source, data.draw(st.sampled_from(words)))
    alone, walk = make_walk(question, {}, real=False), explain(question, perfect(fabric))
    assert alone.wanted_arrives is walk.wanted_arrives
    if found_there.flooding != EVPN:
        assert (walk.real_arrives, found(walk)) == (walk.wanted_arrives, "")
    for told in (as_dict(alone), as_dict(walk)):
        assert all(line.isascii() and '"' not in line for line in walk_text(told))
        assert walk_markdown(told).endswith("\n")
