# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Carry out operations: pyroute2 for links, addresses and neighbours, the packed lane for lists."""

from __future__ import annotations

import errno
import itertools
import socket
from collections.abc import Iterable
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import hanging, pyroute, wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.attributes import encode_values
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb import RowEncoder
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.links import IFINFO
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, Refusal, describe
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import command_lines, row_words

_NEIGHBOUR_STATES = {"permanent": nl.NUD_PERMANENT, "noarp": nl.NUD_NOARP, "reachable": nl.NUD_REACHABLE, "stale": nl.NUD_STALE}
_SHOWN_REFUSALS = 3
_REPLACE = nl.NLM_F_CREATE | nl.NLM_F_REPLACE
_APPEND = nl.NLM_F_CREATE | nl.NLM_F_APPEND


class PartlyDoneError(KernelError):
    """A list of which a part was refused. C(done): the operation restricted to what was carried out."""

    def __init__(self, refusal: Refusal, doing: str, done: ops.Operation | None) -> None:
        super().__init__(refusal.code, refusal.sentence, doing)
        self.done = done


def index_of(name: str) -> int:
    """The index of an interface of this namespace."""
    try:
        return socket.if_nametoindex(name)
    except OSError:
        raise KernelError(errno.ENODEV, "", f"looking up interface {name}") from None


class Writer:
    """Writes operations through one socket of each lane. pyroute2 is imported when the first link is written."""

    def __init__(self, netlink: NetlinkSocket) -> None:
        self._netlink = netlink
        self._iproute: Any = None

    def close(self) -> None:
        if self._iproute is not None:
            self._iproute.close()
            self._iproute = None

    @property
    def _links(self) -> Any:
        if self._iproute is None:
            self._iproute = pyroute.open_iproute()
        return self._iproute

    def write(self, operation: ops.Operation) -> None:
        """Carry out one operation; KernelError, or PartlyDoneError for lists, when the kernel refuses."""
        if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
            self._rows(operation)
        elif isinstance(operation, (ops.WriteVnis, ops.AddRoute)):
            self._hanging(operation)
        elif isinstance(operation, (ops.AddAddress, ops.RemoveAddress)):
            self._address(operation)
        elif isinstance(operation, (ops.WriteNeighbour, ops.RemoveNeighbour)):
            self._neighbour(operation)
        else:
            self._link(operation, "; ".join(command_lines(operation)) or f"changing {ops.target_of(operation)}")

    def _link(self, operation: ops.Operation, doing: str) -> None:
        if isinstance(operation, ops.CreateLink):
            self._create(operation, doing)
        elif isinstance(operation, ops.DeleteLink):
            pyroute.call(doing, self._links.link, "del", index=index_of(operation.name))
        elif isinstance(operation, ops.SetAttributes):
            encoded = dict(encode_values(table_of(operation.kind), operation.values, index_of))
            pyroute.call(doing, self._links.link, "set", index=index_of(operation.name), kind=operation.kind, **encoded)
        elif isinstance(operation, ops.SetPort):
            encoded = dict(encode_values(PORT, operation.values, index_of))
            pyroute.call(doing, self._links.link, "set", index=index_of(operation.name), kind="bridge_slave", **encoded)
        elif isinstance(operation, ops.SetLink):
            self._field(operation, doing)
        elif isinstance(operation, ops.AddAltname):
            names = wire.attribute(nl.IFLA_PROP_LIST | nl.NLA_F_NESTED, wire.attribute(nl.IFLA_ALT_IFNAME, operation.altname.encode() + b"\0"))
            body = IFINFO.pack(socket.AF_UNSPEC, 0, index_of(operation.name), 0, 0) + names
            self._send([(nl.RTM_NEWLINKPROP, nl.NLM_F_CREATE | nl.NLM_F_EXCL, body)], doing)

    def _create(self, operation: ops.CreateLink, doing: str) -> None:
        link = operation.link
        fields = {"address": link.mac, "mtu": link.mtu, "txqlen": link.txqueuelen}
        keywords: dict[str, object] = {key: value for key, value in fields.items() if value is not None}
        keywords.update(encode_values(table_of(link.kind), link.attributes, index_of))
        pyroute.call(doing, self._links.link, "add", ifname=link.name, kind=link.kind, **keywords)

    def _field(self, operation: ops.SetLink, doing: str) -> None:
        index = index_of(operation.name)
        value = operation.value
        if operation.field == "alias":
            self._raw_link(index, wire.attribute(nl.IFLA_IFALIAS, str(value).encode()), doing)
        elif operation.field == "group":
            self._raw_link(index, wire.attribute_u32(nl.IFLA_GROUP, int(str(value))), doing)
        elif operation.field == "addrgenmode":
            mode = wire.attribute(nl.IFLA_INET6_ADDR_GEN_MODE, bytes([nl.ADDR_GEN_MODES.index(str(value))]))
            six = wire.attribute(socket.AF_INET6 | nl.NLA_F_NESTED, mode)
            self._raw_link(index, wire.attribute(nl.IFLA_AF_SPEC | nl.NLA_F_NESTED, six), doing)
        else:
            keyword, wanted = _link_keyword(operation.field, value)
            pyroute.call(doing, self._links.link, "set", index=index, **{keyword: wanted})

    def _raw_link(self, index: int, attributes: bytes, doing: str) -> None:
        body = IFINFO.pack(socket.AF_UNSPEC, 0, index, 0, 0) + attributes
        self._send([(nl.RTM_NEWLINK, 0, body)], doing)

    def _send(self, requests: list[tuple[int, int, bytes]], doing: str) -> None:
        for refusal in self._netlink.send_all(requests, doing).values():
            raise KernelError(refusal.code, refusal.sentence, doing)

    def _address(self, operation: ops.AddAddress | ops.RemoveAddress) -> None:
        address, _slash, length = operation.address.partition("/")
        verb = "del" if isinstance(operation, ops.RemoveAddress) else "replace" if operation.again else "add"
        doing = command_lines(operation)[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        index = index_of(operation.name)
        if isinstance(operation, ops.AddAddress) and operation.kept is not None:
            self._send([(nl.RTM_NEWADDR, nl.NLM_F_CREATE | nl.NLM_F_EXCL, hanging.address_body(operation.kept, index))], doing)
            return
        gone = errno.EADDRNOTAVAIL if verb == "del" else 0  # with the first address of its subnet
        _call_unless(gone, doing, self._links.addr, verb, index=index, address=address, prefixlen=int(length), family=family)

    def _neighbour(self, operation: ops.WriteNeighbour | ops.RemoveNeighbour) -> None:
        neighbour = operation.neighbour
        doing = command_lines(operation)[0]
        keywords: dict[str, object] = {
            "ifindex": index_of(operation.name),
            "dst": neighbour.address,
            "lladdr": neighbour.mac,
            "family": socket.AF_INET6 if ":" in neighbour.address else socket.AF_INET,
        }
        if isinstance(operation, ops.RemoveNeighbour):
            _call_unless(errno.ENOENT, doing, self._links.neigh, "del", **keywords)
            return
        flags = (nl.NTF_ROUTER if neighbour.router else 0) | (nl.NTF_EXT_LEARNED if neighbour.extern_learn else 0)
        keywords.update(state=_NEIGHBOUR_STATES[neighbour.state], flags=flags)
        pyroute.call(doing, self._links.neigh, "replace", **keywords)

    def _hanging(self, operation: ops.WriteVnis | ops.AddRoute) -> None:
        index = index_of(operation.name)
        if isinstance(operation, ops.WriteVnis):
            bodies = hanging.vni_bodies(index, operation.rows)
            self._send([(nl.RTM_NEWTUNNEL, nl.NLM_F_CREATE, body) for body in bodies], f"writing the VNI filter of {operation.name}")
        else:
            body = hanging.route_body(operation.route, index)
            doing = f"putting back the route {operation.route.text} of {operation.name}"
            self._send([(nl.RTM_NEWROUTE, nl.NLM_F_CREATE | nl.NLM_F_REPLACE, body)], doing)

    def _rows(self, operation: ops.WriteRows | ops.DeleteRows) -> None:
        rows = operation.rows
        bodies = RowEncoder(index_of(operation.name), index_of).bodies(rows)
        if isinstance(operation, ops.DeleteRows):
            requests = [(nl.RTM_DELNEIGH, 0, body) for body in bodies]
            verb = "deleting"
        else:
            requests = [(nl.RTM_NEWNEIGH, flags, body) for flags, body in zip(_row_flags(operation), bodies)]
            verb = "writing"
        refused = self._netlink.send_all(requests, f"{verb} rows of {operation.name}")
        if isinstance(operation, ops.DeleteRows):  # what is gone already is as wanted
            refused = {position: r for position, r in refused.items() if r.code not in (errno.ENOENT, errno.ESRCH)}
        if refused:
            raise _partly(operation, verb, refused)


def _call_unless(gone: int, doing: str, method: Any, *arguments: Any, **keywords: Any) -> None:
    """Call pyroute2; the error that says that what is to go is gone already is none."""
    try:
        pyroute.call(doing, method, *arguments, **keywords)
    except KernelError as error:
        if error.code != gone:
            raise


def _link_keyword(field: str, value: ops.FieldValue) -> tuple[str, object]:
    """A field of a link as a keyword of IPRoute.link."""
    if field == "up":
        return "state", "up" if value else "down"
    if field == "master":
        return "master", index_of(str(value)) if value else 0
    return {"mac": "address", "mtu": "mtu", "txqueuelen": "txqlen"}[field], value


def _row_flags(operation: ops.WriteRows) -> Iterable[int]:
    """Flood lists are appended to; the kernel refuses to replace them, and appending to a unicast MAC does nothing (F9)."""
    if not operation.append:
        return itertools.repeat(_REPLACE)
    return (_APPEND if row.table == "self" and takes_flood_list(row.mac) else _REPLACE for row in operation.rows)


def _partly(operation: ops.WriteRows | ops.DeleteRows, verb: str, refused: dict[int, Refusal]) -> PartlyDoneError:
    done = tuple(row for position, row in enumerate(operation.rows) if position not in refused)
    shown = [f"{' '.join(row_words(operation.rows[position]))}: {describe(refused[position])}" for position in sorted(refused)[:_SHOWN_REFUSALS]]
    more = f" and {len(refused) - _SHOWN_REFUSALS} more" if len(refused) > _SHOWN_REFUSALS else ""
    doing = f"{verb} {len(refused)} of {len(operation.rows)} rows of {operation.name} ({'; '.join(shown)}{more})"
    first = refused[min(refused)]
    return PartlyDoneError(first, doing, operation._replace(rows=done) if done else None)
