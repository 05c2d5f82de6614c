# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory of a user with an inventory in it, and the commands that are typed there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from .namespaces import Namespace

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

Done = subprocess.CompletedProcess[str]


def unique_name() -> str:
    """Of a fabric: no two tests share namespaces."""
    return f"zx{uuid.uuid4().hex[:8]}"


class Place:
    """A directory with an inventory. name: of the fabric. inventory: relative to the directory."""

    def __init__(self, directory: Path, name: str, inventory: str = "inventory") -> None:
        self.directory = directory
        self.name = name
        self.inventory = directory / inventory
        self.overlay = f".vxlan-twin/{name}.yml"

    @property
    def surroundings(self) -> dict[str, str]:
        """Of a user: nothing of this checkout but the collection. Pipelining saves what is not judged here."""
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "1",
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PWD": str(self.directory),
        }

    def shell(self, script: str) -> Done:
        """A script that ends where a command fails."""
        return self._run(["bash", "-e"], script)

    def play(self, playbook: str, *words: str, twin: bool = True) -> Done:
        """playbook: one of the collection, by its short name, or a file in the directory."""
        overlay = ("-i", self.overlay) if twin else ()
        own = (self.directory / playbook).exists()
        return self._run(["ansible-playbook", "-i", str(self.inventory), *overlay, playbook if own else f"vxlan.fabric.{playbook}", *words])

    def changed(self, playbook: str, *words: str) -> dict[str, int]:
        """Run a playbook that must succeed; changes by host."""
        done = self.play(playbook, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return changes(done)

    def verify(self, *words: str, playbook: str = "verify") -> tuple[int, dict[str, Any]]:
        """Exit status and report."""
        done = self.play(playbook, *words)
        report = self.report()
        assert report["summary"] in done.stdout, done.stdout + done.stderr
        return done.returncode, report

    def report(self) -> dict[str, Any]:
        """Of the last verify."""
        found: dict[str, Any] = json.loads((self.directory / "reports" / self.name / "verify.json").read_text(encoding="utf-8"))
        return found

    def remove(self) -> None:
        self.play("twin", "-e", "twin_state=absent", twin=False)

    def host(self, name: str) -> Namespace:
        """Of a host or an endpoint."""
        return Namespace(f"{self.name}-{name}")

    def namespaces(self) -> list[str]:
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout.split()
        return sorted(name for name in listed if name.startswith(f"{self.name}-"))

    def _run(self, command: list[str], text: str = "") -> Done:
        return subprocess.run(command, cwd=self.directory, env=self.surroundings, input=text, capture_output=True, text=True, check=False)


class Site(Place):
    """A copy of an example under a name of its own."""

    def __init__(self, directory: Path, example: str = "demo") -> None:
        super().__init__(directory, unique_name())
        shutil.copytree(ROOT / "examples" / example, self.inventory)
        self.edit(lambda fabric: fabric.update(name=self.name))

    @property
    def variables(self) -> Path:
        return self.inventory / "group_vars" / "all.yml"

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change vxlan_fabric in the inventory."""
        content = yaml.safe_load(self.variables.read_text(encoding="utf-8"))
        change(content["vxlan_fabric"])
        self.variables.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def changes(done: Done) -> dict[str, int]:
    """By host, of the recap."""
    return {host: int(count) for host, count in re.findall(r"^(\S+) +: .*?changed=(\d+)", done.stdout, re.MULTILINE)}
