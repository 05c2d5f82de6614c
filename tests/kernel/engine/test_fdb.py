# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fdb module against the kernel, judged by `bridge -j fdb`."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import ROW
from ansible_collections.vxlan.fabric.tests.support.engine import good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace, execute

MAC = "02:00:00:00:11:11"
A, B, C = "02:00:00:00:aa:01", "02:00:00:00:aa:02", "02:00:00:00:aa:03"
ZERO, GROUP_MAC = "00:00:00:00:00:00", "01:00:5e:01:01:01"
Row = dict[str, Any]


def vxlan(ns: Namespace, *words: str, master: bool = False) -> None:
    what = words or ("id", "100", "local", "192.0.2.1", "dev", "eth0")
    ns.ip(f"link add vx0 address {MAC} type vxlan {' '.join(what)} dstport 4789", "link set vx0 up")
    if master:
        ns.ip("link add br0 address 02:00:00:00:00:b0 type bridge", "link set vx0 master br0")


def rows(ns: Namespace, mac: str) -> list[Json]:
    return [{k: v for k, v in row.items() if k not in ("ifname", "mac")} for row in ns.fdb("vx0") if row["mac"] == mac]


SELF = {"flags": ["self"], "state": "permanent"}
# option -> (interface, first, what the kernel shows, second, what it shows)
FIELDS: dict[str, tuple[tuple[str, ...], Row, Json, Row, Json]] = {
    "dst": ((), {"dst": "192.0.2.2"}, {**SELF, "dst": "192.0.2.2"}, {"dst": "192.0.2.3"}, {**SELF, "dst": "192.0.2.3"}),
    "port": (
        (), {"dst": "192.0.2.2", "port": 4790}, {**SELF, "dst": "192.0.2.2", "port": 4790},
        {"dst": "192.0.2.2", "port": 4789}, {**SELF, "dst": "192.0.2.2"},
    ),
    "vni": (
        (), {"dst": "192.0.2.2", "vni": 7}, {**SELF, "dst": "192.0.2.2", "vni": 7},
        {"dst": "192.0.2.2", "vni": 100}, {**SELF, "dst": "192.0.2.2"},
    ),
    "src_vni": (
        ("external",), {"dst": "192.0.2.2", "src_vni": 7, "vni": 8}, {**SELF, "dst": "192.0.2.2", "src_vni": 7, "vni": 8},
        {"dst": "192.0.2.3", "src_vni": 7, "vni": 8}, {**SELF, "dst": "192.0.2.3", "src_vni": 7, "vni": 8},
    ),
    "via": (
        (), {"dst": "192.0.2.2", "via": "far0"}, {**SELF, "dst": "192.0.2.2", "viaIf": "far0"},
        {"dst": "192.0.2.3"}, {**SELF, "dst": "192.0.2.3"},
    ),
    "nexthop_group": (
        (), {"nexthop_group": 10}, {**SELF, "nhid": 10},
        {"nexthop_group": 11}, {**SELF, "nhid": 11},
    ),
    "state": (
        (), {"dst": "192.0.2.2", "state": "static"}, {"flags": ["self"], "state": "static", "dst": "192.0.2.2"},
        {"dst": "192.0.2.2", "state": "permanent"}, {**SELF, "dst": "192.0.2.2"},
    ),
    "table": (
        (), {"table": "master", "state": "static"}, {"flags": [], "master": "br0", "state": "static"},
        {"table": "master", "state": "static", "sticky": True}, {"flags": ["sticky"], "master": "br0", "state": "static"},
    ),
    "router": (
        (), {"dst": "192.0.2.2", "router": True}, {"flags": ["self", "router"], "state": "permanent", "dst": "192.0.2.2"},
        {"dst": "192.0.2.2"}, {**SELF, "dst": "192.0.2.2"},
    ),
    "sticky": (
        (), {"table": "master", "state": "static", "sticky": True}, {"flags": ["sticky"], "master": "br0", "state": "static"},
        {"table": "master", "state": "static"}, {"flags": [], "master": "br0", "state": "static"},
    ),
    "extern_learn": (
        (), {"dst": "192.0.2.2", "extern_learn": True}, {"flags": ["self", "extern_learn"], "state": "permanent", "dst": "192.0.2.2"},
        {"dst": "192.0.2.2"}, {**SELF, "dst": "192.0.2.2"},
    ),
}  # fmt: skip
ELSEWHERE = {"mac", "owner", "vlan"}


def test_every_field_has_a_case() -> None:
    assert set(ROW) - ELSEWHERE == set(FIELDS)


def same(found: list[Json], expected: Json) -> None:
    """One row. Of the bridge's, a kernel that has VLANs makes one more of VLAN 1, in which every port is (br_fdb_add)."""
    assert [row.get("vlan") for row in found] in ([None], [1, None], [None, 1]), found
    assert len(found) == 1 or "master" in expected
    for row in found:
        assert {**row, "flags": sorted(row["flags"])} == {**expected, "flags": sorted(expected["flags"]), **({"vlan": 1} if "vlan" in row else {})}


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_field_of_a_unicast_row(ns: Namespace, field: str) -> None:
    words, first, shown, second, shown2 = FIELDS[field]
    vxlan(ns, *words, master=True)
    ns.ip("nexthop add id 1 via 192.0.2.7 fdb", "nexthop add id 2 via 192.0.2.8 fdb", "nexthop add id 10 group 1/2 fdb", "nexthop add id 11 group 2 fdb")
    for given, expected in ((first, shown), (second, shown2), (first, shown)):
        judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, **given}]})
        same(rows(ns, A), expected)
    judged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": A, **first}]})
    assert rows(ns, A) == []


@pytest.mark.parametrize("field", ["dst", "port", "vni", "src_vni", "via"])
@pytest.mark.parametrize("mac", [ZERO, GROUP_MAC])
def test_field_of_a_flood_list(ns: Namespace, field: str, mac: str) -> None:
    words, first, shown, second, shown2 = FIELDS[field]
    vxlan(ns, *words)
    for given, expected in ((first, shown), (second, shown2), (first, shown)):
        judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": mac, **given}]})
        same(rows(ns, mac), expected)


def test_vlan_of_a_row(ns: Namespace) -> None:
    """Without VLAN filtering the bridge refuses rows with a VLAN, and says so."""
    vxlan(ns, master=True)
    row = {"mac": A, "table": "master", "state": "static", "vlan": 5}
    result = run(ns, "fdb", {"interface": "vx0", "rows": [row]})
    if result["failed"]:
        assert "vlan 5" in result["msg"]
        pytest.skip("this kernel was built without VLAN filtering of bridges: a row with a VLAN is refused, clearly")
    assert rows(ns, A)[0]["vlan"] == 5


def test_dynamic_row_is_learned_like(ns: Namespace) -> None:
    vxlan(ns)
    judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, "dst": "192.0.2.2", "state": "dynamic"}]})
    assert rows(ns, A)[0]["state"] in ("", "reachable")


@pytest.mark.parametrize("mac", [ZERO, GROUP_MAC, "ff:ff:ff:ff:ff:ff"])
def test_flood_list_is_an_exact_set(ns: Namespace, mac: str) -> None:
    vxlan(ns)
    for destinations in (["192.0.2.2", "192.0.2.3"], ["192.0.2.3", "192.0.2.4"], ["192.0.2.4"]):
        result = judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": mac, "dst": destinations}]})
        assert ns.destinations("vx0", mac) == destinations
    assert [o["operation"] for o in result["operations"]] == ["delete_rows"]


def test_flood_lists_additions_come_before_removals(ns: Namespace) -> None:
    vxlan(ns)
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": "192.0.2.2"}]}))
    result = judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": "192.0.2.3"}]})
    assert [o["operation"] for o in result["operations"]] == ["write_rows", "delete_rows"]


def test_flood_list_extended(ns: Namespace) -> None:
    vxlan(ns)
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2"]}]}))
    judged(ns, "fdb", {"interface": "vx0", "flood_lists": "extend", "rows": [{"mac": ZERO, "dst": ["192.0.2.3"]}]})
    assert ns.destinations("vx0") == ["192.0.2.2", "192.0.2.3"]


def test_flood_list_of_another_state_is_restated(ns: Namespace) -> None:
    vxlan(ns)
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"]}]}))
    judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"], "state": "static"}]})
    assert {row["state"] for row in rows(ns, ZERO)} == {"static"}


def test_flood_list_names_the_default_destination(ns: Namespace) -> None:
    vxlan(ns, "id", "100", "local", "192.0.2.1", "remote", "192.0.2.2", "dev", "eth0")
    judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"]}]})
    assert ns.destinations("vx0") == ["192.0.2.2", "192.0.2.3"]
    judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.3"]}]})
    assert ns.destinations("vx0") == ["192.0.2.3"]


def test_same_vtep_on_two_ports_is_two_destinations(ns: Namespace) -> None:
    vxlan(ns)
    wanted = [{"mac": ZERO, "dst": "192.0.2.2"}, {"mac": ZERO, "dst": "192.0.2.2", "port": 4790}, {"mac": ZERO, "dst": "192.0.2.2", "vni": 7}]
    judged(ns, "fdb", {"interface": "vx0", "rows": wanted})
    assert len(rows(ns, ZERO)) == 3
    judged(ns, "fdb", {"interface": "vx0", "rows": wanted[1:]})
    assert {(row.get("port"), row.get("vni")) for row in rows(ns, ZERO)} == {(4790, None), (None, 7)}


def test_destination_and_nexthop_group_replace_each_other(ns: Namespace) -> None:
    vxlan(ns)
    ns.ip("nexthop add id 1 via 192.0.2.7 fdb", "nexthop add id 10 group 1 fdb")
    for given in ({"dst": "192.0.2.2"}, {"nexthop_group": 10}, {"dst": "192.0.2.2"}):
        judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, **given}]})
    assert ns.destinations("vx0", A) == ["192.0.2.2"]


def test_absent_without_a_destination_takes_all_of_a_mac(ns: Namespace) -> None:
    vxlan(ns)
    good(
        run(
            ns,
            "fdb",
            {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"]}, {"mac": A, "dst": "192.0.2.2"}, {"mac": B, "dst": "192.0.2.2"}]},
        )
    )
    judged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": ZERO}, {"mac": A}]})
    assert rows(ns, ZERO) == []
    assert rows(ns, A) == []
    assert len(rows(ns, B)) == 1


def test_absent_with_another_destination_removes_nothing(ns: Namespace) -> None:
    vxlan(ns)
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, "dst": "192.0.2.2"}]}))
    unchanged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": A, "dst": "192.0.2.9"}]})
    assert len(rows(ns, A)) == 1


@pytest.mark.parametrize("fields", [{"port": 4790}, {"vni": 7}, {"via": "far0"}])
def test_absent_with_one_of_two_ways_to_a_vtep(ns: Namespace, fields: Row) -> None:
    vxlan(ns)
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": "192.0.2.2"}, {"mac": ZERO, "dst": "192.0.2.2", **fields}]}))
    judged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": ZERO, "dst": "192.0.2.2", **fields}]})
    (only,) = rows(ns, ZERO)
    assert only == {**SELF, "dst": "192.0.2.2"}


def test_absent_with_the_interfaces_own_port(ns: Namespace) -> None:
    vxlan(ns)
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": "192.0.2.2"}, {"mac": ZERO, "dst": "192.0.2.2", "port": 4790}]}))
    judged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": ZERO, "dst": "192.0.2.2", "port": 4789}]})
    (only,) = rows(ns, ZERO)
    assert only["port"] == 4790


def test_absent_on_a_missing_interface_is_fine(ns: Namespace) -> None:
    unchanged(ns, "fdb", {"interface": "nowhere", "state": "absent", "rows": [{"mac": A}]})


def test_missing_interface_is_an_error_and_in_a_check_assumed(ns: Namespace) -> None:
    wanted = {"interface": "vx9", "rows": [{"mac": A, "dst": "192.0.2.2"}]}
    refused(ns, "fdb", wanted, "'vx9'", check=False)
    predicted = good(run(ns, "fdb", wanted, check=True))
    assert predicted["changed"]
    assert "vx9" in predicted["warnings"][0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, ("dst", "nexthop_group")),
        ({"dst": "2001:db8::2"}, ("2001:db8::2", "IPv4")),
        ({"dst": "192.0.2.2", "src_vni": 5}, ("src_vni", "external")),
        ({"dst": "192.0.2.2", "nexthop_group": 1}, ("exclude",)),
        ({"table": "master", "state": "static"}, ("master", "port of a bridge")),
        ({"dst": "0.0.0.0"}, ("unspecified",)),  # noqa: S104
        ({"dst": "x"}, ("rows[0].dst[0]", "'x'")),
        ({"dst": "192.0.2.2", "port": 0}, ("rows[0].port", "1..65535")),
        ({"dst": "192.0.2.2", "vni": 1 << 24}, ("rows[0].vni",)),
        ({"dst": "192.0.2.2", "vlan": 4095}, ("rows[0].vlan",)),
        ({"dst": "192.0.2.2", "via": "a b"}, ("rows[0].via",)),
        ({"dst": "192.0.2.2", "mac": "zz"}, ("rows[0].mac",)),
    ],
)
def test_mistakes_are_found_before(ns: Namespace, row: Row, words: tuple[str, ...]) -> None:
    vxlan(ns)
    refused(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, **row}]}, *words)


def test_missing_via_is_a_clear_error(ns: Namespace) -> None:
    vxlan(ns)
    refused(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, "dst": "192.0.2.2", "via": "nowhere"}]}, "nowhere", check=False)


def test_all_mistakes_at_once(ns: Namespace) -> None:
    vxlan(ns)
    refused(ns, "fdb", {"interface": "vx0", "rows": [{"mac": "x", "dst": "192.0.2.2"}, {"mac": A, "dst": "y"}]}, "rows[0].mac", "rows[1].dst")
    refused(ns, "fdb", {"interface": "vx0", "lines": f"{A} dst y\n{B} dst 192.0.2.2 sideways\n"}, "line 1", "line 2", "'sideways'")


# --- purge ---


def populated(ns: Namespace, managed: bool) -> None:
    """One row of every owner: ours, a foreign one, learned, a routing daemon's, the default destination."""
    vxlan(ns, "id", "100", "local", "192.0.2.1", "remote", "192.0.2.2", "dev", "eth0", master=True)
    if managed:
        ns.ip("link set dev vx0 alias vxlan.fabric:demo")
    ns.bridge(
        f"fdb add {A} dev vx0 dst 192.0.2.3 self permanent",
        f"fdb add {B} dev vx0 dst 192.0.2.3 self dynamic",
        f"fdb add {C} dev vx0 dst 192.0.2.3 self extern_learn",
        f"fdb append {ZERO} dev vx0 dst 192.0.2.3",
        "fdb add 02:00:00:00:aa:09 dev vx0 master static",
    )


def left(ns: Namespace) -> set[str]:
    names = {A: "static", B: "learned", C: "extern_learn", "02:00:00:00:aa:09": "master static"}
    found = {names[row["mac"]] for row in ns.fdb("vx0") if row["mac"] in names}
    return found | {f"zero {dst}" for dst in ns.destinations("vx0")}


EVERYTHING = {"static", "learned", "extern_learn", "master static", "zero 192.0.2.2", "zero 192.0.2.3"}


@pytest.mark.parametrize(
    ("purge", "managed", "stays"),
    [
        ("none", True, EVERYTHING),
        ("managed", False, EVERYTHING),
        ("managed", True, {"learned", "extern_learn", "zero 192.0.2.2"}),
        ("static", False, {"learned", "extern_learn", "zero 192.0.2.2"}),
        ("all", False, {"zero 192.0.2.2"}),
    ],
)
def test_purge(ns: Namespace, purge: str, managed: bool, stays: set[str]) -> None:
    populated(ns, managed)
    result = judged(ns, "fdb", {"interface": "vx0", "rows": [], "purge": purge}, changed=stays != EVERYTHING)
    assert left(ns) == stays
    if purge == "managed" and not managed:
        assert "owner mark" in result["warnings"][0]


def test_purge_keeps_what_is_listed(ns: Namespace) -> None:
    populated(ns, True)
    judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, "dst": "192.0.2.3"}, {"mac": ZERO, "dst": ["192.0.2.3"]}], "purge": "managed"})
    assert left(ns) == {"static", "learned", "extern_learn", "zero 192.0.2.3"}


def test_flood_list_keeps_what_a_routing_daemon_set(ns: Namespace) -> None:
    vxlan(ns)
    ns.bridge(f"fdb append {ZERO} dev vx0 dst 192.0.2.9 extern_learn")
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2"]}]}))
    assert "192.0.2.2" in ns.destinations("vx0")


def test_learned_row_gives_way_to_a_static_one(ns: Namespace) -> None:
    vxlan(ns)
    ns.bridge(f"fdb add {A} dev vx0 dst 192.0.2.3 self dynamic")
    judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": A, "dst": "192.0.2.2"}]})
    assert rows(ns, A) == [{**SELF, "dst": "192.0.2.2"}]


# --- text ---


def test_lines_are_rows(ns: Namespace, other: Namespace) -> None:
    vxlan(ns, master=True)
    vxlan(other, master=True)
    lines = f"""
        # a comment
        {A} dst 192.0.2.2 port 4790 vni 7 via far0 self permanent
        {B} dst 192.0.2.3 static
        {ZERO} dst 192.0.2.2
        {ZERO} dst 192.0.2.3 self permanent
        02:00:00:00:aa:09 master br0 static
        02:00:00:00:aa:0a dev vx0 master static sticky
        02-00-00-00-AA-0B dst 192.0.2.2 router
        """
    judged(ns, "fdb", {"interface": "vx0", "lines": lines})
    assert len([row for row in ns.fdb("vx0") if row["mac"] != MAC and "vlan" not in row]) == 7
    shown = execute(["bridge", "-n", ns.name, "fdb", "show", "dev", "vx0"])
    unchanged(ns, "fdb", {"interface": "vx0", "lines": shown})
    judged(other, "fdb", {"interface": "vx0", "lines": shown})
    assert other.fdb("vx0") == ns.fdb("vx0")


# --- size ---


def many(count: int, dst: str = "192.0.2.2") -> list[str]:
    return [f"02:01:00:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x} dst {dst}" for i in range(count)]


def test_10000_rows_in_one_call(ns: Namespace) -> None:
    vxlan(ns)
    lines = "\n".join(many(10000))
    started = time.monotonic()
    result = good(run(ns, "fdb", {"interface": "vx0", "lines": lines}))
    took = time.monotonic() - started
    assert result["operations"][0]["count"] == 10000
    assert len(result["operations"][0]["rows"]) == 1000
    assert result["commands"][-1] == "# and 9000 more rows of vx0"
    assert len(ns.fdb("vx0")) == 10000
    unchanged(ns, "fdb", {"interface": "vx0", "lines": lines})
    assert took < 10
    good(run(ns, "fdb", {"interface": "vx0", "lines": "\n".join(many(10000, "192.0.2.3")), "purge": "static"}))
    assert {row["dst"] for row in ns.fdb("vx0")} == {"192.0.2.3"}


def test_a_part_that_is_refused_rolls_the_rest_back(ns: Namespace) -> None:
    """A full table in the middle of replacing, adding and removing."""
    vxlan(ns, "id", "100", "maxaddress", "5")
    ns.bridge(f"fdb add {A} dev vx0 dst 192.0.2.2", f"fdb add {B} dev vx0 dst 192.0.2.2 static", f"fdb append {ZERO} dev vx0 dst 192.0.2.2")
    wanted = [f"{A} dst 192.0.2.9", f"{B} dst 192.0.2.9", f"{ZERO} dst 192.0.2.8", *many(10)]
    refused(ns, "fdb", {"interface": "vx0", "lines": "\n".join(wanted), "purge": "all"}, "ENOSPC", "'limit'", check=False)


def test_a_refused_nexthop_rolls_the_rest_back(ns: Namespace) -> None:
    vxlan(ns)
    ns.bridge(f"fdb add {A} dev vx0 dst 192.0.2.2")
    rows_wanted = [{"mac": A, "dst": "192.0.2.3"}, {"mac": B, "dst": "192.0.2.3"}, {"mac": C, "nexthop_group": 77}]
    refused(ns, "fdb", {"interface": "vx0", "rows": rows_wanted}, "1 of 3 rows", "nhid 77", check=False)


def test_a_long_list_beside_other_rows_is_counted_alike_in_check_and_run(ns: Namespace) -> None:
    """From 2,000 rows on they are looked up one by one, the others are not read again."""
    good(run(ns, "interface", {"name": "vx0", "mac": MAC, "vni": 1}))
    ns.bridge("fdb add 02:ff:00:00:00:01 dst 192.0.2.9 dev vx0", "fdb append 00:00:00:00:00:00 dst 192.0.2.9 dev vx0")
    lines = "\n".join(f"02:00:00:00:{i >> 8:02x}:{i & 255:02x} dst 192.0.2.2" for i in range(2500))
    result = judged(ns, "fdb", {"interface": "vx0", "lines": lines})
    assert (result["before"]["count"], result["after"]["count"]) == (2, 2502)
    unchanged(ns, "fdb", {"interface": "vx0", "lines": lines})
