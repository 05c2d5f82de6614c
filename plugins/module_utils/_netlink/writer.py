# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Carry out operations: pyroute2 for links, addresses and neighbours, the packed lane for lists and for long plans."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import packed, pyroute
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.encode import encode_values
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, Refusal, describe
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import command_lines, line_of_row, row_words

_SHOWN_REFUSALS = 3
_PACKED = (*ops.LISTS, ops.AddRoute, ops.AddAltname)
# What pyroute2 cannot send, or not in all versions.
_RAW_FIELDS = ("alias", "group", "addrgenmode")

# Plans with at least so many operations go through the packed lane as a whole: pyroute2 takes several times as long for links, and
# half a second to be imported.
PACK_FROM = 32
# Messages that are built at a time. The transaction looks between two of these whether it has to stop.
_BATCH = 512
# From so many removals in a row on they are one message.
_GROUP_FROM = 8


class PartlyDoneError(KernelError):
    """Of several operations some were refused. C(done): what was carried out, in order; C(operation): the first that was not."""

    def __init__(self, refusal: Refusal, doing: str, done: list[ops.Operation], operation: ops.Operation) -> None:
        super().__init__(refusal.code, refusal.sentence, doing)
        self.done = done
        self.operation = operation


def index_of(name: str) -> int:
    """The index of an interface of this namespace."""
    try:
        return socket.if_nametoindex(name)
    except OSError:
        raise KernelError(errno.ENODEV, "", f"looking up interface {name}") from None


class Writer:
    """Writes operations: lists and long plans by the packed lane, the links of short ones by pyroute2, which is imported when the
    first of them is written."""

    def __init__(self, netlink: NetlinkSocket, state: HostState, long: bool = False) -> None:
        """state: the host as it was read. long: whether the plan is one for the packed lane."""
        self._netlink = netlink
        self._packed = long
        self._groups = {name: link.group for name, link in state.links.items()}
        self._iproute: Any = None

    def close(self) -> None:
        iproute, self._iproute = self._iproute, None
        if iproute is not None:
            with suppress(Exception):  # pyroute2 0.9 raises an old error of its socket once more
                iproute.close()

    def renew(self) -> None:
        """New sockets: after a failed call nobody knows what is still to be read from the old ones."""
        self.close()
        self._netlink.reopen()

    @property
    def _links(self) -> Any:
        if self._iproute is None:
            self._iproute = pyroute.open_iproute()
        return self._iproute

    def write_batch(self, operations: Sequence[ops.Operation]) -> None:
        """Carry out what batch_end put together; KernelError, or PartlyDoneError where a part was refused."""
        deleted = [operation.name for operation in operations if isinstance(operation, ops.DeleteLink)]
        if len(deleted) == len(operations) >= _GROUP_FROM:
            self._delete_together(deleted)
        elif self._packed:
            self._send(operations)
        else:
            self._write(operations[0])

    def _write(self, operation: ops.Operation) -> None:
        if isinstance(operation, _PACKED) or _is_of_vlan(operation):
            self._send((operation,))
        elif isinstance(operation, (ops.AddAddress, ops.RemoveAddress)):
            self._address(operation)
        elif isinstance(operation, (ops.WriteNeighbour, ops.RemoveNeighbour)):
            self._neighbour(operation)
        else:
            self._link(operation, "; ".join(command_lines(operation)) or f"changing {ops.target_of(operation)}")

    def batch_end(self, operations: Sequence[ops.Operation], first: int) -> int:
        """Operations from a position on that go together end before the returned one.

        A message that needs the index of a link can be built when the link is there. Many removals in a row are a batch of their own.
        """
        deleted = first
        while deleted < len(operations) and isinstance(operations[deleted], ops.DeleteLink):
            deleted += 1
        if deleted - first >= _GROUP_FROM:
            return deleted
        if not self._packed:
            return first + 1
        made: set[str] = set()
        messages = 0
        for position in range(first, len(operations)):
            operation = operations[position]
            messages += len(operation.rows) if isinstance(operation, ops.LISTS) else 1
            if position > first and (messages > _BATCH or (made and not made.isdisjoint(packed.needed_links(operation)))):
                return position
            if isinstance(operation, ops.CreateLink):
                made.add(operation.link.name)
        return len(operations)

    def _delete_together(self, names: list[str]) -> None:
        """Remove many links by one message. The kernel waits for the end of all readers once, and not for each link (rtnl_group_dellink).

        They are put into an interface group (ip-link(8)) that nobody else is in.
        """
        group = random.SystemRandom().randrange(1 << 30, 1 << 31)
        while group in self._groups.values():
            group += 1
        doing = f"ip link delete group {group} ({len(names)} interfaces, {names[0]} first)"
        moved = [ops.SetLink(name, "group", group, self._groups.get(name, 0)) for name in names]
        try:
            self._send(moved)
            refused = self._netlink.send_all([packed.delete_group(group)], doing)
            if refused:
                raise PartlyDoneError(refused[0], doing, [], ops.DeleteLink(names[0], ""))
        except KernelError as error:
            with suppress(KernelError):
                self._send([move._replace(value=move.before) for move in moved])
            if error.uncertain:  # they may be gone
                raise
            raise PartlyDoneError(Refusal(error.code, error.sentence), doing, [], ops.DeleteLink(names[0], "")) from error

    def _send(self, operations: Sequence[ops.Operation]) -> None:
        """One batch. What is refused is an error that names the first, and knows what was done nevertheless."""
        requests: list[packed.Message] = []
        counts = []
        for operation in operations:
            encoded = packed.encode(operation, index_of)
            requests += encoded
            counts.append(len(encoded))
        refused = self._netlink.send_all(requests, describe_operations(operations))
        if not refused:
            return
        done: list[ops.Operation] = []
        wrong: tuple[ops.Operation, dict[int, Refusal]] | None = None
        start = 0
        for operation, count in zip(operations, counts):
            harmless = _gone(operation)
            own = {at - start: refused[at] for at in range(start, start + count) if at in refused and refused[at].code not in harmless}
            if not own:
                done.append(operation)
            else:
                wrong = wrong or (operation, own)
                if isinstance(operation, ops.LISTS):
                    done += _carried_out(operation, own)
            start += count
        if wrong is not None:
            operation, own = wrong
            raise PartlyDoneError(own[min(own)], _describe_refused(operation, own), done, operation)

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

    def _create(self, operation: ops.CreateLink, doing: str) -> None:
        link = operation.link
        fields = {"address": link.mac, "mtu": link.mtu, "txqlen": link.txqueuelen}
        keywords: dict[str, object] = {key: value for key, value in fields.items() if value is not None}
        keywords.update(encode_values(table_of(link.kind), link.attributes, index_of))
        pyroute.call(doing, self._links.link, "add", ifname=link.name, kind=link.kind, **keywords)

    def _field(self, operation: ops.SetLink, doing: str) -> None:
        if operation.field in _RAW_FIELDS:
            self._send((operation,))
            return
        keyword, wanted = _link_keyword(operation.field, operation.value)
        pyroute.call(doing, self._links.link, "set", index=index_of(operation.name), **{keyword: wanted})

    def _address(self, operation: ops.AddAddress | ops.RemoveAddress) -> None:
        address, _slash, length = operation.address.partition("/")
        verb = "del" if isinstance(operation, ops.RemoveAddress) else "replace" if operation.again else "add"
        doing = command_lines(operation)[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        index = index_of(operation.name)
        if isinstance(operation, ops.AddAddress) and operation.kept is not None:
            self._send((operation,))
            return
        _call_unless(_gone(operation), doing, self._links.addr, verb, index=index, address=address, prefixlen=int(length), family=family)

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
            _call_unless(_gone(operation), doing, self._links.neigh, "del", **keywords)
            return
        flags = (nl.NTF_ROUTER if neighbour.router else 0) | (nl.NTF_EXT_LEARNED if neighbour.extern_learn else 0)
        keywords.update(state=nl.NEIGHBOUR_STATES[neighbour.state], flags=flags)
        pyroute.call(doing, self._links.neigh, "replace", **keywords)


def _is_of_vlan(operation: ops.Operation) -> bool:
    """pyroute2 0.7 takes the flags of a VLAN interface in a form of its own only."""
    kind = operation.link.kind if isinstance(operation, ops.CreateLink) else operation.kind if isinstance(operation, ops.SetAttributes) else ""
    return kind == "vlan"


def _gone(operation: ops.Operation) -> tuple[int, ...]:
    """Errors that say that what is to go is gone already, in either lane."""
    return packed.ALREADY_GONE.get(type(operation), ())


def _call_unless(gone: tuple[int, ...], doing: str, method: Any, *arguments: Any, **keywords: Any) -> None:
    """Call pyroute2; the error that says that what is to go is gone already is none."""
    try:
        pyroute.call(doing, method, *arguments, **keywords)
    except KernelError as error:
        if error.code not in gone:
            raise


def _link_keyword(field: str, value: ops.FieldValue) -> tuple[str, object]:
    """A field of a link as a keyword of IPRoute.link."""
    if field == "up":
        return "state", "up" if value else "down"
    if field == "master":
        return "master", index_of(str(value)) if value else 0
    return {"mac": "address", "mtu": "mtu", "txqueuelen": "txqlen"}[field], value


def describe_operations(operations: Sequence[ops.Operation]) -> str:
    """What a batch does, for an error that is not about one of them."""
    shown = _describe(operations[0])
    return shown if len(operations) == 1 else f"{shown} and {len(operations) - 1} more operations"


def _describe(operation: ops.Operation) -> str:
    if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        return f"{'deleting' if isinstance(operation, ops.DeleteRows) else 'writing'} {len(operation.rows)} rows of {operation.name}"
    if isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
        return f"changing the VNI filter of {operation.name}"
    if isinstance(operation, ops.VLAN_LISTS):
        what = "VNIs of the VLANs" if isinstance(operation, (ops.WriteTunnels, ops.DeleteTunnels)) else "VLANs"
        return f"changing the {what} of {operation.name} ({command_lines(operation, 1)[0]}{', ...' if len(operation.rows) > 1 else ''})"
    if isinstance(operation, ops.AddRoute):
        return f"putting back the route {operation.route.text} of {operation.name}"
    return "; ".join(command_lines(operation)) or f"changing {ops.target_of(operation)}"


def _carried_out(operation: ops.Operation, refused: dict[int, Refusal]) -> list[ops.Operation]:
    """The part of a list that was not refused."""
    if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        rows = tuple(row for position, row in enumerate(operation.rows) if position not in refused)
        return [operation._replace(rows=rows)] if rows else []
    if isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
        vnis = tuple(row for position, row in enumerate(operation.rows) if position not in refused)
        return [operation._replace(rows=vnis)] if vnis else []
    if isinstance(operation, ops.VLAN_LISTS):  # the kernel goes through a range until something is wrong (br_process_vlan_info)
        return [operation]
    return []


def _describe_refused(operation: ops.Operation, refused: dict[int, Refusal]) -> str:
    if isinstance(operation, ops.VLAN_LISTS):
        return line_of_row(operation, operation.rows[min(refused)])
    if not isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
        return _describe(operation)
    verb = "deleting" if isinstance(operation, ops.DeleteRows) else "writing"
    shown = [f"{' '.join(row_words(operation.rows[position]))}: {describe(refused[position])}" for position in sorted(refused)[:_SHOWN_REFUSALS]]
    more = f" and {len(refused) - _SHOWN_REFUSALS} more" if len(refused) > _SHOWN_REFUSALS else ""
    return f"{verb} {len(refused)} of {len(operation.rows)} rows of {operation.name} ({'; '.join(shown)}{more})"
