# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays of docs/adoption.md, as they stand there, on a host that was set up by hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import COLLECTIONS, ROOT
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

from .adopting import MARK
from .forms import FORMS

PAGE = ROOT / "docs" / "adoption.md"
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"


@pytest.fixture
def ns() -> Iterator[Namespace]:
    with namespace("vfa") as made:
        yield made


def plays(folder: Path) -> None:
    """Write each block that begins with its file's name."""
    for name, text in re.findall(r"```yaml\n# (\w+\.yml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        (folder / name).write_text(text, encoding="utf-8")


class Playing:
    """Runs plays on one namespace as the host hv1."""

    def __init__(self, ns: Namespace, folder: Path) -> None:
        self.folder = folder
        plays(folder)
        variables = f"ansible_connection=vxlan.fabric.netns ansible_netns={ns.name} ansible_python_interpreter={sys.executable} ansible_become=false"
        (folder / "inventory").write_text(f"[hypervisors]\nhv1 {variables}\n", encoding="utf-8")

    def __call__(self, play: str, *words: str) -> int:
        """How many tasks changed something."""
        surroundings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": str(self.folder / "home"), "ANSIBLE_NOCOLOR": "1"}
        surroundings["ANSIBLE_REMOTE_TMP"] = str(self.folder / "tmp")
        command = [str(ANSIBLE_PLAYBOOK), "-i", "inventory", play, *words]
        ran = subprocess.run(command, cwd=self.folder, env=surroundings, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        found = re.search(r"^hv1 .*changed=(\d+)", ran.stdout, re.MULTILINE)
        assert found, ran.stdout
        return int(found[1])


def test_the_plays_of_the_page(ns: Namespace, tmp_path: Path) -> None:
    if not ANSIBLE_PLAYBOOK.exists():
        pytest.skip(f"{ANSIBLE_PLAYBOOK} is not installed")
    form = FORMS["head-end list"]
    ns.ip(*form.ip)
    ns.bridge(*form.bridge)
    play = Playing(ns, tmp_path)
    before = ns.state()
    play("read.yml")
    assert play("compare.yml", "--check", "--diff") == 0
    assert ns.state() == before
    assert play("own.yml") == 1
    assert ns.link("vx-keep")["ifalias"] == MARK
    assert play("own.yml") == 0
