# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who lives in a namespace: one pass over /proc, where ip-netns(8) would need one for each name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

_SETTLE = 0.1  # seconds; a command that only looks is done by then


def find_processes(directory: str, names: Iterable[str]) -> list[tuple[str, int, str]]:
    """(namespace, pid, command) of every process that lives in one of the named namespaces below `directory`.

    Who only passes through, such as an `ip` of somebody who lists namespaces, does not count: it is looked twice.
    """
    names = list(names)
    found = _look(directory, names)
    if not found:
        return []
    time.sleep(_SETTLE)
    return sorted(set(found) & set(_look(directory, names)))


def _look(directory: str, names: Iterable[str]) -> list[tuple[str, int, str]]:
    wanted: dict[tuple[int, int], str] = {}
    for name in names:
        status = _stat(os.path.join(directory, name))
        if status:
            wanted[(status.st_dev, status.st_ino)] = name
    if not wanted:
        return []
    found = []
    for pid in (int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
        status = _stat(f"/proc/{pid}/ns/net")
        netns = wanted.get((status.st_dev, status.st_ino)) if status else None
        if netns:
            found.append((netns, pid, _command(pid)))
    return found


def _stat(path: str) -> os.stat_result | None:
    """None for what has ended or is not ours to look at."""
    try:
        return os.stat(path)
    except OSError:
        return None


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
            return comm.read().strip()
    except OSError:
        return "ended since"
