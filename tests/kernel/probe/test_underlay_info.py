# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""underlay_info against the kernel, judged by `ip -json route get`, `ip -json link` and ss(8)'s view of sockets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.vxlan.fabric.plugins.module_utils._underlay.info import parse_udp
from ansible_collections.vxlan.fabric.plugins.modules import underlay_info
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, run_process
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, execute

_SETUP = (
    "link set lo up",
    "link add eth0 mtu 1600 type veth peer name far0",
    "link add eth1 mtu 1400 type veth peer name far1",
    "link set eth0 up",
    "link set far0 up",
    "address add 192.0.2.11/24 dev eth0",
    "address add 2001:db8::11/64 dev eth0 nodad",
    "address add 192.0.3.11/24 dev eth1",
    "link set eth1 up",
    "link set far1 up",
    "route add 198.51.100.0/24 via 192.0.2.1",
    "route add 198.51.101.0/24 via 192.0.2.1 mtu 1450",
    "route add 198.51.102.0/24 via inet6 2001:db8::1 dev eth0",
    "route add 2001:db8:9::/64 via 2001:db8::1",
    "route add unreachable 203.0.113.0/24",
    "route add prohibit 203.0.114.0/24",
    "route add blackhole 203.0.115.0/24",
    "route add 203.0.116.0/24 dev eth1 table 77",
    "rule add ipproto udp dport 4789 to 203.0.116.0/24 lookup 77",
    "link add br0 type bridge",
    "link set far1 master br0",
)


@pytest.fixture
def here() -> Iterator[Namespace]:
    made = Namespace(f"vfv-{os.getpid()}")
    execute(["ip", "netns", "add", made.name])
    try:
        made.ip(*_SETUP)
        yield made
    finally:
        execute(["ip", "netns", "delete", made.name])


def _read(here: Namespace, folder: Path, **arguments: Any) -> dict[str, Any]:
    return good(run_process(here, "underlay_info", arguments, folder))


def _way(here: Namespace, folder: Path, **route: Any) -> dict[str, Any]:
    (found,) = _read(here, folder, routes=[route])["routes"]
    assert isinstance(found, dict)
    return found


def _judge(here: Namespace, **route: Any) -> dict[str, Any]:
    """What `ip route get` says of the same packet; `error` where it refuses."""
    words = ["route", "get", route["address"]]
    words += ["from", route["source"]] if "source" in route else []
    words += ["oif", route["device"]] if "device" in route else []
    ran = subprocess.run(
        ["ip", "-n", here.name, "-j", *words, "ipproto", "udp", "dport", str(route.get("port", 4789))], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        return {"error": ran.stderr.strip().partition("answers: ")[2]}
    found: dict[str, Any] = json.loads(ran.stdout)[0]
    return found


ROUTES: list[dict[str, Any]] = [
    {"address": "192.0.2.12"},
    {"address": "192.0.2.12", "source": "192.0.2.11"},
    {"address": "192.0.2.12", "source": "192.0.2.11", "device": "eth0"},
    {"address": "198.51.100.7", "source": "192.0.2.11"},
    {"address": "198.51.101.7", "source": "192.0.2.11"},
    {"address": "198.51.102.7", "source": "192.0.2.11"},
    {"address": "192.0.2.11"},
    {"address": "239.1.1.100", "source": "192.0.2.11", "device": "eth0"},
    {"address": "2001:db8::12", "source": "2001:db8::11"},
    {"address": "2001:db8:9::12", "source": "2001:db8::11", "device": "eth0"},
    {"address": "203.0.113.1"},
    {"address": "203.0.114.1"},
    {"address": "203.0.115.1"},
    {"address": "203.0.116.1"},
    {"address": "203.0.116.1", "port": 8472},
    {"address": "8.8.8.8"},
    {"address": "2001:db8:8888::1"},
    {"address": "192.0.2.12", "source": "192.0.2.99"},
]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: "-".join(map(str, route.values())))
def test_the_way_is_that_of_ip_route_get(here: Namespace, tmp_path: Path, route: dict[str, Any]) -> None:
    found, judged = _way(here, tmp_path, **route), _judge(here, **route)
    assert found["error"] == judged.get("error", "")
    if "error" in judged:
        assert (found["type"], found["output"], found["mtu"]) == ("", "", 0)
        return
    assert found["type"] == judged.get("type", "unicast")
    assert found["output"] == judged["dev"]
    assert found["next_hop"] == judged.get("gateway", judged.get("via", {}).get("host", ""))
    assert found["preferred_source"] == judged.get("prefsrc", "")


def test_mtu_and_table_of_a_way(here: Namespace, tmp_path: Path) -> None:
    assert _way(here, tmp_path, address="198.51.100.7")["mtu"] == 1600
    assert _way(here, tmp_path, address="198.51.101.7")["mtu"] == 1450
    found = _way(here, tmp_path, address="203.0.116.1")
    assert (found["mtu"], found["table"], found["output"]) == (1400, 77, "eth1")
    assert _way(here, tmp_path, address="192.0.2.12")["table"] == 254


def test_a_device_that_is_not_there(here: Namespace, tmp_path: Path) -> None:
    found = _way(here, tmp_path, address="192.0.2.12", device="eth7")
    assert (found["type"], found["error"]) == ("", "there is no interface eth7")


def test_open_ports_are_those_of_interfaces_that_are_up(here: Namespace, tmp_path: Path) -> None:
    here.ip("link add vx1 type vxlan id 1 local 192.0.2.11 dstport 4789", "link add vx2 type vxlan id 2 local 2001:db8::11 dstport 4790")
    ports = [4789, 4790]
    assert _read(here, tmp_path, ports=ports)["ports"] == [{"port": 4789, "addresses": []}, {"port": 4790, "addresses": []}]
    here.ip("link set vx1 up", "link set vx2 up")
    opened = {entry["port"]: entry["addresses"] for entry in _read(here, tmp_path, ports=ports)["ports"]}
    listed = here.sh("ss -Huln")
    assert {port: sorted(re.findall(rf"(\S+?)(?:%\S+)?:{port}\b", listed)) for port in ports} == {4789: ["0.0.0.0"], 4790: ["[::]"]}  # noqa: S104
    assert opened == {4789: ["0.0.0.0"], 4790: ["::"]}  # noqa: S104


def test_addresses_groups_and_links(here: Namespace, tmp_path: Path) -> None:
    here.ip("link add vx3 type vxlan id 3 group 239.1.1.3 dev eth0 local 192.0.2.11 dstport 4789", "link set vx3 up", "link set eth1 down")
    here.ip("link add vx4 type vxlan id 4 group ff05::4 dev eth0 local 2001:db8::11 dstport 4790", "link set vx4 up")
    asked = ["192.0.2.11", "192.0.2.12", "2001:DB8::11"]
    found = _read(here, tmp_path, addresses=asked, groups=["239.1.1.3", "239.1.1.4", "ff05::4"], links=["eth0", "eth1", "far1", "eth7", "eth0"])
    assert found["addresses"] == {"192.0.2.11": "eth0", "192.0.2.12": "", "2001:db8::11": "eth0"}
    assert found["groups"] == {"239.1.1.3": ["eth0"], "239.1.1.4": [], "ff05::4": ["eth0"]}
    eth0, eth1, far1 = found["links"]
    for shown in found["links"]:
        link = here.link(shown["name"])
        assert (shown["mtu"], shown["mac"], shown["master"]) == (link["mtu"], link["address"], link.get("master", ""))
        assert (shown["kind"], shown["state"] == "up") == ("veth", "UP" in link["flags"])
        assert shown["carrier"] == ("LOWER_UP" in link["flags"])
    assert [(link["state"], link["carrier"]) for link in (eth0, eth1, far1)] == [("up", True), ("down", False), ("up", False)]
    assert far1["master"] == "br0"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"routes": [{"address": "leaf1"}]}, "routes[0].address: 'leaf1' is not an IP address"),
        ({"routes": [{"address": "192.0.2.1", "source": "2001:db8::1"}]}, "routes[0]: 2001:db8::1 and 192.0.2.1 are of different families"),
        ({"routes": [{"address": "192.0.2.1", "port": 0}]}, "routes[0].port: 0 is not of 1..65535"),
        ({"groups": ["ff05::/8"]}, "groups[0]: 'ff05::/8' is not an IP address; without a prefix length"),
    ],
)
def test_mistakes(here: Namespace, tmp_path: Path, arguments: dict[str, Any], sentence: str) -> None:
    assert bad(run_process(here, "underlay_info", arguments, tmp_path)) == sentence


def test_the_examples(here: Namespace, tmp_path: Path) -> None:
    """They run, and give what RETURN says."""
    documented = yaml.safe_load(underlay_info.RETURN)
    for task in yaml.safe_load(underlay_info.EXAMPLES):
        found = _read(here, tmp_path, **{key: value for key, value in task["vxlan.fabric.underlay_info"].items() if key != "netns"})
        for key, entry in documented.items():
            assert isinstance(found[key], {"list": list, "dict": dict}[entry["type"]]), key
        for key in ("routes", "links"):
            assert all(set(item) == set(documented[key]["sample"][0]) for item in found[key]), key


def test_a_check_reads_as_well(here: Namespace, tmp_path: Path) -> None:
    found = good(run_process(here, "underlay_info", {"addresses": ["192.0.2.11"]}, tmp_path, check=True))
    assert found["addresses"] == {"192.0.2.11": "eth0"}
    assert not found["changed"]


@pytest.mark.skipif(sys.byteorder == "big", reason="the sample is of a little-endian machine")
def test_lines_of_udp6() -> None:
    line = "  10: 000080FE00000000FF0202BE01DDFEC8:12B5 00000000000000000000000000000000:0000 07 ...\n"
    assert parse_udp(["heading\n", line], 32) == [("fe80::be02:2ff:c8fe:dd01", 4789)]
