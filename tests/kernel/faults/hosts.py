# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole hosts as the vtep module takes them, and scenarios that change one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from typing import Any

from .scenarios import PORTS, ZERO, Scenario, mac

Given = dict[str, Any]

FABRIC = "demo"
FOREIGN = (
    f"link add vxforeign address {mac(0xF0)} type vxlan id 999 local 192.0.2.1 dstport 4799",
    "link set vxforeign alias mine",
    f"link add brforeign address {mac(0xF1)} type bridge",
    "link set vxforeign up",
)
FOREIGN_ROWS = (f"fdb append {ZERO} dev vxforeign dst 192.0.2.200", f"fdb add {mac(0xF2)} dev vxforeign dst 192.0.2.201")


def interface(number: int, **more: Any) -> Given:
    base = {"name": f"vx{number}", "mac": mac(number), "vni": 100 + number, "local": "192.0.2.1", "learning": False, "state": "up", "master": f"br{number}"}
    return {**base, **more}


def bridge(number: int, **more: Any) -> Given:
    return {"name": f"br{number}", "mac": mac(number, 0xB), "state": "up", "mcast_snooping": False, **more}


def rows(number: int, *last: int) -> Given:
    unicast = [{"mac": mac(number, 0xC0 + n), "dst": f"192.0.2.{n}"} for n in last]
    return {"interface": f"vx{number}", "flood": ["all"], "rows": unicast, "purge": "managed"}


def host(numbers: Iterable[int], peers: Iterable[int] = (2, 3)) -> Given:
    """A host with a network, its bridge and rows for each number."""
    listed, others = list(numbers), list(peers)
    return {
        "fabric": FABRIC,
        "purge": "managed",
        "peers": {"all": [f"192.0.2.{n}" for n in others]},
        "interfaces": [interface(n) for n in listed],
        "bridges": [bridge(n) for n in listed],
        "fdb": [rows(n, *others) for n in listed],
    }


def changed(given: Given, change: Callable[[Given], None]) -> Given:
    after = copy.deepcopy(given)
    change(after)
    return after


def as_text(given: Given) -> Given:
    """The same as one JSON text."""
    options = {key: value for key, value in given.items() if key == "purge"}
    return {**options, "host_state": json.dumps({key: value for key, value in given.items() if key != "purge"})}


VNIS = {"name": "vxsvd", "mac": mac(0xE0), "external": True, "vnifilter": True, "local": "192.0.2.1", "port": 4790, "state": "up"}


def _with_vnis(entries: list[Given], **more: Any) -> Given:
    given = host([1])
    given["interfaces"].append({**VNIS, **more})
    given["vnis"] = {"vxsvd": entries}
    return given


def _gateways(given: Given) -> None:
    """Addresses, neighbours and access ports on the first bridge."""
    first = given["bridges"][0]
    first["addresses"] = ["10.0.1.1/24", "2001:db8:1::1/64"]
    first["neighbours"] = [{"address": "10.0.1.7", "mac": mac(1, 7)}]
    first["ports"] = [{"name": "vx1", "learning": False, "neigh_suppress": True}, {"name": "tap0", "isolated": True}]


def _recreated(given: Given) -> None:
    for entry in given["interfaces"][:2]:
        entry["port"] = 4800 + int(entry["name"][2:])


def _mixed(given: Given) -> None:
    """One network less, one more, one re-created, one changed live, other peers, and access ports."""
    given["interfaces"] = [interface(1, ttl="9", mtu="1400"), interface(2, port=4802), interface(4)]
    given["bridges"] = [bridge(1), bridge(2, ageing=60), bridge(4, stp=True)]
    given["fdb"] = [rows(1, 3), rows(2, 4, 5), rows(4, 4)]
    given["peers"] = {"all": ["192.0.2.3", "192.0.2.4"]}
    _gateways(given)


def _moved(given: Given) -> None:
    """Two networks exchange their bridges."""
    one, two = given["interfaces"][:2]
    one["master"], two["master"] = two["master"], one["master"]


THREE = host([1, 2, 3])

SCENARIOS = (
    Scenario("vtep_from_nothing", "vtep", changed(THREE, _gateways), (*PORTS, *FOREIGN), FOREIGN_ROWS),
    Scenario("vtep_adds_a_network", "vtep", host([1, 2, 3, 4]), FOREIGN, FOREIGN_ROWS, made=THREE),
    Scenario("vtep_removes_a_network", "vtep", host([1, 3]), FOREIGN, FOREIGN_ROWS, made=THREE),
    Scenario("vtep_removes_all", "vtep", host([]), FOREIGN, FOREIGN_ROWS, made=host([1, 2])),
    Scenario("vtep_other_peers", "vtep", host([1, 2, 3], (3, 4, 5)), FOREIGN, FOREIGN_ROWS, made=THREE),
    Scenario("vtep_recreates_two", "vtep", changed(THREE, _recreated), FOREIGN, FOREIGN_ROWS, made=THREE),
    Scenario("vtep_mixed", "vtep", changed(THREE, _mixed), (*PORTS, *FOREIGN), FOREIGN_ROWS, made=THREE),
    Scenario("vtep_exchanges_bridges", "vtep", changed(THREE, _moved), FOREIGN, FOREIGN_ROWS, made=THREE),
    Scenario("vtep_gateways", "vtep", changed(THREE, _gateways), (*PORTS, *FOREIGN), FOREIGN_ROWS, made=THREE),
    Scenario("vtep_makes_a_vni_filter", "vtep", _with_vnis([{"vni": "100-199"}, {"vni": "300", "remote": "192.0.2.9"}]), made=host([1])),
    Scenario(
        "vtep_changes_a_vni_filter",
        "vtep",
        _with_vnis([{"vni": "150-260"}, {"vni": "300", "remote": "192.0.2.8"}, {"vni": "400"}]),
        made=_with_vnis([{"vni": "100-199"}, {"vni": "300", "remote": "192.0.2.9"}, {"vni": "301"}]),
    ),
    Scenario(
        "vtep_recreates_with_a_vni_filter",
        "vtep",
        _with_vnis([{"vni": "150-260"}, {"vni": "400"}], udp_checksum=False),
        made=_with_vnis([{"vni": "100-199"}, {"vni": "300", "remote": "192.0.2.9"}]),
    ),
    Scenario("vtep_forty_networks", "vtep", as_text(host(range(1, 41)))),
    Scenario("vtep_forty_less_forty_more", "vtep", as_text(host(range(41, 61), (3, 4))), made=as_text(host(range(1, 41)))),
)
