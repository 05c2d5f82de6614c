# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vtep_probe against the kernel: two VTEPs with a router between them, which is broken in turn."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.frames import checksum
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.groups import judge_memberships, parse_igmp, parse_igmp6
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.marks import BROADCASTS, KINDS, UNICAST, Mark, make_frame, read_frame, source_of
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.overlay import Bridge, Heard
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, run_process
from ansible_collections.vxlan.fabric.tests.support.kernel import needs_vlans
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

    def overlay(self, **more: Any) -> dict[str, dict[tuple[str, str], set[str]]]:
        """By listener: by network and origin's network, the kinds of frames that were heard. more: of every bridge."""
        hosts = {"a": self.a, "b": self.b}
        bridges = [{"network": name, "bridge": name, "mtu": 1550, **more} for name in ("blue", "red")]
        jobs = {host: self.probe(each, phase="listen", bridges=bridges)["job"] for host, each in hosts.items()}
        for each in hosts.values():
            self.probe(each, bridges=bridges)
        found = {}
        for host, each in hosts.items():
            heard = self.probe(each, phase="collect", job=jobs[host], timeout=30)["heard"]
            found[host] = {(entry["network"], entry["origin_network"]): {kind for kind in KINDS if entry[kind]} for entry in heard}
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


EVERY = set(BROADCASTS)
ALL = {("blue", "blue"): EVERY, ("red", "red"): EVERY}


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
    assert site.overlay() == {"a": ALL, "b": ALL}


def test_many_targets_at_once(site: Site) -> None:
    site.b.ip(*(f"address add 10.2.0.{last}/24 dev eth0" for last in range(2, 202)))
    targets = [{"host": f"b{last}", "source": A4, "address": f"10.2.0.{last}", "size": 1600} for last in range(1, 202)]
    found = site.probe(site.a, paths=targets, timeout=10)
    assert [path["result"] for path in found["paths"]] == ["ok"] * 201
    assert found["ok"]


def _devices(where: Namespace) -> list[tuple[Any, ...]]:
    """What a probe could have left behind. Carrier and operational state follow ports of their own accord, a little later."""
    carrier = {"LOWER_UP", "NO-CARRIER"}
    links = where.json("ip", "-d", "link", "show")
    return [(link["ifname"], link["promiscuity"], sorted(set(link["flags"]) - carrier), link["mtu"]) for link in links]


def test_frames_are_heard_on_both_sides_and_nothing_is_left(site: Site) -> None:
    before = [_devices(each) for each in (site.a, site.b)]
    assert site.overlay(hears_unicast=True) == {"a": ALL, "b": ALL}
    assert [_devices(each) for each in (site.a, site.b)] == before
    assert execute(["ip", "netns", "pids", site.a.name]) == ""


def test_a_host_that_is_a_gateway_is_heard_too(site: Site) -> None:
    """The port to the tunnels of a gateway has neigh_suppress, which keeps ARP probes (RFC 5227) from it."""
    for each in (site.a, site.b):
        each.ip("link set vx100 type bridge_slave neigh_suppress on", "address add 10.9.0.254/24 dev blue")
    assert site.overlay() == {"a": ALL, "b": ALL}


def test_a_missing_row_is_a_direction_that_is_not_heard(site: Site) -> None:
    site.a.bridge("fdb delete 00:00:00:00:00:00 dev vx100 dst 10.2.0.1")
    assert site.overlay() == {"a": ALL, "b": {("red", "red"): EVERY}}


def test_full_frames_that_do_not_pass_are_missing(site: Site) -> None:
    """The outer packet may be fragmented on the way, where it is not dropped: here the router drops fragments."""
    site.a.ip("link set blue mtu 1400")
    found = site.overlay()
    assert found["b"]["blue", "blue"] == {"small", "arp"}
    assert found["a"] == ALL


@needs_nft
@pytest.mark.parametrize(("rule", "lost"), [("ether type arp drop", {"arp"}), ("meta l4proto icmpv6 drop", {"icmpv6"}), ("ether type ip drop", {"icmp"})])
def test_a_filter_of_one_protocol_is_told(site: Site, rule: str, lost: set[str]) -> None:
    site.b.sh(f"nft add table bridge t; nft 'add chain bridge t in {{ type filter hook prerouting priority 0; }}'; nft 'add rule bridge t in {rule}'")
    assert site.overlay()["b"]["blue", "blue"] == EVERY - lost


def test_frames_to_machines_are_heard_where_the_machine_is(site: Site) -> None:
    """Where nothing floods they are all that can be tried: the row of the machine leads to its VTEP."""
    site.b.ip("link add tap0 type veth peer name machine address 02:00:00:00:00:42", "link set tap0 up master blue", "link set machine up")
    site.a.ip("link set vx100 type vxlan nolearning")
    site.a.bridge("fdb delete 00:00:00:00:00:00 dev vx100 dst 10.2.0.1", "fdb replace 02:00:00:00:00:42 dev vx100 dst 10.2.0.1 self permanent")
    found = site.overlay(machines=["02:00:00:00:00:42"], floods=False, hears_unicast=True)
    assert found["b"]["blue", "blue"] == {UNICAST}
    site.a.bridge("fdb delete 02:00:00:00:00:42 dev vx100 dst 10.2.0.1 self")
    assert ("blue", "blue") not in site.overlay(machines=["02:00:00:00:00:42"], floods=False, hears_unicast=True)["b"]


def test_only_expected_hosts_are_told_but_every_breach(site: Site) -> None:
    site.b.ip("link set vx100 nomaster", "link set vx100 master red")
    assert site.overlay(expected=["c"])["b"] == {("red", "blue"): EVERY}


def test_a_job_that_nobody_collects_ends_and_is_gone(site: Site) -> None:
    job = site.probe(site.a, phase="listen", bridges=[{"network": "blue", "bridge": "blue"}], lifetime=0.5)["job"]
    for _time in range(100):
        if not Path(job).exists():
            break
        time.sleep(0.1)
    assert "is not there" in bad(run_process(site.a, "vtep_probe", {"fabric": "t", "host": "a", "phase": "collect", "job": job}, site.folder))
    assert execute(["ip", "netns", "pids", site.a.name]) == ""


def test_a_frame_of_another_network_is_a_breach(site: Site) -> None:
    site.b.ip("link set vx100 nomaster", "link set vx100 master red")
    found = site.overlay()
    assert found["b"]["red", "blue"] == EVERY
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
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert checksum(b"\x01") == 0xFEFF


@pytest.mark.parametrize("kind", KINDS)
def test_marks_survive_frames(kind: str) -> None:
    mark = Mark("f", "n", "h", kind)
    frame = make_frame(mark, 1500)
    assert read_frame(frame) == mark
    assert len(frame) == 14 + (300 if kind in ("small", "arp") else 1500)
    assert frame[6:12].hex(":") == source_of("f", "n", "h")
    assert read_frame(frame[:-1]) is None
    assert read_frame(frame[:12] + b"\x86\x00" + frame[14:]) is None


def test_what_is_heard_is_counted_where_it_counts() -> None:
    mark = Mark("f", "n", "h", "small")
    assert read_frame(b"\xff" * 80) is None
    heard = Heard("f", "me", [Bridge("n", "br", expected=frozenset({"h"}))])
    for other in (mark._replace(fabric="other"), mark._replace(host="me"), mark._replace(host="unexpected")):
        assert not heard.take("br", make_frame(other, 300))
    assert not heard.take("eth0", make_frame(mark, 300))
    assert [heard.take("br", make_frame(mark, 300)) for _time in range(2)] == [True, False]
    assert heard.take("br", make_frame(mark._replace(network="m", host="x"), 300))
    zero = dict.fromkeys(KINDS, 0)
    assert heard.report() == [
        {"network": "n", "origin_network": "m", "origin_host": "x", **zero, "small": 1},
        {"network": "n", "origin_network": "n", "origin_host": "h", **zero, "small": 2},
    ]


def test_vlans_of_a_bridge_are_told_apart() -> None:
    mark = Mark("f", "n", "h", "small")
    heard = Heard("f", "me", [Bridge("n", "br", vlan=100), Bridge("m", "br", vlan=200)])
    assert heard.take("br", make_frame(mark, 300), 100)
    assert heard.take("br", make_frame(mark, 300), 200)
    assert not heard.take("br", make_frame(mark, 300))
    assert [(entry["network"], entry["origin_network"]) for entry in heard.report()] == [("m", "n"), ("n", "n")]


class _Single:
    """Two hosts with a VLAN-aware bridge and one VXLAN interface for VLANs 100 and 200, connected directly."""

    def __init__(self, folder: Path) -> None:
        prefix = f"vfs-{os.getpid()}-{next(_runs)}"
        self.folder = folder
        self.hosts = [Namespace(f"{prefix}-{name}") for name in "ab"]
        for each in self.hosts:
            execute(["ip", "netns", "add", each.name])
        a, b = self.hosts
        a.ip(f"link add eth0 mtu 1600 type veth peer name eth0 mtu 1600 netns {b.name}")
        for place, each in enumerate(self.hosts):
            each.ip("link set lo up", f"address add 10.1.0.{place + 1}/24 dev eth0", "link set eth0 up")
            each.ip(f"link add vx type vxlan external vnifilter dstport 4789 local 10.1.0.{place + 1}", "link set vx mtu 1550")
            each.ip("link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0 mcast_snooping 0", "link set br0 mtu 1550", "link set vx master br0")
            each.ip("link set br0 up", "link set vx up")
            each.bridge("link set dev vx vlan_tunnel on")
            for vlan in (100, 200):
                each.bridge(f"vni add dev vx vni {vlan}", f"vlan add dev br0 vid {vlan} self", f"vlan add dev vx vid {vlan}")
                each.bridge(f"vlan add dev vx vid {vlan} tunnel_info id {vlan}")
                each.bridge(f"fdb append 00:00:00:00:00:00 dev vx dst 10.1.0.{2 - place} src_vni {vlan} self permanent")

    def heard(self) -> list[dict[tuple[str, str], set[str]]]:
        bridges = [{"network": name, "bridge": "br0", "vlan": vlan, "mtu": 1550} for name, vlan in (("blue", 100), ("red", 200))]
        found = []
        names = [{"fabric": "t", "host": each.name, "netns": each.name} for each in self.hosts]
        jobs = [good(run_process(None, "vtep_probe", {**name, "phase": "listen", "bridges": bridges}, self.folder))["job"] for name in names]
        for name in names:
            assert good(run_process(None, "vtep_probe", {**name, "bridges": bridges}, self.folder))["ok"]
        for name, job in zip(names, jobs):
            heard = good(run_process(None, "vtep_probe", {**name, "phase": "collect", "job": job, "timeout": 60}, self.folder))["heard"]
            found.append({(entry["network"], entry["origin_network"]): {kind for kind in KINDS if entry[kind]} for entry in heard})
        return found


@needs_vlans
def test_frames_of_vlans_cross_one_vxlan_interface(tmp_path: Path) -> None:
    site = _Single(tmp_path)
    try:
        assert site.heard() == [ALL, ALL]
        site.hosts[1].bridge("vlan del dev vx vid 100")
        assert [{network for network, _origin in found} for found in site.heard()] == [{"red"}, {"red"}]
    finally:
        for each in site.hosts:
            execute(["ip", "netns", "delete", each.name])
