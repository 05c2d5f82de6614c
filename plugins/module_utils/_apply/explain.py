# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Make the kernel's refusal an answer: who holds what is wanted, and what can be done."""

from __future__ import annotations

import errno
import os

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ConflictError, FabricError, KernelError, UnsupportedError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.elsewhere import namespaces_holding
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops


def explain(error: FabricError, state: HostState) -> FabricError:
    """The error to show for one that a write ended with. state: the host as predicted before the write."""
    operation = error.details.pop("operation", None)
    if not isinstance(error, KernelError):
        return error
    if isinstance(operation, ops.CreateLink) and error.code == errno.EEXIST and operation.link.kind == "vxlan":
        return _held_elsewhere(error, operation)
    if isinstance(operation, ops.SetLink) and operation.field == "up" and error.code == errno.EADDRINUSE:
        return _port_taken(error, operation, state)
    if isinstance(operation, ops.WriteRows) and error.code == errno.ENOSPC:
        limit = state.links[operation.name].attributes.get("limit") if operation.name in state.links else None
        return ConflictError(f"{error.message}. The table is full: 'limit' (maxaddress) of {operation.name} is {limit}")
    if error.code == errno.EINVAL and isinstance(operation, ops.WriteVlans) and any(row.neigh_suppress is not None for row in operation.rows):
        return UnsupportedError(f"{error.message}. neigh_suppress of a VLAN needs Linux 6.4, this is {os.uname().release}")
    if error.code in (errno.EOPNOTSUPP, errno.ENOTSUP) and isinstance(operation, ops.VLAN_LISTS):
        return UnsupportedError(
            f"{error.message}. This kernel ({os.uname().release}) was built without VLANs of bridges (CONFIG_BRIDGE_VLAN_FILTERING), or is older than Linux 5.7"
        )
    if error.code in (errno.EOPNOTSUPP, errno.ENOTSUP) and isinstance(operation, (ops.CreateLink, ops.SetAttributes, ops.SetPort)):
        return UnsupportedError(f"{error.message}. This kernel ({os.uname().release}) was built without it, or cannot combine it")
    return error


def _held_elsewhere(error: KernelError, operation: ops.CreateLink) -> FabricError:
    """EEXIST although nothing here has the VNI: an interface that was created here lives in another namespace (F11)."""
    attributes = operation.link.attributes
    vni, port = attributes.get("vni"), attributes.get("port")
    holders = namespaces_holding(vni, port)
    if holders:
        where = "; candidates: " + ", ".join(f"{name} in network namespace {namespace}" for namespace, name in holders)
    else:
        where = "; no named network namespace shows it, so it may be in the namespace of a container"
    return ConflictError(
        f"{error.message}. No interface here has VNI {vni} with port {port}: one that was created here and moved to another "
        f"network namespace still holds it{where}. It is not touched",
        holders=[f"{namespace}/{name}" for namespace, name in holders],
    )


def _port_taken(error: KernelError, operation: ops.SetLink, state: HostState) -> FabricError:
    """The UDP port shows up as taken only when the interface comes up (F12)."""
    link = state.links.get(operation.name)
    port = link.attributes.get("port") if link else None
    holder = port_holder(int(str(port))) if port else ""
    others = [
        other.name
        for other in state.links.values()
        if other.kind == "vxlan" and other.name != operation.name and other.up and other.attributes.get("port") == port
    ]
    if others and not holder.startswith("process"):
        holder = f"VXLAN interface {', '.join(sorted(others))} with other receive settings"
    return ConflictError(f"{error.message}. UDP port {port} is held by {holder or 'another socket'}")


def port_holder(port: int) -> str:
    """The process that has a UDP port of this namespace open; udp(7), proc(5)."""
    inodes = set()
    for table in ("/proc/self/net/udp", "/proc/self/net/udp6"):
        try:
            with open(table, encoding="ascii") as lines:
                rows = [line.split() for line in lines][1:]
        except OSError:
            continue
        inodes |= {row[9] for row in rows if int(row[1].rpartition(":")[2], 16) == port}
    wanted = {f"socket:[{inode}]" for inode in inodes if inode != "0"}
    for pid in filter(str.isdigit, os.listdir("/proc")) if wanted else ():
        if wanted & _open_files(pid):
            return f"process {pid} ({_command(pid)})"
    return "a socket of the kernel" if inodes else ""


def _open_files(pid: str) -> set[str]:
    folder = f"/proc/{pid}/fd"
    found = set()
    try:
        for name in os.listdir(folder):
            found.add(os.readlink(f"{folder}/{name}"))
    except OSError:
        pass  # it ended meanwhile, or it is not ours to look at
    return found


def _command(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as name:
            return name.read().strip()
    except OSError:
        return "?"
