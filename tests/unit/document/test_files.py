# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of files: written once, removed when they are ours, and never beside their directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._files import MANIFEST, carry_out, check_path, plan_files


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


def _have(directory: Path, files: dict[str, str], overwrite: bool = True, remove: bool = True) -> list[str]:
    changes = plan_files(str(directory), files, overwrite, remove)
    carry_out(str(directory), changes, _write)
    return [change.path for change in changes if change.path != MANIFEST]


def _there(directory: Path) -> dict[str, str]:
    return {str(path.relative_to(directory)): path.read_text(encoding="utf-8") for path in directory.rglob("*") if path.is_file() and path.name != MANIFEST}


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    files = {"a.md": "1\n", "hosts/b.md": "2\n"}
    assert _have(tmp_path, files) == ["a.md", "hosts/b.md"]
    assert _have(tmp_path, files) == []
    assert _there(tmp_path) == files


def test_own_files_that_are_gone_are_removed_with_their_directory(tmp_path: Path) -> None:
    _have(tmp_path, {"a.md": "1\n", "hosts/b.md": "2\n"})
    (tmp_path / "notes.txt").write_text("mine\n", encoding="utf-8")
    assert _have(tmp_path, {"a.md": "1\n"}) == ["hosts/b.md"]
    assert _there(tmp_path) == {"a.md": "1\n", "notes.txt": "mine\n"}
    assert not (tmp_path / "hosts").exists()


def test_without_remove_they_stay_and_are_known_later(tmp_path: Path) -> None:
    _have(tmp_path, {"a.md": "1\n", "b.md": "2\n"})
    assert _have(tmp_path, {"a.md": "1\n"}, remove=False) == []
    assert _have(tmp_path, {"a.md": "1\n"}) == ["b.md"]


def test_what_somebody_has_written_is_kept_where_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "all.yml").write_text("mine\n", encoding="utf-8")
    with pytest.raises(ConflictError, match=r"all\.yml would be overwritten"):
        _have(tmp_path, {"all.yml": "ours\n", "b.yml": "x\n"}, overwrite=False)
    assert _there(tmp_path) == {"all.yml": "mine\n"}
    assert _have(tmp_path, {"all.yml": "mine\n"}, overwrite=False) == []
    assert _have(tmp_path, {"all.yml": "ours\n"}) == ["all.yml"]


def test_what_somebody_has_edited_is_kept_where_that_is_wanted(tmp_path: Path) -> None:
    _have(tmp_path, {"all.yml": "ours\n", "old.yml": "old\n"})
    assert _have(tmp_path, {"all.yml": "newer\n", "old.yml": "old\n"}, overwrite=False) == ["all.yml"]
    (tmp_path / "all.yml").write_text("mine\n", encoding="utf-8")
    with pytest.raises(ConflictError, match=r"all\.yml would be overwritten"):
        _have(tmp_path, {"all.yml": "newest\n", "old.yml": "old\n"}, overwrite=False)
    (tmp_path / "old.yml").write_text("mine\n", encoding="utf-8")
    with pytest.raises(ConflictError, match=r": old\.yml would be overwritten or removed"):
        _have(tmp_path, {"all.yml": "mine\n"}, overwrite=False)
    assert _there(tmp_path) == {"all.yml": "mine\n", "old.yml": "mine\n"}
    assert _have(tmp_path, {"all.yml": "newest\n"}) == ["all.yml", "old.yml"]


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", MANIFEST, "a\nb"])
def test_paths_that_lead_elsewhere_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ArgumentError):
        plan_files(str(tmp_path), {path: ""}, overwrite=True, remove=True)


def test_a_manifest_that_names_other_files_removes_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x", encoding="utf-8")
    inside = tmp_path / "set"
    _have(inside, {"a": "1"})
    (inside / MANIFEST).write_text("x ../outside\nx a\n", encoding="utf-8")
    _have(inside, {"b": "1"})
    assert outside.exists()
    assert _there(inside) == {"b": "1"}


@given(st.text(max_size=20))
def test_a_path_that_passes_stays_below(path: str) -> None:
    try:
        check_path(path)
    except ArgumentError:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")
