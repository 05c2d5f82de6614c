# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files below the root of a host: ours are written, changed and removed, those of others are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import files, service
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.backends import PATTERNS
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.saved import Saved
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, text_file

NETDEV = "/etc/systemd/network/10-vxlan-fabric-dc1-vx7.netdev"
DROP_IN = "/etc/systemd/network/20-eth0.network.d/10-vxlan-fabric-dc1.conf"


def write(root: Path, wanted: list[File], fabric: str = "dc1") -> list[str]:
    """What changed; a second run changes nothing."""
    changes = files.plan(str(root), fabric, wanted, PATTERNS)
    files.carry_out(str(root), changes)
    assert files.plan(str(root), fabric, wanted, PATTERNS) == []
    return [change.path for change in changes]


def tree(root: Path) -> dict[str, int]:
    """Files and links with their modes."""
    return {f"/{path.relative_to(root)}": path.lstat().st_mode & 0o777 for path in sorted(root.rglob("*")) if path.is_symlink() or not path.is_dir()}


def the_service(fabric: str = "dc1") -> list[File]:
    return service.render(Saved(fabric, {"fabric": fabric}), ["tap0", "vm-1"], "/usr/bin/python3", 120)


def test_write_change_and_remove(tmp_path: Path) -> None:
    assert write(tmp_path, [text_file(NETDEV, "dc1", "a\n"), text_file(DROP_IN, "dc1", "b\n", 0o600)]) == [NETDEV, DROP_IN]
    assert tree(tmp_path) == {NETDEV: 0o644, DROP_IN: 0o600}
    assert write(tmp_path, [text_file(NETDEV, "dc1", "c\n")]) == [NETDEV, DROP_IN]
    assert tree(tmp_path) == {NETDEV: 0o644}
    assert (tmp_path / NETDEV[1:]).read_text().endswith("do not edit\nc\n")
    assert not (tmp_path / DROP_IN[1:]).parent.exists()
    assert write(tmp_path, []) == [NETDEV]
    assert tree(tmp_path) == {}


def test_a_changed_mode_is_mended(tmp_path: Path) -> None:
    write(tmp_path, [text_file(NETDEV, "dc1", "a\n")])
    (tmp_path / NETDEV[1:]).chmod(0o600)
    assert write(tmp_path, [text_file(NETDEV, "dc1", "a\n")]) == [NETDEV]
    assert tree(tmp_path) == {NETDEV: 0o644}


@pytest.mark.parametrize("kind", ["file", "link", "folder", "other fabric", "mark not at the beginning"])
def test_what_is_not_ours_is_an_error_and_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / NETDEV[1:]
    path.parent.mkdir(parents=True)
    mark = text_file("", "dc1", "a\n").content.decode()
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text({"file": "[NetDev]\n", "other fabric": mark.replace("dc1", "dc10"), "mark not at the beginning": f"\n{mark}"}[kind])
    before = tree(tmp_path)
    with pytest.raises(ConflictError, match=NETDEV):
        files.plan(str(tmp_path), "dc1", [text_file(NETDEV, "dc1", "b\n")], PATTERNS)
    if kind != "folder":
        assert write(tmp_path, []) == []
    assert tree(tmp_path) == before


def test_the_service_and_its_links(tmp_path: Path) -> None:
    unit = "/etc/systemd/system/vxlan-fabric-dc1.service"
    write(tmp_path, the_service())
    wants = ("multi-user.target", "sys-subsystem-net-devices-tap0.device", "sys-subsystem-net-devices-vm\\x2d1.device")
    links = {f"/etc/systemd/system/{wanted}.wants/vxlan-fabric-dc1.service" for wanted in wants}
    assert set(tree(tmp_path)) == {unit, service.ENGINE, service.state_path("dc1"), *links}
    assert {os.readlink(tmp_path / link[1:]) for link in links} == {unit}
    assert tree(tmp_path)[service.state_path("dc1")] == 0o600
    write(tmp_path, [])
    assert tree(tmp_path) == {}


def test_fabrics_share_the_engine(tmp_path: Path) -> None:
    write(tmp_path, the_service("a"), "a")
    write(tmp_path, the_service("b"), "b")
    assert write(tmp_path, [], "a")
    assert {service.ENGINE, service.state_path("b")} <= set(tree(tmp_path))
    write(tmp_path, [], "b")
    assert tree(tmp_path) == {}


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, [text_file(NETDEV, "dc1", "a\n")])

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.carry_out(str(tmp_path), files.plan(str(tmp_path), "dc1", [text_file(NETDEV, "dc1", "b\n")], PATTERNS))
    assert tree(tmp_path) == {NETDEV: 0o644}
    assert (tmp_path / NETDEV[1:]).read_text().endswith("a\n")


def test_a_root_with_odd_characters(tmp_path: Path) -> None:
    root = tmp_path / "[a]*"
    root.mkdir()
    assert write(root, [text_file(NETDEV, "dc1", "a\n")]) == [NETDEV]
    assert write(root, []) == [NETDEV]


@pytest.mark.parametrize("fabric", ["", "a/b", "..", "a b", "a\nb", "a.b"])
def test_names_that_are_no_part_of_a_file_name(fabric: str) -> None:
    with pytest.raises(ArgumentError, match="file names"):
        files.check_fabric(fabric)


@pytest.mark.parametrize(
    ("name", "escaped"), [("tap0", "tap0"), ("vm-1", "vm\\x2d1"), (".a", "\\x2ea"), ("a.b", "a.b"), ("ä", "\\xc3\\xa4"), ("a@b", "a\\x40b")]
)
def test_names_of_device_units(name: str, escaped: str) -> None:
    """As systemd-escape(1) writes them."""
    assert service.escape(name) == escaped
