# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the fabric to the topology of its twin, as the module twin takes it."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import family_of, natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars, read_fabrics
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, Endpoint, Fabric, Network, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.roster import Groups
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section

DEFAULT_DEVICE = "eth0"
DEFAULT_MTU = 1500

# The longest common subnets that look familiar; addresses further apart get a shorter one.
_LONGEST = {4: 24, 6: 64}
_BITS = {4: 32, 6: 128}


def read_topologies(hostvars: HostVars, groups: Groups, hosts: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Of each fabric of an inventory, with the C(vxlan_twin) of its hosts. Fabrics without any of hosts are left out."""
    made = []
    for fabric in read_fabrics(hostvars, groups).values():
        twin = next((value for host in (*fabric.vteps, *fabric.idle) if (value := hostvars[host].get(keys.TWIN.name)) is not None), None)
        topology = make_topology(fabric, twin, hosts)
        if topology["hosts"]:
            made.append(topology)
    return made


def make_topology(fabric: Fabric, twin: object = None, hosts: Collection[str] | None = None) -> dict[str, Any]:
    """twin: the value of vxlan_twin, what only the twin has to know. hosts: of those alone, a twin of a part of the fabric."""
    mistakes = Mistakes()
    section = Section(twin, Place(None, "vxlan_twin"), mistakes, keys.TWIN.names())
    mode = section.choice("mode", keys.TWIN.key("mode").choices) or keys.TWIN.key("mode").choices[0]
    mtu = section.number("mtu", keys.UNDERLAY_MTU) or fabric.underlay_mtu or DEFAULT_MTU
    if mode == "routed":
        _require_one_uplink(fabric, section.place.at("mode"), mistakes)
    mistakes.raise_if_any()
    lengths = _prefix_lengths(fabric)
    if mode == "routed":
        lengths = {address: _BITS[family_of(address)] for address in lengths}
    endpoints = _endpoints_by_host(fabric)
    vteps = [_host(fabric, vtep, lengths, endpoints[vtep.host]) for vtep in fabric.vteps.values()]
    idle = [{"name": host, "netns": netns_of(fabric, host), "device": DEFAULT_DEVICE, "addresses": [], "endpoints": []} for host in fabric.idle]
    found = [entry for entry in (*vteps, *idle) if hosts is None or entry["name"] in hosts]
    return {
        "name": fabric.name,
        "underlay": {"mode": mode, "mtu": mtu},
        "hosts": sorted(found, key=lambda entry: natural_key(entry["name"])),
    }


def netns_of(fabric: Fabric, name: str) -> str:
    """The namespace of a host or endpoint of the twin."""
    return f"{fabric.name}-{name}"


def _host(fabric: Fabric, vtep: Vtep, lengths: Mapping[str, int], endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    """Further uplinks, where networks name other devices than the host does. An address is with the device of the networks that use it."""
    places = _addresses_by_device(fabric, vtep)
    cables = [
        {"device": device, "addresses": [f"{address}/{lengths[address]}" for address in addresses], **({"mtu": vtep.mtu} if vtep.mtu else {})}
        for device, addresses in places.items()
    ]
    forwarding = _forwarding(fabric, vtep.host)
    entry = {"name": vtep.host, "netns": netns_of(fabric, vtep.host), **cables[0], **({"forwarding": forwarding} if forwarding else {}), "endpoints": endpoints}
    return {**entry, "uplinks": cables[1:]} if len(cables) > 1 else entry


def _forwarding(fabric: Fabric, host: str) -> list[str]:
    """The families of gateways that join networks. On a real host forwarding is its administrator's."""
    joined = [fabric.networks[name] for names in fabric.routed.get(host, {}).values() if len(names) > 1 for name in names]
    families = {family_of(address.partition("/")[0]) for network in joined if network.gateway is not None for address in network.gateway.addresses}
    return [FAMILY_NAMES[family] for family in sorted(families)]


def _addresses_by_device(fabric: Fabric, vtep: Vtep) -> dict[str, list[str]]:
    """The first device is the host's own: the addresses that it uses for networks that name none are there."""
    own = vtep.device or DEFAULT_DEVICE
    primary = [vtep.addresses[family] for family in sorted(vtep.addresses)]
    devices = dict.fromkeys((*primary, *vtep.others), own)
    for name in vtep.seats:
        network = fabric.networks[name]
        address, device = fabric.address(vtep.host, network), fabric.device(vtep.host, network)
        if device is not None and address not in primary:
            devices[address] = device
    found: dict[str, list[str]] = {own: []}
    for seat in vtep.seats.values():
        if seat.device is not None:
            found.setdefault(seat.device, [])
    for address, device in devices.items():
        found[device].append(address)
    return found


def _require_one_uplink(fabric: Fabric, place: Place, mistakes: Mistakes) -> None:
    for vtep in fabric.vteps.values():
        devices = sorted({seat.device for seat in vtep.seats.values() if seat.device is not None} | {vtep.device or DEFAULT_DEVICE}, key=natural_key)
        if len(devices) > 1:
            who = f"{vtep.host} has {' and '.join(devices)}"
            mistakes.add(place, f"routed gives each host of the twin one way to the router, and {who}; take mode: segment")


def _endpoints_by_host(fabric: Fabric) -> dict[str, list[dict[str, Any]]]:
    """An endpoint behind each access port: the one of the inventory, else a silent one, so that the port is there.

    A port is one cable: of several endpoints behind it, the first has it; behind a trunk port, the first of each network.
    """
    found: dict[str, list[dict[str, Any]]] = {host: [] for host in fabric.vteps}
    taken: set[tuple[str, str, int | None]] = set()
    for endpoint in _all_endpoints(fabric):
        place = (endpoint.host, endpoint.port or "", _tag(fabric, endpoint))
        if endpoint.port is not None and place not in taken:
            taken.add(place)
            found[endpoint.host].append(_endpoint(fabric, endpoint))
    for vtep in fabric.vteps.values():
        for network, ports in vtep.ports.items():
            silent = [port for port in ports if (vtep.host, port, None) not in taken]
            found[vtep.host] += [_endpoint(fabric, _silent(vtep.host, network, port)) for port in silent]
        found[vtep.host] += [_trunk_end(fabric, vtep, port) for port in vtep.trunks if (vtep.host, port, None) not in taken]
    return {host: sorted(_within_cables(items), key=lambda item: natural_key(item["name"])) for host, items in found.items()}


def _within_cables(endpoints: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has a tag sends no larger frames than what has the cable, whose device it stands on."""
    most = {entry["port"]: entry["mtu"] for entry in endpoints if "vlan" not in entry and "mtu" in entry}
    return [{**entry, "mtu": min(entry["mtu"], most[entry["port"]])} if "vlan" in entry and "mtu" in entry else entry for entry in endpoints]


def _tag(fabric: Fabric, endpoint: Endpoint) -> int | None:
    """The VLAN of its frames, where it is behind a trunk port and not of its native network."""
    trunk = fabric.vteps[endpoint.host].trunks.get(endpoint.port or "") if endpoint.host in fabric.vteps else None
    return fabric.networks[endpoint.network].vlan if trunk is not None and endpoint.network in trunk.networks else None


def _trunk_end(fabric: Fabric, vtep: Vtep, port: str) -> dict[str, Any]:
    """What has the cable of a trunk port where no endpoint of its native network has it, with room for the frames of all."""
    trunk = vtep.trunks[port]
    networks = [fabric.networks[name] for name in (*trunk.networks, *((trunk.native,) if trunk.native is not None else ()))]
    mtus = [fabric.mtu(vtep.host, network) for network in networks]
    name = f"{vtep.host}-{port}"
    entry: dict[str, Any] = {"name": name, "netns": netns_of(fabric, name), "port": port, "addresses": [], "network": trunk.native}
    known = [mtu for mtu in mtus if mtu is not None]
    return {key: value for key, value in {**entry, "mtu": max(known) if len(known) == len(mtus) else None}.items() if value is not None}


def _all_endpoints(fabric: Fabric) -> Iterable[Endpoint]:
    return (endpoint for network in fabric.networks.values() for endpoint in network.endpoints)


def _silent(host: str, network: str, port: str) -> Endpoint:
    return Endpoint(f"{host}-{port}", network, host, port, None, ())


def _endpoint(fabric: Fabric, endpoint: Endpoint) -> dict[str, Any]:
    """mac and mtu are left out where nobody said them: the twin has its own defaults."""
    network = fabric.networks[endpoint.network]
    entry = {
        "name": endpoint.name,
        "netns": netns_of(fabric, endpoint.name),
        "port": endpoint.port,
        "mac": endpoint.mac,
        "mtu": fabric.mtu(endpoint.host, network),
        "addresses": list(endpoint.addresses),
        "network": endpoint.network,
        "gateways": gateways_of(network, endpoint) or None,
        "vlan": _tag(fabric, endpoint),
    }
    return {key: value for key, value in entry.items() if value is not None}


def gateways_of(network: Network, endpoint: Endpoint) -> list[str]:
    """The first gateway of each family that is in a subnet of the endpoint."""
    subnets = [ipaddress.ip_interface(address).network for address in endpoint.addresses]
    found: dict[int, str] = {}
    for text in network.gateway.addresses if network.gateway else ():
        address = ipaddress.ip_interface(text).ip
        if any(address in subnet for subnet in subnets):
            found.setdefault(address.version, str(address))
    return list(found.values())


def _prefix_lengths(fabric: Fabric) -> dict[str, int]:
    """By address: of subnets that hold all VTEPs that talk to each other, so that they reach each other on one segment without routes."""
    lengths: dict[str, int] = {}
    for family in (4, 6):
        for addresses in _subnets(fabric, family):
            lengths.update(dict.fromkeys(addresses, _prefix_length(family, addresses)))
    return lengths


def _subnets(fabric: Fabric, family: int) -> list[frozenset[str]]:
    """Sets of addresses: those that hosts use unless a network says otherwise, those that a network says, and each that none uses."""
    primary = frozenset(vtep.addresses[family] for vtep in fabric.vteps.values() if family in vtep.addresses)
    seated = [network for name in sorted(fabric.seated) if (network := fabric.networks[name]).family == family]
    others = [frozenset([address]) for vtep in fabric.vteps.values() for address in vtep.others if family_of(address) == family]
    found: list[frozenset[str]] = []
    for addresses in (primary, *(frozenset(fabric.address(host, network) for host in network.members) for network in seated), *others):
        found = _joined(found, addresses, family) if addresses else found
    return found


def _joined(found: list[frozenset[str]], addresses: frozenset[str], family: int) -> list[frozenset[str]]:
    """With those that have an address in common, or whose subnets would overlap, as one."""
    for other in found:
        shorter = min(_prefix_length(family, other), _prefix_length(family, addresses))
        if other & addresses or _numbers(other, family, shorter) & _numbers(addresses, family, shorter):
            return _joined([kept for kept in found if kept is not other], addresses | other, family)
    return [*found, addresses]


def _numbers(addresses: Iterable[str], family: int, length: int) -> set[int]:
    """The subnets of this length that the addresses are in."""
    return {int(ipaddress.ip_address(address)) >> (_BITS[family] - length) for address in addresses}


def _prefix_length(family: int, addresses: Iterable[str]) -> int:
    """Of the subnet that holds all of them."""
    numbers = [int(ipaddress.ip_address(address)) for address in addresses]
    length = _LONGEST[family]
    while length > 0 and not _fits(numbers, _BITS[family] - length, family):
        length -= 1
    return length


def _fits(numbers: list[int], host_bits: int, family: int) -> bool:
    """All in one subnet, none of them its network or (IPv4) broadcast address."""
    if len({number >> host_bits for number in numbers}) > 1:
        return False
    mask = (1 << host_bits) - 1
    reserved = (0, mask) if family == 4 else (0,)
    return all(number & mask not in reserved for number in numbers)
