# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Find out what this kernel has, by trying: in a network namespace of a child's own, which goes with the child.

Nothing of the host is touched, and nothing is left behind. A kind that the kernel has as a module is loaded by the trial.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Value, Values, alike, default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS, table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError, UnsupportedError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import LINK_KINDS, Capabilities, release_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import packed
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.links import dump_links
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import CLONE_NEWNET
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket, Refusal
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.writer import index_of
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops

# What the kernel says of what it does not have; of what it has it may say a lot else.
_LACKING = (errno.EOPNOTSUPP, errno.ENOTSUP)
# What a link of a kind cannot do without. A VLAN interface needs a device that carries tags.
_LEAST: Mapping[str, Values] = {"vxlan": {"vni": 1, "port": 4789}, "vrf": {"table": 1}, "vlan": {"device": "bridge", "vlan": 1}}
_ON_A_BRIDGE = ("bridge_slave", "vlan")
_OTHER_MAC = "01:80:c2:00:00:04"  # of 802.1D's reserved addresses, which group_address wants

Asked = Mapping[str, Collection[str]]


def probe(asked: Asked | None = None) -> Capabilities:
    """What this kernel has. asked: options by kind, all of a kind that is not named are left out; None: everything.

    UnsupportedError where this process may not make a network namespace (CAP_SYS_ADMIN).
    """
    wanted = {kind: [row.option for row in table_of(kind)] for kind in KINDS} if asked is None else asked
    found = _in_child(lambda: _probe(wanted))
    if "error" in found:
        if found["error"] == errno.EPERM:
            raise UnsupportedError("what the kernel has is found in a network namespace of its own, and making one needs CAP_SYS_ADMIN: use 'become: true'")
        raise KernelError(found["error"], found["sentence"], "finding out what the kernel has")
    return Capabilities(os.uname().release, found["kinds"], found["options"])


def _in_child(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a forked child finds: it may change its namespace, this process stays in its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        answer: dict[str, Any] = {"error": errno.EIO, "sentence": ""}
        try:
            os.close(reader)
            answer = work()
        except KernelError as error:
            answer = {"error": error.code, "sentence": error.sentence}
        except OSError as error:
            answer = {"error": error.errno, "sentence": ""}
        finally:
            with os.fdopen(writer, "w") as pipe:
                json.dump(answer, pipe)
            os._exit(0)  # nothing of the parent's is flushed or cleaned up twice
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    found: dict[str, Any] = json.loads(text)
    return found


def _probe(asked: Asked) -> dict[str, Any]:
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise KernelError(ctypes.get_errno(), "", "making a network namespace")
    with NetlinkSocket() as netlink:
        trial = _Trial(netlink)
        kinds = {kind: trial.make(kind, kind) for kind in LINK_KINDS if kind in asked or (kind == "bridge" and not asked.keys().isdisjoint(_ON_A_BRIDGE))}
        if "bridge_slave" in asked:
            kinds.setdefault("vxlan", trial.make("vxlan", "vxlan"))
            trial.write(ops.SetLink("vxlan", "master", "bridge", ""))
        trial.look()
        options = {kind: {row.option: trial.has(kind, row) for row in table_of(kind) if row.option in asked[kind]} for kind in asked if kinds.get(kind, True)}
    return {"kinds": {kind: made for kind, made in kinds.items() if kind in asked}, "options": options}


class _Trial:
    """A namespace with one link of each kind, named like the kind, on which attributes are tried."""

    def __init__(self, netlink: NetlinkSocket) -> None:
        self._netlink = netlink
        self._links: dict[str, Link] = {}

    def make(self, name: str, kind: str, values: Values | None = None) -> bool:
        """False where the kernel does not know the kind, or not with these values."""
        return self.write(ops.CreateLink(Link(name, kind, attributes={**_LEAST.get(kind, {}), **(values or {})}))) is None

    def write(self, operation: ops.Operation) -> Refusal | None:
        return self._netlink.send_all(packed.encode(operation, index_of), "trying what the kernel has").get(0)

    def look(self) -> None:
        self._links = dump_links(self._netlink, bridges=True)

    def _values(self, kind: str, name: str = "") -> Values:
        """What the kernel reports of the link of a kind."""
        link = self._links.get(name or ("vxlan" if kind == "bridge_slave" else kind))
        if link is None:
            return {}
        return (link.port or {}) if kind == "bridge_slave" else link.attributes

    def has(self, kind: str, row: Attribute) -> bool:
        """Whether the kernel has an attribute: it reports it, and does what it is told."""
        if row.write_only or row.wire == "address" or row.kind == "interface":
            return row.since <= release_of(os.uname().release)  # not reported, or only with an address or a link that fits
        reported = row.key in self._values(kind) and not row.quiet
        value = _another(row, self._values(kind).get(row.key))
        if not row.live:
            return reported or self._has_at_birth(kind, row, value)
        return self._has_live(kind, row, value, reported)

    def _has_at_birth(self, kind: str, row: Attribute, value: Value) -> bool:
        """What is reported only where it is on, and can be given to a new link only."""
        own = {"vni": 2} if kind == "vxlan" else {}
        values = {**own, **dict(row.along), row.key: value}
        if "external" in values:
            values["vni"] = 0
        if not self.make("trial", kind, values):
            return False
        self.look()
        has = self._values(kind, "trial").get(row.key) == value
        self.write(ops.DeleteLink("trial", kind))
        return has

    def _has_live(self, kind: str, row: Attribute, value: Value, reported: bool) -> bool:
        before = {key: self._values(kind).get(key, default_of(table_of(kind), key)) for key in (row.key, *dict(row.along))}
        refusal = self._set(kind, {**dict(row.along), row.key: value})
        if refusal is not None:
            return reported and refusal.code not in _LACKING
        self.look()
        has = alike(row, value, self._values(kind).get(row.key))
        self._set(kind, before)
        self.look()
        return has

    def _set(self, kind: str, values: Values) -> Refusal | None:
        if kind == "bridge_slave":
            return self.write(ops.SetPort("vxlan", values, {}))
        return self.write(ops.SetAttributes(kind, kind, values, {}))


def _another(row: Attribute, value: Value) -> Value:
    """A value of an attribute that is neither its default nor what it has."""
    taken = (value, row.default)
    return next(candidate for candidate in _candidates(row) if candidate not in taken)


def _candidates(row: Attribute) -> Iterable[Value]:
    if row.kind == "bool":
        return (True, False)
    if row.kind == "ttl":
        return (64, 65)
    if row.choices:
        return row.choices
    if row.kind == "mac":
        return (_OTHER_MAC,)
    if row.kind == "range":
        return ((1000, 2000),)
    # Not the lowest ones first: 0 and 1 are words of some (auto, inherit).
    return [number * row.scale for number in (row.low + 2, row.low + 3, row.low + 1, row.low) if number <= row.high]
