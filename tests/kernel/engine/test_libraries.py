# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules as processes with each pyroute2 that distributions have, with none, with one that is too old, and on the oldest Python."""

from __future__ import annotations

import fcntl
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible
import pyroute2
import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import ROOT, Result, bad, good, run_process
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

# Debian 12; Fedora and EPEL 10; Ubuntu 26.04; what the virtual environment has
VERSIONS = ("0.7.2", "0.7.12", "0.8.1", "installed")
MAC, MAC2 = "02:00:00:00:11:11", "02:00:00:00:22:22"
VX0: dict[str, Any] = {"name": "vx0", "mac": MAC, "vni": 100, "remote": "192.0.2.2", "local": "192.0.2.1", "device": "eth0"}


def library(version: str) -> tuple[Path, ...]:
    """What to put on PYTHONPATH for a pyroute2, downloaded once."""
    if version == "installed":
        return ()
    folder = ROOT / ".cache" / f"pyroute2-{version}"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "pyroute2.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            words = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--disable-pip-version-check",
                "--target",
                str(part),
                f"pyroute2=={version}",
            ]
            ran = subprocess.run(words, capture_output=True, text=True, check=False)
            if ran.returncode:
                pytest.skip(f"pip cannot get pyroute2 {version}: {ran.stderr.strip().splitlines()[-1]}")
            part.rename(folder)
    return (folder,)


class Runner:
    """Runs modules with one Python and one library; each change is followed by a run that must find nothing to do."""

    def __init__(self, ns: Namespace, folder: Path, path: tuple[Path, ...], python: str = sys.executable) -> None:
        self.ns, self.folder, self.path, self.python = ns, folder, path, python

    def once(self, module: str, arguments: dict[str, Any]) -> Result:
        return run_process(self.ns, module, arguments, self.folder, path=self.path, python=self.python)

    def __call__(self, module: str, arguments: dict[str, Any]) -> Result:
        result = good(self.once(module, arguments))
        assert result["changed"]
        again = good(self.once(module, arguments))
        assert not again["changed"], again["operations"]
        return result


def scenario(runner: Runner) -> None:
    """Create, change, re-create, rows, a bridge, removal: each kind of write once."""
    ns = runner.ns
    neighbours = [{"address": "10.0.0.7", "mac": MAC2}, {"address": "2001:db8:7::7", "mac": MAC2, "router": True}]
    wanted = {
        **VX0, "state": "up", "alias": "mine", "addresses": ["10.0.0.1/24", "2001:db8:7::1/64"], "neighbours": neighbours, "ttl": "inherit",
        "localbypass": False, "source_port": "1000-2000", "txqueuelen": 77, "mtu": "auto", "addrgenmode": "none", "proxy": True,
    }  # fmt: skip
    runner("interface", wanted)
    data = ns.data("vx0")
    assert (data["id"], data["remote"], data["port"], data["port_range"]) == (100, "192.0.2.2", 4789, {"low": 1000, "high": 2000})
    assert ns.link("vx0")["mtu"] == 1550
    index = ns.index("vx0")
    runner("interface", {**VX0, "ageing": 77, "remote": "192.0.2.3", "addresses": ["10.0.0.2/24"], "neighbours": neighbours[:1]})
    assert ns.index("vx0") == index
    runner("fdb", {"interface": "vx0", "rows": [{"mac": "00:00:00:00:00:00", "dst": ["192.0.2.3", "192.0.2.4"]}, {"mac": MAC2, "dst": "192.0.2.4"}]})
    runner(
        "bridge",
        {"name": "br0", "mac": "02:00:00:00:00:b0", "state": "up", "ageing": 60, "no_linklocal_learn": True, "group_address": "01:80:c2:00:00:04",
         "ports": [{"name": "vx0", "isolated": True, "learning": False, "neigh_suppress": True}]},
    )  # fmt: skip
    assert ns.slave_data("vx0")["isolated"]
    result = runner("interface", {"name": "vx0", "vni": 200, "gbp": True})
    assert result["recreated"][0]["attributes"] == ["vni", "gbp"]
    assert ns.data("vx0")["id"] == 200
    assert ns.slave_data("vx0")["isolated"]
    assert ns.destinations("vx0") == ["192.0.2.3", "192.0.2.4"]
    assert ns.addresses("vx0") == {"10.0.0.2/24"}
    runner("interface", {"name": "vx6", "mac": MAC, "external": True, "vnifilter": True, "reserved_bits": "0x1"})
    assert ns.data("vx6")["vnifilter"]
    runner("interface", {"name": "vx7", "mac": MAC, "vni": 7, "group": "ff05::100", "device": "eth0", "flow_label": 5, "label_policy": "inherit"})
    assert ns.data("vx7")["group6"] == "ff05::100"
    refusal = runner.once("interface", {"name": "vx8", "vni": 8, "remote": "192.0.2.2", "mtu": "65000", "device": "eth0"})
    assert "65000" in bad(refusal) or "mtu" in bad(refusal).lower()
    assert not ns.has("vx8")
    runner("interface", {"name": "vx0", "state": "absent"})
    runner("bridge", {"name": "br0", "state": "absent"})


@pytest.mark.parametrize("version", VERSIONS)
def test_pyroute2(ns: Namespace, tmp_path: Path, version: str) -> None:
    scenario(Runner(ns, tmp_path, library(version)))


def fake_pyroute2(folder: Path, text: str) -> Path:
    package = folder / "fake" / "pyroute2"
    (package / "netlink" / "rtnl").mkdir(parents=True)
    for path, content in (("", text), ("netlink", ""), ("netlink/rtnl", "")):
        (package / path / "__init__.py").write_text(content, encoding="utf-8")
    (package / "netlink/rtnl/ifinfmsg.py").write_text("class ifinfmsg: pass\n", encoding="utf-8")
    return package.parent


def test_missing_pyroute2_says_what_is_needed(ns: Namespace, tmp_path: Path) -> None:
    fake = fake_pyroute2(tmp_path, "raise ImportError('No module named pyroute2')\n")
    before = ns.state()
    text = bad(run_process(ns, "interface", VX0, tmp_path, path=(fake,)))
    assert "pyroute2 >= 0.7.2 is needed on the target" in text
    assert "No module named pyroute2" in text
    assert "python3-pyroute2" in text
    assert ns.state() == before


def test_too_old_pyroute2_says_found_needed_and_where(ns: Namespace, tmp_path: Path) -> None:
    fake = fake_pyroute2(tmp_path, "__version__ = '0.6.13'\nclass IPRoute: pass\n")
    text = bad(run_process(ns, "interface", VX0, tmp_path, path=(fake,)))
    assert f"pyroute2 0.6.13 at {fake}" in text
    assert ">= 0.7.2 is needed on the target" in text


def test_nothing_to_do_needs_no_pyroute2(ns: Namespace, tmp_path: Path) -> None:
    """Neither do reading and rows."""
    fake = fake_pyroute2(tmp_path, "raise ImportError('No module named pyroute2')\n")
    ns.ip(f"link add vx0 address {MAC} type vxlan id 100 remote 192.0.2.2 local 192.0.2.1 dev eth0 dstport 4789")
    assert not good(run_process(ns, "interface", VX0, tmp_path, path=(fake,)))["changed"]
    assert good(run_process(ns, "vtep_info", {}, tmp_path, path=(fake,)))["interfaces"][0]["vni"] == 100
    assert good(run_process(ns, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": "192.0.2.3"}]}, tmp_path, path=(fake,)))["changed"]


def oldest_python() -> str:
    spec = importlib.util.spec_from_file_location("find_pythons", ROOT / "scripts" / "find_pythons.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Path] = module.find_pythons()
    older = sorted((version for version in found if version != f"3.{sys.version_info.minor}"), key=lambda version: int(version.split(".")[1]))
    if not older or int(older[0].split(".")[1]) > sys.version_info.minor:
        pytest.skip(f"no Python between 3.9 and 3.{sys.version_info.minor - 1} on this machine")
    return str(found[older[0]])


@pytest.mark.parametrize("version", ["0.7.2", "installed"])
def test_oldest_python(ns: Namespace, tmp_path: Path, version: str) -> None:
    """With the virtual environment's ansible-core and, in turn, the oldest and the newest pyroute2."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "ansible").symlink_to(Path(ansible.__file__).parent)
    if version == "installed":
        # With its metadata, which old versions read when they are imported.
        for part in Path(str(pyroute2.__file__)).parents[1].glob("pyroute2*"):
            (site / part.name).symlink_to(part)
    scenario(Runner(ns, tmp_path, (*library(version), site), oldest_python()))


def test_a_run_without_changes_sends_no_write(ns: Namespace, tmp_path: Path) -> None:
    """As strace(1) sees it: no message but RTM_GET*."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    runner = Runner(ns, tmp_path, ())
    wanted = {**VX0, "state": "up", "addresses": ["10.0.0.1/24"], "alias": "x", "neighbours": [{"address": "10.0.0.7", "mac": MAC2}]}
    runner("interface", wanted)
    trace = tmp_path / "trace"
    prefix = ("strace", "-f", "-o", str(trace), "-s", "4096", "-e", "trace=sendto,sendmsg,write", "-e", "signal=none")
    run_process(ns, "interface", wanted, tmp_path, prefix=prefix)
    types = re.findall(r"nlmsg_type=(\w+)", trace.read_text(errors="replace"))
    assert types
    # strace names them where it knows the socket's namespace; else the lowest two bits tell (linux/rtnetlink.h): 2 is GET.
    assert [kind for kind in types if not (kind.startswith("RTM_GET") or (kind.startswith("0x") and int(kind, 16) & 3 == 2))] == []
