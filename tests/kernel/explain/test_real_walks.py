# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks on the twin of the demo, read from its kernel and judged by frames: what arrives is told to arrive, and what does not is told to end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.namespace import enter_namespace
from ansible_collections.vxlan.fabric.plugins.module_utils._underlay.info import gather_underlay
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import parse_question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.reading import ends_of, next_reading, readings_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import NOT_REACHED, Walk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.walk import make_walk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import netns_of
from ansible_collections.vxlan.fabric.tests.support.engine import good, in_child, run
from ansible_collections.vxlan.fabric.tests.support.examples import ROOT, fabrics_of
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace
from ansible_collections.vxlan.fabric.tests.support.on_twin import deploy, twin
from ansible_collections.vxlan.fabric.tests.support.site import unique_name


class Demo:
    """The demo under a name of its own, deployed on its twin."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric

    def host(self, name: str) -> Namespace:
        """Of a host or a machine."""
        return Namespace(netns_of(self.fabric, name))

    def mac(self, name: str) -> str:
        return str(self.host(name).link("eth0")["address"])

    def mend(self) -> None:
        deploy(self.fabric)

    def walk(self, network: str, source: str, destination: str) -> Walk:
        """As the role does it, module by module."""
        question = parse_question({self.fabric.name: self.fabric}, None, network, source, destination)
        hostvars: dict[str, dict[str, Any]] = {host: {} for host in self.fabric.vteps}
        ends = ends_of(question)
        for host in ends:
            hostvars[host]["explain_state"] = good(run(self.host(host), "vtep_info", {"fdb": "all"}))
        following = next_reading(question, readings_of(question, hostvars, ends), list(hostvars), 4)
        for host in following["new"]:
            hostvars[host]["explain_more"] = good(run(self.host(host), "vtep_info", {"fdb": "all"}))
        for host in following["hosts"]:
            hostvars[host]["explain_underlay"] = _underlay(self.host(host), following["ask"][host])
        return make_walk(question, readings_of(question, hostvars, following["hosts"]))

    def passes(self, source: str, destination: str, address: str) -> bool:
        """Whether an echo request gets there: the destination counts it. It is sent to the MAC address without a question before it."""
        sender, receiver = self.host(source), self.host(destination)
        sender.ip(f"neighbour replace {address} lladdr {self.mac(destination)} dev eth0 nud permanent")
        before = _echoes(receiver)
        sender.sh(f"ping -c 3 -i 0.2 -W 1 {address} >/dev/null || true")
        deadline = time.monotonic() + 2
        while _echoes(receiver) == before and time.monotonic() < deadline:
            time.sleep(0.1)
        return _echoes(receiver) > before


def _underlay(host: Namespace, ask: dict[str, Any]) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        enter_namespace(host.name)
        return gather_underlay(ask)

    found: dict[str, Any] = in_child(read)
    return found


def _echoes(machine: Namespace) -> int:
    lines = [line.split() for line in machine.sh("cat /proc/net/snmp /proc/net/snmp6").splitlines()]
    names, values = (line for line in lines if line[0] == "Icmp:")
    six = next(int(line[1]) for line in lines if line[0] == "Icmp6InEchos")
    return int(dict(zip(names, values))["InEchos"]) + six


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    (fabric,) = fabrics_of(ROOT / "examples" / "demo").values()
    made = Demo(replace(fabric, name=unique_name()))
    with twin(made.fabric):
        deploy(made.fabric)
        yield made


@pytest.fixture
def broken(demo: Demo) -> Iterator[Demo]:
    """Mended afterwards."""
    yield demo
    demo.mend()


def odd(walk: Walk) -> list[tuple[str, str]]:
    return [(step.title, step.status) for step in walk.steps if step.status not in ("as wanted", NOT_REACHED)]


def found(walk: Walk) -> str:
    return "; ".join(finding.sentence for step in walk.steps for finding in step.findings if step.status != NOT_REACHED)


PAIRS = [
    ("blue", "blue1", "blue2", "10.0.0.2"),
    ("red", "red1", "red3", "10.0.0.3"),
    ("green", "green1", "green3", "10.3.0.3"),
    ("green", "green3", "green2", "2001:db8:3::2"),
    ("line", "line2", "line1", "10.4.0.1"),
]


@pytest.mark.parametrize(("network", "source", "destination", "address"), PAIRS)
def test_what_arrives_is_told_to_arrive(demo: Demo, network: str, source: str, destination: str, address: str) -> None:
    assert demo.passes(source, destination, address)
    walk = demo.walk(network, source, address)
    assert (walk.real_arrives, odd(walk), found(walk)) == (True, [], "")


@pytest.mark.parametrize("network", ["blue", "red", "green", "line"])
def test_a_broadcast(demo: Demo, network: str) -> None:
    walk = demo.walk(network, f"{network}1", "broadcast")
    assert (walk.real_arrives, odd(walk), found(walk)) == (True, [], "")
    hosts = [leg.host for leg in walk.legs if leg.title.startswith("On ")]
    assert hosts == ["hv1", *(host for host in demo.fabric.networks[network].members if host != "hv1")]


B1, B2, R3 = "02:00:00:01:00:01", "02:00:00:01:00:02", "red3"
# Host and what is done to it by ip and bridge; whether frames still pass, the first step that is not as wanted, and part of what is found.
FAULTS: dict[str, tuple[str, list[str], list[str], tuple[str, str, str, str], bool, str, str]] = {
    "a row to another VTEP": (
        "hv1", [], [f"fdb replace {B2} dst 192.0.2.21 dev vx10100"], PAIRS[0],
        False, "The row of the VXLAN interface", "behind 192.0.2.21 (leaf1), not 192.0.2.12 (hv2)",
    ),
    "a row to nobody": (
        "hv1", [], [f"fdb replace {B2} dst 192.0.2.99 dev vx10100"], PAIRS[0],
        False, "The row of the VXLAN interface", "behind 192.0.2.99 (no VTEP of the fabric)",
    ),
    "a row missing": ("hv1", [], [f"fdb delete {B2} dev vx10100"], PAIRS[0], True, "The row of the VXLAN interface", f"the row of {B2} is missing"),
    "a learned row in place of a fixed one": (
        "hv1", [], [f"fdb delete {B2} dev vx10100", f"fdb add {B2} dst 192.0.2.12 dev vx10100 dynamic"], PAIRS[0],
        True, "The row of the VXLAN interface", "it is learned by the kernel and not fixed",
    ),
    "no row to IPv6 and no flood list": (
        "hv1", [], ["fdb delete 02:00:00:03:00:03 dev vx10300", "fdb delete 00:00:00:00:00:00 dst 2001:db8::12 dev vx10300",
                    "fdb delete 00:00:00:00:00:00 dst 2001:db8::21 dev vx10300"], PAIRS[2],
        False, "The row of the VXLAN interface", "and there is no flood list",
    ),
    "the source fixed elsewhere": (
        "hv2", [], [f"fdb replace {B1} dst 192.0.2.22 dev vx10100"], PAIRS[0],
        False, "Who sent it is learned or checked", f"the row of the source, {B1}, leads to 192.0.2.22 (leaf2)",
    ),
    "a port in another bridge": ("leaf1", ["link set swp3 master br10100"], [], PAIRS[2], False, "Out to the machine", "swp3 is in the wrong bridge, br10100"),
    "a port that is down": ("leaf1", ["link set swp3 down"], [], PAIRS[2], False, "Out to the machine", "swp3 is down"),
    "the port of the source in no bridge": ("hv1", ["link set tap-blue nomaster"], [], PAIRS[0], False, "Into the bridge", "tap-blue is in no bridge"),
    "the interface down": ("hv1", ["link set vx10100 down"], [], PAIRS[0], False, "The bridge looks the destination up", "vx10100 is down"),
    "the interface in no bridge": ("hv1", ["link set vx10100 nomaster"], [], PAIRS[0], False, "The bridge looks the destination up", "is a port of no bridge"),
    "the receiver's interface down": ("leaf2", ["link set vx10200 down"], [], PAIRS[1], False, "The VNI chooses the interface", "vx10200 is down"),
    "the receiver's bridge down": ("leaf2", ["link set br10200 down"], [], PAIRS[1], False, "Out to the machine", "br10200 is down"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_as_the_kernel_takes_it(broken: Demo, fault: str) -> None:
    host, links, rows, (network, source, destination, address), passes, title, sentence = FAULTS[fault]
    broken.host(host).ip(*links)
    broken.host(host).bridge(*rows)
    walk = broken.walk(network, source, destination)
    assert odd(walk)[0][0] == title
    assert sentence in found(walk)
    assert walk.real_arrives is passes, walk.summary
    assert broken.passes(source, destination, address) is passes


def test_no_route_to_the_other_end(broken: Demo) -> None:
    broken.host("hv1").ip("route del 192.0.2.0/24 dev eth0")
    try:
        walk = broken.walk("blue", "blue1", "blue2")
        passed = broken.passes("blue1", "blue2", "10.0.0.2")
    finally:
        broken.host("hv1").ip("route add 192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.11")
    assert (odd(walk), passed) == ([("The route", "ends")], False)
    assert "there is no route to 192.0.2.12 (Network is unreachable) (step 8)" in walk.summary


def test_the_other_end_lost_its_address(broken: Demo) -> None:
    broken.host("hv2").ip("address del 192.0.2.12/24 dev eth0")
    try:
        walk = broken.walk("blue", "blue1", "blue2")
        passed = broken.passes("blue1", "blue2", "10.0.0.2")
    finally:
        broken.host("hv2").ip("address add 192.0.2.12/24 dev eth0")
    assert (odd(walk)[-1], passed) == (("The packet arrives", "ends"), False)


def test_the_underlay_is_too_small(broken: Demo) -> None:
    broken.host("hv1").ip("link set eth0 mtu 1500", "link set vx10100 mtu 1550")
    try:
        walk = broken.walk("blue", "blue1", "blue2")
    finally:
        broken.host("hv1").ip("link set eth0 mtu 1600")
    assert odd(walk) == [("Does it fit?", "differs")]
    assert "a full frame is 100 bytes too long" in found(walk)


def test_a_host_that_is_no_member_of_the_group(broken: Demo) -> None:
    broken.host("leaf1").ip("link set vx10100 down")
    walk = broken.walk("blue", "blue1", "broadcast")
    assert odd(walk)[0] == ("The packet arrives", "ends")
    assert walk.summary.startswith("It does not arrive. It ends because leaf1 is not a member of 239.1.1.100 on eth0")


def test_a_machine_that_moved_without_the_inventory(broken: Demo) -> None:
    walk = broken.walk("blue", f"leaf2:{B1}", "blue2")
    assert (walk.wanted_arrives, walk.real_arrives) == (False, False)
    assert "vxlan_snoop drops it" in walk.summary


def test_a_network_without_flooding_and_gateways() -> None:
    """The walks of the example that is IPv6 only: proxied neighbours, anycast gateways, a group."""
    (fabric,) = fabrics_of(ROOT / "examples" / "ipv6-only").values()
    other = Demo(replace(fabric, name=unique_name()))
    with twin(other.fabric):
        other.mend()
        for network in other.fabric.networks.values():
            source, destination = network.endpoints[0], network.endpoints[-1]
            words = [destination.name, *(["gateway"] if network.gateway else []), *(["broadcast"] if network.flooding != "none" else [])]
            for word in words:
                walk = other.walk(network.name, source.name, word)
                assert (walk.wanted_arrives, walk.real_arrives, odd(walk), found(walk)) == (True, True, [], ""), (network.name, word)
            address = destination.addresses[0].partition("/")[0]
            assert other.passes(source.name, destination.name, address)
        lost = other.walk("vault", "vault1", "broadcast")
        assert (lost.wanted_arrives, lost.real_arrives) == (False, False)
        other.host("hv1").ip("neighbour flush dev vx" + str(other.fabric.networks["vault"].vni) + " nud permanent")
        walk = other.walk("vault", "vault1", "vault3")
        assert odd(walk) == [("Before it: how the source finds the MAC address", "differs")]
        assert "already gets no answer" in found(walk)
