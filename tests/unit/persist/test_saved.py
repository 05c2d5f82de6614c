# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Saved states: those of every version that was ever released are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import saved

SAMPLES = Path(__file__).parent / "saved"
SAVED = saved.Saved(
    "dc1",
    {
        "fabric": "dc1",
        "interfaces": [{"name": "vx10100", "vni": 10100, "local": "192.0.2.1", "state": "up", "master": "br10100"}],
        "bridges": [{"name": "br10100", "state": "up"}],
        "fdb": [{"interface": "vx10100", "flood": ["blue"]}],
        "peers": {"blue": ["192.0.2.2"]},
    },
    comes_first=("br10100",),
    settings=saved.Settings({"net/core/rmem_max": "8388608"}, tx_checksum=False),
)


@pytest.mark.parametrize("number", [1])
def test_each_version_is_read(number: int) -> None:
    """A sample is never changed: it is what hosts have on their disks."""
    path = SAMPLES / f"{number}.json"
    found = saved.load(path.read_text(encoding="utf-8"), str(path))
    assert found == SAVED
    wanted = found.wanted()
    assert [asked.link.name for asked in wanted.links] == ["br10100", "vx10100"]
    assert [rows.rows[0].dst for rows in wanted.rows] == ["192.0.2.2"]
    assert wanted.mark == ""


def test_there_is_a_sample_of_what_is_written_now() -> None:
    assert saved.dump(SAVED) == (SAMPLES / f"{saved.FORMAT}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no saved state"), ("[]", "no saved state"), ("{}", "no saved state"), ('{"format": 2}', "knows 1"), ('{"format": "1"}', "knows 1"),
        ('{"format": 1}', "damaged"), ('{"format": 1, "fabric": "a", "state": 3, "recreate": "x", "comes_first": [], "sysctls": {}}', "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_saved_state_is_refused_with_its_path(text: str, words: str) -> None:
    with pytest.raises(ArgumentError, match=words) as error:
        saved.load(text, "/var/lib/vxlan-fabric/dc1.json")
    assert "/var/lib/vxlan-fabric/dc1.json" in error.value.message


def test_what_is_written_is_read() -> None:
    assert saved.load(saved.dump(SAVED), "x") == SAVED
    assert json.loads(saved.dump(SAVED))["format"] == saved.FORMAT
