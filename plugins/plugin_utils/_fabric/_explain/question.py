# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The question: in which network, from whom, to whom. Names, MAC addresses and IP addresses become machines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import (
    ZERO_MAC,
    canonical_address,
    is_group_mac,
    is_multicast,
    natural_key,
    pack_address,
    parse_mac,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import pick_fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Endpoint, Fabric, Network, subinterface
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import suggest

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
GATEWAY = "gateway"
# What sort of machine is at an end.
ENDPOINT, OF_GATEWAY, UNLISTED, GROUP = "endpoint", "gateway", "unlisted", "group"

_MAC_AT_END = re.compile(r"(?P<host>.+?):(?P<mac>[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})\Z")


@dataclass(frozen=True)
class Machine:
    """One end of the walk. name: for people. host: where it is connected, None if the inventory does not say. home: where the inventory has it,
    when the question has it elsewhere. hosts: of a gateway, all that have it. addresses: without length."""

    kind: str
    name: str
    host: str | None = None
    port: str | None = None
    mac: str | None = None
    addresses: tuple[str, ...] = ()
    home: str | None = None
    hosts: tuple[str, ...] = ()

    @property
    def is_group(self) -> bool:
        return self.kind == GROUP


@dataclass(frozen=True)
class Question:
    fabric: Fabric
    network: Network
    source: Machine
    destination: Machine


def parse_question(fabrics: Mapping[str, Fabric], fabric: str | None, network: str, source: str, destination: str, source_host: str | None = None) -> Question:
    """The words of the user. ArgumentError names the word, and what is known in its place."""
    if not network:
        names = sorted({name for each in fabrics.values() for name in each.networks}, key=natural_key)
        raise ArgumentError(f"network: is not said, -e network=NAME; known are {', '.join(names) or 'none'}")
    chosen = _pick(fabrics, fabric or None, network)
    if network not in chosen.networks:
        raise ArgumentError(f"network: there is no network {network!r} in fabric {chosen.name}{suggest(network, chosen.networks)}")
    found = chosen.networks[network]
    sender = _source(chosen, found, source.strip(), (source_host or "").strip())
    receiver = _destination(chosen, found, destination.strip(), sender)
    if receiver.mac is not None and receiver.mac == sender.mac:
        raise ArgumentError(f"destination: {receiver.name} is the source itself")
    return Question(chosen, found, _plugged(chosen, found, sender), _plugged(chosen, found, receiver))


def _plugged(fabric: Fabric, network: Network, machine: Machine) -> Machine:
    """With the port of the bridge: where a trunk port is in several bridges, the interface of its VLAN is."""
    vtep = fabric.vteps.get(machine.host or "")
    trunk = vtep.trunks.get(machine.port or "") if vtep is not None and not vtep.is_single else None
    if trunk is None or network.name not in trunk.networks:
        return machine
    return replace(machine, port=subinterface(str(machine.port), network.vlan or 0))


def _pick(fabrics: Mapping[str, Fabric], name: str | None, network: str) -> Fabric:
    """Of several fabrics, the only one that has the network, unless the user says which."""
    having = [fabric for fabric in fabrics.values() if network in fabric.networks]
    if name is None and len(having) == 1:
        return having[0]
    return pick_fabric(fabrics, name)


def _source(fabric: Fabric, network: Network, word: str, host_word: str) -> Machine:
    text, host = _split_host(word)
    host = host_word or host
    if host:
        _check_member(fabric, network, host, "source_host" if host_word else "source")
    machine = _find(fabric, network, text, "source")
    if machine.is_group:
        raise ArgumentError(f"source: {machine.mac} is a group, and no frame comes from a group (IEEE 802.3, section 3.2.5)")
    if machine.kind == OF_GATEWAY and not host and len(machine.hosts) > 1:
        raise ArgumentError(f"source: the gateway is on {', '.join(machine.hosts)}; say which: source_host={machine.hosts[0]}")
    if machine.kind == OF_GATEWAY and host and host not in machine.hosts:
        raise ArgumentError(f"source_host: {host} has no gateway of network {network.name}; the gateway is on {', '.join(machine.hosts)}")
    if host:
        moved = machine.kind == ENDPOINT and host != machine.host
        return replace(machine, host=host, home=machine.host if moved else None, port=None if moved else machine.port)
    if machine.host is None:
        example = f"{network.members[0]}:{machine.mac}" if network.members else f"HOST:{machine.mac}"
        raise ArgumentError(
            f"source: no endpoint of network {network.name} has {machine.mac}{_known(network)}; for a machine that is not listed say its host: source={example}"
        )
    return machine


def _destination(fabric: Fabric, network: Network, word: str, source: Machine) -> Machine:
    machine = _find(fabric, network, word, "destination")
    if machine.kind == OF_GATEWAY and source.host in machine.hosts and source.kind != OF_GATEWAY:
        return replace(machine, host=source.host)
    return machine


def _split_host(word: str) -> tuple[str, str]:
    """HOST:MAC into the MAC and the host; anything else as it is."""
    if _as_mac(word) is None:
        match = _MAC_AT_END.match(word)
        if match:
            return match["mac"], match["host"]
    return word, ""


def _check_member(fabric: Fabric, network: Network, host: str, what: str) -> None:
    if host in network.members:
        return
    known = f"; its members are {', '.join(network.members)}" if network.members else ""
    if host in fabric.vteps:
        raise ArgumentError(f"{what}: {host} is not a member of network {network.name}, so nothing that is plugged in there is in it{known}")
    raise ArgumentError(f"{what}: there is no host {host!r} in fabric {fabric.name}{suggest(host, network.members)}")


def _find(fabric: Fabric, network: Network, word: str, what: str) -> Machine:
    """Who is meant by a name, a MAC address, an IP address, `gateway` or `broadcast`."""
    if not word:
        raise ArgumentError(f"{what}: is empty; it is the name, MAC address or IP address of an endpoint{_known(network)}")
    if word.lower() == "broadcast":
        return Machine(GROUP, "everybody", mac=BROADCAST_MAC)
    if word.lower() == GATEWAY and not _named(network.endpoints, word):
        return _gateway(network, what)
    mac = _as_mac(word)
    if mac is not None:
        return _by_mac(network, mac, what)
    address = canonical_address(word.partition("/")[0])
    if address is not None:
        return _by_address(network, address, what)
    named = _named(network.endpoints, word)
    if named is not None:
        return _endpoint(named)
    raise ArgumentError(f"{what}: {_no_such(fabric, network, word)}")


def _no_such(fabric: Fabric, network: Network, word: str) -> str:
    for other in fabric.networks.values():
        if _named(other.endpoints, word) is not None:
            return f"{word} is an endpoint of network {other.name}, not of {network.name}; nothing passes from one to the other but through a gateway"
    if word in fabric.vteps:
        example = f"{word}:52:54:00:12:34:56"
        return f"{word} is a host, and frames are from and to machines behind it; for one that is not listed say {example}{_known(network)}"
    names = [endpoint.name for endpoint in network.endpoints]
    return f"network {network.name} has no endpoint {word!r}{suggest(word, names) or '; it lists none, so give a MAC address'}"


def _known(network: Network) -> str:
    names = [endpoint.name for endpoint in network.endpoints]
    return f"; known are {', '.join(names)}" if names else ""


def _named(endpoints: Iterable[Endpoint], name: str) -> Endpoint | None:
    return next((endpoint for endpoint in endpoints if endpoint.name == name), None)


def _endpoint(found: Endpoint) -> Machine:
    return Machine(ENDPOINT, found.name, found.host, found.port, found.mac, tuple(address.partition("/")[0] for address in found.addresses))


def _gateway(network: Network, what: str) -> Machine:
    found = network.gateway
    if found is None or not found.hosts:
        raise ArgumentError(f"{what}: network {network.name} has no gateway{_known(network)}")
    addresses = tuple(address.partition("/")[0] for address in found.addresses)
    return Machine(OF_GATEWAY, "the gateway", found.hosts[0], None, found.mac, addresses, hosts=found.hosts)


def _as_mac(word: str) -> str | None:
    try:
        return parse_mac(word, "")
    except ArgumentError:
        return None


def _by_mac(network: Network, mac: str, what: str) -> Machine:
    if mac == ZERO_MAC:
        raise ArgumentError(f"{what}: {mac} is no address of a machine; destination=broadcast shows how frames are flooded")
    if is_group_mac(mac):
        return Machine(GROUP, "everybody" if mac == BROADCAST_MAC else f"the group {mac}", mac=mac)
    endpoint = next((endpoint for endpoint in network.endpoints if endpoint.mac == mac), None)
    if endpoint is not None:
        return _endpoint(endpoint)
    if network.gateway is not None and network.gateway.mac == mac:
        return _gateway(network, what)
    return Machine(UNLISTED, mac, mac=mac)


def _by_address(network: Network, address: str, what: str) -> Machine:
    for endpoint in network.endpoints:
        if address in (listed.partition("/")[0] for listed in endpoint.addresses):
            return _endpoint(endpoint)
    if network.gateway is not None and address in (listed.partition("/")[0] for listed in network.gateway.addresses):
        return _gateway(network, what)
    if is_multicast(address):
        mac = _group_mac(address)
        return Machine(GROUP, f"the group {address}", mac=mac, addresses=(address,))
    listed = [f"{item.partition('/')[0]} ({endpoint.name})" for endpoint in network.endpoints for item in endpoint.addresses]
    known = f"; known are {', '.join(listed)}" if listed else ""
    advice = "; destination=broadcast shows the walk of the ARP request for it" if what == "destination" else ""
    raise ArgumentError(f"{what}: nobody in network {network.name} has the address {address}{known}{advice}")


def _group_mac(address: str) -> str:
    """RFC 1112, section 6.4, and RFC 2464, section 7."""
    packed = pack_address(address)
    low = b"\x33\x33" + packed[12:] if len(packed) == 16 else b"\x01\x00\x5e" + bytes([packed[1] & 0x7F]) + packed[2:]
    return low.hex(":")
