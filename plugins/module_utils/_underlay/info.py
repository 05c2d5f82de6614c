# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The module underlay_info from its parameters to its result: what the underlay of a VTEP does with its packets, read and not tried."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import COMMON
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import family_of, natural_key, parse_address
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.hanging import dump_kept_addresses
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.links import IFINFO, RawLink
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.route_lookup import Question, Way, look_up_way
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, messages
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.groups import read_groups

Spec = dict[str, dict[str, Any]]

_ROUTE: Spec = {
    "address": {"type": "str", "required": True},
    "source": {"type": "str"},
    "device": {"type": "str"},
    "port": {"type": "int", "default": 4789},
}


def underlay_spec() -> Spec:
    """Arguments of the module."""
    return {
        "routes": {"type": "list", "elements": "dict", "options": _ROUTE, "default": []},
        "addresses": {"type": "list", "elements": "str", "default": []},
        "ports": {"type": "list", "elements": "int", "default": []},
        "groups": {"type": "list", "elements": "str", "default": []},
        "links": {"type": "list", "elements": "str", "default": []},
        **COMMON,
    }


class _Device(NamedTuple):
    """A network interface, as far as a packet cares. carrier: something is plugged in, or plays it."""

    name: str
    number: int
    kind: str
    up: bool
    carrier: bool
    mtu: int
    mac: str
    master: str


def gather_underlay(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the parameters ask for."""
    asked = [_parse_route(entry, place) for place, entry in enumerate(parameters["routes"])]
    addresses = [parse_address(text, f"addresses[{place}]") for place, text in enumerate(parameters["addresses"])]
    groups = [parse_address(text, f"groups[{place}]") for place, text in enumerate(parameters["groups"])]
    with NetlinkSocket() as netlink:
        devices = _read_devices(netlink)
        names = {device.number: device.name for device in devices.values()}
        kept = dump_kept_addresses(netlink, names) if addresses else {}
        routes = [_show_route(netlink, entry, devices, names) for entry in asked]
    holders = {entry.address.partition("/")[0]: names[index] for index, entries in kept.items() for entry in entries}
    joined = read_groups() if groups else {}
    return {
        "routes": routes,
        "addresses": {address: holders.get(address, "") for address in addresses},
        "ports": read_listeners(parameters["ports"]),
        "groups": {group: sorted(joined.get(group, ()), key=natural_key) for group in groups},
        "links": [_show_device(devices[name]) for name in dict.fromkeys(parameters["links"]) if name in devices],
    }


def _parse_route(entry: Mapping[str, Any], place: int) -> dict[str, Any]:
    path = f"routes[{place}]"
    source = entry.get("source")
    found = {
        "address": parse_address(entry["address"], f"{path}.address"),
        "source": parse_address(source, f"{path}.source") if source else "",
        "device": entry.get("device") or "",
        "port": entry["port"],
    }
    if found["source"] and family_of(found["source"]) != family_of(found["address"]):
        raise ArgumentError(f"{path}: {found['source']} and {found['address']} are of different families")
    if not 1 <= found["port"] <= 65535:
        raise ArgumentError(f"{path}.port: {found['port']} is not of 1..65535")
    return found


def _read_devices(netlink: NetlinkSocket) -> dict[str, _Device]:
    body = IFINFO.pack(socket.AF_UNSPEC, 0, 0, 0, 0) + wire.attribute_u32(nl.IFLA_EXT_MASK, nl.RTEXT_FILTER_SKIP_STATS)
    raw = [
        RawLink(buffer, start, end)
        for buffer in netlink.dump(nl.RTM_GETLINK, body, "reading the interfaces")
        for start, end, what, _flags, _sequence in messages(buffer)
        if what == nl.RTM_NEWLINK
    ]
    names = {link.index: link.name for link in raw}
    return {link.name: _device(link, names) for link in raw}


def _device(link: RawLink, names: Mapping[int, str]) -> _Device:
    info = wire.split_attributes(link.attributes.get(nl.IFLA_LINKINFO, b""))
    mac = link.attributes.get(nl.IFLA_ADDRESS, b"")
    return _Device(
        name=link.name,
        number=link.index,
        kind=wire.text(info.get(nl.IFLA_INFO_KIND, b"")),
        up=bool(link.flags & nl.IFF_UP),
        carrier=bool(link.flags & nl.IFF_LOWER_UP),
        mtu=wire.u32(link.attributes.get(nl.IFLA_MTU, b"")),
        mac=mac.hex(":") if len(mac) == 6 else "",
        master=names.get(wire.u32(link.attributes.get(nl.IFLA_MASTER, b"")), ""),
    )


def _show_device(device: _Device) -> dict[str, Any]:
    shown = {"name": device.name, "kind": device.kind, "state": "up" if device.up else "down", "carrier": device.carrier}
    return {**shown, "mtu": device.mtu, "mac": device.mac, "master": device.master}


def _show_route(netlink: NetlinkSocket, entry: Mapping[str, Any], devices: Mapping[str, _Device], names: Mapping[int, str]) -> dict[str, Any]:
    device = devices.get(entry["device"])
    if entry["device"] and device is None:
        way = Way("", error=f"there is no interface {entry['device']}")
    else:
        way = look_up_way(netlink, Question(entry["address"], entry["source"] or None, device.number if device else 0, entry["port"]))
    output = devices.get(names.get(way.device_index, ""))
    return {
        **entry,
        "type": way.kind,
        "next_hop": way.next_hop,
        "output": output.name if output else "",
        "preferred_source": way.source,
        "mtu": (way.mtu or output.mtu) if output else 0,
        "table": way.table,
        "error": way.error,
    }


def read_listeners(ports: Sequence[int]) -> list[dict[str, Any]]:
    """The local addresses on which each UDP port is open. Sockets of VXLAN interfaces are among them (vxlan_sock_add)."""
    found: dict[int, list[str]] = {port: [] for port in ports}
    for path, digits in (("/proc/thread-self/net/udp", 8), ("/proc/thread-self/net/udp6", 32)):
        try:
            with open(path, encoding="ascii") as file:
                listed = parse_udp(file, digits)
        except OSError:  # a kernel without the family
            continue
        for address, port in listed:
            if port in found and address not in found[port]:
                found[port].append(address)
    return [{"port": port, "addresses": sorted(addresses)} for port, addresses in found.items()]


def parse_udp(lines: Iterable[str], digits: int) -> list[tuple[str, int]]:
    """udp4_format_sock and udp_v6_format_sock: a heading, then slot, local address and port, both in hexadecimal, the address in
    words of 32 bits as the machine has them in memory."""
    found = []
    for line in list(lines)[1:]:
        text, _colon, port = line.split()[1].partition(":")
        words = (int(text[at : at + 8], 16) for at in range(0, digits, 8))
        packed = b"".join(word.to_bytes(4, sys.byteorder) for word in words)
        found.append((socket.inet_ntop(socket.AF_INET if digits == 8 else socket.AF_INET6, packed), int(port, 16)))
    return found
