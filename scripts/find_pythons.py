# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Python interpreters of this machine, for the tools that look for `python3.N` on PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# The collection's targets start at 3.9; a version that ansible-test does not know is left alone by it.
VERSIONS = tuple(f"3.{minor}" for minor in range(9, 20))
PROBE = "import ensurepip, json, sys, venv; print(json.dumps([sys.version_info[:2], sys.executable]))"


def candidates(version: str) -> Iterator[Path]:
    """Where `pythonX.Y` might be: on PATH, and in the version folders of pyenv, whose shims on PATH need not work."""
    name = f"python{version}"
    for folder in os.get_exec_path():
        yield Path(folder) / name
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False).stdout.strip()
        if root:
            yield from sorted(Path(root).glob(f"versions/{version}.*/bin/{name}"), reverse=True)


def probe(path: Path, version: str) -> Path | None:
    """The real path of an interpreter that starts, is of this version and can make virtual environments."""
    if not os.access(path, os.X_OK):
        return None
    run = subprocess.run([path, "-I", "-c", PROBE], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return None
    found, executable = json.loads(run.stdout)
    return Path(executable).resolve() if ".".join(map(str, found)) == version else None


def find_pythons() -> dict[str, Path]:
    """Version -> interpreter, for every version that is here."""
    pythons: dict[str, Path] = {}
    for version in VERSIONS:
        for path in candidates(version):
            if real := probe(path, version):
                pythons[version] = real
                break
    return pythons
