# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The topology of a twin: what the user wrote, parsed once into canonical values.

Every mistake is collected and raised together, each with its path (C(hosts[1].endpoints[0].mac)).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import parse_interface_mac, parse_name
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.names import derive_mac, port_of_host, port_of_uplink

IpInterface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]

SEGMENT = "segment"
ROUTED = "routed"
MODES = (SEGMENT, ROUTED)
DEFAULT_MTU = 1500
MTU_MIN = 68  # RFC 791
MTU_MIN_V6 = 1280  # RFC 8200, section 5
VLAN_MAX = 4094  # IEEE 802.1Q
MTU_MAX = 65535  # veth_setup, drivers/net/veth.c
OVERHEAD_V4 = 50  # RFC 7348: Ethernet 14, IPv4 20, UDP 8, VXLAN 8
OVERHEAD_V6 = 70
ROUTER_V4 = "169.254.0.1/32"
ROUTER_V6 = "fe80::1/64"
ENDPOINT_DEVICE = "eth0"

_TWIN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})\Z")
# A file name that ip-netns(8) and the words of `ip -batch` take as they are.
_NETNS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,127}\Z")
# `%` is a template for the kernel (dev_alloc_name), the others have a meaning for the words of `ip -batch`.
_UNSAFE_IN_BATCH = re.compile(r"""["'#\\%]|^-""")


@dataclass(frozen=True)
class Endpoint:
    """A stand-in for a VM: a namespace behind an access port of a host. vlan: the tag of its frames, which share the cable of another endpoint."""

    name: str
    netns: str
    port: str
    mac: str
    mtu: int
    addresses: tuple[str, ...]
    network: str
    gateways: tuple[str, ...] = ()
    vlan: int | None = None


@dataclass(frozen=True)
class Uplink:
    """A cable of a host into the underlay. far: the name of its other end, in the namespace of the underlay."""

    device: str
    far: str
    mtu: int
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Host:
    """uplinks: the first is the one of C(device). forwarding: families whose packets it forwards."""

    name: str
    netns: str
    uplinks: tuple[Uplink, ...]
    endpoints: tuple[Endpoint, ...]
    forwarding: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Underlay:
    """What its hosts are parsed with. least: smallest MTU of a cable; overhead: of VXLAN over it."""

    twin: str
    mode: str
    mtu: int
    least: int
    overhead: int


@dataclass(frozen=True)
class Topology:
    name: str
    mode: str
    mtu: int
    netns: str  # namespace of the underlay
    hosts: tuple[Host, ...]
    warnings: tuple[str, ...] = ()


class Mistakes:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._owners: dict[tuple[str, str], str] = {}

    def add(self, path: str, sentence: str) -> None:
        self.found.append(f"{path}: {sentence}")

    def catch(self, error: ArgumentError) -> None:
        self.found.append(error.message)

    def claim(self, kind: str, value: str, path: str) -> None:
        """A second owner of the same value is a mistake; both are named."""
        owner = self._owners.setdefault((kind, value), path)
        if owner != path:
            self.add(path, f"{value} is also at {owner}")

    def raise_if_any(self) -> None:
        if self.found:
            raise ArgumentListError(self.found)


def parse_twin_name(text: str) -> str:
    """Lower-case letters, digits and dashes: the name is part of namespaces, marks and file names."""
    if not _TWIN_NAME.match(text):
        raise ArgumentListError([f"name: {text!r} is not a name of a twin: 1 to 63 of a-z, 0-9 and '-', not starting with '-'"])
    return text


def parse_topology(name: str, underlay: Mapping[str, Any] | None, hosts: Iterable[Mapping[str, Any]]) -> Topology:
    """The arguments of the module as a Topology, or ArgumentListError with every mistake."""
    parse_twin_name(name)
    mistakes = Mistakes()
    words = dict(underlay or {})
    mode = str(words.get("mode") or SEGMENT)
    if mode not in MODES:
        mistakes.add("underlay.mode", f"{mode!r} is not one of {', '.join(MODES)}")
    netns = _netns(words.get("netns"), f"{name}-underlay", "underlay.netns", mistakes)
    raw = list(hosts)
    cables = [cable for host in raw for cable in (host, *(host.get("uplinks") or ()))]
    least = MTU_MIN_V6 if _has_v6(cables) else MTU_MIN
    mtu = _mtu(words.get("mtu"), DEFAULT_MTU, least, "underlay.mtu", mistakes)
    cabling = _Underlay(name, mode, mtu, least, OVERHEAD_V6 if _has_v6(cables) else OVERHEAD_V4)
    parsed = tuple(_host(cabling, host, f"hosts[{index}]", mistakes) for index, host in enumerate(raw))
    mistakes.raise_if_any()
    return Topology(name, mode, mtu, netns, parsed, _subnet_warnings(mode, parsed))


def _has_v6(cables: Iterable[Mapping[str, Any]]) -> bool:
    """True when a VTEP could send over IPv6: then the larger overhead has to fit."""
    return any(":" in str(address) for cable in cables for address in cable.get("addresses") or [])


def _mtu(value: int | None, default: int, least: int, path: str, mistakes: Mistakes) -> int:
    mtu = default if value is None else int(value)
    if not least <= mtu <= MTU_MAX:
        mistakes.add(path, f"{mtu} is not in {least}..{MTU_MAX}")
        return default  # or every budget would be a mistake of its own
    return mtu


def _netns(value: str | None, default: str, path: str, mistakes: Mistakes) -> str:
    name = str(value or default)
    if not _NETNS.match(name):
        mistakes.add(path, f"{name!r} is not a namespace name: letters, digits and _.:@+- are allowed, up to 128")
    mistakes.claim("netns", name, path)
    return name


def _required(entry: Mapping[str, Any], key: str, path: str, mistakes: Mistakes) -> str:
    value = entry.get(key)
    if value in (None, ""):
        mistakes.add(path, f"{key} is required")
        return ""
    return str(value)


def _link_name(text: str, path: str, mistakes: Mistakes) -> str:
    try:
        name = parse_name(text, path)
    except ArgumentError as error:
        mistakes.catch(error)
        return text
    if name == "lo" or _UNSAFE_IN_BATCH.search(name):
        mistakes.add(path, f"{name!r} cannot be used here: not 'lo', no quotes, '#', '%', backslash or leading '-'")
    return name


def _host(underlay: _Underlay, entry: Mapping[str, Any], path: str, mistakes: Mistakes) -> Host:
    name = _required(entry, "name", path, mistakes)
    mistakes.claim("host", name, f"{path}.name")
    netns = _netns(entry.get("netns"), f"{underlay.twin}-{name}", f"{path}.netns", mistakes)
    uplinks = [_uplink(underlay, netns, port_of_host(name), {"device": "eth0", **entry}, path, mistakes)]
    for index, raw in enumerate(entry.get("uplinks") or []):
        where = f"{path}.uplinks[{index}]"
        if underlay.mode == ROUTED:
            mistakes.add(where, f"'mode: {ROUTED}' gives each host one way to the router; with several uplinks use 'mode: {SEGMENT}'")
        far = port_of_uplink(name, str(raw.get("device")))
        uplinks.append(_uplink(underlay, netns, far, raw, where, mistakes))
    budget = min(uplink.mtu for uplink in uplinks) - underlay.overhead
    endpoints = tuple(
        _endpoint(underlay.twin, netns, budget, endpoint, f"{path}.endpoints[{index}]", mistakes) for index, endpoint in enumerate(entry.get("endpoints") or [])
    )
    _check_cables(endpoints, path, mistakes)
    forwarding = _forwarding(entry.get("forwarding") or [], f"{path}.forwarding", mistakes)
    return Host(name, netns, tuple(uplinks), endpoints, forwarding)


def _check_cables(endpoints: Iterable[Endpoint], path: str, mistakes: Mistakes) -> None:
    """Endpoints with a tag share the cable of the one without."""
    listed = list(endpoints)
    cables = {endpoint.port: endpoint for endpoint in listed if endpoint.vlan is None}
    for index, endpoint in enumerate(listed):
        where = f"{path}.endpoints[{index}]"
        if endpoint.vlan is None:
            continue
        mistakes.claim(f"VLAN of {path} {endpoint.port}", str(endpoint.vlan), f"{where}.vlan")
        cable = cables.get(endpoint.port)
        if cable is None:
            mistakes.add(f"{where}.vlan", f"no endpoint without 'vlan' is at port {endpoint.port}, which has the other end of the cable")
        elif endpoint.mtu > cable.mtu:
            mistakes.add(f"{where}.mtu", f"{endpoint.mtu} is more than the {cable.mtu} of {cable.name}, which has the cable")


def _forwarding(values: Iterable[Any], path: str, mistakes: Mistakes) -> tuple[int, ...]:
    known = {"ipv4": 4, "ipv6": 6}
    words = [str(value) for value in values]
    for index, word in enumerate(words):
        if word not in known:
            mistakes.add(f"{path}[{index}]", f"{word!r} is not one of {', '.join(known)}")
    return tuple(sorted({known[word] for word in words if word in known}))


def _uplink(underlay: _Underlay, netns: str, far: str, entry: Mapping[str, Any], path: str, mistakes: Mistakes) -> Uplink:
    device = _required(entry, "device", path, mistakes)
    if device:
        device = _link_name(device, f"{path}.device", mistakes)
        mistakes.claim(f"link of {netns}", device, f"{path}.device")
    mistakes.claim("uplink", far, f"{path}.name")
    mtu = _mtu(entry.get("mtu"), underlay.mtu, underlay.least, f"{path}.mtu", mistakes)
    return Uplink(device, far, mtu, _host_addresses(entry.get("addresses") or [], underlay.mode, f"{path}.addresses", mistakes))


def _host_addresses(values: Iterable[Any], mode: str, path: str, mistakes: Mistakes) -> tuple[str, ...]:
    parsed = []
    for index, value in enumerate(values):
        where = f"{path}[{index}]"
        address = _address(str(value), where, mistakes, host_address=mode == ROUTED)
        if address is None:
            continue
        if mode == ROUTED and str(address.ip) == ROUTER_V4.partition("/")[0]:
            mistakes.add(where, f"{address.ip} is the router of the twin")
        mistakes.claim("underlay address", str(address.ip), where)
        parsed.append(str(address))
    return tuple(parsed)


def _address(text: str, path: str, mistakes: Mistakes, host_address: bool = False) -> IpInterface | None:
    """ADDRESS/LENGTH. With host_address the length does not matter: it becomes /32 or /128."""
    if "/" not in text and not host_address:
        mistakes.add(path, f"{text!r} lacks a prefix length such as 192.0.2.11/24")
        return None
    try:
        address = ipaddress.ip_interface(text.strip())
    except ValueError:
        mistakes.add(path, f"{text!r} is not an address with a prefix length such as 192.0.2.11/24")
        return None
    ip = address.ip
    if ip.is_multicast or ip.is_unspecified or ip.is_loopback or (address.version == 6 and ip.is_link_local):
        mistakes.add(path, f"{ip} is not an address to give: multicast, unspecified, loopback, or link-local of IPv6")
        return None
    if host_address:
        return ipaddress.ip_interface(str(ip))
    network = address.network
    if address.version == 4 and network.prefixlen < 31 and ip in (network.network_address, network.broadcast_address):
        mistakes.add(path, f"{ip} is the network or broadcast address of {network}")
    return address


def _endpoint(twin: str, host_netns: str, budget: int, entry: Mapping[str, Any], path: str, mistakes: Mistakes) -> Endpoint:
    name = _required(entry, "name", path, mistakes)
    netns = _netns(entry.get("netns"), f"{twin}-{name}", f"{path}.netns", mistakes)
    port = _required(entry, "port", path, mistakes)
    if port:
        port = _link_name(port, f"{path}.port", mistakes)
        if entry.get("vlan") is None:
            mistakes.claim(f"link of {host_netns}", port, f"{path}.port")
    vlan = None if entry.get("vlan") is None else int(entry["vlan"])
    if vlan is not None and not 1 <= vlan <= VLAN_MAX:
        mistakes.add(f"{path}.vlan", f"{vlan} is not in 1..{VLAN_MAX}")
    network = str(entry.get("network") or "")
    mac = _mac(entry.get("mac"), derive_mac(twin, netns, ENDPOINT_DEVICE), path, mistakes)
    mistakes.claim(f"MAC of network {network}", mac, f"{path}.mac")
    addresses = []
    for index, value in enumerate(entry.get("addresses") or []):
        address = _address(str(value), f"{path}.addresses[{index}]", mistakes)
        if address is not None:
            # Without a network two tenants with the same addresses look like a mistake: not judged.
            owner = f"address of network {network}" if network else f"address of {path}"
            mistakes.claim(owner, str(address.ip), f"{path}.addresses[{index}]")
            addresses.append(str(address))
    mtu = budget if entry.get("mtu") is None else int(entry["mtu"])
    least = MTU_MIN_V6 if any(":" in address for address in addresses) else MTU_MIN
    if not least <= mtu <= MTU_MAX:
        mistakes.add(f"{path}.mtu", f"{mtu} is not in {least}..{MTU_MAX}; what the underlay leaves is {budget}")
    gateways = _gateways(entry.get("gateways") or [], f"{path}.gateways", mistakes)
    return Endpoint(name, netns, port, mac, mtu, tuple(addresses), network, gateways, vlan)


def _gateways(values: Iterable[Any], path: str, mistakes: Mistakes) -> tuple[str, ...]:
    """One of each family: addresses without a length."""
    found: dict[int, str] = {}
    for index, value in enumerate(values):
        address = _address(str(value), f"{path}[{index}]", mistakes, host_address=True)
        if address is not None and found.setdefault(address.version, str(address.ip)) != str(address.ip):
            mistakes.add(f"{path}[{index}]", f"{address.ip} is a second gateway of IPv{address.version}, besides {found[address.version]}")
    return tuple(found.values())


def _mac(value: str | None, default: str, path: str, mistakes: Mistakes) -> str:
    if value in (None, ""):
        return default
    try:
        return parse_interface_mac(str(value), f"{path}.mac")
    except ArgumentError as error:
        mistakes.catch(error)
        return str(value)


def _subnet_warnings(mode: str, hosts: tuple[Host, ...]) -> tuple[str, ...]:
    """On one segment, hosts of different subnets do not reach each other: legal, and most often not meant."""
    if mode == ROUTED:
        return ()
    warnings = []
    for version in (4, 6):
        subnets = {host.name: found for host in hosts if (found := _subnets(host, version))}
        firsts: dict[str, str] = {}
        for name, found in subnets.items():
            firsts.setdefault(found[0], name)
        if subnets and not set.intersection(*map(set, subnets.values())):
            who = ", ".join(f"{name} in {network}" for network, name in firsts.items())
            warnings.append(f"hosts of different IPv{version} subnets on one segment do not reach each other ({who}): use 'mode: routed'")
    return tuple(warnings)


def _subnets(host: Host, version: int) -> list[str]:
    addresses = (ipaddress.ip_interface(text) for uplink in host.uplinks for text in uplink.addresses)
    return [str(address.network) for address in addresses if address.version == version]
