# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology: defaults, budgets, and every mistake at once with its path."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.names import derive_mac, port_of_host
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import Topology, parse_topology

HOST: dict[str, Any] = {
    "name": "hv1",
    "addresses": ["192.0.2.11/24"],
    "endpoints": [{"name": "blue1", "port": "tap-blue", "mac": "02-00-00-00-00-0A", "addresses": ["10.0.0.1/24"]}],
}


def parse(*hosts: dict[str, Any], **underlay: object) -> Topology:
    return parse_topology("demo", underlay, hosts)


def mistakes_of(*hosts: dict[str, Any], **underlay: object) -> list[str]:
    with pytest.raises(ArgumentListError) as caught:
        parse(*hosts, **underlay)
    found = caught.value.details["mistakes"]
    assert isinstance(found, list)
    return found


def changed(path: str, value: object) -> dict[str, Any]:
    """HOST with one value replaced."""
    host = copy.deepcopy(HOST)
    target: Any = host
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in way:
        target = target[key]
    target[last] = value
    return host


def test_defaults_follow_from_the_names() -> None:
    topology = parse(HOST)
    (host,) = topology.hosts
    (endpoint,) = host.endpoints
    assert (topology.netns, host.netns, endpoint.netns) == ("demo-underlay", "demo-hv1", "demo-blue1")
    assert (host.uplinks[0].device, host.uplinks[0].far, topology.mode, topology.mtu) == ("eth0", "hv1", "segment", 1500)
    assert endpoint.mac == "02:00:00:00:00:0a"
    assert endpoint.mtu == 1450


def test_ipv6_anywhere_takes_the_larger_overhead() -> None:
    other = {"name": "hv2", "addresses": ["2001:db8::12/64"]}
    assert parse(HOST, other, mtu=1600).hosts[0].endpoints[0].mtu == 1530


def test_endpoint_mtu_can_be_given() -> None:
    assert parse(changed("endpoints.0.mtu", 9000)).hosts[0].endpoints[0].mtu == 9000


def test_routed_takes_any_prefix_length_for_a_host_address() -> None:
    host = {"name": "hv1", "addresses": ["192.0.2.11/24", "198.51.100.1", "2001:db8::1/64"]}
    assert parse(host, mode="routed").hosts[0].uplinks[0].addresses == ("192.0.2.11/32", "198.51.100.1/32", "2001:db8::1/128")


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        (changed("name", None), "hosts[0]: name is required"),
        (changed("addresses.0", "192.0.2.11"), "hosts[0].addresses[0]: '192.0.2.11' lacks a prefix length"),
        (changed("addresses.0", "192.0.2.311/24"), "hosts[0].addresses[0]: '192.0.2.311/24' is not an address"),
        (changed("addresses.0", "192.0.2.0/24"), "hosts[0].addresses[0]: 192.0.2.0 is the network or broadcast address"),
        (changed("addresses.0", "239.1.1.1/24"), "hosts[0].addresses[0]: 239.1.1.1 is not an address to give"),
        (changed("addresses.0", "fe80::1/64"), "hosts[0].addresses[0]: fe80::1 is not an address to give"),
        (changed("device", "a-name-too-long0"), "hosts[0].device: 'a-name-too-long0' is not an interface name"),
        (changed("device", "äöüäöüäö"), "hosts[0].device: 'äöüäöüäö' is not an interface name: 1 to 15 bytes"),
        (changed("device", "lo"), "hosts[0].device: 'lo' cannot be used"),
        (changed("device", "eth%d"), "hosts[0].device: 'eth%d' cannot be used"),
        (changed("netns", "a/b"), "hosts[0].netns: 'a/b' is not a namespace name"),
        (changed("netns", "-x"), "hosts[0].netns: '-x' is not a namespace name"),
        (changed("netns", "a b"), "hosts[0].netns: 'a b' is not a namespace name"),
        (changed("endpoints.0.port", None), "hosts[0].endpoints[0]: port is required"),
        (changed("endpoints.0.port", "eth0"), "hosts[0].endpoints[0].port: eth0 is also at hosts[0].device"),
        (changed("endpoints.0.mac", "01:00:00:00:00:01"), "hosts[0].endpoints[0].mac: 01:00:00:00:00:01 is not a unicast"),
        (changed("endpoints.0.mac", "2:0:0:0:0:1"), "hosts[0].endpoints[0].mac: '2:0:0:0:0:1' is not a MAC"),
        (changed("endpoints.0.netns", "demo-hv1"), "hosts[0].endpoints[0].netns: demo-hv1 is also at hosts[0].netns"),
        (changed("endpoints.0.mtu", 60), "hosts[0].endpoints[0].mtu: 60 is not in 68..65535"),
    ],
)
def test_a_mistake_is_named_with_its_path(host: dict[str, Any], sentence: str) -> None:
    assert any(found.startswith(sentence) for found in mistakes_of(host)), mistakes_of(host)


def test_all_mistakes_come_at_once() -> None:
    first = changed("endpoints.0.mac", "nonsense")
    second = changed("addresses.0", "192.0.2.11")
    second["name"] = "hv2"
    found = mistakes_of(first, second, mtu=20)
    assert [sentence.partition(":")[0] for sentence in found] == [
        "underlay.mtu",
        "hosts[0].endpoints[0].mac",
        "hosts[1].addresses[0]",
        "hosts[1].endpoints[0].netns",
    ]


@pytest.mark.parametrize("name", ["", "Demo", "a_b", "-a", "a/b", "x" * 64, "a\n"])
def test_name_of_the_twin_is_judged(name: str) -> None:
    with pytest.raises(ArgumentListError, match="name:"):
        parse_topology(name, {}, [HOST])


def test_duplicates_name_both_owners() -> None:
    twice = copy.deepcopy(HOST)
    found = mistakes_of(HOST, twice)
    assert "hosts[1].name: hv1 is also at hosts[0].name" in found
    assert "hosts[1].netns: demo-hv1 is also at hosts[0].netns" in found
    assert "hosts[1].addresses[0]: 192.0.2.11 is also at hosts[0].addresses[0]" in found
    assert "hosts[1].endpoints[0].mac: 02:00:00:00:00:0a is also at hosts[0].endpoints[0].mac" in found


def tenants(second: str) -> dict[str, Any]:
    one = {"name": "a", "port": "tap-a", "mac": "02:00:00:00:00:01", "addresses": ["10.0.0.1/24"], "network": "blue"}
    return {"name": "hv1", "endpoints": [one, {**one, "name": "b", "port": "tap-b", "network": second}]}


def test_tenants_may_have_the_same_addresses() -> None:
    assert len(parse(tenants("red")).hosts[0].endpoints) == 2


def test_the_same_address_twice_in_a_network_is_a_mistake() -> None:
    found = mistakes_of(tenants("blue"))
    assert "hosts[0].endpoints[1].addresses[0]: 10.0.0.1 is also at hosts[0].endpoints[0].addresses[0]" in found


def test_ipv6_needs_1280() -> None:
    assert "underlay.mtu: 1000 is not in 1280..65535" in mistakes_of({"name": "a", "addresses": ["2001:db8::1/64"]}, mtu=1000)


def test_hosts_of_different_subnets_on_a_segment_are_warned_of() -> None:
    hosts = ({"name": "a", "addresses": ["192.0.2.1/24"]}, {"name": "b", "addresses": ["198.51.100.1/24"]})
    assert "a in 192.0.2.0/24, b in 198.51.100.0/24" in parse(*hosts).warnings[0]
    assert not parse(*hosts, mode="routed").warnings


def test_the_router_is_no_host() -> None:
    assert mistakes_of({"name": "a", "addresses": ["169.254.0.1/32"]}, mode="routed") == ["hosts[0].addresses[0]: 169.254.0.1 is the router of the twin"]


@pytest.mark.parametrize("host", ["lo", "underlay", "a-host-with-a-long-name.example.org", "ä", "x y"])
def test_a_host_that_is_no_interface_name_gets_one(host: str) -> None:
    port = port_of_host(host)
    assert port not in ("lo", "underlay")
    assert len(port.encode()) <= 15
    assert port.isascii()
    assert port == port_of_host(host) != port_of_host(host + "1")


def test_made_up_macs_are_local_and_unicast() -> None:
    first = int(derive_mac("demo", "demo-hv1", "eth0")[:2], 16)
    assert (first & 1, first & 2) == (0, 2)
    assert derive_mac("demo", "demo-hv1", "eth0") != derive_mac("demo2", "demo-hv1", "eth0")


def test_hosts_with_several_subnets_reach_each_other_by_one_of_them() -> None:
    hosts = ({"name": "a", "addresses": ["192.0.2.1/24", "198.51.100.1/24"]}, {"name": "b", "addresses": ["198.51.100.2/24"]})
    assert not parse(*hosts).warnings


def test_a_host_may_have_a_smaller_mtu_and_further_uplinks() -> None:
    host = {**HOST, "mtu": 1400, "uplinks": [{"device": "eth1", "addresses": ["198.51.100.11/24"], "mtu": 9000}, {"device": "eth2"}]}
    topology = parse(host, mtu=1600)
    (made,) = topology.hosts
    assert [(uplink.device, uplink.far, uplink.mtu) for uplink in made.uplinks] == [
        ("eth0", "hv1", 1400),
        ("eth1", "hv1.eth1", 9000),
        ("eth2", "hv1.eth2", 1600),
    ]
    assert made.endpoints[0].mtu == 1350
    assert topology.mtu == 1600


def test_further_uplinks_are_judged_as_the_first() -> None:
    host = {**HOST, "uplinks": [{"device": "eth0", "addresses": ["192.0.2.11/24"], "mtu": 10}, {"addresses": ["x"]}]}
    assert mistakes_of(host) == [
        "hosts[0].uplinks[0].device: eth0 is also at hosts[0].device",
        "hosts[0].uplinks[0].mtu: 10 is not in 68..65535",
        "hosts[0].uplinks[0].addresses[0]: 192.0.2.11 is also at hosts[0].addresses[0]",
        "hosts[0].uplinks[1]: device is required",
        "hosts[0].uplinks[1].addresses[0]: 'x' lacks a prefix length such as 192.0.2.11/24",
    ]
    assert mistakes_of({**HOST, "uplinks": [{"device": "eth1"}]}, mode="routed") == [
        "hosts[0].uplinks[0]: 'mode: routed' gives each host one way to the router; with several uplinks use 'mode: segment'"
    ]


def test_an_endpoint_has_one_gateway_of_each_family() -> None:
    assert parse(changed("endpoints.0.gateways", ["10.0.0.254", "2001:db8:1::1"])).hosts[0].endpoints[0].gateways == ("10.0.0.254", "2001:db8:1::1")
    assert mistakes_of(changed("endpoints.0.gateways", ["10.0.0.254", "10.0.0.253", "y"])) == [
        "hosts[0].endpoints[0].gateways[1]: 10.0.0.253 is a second gateway of IPv4, besides 10.0.0.254",
        "hosts[0].endpoints[0].gateways[2]: 'y' is not an address with a prefix length such as 192.0.2.11/24",
    ]


def test_mistakes_of_trunk_ports_and_forwarding() -> None:
    tagged = {"name": "v", "port": "tap1", "vlan": 5}
    assert mistakes_of({**HOST, "endpoints": [tagged]}) == [
        "hosts[0].endpoints[0].vlan: no endpoint without 'vlan' is at port tap1, which has the other end of the cable"
    ]
    cable = {"name": "c", "port": "tap1", "mtu": 1400}
    assert mistakes_of({**HOST, "endpoints": [cable, {**tagged, "mtu": 1450}]}) == [
        "hosts[0].endpoints[1].mtu: 1450 is more than the 1400 of c, which has the cable"
    ]
    found = mistakes_of({**HOST, "endpoints": [{"name": "c", "port": "tap1"}, {**tagged, "vlan": 4095}, {**tagged, "name": "w"}, {**tagged, "name": "x"}]})
    assert found == ["hosts[0].endpoints[1].vlan: 4095 is not in 1..4094", "hosts[0].endpoints[3].vlan: 5 is also at hosts[0].endpoints[2].vlan"]
    assert mistakes_of(changed("forwarding", ["ipv5"])) == ["hosts[0].forwarding[0]: 'ipv5' is not one of ipv4, ipv6"]
