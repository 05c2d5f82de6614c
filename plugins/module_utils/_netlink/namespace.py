# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which network namespace a run works in: enter it, name it, lock it."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, KernelError, LockError

CLONE_NEWNET = 0x40000000
_CAP_NET_ADMIN = 12
FOLDER = "/run/netns"
_POLL_SECONDS = 0.05


def enter_namespace(name: str) -> None:
    """Move this process into a namespace, given by name (ip-netns(8)) or path; setns(2). It stays there."""
    path = name if "/" in name else os.path.join(FOLDER, name)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ArgumentError(f"netns: there is no network namespace {name!r} ({path}); 'ip netns add {name}' makes one") from None
    except PermissionError as error:
        raise KernelError(error.errno or errno.EACCES, "", f"entering network namespace {name!r}") from None
    import ctypes

    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(descriptor, CLONE_NEWNET):
            raise KernelError(ctypes.get_errno(), "", f"entering network namespace {name!r}")
    finally:
        os.close(descriptor)


def has_net_admin() -> bool:
    """CAP_NET_ADMIN is effective (capabilities(7)). Reading works without, so that a check would pass and the run fail."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        for line in status:
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) >> _CAP_NET_ADMIN & 1)
    return True


def _lock_folder() -> str:
    for folder in ("/run/lock", "/run"):
        if os.access(folder, os.W_OK):
            return folder
    return tempfile.gettempdir()


def _path(kind: str) -> str:
    inode = os.stat("/proc/self/ns/net").st_ino
    return os.path.join(_lock_folder(), f"vxlan.fabric.{os.geteuid()}.{inode}.{kind}")


def journal_path() -> str:
    """Where a run in this namespace writes down what it is about to do."""
    return _path("journal")


@contextmanager
def namespace_lock(timeout: float, check_stop: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Two runs on one namespace do not interleave: flock(2) on a file named after the namespace's inode.

    Gives the path of the journal. The lock goes with its process, however it ends; the file goes with the lock. timeout: seconds.
    check_stop: raises when waiting has to end.
    """
    path = _path("lock")
    descriptor = _acquire(path, time.monotonic() + timeout, timeout, check_stop)
    try:
        yield journal_path()
    finally:
        os.unlink(path)
        os.close(descriptor)


def _acquire(path: str, end: float, timeout: float, check_stop: Callable[[], None]) -> int:
    while True:
        check_stop()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_the_file(descriptor, path):
                return descriptor
        except BlockingIOError:
            if time.monotonic() >= end:
                raise LockError(
                    f"another run has been working on this network namespace for {timeout:g} s (lock {path}); wait for it or raise 'lock_timeout'"
                ) from None
            time.sleep(_POLL_SECONDS)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_the_file(descriptor: int, path: str) -> bool:
    """False when the holder before us has removed the file that we opened."""
    try:
        return os.fstat(descriptor).st_ino == os.stat(path).st_ino
    except FileNotFoundError:
        return False
