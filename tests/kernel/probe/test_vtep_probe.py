# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vtep_probe against the kernel: two VTEPs with a router between them, which is broken in turn."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.echo import _checksum
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.groups import judge_memberships, parse_igmp, parse_igmp6
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.overlay import Bridge, Heard, Mark, make_frame, read_frame
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, run_process
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, execute

_runs = itertools.count(1)
needs_nft = pytest.mark.skipif(shutil.which("nft") is None, reason="nft (nftables) is not installed")
A4, B4, A6, B6 = "10.1.0.1", "10.2.0.1", "2001:db8:1::1", "2001:db8:2::1"


class Site:
    """a - router - b, MTU 1600 everywhere, with a VXLAN interface and a bridge for each of two networks on a and b."""

    def __init__(self, folder: Path) -> None:
        prefix = f"vfu-{os.getpid()}-{next(_runs)}"
        self.folder = folder
        self.a, self.router, self.b = (Namespace(f"{prefix}-{name}") for name in ("a", "r", "b"))
        for each in (self.a, self.router, self.b):
            execute(["ip", "netns", "add", each.name])
            each.sh("echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad")
        for each, port, v4, v6 in ((self.a, "toa", "10.1.0", "2001:db8:1:"), (self.b, "tob", "10.2.0", "2001:db8:2:")):
            each.ip("link set lo up", f"link add eth0 mtu 1600 type veth peer name {port} mtu 1600 netns {self.router.name}", "link set eth0 up")
            each.ip(f"address add {v4}.1/24 dev eth0", f"address add {v6}:1/64 dev eth0 nodad")
            self.router.ip(f"link set {port} up", f"address add {v4}.254/24 dev {port}", f"address add {v6}:fe/64 dev {port} nodad")
            each.ip(f"route add default via {v4}.254", f"route add default via {v6}:fe")
        self.router.sh("echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
        for each, local, remote in ((self.a, A4, B4), (self.b, B4, A4)):
            for vni, network in ((100, "blue"), (200, "red")):
                each.ip(f"link add vx{vni} mtu 1550 type vxlan id {vni} local {local} remote {remote} dstport 4789")
                each.ip(f"link add {network} mtu 1550 type bridge mcast_snooping 0", f"link set vx{vni} master {network}")
                each.ip(f"link set vx{vni} up", f"link set {network} up")

    def probe(self, where: Namespace, **arguments: Any) -> dict[str, Any]:
        host = "a" if where is self.a else "b"
        return good(run_process(None, "vtep_probe", {"fabric": "t", "host": host, "netns": where.name, **arguments}, self.folder))

    def path(self, source: str = A4, address: str = B4, size: int = 1600, timeout: float = 1) -> tuple[str, int | None]:
        (found,) = self.probe(self.a, paths=[{"host": "b", "source": source, "address": address, "size": size}], timeout=timeout)["paths"]
        return found["result"], found["path_mtu"]

    def overlay(self, quiet: float = 1, seconds: float = 6) -> dict[str, dict[tuple[str, str], tuple[bool, bool]]]:
        """By listener: by network and origin's network, whether small and full frames were heard."""
        both = [{"network": name, "bridge": name, "mtu": 1550, "expected": ["b"]} for name in ("blue", "red")]
        hosts = {"a": self.a, "b": self.b}
        bridges = {host: [{**entry, "expected": ["b" if host == "a" else "a"]} for entry in both] for host in hosts}
        jobs = {host: self.probe(each, phase="listen", bridges=bridges[host], timeout=seconds, quiet=quiet)["job"] for host, each in hosts.items()}
        for host, each in hosts.items():
            self.probe(each, bridges=bridges[host])
        found = {}
        for host, each in hosts.items():
            heard = self.probe(each, phase="collect", job=jobs[host], timeout=seconds + 5)["heard"]
            found[host] = {(entry["network"], entry["origin_network"]): (entry["small"] > 0, entry["full"] > 0) for entry in heard}
            assert not Path(jobs[host]).exists()
        return found

    def close(self) -> None:
        for each in (self.a, self.router, self.b):
            execute(["ip", "netns", "delete", each.name])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    try:
        yield made
    finally:
        made.close()


def _nft(where: Namespace, hook: str, rule: str) -> None:
    where.sh(f"nft add table inet t; nft 'add chain inet t {hook} {{ type filter hook {hook} priority 0; }}'; nft 'add rule inet t {hook} {rule}'")


ALL = {("blue", "blue"): (True, True), ("red", "red"): (True, True)}


@pytest.mark.parametrize(("source", "address"), [(A4, B4), (A6, B6)])
def test_a_full_frame_passes(site: Site, source: str, address: str) -> None:
    assert site.path(source, address) == ("ok", None)


@pytest.mark.parametrize(("source", "address"), [(A4, B4), (A6, B6)])
def test_a_smaller_hop_is_measured(site: Site, source: str, address: str) -> None:
    site.router.ip("link set tob mtu 1450")
    assert site.path(source, address) == ("too_small", 1450)


@needs_nft
def test_a_black_hole_that_says_nothing_is_measured_too(site: Site) -> None:
    site.router.ip("link set tob mtu 1450")
    _nft(site.router, "output", "icmp type destination-unreachable drop")
    assert site.path() == ("too_small", 1450)


def test_the_own_device_is_told_apart(site: Site) -> None:
    site.a.ip("link set eth0 mtu 1500")
    assert site.path() == ("local_mtu", 1500)


def test_a_source_that_is_not_here(site: Site) -> None:
    assert site.path("10.1.0.77") == ("no_source", None)


def test_nobody_answers(site: Site) -> None:
    site.b.ip("link set eth0 down")
    assert site.path(timeout=0.5) == ("no_answer", None)


def test_no_route(site: Site) -> None:
    site.a.ip("route del default")
    assert site.path(timeout=0.5) == ("no_route", None)


@needs_nft
def test_a_fifth_of_the_packets_lost_is_no_failure(site: Site) -> None:
    _nft(site.router, "forward", "numgen random mod 100 < 20 drop")
    assert [site.path(timeout=5) for _time in range(5)] == [("ok", None)] * 5
    assert site.overlay(quiet=2) == {"a": ALL, "b": ALL}


def test_many_targets_at_once(site: Site) -> None:
    site.b.ip(*(f"address add 10.2.0.{last}/24 dev eth0" for last in range(2, 202)))
    targets = [{"host": f"b{last}", "source": A4, "address": f"10.2.0.{last}", "size": 1600} for last in range(1, 202)]
    found = site.probe(site.a, paths=targets, timeout=10)
    assert [path["result"] for path in found["paths"]] == ["ok"] * 201
    assert found["ok"]


def _devices(where: Namespace) -> list[tuple[Any, ...]]:
    return [(link["ifname"], link["promiscuity"], link["flags"], link["mtu"]) for link in where.json("ip", "-d", "link", "show")]


def test_frames_are_heard_on_both_sides_and_nothing_is_left(site: Site) -> None:
    before = [_devices(each) for each in (site.a, site.b)]
    assert site.overlay() == {"a": ALL, "b": ALL}
    assert [_devices(each) for each in (site.a, site.b)] == before
    assert execute(["ip", "netns", "pids", site.a.name]) == ""


def test_a_missing_row_is_a_direction_that_is_not_heard(site: Site) -> None:
    site.a.bridge("fdb delete 00:00:00:00:00:00 dev vx100 dst 10.2.0.1")
    assert site.overlay() == {"a": ALL, "b": {("red", "red"): (True, True)}}


def test_full_frames_that_do_not_pass_are_missing(site: Site) -> None:
    """The outer packet may be fragmented on the way, where it is not dropped: here the router drops fragments."""
    site.a.ip("link set blue mtu 1400")
    found = site.overlay()
    assert found["b"]["blue", "blue"] == (True, False)
    assert found["a"] == ALL


def test_a_frame_of_another_network_is_a_breach(site: Site) -> None:
    site.b.ip("link set vx100 nomaster", "link set vx100 master red")
    found = site.overlay()
    assert found["b"]["red", "blue"] == (True, True)
    assert ("blue", "blue") not in found["b"]


def test_memberships_are_those_of_the_kernel(site: Site) -> None:
    site.a.ip("link add vx9 type vxlan id 9 group 239.1.2.3 dev eth0 dstport 4789", "link set vx9 up")
    site.a.ip("link add vx6 type vxlan id 6 group ff05::123 dev eth0 dstport 4789", "link set vx6 up")
    wanted = [("239.1.2.3", "eth0"), ("ff05::123", "eth0"), ("239.1.2.3", "eth7"), ("239.9.9.9", "eth0"), ("ff05::0123", None)]
    entries = [{"network": f"n{place}", "group": group, "device": device} for place, (group, device) in enumerate(wanted)]
    found = site.probe(site.a, memberships=entries)
    assert [entry["member"] for entry in found["memberships"]] == [True, True, False, False, True]
    assert found["memberships"][2]["found_on"] == ["eth0"]
    assert not found["ok"]


def test_check_mode_sends_nothing(site: Site) -> None:
    found = good(run_process(site.a, "vtep_probe", {"fabric": "t", "host": "a", "bridges": [{"network": "blue", "bridge": "blue"}]}, site.folder, check=True))
    assert (found["sent"], found["changed"]) == ([], False)


def test_what_cannot_be_meant(site: Site) -> None:
    assert "job: is required" in bad(run_process(site.a, "vtep_probe", {"fabric": "t", "host": "a", "phase": "collect"}, site.folder))
    text = bad(run_process(site.a, "vtep_probe", {"fabric": "t", "host": "a", "phase": "collect", "job": "/etc/passwd"}, site.folder))
    assert "/etc/passwd" in text
    path = {"host": "b", "source": A4, "address": B4, "size": 20}
    assert "paths[0].size: 20" in bad(run_process(site.a, "vtep_probe", {"fabric": "t", "host": "a", "paths": [path]}, site.folder))


def test_tables_of_the_kernel_are_read() -> None:
    text = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n2\teth0      :     2      V3\n\t\t\t\t037301EF     1 0:00000000\t\t0\n"
    assert parse_igmp(text) == [("eth0", "239.1.115.3")]
    assert parse_igmp6("2    eth0            ff050000000000000000000000000123     1 00000004 0\n") == [("eth0", "ff05::123")]
    assert judge_memberships([{"network": "n", "group": "239.1.115.3"}], {"239.1.115.3": ["eth0"]})[0]["member"]


def test_checksum_of_rfc_1071() -> None:
    assert _checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert _checksum(b"\x01") == 0xFEFF


def test_marks_survive_frames_and_others_do_not() -> None:
    mark = Mark("f", "n", "h", "small")
    assert read_frame(make_frame(mark, 300)) == mark
    assert len(make_frame(mark, 300)) == 314
    assert read_frame(b"\xff" * 80) is None
    heard = Heard("f", "me", [Bridge("n", "br", 0, ("h",))])
    assert not heard.take("br", make_frame(mark._replace(fabric="other"), 300))
    assert not heard.take("br", make_frame(mark._replace(host="me"), 300))
    assert not heard.take("eth0", make_frame(mark, 300))
    assert heard.take("br", make_frame(mark, 300))
    assert not heard.is_complete
    heard.take("br", make_frame(mark._replace(size="full"), 1500))
    assert heard.is_complete
