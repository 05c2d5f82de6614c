# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""deploy and teardown with files that set the fabric up at boot, on a twin whose hosts have folders for their files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.site import Site

# One host is enough for what is judged here.
ONE = ("-e", "target=hv1")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "site")
    try:
        done = made.play("twin", *ONE, twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.remove()


def files(folder: Path) -> set[str]:
    return {f"/{path.relative_to(folder)}" for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


def test_deploy_and_teardown(site: Site, tmp_path: Path) -> None:
    """A twin alone has no files; with a folder it has them, a second run changes none, and the engine that Ansible sent is whole."""
    done = site.play("deploy", *ONE, "-e", "persist_backend=service")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Have what runs survive a reboot" in done.stdout
    assert not Path("/var/lib/vxlan-fabric").exists()
    folder = tmp_path / "files"
    folder.mkdir()
    words = (*ONE, "-e", json.dumps({"persist_backend": "service", "persist_root": str(folder)}))
    assert site.changed("deploy", "--check", *words) == {"hv1": 1}
    assert files(folder) == set()
    assert site.changed("deploy", *words) == {"hv1": 1}
    assert {f"/var/lib/vxlan-fabric/{site.name}.json", "/var/lib/vxlan-fabric/engine.pyz"} <= files(folder)
    library = folder / "var/lib/vxlan-fabric"
    replay = ["ip", "netns", "exec", f"{site.name}-hv1", "/usr/bin/python3", "-I", str(library / "engine.pyz"), "--check", str(library / f"{site.name}.json")]
    ran = subprocess.run(replay, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert site.changed("deploy", *words) == {"hv1": 0}
    site.changed("teardown", *words)
    assert files(folder) == set()
