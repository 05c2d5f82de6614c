# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `commands` that a module returns: typed into a fresh namespace they give the same state. And vtep_info, whose output given
back changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace

MAC, MAC2, BR = "02:00:00:00:11:11", "02:00:00:00:22:22", "02:00:00:00:00:b0"
ZERO = "00:00:00:00:00:00"
Step = tuple[str, dict[str, Any]]
V4: dict[str, Any] = {"name": "vx0", "mac": MAC, "vni": 100, "remote": "192.0.2.2", "local": "192.0.2.1", "device": "eth0"}
BRIDGE: Step = ("bridge", {"name": "br0", "mac": BR, "state": "up"})
NEXTHOPS = ("nexthop add id 1 via 192.0.2.7 fdb", "nexthop add id 10 group 1 fdb")

DESIRED: dict[str, list[Step]] = {
    "point to point": [("interface", {**V4, "state": "up", "addresses": ["10.0.0.1/24", "2001:db8:7::1/64"]})],
    "multicast": [("interface", {"name": "vx0", "mac": MAC, "vni": 100, "group": "239.1.1.1", "device": "eth0", "mtu": "auto", "state": "up", "ttl": "16"})],
    "ipv6": [
        ("interface", {"name": "vx0", "mac": MAC, "vni": 100, "remote": "2001:db8::2", "local": "2001:db8::1", "flow_label": 77, "rsc": True}),
        ("fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["2001:db8::3", "2001:db8::4"]}, {"mac": MAC2, "dst": "2001:db8::3"}]}),
    ],
    "every switch": [
        (
            "interface",
            {
                **V4, "learning": False, "proxy": True, "rsc": True, "l2miss": True, "l3miss": True, "udp_checksum": False, "udp6_zero_checksum_tx": True,
                "udp6_zero_checksum_rx": True, "remote_checksum_tx": True, "remote_checksum_rx": True, "gbp": True, "ageing": 77, "limit": 50,
                "source_port": "1000-2000", "ttl": "inherit", "tos": "inherit", "df": "set", "port": 4790, "mtu": "1400", "txqueuelen": 77,
                "addrgenmode": "none", "alias": "it's; $HOME `x` \"y\"", "state": "up",
            },
        )
    ],
    "external": [
        ("interface", {"name": "vx0", "mac": MAC, "external": True, "vnifilter": True, "local": "192.0.2.1", "learning": False, "state": "up"}),
        ("fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.3"], "src_vni": 7, "vni": 8}, {"mac": MAC2, "dst": "192.0.2.3", "src_vni": 7}]}),
    ],
    "gpe": [("interface", {"name": "vx0", "external": True, "gpe": True, "learning": False, "port": 4790})],
    "bridge and rows": [
        BRIDGE,
        ("interface", {**V4, "master": "br0", "state": "up"}),
        (
            "bridge",
            {
                "name": "br0", "stp": True, "ageing": 61.5, "forward_delay": 4, "mcast_snooping": False, "priority": 4096, "group_address": "01:80:c2:00:00:04",
                "mcast_router": "always", "addresses": ["10.0.0.1/24"], "neighbours": [{"address": "10.0.0.9", "mac": MAC2}],
                "ports": [{"name": "vx0", "learning": False, "neigh_suppress": True, "isolated": True, "hairpin": True, "cost": 55, "priority": 20,
                           "mcast_router": "never", "mcast_flood": False, "group_fwd_mask": 8, "locked": True}],
            },
        ),
        (
            "fdb",
            {
                "interface": "vx0",
                "rows": [
                    {"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"]},
                    {"mac": "02:00:00:00:aa:01", "dst": "192.0.2.3", "port": 4790, "vni": 7, "via": "far0"},
                    {"mac": "02:00:00:00:aa:02", "dst": "192.0.2.3", "state": "static", "router": True},
                    {"mac": "02:00:00:00:aa:03", "nexthop_group": 10},
                    {"mac": "02:00:00:00:aa:04", "table": "master", "state": "static", "sticky": True},
                    {"mac": "02:00:00:00:aa:05", "dst": "192.0.2.4", "extern_learn": True},
                ],
            },
        ),
    ],
    "neighbours with proxy": [
        (
            "interface",
            {
                **V4, "proxy": True, "state": "up", "addresses": ["10.0.0.1/24", "10.0.0.2/24"],
                "neighbours": [{"address": "10.0.0.7", "mac": MAC2}, {"address": "10.0.0.8", "mac": MAC2, "state": "noarp"},
                               {"address": "2001:db8:7::7", "mac": MAC2, "router": True}],
            },
        )
    ],
    "changes": [
        ("interface", {**V4, "state": "up", "addresses": ["10.0.0.1/24", "10.0.0.2/24"]}),
        ("interface", {**V4, "remote": "192.0.2.9", "device": "far0", "ageing": 77, "ttl": "9", "state": "down", "addresses": ["10.0.0.2/24"], "alias": ""}),
        ("fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.5"]}, {"mac": MAC2, "dst": "192.0.2.3"}]}),
        ("fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.6"]}, {"mac": MAC2, "dst": "192.0.2.4"}], "purge": "static"}),
    ],
    "re-creation": [
        BRIDGE,
        ("interface", {**V4, "master": "br0", "state": "up", "addresses": ["10.0.0.1/24"], "alias": "mine"}),
        ("interface", {"name": "vx0", "neighbours": [{"address": "10.0.0.7", "mac": MAC2}]}),
        ("bridge", {"name": "br0", "ports": [{"name": "vx0", "isolated": True}]}),
        ("fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.5"]}, {"mac": MAC2, "dst": "192.0.2.3"}]}),
        ("interface", {"name": "vx0", "vni": 200, "limit": 500}),
    ],
    "removal": [BRIDGE, ("interface", {**V4, "master": "br0"}), ("interface", {"name": "vx0", "state": "absent"})],
}  # fmt: skip


def build(ns: Namespace, steps: list[Step]) -> list[str]:
    commands: list[str] = []
    ns.ip(*NEXTHOPS)
    for module, arguments in steps:
        commands += good(run(ns, module, arguments))["commands"]
    return commands


@pytest.mark.parametrize("name", sorted(DESIRED))
def test_commands_give_the_same_state(ns: Namespace, other: Namespace, name: str) -> None:
    commands = build(ns, DESIRED[name])
    other.ip(*NEXTHOPS)
    other.sh("\n".join(commands))
    found, expected = other.state(), ns.state()
    for part, entries in expected.items():
        assert found[part] == entries, part


# --- vtep_info ---


def info(ns: Namespace, **arguments: object) -> dict[str, Any]:
    return good(run(ns, "vtep_info", arguments))


def fed_back(ns: Namespace, found: dict[str, Any]) -> None:
    """What vtep_info says, given to the modules, changes nothing."""
    for module, part in (("interface", "interfaces"), ("bridge", "bridges"), ("fdb", "fdb")):
        for arguments in found[part]:
            unchanged(ns, module, arguments)


@pytest.mark.parametrize("name", sorted(set(DESIRED) - {"removal"}))
def test_output_given_back_changes_nothing(ns: Namespace, name: str) -> None:
    build(ns, DESIRED[name])
    before = ns.state()
    found = info(ns)
    assert [entry["name"] for entry in found["interfaces"]] == ["vx0"]
    fed_back(ns, found)
    assert ns.state() == before


@pytest.mark.parametrize("name", sorted(set(DESIRED) - {"removal"}))
def test_output_builds_the_same_elsewhere(ns: Namespace, other: Namespace, name: str) -> None:
    build(ns, DESIRED[name])
    other.ip(*NEXTHOPS)
    found = info(ns)
    for bridge in found["bridges"]:
        good(run(other, "bridge", {key: value for key, value in bridge.items() if key not in ("ports", "mtu")}))
    for module, part in (("interface", "interfaces"), ("bridge", "bridges"), ("fdb", "fdb")):
        for arguments in found[part]:
            good(run(other, module, arguments))
    for part, entries in ns.state().items():
        assert other.state()[part] == entries, part


def made_by_hand(ns: Namespace) -> None:
    ns.ip(
        f"link add br0 address {BR} type bridge ageing_time 5000 mcast_snooping 0",
        f"link add vx0 address {MAC} type vxlan id 100 remote 192.0.2.2 local 192.0.2.1 dev eth0 ttl 5 tos 0x10",  # port 8472
        "link set dev vx0 alias vxlan.fabric:demo",
        "link set vx0 master br0", "link set vx0 type bridge_slave learning off",
        "link set vx0 up", "link set br0 up",
        f"link add vx1 address {MAC2} type vxlan id 101 group ff05::100 dev eth0 dstport 4789 flowlabel 5 df inherit l3miss",
        f"link add vx2 address {MAC2} type vxlan external dstport 4790 vnifilter nolearning",
        "link add plain address 02:00:00:00:33:33 type ifb", "link set plain master br0",
        "address add 10.1.0.1/24 dev br0", "neighbour add 10.1.0.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent",
    )  # fmt: skip
    ns.bridge(
        "vni add dev vx2 vni 10-20",
        f"fdb append {ZERO} dev vx0 dst 192.0.2.3 port 4790 vni 5 via far0",
        "fdb add 02:00:00:00:aa:01 dev vx0 dst 192.0.2.3",
        "fdb add 02:00:00:00:aa:02 dev vx0 dst 192.0.2.3 dynamic",
        "fdb add 02:00:00:00:aa:03 dev vx0 dst 192.0.2.3 extern_learn",
        "fdb add 02:00:00:00:aa:04 dev plain master static",
        "fdb add 02:00:00:00:aa:05 dev vx2 dst 192.0.2.3 src_vni 10",
    )


def test_set_up_by_hand_given_back_changes_nothing(ns: Namespace) -> None:
    made_by_hand(ns)
    before = ns.state()
    for which in ("configured", "all", "none"):
        fed_back(ns, info(ns, fdb=which))
    assert ns.state() == before


def test_owners_of_rows(ns: Namespace) -> None:
    made_by_hand(ns)
    found = {entry["interface"]: {row["mac"][-2:] + "/" + row["table"]: row["owner"] for row in entry["rows"]} for entry in info(ns, fdb="all")["fdb"]}
    assert found["vx0"]["01/self"] == "managed"
    assert found["vx0"]["02/self"] == "learned"
    assert found["vx0"]["03/self"] == "extern_learn"
    assert found["vx0"]["11/master"] == "kernel"
    assert found["vx2"]["05/self"] == "foreign"
    assert found["plain"]["04/master"] == "foreign"
    owners = info(ns)["owners"]
    assert owners == {"vx0": "demo", "vx1": "", "vx2": "", "br0": ""}
    assert info(ns)["vnis"] == {"vx2": [{"vni": "10-20"}]}


def test_options_of_vtep_info(ns: Namespace) -> None:
    made_by_hand(ns)
    configured = {row["mac"] for entry in info(ns)["fdb"] for row in entry["rows"]}
    assert "02:00:00:00:aa:02" not in configured
    assert "02:00:00:00:aa:01" in configured
    assert info(ns, fdb="none")["fdb"] == []
    some = info(ns, names=["vx1", "br0", "nowhere"])
    assert [entry["name"] for entry in some["interfaces"]] == ["vx1"]
    assert [entry["name"] for entry in some["bridges"]] == ["br0"]
    assert [entry["interface"] for entry in some["fdb"]] == ["vx1"]
    assert "statistics" not in some
    ns.sh("ping -c1 -W1 -I br0 10.1.0.9 >/dev/null || true")
    statistics: Json = info(ns, statistics=True)["statistics"]
    assert set(statistics) == {"vx0", "vx1", "vx2", "br0"}
    assert statistics["br0"]["tx_packets"] == ns.json("ip", "-s", "link", "show", "dev", "br0")[0]["stats64"]["tx"]["packets"]


def test_nothing_there_is_an_empty_answer(ns: Namespace) -> None:
    found = info(ns)
    assert (found["interfaces"], found["bridges"], found["fdb"], found["vnis"], found["changed"]) == ([], [], [], {}, False)
