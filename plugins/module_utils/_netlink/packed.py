# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Operations as netlink messages of our own: the lane for long plans. pyroute2's encoder is the oracle in the tests.

Links are named by their name where the kernel takes it (__rtnl_newlink, rtnl_dellink), so that a link may be made and changed in
one send; where an index is needed, the link has to exist when its message is built.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Callable, Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import hanging, vlans, wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.encode import pack_outer, pack_values
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb_write import RowEncoder
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.links import IFADDR, IFINFO
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops

IndexOf = Callable[[str], int]
Message = tuple[int, int, bytes]  # type, flags, body

_NDMSG = struct.Struct("=BxxxiHBB")
_NO_LINK = IFINFO.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
_REPLACE = nl.NLM_F_CREATE | nl.NLM_F_REPLACE
_APPEND = nl.NLM_F_CREATE | nl.NLM_F_APPEND
_NEW = nl.NLM_F_CREATE | nl.NLM_F_EXCL
# What the kernel answers when that which is to go is gone already: it went along with something else.
ALREADY_GONE: dict[type, tuple[int, ...]] = {
    ops.DeleteRows: (errno.ENOENT, errno.ESRCH),
    ops.RemoveAddress: (errno.EADDRNOTAVAIL,),
    ops.RemoveNeighbour: (errno.ENOENT,),
}


def encode(operation: ops.Operation, index_of: IndexOf) -> list[Message]:
    """The messages of one operation, in order."""
    if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        return _rows(operation, index_of)
    if isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
        what, flags = (nl.RTM_NEWTUNNEL, nl.NLM_F_CREATE) if isinstance(operation, ops.WriteVnis) else (nl.RTM_DELTUNNEL, 0)
        return [(what, flags, body) for body in hanging.vni_bodies(index_of(operation.name), operation.rows)]
    if isinstance(operation, (ops.WriteVlans, ops.DeleteVlans)):
        what = nl.RTM_NEWVLAN if isinstance(operation, ops.WriteVlans) else nl.RTM_DELVLAN
        return [(what, 0, body) for body in vlans.vlan_bodies(index_of(operation.name), operation.rows)]
    if isinstance(operation, (ops.WriteTunnels, ops.DeleteTunnels)):
        command = nl.RTM_SETLINK if isinstance(operation, ops.WriteTunnels) else nl.RTM_DELLINK
        return [(nl.RTM_NEWVLAN, 0, body) for body in vlans.tunnel_bodies(index_of(operation.name), operation.rows, command)]
    if isinstance(operation, (ops.AddAddress, ops.RemoveAddress)):
        return [_address(operation, index_of(operation.name))]
    if isinstance(operation, (ops.WriteNeighbour, ops.RemoveNeighbour)):
        return [_neighbour(operation, index_of(operation.name))]
    if isinstance(operation, ops.AddRoute):
        return [(nl.RTM_NEWROUTE, _REPLACE, hanging.route_body(operation.route, index_of(operation.name)))]
    return [_link(operation, index_of)]


def delete_group(group: int) -> Message:
    """Remove every link of an interface group."""
    return nl.RTM_DELLINK, 0, _NO_LINK + wire.attribute_u32(nl.IFLA_GROUP, group)


def needed_links(operation: ops.Operation) -> tuple[str, ...]:
    """Links whose index is in the messages."""
    if isinstance(operation, ops.CreateLink):
        return _attribute_links(operation.link.attributes)
    if isinstance(operation, (ops.SetAttributes, ops.SetPort)):
        return _attribute_links(operation.values)
    if isinstance(operation, ops.SetLink):
        return (str(operation.value),) if operation.field == "master" and operation.value else ()
    if isinstance(operation, (ops.DeleteLink, ops.AddAltname)):
        return ()
    if isinstance(operation, ops.WriteRows):
        return (operation.name, *{row.via for row in operation.rows if row.via is not None})
    return (operation.name,)


def _attribute_links(attributes: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(str(attributes[key]) for key in ("device", "backup_port") if attributes.get(key))


def _link(operation: ops.Operation, index_of: IndexOf) -> Message:
    if isinstance(operation, ops.CreateLink):
        return nl.RTM_NEWLINK, _NEW, _create(operation, index_of)
    name = _name(ops.target_of(operation))
    if isinstance(operation, ops.DeleteLink):
        return nl.RTM_DELLINK, 0, _NO_LINK + name
    if isinstance(operation, ops.SetAttributes):
        info = _info(operation.kind, pack_values(table_of(operation.kind), operation.values, index_of))
        return nl.RTM_NEWLINK, 0, _NO_LINK + name + info
    if isinstance(operation, ops.SetPort):
        data = wire.attribute(nl.IFLA_INFO_SLAVE_KIND, b"bridge\0") + wire.attribute(nl.IFLA_INFO_SLAVE_DATA, pack_values(PORT, operation.values, index_of))
        return nl.RTM_NEWLINK, 0, _NO_LINK + name + wire.attribute(nl.IFLA_LINKINFO, data)
    if isinstance(operation, ops.AddAltname):
        names = wire.attribute(nl.IFLA_PROP_LIST | nl.NLA_F_NESTED, wire.attribute(nl.IFLA_ALT_IFNAME, operation.altname.encode() + b"\0"))
        return nl.RTM_NEWLINKPROP, _NEW, _NO_LINK + name + names
    if isinstance(operation, ops.SetLink):
        if operation.field == "up":
            return nl.RTM_NEWLINK, 0, IFINFO.pack(socket.AF_UNSPEC, 0, 0, nl.IFF_UP if operation.value else 0, nl.IFF_UP) + name
        return nl.RTM_NEWLINK, 0, _NO_LINK + name + field_attribute(operation, index_of)
    raise TypeError(type(operation).__name__)


def field_attribute(operation: ops.SetLink, index_of: IndexOf) -> bytes:
    """A field of a link as an attribute; not for being up, which is a flag."""
    value = operation.value
    if operation.field == "alias":
        return wire.attribute(nl.IFLA_IFALIAS, str(value).encode())
    if operation.field == "mac":
        return wire.attribute(nl.IFLA_ADDRESS, _mac(str(value)))
    if operation.field == "master":
        return wire.attribute_u32(nl.IFLA_MASTER, index_of(str(value)) if value else 0)
    if operation.field == "addrgenmode":
        mode = wire.attribute(nl.IFLA_INET6_ADDR_GEN_MODE, bytes([nl.ADDR_GEN_MODES.index(str(value))]))
        return wire.attribute(nl.IFLA_AF_SPEC | nl.NLA_F_NESTED, wire.attribute(socket.AF_INET6 | nl.NLA_F_NESTED, mode))
    numbers = {"group": nl.IFLA_GROUP, "mtu": nl.IFLA_MTU, "txqueuelen": nl.IFLA_TXQLEN}
    return wire.attribute_u32(numbers[operation.field], int(str(value)))


def _name(name: str) -> bytes:
    return wire.attribute(nl.IFLA_IFNAME, name.encode() + b"\0")


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _info(kind: str, data: bytes) -> bytes:
    return wire.attribute(nl.IFLA_LINKINFO, wire.attribute(nl.IFLA_INFO_KIND, kind.encode() + b"\0") + wire.attribute(nl.IFLA_INFO_DATA, data))


def _create(operation: ops.CreateLink, index_of: IndexOf) -> bytes:
    link = operation.link
    body = _NO_LINK + _name(link.name)
    if link.mac is not None:
        body += wire.attribute(nl.IFLA_ADDRESS, _mac(link.mac))
    if link.mtu is not None:
        body += wire.attribute_u32(nl.IFLA_MTU, link.mtu)
    if link.txqueuelen is not None:
        body += wire.attribute_u32(nl.IFLA_TXQLEN, link.txqueuelen)
    table = table_of(link.kind)
    return body + pack_outer(table, link.attributes, index_of) + _info(link.kind, pack_values(table, link.attributes, index_of))


def _address(operation: ops.AddAddress | ops.RemoveAddress, index: int) -> Message:
    if isinstance(operation, ops.AddAddress) and operation.kept is not None:
        return nl.RTM_NEWADDR, _REPLACE if operation.again else _NEW, hanging.address_body(operation.kept, index)
    address, _slash, length = operation.address.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    body = IFADDR.pack(family, int(length), 0, 0, index) + wire.attribute(nl.IFA_LOCAL, packed) + wire.attribute(nl.IFA_ADDRESS, packed)
    if isinstance(operation, ops.RemoveAddress):
        return nl.RTM_DELADDR, 0, body
    return nl.RTM_NEWADDR, _REPLACE if operation.again else _NEW, body


def _neighbour(operation: ops.WriteNeighbour | ops.RemoveNeighbour, index: int) -> Message:
    neighbour = operation.neighbour
    family = socket.AF_INET6 if ":" in neighbour.address else socket.AF_INET
    flags = (nl.NTF_ROUTER if neighbour.router else 0) | (nl.NTF_EXT_LEARNED if neighbour.extern_learn else 0)
    destination = wire.attribute(nl.NDA_DST, socket.inet_pton(family, neighbour.address))
    if isinstance(operation, ops.RemoveNeighbour):
        return nl.RTM_DELNEIGH, 0, _NDMSG.pack(family, index, 0, 0, 0) + destination
    head = _NDMSG.pack(family, index, nl.NEIGHBOUR_STATES[neighbour.state], flags, 0)
    return nl.RTM_NEWNEIGH, _REPLACE, head + destination + wire.attribute(nl.NDA_LLADDR, _mac(neighbour.mac))


def _rows(operation: ops.WriteRows | ops.DeleteRows, index_of: IndexOf) -> list[Message]:
    bodies = RowEncoder(index_of(operation.name), index_of).bodies(operation.rows)
    if isinstance(operation, ops.DeleteRows):
        return [(nl.RTM_DELNEIGH, 0, body) for body in bodies]
    if not operation.append:
        return [(nl.RTM_NEWNEIGH, _REPLACE, body) for body in bodies]
    # Flood lists are appended to; the kernel refuses to replace them, and appending to a unicast MAC does nothing (F9).
    flags = (_APPEND if row.table == "self" and takes_flood_list(row.mac) else _REPLACE for row in operation.rows)
    return [(nl.RTM_NEWNEIGH, flag, body) for flag, body in zip(flags, bodies)]
