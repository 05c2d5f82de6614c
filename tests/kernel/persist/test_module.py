# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module persist and what the service runs, in a namespace: no machine boots here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import Result, bad, good, run, run_process, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

from .states import STATES

PYTHON = "/usr/bin/python3"
TYPICAL = STATES["typical"]


@pytest.fixture
def ns() -> Iterator[Namespace]:
    """With the underlay of a host, and tap0."""
    with namespace("vfp") as made:
        made.ip("link add tap0 type veth peer name vm0")
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def persist(ns: Namespace, root: Path, check: bool = False, **arguments: Any) -> Result:
    return run_process(ns, "persist", {"root": str(root), **arguments}, root.parent, check=check)


def files(root: Path) -> set[str]:
    return {f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_symlink() or path.is_file()}


def engine(ns: Namespace, root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the unit runs, by the Python of the system, which has neither Ansible nor pyroute2."""
    library = root / "var/lib/vxlan-fabric"
    command = ["ip", "netns", "exec", ns.name, PYTHON, "-I", str(library / "engine.pyz"), *words, str(library / "dc1.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_check_mode_predicts_and_writes_nothing(ns: Namespace, root: Path) -> None:
    predicted = good(persist(ns, root, check=True, backend="service", **TYPICAL))
    assert files(root) == set()
    real = good(persist(ns, root, backend="service", **TYPICAL))
    assert {**predicted, "invocation": 0} == {**real, "invocation": 0}
    assert files(root) == set(real["files"]) == set(real["written"])
    assert "(the engine, " in {entry["after_header"]: entry["after"] for entry in real["diff"]}["/var/lib/vxlan-fabric/engine.pyz"]
    again = good(persist(ns, root, backend="service", **TYPICAL))
    assert (again["changed"], again["written"], again["diff"]) == (False, [], [])


def test_another_backend_and_none(ns: Namespace, root: Path) -> None:
    first = good(persist(ns, root, backend="ifupdown", missing="warn", **with_interfaces(root)))
    assert files(root) - {"/etc/network/interfaces"} == {"/etc/network/interfaces.d/vxlan-fabric-dc1"} == set(first["files"])
    second = good(persist(ns, root, backend="service", **TYPICAL))
    assert second["removed"] == ["/etc/network/interfaces.d/vxlan-fabric-dc1"]
    last = good(persist(ns, root, backend="none", fabric="dc1"))
    assert files(root) == {"/etc/network/interfaces"}
    assert set(last["removed"]) == set(second["files"])
    assert good(persist(ns, root, backend="none", fabric="dc1"))["changed"] is False


def with_interfaces(root: Path) -> dict[str, Any]:
    (root / "etc/network").mkdir(parents=True, exist_ok=True)
    (root / "etc/network/interfaces").write_text("source /etc/network/interfaces.d/*\n", encoding="utf-8")
    return TYPICAL


def test_what_left_the_state_leaves_the_files(ns: Namespace, root: Path) -> None:
    good(persist(ns, root, backend="networkd", missing="warn", **TYPICAL))
    fewer = {**TYPICAL, "interfaces": TYPICAL["interfaces"][:1], "bridges": TYPICAL["bridges"][:1], "fdb": TYPICAL["fdb"][:1]}
    result = good(persist(ns, root, backend="networkd", missing="warn", **fewer))
    assert {path.rpartition("-")[2] for path in result["removed"]} == {"br10200.link", "br10200.netdev", "br10200.network"}


def test_policies_for_what_cannot_be_carried(ns: Namespace, root: Path) -> None:
    text = bad(persist(ns, root, backend="networkd", missing="fail", **STATES["everything"]))
    assert "external of vxsvd" in text
    assert files(root) == set()
    warned = good(persist(ns, root, backend="networkd", missing="warn", **STATES["everything"]))
    assert "external of vxsvd" in json.dumps(warned["warnings"])
    assert not any("vxsvd" in path or path.startswith("/var") for path in files(root))
    helped = good(persist(ns, root, backend="networkd", **STATES["everything"]))
    assert (helped["service"], "/etc/systemd/system/vxlan-fabric-dc1.service" in files(root)) == (True, True)


def test_a_namespace_without_files_of_its_own_is_refused(ns: Namespace, tmp_path: Path) -> None:
    text = bad(run_process(ns, "persist", {"backend": "service", **TYPICAL}, tmp_path))
    assert "network namespace inside a machine" in text
    assert not list(Path("/var/lib").glob("vxlan-fabric"))


def test_interfaces_that_somebody_else_configures_are_refused(ns: Namespace, root: Path) -> None:
    (root / "etc/systemd/network").mkdir(parents=True)
    (root / "run/systemd/netif").mkdir(parents=True)
    (root / "etc/systemd/network/05-all.network").write_text("[Match]\nName=*\n[Network]\nDHCP=yes\n", encoding="utf-8")
    before = files(root)
    for backend in ("networkd", "service", "auto"):
        text = bad(persist(ns, root, backend=backend, **TYPICAL))
        assert "/etc/systemd/network/05-all.network" in text
        assert "vx10100" in text
    assert files(root) == before


@pytest.mark.parametrize("bad_name", ["dc/1", "../dc1", "a\nb"])
def test_names_of_fabrics_that_are_no_names_of_files(ns: Namespace, root: Path, bad_name: str) -> None:
    bad(persist(ns, root, backend="service", **{**TYPICAL, "fabric": bad_name}))
    assert files(root) == set()


def test_the_engine_brings_a_bare_host_to_the_state(ns: Namespace, root: Path) -> None:
    """Which is that of vtep, without a library, and once only."""
    good(persist(ns, root, backend="service", sysctls={"net.ipv4.conf.br10100.arp_accept": 1}, tx_checksum=False, **TYPICAL))
    check = engine(ns, root, "--check")
    assert check.returncode == 1, check.stderr
    assert not ns.has("vx10100")
    ran = engine(ns, root)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == check.stdout
    unchanged(ns, "vtep", TYPICAL)
    assert ns.sh("cat /proc/sys/net/ipv4/conf/br10100/arp_accept").strip() == "1"
    assert offload(ns) == "off"
    again = engine(ns, root, "--check")
    assert (again.returncode, again.stdout) == (0, "")


def test_the_engine_waits_for_the_underlay(ns: Namespace, root: Path) -> None:
    good(persist(ns, root, backend="service", **TYPICAL))
    ns.ip("address flush dev eth0")
    impatient = engine(ns, root, "--wait", "0")
    assert impatient.returncode == 2
    assert "192.0.2.1" in impatient.stderr
    assert not ns.has("vx10100")
    library = root / "var/lib/vxlan-fabric"
    words = ["ip", "netns", "exec", ns.name, PYTHON, "-I", str(library / "engine.pyz"), "--wait", "60", str(library / "dc1.json")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
        ns.ip("address add 192.0.2.1/24 dev eth0")
        assert waiting.wait(60) == 0, waiting.stderr
    unchanged(ns, "vtep", TYPICAL)


def test_a_port_that_comes_later_is_no_obstacle(ns: Namespace, root: Path) -> None:
    good(persist(ns, root, backend="service", **TYPICAL))
    ns.ip("link delete tap0")
    ran = engine(ns, root)
    assert ran.returncode == 0, ran.stderr
    assert "tap0 is not there" in ran.stdout
    assert ns.link("vx10100")["master"] == "br10100"
    ns.ip("link add tap0 type veth peer name vm0")
    assert engine(ns, root).returncode == 0
    unchanged(ns, "vtep", TYPICAL)


def test_a_damaged_state_is_told_and_nothing_is_done(ns: Namespace, root: Path) -> None:
    good(persist(ns, root, backend="service", **TYPICAL))
    state = root / "var/lib/vxlan-fabric/dc1.json"
    content = json.loads(state.read_text(encoding="utf-8"))
    state.write_text(json.dumps({**content, "format": 99}), encoding="utf-8")
    ran = engine(ns, root, "--wait", "60")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "its format is 99" in ran.stderr
    assert not ns.has("vx10100")


# $1: an empty folder, on whose tmpfs what is written to /etc goes.
OWN_FILES = """
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
mount -t tmpfs tmpfs /var/lib
shift
exec "$@"
"""


def test_settings_are_set_at_once_on_the_host_itself(ns: Namespace, tmp_path: Path) -> None:
    """root '/', with an /etc and a /var/lib of its own."""
    own = tmp_path / "own"
    own.mkdir()
    good(run(ns, "vtep", TYPICAL))
    given = {**TYPICAL, "backend": "networkd", "missing": "warn", "root": "/", "tx_checksum": False, "sysctls": {"net/ipv4/conf/all/rp_filter": 2}}
    prefix = ("unshare", "--mount", "--propagation", "private", "sh", "-euc", OWN_FILES, "sh", str(own))
    assert offload(ns) == "on"
    predicted = good(run_process(ns, "persist", given, tmp_path, check=True, prefix=prefix))
    assert offload(ns) == "on"
    real = good(run_process(ns, "persist", given, tmp_path, prefix=prefix))
    assert {**predicted, "invocation": 0} == {**real, "invocation": 0}
    assert real["commands"] == ["sysctl -w net/ipv4/conf/all/rp_filter='2'", "ethtool -K vx10100 tx off", "ethtool -K vx10200 tx off"]
    assert (offload(ns), ns.sh("cat /proc/sys/net/ipv4/conf/all/rp_filter").strip()) == ("off", "2")
    assert "/etc/sysctl.d/60-vxlan-fabric-dc1.conf" in real["written"]
    assert not Path("/etc/sysctl.d/60-vxlan-fabric-dc1.conf").exists()
    again = good(run_process(ns, "persist", given, tmp_path, prefix=prefix))
    assert again["commands"] == [], "files are gone with the mounts, settings are not"
    text = bad(run_process(ns, "persist", {**given, "sysctls": {"net.ipv4.conf.nosuch0.rp_filter": 1}}, tmp_path, prefix=prefix))
    assert "net.ipv4.conf.nosuch0.rp_filter" in text


def offload(ns: Namespace) -> str:
    """By the ioctl of ethtool(8), in a program of its own."""
    script = (
        "import array, fcntl, socket, struct\n"
        "v = array.array('B', struct.pack('II', 0x16, 0))\n"
        "r = struct.pack('16sP8x', b'vx10100', v.buffer_info()[0])\n"
        "fcntl.ioctl(socket.socket(), 0x8946, r)\n"
        "print('on' if struct.unpack('II', v)[1] else 'off')"
    )
    return ns.sh(f'{PYTHON} -c "{script}"').strip()
