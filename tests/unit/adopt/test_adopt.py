# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what runs to an inventory: what fits comes back as it was, what does not is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Adopted, Read, adopt
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import CHANGES, DEDUCED, LEFT, OUT
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.write import adoption
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric, Network
from ansible_collections.vxlan.fabric.tests.unit.adopt.showing import ZERO, read, show
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories, small


def sentences(adopted: Adopted, level: str) -> list[str]:
    return [f"{','.join(told.hosts)} {','.join(told.about)}: {told.sentence}" for told in adopted.notes if told.level == level]


def of(adopted: Adopted) -> Fabric:
    (fabric,) = adopted.reading.fabrics.values()
    return fabric


def _essence(network: Network) -> dict[str, Any]:
    """What an interface, its bridge and its rows say of a network. Endpoints without a MAC address leave no trace, nor do the names."""
    gateway = network.gateway
    return {
        "vni": network.vni,
        "members": network.members,
        "flooding": network.flooding,
        "group": network.group,
        "family": network.family,
        "learning": network.learning,
        "port": network.port,
        "vrf": network.vrf if network.gateway is not None else None,
        "machines": {(endpoint.mac, endpoint.host) for endpoint in network.endpoints if endpoint.mac} if len(network.members) > 1 else set(),
        "gateway": None if gateway is None or not gateway.hosts else (sorted(gateway.addresses), gateway.hosts),
    }


@st.composite
def plain(draw: st.DrawFn) -> Inventory:
    """Also with trunk ports and VRFs, but with a bridge for each network."""
    inventory: Inventory = draw(st.one_of(inventories(), mixed_inventories()))
    for vtep in inventory.vteps.values():
        vtep.pop("style", None)
    return inventory


@given(plain(), st.booleans())
def test_what_was_deployed_comes_back(inventory: Inventory, facts: bool) -> None:
    """The adopted inventory is free of errors and puts every host into the state that it is in. Networks in which nothing floods, and of which
    no host knows a machine, are the ones that leave no trace of what they are."""
    fabric = inventory.parse()
    before = show(fabric)
    adopted = adopt(read(fabric, facts), inventory.groups)
    unknown = {network.vni for network in fabric.networks.values() if network.flooding == "none" and len(network.members) == 1}
    gone = {link for vni in unknown for link in (f"vx{vni}", f"br{vni}", f"x{vni}", f"b{vni}")}
    vrfs = {network.vrf for network in fabric.networks.values() if network.vrf and network.vni in unknown}
    gone |= vrfs - {network.vrf for network in fabric.networks.values() if network.vni not in unknown and network.gateway is not None}
    # Of trunk ports only those of networks that come back, which leave the 802.1Q interfaces of the others.
    gone |= {entry["name"] for found in before.values() for entry in found["vlan_interfaces"] if _is_of(found, entry["name"], unknown)}
    assert adopted.reading.errors == []
    assert [told for told in adopted.notes if told.level in (CHANGES, LEFT) and not gone.issuperset(told.about)] == []
    found = {network.vni: _essence(network) for network in of(adopted).networks.values()} if adopted.vteps else {}
    assert found == {network.vni: _essence(network) for network in fabric.networks.values() if network.vni not in unknown}
    for host, state in (show(of(adopted)) if adopted.vteps else {}).items():
        lost = {link["name"] for link in before[host]["interfaces"] if link["vni"] in unknown}
        lost |= {link["master"] for link in before[host]["interfaces"] if link["vni"] in unknown}
        assert _tidy(state, set()) == _tidy(before[host], lost | gone), host


def _is_of(found: dict[str, Any], port: str, vnis: set[int]) -> bool:
    """Whether the port is in the bridge of one of these."""
    masters = {link["master"] for link in found["interfaces"] if link["vni"] in vnis}
    return any(entry["name"] == port for bridge in found["bridges"] if bridge["name"] in masters for entry in bridge["ports"])


def _tidy(shown: dict[str, Any], lost: set[str]) -> dict[str, Any]:
    """Without order, and without networks that are not in the inventory."""
    keys = ("interfaces", "bridges", "fdb", "vlan_interfaces", "vrfs")
    kept = {key: {entry.get("name", entry.get("interface")): entry for entry in shown[key]} for key in keys}
    tidy = {key: {name: {**entry} for name, entry in entries.items() if name not in lost} for key, entries in kept.items()}
    for link in (*tidy["interfaces"].values(), *tidy["bridges"].values()):
        link["neighbours"] = sorted(link["neighbours"], key=str)
    return tidy


@given(inventories(), st.booleans())
@settings(max_examples=25)
def test_what_is_written_is_what_was_judged(inventory: Inventory, hosts_file: bool) -> None:
    """As YAML it says the same, twice the same bytes, and a second adoption of the same hosts says it again."""
    fabric = inventory.parse()
    adopted = adopt(read(fabric), inventory.groups)
    result = adoption(adopted, "dc", hosts_file)
    files = {path: yaml.safe_load(text) for path, text in result["files"].items() if path.endswith(".yml")}
    if adopted.vteps:
        assert files.pop("group_vars/dc/vxlan_fabric.yml") == {"vxlan_fabric": adopted.fabric}
        assert (files.pop("hosts.yml", None) is not None) == hosts_file
    assert files == {f"host_vars/{host}/vxlan_vtep.yml": {"vxlan_vtep": section} for host, section in adopted.vteps.items()}
    assert adoption(adopt(read(fabric), inventory.groups), "dc", hosts_file) == result


def _adopt(change: Callable[[dict[str, Any]], None] | None = None, **options: Any) -> Adopted:
    """The small fabric as it runs, after a change of what was read, by host."""
    inventory = small()
    found = show(inventory.parse())
    if change is not None:
        change(found)
    facts = {host: entry.facts for host, entry in read(inventory.parse()).items()}
    return adopt({host: Read(entry, facts[host]) for host, entry in found.items()}, inventory.groups, **options)


def _link(found: dict[str, Any], host: str, name: str) -> Any:
    return next(entry for key in ("interfaces", "bridges") for entry in found[host][key] if entry["name"] == name)


def _rows(found: dict[str, Any], host: str, name: str) -> Any:
    return next(entry["rows"] for entry in found[host]["fdb"] if entry["interface"] == name)


def _row(mac: str, dst: str | None, **more: Any) -> dict[str, Any]:
    return {"mac": mac, **({"dst": dst} if dst else {}), "state": "permanent", "table": "self", "owner": "foreign", **more}


def test_the_small_fabric() -> None:
    adopted = _adopt()
    assert adopted.fabric == {
        "name": "t",
        "underlay": {"mtu": 1600},
        "networks": {
            "vni100": {
                "vni": 100,
                "members": ["hypervisors", "leaf1"],
                "endpoints": [
                    {"name": "vni100-020000000001", "host": "hv1", "mac": "02:00:00:00:00:01"},
                    {"name": "vni100-020000000002", "host": "hv2", "mac": "02:00:00:00:00:02"},
                ],
            },
            "vni200": {"vni": 200, "members": ["hypervisors"], "flooding": "multicast", "group": "239.0.0.1"},
            "vni300": {"vni": 300, "members": ["hypervisors", "leaf1"], "flooding": "static", "family": "ipv6"},
            "vni400": {"vni": 400, "members": ["hv2", "leaf1"], "flooding": "point_to_point"},
        },
    }
    assert adopted.vteps["hv1"] == {"address": ["192.0.2.1", "2001:db8::1"], "device": "eth0", "ports": {"vni100": ["tap0"], "vni200": ["tap1"]}}
    assert "leaf1" not in {host for told in adopted.notes for host in told.hosts}


def _rename(found: dict[str, Any]) -> None:
    for host, entry in found.items():
        for link in entry["interfaces"]:
            if link["vni"] == 100:
                link["master"] = "br-blue"
                _link(found, host, "br100")["name"] = "br-blue"
            if link["vni"] == 200:
                link["alias"] = "Tenant red, floor 3"
                link["name"] = "vxlan-red"
                entry["fdb"] = [{**rows, "interface": "vxlan-red"} if rows["interface"] == "vx200" else rows for rows in entry["fdb"]]
                bridge = _link(found, host, "br200")
                bridge["ports"] = [{**port, "name": "vxlan-red"} if port["name"] == "vx200" else port for port in bridge["ports"]]
        entry["owners"] = {}


def test_names_come_from_aliases_bridges_and_interfaces() -> None:
    adopted = _adopt(_rename, names={300: "six"})
    networks = adopted.fabric["networks"]
    assert list(networks) == ["blue", "red", "six", "vni400"]
    assert networks["blue"]["bridge"] == "br-blue"
    assert networks["red"]["interface"] == "vxlan-red"
    assert networks["red"]["description"] == "Tenant red, floor 3"
    assert adopted.fabric["name"] == "adopted"
    assert "hv1,hv2 vxlan-red: alias 'Tenant red, floor 3' becomes the owner mark" in sentences(adopted, CHANGES)


def test_a_vlan_in_a_name_is_the_vlan_of_one_network_only() -> None:
    def change(found: dict[str, Any]) -> None:
        for entry in found.values():
            for link in entry["interfaces"]:
                link["alias"] = {100: "vlan100", 200: "vlan200", 300: "my-vlan200"}.get(link["vni"], link["alias"])

    adopted = _adopt(change)
    assert {name: network.get("vlan") for name, network in adopted.fabric["networks"].items()} == {
        "vlan100": 100, "vlan200": None, "my-vlan200": None, "vni400": None,
    }  # fmt: skip


# What somebody did to a host of the small fabric, and what is told of it.
CASES: dict[str, tuple[Callable[[dict[str, Any]], Any], str, str]] = {
    "a VTEP that is no host": (
        lambda found: _rows(found, "hv1", "vx100").append(_row(ZERO, "192.0.2.99")),
        CHANGES,
        f"hv1 vx100: row {ZERO} dst 192.0.2.99 goes",
    ),
    "a flood list that lacks one": (
        lambda found: _rows(found, "hv1", "vx100").remove(next(row for row in _rows(found, "hv1", "vx100") if row["dst"] == "192.0.2.3")),
        CHANGES,
        "hv1 vx100: floods to 192.0.2.3 as well",
    ),
    "a machine behind a stranger": (
        lambda found: _rows(found, "hv1", "vx100").append(_row("02:00:00:00:00:77", "192.0.2.99")),
        CHANGES,
        "hv1 vx100: row 02:00:00:00:00:77 dst 192.0.2.99 goes",
    ),
    "a machine that one host knows": (
        lambda found: _rows(found, "hv1", "vx100").append(_row("02:00:00:00:00:77", "192.0.2.3")),
        CHANGES,
        "hv2 vx100: row 02:00:00:00:00:77 dst 192.0.2.3 comes, as other hosts have it",
    ),
    "a row with another port": (
        lambda found: _rows(found, "hv1", "vx100").append(_row("02:00:00:00:00:77", "192.0.2.3", port=8472, vni=7)),
        CHANGES,
        "hv1 vx100: row 02:00:00:00:00:77 dst 192.0.2.3 port 8472 vni 7 goes",
    ),
    "a nexthop group": (
        lambda found: _rows(found, "hv1", "vx100").append(_row("02:00:00:00:00:77", None, nexthop_group=10)),
        CHANGES,
        "hv1 vx100: row 02:00:00:00:00:77 nhid 10 goes",
    ),
    "a row of the bridge": (
        lambda found: _rows(found, "hv1", "vx100").append(_row("02:00:00:00:00:77", None, table="master", state="static")),
        CHANGES,
        "hv1 vx100: row 02:00:00:00:00:77 master goes",
    ),
    "a row of a routing daemon": (
        lambda found: _rows(found, "hv1", "vx100").append(_row("02:00:00:00:00:77", "192.0.2.3", extern_learn=True, owner="extern_learn")),
        DEDUCED,
        "",
    ),
    "an attribute": (lambda found: _link(found, "hv1", "vx100").update(ttl="16"), LEFT, "hv1 vx100: ttl 16"),
    "a bridge's attribute": (lambda found: _link(found, "hv1", "br100").update(ageing=60), LEFT, "hv1 br100: ageing 60"),
    "VLANs of a bridge": (
        lambda found: _link(found, "hv1", "br100").update(vlans=[{"vlan": "1-9", "untagged": True}, {"vlan": "10"}]),
        LEFT,
        "hv1 br100: vlans vlan 1-9 untagged on, vlan 10",
    ),
    "an access port's flag": (lambda found: _link(found, "hv1", "br100")["ports"][0].update(isolated=True), LEFT, "hv1 tap0: isolated on"),
    "the flag of the port to the tunnels": (
        lambda found: _link(found, "hv1", "br100")["ports"][1].update(isolated=True), CHANGES, "hv1 vx100: isolated on becomes off",
    ),
    "spanning tree": (lambda found: _link(found, "hv1", "br100").update(stp=True), CHANGES, "hv1 br100: stp on becomes off"),
    "an interface that is down": (lambda found: _link(found, "hv1", "vx100").update(state="down"), CHANGES, "hv1 vx100: state down becomes up"),
    "a neighbour entry": (
        lambda found: _link(found, "hv1", "vx100")["neighbours"].append({"address": "10.0.0.9", "mac": "02:00:00:00:00:09", "state": "permanent"}),
        CHANGES,
        "hv1 vx100: neighbour 10.0.0.9 lladdr 02:00:00:00:00:09 goes",
    ),
    "an address of the interface": (
        lambda found: _link(found, "hv1", "vx100")["addresses"].append("10.9.0.1/24"),
        LEFT,
        "hv1 vx100: address 10.9.0.1/24 on the interface itself",
    ),
    "no local": (
        lambda found: _link(found, "hv1", "vx100").pop("local"), DEDUCED, "hv1 vx100: has no 'local'; 192.0.2.1 is taken for its VTEP address",
    ),
    "another learning": (
        lambda found: _link(found, "hv1", "vx100").update(learning=False),
        DEDUCED,
        "hv1 vx100: looks like flooding: static, while most hosts of VNI 100 have learning",
    ),
    "another group": (
        lambda found: (_link(found, "hv2", "vx200").update(group="239.0.0.9"), _rows(found, "hv2", "vx200")[0].update(dst="239.0.0.9")),
        CHANGES,
        "hv2 vx200: destination 239.0.0.9 becomes 239.0.0.1",
    ),
    "an MTU that does not fit": (
        lambda found: _link(found, "hv1", "vx100").update(mtu=1600), DEDUCED,
        "hv1 vx100: MTU 1600 and 50 bytes of headers do not fit through the 1600 of the underlay; its MTU is not in the inventory",
    ),
    "a plain bridge": (
        lambda found: (found["hv1"]["bridges"].append({"name": "docker0", "state": "up", "ports": []}), found["hv1"]["owners"].update(docker0="")),
        LEFT,
        "hv1 docker0: a bridge without a VXLAN interface",
    ),
    "what the fabric gave up": (
        lambda found: (found["hv1"]["bridges"].append({"name": "br9", "state": "up", "ports": []}), found["hv1"]["owners"].update(br9="t")),
        CHANGES,
        "hv1 br9: carries the mark of the fabric, is in none of its networks, and goes",
    ),
    "rows of an access port": (
        lambda found: found["hv1"]["fdb"].append({"interface": "tap0", "rows": [_row("02:00:00:00:00:77", None, table="master", state="static")]}),
        LEFT,
        "hv1 tap0: forwarding rows of an access port: 02:00:00:00:00:77",
    ),
    "VLAN interfaces and VRFs": (lambda found: found["hv1"].update(vrfs=[{"name": "vrf-a", "table": 10}]), LEFT, "hv1 vrf-a: a VRF"),
    "no bridge": (lambda found: _link(found, "hv1", "vx100").pop("master"), OUT, "hv1 vx100: it is in no bridge, and every network of the inventory is one"),
    "no bridge on another host": (
        lambda found: _link(found, "hv1", "vx100").pop("master"), OUT, "hv2,leaf1 vx100: VNI 100 does not fit on hv1, so that it is left out here as well",
    ),
    "one bridge for two": (
        lambda found: _link(found, "hv1", "vx100").update(master="br200"),
        OUT,
        "hv1 vx100,vx200: its bridge br200 has several VXLAN interfaces",
    ),
    "another UDP port": (lambda found: _link(found, "hv1", "vx100").update(port=8472), OUT, "hv1 vx100: UDP port 8472, while others of VNI 100 use 4789"),
    "a VNI twice": (
        lambda found: found["hv1"]["interfaces"].append({**_link(found, "hv1", "vx100"), "name": "vy"}),
        OUT,
        "hv1 vy: VNI 100 a second time, vx100 has it as well",
    ),
    "one interface for all": (
        lambda found: _link(found, "hv1", "vx100").update(external=True, vni=0), OUT,
        "hv1 vx100: one interface for many VNIs (external): its VNIs are not written down as networks",
    ),
    "one interface for all on another host": (
        lambda found: _link(found, "hv1", "vx100").update(external=True, vni=0), OUT,
        "hv2,leaf1 vx100: floods to 192.0.2.1, hv1, whose VNIs are in one interface (external)",
    ),
    "another fabric": (
        lambda found: found["hv1"]["owners"].update(vx100="other"),
        OUT,
        "hv1 vx100: vx100 carries the mark of fabric other; adopt that one with -e adopt_fabric=other",
    ),
    "addresses that differ": (
        lambda found: (_link(found, "hv1", "br100").update(addresses=["10.0.0.3/24"]), _link(found, "hv2", "br100").update(addresses=["10.0.0.4/24"])),
        OUT,
        "hv1 vx100: br100 has the addresses 10.0.0.3/24, other hosts have others; a gateway has the same on each host",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_told(case: str) -> None:
    change, level, sentence = CASES[case]

    def apply(found: dict[str, Any]) -> None:
        change(found)

    adopted = _adopt(apply)
    assert adopted.reading.errors == []
    if sentence:
        assert sentence in sentences(adopted, level)
        assert sentence not in sentences(_adopt(), level)
    else:
        assert adopted.notes == _adopt().notes
    if level == OUT:
        assert 100 not in {network["vni"] for network in adopted.fabric["networks"].values()}
        assert not any("vx100" in told.about for told in adopted.notes if told.level == CHANGES and "mark" not in told.sentence)
