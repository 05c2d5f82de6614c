# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ifupdown2 and systemd-networkd, the real ones, in a namespace: with an /etc, /run and /usr/share of their own, so that nothing of this
machine's is read, changed or installed."""

from __future__ import annotations

import fcntl
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from .engine import ROOT
from .namespaces import Namespace

NETWORKD = Path("/lib/systemd/systemd-networkd")
_SETTLING_SECONDS = 60.0


def _own_mounts(ns: Namespace, script: str) -> list[str]:
    """Words that run a script in the namespace, where it may mount what nobody else sees."""
    return ["ip", "netns", "exec", ns.name, "unshare", "--mount", "--propagation", "private", "sh", "-euc", script]


def _skip_without(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")


def unpacked_ifupdown2() -> Path:
    """The tree of Debian's package, downloaded once and never installed: it would replace ifupdown."""
    folder = ROOT / ".cache" / "ifupdown2"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "ifupdown2.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        _skip_without("apt-get", "dpkg-deb", "/usr/bin/python3")
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        ran = subprocess.run(["apt-get", "-qq", "download", "ifupdown2"], cwd=part, capture_output=True, text=True, check=False)
        if ran.returncode:
            pytest.skip(f"apt-get cannot download ifupdown2: {(ran.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        (package,) = part.glob("ifupdown2_*.deb")
        subprocess.run(["dpkg-deb", "-x", str(package), str(part)], check=True)
        (part / "var/lib/ifupdown2").mkdir(parents=True, exist_ok=True)
        part.rename(folder)
    return folder


def ifupdown2(ns: Namespace, interfaces: str, folder: Path) -> str:
    """Write /etc/network/interfaces and run `ifup -a`, as at boot. What it said."""
    tree = unpacked_ifupdown2()
    etc = folder / "etc"
    (etc / "network").mkdir(parents=True, exist_ok=True)
    (etc / "network" / "interfaces").write_text(interfaces, encoding="utf-8")
    quoted = {name: shlex.quote(str(path)) for name, path in (("tree", tree), ("etc", etc))}
    script = """
        mount -t overlay overlay -o lowerdir={tree}/usr/share:/usr/share /usr/share
        mount -t overlay overlay -o lowerdir={tree}/var/lib:/var/lib /var/lib
        mount -t tmpfs tmpfs /run
        mkdir /run/network /run/upper /run/work
        mount -t overlay overlay -o lowerdir={etc}:{tree}/etc:/etc,upperdir=/run/upper,workdir=/run/work /etc
        mkdir -p /etc/iproute2/rt_tables.d
        ln -s /usr/share/ifupdown2/ifupdown2 /run/ifup
        exec /usr/bin/python3 /run/ifup -a
    """.format(**quoted)
    ran = subprocess.run(_own_mounts(ns, script), capture_output=True, text=True, check=False)
    said = (ran.stdout + ran.stderr).strip()
    if "mount:" in said:
        pytest.skip(f"overlay mounts are not possible here: {said.splitlines()[0]}")
    assert ran.returncode == 0, said
    return said


@contextmanager
def networkd(ns: Namespace, files: Mapping[str, str], folder: Path, settled: Callable[[], bool]) -> Iterator[None]:
    """A systemd-networkd of the namespace's own with these files in /etc/systemd/network. It keeps running until the end of the body.

    settled: tells when it has done its work.
    """
    if not NETWORKD.exists():
        pytest.skip(f"{NETWORKD} is not installed")
    try:
        user = pwd.getpwnam("systemd-network")
    except KeyError:
        pytest.skip("there is no user systemd-network, which systemd-networkd needs")
    units = folder / "network"
    units.mkdir()
    for name, text in files.items():
        (units / name).write_text(text, encoding="utf-8")
    # A read-only /sys says that there is no udev to wait for.
    script = f"""
        mount -o remount,ro,bind /sys
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
        chown -R {user.pw_uid} /run/systemd/netif
        mount --bind {shlex.quote(str(units))} /etc/systemd/network
        exec {NETWORKD}
    """
    log = folder / "networkd.log"
    with log.open("w") as output:
        daemon = subprocess.Popen(_own_mounts(ns, script), stdout=output, stderr=output)
    try:
        until = time.monotonic() + _SETTLING_SECONDS
        while not settled():
            if daemon.poll() is not None:
                pytest.skip(f"systemd-networkd does not run here: {(log.read_text().strip().splitlines() or ['no reason given'])[-1]}")
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield
        assert daemon.poll() is None, log.read_text()
    finally:
        daemon.terminate()
        daemon.wait()
