# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the engine's kernel tests with each pyroute2 that distributions have, and on each Python of this machine.

Not the full product: each pyroute2 on the Python of the virtual environment, and each other Python with the newest pyroute2 and
ansible-core that it can have. What is installed stays in .cache/versions. Usage: try_versions.py [PYTHON/PYROUTE2 ...], such as 3.9/newest.
Pairs that are named replace their part of the report.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, NamedTuple

from find_pythons import find_pythons

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "versions"
REPORT = ROOT / ".cache" / "reports" / "reliability" / "versions.json"
DETAILS = FOLDER / "results.json"
COUNTS = ("passed", "failed", "skipped")
# Debian 12; Fedora, EPEL 10; Ubuntu 26.04; what pip finds for that Python
PYROUTE2 = ("0.7.2", "0.7.12", "0.8.1", "newest")
TESTS = "tests/kernel/engine"
HERE = f"3.{sys.version_info.minor}"


class Pair(NamedTuple):
    python: str
    pyroute2: str

    def __str__(self) -> str:
        return f"{self.python}/{self.pyroute2}"


def pairs(pythons: dict[str, Path]) -> list[Pair]:
    others = sorted((version for version in pythons if version != HERE), key=lambda version: int(version.split(".")[1]))
    return [*(Pair(HERE, version) for version in PYROUTE2), *(Pair(version, "newest") for version in others)]


def environment(pair: Pair, python: Path) -> Path:
    """The interpreter of a virtual environment for a pair, made once."""
    folder = FOLDER / f"{pair.python}-{pair.pyroute2}"
    found = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([str(python), "-m", "venv", "--clear", str(folder)], check=True)
        library = "pyroute2" if pair.pyroute2 == "newest" else f"pyroute2=={pair.pyroute2}"
        wanted = [library, "ansible-core", "pytest>=8", "hypothesis"]
        subprocess.run([str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
        (folder / "complete").touch()
    return found


def installed(python: Path) -> dict[str, str]:
    program = "import json, platform\nfrom importlib.metadata import version\n"
    program += "print(json.dumps({'python': platform.python_version(), **{n.replace('-', '_'): version(n) for n in ('pyroute2', 'ansible-core')}}))"
    found: dict[str, str] = json.loads(subprocess.run([str(python), "-c", program], capture_output=True, text=True, check=True).stdout)
    return found


def test(pair: Pair, python: Path) -> dict[str, Any]:
    """Run the tests; the versions found, the counts and what failed."""
    report = FOLDER / f"{pair.python}-{pair.pyroute2}.xml"
    report.unlink(missing_ok=True)
    words = [str(ROOT / "scripts" / "as-root"), str(python), "-m", "pytest", "-q", "-o", "cache_dir=.cache/pytest-versions", f"--junitxml={report}", TESTS]
    log = report.with_suffix(".log")
    with log.open("wb") as output:
        # Byte code of one version is of no use to the others.
        surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]])}
        status = subprocess.run(words, cwd=ROOT, stdout=output, stderr=output, env=surroundings, check=False).returncode
    if not report.exists():
        raise SystemExit(f"{pair}: pytest ended with {status}, see {log.relative_to(ROOT)}")
    failed: list[str] = []
    skipped: dict[str, int] = {}
    passed = 0
    for case in ET.parse(report).getroot().iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}")
        elif skip is not None:
            reason = skip.get("message", "no reason given")
            skipped[reason] = skipped.get(reason, 0) + 1
        else:
            passed += 1
    counts = {"passed": passed, "failed": len(failed), "skipped": sum(skipped.values())}
    return {**installed(python), **counts, "failures": failed, "skips": skipped, "complete": status in (0, 1)}


def write(results: dict[str, dict[str, Any]]) -> None:
    """The results with all that failed and was skipped for the next run, and the report with the counts."""
    DETAILS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    totals = {key: sum(result[key] for result in results.values()) for key in COUNTS}
    each = {name: {key: result[key] for key in ("ansible_core", *COUNTS)} for name, result in results.items()}
    pythons = ", ".join(dict.fromkeys(result["python"] for result in results.values()))
    libraries = ", ".join(dict.fromkeys(result["pyroute2"] for result in results.values()))
    date = datetime.datetime.now(tz=datetime.timezone.utc).strftime("%Y-%m-%d")
    found = {"family": "versions", "tests": TESTS, **totals, "Python / pyroute2": each}
    report = {**found, "kernel": os.uname().release, "python": pythons, "pyroute2": libraries, "date": date}
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def show(result: dict[str, Any]) -> None:
    counts = ", ".join(f"{result[key]} {key}" for key in COUNTS)
    print(f"Python {result['python']}, pyroute2 {result['pyroute2']}, ansible-core {result['ansible_core']}: {counts}", flush=True)
    for name in result["failures"]:
        print(f"    {name}", flush=True)
    for reason, count in result["skips"].items():
        print(f"    skipped {count}: {reason}", flush=True)


def main() -> int:
    pythons = find_pythons()
    pythons[HERE] = Path(sys.executable)
    every = pairs(pythons)
    named = sys.argv[1:] or [str(pair) for pair in every]
    unknown = set(named) - {str(pair) for pair in every}
    if unknown:
        print(f"there are {', '.join(map(str, every))}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    known: dict[str, dict[str, Any]] = json.loads(DETAILS.read_text(encoding="utf-8")) if sys.argv[1:] and DETAILS.exists() else {}
    good = True
    for pair in (pair for pair in every if str(pair) in named):
        result = test(pair, environment(pair, pythons[pair.python]))
        show(result)
        good = good and result["complete"] and not result["failed"]
        known[str(pair)] = result
        write({str(one): known[str(one)] for one in every if str(one) in known})
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
