# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a killed run leaves to the next one.

A run that is killed between the removal of an interface and its re-creation would lose what hung on it and was not in its arguments:
the port flags, addresses, rows, routes. So the plan is written down before the first write, and the file goes when the run has ended in
any other way. The next run on the namespace finds it and carries the plan out once more, which gives what the first one would have given:
every operation may be repeated.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, get_args

from ansible_collections.vxlan.fabric.plugins.module_utils._model import state as model
from ansible_collections.vxlan.fabric.plugins.module_utils._model import vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan

_SO_NETNS_COOKIE = 71
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_VALUES = (model.FdbRow, model.VniRow, model.Neighbour, model.KeptAddress, model.Route, vlans.VlanRow, vlans.TunnelRow, Link)
_TYPES: dict[str, Any] = {kind.__name__: kind for kind in (*get_args(ops.Operation), *_VALUES)}
_LINK_FIELDS = ("name", "kind", "mac", "mtu", "txqueuelen", "attributes")  # what a CreateLink has


def needs_journal(plan: Plan) -> bool:
    """The plan takes something away that it puts back itself."""
    return bool(plan.recreated) or any(
        (isinstance(operation, ops.SetLink) and operation.restore)
        or (isinstance(operation, ops.RemoveAddress) and operation.swept)
        or (isinstance(operation, ops.DeleteLink) and operation.kind == "vrf")
        or (isinstance(operation, ops.WriteVnis) and operation.before)
        for operation in plan.operations
    )


def namespace_identity() -> str | None:
    """A name of this network namespace that no other ever has: its cookie (Linux 5.14, socket(7)) and the boot. None: not known."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
            cookie = probe.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8)
        with open(_BOOT_ID, encoding="ascii") as boot:
            return f"{boot.read().strip()}/{int.from_bytes(cookie, 'little'):x}"
    except OSError:
        return None


def write(path: str, plan: Plan) -> bool:
    """Write a plan down; False where that cannot be done, or namespaces cannot be told apart, so that it would be of no use."""
    identity = namespace_identity()
    if identity is None:
        return False
    operations = [operation._replace(rebuild=()) if isinstance(operation, ops.DeleteLink) else operation for operation in plan.operations]
    text = json.dumps({"namespace": identity, "operations": [_pack(operation) for operation in operations]})
    part = f"{path}.{os.getpid()}"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(part, path)
    except OSError:  # a full or read-only disk is no reason to leave the host as it is
        remove(part)
        return False
    return True


def read(path: str) -> list[ops.Operation]:
    """The operations of a run that was killed in this namespace; none when there is no file, or none that is ours and whole."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return []
    with os.fdopen(descriptor, encoding="utf-8") as file:
        try:
            found = json.load(file) if os.fstat(descriptor).st_uid == os.geteuid() else {}
            if not isinstance(found, dict) or found.get("namespace") != namespace_identity():
                return []
            operations = [_unpack(operation) for operation in found["operations"]]
            return operations if all(isinstance(operation, get_args(ops.Operation)) for operation in operations) else []
        except (ValueError, KeyError, TypeError):
            return []


def remove(path: str) -> None:
    """The run has ended."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def _pack(value: object) -> object:
    """As JSON that says what it was."""
    if isinstance(value, Link):
        return {"Link": {field: _pack(getattr(value, field)) for field in _LINK_FIELDS}}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, tuple):
        fields: Sequence[str] = getattr(value, "_fields", ())
        if fields:
            return {type(value).__name__: {field: _pack(item) for field, item in zip(fields, value)}}
        return [_pack(item) for item in value]
    if isinstance(value, Mapping):
        return {"mapping": {key: _pack(item) for key, item in value.items()}}
    return value


def _unpack(packed: object) -> Any:  # noqa: ANN401 - one of _TYPES, or what they consist of
    value: Any = packed
    if isinstance(value, list):
        return tuple(_unpack(item) for item in value)
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "mapping":
        return {key: _unpack(item) for key, item in content.items()}
    return _TYPES[kind](**{field: _unpack(item) for field, item in content.items()})
