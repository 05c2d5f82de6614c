# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the whole of `ansible-test sanity` on a clean copy of the collection. Usage: sanity.py [OPTION OF ansible-test...]

ansible-test keeps its virtual environments below HOME and fetches a script from a server of its own to put pip into them.
Here HOME is a folder below .cache, and what it takes for the fetched script is a few lines that use the interpreter's ensurepip.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from find_pythons import find_pythons

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "sanity"
HOME = CACHE / "home"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# ansible-test runs it inside a virtual environment without pip, as `get_pip pip==VERSION --no-setuptools --no-wheel`.
GET_PIP = '''\
"""Stands where ansible-test would keep the get-pip script that it downloads."""
import glob
import os
import runpy
import sys

import ensurepip

wheels = glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
wheels += glob.glob("/usr/share/python-wheels/pip-*.whl")  # where Debian keeps them
sys.path.insert(0, wheels[0])
sys.argv[1:] = ["install", "--quiet"] + [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def pip_versions() -> set[str]:
    """The versions of pip that this ansible-test asks for; it names the cached script after them."""
    spec = find_spec("ansible_test")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("ansible-test is not installed: run `make venv`")
    source = Path(spec.submodule_search_locations[0]) / "_internal" / "python_requirements.py"
    return set(re.findall(r"\bpip='([0-9.]+)'", source.read_text(encoding="utf-8")))


def write_get_pip() -> None:
    folder = HOME / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in pip_versions():
        (folder / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")


def write_pip_configuration() -> None:
    """Give the pip below the other HOME what the user's pip knows (an index, a certificate, a cache).

    ansible-test hands on no PIP_* variable, so these go into the file too.
    """
    pip = [sys.executable, "-m", "pip"]
    known = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=True).stdout
    cache = subprocess.run([*pip, "cache", "dir"], capture_output=True, text=True, check=False).stdout.strip()
    options: dict[str, str] = {"cache-dir": cache} if cache else {}
    for line in known.splitlines():
        key, _equals, value = line.partition("=")
        section, _dot, option = key.rpartition(".")
        if section in ("global", "install", ":env:") and option != "config-file":
            options[option] = str(ast.literal_eval(value))
    options |= {"quiet": "1", "disable-pip-version-check": "true"}
    parser = configparser.RawConfigParser()
    parser["global"] = {option: "\n".join(value.splitlines()) for option, value in options.items()}
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        parser.write(stream)


def link_pythons() -> Path:
    """One folder with the real interpreters, so that no shim on PATH is taken for one."""
    folder = CACHE / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    for version, path in find_pythons().items():
        (folder / f"python{version}").symlink_to(path)
    return folder


def main() -> int:
    write_get_pip()
    write_pip_configuration()
    path = os.pathsep.join([str(link_pythons()), str(Path(sys.executable).parent), SYSTEM_PATH])
    copy = subprocess.run([ROOT / "scripts" / "clean-copy", "sanity"], capture_output=True, text=True, check=True).stdout.strip()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment = kept | {"HOME": str(HOME), "PATH": path}
    command = ["ansible-test", "sanity", "--color", "no", *sys.argv[1:]]
    return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
