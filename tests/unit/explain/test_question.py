# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a question: who is meant, and what is told when nobody is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import Question, parse_question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import parse_fabric

GROUPS = {"all": ["hv1", "hv2", "leaf1"], "hypervisors": ["hv1", "hv2"], "switches": ["leaf1"]}
VTEPS = {host: {"address": f"192.0.2.{place + 1}", "device": "eth0"} for place, host in enumerate(GROUPS["all"])}


def _fabric(name: str, networks: dict[str, Any]) -> Any:
    return parse_fabric({"name": name, "underlay": {"mtu": 1600}, "networks": networks}, VTEPS, GROUPS)


BLUE: dict[str, Any] = {
    "vni": 100,
    "members": ["hypervisors"],
    "endpoints": [
        {"name": "vm1", "host": "hv1", "port": "tap1", "mac": "02:00:00:00:00:01", "address": ["10.0.0.1/24", "2001:db8::1/64"]},
        {"name": "vm2", "host": "hv2", "port": "tap2", "mac": "02:00:00:00:00:02", "address": "10.0.0.2/24"},
    ],
    "gateway": {"address": ["10.0.0.254/24"], "mac": "02:00:5e:00:00:01"},
}
RED: dict[str, Any] = {"vni": 200, "members": ["all"], "endpoints": [{"name": "red1", "host": "leaf1", "port": "swp1"}]}
FABRICS = {"east": _fabric("east", {"blue": BLUE, "red": RED}), "west": _fabric("west", {"red": RED, "green": {"vni": 300, "members": ["all"]}})}


def ask(source: str, destination: str, network: str = "blue", fabric: str | None = None, source_host: str | None = None) -> Question:
    return parse_question(FABRICS, fabric, network, source, destination, source_host)


@pytest.mark.parametrize(
    "source", ["vm1", "02:00:00:00:00:01", "0200.0000.0001", "02-00-00-00-00-01", "10.0.0.1", "2001:DB8:0::1", "10.0.0.1/24", "hv1:02:00:00:00:00:01"]
)
@pytest.mark.parametrize("destination", ["vm2", "02:00:00:00:00:02", "10.0.0.2"])
def test_a_machine_by_every_word(source: str, destination: str) -> None:
    question = ask(source, destination)
    assert (question.source.name, question.source.host, question.source.port, question.source.home) == ("vm1", "hv1", "tap1", None)
    assert (question.destination.name, question.destination.host, question.destination.mac) == ("vm2", "hv2", "02:00:00:00:00:02")


@pytest.mark.parametrize("word", ["gateway", "10.0.0.254", "02:00:5e:00:00:01"])
def test_the_gateway_is_the_one_of_the_source(word: str) -> None:
    assert (ask("vm1", word).destination.host, ask("vm2", word).destination.host) == ("hv1", "hv2")
    assert ask(word, "vm1", source_host="hv2").source.host == "hv2"


@pytest.mark.parametrize(
    ("word", "mac"),
    [
        ("broadcast", "ff:ff:ff:ff:ff:ff"),
        ("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff"),
        ("33:33:00:00:00:01", "33:33:00:00:00:01"),
        ("224.0.0.251", "01:00:5e:00:00:fb"),
        ("239.129.2.3", "01:00:5e:01:02:03"),
        ("ff02::1:ff00:1", "33:33:ff:00:00:01"),
    ],
)
def test_groups(word: str, mac: str) -> None:
    question = ask("vm1", word)
    assert (question.destination.is_group, question.destination.mac) == (True, mac)


@pytest.mark.parametrize(("source", "host"), [("hv2:52:54:00:00:00:09", None), ("52:54:00:00:00:09", "hv2"), ("hv2:5254.0000.0009", None)])
def test_a_source_that_is_not_listed(source: str, host: str | None) -> None:
    question = ask(source, "vm1", source_host=host)
    assert (question.source.kind, question.source.mac, question.source.host) == ("unlisted", "52:54:00:00:00:09", "hv2")


def test_a_known_machine_elsewhere() -> None:
    question = ask("hv2:02:00:00:00:00:01", "vm2")
    assert (question.source.name, question.source.host, question.source.home, question.source.port) == ("vm1", "hv2", "hv1", None)


def test_the_only_fabric_with_the_network_is_meant() -> None:
    assert ask("hv1:52:54:00:00:00:09", "broadcast", "green").fabric.name == "west"
    assert ask("red1", "broadcast", "red", "west").fabric.name == "west"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"network": ""}, "network: is not said, -e network=NAME; known are blue, green, red"),
        ({"network": "bleu"}, "the inventory has several fabrics, say which: east, west"),
        ({"network": "red"}, "the inventory has several fabrics, say which: east, west"),
        ({"network": "red", "fabric": "north"}, "there is no fabric 'north'; there are east, west"),
        ({"network": "bleu", "fabric": "east"}, "network: there is no network 'bleu' in fabric east; did you mean 'blue'?"),
        ({"network": "xyz", "fabric": "east"}, "network: there is no network 'xyz' in fabric east; known are blue, red"),
        ({"source": "vm3"}, "source: network blue has no endpoint 'vm3'; did you mean 'vm2'?"),
        ({"destination": "zzz"}, "destination: network blue has no endpoint 'zzz'; known are vm1, vm2"),
        ({"destination": ""}, "destination: is empty; it is the name, MAC address or IP address of an endpoint; known are vm1, vm2"),
        (
            {"destination": "red1"},
            "destination: red1 is an endpoint of network red, not of blue; nothing passes from one to the other but through a gateway",
        ),
        (
            {"destination": "hv2"},
            "destination: hv2 is a host, and frames are from and to machines behind it; for one that is not listed say hv2:52:54:00:12:34:56; "
            "known are vm1, vm2",
        ),
        (
            {"destination": "10.0.0.9"},
            "destination: nobody in network blue has the address 10.0.0.9; known are 10.0.0.1 (vm1), 2001:db8::1 (vm1), 10.0.0.2 (vm2); "
            "destination=broadcast shows the walk of the ARP request for it",
        ),
        ({"destination": "00:00:00:00:00:00"}, "destination: 00:00:00:00:00:00 is no address of a machine; destination=broadcast shows how frames are flooded"),
        ({"destination": "vm1"}, "destination: vm1 is the source itself"),
        ({"source": "broadcast"}, "source: ff:ff:ff:ff:ff:ff is a group, and no frame comes from a group (IEEE 802.3, section 3.2.5)"),
        ({"source": "gateway"}, "source: the gateway is on hv1, hv2; say which: source_host=hv1"),
        (
            {"source": "52:54:00:00:00:09"},
            "source: no endpoint of network blue has 52:54:00:00:00:09; known are vm1, vm2; for a machine that is not listed say its host: "
            "source=hv1:52:54:00:00:00:09",
        ),
        (
            {"source": "leaf1:52:54:00:00:00:09"},
            "source: leaf1 is not a member of network blue, so nothing that is plugged in there is in it; its members are hv1, hv2",
        ),
        ({"source_host": "hv3"}, "source_host: there is no host 'hv3' in fabric east; did you mean 'hv2'?"),
        ({"network": "red", "fabric": "east", "source": "red1", "destination": "gateway"}, "destination: network red has no gateway; known are red1"),
        (
            {"network": "green", "source": "vm1", "destination": "broadcast"},
            "source: network green has no endpoint 'vm1'; it lists none, so give a MAC address",
        ),
    ],
)
def test_who_is_not_known(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        ask(**{"source": "vm1", "destination": "vm2", **words})
    assert raised.value.message == sentence
