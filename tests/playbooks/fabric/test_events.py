# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a fabric in its life: hosts join, leave, are replaced and do not answer, the underlay loses packets and shrinks. One twin."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace
from ansible_collections.vxlan.fabric.tests.support.site import Place, unique_name
from ansible_collections.vxlan.fabric.tests.support.stream import streams

ALL = (1, 2, 3, 4)


def address(number: int) -> str:
    return f"192.0.2.1{number}"


def addresses(*numbers: int) -> list[str]:
    return [address(number) for number in numbers]


class Fabric(Place):
    """Hypervisors hv1 to hv4, a machine b1 to b4 of network blue behind each."""

    def write(self, members: tuple[int, ...], *more: str, vteps: tuple[int, ...] = ALL) -> None:
        """The inventory. members: of blue. more: further networks, of VNI 200 and up, on the same hosts. vteps: hosts that are any."""
        endpoints = [
            {"name": f"b{number}", "host": f"hv{number}", "port": "tap0", "mac": f"02:00:00:00:00:0{number}", "address": f"10.0.0.{number}/24"}
            for number in members
        ]
        hosts = [f"hv{number}" for number in members]
        networks = {
            "blue": {"vni": 100, "members": hosts, "endpoints": endpoints},
            **{name: {"vni": vni, "members": hosts} for vni, name in enumerate(more, start=200)},
        }
        variables = {f"hv{number}": {"vxlan_vtep": {"address": address(number), "device": "eth0"}} if number in vteps else {} for number in ALL}
        shared = {"vxlan_fabric": {"name": self.name, "underlay": {"mtu": 1600}, "networks": networks}}
        children = {"hypervisors": {"hosts": variables}, "switches": {}}
        # JSON is YAML.
        self.inventory.write_text(json.dumps({"all": {"vars": shared, "children": children}}), encoding="utf-8")

    def deploy(self, *words: str) -> dict[str, int]:
        return self.changed("deploy", *words)

    @contextmanager
    def unreachable(self, host: str) -> Iterator[None]:
        """The overlay leads to a namespace that is not there."""
        overlay = self.directory / self.overlay
        kept = overlay.read_text(encoding="utf-8")
        overlay.write_text(kept.replace(f"{self.name}-{host}", f"{self.name}-gone"), encoding="utf-8")
        try:
            yield
        finally:
            overlay.write_text(kept, encoding="utf-8")

    def floods(self, number: int, interface: str = "vx100") -> list[str]:
        return self.host(f"hv{number}").destinations(interface)

    def reaches(self, source: int, target: int) -> bool:
        command = ["ip", "netns", "exec", self.host(f"b{source}").name, "ping", "-c1", "-W2", f"10.0.0.{target}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def fabric(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fabric]:
    """The twin of all four, and three of them deployed."""
    made = Fabric(tmp_path_factory.mktemp("events"), unique_name(), "hosts.yml")
    made.write(ALL)
    try:
        built = made.play("twin", twin=False)
        assert built.returncode == 0, built.stdout + built.stderr
        made.write((1, 2, 3), "old")
        made.deploy()
        yield made
    finally:
        made.remove()


@contextmanager
def undisturbed(fabric: Fabric, source: int, target: int) -> Iterator[None]:
    """Of a thousand datagrams a second from one machine to another, none is lost meanwhile, by the row of its MAC nor by the flood list."""
    assert fabric.reaches(source, target)
    with streams(fabric.host(f"b{source}"), fabric.host(f"b{target}"), f"10.0.0.{target}") as measured:
        yield
    assert min(stream.sent for stream in measured.streams.values()) > 100
    # What the queues of the machine had no room for is no fault of the fabric.
    assert all(lost <= measured.overflowed for lost in measured.lost.values()), measured.lost


def test_1_a_vtep_joins_and_nobody_notices(fabric: Fabric) -> None:
    assert not fabric.reaches(1, 4)
    fabric.write(ALL, "old")
    with undisturbed(fabric, 1, 2):
        assert fabric.deploy() == {f"hv{number}": 1 for number in ALL}
    assert fabric.floods(1) == addresses(2, 3, 4)
    assert fabric.floods(4) == addresses(1, 2, 3)
    assert fabric.reaches(1, 4)


def test_2_a_host_that_does_not_answer_delays_nobody_and_catches_up(fabric: Fabric) -> None:
    """A network comes and another goes. What goes stays on all hosts until each of them has what is new."""
    fabric.write(ALL, "new0", "new1")
    with fabric.unreachable("hv3"):
        done = fabric.play("deploy")
    assert done.returncode == 4, done.stdout + done.stderr
    recap = {line.split()[0]: line for line in done.stdout.splitlines() if "unreachable=" in line}
    assert [host for host, line in recap.items() if "unreachable=1" in line] == ["hv3"]
    assert [host for host, line in recap.items() if "failed=1" in line] == []
    for number in (1, 2, 4):
        assert fabric.floods(number, "vx201") == addresses(*(other for other in ALL if other != number))
    assert not fabric.host("hv3").has("vx201")
    assert fabric.host("hv3").has("vx200")
    healed = fabric.deploy()
    assert healed["hv3"] > 0
    assert all(fabric.host(f"hv{number}").has("vx201") for number in ALL)
    assert set(fabric.deploy().values()) == {0}


def test_3_a_network_that_goes_is_gone_everywhere(fabric: Fabric) -> None:
    fabric.write(ALL, "new0")
    fabric.deploy()
    assert not any(fabric.host(f"hv{number}").has(name) for number in ALL for name in ("vx201", "br201"))
    assert all(fabric.host(f"hv{number}").has("vx200") for number in ALL)


def test_4_a_limited_run_mends_its_host_alone_and_one_by_one_mends_all(fabric: Fabric) -> None:
    for number in (1, 2):
        fabric.host(f"hv{number}").bridge(f"fdb delete 00:00:00:00:00:00 dst {address(4)} dev vx100")
    assert fabric.deploy("--limit", "hv1") == {"hv1": 1}
    assert (fabric.floods(1), fabric.floods(2)) == (addresses(2, 3, 4), addresses(1, 3))
    fabric.host("hv4").ip("link set vx100 down")
    assert fabric.deploy("-e", "batch=1") == {"hv1": 0, "hv2": 1, "hv3": 0, "hv4": 1}
    assert fabric.floods(2) == addresses(1, 3, 4)


@contextmanager
def loss(hosts: list[Namespace]) -> Iterator[None]:
    """Every fifth packet of VXLAN is lost on its way into a host."""
    rules = "table inet lossy { chain input { type filter hook input priority 0; udp dport 4789 numgen random mod 100 < 20 drop; }; }"
    for host in hosts:
        host.sh(f"echo '{rules}' | nft -f -")
    try:
        yield
    finally:
        for host in hosts:
            host.sh("nft delete table inet lossy")


def test_5_an_underlay_that_loses_a_fifth_is_no_false_alarm(fabric: Fabric) -> None:
    with loss([fabric.host(f"hv{number}") for number in ALL]):
        assert set(fabric.deploy().values()) == {0}
        status, report = fabric.verify("-e", "verify_timeout=10")
    assert (status, report["ok"]) == (0, True), report["summary"]
    assert "drift: none" in report["summary"]


def test_6_a_path_that_swallows_large_packets_is_found(fabric: Fabric) -> None:
    underlay = Namespace(f"{fabric.name}-underlay")
    underlay.ip("link set hv2 mtu 1400")
    status, report = fabric.verify()
    assert status == 2
    told = [(finding["sentence"], finding["cause"]) for finding in report["underlay"]["findings"]]
    hop = "a hop on the way has a smaller MTU"
    assert ("hv2: no full frame gets to it from any of 3 others: the path MTU is 1400, 1600 are needed", hop) in told
    assert report["underlay"]["failed"] == 6
    assert not any(host["drift"] for host in report["hosts"])
    assert fabric.changed("twin") == {"localhost": 1}
    assert underlay.link("hv2")["mtu"] == 1600


class Moment(NamedTuple):
    """What was seen at once, more or less: by number of the host its flood list, None without the interface."""

    floods: dict[int, list[str] | None]


class Watch(threading.Thread):
    """Looks at the flood lists of all hosts, over and over."""

    def __init__(self, fabric: Fabric) -> None:
        super().__init__(daemon=True)
        self.moments: list[Moment] = []
        self._fabric = fabric
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            # The one that leaves first: what is seen of the others is not older.
            self.moments.append(Moment({number: self._look(number) for number in sorted(ALL, reverse=True)}))
            time.sleep(0.01)

    def _look(self, number: int) -> list[str] | None:
        try:
            return self._fabric.floods(number)
        except AssertionError:  # there is no such interface
            return None

    def finish(self) -> list[Moment]:
        self._over.set()
        self.join()
        return self.moments


def test_7_a_vtep_that_is_replaced_leaves_when_the_new_one_is_reached_by_all(fabric: Fabric) -> None:
    """hv4 goes and hv3 comes, in one deploy. There is no moment at which somebody has neither of them."""
    fabric.write((1, 2, 4), "new0", vteps=(1, 2, 4))
    with undisturbed(fabric, 1, 2):
        fabric.deploy()
    assert not any(fabric.host("hv3").has(name) for name in ("vx100", "br100", "vx200", "br200"))
    assert fabric.floods(1) == addresses(2, 4)
    fabric.write((1, 2, 3), "new0", vteps=(1, 2, 3))
    watch = Watch(fabric)
    watch.start()
    fabric.deploy()
    moments = watch.finish()
    assert len(moments) > 30
    assert moments[0].floods == {1: addresses(2, 4), 2: addresses(1, 4), 3: None, 4: addresses(1, 2)}
    assert moments[-1].floods == {1: addresses(2, 3), 2: addresses(1, 3), 3: addresses(1, 2), 4: None}
    for moment in moments:
        alive = [number for number in (3, 4) if moment.floods[number] is not None]
        for number in (1, 2):
            told = moment.floods[number]
            assert told is not None
            assert address(3 - number) in told
            assert any(address(other) in told for other in alive), moment
            if 4 not in alive:  # by then everybody knows the new one
                assert address(3) in told, moment
        if 4 not in alive:
            assert moment.floods[3] == addresses(1, 2), moment
    assert fabric.reaches(1, 3)
