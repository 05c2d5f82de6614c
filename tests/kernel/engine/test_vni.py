# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vni module, and flood lists of the VNIs of one interface, judged by `bridge -j vni` and `bridge -j fdb`."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import vni_spec
from ansible_collections.vxlan.fabric.tests.support.engine import good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import has_vlans, needs_vlans
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

ZERO = "00:00:00:00:00:00"
MAC = "02:00:00:00:aa:01"


def entries(ns: Namespace, name: str = "vx0") -> dict[int, str]:
    """Destination by VNI, as the judge sees it."""
    found = {}
    for device in ns.json("bridge", "vni", "show"):
        if device["ifname"] == name:
            for row in device["vnis"]:
                told = row.get("remote") or row.get("group") or ""
                found.update(dict.fromkeys(range(row["vni"], row.get("vniEnd", row["vni"]) + 1), told))
    return found


def flooded(ns: Namespace, vni: int) -> list[str]:
    return sorted(row["dst"] for row in ns.fdb("vx0") if row["mac"] == ZERO and row.get("src_vni") == vni)


@pytest.fixture
def single(ns: Namespace) -> Namespace:
    """One interface for many VNIs."""
    ns.ip("link add vx0 address 02:00:00:00:dd:01 type vxlan external vnifilter local 192.0.2.1 dev eth0 dstport 4790 nolearning", "link set vx0 up")
    return ns


def wish(**more: Any) -> dict[str, Any]:
    return {"interface": "vx0", **more}


def test_the_filter_exact_extended_and_less(single: Namespace) -> None:
    result = judged(single, "vni", wish(vnis=[{"vni": "100-103"}, {"vni": 200, "remote": "192.0.2.2"}]))
    assert result["commands"] == ["bridge vni add dev vx0 vni 100-103", "bridge vni add dev vx0 vni 200 remote 192.0.2.2"]
    assert (result["before"], result["after"]["vnis"]) == ({"interface": "vx0", "vnis": []}, [{"vni": "100-103"}, {"vni": "200", "remote": "192.0.2.2"}])
    judged(single, "vni", wish(vnis=[{"vni": "102-104"}, {"vni": 300, "group": "239.1.1.1"}], vni_lists="extend"))
    assert entries(single) == {100: "", 101: "", 102: "", 103: "", 104: "", 200: "192.0.2.2", 300: "239.1.1.1"}
    judged(single, "vni", wish(vnis=[{"vni": "101-102"}, {"vni": 200}, {"vni": "900-999"}], state="absent"))
    assert entries(single) == {100: "", 103: "", 104: "", 300: "239.1.1.1"}
    judged(single, "vni", wish(vnis=[{"vni": 300, "group": "239.1.1.2"}]))
    assert entries(single) == {300: "239.1.1.2"}
    judged(single, "vni", wish(vnis=[]))
    assert entries(single) == {}


def test_addresses_of_the_other_ip_version(ns: Namespace) -> None:
    ns.ip("link add vx0 type vxlan external vnifilter local 2001:db8::1 dev eth0 dstport 4790", "link set vx0 up")
    judged(ns, "vni", wish(vnis=[{"vni": 1, "remote": "2001:db8::2"}, {"vni": 2, "group": "ff05::1"}]))
    assert entries(ns) == {1: "2001:db8::2", 2: "ff05::1"}


def test_what_is_not_there(ns: Namespace) -> None:
    refused(ns, "vni", wish(vnis=[{"vni": 5}]), "there is no interface 'vx0'", check=False)
    predicted = good(run(ns, "vni", wish(vnis=[{"vni": 5}]), check=True))
    assert (predicted["commands"], len(predicted["warnings"])) == (["bridge vni add dev vx0 vni 5"], 1)
    if has_vlans():
        predicted = good(run(ns, "vni", wish(tunnels=[{"vlan": 5, "vni": 5}]), check=True))
        assert (predicted["commands"], len(predicted["warnings"])) == (["bridge vlan add dev vx0 vid 5 tunnel_info id 5"], 1)
    unchanged(ns, "vni", wish(vnis=[{"vni": 5}], tunnels=[{"vlan": 5, "vni": 5}], state="absent"))
    ns.ip("link add vx0 type vxlan id 7 dstport 4789")
    refused(ns, "vni", wish(vnis=[{"vni": 5}]), "vx0 has no VNI filter", "vnifilter: true")


def test_mistakes_with_their_paths(single: Namespace) -> None:
    refused(
        single,
        "vni",
        wish(
            vnis=[{"vni": "5-9"}, {"vni": 7}, {"vni": 0}, {"vni": 20, "remote": "239.1.1.1"}, {"vni": 21, "group": "239.1.1.1", "remote": "192.0.2.2"}],
            tunnels=[{"vlan": 1, "vni": 5}, {"vlan": 2, "vni": 5}],
        ),
        "vnis: VNI 7 is in two entries",
        "vnis[2].vni: '0' is neither a VNI",
        "vnis[3].remote: 239.1.1.1 is a multicast address",
        "vnis[4]: remote and group are mutually exclusive",
        "tunnels: VNI 5 is in two entries",
    )
    refused(single, "vni", wish(), "one of vnis and tunnels is needed")


def test_counters(single: Namespace) -> None:
    judged(single, "vni", wish(vnis=[{"vni": "100-101"}]))
    single.bridge(f"fdb append {ZERO} dev vx0 dst 192.0.2.2 src_vni 100 vni 100")
    found = good(run(single, "vni", wish(statistics=True)))
    assert [entry["vni"] for entry in found["statistics"]] == [100, 101]
    assert found["statistics"][0].keys() == {"vni", *(f"{way}_{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "drops", "errors"))}
    judge = {row["vni"]: row["stats"] for row in single.json("bridge", "-s", "vni", "show")[0]["vnis"]}
    assert {entry["vni"]: (entry["rx_packets"], entry["tx_bytes"]) for entry in found["statistics"]} == {
        vni: (stats["rx_pkts"], stats["tx_bytes"]) for vni, stats in judge.items()
    }
    assert "statistics" not in good(run(single, "vni", wish(vnis=[], vni_lists="extend")))


def test_flood_lists_are_sets_of_a_vni_each(single: Namespace) -> None:
    """Exact per address and VNI: the list of one VNI says nothing about that of another."""
    good(run(single, "vni", wish(vnis=[{"vni": "100-102"}])))

    def lists(**by_vni: list[str]) -> dict[str, Any]:
        return {"interface": "vx0", "rows": [{"mac": ZERO, "dst": listed, "src_vni": int(name[1:])} for name, listed in by_vni.items()]}

    result = judged(single, "fdb", lists(v100=["192.0.2.2", "192.0.2.3"], v101=["192.0.2.2"], v102=["192.0.2.4"]))
    assert [operation["count"] for operation in result["operations"]] == [4], "one operation, however many lists: each is a look through the table"
    judged(single, "fdb", lists(v100=["192.0.2.3", "192.0.2.5"]))
    assert [flooded(single, vni) for vni in (100, 101, 102)] == [["192.0.2.3", "192.0.2.5"], ["192.0.2.2"], ["192.0.2.4"]]
    judged(single, "fdb", {**lists(v101=["192.0.2.6"]), "flood_lists": "extend"})
    assert flooded(single, 101) == ["192.0.2.2", "192.0.2.6"]
    # The same MAC address elsewhere in another VNI
    judged(single, "fdb", {"interface": "vx0", "rows": [{"mac": MAC, "dst": f"192.0.2.{vni - 90}", "src_vni": vni} for vni in (100, 101)]})
    judged(single, "fdb", {"interface": "vx0", "rows": [{"mac": MAC, "dst": "192.0.2.12", "src_vni": 100}]})
    assert {row["src_vni"]: row["dst"] for row in single.fdb("vx0") if row["mac"] == MAC} == {100: "192.0.2.12", 101: "192.0.2.11"}
    judged(single, "fdb", {**lists(v100=["192.0.2.3"], v101=["192.0.2.2", "192.0.2.6"]), "purge": "static"})
    assert [flooded(single, vni) for vni in (100, 101, 102)] == [["192.0.2.3"], ["192.0.2.2", "192.0.2.6"], []]
    assert [row for row in single.fdb("vx0") if row["mac"] == MAC] == []
    judged(single, "fdb", {**lists(v101=["192.0.2.2"]), "state": "absent"})
    assert [flooded(single, vni) for vni in (100, 101)] == [["192.0.2.3"], ["192.0.2.6"]]


def test_four_thousand_vnis_in_one_call(single: Namespace) -> None:
    """Of every second VNI, so that no ranges help."""
    wanted = wish(vnis=[{"vni": vni} for vni in range(2, 8002, 2)])
    good(run(single, "vni", wanted))
    assert sorted(entries(single)) == list(range(2, 8002, 2))
    unchanged(single, "vni", wanted)


@needs_vlans
def test_vlans_of_the_port(single: Namespace) -> None:
    wanted = wish(vnis=[{"vni": "1005-1009"}], tunnels=[{"vlan": "5-9", "vni": "1005-1009"}])
    refused(single, "vni", wanted, "neither a bridge nor a port")
    single.ip("link add br0 type bridge vlan_filtering 1", "link set vx0 master br0")
    refused(single, "vni", wanted, "vlan_tunnel: true")
    single.ip("link set vx0 type bridge_slave vlan_tunnel on")
    refused(single, "vni", wanted, "VLAN 5-9 is not on the port")
    single.bridge("vlan add dev vx0 vid 2-20")

    def mapped() -> dict[int, int]:
        return {row["vlan"]: row["tunid"] for entry in single.json("bridge", "vlan", "tunnelshow") for row in entry["tunnels"]}

    judged(single, "vni", wanted)
    assert mapped() == {5: 1005}, "one range"
    judged(single, "vni", wish(tunnels=[{"vlan": 7, "vni": 1007}, {"vlan": 8, "vni": 77}], state="absent"))
    assert mapped() == {5: 1005, 8: 1008}, "8 is mapped to another VNI than the one that is not to be"
    judged(single, "vni", wish(tunnels=[{"vlan": 20, "vni": 1005}], vlan_lists="extend"))
    assert mapped() == {6: 1006, 8: 1008, 20: 1005}, "the VNI has moved"
    result = judged(single, "vni", wish(vnis=[{"vni": 4}], tunnels=[{"vlan": 4, "vni": 4}]))
    assert (mapped(), entries(single)) == ({4: 4}, {4: ""})
    with namespace() as other:
        other.ip("link add br0 type bridge vlan_filtering 1", "link add vx0 type vxlan external vnifilter dstport 4790", "link set vx0 master br0")
        other.ip("link set vx0 type bridge_slave vlan_tunnel on")
        other.bridge("vlan add dev vx0 vid 2-20", "vni add dev vx0 vni 1005-1009", *(f"vlan add dev vx0 vid {v} tunnel_info id {v + 1000}" for v in (6, 8, 9)))
        other.bridge("vlan add dev vx0 vid 20 tunnel_info id 1005")
        other.sh("\n".join(result["commands"]))
        assert {row["vlan"]: row["tunid"] for entry in other.json("bridge", "vlan", "tunnelshow") for row in entry["tunnels"]} == {4: 4}


def test_every_option_is_tested() -> None:
    tested = {"interface", "state", "vnis", "vni_lists", "tunnels", "vlan_lists", "statistics"}
    assert set(vni_spec()) == tested | {"netns", "timeout", "lock_timeout", "report_rows"}
