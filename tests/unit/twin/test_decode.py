# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoding the answers of `ip -json`: peers, addresses that count, routes that are ours, errors of a batch."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._twin import iproute, read
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.iproute import IpError, Iproute
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.operations import Command
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.world import Route


def veth(name: str, index: int, peer: int, nsid: int, **more: object) -> dict[str, Any]:
    start = {"ifname": name, "ifindex": index, "link_index": peer, "link_netnsid": nsid, "mtu": 1500, "flags": ["UP"]}
    return {**start, "address": "02:00:00:00:00:01", "linkinfo": {"info_kind": "veth"}, **more}


def raw(*links: dict[str, Any], names: dict[int, str], routes: tuple[dict[str, Any], ...] = ()) -> read._Raw:
    return read._Raw(links, routes, names)


def test_peers_are_found_by_namespace_id_not_by_index_alone() -> None:
    """The same pair of indexes is in use in every host."""
    world = read.decode_world(
        {
            "underlay": raw(veth("a", 2, 2, 0), veth("b", 3, 2, 1), names={0: "host-a", 1: "host-b"}),
            "host-a": raw(veth("eth0", 2, 2, 5), names={5: "underlay"}),
            "host-b": raw(veth("eth0", 2, 3, 0), names={0: "underlay"}),
        }
    )
    assert world["underlay"].links["b"].peer == ("host-b", "eth0")
    assert world["host-a"].links["eth0"].peer == ("underlay", "a")
    assert world["host-b"].links["eth0"].peer == ("underlay", "b")


def test_a_peer_in_a_namespace_without_a_name_is_unknown() -> None:
    world = read.decode_world({"a": raw(veth("eth0", 2, 2, 0), names={})})
    assert world["a"].links["eth0"].peer is None


def test_only_addresses_that_somebody_gave_count() -> None:
    addresses = [
        {"local": "192.0.2.1", "prefixlen": 24},
        {"local": "192.0.2.9", "prefixlen": 24, "dynamic": True},
        {"local": "2001:db8:0::1", "prefixlen": 64},
        {"local": "fe80::1", "prefixlen": 64},
        {"local": "fe80::ff:fe00:1", "prefixlen": 64},
    ]
    world = read.decode_world({"a": raw(veth("eth0", 2, 2, 0, addr_info=addresses), names={})})
    assert world["a"].links["eth0"].addresses == ("192.0.2.1/24", "2001:db8::1/64", "fe80::1/64")


def test_routes_of_other_tables_are_not_ours() -> None:
    routes = (
        {"dst": "192.0.2.1", "dev": "a"},
        {"dst": "2001:db8::1", "dev": "a", "table": "main"},
        {"dst": "default", "gateway": "fe80::1", "dev": "eth0"},
        {"dst": "default", "dev": "x", "table": "100"},
    )
    world = read.decode_world({"a": raw(names={}, routes=routes)})
    assert world["a"].routes == {
        Route("192.0.2.1/32", "", "a"),
        Route("2001:db8::1/128", "", "a"),
        Route("default", "fe80::1", "eth0"),
    }


def test_documents_of_a_batch_stand_one_after_the_other() -> None:
    assert iproute._parse_documents('[{"a":1}]\n[]\n[ ]\n') == [[{"a": 1}], [], []]
    assert iproute._parse_documents("\n") == []


class Recorder(Iproute):
    """Instead of ip(8): what it would have been started with; the batch that holds `poison` fails there."""

    def __init__(self, poison: str = "") -> None:
        super().__init__("ip")
        self.poison = poison
        self.started: list[tuple[list[str], str]] = []

    def _run(self, argv: list[str], stdin: str) -> subprocess.CompletedProcess[str]:
        self.started.append((argv[1:], stdin))
        lines = stdin.splitlines()
        bad = next((number for number, line in enumerate(lines, 1) if self.poison and self.poison in line), 0)
        stderr = f"RTNETLINK answers: File exists\nCommand failed -:{bad}\n" if bad else ""
        return subprocess.CompletedProcess(argv, int(bool(bad)), "", stderr)


COMMANDS = [
    Command("", ("netns", "add", "a")),
    Command("a", ("link", "set", "dev", "lo", "up")),
    Command("a", ("link", "set", "dev", "lo", "alias", "")),
    Command("a", (), program="echo 1 > /proc/sys/net/ipv4/ip_forward"),
    Command("b", ("address", "add", "192.0.2.1/24", "dev", "eth0")),
]


def test_neighbouring_commands_share_a_process() -> None:
    recorder = Recorder()
    recorder.write(COMMANDS)
    assert recorder.started == [
        (["-batch", "-"], "netns add a\n"),
        (["-n", "a", "-batch", "-"], 'link set dev lo up\nlink set dev lo alias ""\n'),
        (["netns", "exec", "a", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], ""),
        (["-n", "b", "-batch", "-"], "address add 192.0.2.1/24 dev eth0\n"),
    ]


def test_an_error_is_traced_to_its_line() -> None:
    with pytest.raises(IpError) as caught:
        Recorder(poison="alias").write(COMMANDS)
    assert caught.value.done == 2
    assert caught.value.message == "'ip -n a link set dev lo alias \"\"' failed: RTNETLINK answers: File exists"
