# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole hosts that boot in a second: a Debian with systemd as its first process, udev and a network manager, in a network namespace, by
systemd-nspawn(1). Its disk is a tree that is made once, with an overlay for each host, which stays over a reboot."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from .engine import ROOT
from .namespaces import CommandError, Namespace, execute

SUITE = "bookworm"
PACKAGES = ("systemd", "systemd-sysv", "udev", "dbus", "network-manager", "netplan.io", "ifupdown", "iproute2", "python3", "procps")
MANAGERS = {
    "networkd": "systemd-networkd.service",
    "networkmanager": "NetworkManager.service",
    "ifupdown": "networking.service",
    "netplan": "systemd-networkd.service",
}
_SECONDS = 60.0
# With a writable /sys systemd runs udev, as on a machine. It asks for the devices of this namespace only, not for all of the real machine.
_UDEV = "[Service]\nExecStart=\nExecStart=udevadm trigger --type=devices --action=add --subsystem-match=net\n"


def debian_tree() -> Path:
    """Made with mmdebstrap, once."""
    folder = ROOT / ".cache" / "debian"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "debian.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(part)]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        if ran.returncode:
            shutil.rmtree(part, ignore_errors=True)
            pytest.skip(f"mmdebstrap cannot make a Debian here: {(ran.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        part.rename(folder)
    return folder


def skip_unless_possible() -> None:
    """Booting a host needs the real root and two programs."""
    missing = [program for program in ("mmdebstrap", "systemd-nspawn", "nsenter") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    if Path("/proc/self/uid_map").read_text(encoding="ascii").split() != ["0", "0", "4294967295"]:
        pytest.skip("systemd-nspawn needs root outside of a user namespace")


class Machine:
    """A host. root: its files from outside, also while it runs, with its own /run and /proc."""

    def __init__(self, ns: Namespace, disk: Path, folder: Path) -> None:
        self.ns = ns
        self.disk = disk
        self._log = folder / "console.log"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._first = 0

    @property
    def root(self) -> str:
        return f"/proc/{self._first}/root" if self._first else str(self.disk)

    def write(self, files: Mapping[str, str]) -> None:
        """Texts by path, with the modes that their readers insist on. Of a unit in a folder of wanted ones a link to the unit itself."""
        for path, text in files.items():
            file = self.disk / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.parent.name.endswith(".wants"):
                file.symlink_to(text)
                continue
            file.write_text(text, encoding="utf-8")
            file.chmod(0o600 if file.suffix in (".nmconnection", ".yaml") else 0o644)

    def start(self) -> None:
        """Boot, until systemd says that it is done."""
        words = ["nsenter", f"--net=/run/netns/{self.ns.name}", "systemd-nspawn", "--quiet", f"--directory={self.disk}", "--register=no", "--keep-unit"]
        words += ["--capability=CAP_NET_ADMIN", "--boot", "--console=pipe"]
        with self._log.open("ab") as log:
            self._nspawn = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "yes"}
            )
        self.wait_for(self._find_first, lambda: f"systemd does not start: {self._told()}")
        self.wait_for(lambda: self._state() in ("running", "degraded"), lambda: f"the boot does not end: {self._told()}")

    def _find_first(self) -> bool:
        """Whether systemd runs: the child of nspawn with a /run of its own."""
        assert self._nspawn is not None
        if self._nspawn.poll() is not None:
            pytest.skip(f"systemd-nspawn does not run here: {(self._told().strip().splitlines() or ['no reason given'])[-1]}")
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text(encoding="ascii").split()
        self._first = next((int(child) for child in reversed(children) if Path(f"/proc/{child}/root/run/systemd/system").is_dir()), 0)
        return bool(self._first)

    def _state(self) -> str:
        ran = subprocess.run(self.words("systemctl", "is-system-running"), capture_output=True, text=True, check=False)
        return ran.stdout.strip()

    def words(self, *words: str) -> list[str]:
        """A command inside."""
        return ["nsenter", f"--target={self._first}", "--mount", "--uts", "--ipc", "--net", "--pid", *words]

    def run(self, *words: str) -> str:
        return execute(self.words(*words))

    def stop(self) -> None:
        """Shut down as somebody at the machine would (SIGRTMIN+3 is systemd's `halt`)."""
        if self._nspawn is None:
            return
        if self._first:
            os.kill(self._first, signal.SIGRTMIN + 3)
        try:
            self._nspawn.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._nspawn, self._first = None, 0

    def wait_for(self, done: Callable[[], object], what: Callable[[], str]) -> None:
        """what: says what is wrong when it is not done in time."""
        until = time.monotonic() + _SECONDS
        while not done():
            if time.monotonic() > until:
                raise CommandError(f"after {_SECONDS:g} s: {what()}")
            time.sleep(0.1)

    def _told(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    def journal(self) -> str:
        """What was said in this boot."""
        return self.run("journalctl", "--no-pager", "--output=cat", "--boot", "--lines=200")


@contextmanager
def machine(ns: Namespace, folder: Path, manager: str, files: Mapping[str, str]) -> Iterator[Machine]:
    """A host that is off. manager: key of MANAGERS that is to run on it, empty for none. files: what is on its disk beside Debian."""
    skip_unless_possible()
    tree = debian_tree()
    parts = {name: folder / name for name in ("disk", "upper", "work")}
    for part in parts.values():
        part.mkdir()
    options = f"lowerdir={tree},upperdir={parts['upper']},workdir={parts['work']}"
    execute(["mount", "-t", "overlay", "overlay", "-o", options, str(parts["disk"])])
    made = Machine(ns, parts["disk"], folder)
    units = "/etc/systemd/system"
    try:
        made.write({"/etc/hostname": f"{ns.name}\n", "/etc/machine-id": "0123456789abcdef0123456789abcdef\n"})
        made.write({f"{units}/systemd-udev-trigger.service.d/net.conf": _UDEV, "/etc/network/interfaces": "source /etc/network/interfaces.d/*\n"})
        for unit in set(MANAGERS.values()):
            wanted = unit == MANAGERS.get(manager)
            link = parts["disk"] / units.lstrip("/") / ("multi-user.target.wants" if wanted else "") / unit
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(f"/lib/systemd/system/{unit}" if wanted else "/dev/null")
        made.write(files)
        yield made
    finally:
        made.stop()
        execute(["umount", str(parts["disk"])])
