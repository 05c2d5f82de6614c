# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios of the fault families: a host as it was, and one module call that changes it. Every MAC is given, so that two runs in
two namespaces come to the same state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.vxlan.fabric.tests.support.engine import good, run
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

ZERO = "00:00:00:00:00:00"


def mac(network: int, number: int = 1) -> str:
    return f"02:00:00:{network:02x}:00:{number:02x}"


@dataclass(frozen=True)
class Scenario:
    """ip, bridge: lines that make the host as it was. made: a state that the vtep module brings it to after them.

    step: in a run of thousands of alike calls, one in so many is a point; otherwise every call is.
    """

    name: str
    module: str
    given: dict[str, Any]
    ip: tuple[str, ...] = ()
    bridge: tuple[str, ...] = ()
    made: dict[str, Any] | None = None
    step: int = 1

    @contextmanager
    def host(self) -> Iterator[Namespace]:
        """A namespace with the host as it was."""
        with namespace("vff") as made:
            if self.ip:
                made.ip(*self.ip)
            if self.bridge:
                made.bridge(*self.bridge)
            if self.made is not None:
                good(run(made, "vtep", self.made))
            yield made


VX0: dict[str, Any] = {"name": "vx0", "mac": mac(0), "vni": 100, "remote": "192.0.2.2", "local": "192.0.2.1", "device": "eth0", "state": "up"}
PLAIN = (f"link add vx0 address {mac(0)} type vxlan id 100 remote 192.0.2.2 local 192.0.2.1 dev eth0 dstport 4789", "link set vx0 up")
NAKED = (f"link add vx0 address {mac(0)} type vxlan id 100 local 192.0.2.1 dstport 4789", "link set vx0 up")
PORTS = (
    f"link add tap0 address {mac(0xA0)} type veth peer name far1 address {mac(0xA0, 2)}",
    f"link add tap1 address {mac(0xA1)} type veth peer name far2 address {mac(0xA1, 2)}",
    "link set tap0 up",
    "link set tap1 up",
)
BRIDGE = (f"link add br0 address {mac(0xB0)} type bridge", "link set br0 up")
# An interface on which everything hangs that can hang on one.
BUSY_IP = (
    *BRIDGE,
    f"link add vx0 address {mac(0)} mtu 1444 txqueuelen 77 type vxlan id 100 remote 192.0.2.2 local 192.0.2.1 dev eth0 dstport 4789"
    " ttl 9 ageing 77 nolearning proxy",
    "link set vx0 alias vxlan.fabric:demo",
    "link set vx0 addrgenmode none",
    "link set vx0 master br0",
    "link set vx0 type bridge_slave learning off isolated on neigh_suppress on priority 20 cost 55 mcast_flood off",
    "link set vx0 up",
    "address add 10.0.0.1/24 dev vx0",
    "address add 10.0.0.2/24 dev vx0",
    "address add 2001:db8:7::1/64 dev vx0",
    "neighbour add 10.0.0.7 lladdr 02:00:00:00:00:07 dev vx0 nud permanent",
    "neighbour add 2001:db8:7::7 lladdr 02:00:00:00:00:07 dev vx0 nud permanent router",
    "route add 198.51.100.0/24 via 10.0.0.7 dev vx0 metric 5",
    "route add 2001:db8:99::/64 via 2001:db8:7::7 dev vx0 metric 5",
)
BUSY_BRIDGE = (
    f"fdb append {ZERO} dev vx0 dst 192.0.2.3",
    f"fdb append {ZERO} dev vx0 dst 192.0.2.4 port 4790 vni 7 via far0",
    "fdb add 02:00:00:00:aa:01 dev vx0 dst 192.0.2.3 self permanent",
    "fdb add 02:00:00:00:aa:02 dev vx0 dst 192.0.2.3 self static",
    "fdb add 02:00:00:00:aa:04 dev vx0 dst 192.0.2.4 self router sticky",
    "fdb add 02:00:00:00:aa:05 dev vx0 dst 192.0.2.4 self extern_learn",
    "fdb add 02:00:00:00:aa:01 dev vx0 master static",
    "fdb add 02:00:00:00:aa:06 dev vx0 master static sticky",
)
FLOOD = tuple(f"fdb append {ZERO} dev vx0 dst 192.0.2.{n}" for n in (11, 12, 13))
UNICAST = tuple(f"fdb add {mac(0xC0, n)} dev vx0 dst 192.0.2.{10 + n}" for n in range(1, 6))


def _rows(numbers: range, dst: str) -> list[dict[str, Any]]:
    return [{"mac": mac(0xC0, n), "dst": dst} for n in numbers]


def _flood(*last: int) -> dict[str, Any]:
    return {"mac": ZERO, "dst": [f"192.0.2.{n}" for n in last]}


def lines(count: int, dst: str = "192.0.2.9") -> str:
    return "".join(f"02:00:00:10:{n >> 8:02x}:{n & 255:02x} dst {dst}\n" for n in range(count))


LONG = tuple("fdb add " + line.replace(" dst", " dev vx0 dst") for line in lines(50, "192.0.2.8").splitlines())

_INTERFACE = (
    Scenario("create_unicast", "interface", {**VX0, "alias": "vxlan.fabric:demo", "mtu": "1400", "addresses": ["10.0.0.1/24", "2001:db8:7::1/64"]}),
    Scenario("create_multicast", "interface", {"name": "vx0", "mac": mac(0), "vni": 100, "group": "239.1.1.1", "device": "eth0", "ageing": 60, "state": "up"}),
    Scenario(
        "create_ipv6",
        "interface",
        {
            "name": "vx0",
            "mac": mac(0),
            "vni": 100,
            "remote": "2001:db8::2",
            "local": "2001:db8::1",
            "flow_label": 7,
            "mtu": "auto",
            "state": "up",
            "addresses": ["2001:db8:7::1/64"],
            "neighbours": [{"address": "2001:db8:7::7", "mac": mac(0, 7)}],
        },
    ),
    Scenario(
        "create_external_vnifilter", "interface", {"name": "vx0", "mac": mac(0), "external": True, "vnifilter": True, "local": "192.0.2.1", "state": "up"}
    ),
    Scenario("create_as_port", "interface", {**VX0, "master": "br0", "alias": "vxlan.fabric:demo", "addrgenmode": "none"}, BRIDGE),
    Scenario("live_change", "interface", {"name": "vx0", "ttl": "7", "ageing": 60, "learning": False, "mtu": "1400", "alias": "x", "txqueuelen": 9}, PLAIN),
    Scenario("live_change_of_remote", "interface", {"name": "vx0", "remote": "192.0.2.7", "local": "none"}, PLAIN, FLOOD),
    Scenario("live_change_of_mac_and_state", "interface", {"name": "vx0", "mac": mac(0, 9), "state": "down"}, PLAIN, FLOOD + UNICAST),
    Scenario(
        "other_bridge",
        "interface",
        {"name": "vx0", "master": "br1"},
        (*BUSY_IP, f"link add br1 address {mac(0xB1)} mtu 1444 type bridge", "link set br1 up"),
        BUSY_BRIDGE,
    ),
    Scenario("recreate_port", "interface", {"name": "vx0", "port": 4790}, BUSY_IP, BUSY_BRIDGE),
    Scenario("recreate_stated", "interface", {**VX0, "vni": 200, "mtu": "1400", "alias": "vxlan.fabric:demo", "addresses": ["10.0.0.1/24"]}, PLAIN),
    Scenario(
        "recreate_to_multicast", "interface", {"name": "vx0", "vni": 7, "group": "239.1.1.1", "udp_checksum": False, "state": "down"}, BUSY_IP, BUSY_BRIDGE
    ),
    Scenario("remove", "interface", {"name": "vx0", "state": "absent"}, BUSY_IP, BUSY_BRIDGE),
    Scenario(
        "addresses_and_neighbours",
        "interface",
        {
            "name": "vx0",
            "addresses": ["10.0.0.2/24", "10.0.1.1/24", "2001:db8:7::2/64"],
            "neighbours": [{"address": "10.0.0.7", "mac": mac(0, 8)}, {"address": "10.0.1.9", "mac": mac(0, 9), "state": "noarp"}],
        },
        BUSY_IP,
    ),
)
_BRIDGE = (
    Scenario(
        "create_bridge",
        "bridge",
        {
            "name": "br0",
            "mac": mac(0xB0),
            "state": "up",
            "mcast_snooping": False,
            "ageing": 600,
            "alias": "vxlan.fabric:demo",
            "addresses": ["10.0.0.1/24"],
            "ports": [{"name": "tap0", "isolated": True}, {"name": "tap1", "hairpin": True}, {"name": "vx0", "learning": False, "neigh_suppress": True}],
        },
        PORTS + PLAIN,
    ),
    Scenario(
        "change_bridge",
        "bridge",
        {
            "name": "br0",
            "stp": True,
            "priority": 4096,
            "ageing": 60,
            "addresses": ["10.0.0.9/24"],
            "ports": [{"name": "tap0", "flood": False}, {"name": "vx0", "learning": True, "isolated": False}],
        },
        (*BUSY_IP, *PORTS, "link set tap0 master br0", "address add 10.0.0.1/24 dev br0"),
        BUSY_BRIDGE,
    ),
    Scenario(
        "purge_ports",
        "bridge",
        {"name": "br0", "ports": [{"name": "tap1"}], "purge": "all"},
        (*BUSY_IP, *PORTS, "link set tap0 master br0", "link set tap0 type bridge_slave hairpin on cost 9"),
        (*BUSY_BRIDGE, f"fdb add {mac(0xC0)} dev tap0 master static"),
    ),
    Scenario(
        "remove_bridge",
        "bridge",
        {"name": "br0", "state": "absent"},
        (*BUSY_IP, *PORTS, "link set tap0 master br0", "address add 10.9.0.1/24 dev br0", "link set br0 type bridge ageing_time 6000 priority 9"),
        (*BUSY_BRIDGE, f"fdb add {mac(0xC0)} dev tap0 master static"),
    ),
)
_FDB = (
    Scenario("flood_list_grows", "fdb", {"interface": "vx0", "rows": [_flood(11, 12, 13, 14, 15)]}, NAKED, FLOOD),
    Scenario("flood_list_shrinks", "fdb", {"interface": "vx0", "rows": [_flood(12)]}, PLAIN, FLOOD),
    Scenario("flood_list_exchanged", "fdb", {"interface": "vx0", "rows": [_flood(21, 22, 13)]}, NAKED, FLOOD),
    Scenario("unicast_replaced", "fdb", {"interface": "vx0", "rows": _rows(range(3, 9), "192.0.2.99")}, NAKED, UNICAST),
    Scenario("rows_removed", "fdb", {"interface": "vx0", "rows": [*_rows(range(1, 3), "192.0.2.11"), _flood(11)], "state": "absent"}, NAKED, FLOOD + UNICAST),
    Scenario(
        "purge",
        "fdb",
        {"interface": "vx0", "rows": [_flood(12), *_rows(range(5, 7), "192.0.2.50")], "purge": "static"},
        NAKED,
        (*FLOOD, *UNICAST, "fdb add 02:00:00:00:aa:05 dev vx0 dst 192.0.2.4 self extern_learn"),
    ),
    Scenario(
        "rows_of_a_port",
        "fdb",
        {"interface": "tap0", "rows": [{"mac": mac(0xC0, n), "table": "master", "state": "static"} for n in (2, 3)], "purge": "static"},
        (*BRIDGE, *PORTS, "link set tap0 master br0"),
        tuple(f"fdb add {mac(0xC0, n)} dev tap0 master static" for n in (1, 2)),
    ),
    Scenario("long_list", "fdb", {"interface": "vx0", "lines": lines(400)}, NAKED, LONG),
    Scenario("list_looked_up", "fdb", {"interface": "vx0", "lines": lines(2100)}, NAKED, FLOOD, step=150),
)

OBJECTS: tuple[Scenario, ...] = (*_INTERFACE, *_BRIDGE, *_FDB)
