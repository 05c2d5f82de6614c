# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is there, what is to be, and the difference: files below the root of a host, each marked as ours.

Which files are ours is read from the files themselves, in the folders where the backends put them: there is no list that could be lost.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import service
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.bundle import COMMENT
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, mark_of

_HEAD_BYTES = 512
_FABRIC_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Change(NamedTuple):
    """A file before and after; None: it is not there."""

    path: str
    before: File | None
    after: File | None


def check_fabric(fabric: str) -> str:
    """A name that can be part of the name of a file and of a unit."""
    if not fabric or not _FABRIC_CHARACTERS.issuperset(fabric):
        raise ArgumentError(f"fabric: {fabric!r} becomes part of file names: letters, digits, '-' and '_' are allowed")
    return fabric


def plan(root: str, fabric: str, wanted: Iterable[File], patterns: Iterable[str]) -> list[Change]:
    """root: of the host, '/' for this one. patterns: where files of ours may be. Written first, in the given order, then removed."""
    found = []
    listed = list(wanted)
    for file in listed:
        present = _read(root, file.path)
        if present is not None and not is_ours(present, fabric):
            raise ConflictError(f"{root.rstrip('/')}{file.path}: there is a file already that is not of the fabric {fabric}. Remove or rename it")
        if present != file:
            found.append(Change(file.path, present, file))
    paths = {file.path for file in listed}
    gone = [path for path in ours(root, fabric, patterns) if path not in paths]
    engine = _read(root, service.ENGINE)
    if engine is not None and service.ENGINE not in paths and not _others_need_it(root, fabric):
        gone.append(service.ENGINE)
    return found + [Change(path, _read(root, path), None) for path in gone]


def ours(root: str, fabric: str, patterns: Iterable[str]) -> list[str]:
    """Paths of files that carry the mark of the fabric, in order."""
    names = {name[len(root.rstrip("/")) :] for pattern in patterns for name in glob.glob(glob.escape(root.rstrip("/")) + pattern)}
    return [path for path in sorted(names) if path != service.ENGINE and (present := _read(root, path)) is not None and is_ours(present, fabric)]


def _others_need_it(root: str, fabric: str) -> bool:
    states = glob.glob(f"{glob.escape(root.rstrip('/'))}{service.LIBRARY}/*.json")
    return any(os.path.basename(state) != f"{fabric}.json" for state in states)


def is_ours(file: File, fabric: str) -> bool:
    """Says so itself: by its first line, as a saved state, as a link to our unit, or as the engine, which fabrics share."""
    if file.link:
        return file.link == f"{service.UNITS}/{service.unit_name(fabric)}"
    if file.path == service.ENGINE:
        return file.content.endswith(COMMENT)
    if file.path.endswith(".json"):
        with suppress(ValueError):
            found = json.loads(file.content)
            return isinstance(found, dict) and found.get("fabric") == fabric and "format" in found
        return False
    first = file.content[:_HEAD_BYTES].partition(b"\n")[0]
    return first == f"# {mark_of(fabric)}".encode() or first.startswith(f"# vxlan.fabric:{fabric},".encode())


def _read(root: str, path: str) -> File | None:
    full = root.rstrip("/") + path
    try:
        status = os.lstat(full)
        if stat.S_ISLNK(status.st_mode):
            return File(path, link=os.readlink(full))
        if not stat.S_ISREG(status.st_mode):
            raise ConflictError(f"{full}: this is no regular file")
        with open(full, "rb") as file:
            return File(path, file.read(), stat.S_IMODE(status.st_mode))
    except (FileNotFoundError, NotADirectoryError):
        return None


def carry_out(root: str, changes: Iterable[Change]) -> None:
    for change in changes:
        full = root.rstrip("/") + change.path
        if change.after is None:
            os.unlink(full)
            _remove_empty(os.path.dirname(full))
        else:
            os.makedirs(os.path.dirname(full), mode=0o755, exist_ok=True)
            _replace(full, change.after)
        _sync(os.path.dirname(full))


def _replace(full: str, file: File) -> None:
    """At once, so that nobody sees half of it, and on the disk before it has its name (rename(2), fsync(2))."""
    folder = os.path.dirname(full)
    if file.link:
        part = os.path.join(folder, f".{os.path.basename(full)}.{os.getpid()}")
        os.symlink(file.link, part)
        os.replace(part, full)
        return
    # A name that begins with a dot is read by no backend.
    descriptor, part = tempfile.mkstemp(prefix=".vxlan-fabric-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(file.content)
            output.flush()
            os.fchmod(output.fileno(), file.mode)
            os.fsync(output.fileno())
        os.replace(part, full)
    except BaseException:
        os.unlink(part)
        raise


def _remove_empty(folder: str) -> None:
    """Of folders that exist for our files only: drop-ins, links of units, and the library."""
    if folder.endswith((".d", ".wants", service.LIBRARY)) and not folder.endswith(("interfaces.d", "sysctl.d")):
        with suppress(OSError):  # not empty
            os.rmdir(folder)


def _sync(folder: str) -> None:
    if not os.path.isdir(folder):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def show(file: File | None) -> str:
    """For a diff. Of the engine only that it is another one."""
    if file is None:
        return ""
    if file.link:
        return f"link to {file.link}\n"
    mode = f"# mode {file.mode:04o}\n" if file.mode != 0o644 else ""
    if file.path == service.ENGINE:
        return f"{mode}(the engine, {len(file.content)} bytes, SHA-256 {hashlib.sha256(file.content).hexdigest()})\n"
    return mode + file.content.decode("utf-8", "backslashreplace")
