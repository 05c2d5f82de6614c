# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe against the kernel: networks are plain bridges here, so that nothing but the probe is on trial, and each is broken in turn."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.probe import probe
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, execute

_runs = itertools.count(1)
PING, IP = shutil.which("ping"), shutil.which("ip")
pytestmark = pytest.mark.skipif(PING is None or IP is None, reason="ping (iputils) or ip (iproute2) is not installed")

Row = dict[str, Any]


class Site:
    """A switch, which is a namespace with a bridge per network, and endpoints that are plugged into it."""

    def __init__(self) -> None:
        self.prefix = f"vfp-{os.getpid()}-{next(_runs)}"
        self.switch = self._namespace("switch")
        self.endpoints: list[dict[str, Any]] = []
        self._made: list[str]

    def _namespace(self, name: str) -> Namespace:
        self.__dict__.setdefault("_made", [])
        full = f"{self.prefix}-{name}"
        execute(["ip", "netns", "add", full])
        self._made.append(full)
        return Namespace(full)

    def network(self, name: str) -> None:
        self.switch.ip(f"link add {name} type bridge forward_delay 0 mcast_snooping 0", f"link set {name} up")

    def plug(self, name: str, network: str, *addresses: str) -> Namespace:
        """A new endpoint in a network."""
        endpoint = self._namespace(name)
        endpoint.sh("echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad")
        endpoint.ip("link set lo up", f"link add eth0 type veth peer name {name} netns {self.switch.name}", "link set eth0 up")
        endpoint.ip(*(f"address add {address} dev eth0 {'nodad' if ':' in address else ''}" for address in addresses))
        self.switch.ip(f"link set {name} master {network}", f"link set {name} up")
        self.endpoints.append({"name": name, "network": network, "netns": endpoint.name, "addresses": list(addresses)})
        return endpoint

    def probe(self, check: bool = False, timeout: int = 1) -> dict[str, Any]:
        return probe({"endpoints": self.endpoints, "timeout": timeout, "parallel": 32}, str(PING), str(IP), check)

    def close(self) -> None:
        for name in self._made:
            execute(["ip", "netns", "delete", name])


@pytest.fixture
def site() -> Iterator[Site]:
    """Two tenants with the same addresses, one of three endpoints and one of two; a third network without IP."""
    made = Site()
    try:
        for network in ("blue", "red", "bare"):
            made.network(network)
        made.plug("blue1", "blue", "10.0.0.1/24", "2001:db8::1/64")
        made.plug("blue2", "blue", "10.0.0.2/24", "2001:db8::2/64")
        made.plug("blue3", "blue", "10.0.0.3/24")
        made.plug("red1", "red", "10.0.0.1/24")
        made.plug("red2", "red", "10.0.0.2/24")
        made.plug("bare1", "bare")
        made.plug("bare2", "bare")
        yield made
    finally:
        made.close()


def _wrong(result: dict[str, Any]) -> dict[tuple[str, str], Row]:
    return {(row["source"], row["target"]): row for row in result["matrix"] if not row["ok"]}


def test_networks_that_work_and_are_apart(site: Site) -> None:
    start = time.monotonic()
    result = site.probe()
    assert result["ok"], _wrong(result)
    assert result["msg"] == "bare: 2 of 2 pairs pass; blue: 6 of 6 pairs pass; red: 2 of 2 pairs pass; isolation: 32 of 32 blocked"
    assert time.monotonic() - start < 10
    assert site.probe() == result


def test_check_mode_sends_nothing(site: Site) -> None:
    before = site.switch.sh("cat /sys/class/net/blue1/statistics/rx_packets")
    result = site.probe(check=True)
    assert {row["result"] for row in result["matrix"]} == {"not_tested"}
    assert not result["ok"]
    assert site.switch.sh("cat /sys/class/net/blue1/statistics/rx_packets") == before


def test_a_cut_cable_fails_all_pairs_of_its_endpoint_and_no_other(site: Site) -> None:
    site.switch.ip("link set blue3 down")
    result = site.probe()
    assert {(row["source"], row["target"]): row["detail"] for row in _wrong(result).values()} == {
        ("blue1", "blue3"): "no answer from 10.0.0.3; a broadcast of blue1 did not arrive",
        ("blue2", "blue3"): "no answer from 10.0.0.3; a broadcast of blue2 did not arrive",
        ("blue3", "blue1"): "no answer from 10.0.0.1; a broadcast of blue3 did not arrive",
        ("blue3", "blue2"): "no answer from 10.0.0.2; a broadcast of blue3 did not arrive",
    }


def test_one_family_that_fails_is_a_failure(site: Site) -> None:
    blue2 = Namespace(f"{site.prefix}-blue2")
    blue2.ip("address delete 2001:db8::2/64 dev eth0")
    wrong = _wrong(site.probe())
    assert wrong.keys() == {("blue1", "blue2"), ("blue2", "blue1")}
    assert wrong["blue1", "blue2"]["detail"].startswith("no answer from 2001:db8::2")


def test_flooding_that_works_into_one_direction_only_is_a_failure(site: Site) -> None:
    """ARP hides it: the request of red2 teaches red1 where red2 is, and all pings are answered."""
    site.switch.ip("link set red2 type bridge_slave bcast_flood off")
    wrong = _wrong(site.probe())
    assert {pair: row["detail"] for pair, row in wrong.items()} == {("red1", "red2"): "a broadcast of red1 did not arrive"}


def test_what_was_known_from_before_does_not_help(site: Site) -> None:
    assert site.probe()["ok"]
    site.switch.ip(*(f"link set {port} type bridge_slave bcast_flood off" for port in ("red1", "red2")))
    wrong = _wrong(site.probe())
    assert wrong["red1", "red2"]["detail"] == "no answer from 10.0.0.2; a broadcast of red1 did not arrive"


def test_an_endpoint_in_the_wrong_network_is_a_breach(site: Site) -> None:
    """red2 has the address of blue2: who pings it from blue gets an answer all the same."""
    site.switch.ip("link set red2 master blue")
    wrong = _wrong(site.probe())
    assert wrong["blue1", "red2"]["result"] == "breach"
    assert wrong["red2", "blue3"]["result"] == "breach"
    assert wrong["red1", "red2"]["result"] == "fail"


def test_an_answer_of_another_tenant_is_no_pass(site: Site) -> None:
    """The wrong machine answers alone: ping(8) is content, the probe is not."""
    site.switch.ip("link set blue2 down", "link set red2 master blue")
    wrong = _wrong(site.probe())
    row = wrong["blue3", "blue2"]
    assert (row["result"], row["detail"]) == (
        "fail",
        "answered, but not by blue2: the request was received by red2; a broadcast of blue3 did not arrive",
    )


def test_networks_that_are_joined_are_a_breach_both_ways(site: Site) -> None:
    site.switch.ip("link add j0 type veth peer name j1", "link set j0 master bare up", "link set j1 master red up")
    wrong = _wrong(site.probe())
    assert wrong.keys() == {pair for a in ("red1", "red2") for b in ("bare1", "bare2") for pair in ((a, b), (b, a))}
    assert {row["result"] for row in wrong.values()} == {"breach"}


def test_a_breach_of_frames_for_others_is_seen(site: Site) -> None:
    """A mirror of blue3's cable on red1's: the frames are not addressed to red1, and it hears them."""
    site.switch.sh(
        "tc qdisc add dev blue3 clsact; "
        "tc filter add dev blue3 parent ffff:fff2 protocol all u32 match u32 0 0 action mirred egress mirror dev red1"
    )  # fmt: skip
    wrong = _wrong(site.probe())
    assert wrong.keys() == {("blue3", "red1")}
    assert wrong["blue3", "red1"]["result"] == "breach"


def test_an_endpoint_that_is_not_here_is_told(site: Site) -> None:
    site.endpoints.append({"name": "red9", "network": "red", "netns": "no-such-namespace", "addresses": ["10.0.0.9/24"]})
    site.endpoints.append({"name": "red8", "network": "red", "netns": site.endpoints[0]["netns"], "device": "eth9"})
    result = site.probe()
    assert not result["ok"]
    assert result["missing"] == [
        {"name": "red8", "network": "red", "why": f"eth9 in network namespace {site.endpoints[0]['netns']}: No such device"},
        {"name": "red9", "network": "red", "why": "there is no network namespace no-such-namespace"},
    ]
    assert {row["result"] for row in _wrong(result).values()} == {"unreachable"}
    assert result["untested"] == 2 * (2 * 7 + 1)


def test_the_endpoints_are_left_as_they_were(site: Site) -> None:
    blue1 = Namespace(f"{site.prefix}-blue1")
    before = blue1.link("eth0")
    site.probe()
    after = blue1.link("eth0")
    assert (after["promiscuity"], after["flags"]) == (before["promiscuity"], before["flags"])
