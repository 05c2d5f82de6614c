# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of the bridge module and every flag of a port against the kernel, judged by `ip -j -d link`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import bridge_spec
from ansible_collections.vxlan.fabric.tests.support import raw
from ansible_collections.vxlan.fabric.tests.support.engine import good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import release
from ansible_collections.vxlan.fabric.tests.support.namespaces import CommandError, Namespace

MAC, MAC2 = "02:00:00:00:b0:01", "02:00:00:00:b0:02"
Judge = Callable[[Namespace], object]


class Case(NamedTuple):
    """Two values of an option, what the judge sees of each; words of ip(8) that show whether this kernel has it; other options."""

    first: Any
    second: Any
    judge: Judge
    shown: tuple[Any, Any]
    probe: str = ""
    base: dict[str, Any] = {}  # noqa: RUF012 - never written to
    needs: tuple[int, int] = (4, 20)


def data(key: str) -> Judge:
    return lambda ns: ns.data("br0").get(key)


def field(key: str) -> Judge:
    return lambda ns: ns.link("br0").get(key)


def slave(key: str) -> Judge:
    return lambda ns: ns.slave_data("p0").get(key)


def number(key: str, first: int, second: int, option: str = "") -> Case:
    return Case(first, second, data(key), (first, second), f"{option or key} {first}")


def seconds(key: str, first: float, second: float) -> Case:
    """The kernel counts in ticks, iproute2 shows hundredths: the values chosen are whole ticks at 100, 250 and 1000 Hz."""
    return Case(first, second, data(key), (round(first * 100), round(second * 100)))


def switch(key: str, default: bool, probe: str = "", **base: object) -> Case:
    return Case(not default, default, lambda ns: bool(ns.data("br0").get(key)), (not default, default), probe or f"{key} {int(not default)}", base)


def boolopt(bit: int, probe: str, needs: tuple[int, int], **base: object) -> Case:
    def judge(ns: Namespace) -> bool:
        return bool(int.from_bytes(raw.kind_data(ns, "br0")[46][:4], "little") >> bit & 1)

    return Case(True, False, judge, (True, False), probe, base, needs)


BRIDGE_CASES: dict[str, Case] = {
    "stp": switch("stp_state", False),
    "priority": number("priority", 4096, 8192),
    "forward_delay": seconds("forward_delay", 4, 20),
    "hello_time": seconds("hello_time", 1, 3),
    "max_age": seconds("max_age", 10, 30),
    "ageing": seconds("ageing_time", 60, 61.5),
    "group_fwd_mask": Case(8, 16, data("group_fwd_mask"), ("0x8", "0x10")),
    "group_address": Case("01:80:c2:00:00:04", "01:80:c2:00:00:05", data("group_addr"), ("01:80:c2:00:00:04", "01:80:c2:00:00:05")),
    "vlan_filtering": switch("vlan_filtering", False),
    "vlan_protocol": Case("802.1ad", "802.1Q", data("vlan_protocol"), ("802.1ad", "802.1Q"), "vlan_filtering 1"),
    "vlan_default_pvid": Case(7, 8, data("vlan_default_pvid"), (7, 8), "vlan_filtering 1"),
    "vlan_stats": switch("vlan_stats_enabled", False, "vlan_filtering 1"),
    "vlan_stats_per_port": switch("vlan_stats_per_port", False, "vlan_filtering 1"),
    "mcast_snooping": switch("mcast_snooping", True),
    "mcast_vlan_snooping": boolopt(1, "vlan_filtering 1", (5, 15), vlan_filtering=True),
    "mcast_router": Case("always", "never", data("mcast_router"), (2, 0)),
    "mcast_query_use_ifaddr": switch("mcast_query_use_ifaddr", False),
    "mcast_querier": switch("mcast_querier", False),
    "mcast_hash_max": number("mcast_hash_max", 512, 1024),
    "mcast_last_member_count": number("mcast_last_member_cnt", 3, 4, "mcast_last_member_count"),
    "mcast_startup_query_count": number("mcast_startup_query_cnt", 3, 4, "mcast_startup_query_count"),
    "mcast_last_member_interval": seconds("mcast_last_member_intvl", 2, 3.5),
    "mcast_membership_interval": seconds("mcast_membership_intvl", 100, 120),
    "mcast_querier_interval": seconds("mcast_querier_intvl", 100, 120),
    "mcast_query_interval": seconds("mcast_query_intvl", 60, 70),
    "mcast_query_response_interval": seconds("mcast_query_response_intvl", 5, 6),
    "mcast_startup_query_interval": seconds("mcast_startup_query_intvl", 30, 20),
    "mcast_stats": switch("mcast_stats_enabled", False),
    "mcast_igmp_version": number("mcast_igmp_version", 3, 2),
    "mcast_mld_version": number("mcast_mld_version", 2, 1),
    "nf_call_iptables": switch("nf_call_iptables", False),
    "nf_call_ip6tables": switch("nf_call_ip6tables", False),
    "nf_call_arptables": switch("nf_call_arptables", False),
    "no_linklocal_learn": boolopt(0, "no_linklocal_learn 1", (4, 20)),
    "mst_enabled": boolopt(2, "vlan_filtering 1", (5, 18)),
    "fdb_max_learned": Case(50, 60, lambda ns: int.from_bytes(raw.kind_data(ns, "br0")[49], "little"), (50, 60), "", {}, (6, 7)),
    # Fields of any link
    "state": Case("up", "down", lambda ns: "UP" in ns.link("br0")["flags"], (True, False)),
    "mtu": Case("1400", "1300", field("mtu"), (1400, 1300)),
    "mac": Case(MAC, MAC2, field("address"), (MAC, MAC2)),
    "alias": Case("some text", "other", field("ifalias"), ("some text", "other")),
    "txqueuelen": Case(77, 78, field("txqlen"), (77, 78)),
    "addrgenmode": Case("none", "eui64", field("inet6_addr_gen_mode"), ("none", "eui64")),
    "addresses": Case(
        ["10.0.0.1/24"], ["10.0.0.2/24", "2001:db8:9::1/64"], lambda ns: sorted(ns.addresses("br0")), (["10.0.0.1/24"], ["10.0.0.2/24", "2001:db8:9::1/64"])
    ),
    "neighbours": Case(
        [{"address": "10.0.0.7", "mac": MAC2}],
        [],
        lambda ns: [n["lladdr"] for n in ns.neighbours("br0")],
        ([MAC2], []),
        "",
        {"addresses": ["10.0.0.1/24"], "state": "up"},
    ),
}
# vlans, vlan_lists and tunnels are lists, in test_vlans.
BRIDGE_ELSEWHERE = {"name", "ports", "purge", "master", "vlans", "vlan_lists", "lock_timeout", "report_rows", "timeout", "netns"}
PORT_ELSEWHERE = {"name", "vlans", "tunnels"}


def flag(key: str, default: bool, **base: object) -> Case:
    return Case(not default, default, lambda ns: bool(ns.slave_data("p0").get(key)), (not default, default), "", base)


def raw_flag(attribute: int, needs: tuple[int, int], first: Any = True, second: Any = False, size: int = 1, **base: object) -> Case:
    def judge(ns: Namespace) -> object:
        return type(first)(int.from_bytes(raw.port_data(ns, "p0")[attribute][:size], "little"))

    return Case(first, second, judge, (first, second), "", base, needs)


PORT_CASES: dict[str, Case] = {
    "learning": flag("learning", True),
    "flood": flag("flood", True),
    "bcast_flood": flag("bcast_flood", True),
    "mcast_flood": flag("mcast_flood", True),
    "mcast_to_unicast": flag("mcast_to_unicast", False),
    "neigh_suppress": flag("neigh_suppress", False),
    "neigh_vlan_suppress": raw_flag(43, (6, 4)),
    "isolated": flag("isolated", False),
    "hairpin": flag("hairpin", False),
    "locked": flag("locked", False),
    "mab": raw_flag(40, (6, 2), locked=True),
    "guard": flag("guard", False),
    "root_block": flag("root_block", False),
    "mcast_fast_leave": flag("fastleave", False),
    "proxy_arp": flag("proxy_arp", False),
    "proxy_arp_wifi": flag("proxy_arp_wifi", False),
    "vlan_tunnel": flag("vlan_tunnel", False),
    "cost": Case(77, 78, slave("cost"), (77, 78)),
    "priority": Case(16, 17, slave("priority"), (16, 17)),
    "group_fwd_mask": Case(8, 16, slave("group_fwd_mask_str"), ("0x8", "0x10")),
    "mcast_router": Case("always", "never", slave("multicast_router"), (2, 0)),
    "mcast_max_groups": raw_flag(42, (6, 3), 50, 60, 4),
    "backup_port": Case("p1", "p2", slave("backup_port"), ("p1", "p2")),
    "backup_nexthop": raw_flag(44, (6, 6), 5, 6, 4),
}

PORTS = tuple(f"link add {name} address 02:00:00:00:0{i}:01 type ifb" for i, name in enumerate(("p0", "p1", "p2")))


def test_every_option_has_a_case() -> None:
    spec = bridge_spec()
    assert set(spec) - BRIDGE_ELSEWHERE == set(BRIDGE_CASES), "an option without a kernel test, or a test without an option"
    assert set(spec["ports"]["options"]) - PORT_ELSEWHERE == set(PORT_CASES)


def kernel_has(ns: Namespace, case: Case) -> bool:
    if not case.probe:
        return True
    try:
        ns.ip(f"link add probe type bridge {case.probe}")
    except CommandError:
        return False
    key, value = case.probe.split()
    made = str(ns.data("probe").get(key, value)) == value
    ns.ip("link delete probe")
    return made


def prepared(ns: Namespace, option: str) -> Case:
    case = BRIDGE_CASES[option]
    if release() < case.needs:
        pytest.skip(f"{option} needs Linux {case.needs[0]}.{case.needs[1]}")
    if not kernel_has(ns, case):
        refused(ns, "bridge", given(option, case, case.first), "br0", option, check=False)
        good(run(ns, "bridge", {"name": "br0", "mac": MAC}))
        refused(ns, "bridge", given(option, case, case.first), "br0", option, check=False)
        pytest.skip(f"this kernel was built without what bridge option {option} needs (refused clearly, nothing left behind)")
    return case


def given(option: str, case: Case, value: object) -> dict[str, Any]:
    return {"name": "br0", "mac": MAC, **case.base, option: value}


@pytest.mark.parametrize("option", sorted(BRIDGE_CASES))
def test_bridge_option(ns: Namespace, option: str) -> None:
    case = prepared(ns, option)
    judged(ns, "bridge", given(option, case, case.first))
    assert case.judge(ns) == case.shown[0]
    index = ns.index("br0")
    unchanged(ns, "bridge", {"name": "br0"})
    for value, shown in zip((case.second, case.first), (case.shown[1], case.shown[0])):
        result = judged(ns, "bridge", given(option, case, value))
        assert result["recreated"] == []
        assert case.judge(ns) == shown
    assert ns.index("br0") == index


@pytest.mark.parametrize("flag_name", sorted(PORT_CASES))
def test_port_flag(ns: Namespace, flag_name: str) -> None:
    case = PORT_CASES[flag_name]
    if release() < case.needs:
        pytest.skip(f"{flag_name} needs Linux {case.needs[0]}.{case.needs[1]}")
    ns.ip(*PORTS, "nexthop add id 5 via 192.0.2.7 fdb", "nexthop add id 6 via 192.0.2.8 fdb")
    ns.ip("nexthop add id 15 group 5 fdb", "nexthop add id 16 group 6 fdb") if flag_name == "backup_nexthop" else None

    def arguments(value: object) -> dict[str, Any]:
        return {"name": "br0", "mac": MAC, "ports": [{"name": "p0", **case.base, flag_name: value}, {"name": "p1"}, {"name": "p2"}]}

    judged(ns, "bridge", arguments(case.first))
    assert case.judge(ns) == case.shown[0]
    unchanged(ns, "bridge", {"name": "br0", "ports": [{"name": "p0"}]})
    for value, shown in zip((case.second, case.first), (case.shown[1], case.shown[0])):
        judged(ns, "bridge", arguments(value))
        assert case.judge(ns) == shown


def aliases() -> list[tuple[str, str]]:
    return [(option, alias) for option, entry in sorted(bridge_spec().items()) if option in BRIDGE_CASES for alias in entry.get("aliases", ())]


@pytest.mark.parametrize(("option", "alias"), aliases())
def test_alias_is_the_same(ns: Namespace, option: str, alias: str) -> None:
    case = prepared(ns, option)
    wanted = given(option, case, case.first)
    value = wanted.pop(option)
    good(run(ns, "bridge", {**wanted, alias: value}))
    assert case.judge(ns) == case.shown[0]


def masters(ns: Namespace) -> dict[str, str]:
    return {entry["ifname"]: entry["master"] for entry in ns.json("ip", "link") if "master" in entry}


def test_ports_come_and_not_listed_ones_stay(ns: Namespace) -> None:
    ns.ip(*PORTS)
    judged(ns, "bridge", {"name": "br0", "mac": MAC, "ports": [{"name": "p0"}]})
    judged(ns, "bridge", {"name": "br0", "ports": [{"name": "p1"}]})
    assert masters(ns) == {"p0": "br0", "p1": "br0"}
    unchanged(ns, "bridge", {"name": "br0", "ports": []})


def big_port(ns: Namespace) -> None:
    ns.ip("link add p9 address 00:00:00:00:00:09 mtu 1600 type ifb")


def test_mtu_and_mac_follow_the_ports_when_nothing_is_said(ns: Namespace) -> None:
    big_port(ns)
    good(run(ns, "bridge", {"name": "br0", "priority": 5}))
    judged(ns, "bridge", {"name": "br0", "priority": 6, "ports": [{"name": "p9"}]})
    assert ns.link("br0")["mtu"] == 1600
    assert ns.link("br0")["address"] == "00:00:00:00:00:09"
    unchanged(ns, "bridge", {"name": "br0", "priority": 6, "ports": [{"name": "p9"}]})


@pytest.mark.parametrize("mtu", ["1500", "1400"])
@pytest.mark.parametrize("there", [True, False])
def test_mtu_and_mac_stay_when_they_are_said(ns: Namespace, mtu: str, there: bool) -> None:
    big_port(ns)
    if there:
        ns.ip(f"link add br0 address {MAC} mtu {mtu} type bridge")
    wanted = {"name": "br0", "mac": MAC, "mtu": mtu, "ports": [{"name": "p9"}]}
    judged(ns, "bridge", wanted)
    assert (ns.link("br0")["mtu"], ns.link("br0")["address"]) == (int(mtu), MAC)
    ns.ip("link add p8 mtu 1300 type ifb", "link set p8 master br0")
    unchanged(ns, "bridge", wanted)


def test_purge_all_takes_ports_out(ns: Namespace) -> None:
    ns.ip(*PORTS)
    good(run(ns, "bridge", {"name": "br0", "mac": MAC, "ports": [{"name": "p0"}, {"name": "p1"}, {"name": "p2"}]}))
    judged(ns, "bridge", {"name": "br0", "ports": [{"name": "p1"}], "purge": "all"})
    assert masters(ns) == {"p1": "br0"}
    unchanged(ns, "bridge", {"name": "br0", "purge": "all"})  # not given is no empty list
    judged(ns, "bridge", {"name": "br0", "ports": [], "purge": "all"})
    assert masters(ns) == {}


def test_purge_managed_takes_only_marked_ports_out(ns: Namespace) -> None:
    ns.ip(*PORTS, "link set dev p0 alias vxlan.fabric:demo")
    good(run(ns, "bridge", {"name": "br0", "mac": MAC, "ports": [{"name": "p0"}, {"name": "p1"}]}))
    judged(ns, "bridge", {"name": "br0", "ports": [], "purge": "managed"})
    assert masters(ns) == {"p1": "br0"}


def test_port_moves_from_another_bridge(ns: Namespace) -> None:
    ns.ip(*PORTS)
    good(run(ns, "bridge", {"name": "br1", "mac": MAC2, "ports": [{"name": "p0", "isolated": True}]}))
    judged(ns, "bridge", {"name": "br0", "mac": MAC, "ports": [{"name": "p0", "hairpin": True}]})
    assert masters(ns) == {"p0": "br0"}
    assert ns.slave_data("p0")["hairpin"]
    assert not ns.slave_data("p0")["isolated"]


def test_missing_port_is_an_error_and_in_a_check_assumed(ns: Namespace) -> None:
    wanted = {"name": "br0", "ports": [{"name": "later", "isolated": True}]}
    refused(ns, "bridge", wanted, "br0.ports", "'later'", check=False)
    predicted = good(run(ns, "bridge", wanted, check=True))
    assert predicted["changed"]
    assert "later" in predicted["warnings"][0]
    assert any(o["operation"] == "set_port" for o in predicted["operations"])


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"ports": [{"name": "p0"}, {"name": "p0"}]}, ("ports[1].name", "p0", "twice")),
        ({"ports": [{"name": "p 0"}]}, ("ports[0].name",)),
        ({"ports": [{"name": "p0", "priority": 64}]}, ("ports[0].priority", "0..63")),
        ({"ports": [{"name": "p0", "cost": 0}]}, ("ports[0].cost",)),
        ({"max_age": 5}, ("max_age", "seconds")),
        ({"mcast_igmp_version": 4}, ("mcast_igmp_version", "2..3")),
        ({"group_address": "x"}, ("group_address", "MAC")),
    ],
)
def test_mistakes_are_found_before(ns: Namespace, wanted: dict[str, Any], words: tuple[str, ...]) -> None:
    ns.ip(*PORTS)
    refused(ns, "bridge", {"name": "br0", **wanted}, *words)


@pytest.mark.parametrize("wanted", [{"group_address": MAC}, {"ports": [{"name": "lo"}]}])
def test_refusal_of_the_kernel_leaves_nothing_behind(ns: Namespace, wanted: dict[str, Any]) -> None:
    text = refused(ns, "bridge", {"name": "br0", "mac": MAC, **wanted}, check=False)
    assert "(E" in text or "acknowledged" in text, text


def test_absent_frees_the_ports(ns: Namespace) -> None:
    ns.ip(*PORTS)
    good(run(ns, "bridge", {"name": "br0", "mac": MAC, "ports": [{"name": "p0"}]}))
    judged(ns, "bridge", {"name": "br0", "state": "absent"})
    assert masters(ns) == {}
    assert ns.has("p0")
