# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults at single system calls: a module runs in a forked child that waits until strace(1) has hold of it, which costs a twentieth
of starting it under strace. Nothing of the module or of this child is changed: strace answers the call in the kernel's place, or sends
the signal when the call begins."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .engine import Result, start_child, through_the_door
from .namespaces import Namespace

SENDS = ("sendto", "sendmsg", "sendmmsg")
RECEIVES = ("recvfrom", "recvmsg", "recvmmsg")
_LINE = re.compile(r"^(?P<pid>\d+)\s+(?P<call>\w+)\((?P<fd>\d+)<(?P<what>[A-Za-z0-9_]+)")
_DISTURBED = re.compile(r"\(INJECTED\)$|^\d+ +--- SIG", re.MULTILINE)
_ATTACH_SECONDS = 20.0
_RUN_SECONDS = 40.0


class NotReachedError(Exception):
    """The run ended undisturbed. Between seizing a process and stopping it strace leaves a gap, that a run may slip through."""


class Call(NamedTuple):
    """The Nth call of a system call in a run, counted from 1 as strace does."""

    name: str
    number: int

    @property
    def sends(self) -> bool:
        return self.name in SENDS

    def __str__(self) -> str:
        return f"{self.name}:{self.number}"


class Ended(NamedTuple):
    """How a run ended. result: of exit_json or fail_json. crash: the traceback of anything else. signal: that ended the process."""

    result: Result | None
    crash: str
    signal: int
    log: str


class Point(NamedTuple):
    """A fault at a call. onwards: at all later calls of that name too."""

    call: Call
    fault: str  # error=ENOBUFS or signal=SIGKILL
    onwards: bool = False

    def __str__(self) -> str:
        return f"{self.fault}:{self.call}{'+' if self.onwards else ''}"

    @classmethod
    def parse(cls, text: str) -> Point:
        """What str gives, such as error=EPERM:sendto:7."""
        fault, name, number = text.split(":")
        return cls(Call(name, int(number.rstrip("+"))), fault, number.endswith("+"))

    @property
    def option(self) -> str:
        return f"inject={self.call.name}:{self.fault}:when={self.call.number}{'+' if self.onwards else ''}"


def available() -> str:
    """Why strace cannot be used here; empty when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    child = subprocess.Popen(["sleep", "60"])
    try:
        tried = subprocess.run(["strace", "-o", "/dev/null", "-e", "inject=sendto:error=EPERM", "-p", str(child.pid)], check=False, **_SHORT)
    except subprocess.TimeoutExpired:
        return ""
    finally:
        child.kill()
        child.wait()
    return f"strace cannot attach to a process here: {tried.stderr.strip()}"


_SHORT: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 0.3}


def traced(ns: Namespace, module: str, arguments: Mapping[str, Any], folder: Path, point: Point | None = None) -> Ended:
    """Run a module under strace, with a fault at one call when given. The log has all sends and receives of the run."""
    ended = _traced(ns, module, arguments, folder / "strace", point)
    if point is not None and not ended.signal and not _DISTURBED.search(ended.log):
        raise NotReachedError(f"{point} was not reached: the run has {', '.join(map(str, calls(ended.log)))}")
    return ended


def calls(log: str) -> list[Call]:
    """The sends and receives on netlink sockets, in order. Others are counted, as strace counts them, and left out."""
    numbers: dict[tuple[str, str], int] = {}
    found = []
    for line in log.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        key = (match["pid"], match["call"])
        numbers[key] = numbers.get(key, 0) + 1
        if match["what"] == "NETLINK":
            found.append(Call(match["call"], numbers[key]))
    return found


def _traced(ns: Namespace, module: str, arguments: Mapping[str, Any], file: Path, point: Point | None) -> Ended:
    gate, opener = os.pipe()

    def work() -> Result:
        os.close(opener)
        os.read(gate, 1)
        return through_the_door(module, {**arguments, "netns": ns.name}, False)

    child, answer = start_child(work)
    os.close(gate)
    words = ["strace", "-f", "-q", "-yy", "-s0", "-everbose=none", "-p", str(child), "-o", str(file)]
    words += ["-e", "trace=" + ",".join((*SENDS, *RECEIVES))]
    if point is not None:
        words += ["-e", point.option]
    try:
        with _tracer(words, child), os.fdopen(opener, "wb", buffering=0) as start:
            start.write(b"x")
            text, status = _answer(answer, child)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    log = file.read_text(encoding="utf-8", errors="replace")
    if not text:
        return Ended(None, "", os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, log)
    good, value = pickle.loads(text)  # noqa: S301 - from our own child
    return Ended(value, "", 0, log) if good else Ended(None, str(value), 0, log)


def _answer(reader: int, child: int) -> tuple[bytes, int]:
    """What the child wrote and how it ended. One that does not end is killed: it counts as ended by that signal, with nothing written."""
    watch = threading.Timer(_RUN_SECONDS, os.kill, (child, signal.SIGKILL))
    watch.start()
    try:
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        _pid, status = os.waitpid(child, 0)
    finally:
        watch.cancel()
    return text, status


@contextmanager
def _tracer(words: list[str], child: int) -> Iterator[None]:
    """strace, attached to the child; it ends with it."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tracer:
        end = time.monotonic() + _ATTACH_SECONDS
        while not _is_traced(child):
            if tracer.poll() is not None or time.monotonic() > end:
                tracer.kill()
                _out, error = tracer.communicate()
                raise AssertionError(f"{' '.join(words)}: {error}")
            time.sleep(0.001)
        yield


def _is_traced(pid: int) -> bool:
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:
        return not any(line.startswith("TracerPid:\t0") for line in status)
