# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of the vlan_interface module against the kernel, judged by `ip -j -d`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import vlan_interface_spec
from ansible_collections.vxlan.fabric.tests.support.engine import good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.kernel import without_kind
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

MAC, MAC2 = "02:00:00:00:a0:01", "02:00:00:00:a0:02"
SIX = "2001:db8:5::1/64"
NAME = "br0.100"
GIVEN = {"name": NAME, "device": "br0", "vlan": 100}
BRIDGE = ("link add br0 address 02:00:00:00:b0:01 mtu 1500 type bridge", "link set br0 up")
Judge = Callable[[Namespace], object]


class Case(NamedTuple):
    """Two values of an option, what the judge sees of each, and whether the second one creates the interface anew."""

    first: Any
    second: Any
    judge: Judge
    shown: tuple[Any, Any]
    recreates: bool = False
    base: dict[str, Any] = {}  # noqa: RUF012 - never written to


def field(key: str) -> Judge:
    return lambda ns: ns.link(NAME).get(key)


def data(key: str) -> Judge:
    return lambda ns: ns.data(NAME).get(key)


def flag(word: str, default: bool) -> Case:
    return Case(not default, default, lambda ns: word in ns.data(NAME).get("flags", ()), (not default, default))


CASES: dict[str, Case] = {
    "device": Case("br0", "eth0", field("link"), ("br0", "eth0"), recreates=True),
    "vlan": Case(100, 101, data("id"), (100, 101), recreates=True),
    "protocol": Case("802.1ad", "802.1Q", data("protocol"), ("802.1ad", "802.1Q"), recreates=True),
    "reorder_hdr": flag("REORDER_HDR", True),
    "gvrp": flag("GVRP", False),
    "mvrp": flag("MVRP", False),
    "loose_binding": flag("LOOSE_BINDING", False),
    "bridge_binding": flag("BRIDGE_BINDING", False),
    "state": Case("up", "down", lambda ns: "UP" in ns.link(NAME)["flags"], (True, False)),
    "mtu": Case("1400", "1300", field("mtu"), (1400, 1300)),
    "mac": Case(MAC, MAC2, field("address"), (MAC, MAC2)),
    "alias": Case("some text", "other", field("ifalias"), ("some text", "other")),
    "txqueuelen": Case(77, 78, field("txqlen"), (77, 78)),
    "addrgenmode": Case("none", "eui64", field("inet6_addr_gen_mode"), ("none", "eui64")),
    "addresses": Case(["10.0.0.1/24"], ["10.0.0.2/24", SIX], lambda ns: sorted(ns.addresses(NAME)), (["10.0.0.1/24"], ["10.0.0.2/24", SIX])),
    "neighbours": Case(
        [{"address": "10.0.0.7", "mac": MAC2}],
        [],
        lambda ns: [n["lladdr"] for n in ns.neighbours(NAME)],
        ([MAC2], []),
        base={"addresses": ["10.0.0.1/24"], "state": "up"},
    ),
    "master": Case("br1", "none", field("master"), ("br1", None)),
}
ELSEWHERE = {"name", "recreate", "lock_timeout", "report_rows", "timeout", "netns"}


@pytest.fixture(autouse=True)
def _prepared(request: pytest.FixtureRequest) -> None:
    if "without" not in request.node.name and without_kind("vlan"):
        pytest.skip(without_kind("vlan"))


@pytest.fixture
def br(ns: Namespace) -> Namespace:
    """With a bridge that is up."""
    ns.ip(*BRIDGE)
    return ns


def test_every_option_has_a_case() -> None:
    assert set(vlan_interface_spec()) - ELSEWHERE == set(CASES)


@pytest.mark.parametrize("option", CASES)
def test_an_option_is_set_and_changed(br: Namespace, option: str) -> None:
    br.ip("link add br1 type bridge")
    case = CASES[option]
    judged(br, "vlan_interface", {**GIVEN, **case.base, option: case.first})
    assert case.judge(br) == case.shown[0]
    index = br.index(NAME)
    real = judged(br, "vlan_interface", {"name": NAME, option: case.second})
    assert case.judge(br) == case.shown[1]
    assert real["recreated"] == ([{"interface": NAME, "attributes": [option]}] if case.recreates else [])
    assert (br.index(NAME) == index) is not case.recreates


def test_commands_give_the_same_state(br: Namespace, other: Namespace) -> None:
    other.ip(*BRIDGE)
    given = {**GIVEN, "state": "up", "protocol": "802.1ad", "gvrp": True, "mac": MAC, "mtu": "1400", "alias": "the gateway", "addresses": ["10.0.0.1/24"]}
    real = good(run(br, "vlan_interface", given))
    assert real["commands"][0] == f"ip link add name {NAME} link br0 address {MAC} mtu 1400 type vlan protocol 802.1ad id 100 gvrp on"
    other.sh("\n".join(real["commands"]))
    assert br.state() == other.state()


def test_the_words_of_ip_are_aliases(br: Namespace) -> None:
    judged(br, "vlan_interface", {"name": NAME, "link": "br0", "id": 100, "proto": "802.1Q", "ifalias": "x"})
    judged(br, "vlan_interface", {"name": NAME, "state": "absent"})
    assert not br.has(NAME)


def test_mac_and_mtu_follow_the_device(br: Namespace) -> None:
    """A new one has those of its device, and of the new device when it is created anew. They are no result of a run."""
    real = judged(br, "vlan_interface", {**GIVEN, "state": "up"})
    assert not {"mac", "mtu"} & set(real["after"])
    assert br.link(NAME)["address"] == br.link("br0")["address"]
    br.ip("link set br0 address 02:00:00:00:b0:02")
    assert br.link(NAME)["address"] == "02:00:00:00:b0:02"
    judged(br, "vlan_interface", {**GIVEN, "device": "eth0"})
    assert (br.link(NAME)["address"], br.link(NAME)["mtu"]) == (br.link("eth0")["address"], 1600)


def test_a_recreation_restores_what_hung_on_it(br: Namespace) -> None:
    neighbours = [{"address": "10.0.0.7", "mac": MAC2}, {"address": "2001:db8:5::7", "mac": MAC2}]
    given = {**GIVEN, "state": "up", "mac": MAC, "mtu": "1400", "alias": "gateway", "addresses": ["10.0.0.1/24", SIX], "neighbours": neighbours, "gvrp": True}
    good(run(br, "vlan_interface", given))
    br.ip(f"route add 10.9.0.0/16 via 10.0.0.7 dev {NAME}", f"link property add dev {NAME} altname gateway-of-blue")
    before = br.state()
    refused(br, "vlan_interface", {"name": NAME, "vlan": 101, "recreate": "never"}, "vlan 100 -> 101")
    judged(br, "vlan_interface", {"name": NAME, "vlan": 101})
    judged(br, "vlan_interface", {"name": NAME, "vlan": 100})
    assert br.state() == before


def test_it_is_a_port_again_after_a_recreation(br: Namespace) -> None:
    br.ip("link add br1 type bridge")
    good(run(br, "vlan_interface", {"name": "eth0.5", "device": "eth0", "vlan": 5, "master": "br1", "state": "up"}))
    good(run(br, "bridge", {"name": "br1", "ports": [{"name": "eth0.5", "isolated": True, "learning": False}]}))
    judged(br, "vlan_interface", {"name": "eth0.5", "vlan": 6})
    assert br.link("eth0.5")["master"] == "br1"
    assert (br.slave_data("eth0.5")["isolated"], br.slave_data("eth0.5")["learning"]) == (True, False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "a", "vlan": 5}, "a.device: is needed"),
        ({"name": "a", "device": "br0"}, "a.vlan: is needed"),
        ({"name": "a", "device": "br0", "vlan": 4095}, "vlan: 4095 is not within 0..4094"),
        ({"name": "a", "device": "br0", "vlan": 100}, "a: VLAN 100 (802.1Q) of br0 is held by interface 'br0.100'"),
        ({"name": "a", "device": "br0", "vlan": 5, "mtu": "auto"}, "'auto' is for VXLAN interfaces"),
        ({"name": "eth0", "device": "br0", "vlan": 5}, "of kind 'veth' and not 'vlan'"),
        ({"name": "a", "device": "down0", "vlan": 5, "state": "up"}, "a: cannot come up while its device down0 is down"),
        ({"name": NAME, "device": "eth0", "vlan": 7}, f"{NAME}: has to be re-created (device br0 -> eth0, vlan 100 -> 7), but br0.100.2 stand on it"),
        ({"name": NAME, "state": "absent"}, "br0.100.2 stand on it"),
    ],
)
def test_what_cannot_be_is_refused(br: Namespace, given: dict[str, Any], words: str) -> None:
    br.ip(
        f"link add link br0 name {NAME} type vlan id 100",
        f"link add link {NAME} name br0.100.2 type vlan id 2",
        "link add down0 type bridge",
    )
    refused(br, "vlan_interface", given, words)


def test_a_device_that_another_task_makes_is_taken_as_there(ns: Namespace) -> None:
    assert "br0 does not exist yet" in good(run(ns, "vlan_interface", {**GIVEN, "state": "up", "master": "va"}, check=True))["warnings"][0]
    refused(ns, "vlan_interface", GIVEN, f"{NAME}.device: there is no interface 'br0'", check=False)


def test_it_goes_down_and_comes_up_with_its_device(br: Namespace) -> None:
    """Also what it has is kept, and one that is to be down stays so."""
    good(run(br, "vlan_interface", {**GIVEN, "state": "up", "addresses": ["10.0.0.1/24", SIX]}))
    br.ip("link add link br0 name br0.200 type vlan id 200", "address add 2001:db8:6::1/64 dev br0.200")
    judged(br, "bridge", {"name": "br0", "state": "down"})
    assert "UP" not in br.link(NAME)["flags"]
    assert br.addresses(NAME) == {"10.0.0.1/24", SIX}
    judged(br, "bridge", {"name": "br0", "state": "up"})
    assert br.addresses(NAME) == {"10.0.0.1/24", SIX}
    assert br.addresses("br0.200") == {"2001:db8:6::1/64"}
    assert "UP" not in br.link("br0.200")["flags"]
    unchanged(br, "vlan_interface", {"name": NAME, "addresses": ["10.0.0.1/24", SIX]})


def test_a_kernel_without_802_1q_says_so() -> None:
    if not without_kind("vlan"):
        pytest.skip("this kernel has 802.1Q interfaces, so that they cannot be missed")
    with namespace() as ns:
        ns.ip(*BRIDGE)
        refused(ns, "vlan_interface", GIVEN, "has no 802.1Q interfaces (CONFIG_VLAN_8021Q)")
        given = {"bridges": [{"name": "br1", "state": "up"}], "vlan_interfaces": [{"name": "br1.5", "device": "br1", "vlan": 5}]}
        refused(ns, "vtep", given, "has no 802.1Q interfaces (CONFIG_VLAN_8021Q)")
