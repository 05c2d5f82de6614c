# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the kernel tests of the engine under the kernels of Debian's releases. Usage: guest_kernels.py [VERSION...] [-- PYTEST-OPTION...]

A kernel is the User-Mode Linux of a release, fetched by apt into .cache/kernels with the C library that it was built with, or the one that
is installed here when it is of that version. Each leaves .cache/reports/kernel-VERSION.xml. A kernel that cannot be had is skipped, and said so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import guest_run
import run_stages

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / ".cache" / "kernels"
# Versions of Linux and the releases of Debian that have them
RELEASES = {"6.1": "bookworm", "6.12": "trixie"}
PACKAGES = ("user-mode-linux", "libc6")
TESTS = ("tests/kernel/engine", "tests/kernel/matrix", "--ignore=tests/kernel/engine/test_libraries.py")
LIMIT = 3 * 3600.0

# Where a program asks for its loader, in the file itself; a path that is relative is one below the folder it is started in.
LOADER = b"/lib64/ld-linux-x86-64.so.2"
OWN_LOADER = b"libc/ld-linux-x86-64.so.2"


class Kernel(NamedTuple):
    """Paths of a kernel and of its modules."""

    path: str
    modules: str


def version_of(path: str) -> str:
    """What a User-Mode Linux says of itself; empty where it is none."""
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, cwd=Path(path).parent, env=guest_run.library_path(path))
    return told.stdout.strip()


def is_version(found: str, version: str) -> bool:
    return found == version or found.startswith(f"{version}.")


def find(version: str) -> Kernel:
    """A kernel of this version: installed, fetched before, or fetched now. GuestLackingError where there is none."""
    installed = shutil.which("linux.uml")
    if installed and is_version(version_of(installed), version):
        return Kernel(installed, "/usr/lib/uml/modules")
    folder = KERNELS / version
    if not (folder / "linux.uml").exists():
        fetch(version, folder)
    return Kernel(str(folder / "linux.uml"), str(folder / "modules"))


def repository() -> str:
    """Where this machine's apt has Debian from."""
    if shutil.which("apt-get") is None:
        raise guest_run.GuestLackingError("no apt-get here")
    words = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)", "Created-By: Packages"]
    told = subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()
    found = [line.rpartition(" ")[2] for line in told if line.startswith("Debian Debian ")]
    if not found:
        raise guest_run.GuestLackingError("apt of this machine has no Debian among its sources")
    return found[0]


def fetch(version: str, folder: Path) -> None:
    """Unpack the kernel of a release, with its C library beside it; nothing of the machine's own apt is touched."""
    place = folder.with_suffix(".part")
    shutil.rmtree(place, ignore_errors=True)
    for name in ("lists/partial", "archives/partial", "unpacked", "libc"):
        (place / name).mkdir(parents=True)
    (place / "sources.list").write_text(f"deb {repository()} {RELEASES[version]} main\n", encoding="utf-8")
    settings = {"Dir::Etc::SourceList": place / "sources.list", "Dir::Etc::SourceParts": "/dev/null", "Dir::State::Lists": place / "lists"}
    settings |= {"Dir::Cache": place, "Dir::Cache::Archives": place / "archives", "APT::Sandbox::User": "root"}
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in settings.items())]
    for words in (["update"], ["download", *(f"{package}/{RELEASES[version]}" for package in PACKAGES)]):
        ran = subprocess.run([*apt, *words], cwd=place, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise guest_run.GuestLackingError(f"apt-get {' '.join(words)}: {ran.stderr.strip()}")
    for package in place.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, place / "unpacked"], check=True)
    _put_together(place)
    place.rename(folder)


def _put_together(place: Path) -> None:
    unpacked = place / "unpacked"
    for name in ("libc.so.6", OWN_LOADER.rpartition(b"/")[2].decode()):
        shutil.copy(next(unpacked.rglob(name)), place / "libc")
    program = (unpacked / "usr" / "bin" / "linux.uml").read_bytes()
    if program.count(LOADER) != 1:
        raise guest_run.GuestLackingError("its linux.uml does not ask for the loader that is expected")
    (place / "linux.uml").write_bytes(program.replace(LOADER, OWN_LOADER.ljust(len(LOADER), b"\0")))
    (place / "linux.uml").chmod(0o755)
    (unpacked / "usr" / "lib" / "uml" / "modules").rename(place / "modules")
    for name in ("unpacked", "lists", "archives"):
        shutil.rmtree(place / name)
    for path in (*place.glob("*.deb"), *place.glob("*.bin")):
        path.unlink()


def run(version: str, report: Path, options: Sequence[str]) -> int:
    """The tests under one kernel; pytest's exit status."""
    kernel = find(version)
    print(f"-- Linux {version_of(kernel.path)}", flush=True)
    command = ["pytest", f"--junitxml={report}", *options, *TESTS]
    return guest_run.run(guest_run.Guest(command, limit=LIMIT, kernel=kernel.path, modules=kernel.modules, folder=str(ROOT)))


def judge(version: str, options: Sequence[str]) -> run_stages.Outcome:
    """Run the tests under one kernel and count them."""
    name = f"kernel-{version}"
    report = run_stages.REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        status = run(version, report, options)
    except guest_run.GuestLackingError as error:
        print(f"SKIPPED: Linux {version}: {error}", file=sys.stderr)
        return run_stages.Outcome(name, True, 0, 0, 0, (run_stages.Skip(name, str(error)),))
    except (guest_run.GuestError, TimeoutError) as error:
        print(error, file=sys.stderr)
        status = guest_run.GUEST_FAILED
    passed, failed, skips = run_stages.read_junit(name, report) if report.exists() else (0, 0, ())
    return run_stages.Outcome(name, status == 0, time.monotonic() - start, passed, max(failed, int(status != 0)), skips)


def main(arguments: Sequence[str]) -> int:
    own, options = (arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]) if "--" in arguments else (arguments, [])
    unknown = set(own) - set(RELEASES)
    if unknown:
        print(f"{', '.join(sorted(unknown))}: known are {', '.join(RELEASES)}", file=sys.stderr)
        return 2
    run_stages.REPORTS.mkdir(parents=True, exist_ok=True)
    outcomes = [judge(version, options) for version in own or RELEASES]
    run_stages.summarise(outcomes, sum(outcome.seconds for outcome in outcomes))
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
