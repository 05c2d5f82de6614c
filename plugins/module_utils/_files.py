# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A directory that holds a set of text files: what is there, what is to be, and the difference."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError

# The files that a run made, each with a digest of its text, so that a later one knows which of them are its own to remove, and which somebody
# has edited since.
MANIFEST = ".made-by-vxlan-fabric"


class Change(NamedTuple):
    """A file before and after; None: it is not there."""

    path: str
    before: str | None
    after: str | None


def plan_files(directory: str, files: Mapping[str, str], overwrite: bool, remove: bool) -> list[Change]:
    """files: text by relative path. overwrite: also files that are not as an earlier run has written them. remove: files of an earlier run
    that are no longer among them."""
    wanted = {check_path(path): text for path, text in files.items()}
    own = _read_manifest(directory)
    changes = [Change(path, _read(directory, path), text) for path, text in sorted(wanted.items())]
    if remove:
        gone = sorted(set(own) - set(wanted))
        changes += [Change(path, before, None) for path in gone if (before := _read(directory, path)) is not None]
    foreign = [change.path for change in changes if change.before not in (None, change.after) and own.get(change.path) != _digest(change.before or "")]
    if foreign and not overwrite:
        raise ConflictError(f"{directory}: {', '.join(foreign)} would be overwritten or removed, and is not as this module has written it; see 'overwrite'")
    kept = {} if remove else own
    manifest = "".join(f"{digest} {path}\n" for path, digest in sorted({**kept, **{path: _digest(text) for path, text in wanted.items()}}.items()))
    changes.append(Change(MANIFEST, _read(directory, MANIFEST), manifest))
    return [change for change in changes if change.before != change.after]


def check_path(path: str) -> str:
    """A path that does not lead out of its directory."""
    parts = path.split("/")
    if not path or path == MANIFEST or os.path.isabs(path) or any(part in ("", ".", "..") for part in parts) or not path.isprintable():
        raise ArgumentError(f"files: {path!r} is not a path below a directory")
    return path


def carry_out(directory: str, changes: Iterable[Change], write: Callable[[str, str], None]) -> None:
    """write: puts a text in the place of a path at once, so that nobody sees half of it."""
    for change in changes:
        path = os.path.join(directory, change.path)
        if change.after is None:
            os.remove(path)
            _remove_empty(directory, os.path.dirname(change.path))
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write(path, change.after)


def _remove_empty(directory: str, parent: str) -> None:
    while parent and not os.listdir(os.path.join(directory, parent)):
        os.rmdir(os.path.join(directory, parent))
        parent = os.path.dirname(parent)


def _read(directory: str, path: str) -> str | None:
    try:
        with open(os.path.join(directory, path), encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_manifest(directory: str) -> dict[str, str]:
    """Digests by path. Lines that do not name a path below the directory are nobody's."""
    found = {}
    for line in (_read(directory, MANIFEST) or "").splitlines():
        digest, _space, path = line.partition(" ")
        try:
            found[check_path(path)] = digest
        except ArgumentError:
            continue
    return found
