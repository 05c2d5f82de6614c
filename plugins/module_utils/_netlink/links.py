# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Read links, addresses and neighbours. Dumps are decoded here, without pyroute2: a run that changes nothing never imports it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import canonical_address, is_multicast, is_unspecified
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.attributes import decode_values
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, messages

IFINFO = struct.Struct("=BxHiII")  # family, type, index, flags, change (struct ifinfomsg)
IFADDR = struct.Struct("=BBBBi")  # family, prefix length, flags, scope, index (struct ifaddrmsg)
_NDMSG = struct.Struct("=BxxxiHBB")  # family, index, state, flags, type (struct ndmsg)

_NEIGHBOUR_STATES = {number: word for word, number in nl.NEIGHBOUR_STATES.items()}
_STATISTICS = ("rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped")


class RawLink:
    """A link message, half decoded: names of other links are needed for the rest."""

    def __init__(self, buffer: bytes, start: int, end: int) -> None:
        _family, _type, self.index, self.flags, _change = IFINFO.unpack_from(buffer, start)
        self.attributes = wire.split_attributes(buffer, start + IFINFO.size, end)
        self.name = wire.text(self.attributes[nl.IFLA_IFNAME])


Addresses = Mapping[int, "list[str]"]
Neighbours = Mapping[int, "list[Neighbour]"]


def dump_links(
    netlink: NetlinkSocket, statistics: bool = False, bridges: bool = False, addresses: Addresses | None = None, neighbours: Neighbours | None = None
) -> dict[str, Link]:
    """Every link of the namespace, by name. bridges: with the attributes of all kinds and the flags of ports. addresses and
    neighbours: by interface index, as far as they were read."""
    mask = 0 if statistics else nl.RTEXT_FILTER_SKIP_STATS
    body = IFINFO.pack(socket.AF_UNSPEC, 0, 0, 0, 0) + wire.attribute_u32(nl.IFLA_EXT_MASK, mask)
    raw: list[RawLink] = []
    for buffer in netlink.dump(nl.RTM_GETLINK, body, "reading the interfaces"):
        raw.extend(RawLink(buffer, start, end) for start, end, what, _f, _s in messages(buffer) if what == nl.RTM_NEWLINK)
    names = {link.index: link.name for link in raw}
    return {link.name: _decode_link(link, names.get, bridges, addresses, neighbours) for link in raw}


def _decode_link(raw: RawLink, name_of: Callable[[int], str | None], bridges: bool, addresses: Addresses | None, neighbours: Neighbours | None) -> Link:
    attributes = raw.attributes
    foreign = nl.IFLA_LINK_NETNSID in attributes
    info = wire.split_attributes(attributes.get(nl.IFLA_LINKINFO, b""))
    kind = wire.text(info.get(nl.IFLA_INFO_KIND, b""))
    table = table_of(kind) if bridges or kind == "vxlan" else ()
    local_name = (lambda _index: None) if foreign else name_of
    mac = _mac(attributes.get(nl.IFLA_ADDRESS, b""))
    data = wire.split_attributes(info.get(nl.IFLA_INFO_DATA, b"")) if table else {}
    if nl.IFLA_LINK in attributes:
        data[-nl.IFLA_LINK] = attributes[nl.IFLA_LINK]
    values = decode_values(table, data, local_name)
    return Link(
        name=raw.name,
        kind=kind,
        index=raw.index,
        mac=mac,
        mtu=wire.u32(attributes[nl.IFLA_MTU]) if nl.IFLA_MTU in attributes else None,
        alias=wire.text(attributes.get(nl.IFLA_IFALIAS, b"")),
        master=name_of(wire.u32(attributes[nl.IFLA_MASTER])) if nl.IFLA_MASTER in attributes else "",
        up=bool(raw.flags & nl.IFF_UP),
        txqueuelen=wire.u32(attributes[nl.IFLA_TXQLEN]) if nl.IFLA_TXQLEN in attributes else None,
        addrgenmode=_addrgenmode(attributes.get(nl.IFLA_AF_SPEC, b"")),
        attributes=values,
        port=_port_flags(info, name_of, bridges),
        addresses=_without_own_link_local(addresses.get(raw.index), mac) if addresses is not None else None,
        neighbours=tuple(sorted(neighbours.get(raw.index, ()))) if neighbours is not None else None,
        lower=local_name(wire.u32(attributes[nl.IFLA_LINK])) if nl.IFLA_LINK in attributes else _underlay(kind, values),
        altnames=_altnames(attributes.get(nl.IFLA_PROP_LIST, b"")),
        group=wire.u32(attributes[nl.IFLA_GROUP]) if nl.IFLA_GROUP in attributes else 0,
        foreign_namespace=foreign,
        statistics=_statistics(attributes.get(nl.IFLA_STATS64, b"")),
    )


def _underlay(kind: str, values: Mapping[str, Value]) -> str | None:
    """A VXLAN interface does not say by IFLA_LINK what it stands on; it is deleted with it all the same (vxlan_handle_lowerdev_unregister)."""
    return str(values["device"]) if kind == "vxlan" and values.get("device") else None


def _without_own_link_local(addresses: list[str] | None, mac: str | None) -> tuple[str, ...]:
    """Older kernels do not mark the link-local address that they derive from a MAC (RFC 4291, appendix A)."""
    if not addresses:
        return ()
    own = None
    if mac is not None:
        octets = [int(part, 16) for part in mac.split(":")]
        octets[0] ^= 2
        eui = [*octets[:3], 0xFF, 0xFE, *octets[3:]]
        groups = ":".join(f"{eui[i] << 8 | eui[i + 1]:x}" for i in range(0, 8, 2))
        own = f"{canonical_address('fe80::' + groups)}/64"
    return tuple(sorted(address for address in addresses if address != own))


def _port_flags(info: dict[int, bytes], name_of: Callable[[int], str | None], bridges: bool) -> dict[str, Value] | None:
    if wire.text(info.get(nl.IFLA_INFO_SLAVE_KIND, b"")) != "bridge":
        return None
    return decode_values(table_of("bridge_slave"), wire.split_attributes(info.get(nl.IFLA_INFO_SLAVE_DATA, b"")), name_of) if bridges else {}


def _mac(payload: bytes) -> str | None:
    return payload.hex(":") if len(payload) == 6 else None


def _addrgenmode(payload: bytes) -> str | None:
    mode = wire.find_attribute(wire.find_attribute(payload, socket.AF_INET6) or b"", nl.IFLA_INET6_ADDR_GEN_MODE)
    return nl.ADDR_GEN_MODES[mode[0]] if mode and mode[0] < len(nl.ADDR_GEN_MODES) else None


def _altnames(payload: bytes) -> tuple[str, ...]:
    return tuple(sorted(wire.text(name) for number, name in wire.split_list(payload) if number == nl.IFLA_ALT_IFNAME))


def _statistics(payload: bytes) -> dict[str, int]:
    if len(payload) < 8 * len(_STATISTICS):
        return {}
    return dict(zip(_STATISTICS, struct.unpack_from(f"={len(_STATISTICS)}Q", payload)))


def dump_addresses(netlink: NetlinkSocket) -> dict[int, list[str]]:
    """Addresses by interface index. Link-local ones that the kernel made itself are left out: nobody configured them."""
    found: dict[int, list[str]] = {}
    body = IFADDR.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    for buffer in netlink.dump(nl.RTM_GETADDR, body, "reading the addresses"):
        for start, end, what, _flags, _sequence in messages(buffer):
            if what != nl.RTM_NEWADDR:
                continue
            family, length, _f, _scope, index = IFADDR.unpack_from(buffer, start)
            attributes = wire.split_attributes(buffer, start + IFADDR.size, end)
            if not _is_configured(family, attributes):
                continue
            payload = attributes.get(nl.IFA_LOCAL) or attributes[nl.IFA_ADDRESS]
            found.setdefault(index, []).append(f"{socket.inet_ntop(family, payload)}/{length}")
    return found


def _is_configured(family: int, attributes: dict[int, bytes]) -> bool:
    """False for addresses from router advertisements or DHCP (not permanent) and for the kernel's own link-locals."""
    if family == socket.AF_INET:
        return True
    if family != socket.AF_INET6:
        return False
    flags = wire.u32(attributes.get(nl.IFA_FLAGS, b"\0\0\0\0"))
    protocol = attributes.get(nl.IFA_PROTO, b"\0")[0]
    return bool(flags & nl.IFA_F_PERMANENT) and protocol != nl.IFAPROT_KERNEL_LL


def dump_neighbours(netlink: NetlinkSocket) -> dict[int, list[Neighbour]]:
    """ARP and ND entries that somebody configured (permanent, noarp, extern_learn), by interface index."""
    found: dict[int, list[Neighbour]] = {}
    body = _NDMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    for buffer in netlink.dump(nl.RTM_GETNEIGH, body, "reading the neighbours"):
        for start, end, what, _flags, _sequence in messages(buffer):
            if what != nl.RTM_NEWNEIGH:
                continue
            family, index, state, flags, _type = _NDMSG.unpack_from(buffer, start)
            attributes = wire.split_attributes(buffer, start + _NDMSG.size, end)
            mac = _mac(attributes.get(nl.NDA_LLADDR, b""))
            configured = state & (nl.NUD_PERMANENT | nl.NUD_NOARP) or flags & nl.NTF_EXT_LEARNED
            if family not in (socket.AF_INET, socket.AF_INET6) or not configured or mac is None:
                continue
            address = socket.inet_ntop(family, attributes[nl.NDA_DST])
            if state & nl.NUD_NOARP and (is_multicast(address) or is_unspecified(address)):
                continue  # the kernel's own entries
            found.setdefault(index, []).append(
                Neighbour(
                    address,
                    mac,
                    _NEIGHBOUR_STATES.get(state, "reachable"),
                    bool(flags & nl.NTF_ROUTER),
                    bool(flags & nl.NTF_EXT_LEARNED),
                )
            )
    return found
