# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command as root under another kernel: guest_run.py [OPTION...] [--] COMMAND [ARGUMENT...]

The kernel is User-Mode Linux, an ordinary process of whoever calls this: no virtual machine, no right of root. Its root is this machine's /,
read only, with changes to /etc, /var, /root and /home kept in memory, /tmp and /run empty, and the checkout (or --share) writable in its place.
So the machine's own Python, virtual environments and tools are there, and nothing that the command does to the rest survives it.
There is no network but lo. Several guests may run at once.

Exit status: that of the command; 124 when the time limit ended it, 125 when the guest failed (it did not start, or its kernel
wrote BUG, WARNING or Oops), 69 where this machine has no such kernel (0 with --skip, which says SKIPPED and why).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
INIT = Path(__file__).resolve().parent / "guest-init"
KERNEL = os.environ.get("VXLAN_FABRIC_GUEST_KERNEL", "linux.uml")
MODULES = os.environ.get("VXLAN_FABRIC_GUEST_MODULES", "/usr/lib/uml/modules")

UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h
TIMED_OUT = 124  # as timeout(1)
GUEST_FAILED = 125

OVERLAID = ("/etc", "/var", "/root", "/home")
# What make and as-root hand on as well; HOME is the guest's.
PASSED = re.compile(r"^(CI|NO_COLOR|PATH|PYTHONPATH|PYTHONDONTWRITEBYTECODE|LANG|LC_.*|ANSIBLE_.*|HYPOTHESIS_.*|MOLECULE_.*|PYTEST_.*|VXLAN_FABRIC_.*)$")
# The words of lib/bug.c, kernel/panic.c and net/core/dev.c
KERNEL_TROUBLE = re.compile(r"\b(BUG|WARNING|Oops|Kernel panic|KASAN|unregister_netdevice: waiting)\b")
# Without what the guest is called from: commands that guest-init uses, and the packages of Debian that hold them
NEEDED = {"modprobe": "kmod", "mount": "mount", "setsid": "util-linux", "ip": "iproute2"}
# Ends the kernel's processes, which outlive it when it is killed, as soon as the pipe closes: also when this process is killed.
WATCH = 'cat; kill -s KILL -- "-$1" 2>/dev/null; rm -rf "$2"'


class GuestError(Exception):
    """The guest itself failed; the text says how."""


class GuestLackingError(GuestError):
    """This machine cannot run a guest; the text is the reason."""


@dataclass(frozen=True)
class Guest:
    """What runs where. Memory as the kernel spells it (512M), the limit in seconds."""

    command: Sequence[str]
    shares: Sequence[Path] = (ROOT,)
    memory: str = "1G"
    limit: float = 900
    kernel: str = KERNEL
    modules: str = MODULES
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = field(default_factory=os.getcwd)


def bytes_of(memory: str) -> int:
    """'512M' as a number."""
    match = re.fullmatch(r"(\d+)([KMG]?)", memory)
    if match is None:
        raise ValueError(f"{memory} is no amount of memory, such as 512M or 1G")
    return int(match.group(1)) << {"": 0, "K": 10, "M": 20, "G": 30}[match.group(2)]


def find_kernel(guest: Guest) -> str:
    """The path of the kernel; GuestLackingError says what this machine lacks."""
    search = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    kernel = shutil.which(guest.kernel, path=search)
    if kernel is None:
        raise GuestLackingError(f"no {guest.kernel} here: Debian has it in the package user-mode-linux")
    if not Path(guest.modules).is_dir():
        raise GuestLackingError(f"no modules of the guest's kernel in {guest.modules}")
    for name, package in NEEDED.items():
        if shutil.which(name, path=search) is None:
            raise GuestLackingError(f"no {name} here: Debian has it in the package {package}")
    return kernel


def library_path(kernel: str) -> dict[str, str]:
    """The environment of a kernel: one that was fetched from another release has the C library of that release beside it (guest_kernels.py)."""
    libraries = Path(kernel).parent / "libc"
    return os.environ | ({"LD_LIBRARY_PATH": str(libraries)} if libraries.is_dir() else {})


def memory_folder(memory: str) -> str:
    """Where the file that is the guest's memory can lie: as large as that, and executable code may be mapped from it."""
    for folder in ("/dev/shm", tempfile.gettempdir(), str(ROOT / ".cache")):  # noqa: S108 # the kernel's own choice too
        with contextlib.suppress(OSError):
            found = os.statvfs(folder)
            if not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > bytes_of(memory) and os.access(folder, os.W_OK):
                return folder
    raise GuestLackingError(
        f"no folder with {memory} free from which code may be run, for the guest's memory: /dev/shm, /tmp and .cache are too small or noexec"
    )


def write_job(guest: Guest, job: Path, end: str) -> None:
    """What guest-init reads."""
    passed = {name: value for name, value in os.environ.items() if PASSED.match(name)} | guest.environment
    lines = [f"export {name}={shlex.quote(value)}" for name, value in passed.items()]
    lines += [f"cd {shlex.quote(guest.folder)} 2>/dev/null || cd /", f"exec {shlex.join(guest.command)}"]
    texts = {
        "command": lines,
        "shares": [str(share.resolve()) for share in guest.shares],
        "folders": OVERLAID,
        "modules": [str(Path(guest.modules).resolve())],
        "end": [end],
    }
    for name, text in texts.items():
        (job / name).write_text("".join(f"{line}\n" for line in text), encoding="utf-8")


class Stream:
    """What the guest writes to one pipe, up to the mark of its end."""

    def __init__(self, mark: bytes, target: int) -> None:
        self.mark, self.target = mark, target
        self.held = b""
        self.ended = False

    def take(self, data: bytes) -> None:
        """Write on what came, at once: only what might be the beginning of the mark waits for the rest."""
        if self.ended:
            return
        data = self.held + data
        text, self.ended = (data[: data.index(self.mark)], True) if self.mark in data else (data, False)
        keep = 0 if self.ended else next((size for size in range(len(self.mark) - 1, 0, -1) if text.endswith(self.mark[:size])), 0)
        self.held = text[len(text) - keep :]
        view = memoryview(text)[: len(text) - keep]
        while view:
            view = view[os.write(self.target, view) :]


class Running:
    """A guest while it runs: its process, its pipes, and what is known of it."""

    def __init__(self, guest: Guest, job: Path, kernel: str, memory: str) -> None:
        self.guest = guest
        self.deadline = time.monotonic() + guest.limit
        end = secrets.token_hex(16)
        write_job(guest, job, end)
        mark = f"\0{end}\0".encode()
        self.streams = {"out": Stream(mark, 1), "err": Stream(mark, 2)}
        self.texts = {"control": bytearray(), "kernel": bytearray()}
        self.selector = selectors.DefaultSelector()
        self.process = self._start(job, kernel, memory)
        watch = ["sh", "-c", WATCH, "guest-watch", str(self.process.pid), str(job)]
        self.watch = subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True)

    def _start(self, job: Path, kernel: str, memory: str) -> subprocess.Popen[bytes]:
        pipes = {name: os.pipe() for name in ("kernel", "out", "err", "control")}
        consoles = [f"con{number}=null,fd:{write}" for number, (_read, write) in enumerate(pipes.values())]
        arguments = [
            kernel,
            f"mem={self.guest.memory}",
            *("root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"),
            *("console=tty0", "con=null", *consoles),
            # Warnings and worse reach the console, where they are judged.
            *("quiet", "loglevel=5", "panic=-1"),
            f"uml_dir={job}",
            f"init={INIT}",
            f"job={job}",
        ]
        # A session of its own: its processes, one for each of the guest, are ended as one group.
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=pipes["kernel"][1],
            stderr=pipes["kernel"][1],
            env=library_path(kernel) | {"TMPDIR": memory},
            cwd=Path(kernel).parent,
            pass_fds=[write for _read, write in pipes.values()],
            start_new_session=True,
        )
        for name, (read, write) in pipes.items():
            os.close(write)
            self.selector.register(read, selectors.EVENT_READ, name)
        return process

    def read(self) -> bool:
        """Take what the pipes have, or wait up to a second for it; False when nothing more will come."""
        dead = self.process.poll() is not None
        events = self.selector.select(timeout=min(1.0, max(0.0, self.deadline - time.monotonic())))
        for key, _events in events:
            data = os.read(key.fd, 1 << 16)
            if not data:
                self.selector.unregister(key.fd)
                os.close(key.fd)
            elif key.data in self.streams:
                self.streams[key.data].take(data)
            else:
                self.texts[key.data] += data
        # A helper process of a kernel that was killed keeps the pipes open.
        return bool(self.selector.get_map()) and (bool(events) or not dead)

    def said(self, word: str) -> str | None:
        """What guest-init said behind this word."""
        match = re.search(rf"^{word}(?: (.*))?\n", self.texts["control"].decode(errors="replace"), re.MULTILINE)
        return match and (match.group(1) or "")

    def wait(self) -> int:
        """The status of the command, once all that it wrote has arrived."""
        while self.read():
            if (reason := self.said("failed")) is not None:
                raise GuestError(f"the guest is not usable: {reason}")
            status = self.said("status")
            if status is not None and all(stream.ended for stream in self.streams.values()):
                return int(status)
            if time.monotonic() >= self.deadline:
                started = "its command had started" if self.said("started") is not None else "its command had not started"
                raise TimeoutError(f"the guest was ended after {self.guest.limit:.0f} s; {started}")
        if self.said("booted") is None and "Kernel panic" not in self.kernel_log():
            raise GuestLackingError("the guest's kernel does not start on this machine")
        raise GuestError("the guest stopped before its command ended")

    def end(self) -> None:
        """End the kernel, which removes what it made of its own, then whatever is left of its processes, and the folder of the job."""
        if self.watch.poll() is not None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.watch.communicate()
        self.process.wait()
        while self.read():
            pass
        self.selector.close()

    def kernel_log(self) -> str:
        return self.texts["kernel"].decode(errors="replace").replace("\r\n", "\n")


@contextlib.contextmanager
def signals_raise() -> Iterator[None]:
    """A signal that would end this process ends the guest first."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(guest: Guest) -> int:
    """Run the command of a guest and return its status; its output goes to this process's own.

    GuestLackingError where this machine has no such kernel, GuestError when the guest fails, TimeoutError at the limit.
    """
    kernel, memory = find_kernel(guest), memory_folder(guest.memory)
    with signals_raise():
        running = Running(guest, Path(tempfile.mkdtemp(prefix="guest-")), kernel, memory)
        try:
            status = running.wait()
        except (GuestError, TimeoutError) as error:
            running.end()
            lines = running.kernel_log().splitlines()[-40:]
            raise type(error)("\n".join((str(error), *(f"  {line}" for line in lines)))) from None
        finally:
            running.end()
        trouble = [line for line in running.kernel_log().splitlines() if KERNEL_TROUBLE.search(line)]
        if trouble:
            raise GuestError("\n".join(("the guest's kernel complained:", running.kernel_log())))
        return status


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", action="append", type=Path, metavar="FOLDER", help="writable in the guest, at the same path (default: the checkout)")
    parser.add_argument("--memory", default=Guest.memory, help="of the guest (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=Guest.limit, metavar="SECONDS", help="end the guest then (default: %(default)s)")
    parser.add_argument("--kernel", default=KERNEL, help="a kernel of User-Mode Linux (default: %(default)s, or $VXLAN_FABRIC_GUEST_KERNEL)")
    parser.add_argument("--modules", default=MODULES, help="the folder with its modules (default: %(default)s, or $VXLAN_FABRIC_GUEST_MODULES)")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="one more variable for the command")
    parser.add_argument("--skip", action="store_true", help="where this machine has no such kernel, say SKIPPED and why, with exit status 0")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    parsed = parser.parse_args(arguments)
    if parsed.command[:1] == ["--"]:
        del parsed.command[0]
    if not parsed.command:
        parser.error("which command?")
    bytes_of(parsed.memory)
    return parsed


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    environment = dict(pair.split("=", 1) for pair in options.env)
    shares = options.share or [ROOT]
    try:
        return run(Guest(options.command, shares, options.memory, options.limit, options.kernel, options.modules, environment))
    except GuestLackingError as error:
        print(f"{'SKIPPED' if options.skip else 'guest_run'}: {error}", file=sys.stderr)
        return 0 if options.skip else UNAVAILABLE
    except (GuestError, TimeoutError) as error:
        print(f"guest_run: {error}", file=sys.stderr)
        return TIMED_OUT if isinstance(error, TimeoutError) else GUEST_FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
