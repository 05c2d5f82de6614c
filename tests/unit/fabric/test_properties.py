# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every fabric."""

from __future__ import annotations

import ipaddress
import json
import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import parse_topology
from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import parse_vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import defaults_of, expand, without
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of, runs
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.slices import slices_of, vlans_of_vnis
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import make_topology
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories

EITHER = st.one_of(inventories(), mixed_inventories())


def _floods(inventory: Inventory) -> dict[str, dict[str, set[str]]]:
    """By network and host: whom it floods to, as host names."""
    fabric = inventory.parse()
    host_of = {address: vtep.host for vtep in fabric.vteps.values() for address in (*vtep.addresses.values(), *vtep.others)}
    names = {network.vni: network.name for network in fabric.networks.values()}
    found: dict[str, dict[str, set[str]]] = {name: {} for name in fabric.networks}
    for host, compact in host_states(fabric).items():
        for cut in slices_of(expand(compact)):
            network = fabric.networks[names[cut.vni]]
            listed = [] if cut.group else cut.destinations
            assert cut.group == network.group
            assert len(listed) == len(set(listed))
            assert all(ipaddress.ip_address(address).version == network.family for address in listed)
            assert host not in found[network.name], "a VNI is twice on a host"
            found[network.name][host] = {host_of[address] for address in listed}
    return found


@given(EITHER)
def test_flood_lists_are_symmetric_complete_and_without_self(inventory: Inventory) -> None:
    """Whatever the styles of the hosts: each member has the VNI exactly once, and floods to all others."""
    fabric = inventory.parse()
    for name, floods in _floods(inventory).items():
        network = fabric.networks[name]
        assert set(floods) == set(network.members)
        for host, others in floods.items():
            assert others == (set() if network.flooding in ("multicast", "none", "evpn") else set(network.members) - {host})


@given(mixed_inventories())
def test_each_port_is_in_the_networks_that_it_carries(inventory: Inventory) -> None:
    fabric = inventory.parse()
    for host, compact in host_states(fabric).items():
        vtep, state = fabric.vteps[host], expand(compact)
        by_network = {name: set(ports) for name, ports in vtep.ports.items() if ports}
        for port, trunk in vtep.trunks.items():
            for name in trunk.networks:
                by_network.setdefault(name, set()).add(port if vtep.is_single else f"{port}.{fabric.networks[name].vlan}")
            if trunk.native:
                by_network.setdefault(trunk.native, set()).add(port)
        names = {network.vni: network.name for network in fabric.networks.values()}
        assert {names[cut.vni]: set(cut.ports) for cut in slices_of(state) if cut.ports} == by_network
        tunnels = [port for bridge in state["bridges"] for port in bridge["ports"] if "tunnels" in port]
        assert all(set(vlans_of_vnis(port)) == _vlans(port) for port in tunnels)


def _vlans(port: dict[str, list[dict[str, object]]]) -> set[int]:
    return {vlan for entry in port["vlans"] for vlan in numbers_of(str(entry["vlan"]))}


@given(mixed_inventories())
def test_gateways_are_where_they_belong_and_in_their_vrf(inventory: Inventory) -> None:
    fabric = inventory.parse()
    for host, compact in host_states(fabric).items():
        state = expand(compact)
        networks = {network.vni: network for network in fabric.networks.values()}
        for cut in slices_of(state):
            network = networks[cut.vni]
            addresses = cut.routed["addresses"] if cut.routed else []
            assert addresses == (list(network.gateway.addresses) if network.gateway and network.has_gateway(host) else [])
            if addresses and cut.routed and fabric.vrfs:
                assert cut.routed["master"] == (network.vrf or "none")
        used = {network.vrf for network in fabric.networks.values() if network.has_gateway(host)} - {None}
        assert {vrf["name"] for vrf in state.get("vrfs", ())} == used


@given(st.sets(st.integers(1, 200)))
def test_ranges_are_the_numbers(numbers: set[int]) -> None:
    words = [word for (word,) in runs([number] for number in numbers)]
    assert [number for word in words for number in numbers_of(word)] == sorted(numbers)
    assert all(numbers_of(one)[-1] + 1 < numbers_of(other)[0] for one, other in zip(words, words[1:]))


_ENTRIES = st.lists(st.dictionaries(st.sampled_from(["mtu", "learning", "rows", "local"]), st.sampled_from([1500, True, "x", [], ["y"]])), max_size=6)


@given(_ENTRIES, _ENTRIES)
def test_defaults_and_what_is_left_are_the_entries(options: list[dict[str, object]], others: list[dict[str, object]]) -> None:
    """Also of entries that the defaults were not made of."""
    entries, more = ([{"name": f"vx{place}", **given} for place, given in enumerate(found)] for found in (options, others))
    defaults = defaults_of(entries)
    for entry in [*entries, *more]:
        merged = {**defaults, **without(entry, defaults)}
        assert {key: value for key, value in merged.items() if value is not None} == entry
    assert sum(len(without(entry, defaults)) for entry in entries) + len(defaults) <= sum(map(len, entries))


@given(EITHER, st.integers())
def test_the_order_of_the_inventory_does_not_matter(inventory: Inventory, seed: int) -> None:
    shuffle = random.Random(seed).shuffle

    def mixed(mapping: dict[str, object]) -> dict[str, object]:
        items = list(mapping.items())
        shuffle(items)
        return dict(items)

    networks = {}
    for name, network in mixed(inventory.fabric["networks"]).items():
        assert isinstance(network, dict)
        networks[name] = {**network, "members": list(network["members"]), "endpoints": list(network["endpoints"])}
        shuffle(networks[name]["members"])
        shuffle(networks[name]["endpoints"])
    groups = {name: random.Random(seed).sample(hosts, len(hosts)) for name, hosts in mixed(dict(inventory.groups)).items() if isinstance(hosts, list)}
    other = Inventory({**inventory.fabric, "networks": networks}, dict(mixed(inventory.vteps)), groups)
    first, second = inventory.parse(), other.parse()
    assert json.dumps(host_states(first)) == json.dumps(host_states(second))
    assert json.dumps(make_topology(first)) == json.dumps(make_topology(second))
    assert list_endpoints(first) == list_endpoints(second)


@given(EITHER, st.sets(st.sampled_from(["fabric", "vni", "group", "address", "key", "endpoint"]), min_size=1))
def test_every_mistake_is_told_whatever_else_is_wrong(inventory: Inventory, kinds: set[str]) -> None:
    name = next(iter(inventory.fabric["networks"]))
    network = inventory.network(name)
    host = next(iter(inventory.vteps))
    spoilt: dict[str, tuple[str, Callable[[], None]]] = {
        "fabric": ("vxlan_fabric.port", lambda: inventory.fabric.update(port="x")),
        "vni": (f"vxlan_fabric.networks.{name}.vni", lambda: network.update(vni=-1)),
        "group": (f"vxlan_fabric.networks.{name}.group", lambda: network.update(group="10.0.0.1")),
        "address": (f"{host}: vxlan_vtep.address", lambda: inventory.vteps[host].update(address="nonsense")),
        "key": (f"vxlan_fabric.networks.{name}.colour", lambda: network.update(colour="blue")),
        "endpoint": (
            f"vxlan_fabric.networks.{name}.endpoints[0].mac",
            lambda: network.update(endpoints=[{"name": "x", "host": network["members"][0], "mac": "?"}]),
        ),
    }
    for kind in kinds:
        spoilt[kind][1]()
    found = inventory.mistakes()
    for kind in kinds:
        assert any(sentence.startswith(spoilt[kind][0]) for sentence in found), (kind, found)


@given(EITHER, st.sampled_from(["segment", "routed"]))
@settings(max_examples=50)
def test_the_module_twin_takes_every_topology(inventory: Inventory, mode: str) -> None:
    made = make_topology(inventory.parse(), {"mode": mode})
    parsed = parse_topology(made["name"], made["underlay"], made["hosts"])
    assert not parsed.warnings
    assert [host.name for host in parsed.hosts] == sorted(inventory.vteps)


@given(st.lists(st.integers(0, (1 << 32) - 1), min_size=1, max_size=5, unique=True))
def test_the_segment_holds_every_address(numbers: list[int]) -> None:
    usable = [ipaddress.IPv4Address(number) for number in numbers]
    usable = [address for address in usable if not (address.is_multicast or address.is_loopback or address.is_unspecified)]
    hosts = [f"h{place}" for place in range(len(usable))]
    vteps = {host: {"address": str(address)} for host, address in zip(hosts, usable)}
    if not hosts:
        return
    made = make_topology(Inventory({"name": "s", "networks": {"n": {"vni": 1, "members": hosts}}}, vteps, {"hypervisors": hosts}).parse())
    interfaces = [ipaddress.ip_interface(host["addresses"][0]) for host in made["hosts"]]
    assert len({interface.network for interface in interfaces}) == 1
    for interface in interfaces:
        if interface.network.prefixlen:
            assert interface.ip not in (interface.network.network_address, interface.network.broadcast_address)


@given(mixed_inventories())
def test_the_module_takes_every_state_and_what_is_said_once_means_the_same(inventory: Inventory) -> None:
    for state in host_states(inventory.parse()).values():
        forms = [{"host_state": json.dumps(form), "purge": "managed", "recreate": "when_needed"} for form in (state, expand(state))]
        assert parse_vtep(forms[0]) == parse_vtep(forms[1])
