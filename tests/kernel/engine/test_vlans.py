# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VLANs of bridges and ports, and VLANs mapped to VNIs, judged by `bridge -j vlan`."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import needs_vlans, release
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace, namespace

pytestmark = needs_vlans

MAC = "02:00:00:00:00:0a"
ZERO = "00:00:00:00:00:00"


def vlans(ns: Namespace, name: str) -> dict[int, str]:
    """Flags and state by VLAN, as the judge sees them."""
    found = {}
    for entry in ns.json("bridge", "vlan", "show"):
        if entry["ifname"] == name:
            for row in entry["vlans"]:
                words = [*(flag.split()[-1].lower() for flag in row.get("flags", ())), row["state"]]
                found.update(dict.fromkeys(range(row["vlan"], row.get("vlanEnd", row["vlan"]) + 1), " ".join(words)))
    return found


def tunnels(ns: Namespace, name: str) -> dict[int, int]:
    found = {}
    for entry in ns.json("bridge", "vlan", "tunnelshow"):
        if entry["ifname"] == name:
            for row in entry["tunnels"]:
                found.update({vlan: row["tunid"] + vlan - row["vlan"] for vlan in range(row["vlan"], row.get("vlanEnd", row["vlan"]) + 1)})
    return found


@pytest.fixture
def bridge(ns: Namespace) -> Namespace:
    """A bridge br0 that filters VLANs, with the port p0."""
    ns.ip(
        f"link add br0 address {MAC} up type bridge vlan_filtering 1",
        "link add p0 address 02:00:00:00:c0:01 type veth peer name q0",
        "link set p0 up master br0",
    )
    return ns


def fails(ns: Namespace, wanted: dict[str, Any]) -> None:
    """A run that ends with an interface that cannot come up leaves everything as it was."""
    ns.ip("link add taken type vxlan id 8 dstport 4799 gbp", "link set taken up")
    last = {"name": "zz9", "state": "up", "vni": 7, "port": 4799}
    refused(ns, "vtep", {**wanted, "interfaces": [*wanted.get("interfaces", ()), last]}, "4799", check=False)
    ns.ip("link delete taken")


def one(**port: Any) -> dict[str, Any]:
    return {"name": "br0", "ports": [{"name": "p0", **port}]}


def test_vlans_of_a_port(bridge: Namespace) -> None:
    rows = [{"vlan": 1, "pvid": True, "untagged": True}, {"vlan": "10-12"}, {"vlan": 20, "untagged": True}]
    result = judged(bridge, "bridge", one(vlans=rows))
    assert result["commands"] == ["bridge vlan add dev p0 vid 10-12", "bridge vlan add dev p0 vid 20 untagged"]
    assert vlans(bridge, "p0") == {1: "pvid untagged forwarding", 10: "forwarding", 11: "forwarding", 12: "forwarding", 20: "untagged forwarding"}
    assert result["after"]["ports"][0]["vlans"] == [{"vlan": "1", "pvid": True, "untagged": True}, {"vlan": "10-12"}, {"vlan": "20", "untagged": True}]
    result = judged(bridge, "bridge", one(vlans=[{"vlan": "11-13", "untagged": True}, {"vlan": 20, "pvid": True, "untagged": True}]))
    assert vlans(bridge, "p0") == {11: "untagged forwarding", 12: "untagged forwarding", 13: "untagged forwarding", 20: "pvid untagged forwarding"}
    judged(bridge, "bridge", one(vlans=[]))
    assert vlans(bridge, "p0") == {}
    assert vlans(bridge, "br0") == {1: "pvid untagged forwarding"}, "the bridge's own are left alone"


def test_lists_that_extend(bridge: Namespace) -> None:
    judged(bridge, "bridge", {**one(vlans=[{"vlan": 5}]), "vlan_lists": "extend", "vlans": [{"vlan": 7}]})
    assert vlans(bridge, "p0") == {1: "pvid untagged forwarding", 5: "forwarding"}
    assert vlans(bridge, "br0") == {1: "pvid untagged forwarding", 7: "forwarding"}
    judged(bridge, "bridge", {**one(vlans=[{"vlan": 5, "pvid": True}]), "vlan_lists": "extend"})
    assert vlans(bridge, "p0") == {1: "untagged forwarding", 5: "pvid forwarding"}
    judged(bridge, "vtep", {"bridges": [{**one(vlans=[{"vlan": 6}]), "vlans": [{"vlan": "7-9"}]}]})
    assert (vlans(bridge, "p0"), vlans(bridge, "br0")) == ({6: "forwarding"}, dict.fromkeys((7, 8, 9), "forwarding"))
    unchanged(bridge, "bridge", {"name": "br0", "ports": [{"name": "p0", "learning": True}]})


def test_the_state_of_a_vlan(bridge: Namespace) -> None:
    result = judged(bridge, "bridge", one(vlans=[{"vlan": "2-4", "state": "blocking"}, {"vlan": 9}]))
    assert result["commands"][:2] == ["bridge vlan add dev p0 vid 2-4", "bridge vlan set dev p0 vid 2-4 state blocking"]
    assert vlans(bridge, "p0") == {2: "blocking", 3: "blocking", 4: "blocking", 9: "forwarding"}
    unchanged(bridge, "bridge", one(vlans=[{"vlan": "2-4"}, {"vlan": 9}]))
    for state in ("disabled", "listening", "learning", "forwarding"):
        judged(bridge, "bridge", one(vlans=[{"vlan": "2-4", "state": state}, {"vlan": 9}]))
        assert vlans(bridge, "p0") == {2: state, 3: state, 4: state, 9: "forwarding"}


@pytest.mark.skipif(release() >= (6, 4), reason="the kernel has neigh_suppress of a VLAN")
def test_what_an_old_kernel_does_not_have_is_named(bridge: Namespace) -> None:
    wanted = one(vlans=[{"vlan": 2, "neigh_suppress": True}, {"vlan": 3}])
    refused(bridge, "bridge", wanted, "p0.neigh_vlan_suppress", "it came with Linux 6.4")
    judged(bridge, "bridge", one(vlans=[{"vlan": 2, "neigh_suppress": False}]))


@pytest.mark.skipif(release() < (6, 4), reason="the kernel lacks neigh_suppress of a VLAN (Linux 6.4)")
def test_neigh_suppress_of_a_vlan(bridge: Namespace) -> None:
    judged(bridge, "bridge", one(neigh_vlan_suppress=True, vlans=[{"vlan": "2-3", "neigh_suppress": True}, {"vlan": 4}]))
    assert good(run(bridge, "vtep_info", {}))["bridges"][0]["ports"][0]["vlans"] == [{"vlan": "2-3", "neigh_suppress": True}, {"vlan": "4"}]
    judged(bridge, "bridge", one(vlans=[{"vlan": "2-4", "neigh_suppress": False}]))


SVD = {"name": "vx0", "state": "up", "external": True, "vnifilter": True, "local": "192.0.2.1", "port": 4790, "mac": "02:00:00:00:dd:01", "master": "br0"}


def fabric(**port: Any) -> dict[str, Any]:
    """A single VXLAN device below a new bridge."""
    filled = {"name": "vx0", "vlan_tunnel": True, "learning": False, **port}
    return {"interfaces": [SVD], "bridges": [{"name": "br0", "state": "up", "mac": MAC, "vlan_filtering": True, "ports": [filled]}]}


def test_a_single_device_in_one_run(ns: Namespace) -> None:
    listed = {"vlans": [{"vlan": "100-199"}, {"vlan": 300}], "tunnels": [{"vlan": "100-199", "vni": "10100-10199"}, {"vlan": 300, "vni": 77}]}
    wanted = {**fabric(**listed), "vnis": {"vx0": [{"vni": "10100-10199"}, {"vni": 77}]}}
    result = judged(ns, "vtep", wanted)
    assert "bridge vlan add dev vx0 vid 100-199 tunnel_info id 10100-10199" in result["commands"]
    order = [operation["operation"] for operation in result["operations"] if operation["interface"] == "vx0"]
    assert order.index("set_port") < order.index("write_vlans") < order.index("write_tunnels") < order.index("delete_vlans")
    assert tunnels(ns, "vx0") == {**{vlan: vlan + 10000 for vlan in range(100, 200)}, 300: 77}
    assert set(vlans(ns, "vx0")) == {*range(100, 200), 300}
    found = good(run(ns, "vtep_info", {}))
    assert found["bridges"][0]["ports"][0]["tunnels"] == [{"vlan": "100-199", "vni": "10100-10199"}, {"vlan": "300", "vni": "77"}]
    unchanged(ns, "vtep", {key: found[key] for key in ("interfaces", "bridges", "fdb", "vnis")})
    # Mappings that are shifted, swapped, and gone
    shifted = [{"vlan": "100-149", "vni": "10101-10150"}, {"vlan": 150, "vni": 10100}, {"vlan": 300, "vni": 78}]
    judged(ns, "vtep", fabric(tunnels=shifted))
    assert tunnels(ns, "vx0") == {**{vlan: vlan + 10001 for vlan in range(100, 150)}, 150: 10100, 300: 78}
    # VLANs that go take their mapping along
    judged(ns, "vtep", fabric(vlans=[{"vlan": "100-101"}]))
    assert tunnels(ns, "vx0") == {100: 10101, 101: 10102}
    judged(ns, "vtep", fabric(tunnels=[]))
    assert tunnels(ns, "vx0") == {}


def test_removals_wait(ns: Namespace) -> None:
    good(run(ns, "vtep", fabric(vlans=[{"vlan": "1-9"}], tunnels=[{"vlan": "1-9", "vni": "1-9"}])))
    wanted = fabric(vlans=[{"vlan": "8-10"}], tunnels=[{"vlan": 8, "vni": 8}, {"vlan": 10, "vni": 10}])
    result = good(run(ns, "vtep", {**wanted, "removals": "later"}))
    assert result["deferred"] > 0
    assert tunnels(ns, "vx0") == {vlan: vlan for vlan in range(1, 11)}
    result = good(run(ns, "vtep", wanted))
    assert (tunnels(ns, "vx0"), set(vlans(ns, "vx0"))) == ({8: 8, 10: 10}, {8, 9, 10})


def test_the_flag_takes_the_mapping_along_and_undoing_brings_it_back(ns: Namespace) -> None:
    good(run(ns, "vtep", fabric(vlans=[{"vlan": "1-9"}], tunnels=[{"vlan": "2-9", "vni": "1002-1009"}])))
    before = ns.state()
    taken = {"bridges": [{"name": "br0", "ports": [{"name": "vx0", "vlan_tunnel": False, "vlans": [{"vlan": 2, "state": "blocking"}]}], "stp": True}]}
    text = bad(run(ns, "vtep", taken))  # with the kernel's spanning tree nobody else sets states
    assert "spanning tree" in text.lower() or "stp" in text.lower(), text
    assert ns.state() == before
    judged(ns, "bridge", {"name": "br0", "ports": [{"name": "vx0", "vlan_tunnel": False}]})
    assert tunnels(ns, "vx0") == {}


def test_a_default_pvid_moves(bridge: Namespace) -> None:
    bridge.bridge("vlan add dev p0 vid 7", "vlan add dev p0 vid 8")
    judged(bridge, "bridge", {"name": "br0", "vlan_default_pvid": 5})
    assert vlans(bridge, "br0") == {5: "pvid untagged forwarding"}
    assert vlans(bridge, "p0") == {5: "pvid untagged forwarding", 7: "forwarding", 8: "forwarding"}
    judged(bridge, "bridge", {"name": "br0", "vlan_default_pvid": 0, "ports": [{"name": "p0", "vlans": [{"vlan": 7, "pvid": True}]}]})
    assert (vlans(bridge, "br0"), vlans(bridge, "p0")) == ({}, {7: "pvid forwarding"})
    fails(bridge, {"bridges": [{"name": "br0", "vlan_default_pvid": 7}]})


def test_filtering_begins_when_the_vlans_are_there(ns: Namespace) -> None:
    ns.ip("link add br0 up type bridge", "link add p0 type veth peer name q0", "link set p0 up master br0")
    wanted = {"name": "br0", "vlan_filtering": True, "vlans": [{"vlan": 9, "pvid": True}], "ports": [{"name": "p0", "vlans": [{"vlan": 9}]}]}
    result = judged(ns, "bridge", wanted)
    assert [operation["operation"] for operation in result["operations"]][-1] == "set_attributes"
    assert ns.data("br0")["vlan_filtering"] == 1


def test_mistakes_with_their_paths(bridge: Namespace) -> None:
    refused(
        bridge,
        "bridge",
        {
            **one(vlans=[{"vlan": "5-9"}, {"vlan": 7}, {"vlan": 1, "pvid": True}, {"vlan": 2, "pvid": True}], tunnels=[{"vlan": "1-3", "vni": 5}]),
            "vlans": [{"vlan": 4095}, {"vlan": "3-4", "pvid": True}],
        },
        "ports[0].vlans: VLAN 7 is in two entries",
        "ports[0].vlans: one VLAN can be the PVID, 1, 2 are given",
        "ports[0].tunnels[0]: 3 VLANs (1-3) are mapped to 1 VNIs (5)",
        "vlans[0].vlan: '4095' is neither a VLAN (1..4094)",
        "vlans[1].pvid: one VLAN can be the PVID, not 3-4",
    )
    refused(bridge, "bridge", one(tunnels=[{"vlan": 1, "vni": 5}]), "p0.tunnels", "'vlan_tunnel: true'")
    refused(bridge, "bridge", one(vlan_tunnel=True, tunnels=[{"vlan": "1-3", "vni": "5-7"}]), "p0.tunnels: VLAN 2-3 is not on the port")
    refused(bridge, "bridge", one(vlan_tunnel=False, tunnels=[{"vlan": "1", "vni": "5"}]), "ports[0].tunnels", "it is false")


def hung(ns: Namespace) -> Json:
    """What hangs on vx0 as a port of a bridge that filters VLANs."""
    flags = {flag: ns.slave_data("vx0")[flag] for flag in ("vlan_tunnel", "learning", "neigh_suppress")}
    return {"vlans": vlans(ns, "vx0"), "tunnels": tunnels(ns, "vx0"), "rows": ns.fdb("vx0"), "flags": flags, "bridge": vlans(ns, "br0")}


@pytest.fixture
def loaded(ns: Namespace) -> Namespace:
    """A single device with VLANs, VNIs, and forwarding rows with and without VLANs."""
    ns.ip(
        f"link add br0 address {MAC} up type bridge vlan_filtering 1 vlan_default_pvid 3",
        "link add vx0 address 02:00:00:00:dd:01 type vxlan external vnifilter dstport 4790 local 192.0.2.1",
        "link set vx0 master br0 up",
        "link set vx0 type bridge_slave vlan_tunnel on learning off neigh_suppress on",
    )
    ns.bridge(
        "vlan delete dev vx0 vid 3",
        "vlan add dev vx0 vid 5 pvid",
        "vlan add dev vx0 vid 100-199",
        "vlan add dev vx0 vid 300 untagged",
        "vlan set dev vx0 vid 101 state blocking",
        "vlan add dev vx0 vid 100-199 tunnel_info id 10100-10199",
        "vlan add dev vx0 vid 300 tunnel_info id 9",
        "vlan add dev br0 vid 7-8 self",
        "vni add dev vx0 vni 10100-10199",
        "fdb add 02:00:00:00:aa:01 dev vx0 master static vlan 100",
        "fdb add 02:00:00:00:aa:02 dev vx0 master static",
        "fdb add 02:00:00:00:aa:03 dev vx0 dst 192.0.2.3 src_vni 10100",
        "vlan add dev vx0 vid 400",
    )
    return ns


def test_a_recreation_restores_vlans_and_mappings(loaded: Namespace) -> None:
    before = hung(loaded)
    assert len(before["tunnels"]) == 101
    result = judged(loaded, "interface", {"name": "vx0", "port": 4791})
    assert [entry["interface"] for entry in result["recreated"]] == ["vx0"]
    assert hung(loaded) == before


def test_an_undone_removal_restores_vlans_and_mappings(loaded: Namespace) -> None:
    before = hung(loaded)
    fails(loaded, {"interfaces": [{"name": "vx0", "state": "absent"}], "bridges": [{"name": "br0", "state": "absent"}]})
    fails(loaded, {"bridges": [{"name": "br0", "vlans": [], "vlan_default_pvid": 100, "ports": [{"name": "vx0", "vlans": [], "vlan_tunnel": False}]}]})
    assert hung(loaded) == before


def test_a_port_that_moves(loaded: Namespace) -> None:
    before = hung(loaded)
    loaded.ip("link add br1 address 02:00:00:00:b1:01 type bridge")
    fails(loaded, {"interfaces": [{"name": "vx0", "master": "br1"}]})
    assert hung(loaded) == before
    judged(loaded, "interface", {"name": "vx0", "master": "br1"})
    assert vlans(loaded, "vx0") == {1: "pvid untagged forwarding"}


def test_a_row_without_a_vlan_is_one_in_each(bridge: Namespace) -> None:
    bridge.bridge("vlan add dev p0 vid 5-6")
    rows = {"interface": "p0", "rows": [{"mac": "02:00:00:00:aa:01", "table": "master", "state": "static"}], "purge": "static"}
    judged(bridge, "fdb", rows)
    assert sorted(str(row.get("vlan")) for row in bridge.fdb("p0") if row["mac"] == "02:00:00:00:aa:01") == ["1", "5", "6", "None"]
    judged(bridge, "fdb", {**rows, "state": "absent"})
    assert [row for row in bridge.fdb("p0") if row["mac"] == "02:00:00:00:aa:01"] == []


def test_the_commands_lead_to_the_same(ns: Namespace) -> None:
    listed = {
        "vlans": [{"vlan": 4, "pvid": True, "untagged": True}, {"vlan": "100-199"}, {"vlan": "200-201", "state": "learning"}],
        "tunnels": [{"vlan": "100-199", "vni": "1100-1199"}],
    }
    wanted = {**fabric(**listed), "vnis": {"vx0": [{"vni": "1100-1199"}]}}
    wanted["bridges"][0]["vlans"] = [{"vlan": "6-7"}]
    result = good(run(ns, "vtep", wanted))
    with namespace() as other:
        for line in result["commands"]:
            other.sh(line)
        assert hung(other) == hung(ns)


def test_four_thousand_in_one_call(ns: Namespace) -> None:
    """In 500 ranges: of more, iproute2 shows none, because it reads the VLANs of a port in one message."""
    blocks = [{"vlan": f"{first}-{first + 7}", "vni": f"{24000 - first}-{24007 - first}"} for first in range(2, 4002, 8)]
    wanted = fabric(vlans=[{"vlan": "2-4001"}], tunnels=blocks)
    good(run(ns, "vtep", wanted))
    assert tunnels(ns, "vx0") == {first + step: 24000 - first + step for first in range(2, 4002, 8) for step in range(8)}
    unchanged(ns, "vtep", wanted)
