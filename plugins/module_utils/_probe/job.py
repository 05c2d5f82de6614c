# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Listening in the background, from one task to a later one: a process with a directory of its own, by which the two talk to each other."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.overlay import Bridge, Heard, listen, open_listeners

_PREFIX = "vxlan-fabric-heard-"
_END, _RESULT = "end", "heard.json"
_QUIET = 0.5  # seconds without anything new, after the last frame was sent


def start_listening(fabric: str, host: str, bridges: Sequence[Bridge], seconds: float) -> str:
    """Gives the name of the job, for collect. The sockets are open when this returns. seconds: after which it ends in any case."""
    opened = open_listeners(bridges)
    job = tempfile.mkdtemp(prefix=_PREFIX)  # nobody else may read or write it
    sys.stdout.flush()
    if os.fork() == 0:
        with contextlib.suppress(BaseException):
            os.setsid()
            if os.fork() == 0:
                _work(opened, Heard(fabric, host, bridges), job, seconds)
        os._exit(0)
    os.wait()
    for each in opened:
        each.close()
    return job


def _work(opened: Sequence[socket.socket], heard: Heard, job: str, seconds: float) -> None:
    """In the background: nothing of the module's input and output may stay open, or Ansible waits for it. What nobody asks for goes."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    kept = {each.fileno() for each in opened}
    for descriptor in range(3, 1024):
        if descriptor not in kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)
    os.chdir("/")
    if not listen(opened, heard, seconds, lambda: os.path.exists(os.path.join(job, _END)), _QUIET):
        shutil.rmtree(job, ignore_errors=True)
        return
    result = os.path.join(job, _RESULT)
    with open(f"{result}.part", "w", encoding="utf-8") as file:
        json.dump(heard.report(), file)
    os.replace(f"{result}.part", result)


def collect(job: str, seconds: float) -> list[dict[str, Any]]:
    """Tell a job to end, and give what it has heard. Nothing is left of it. seconds: to wait for it."""
    if os.path.dirname(job) != tempfile.gettempdir() or not os.path.basename(job).startswith(_PREFIX):
        raise ArgumentError(f"job: {job!r} is none of a run with phase: listen")
    try:
        if os.lstat(job).st_uid != os.geteuid():
            raise ArgumentError(f"job: {job} belongs to another user")
        return _wait(job, seconds)
    except FileNotFoundError:
        raise ArgumentError(f"job: {job} is not there; was it collected before, or did it end because nobody asked for it in time?") from None


def _wait(job: str, seconds: float) -> list[dict[str, Any]]:
    end = time.monotonic() + seconds
    with open(os.path.join(job, _END), "w", encoding="utf-8"):
        pass
    try:
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError), open(os.path.join(job, _RESULT), encoding="utf-8") as file:
                found: list[dict[str, Any]] = json.load(file)
                return found
            time.sleep(0.1)
        raise ArgumentError(f"job: {job} has not ended within {seconds:g} seconds")
    finally:
        shutil.rmtree(job, ignore_errors=True)
