# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: what somebody changed by hand on a host that `vtep` made is found by a check and repaired by a run, without a new interface
where the kernel can change it live.

One kind again: make kernel PYTEST="-k 'drift and flood_row_lost'"
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

from .judging import State, observed, shown
from .recording import record
from .scenarios import PORTS, ZERO, mac

VX1, BR1, ROW = mac(1), mac(1, 0xB), mac(0xC0, 1)
WANTED: dict[str, Any] = {
    "fabric": "demo",
    "purge": "managed",
    "peers": {"all": ["192.0.2.2", "192.0.2.3"]},
    "interfaces": [
        {
            "name": "vx1",
            "mac": VX1,
            "vni": 101,
            "remote": "none",
            "local": "192.0.2.1",
            "device": "eth0",
            "port": 4789,
            "ttl": "9",
            "tos": "16",
            "df": "set",
            "ageing": 77,
            "learning": False,
            "limit": 500,
            "proxy": False,
            "udp_checksum": True,
            "source_port": "1000-2000",
            "mtu": "1400",
            "txqueuelen": 500,
            "addrgenmode": "none",
            "master": "br1",
            "state": "up",
        },
        {"name": "vx2", "mac": mac(2), "vni": 102, "group": "239.1.1.1", "device": "eth0", "state": "up", "addresses": ["10.0.2.1/24", "2001:db8:2::1/64"]},
        {"name": "vx6", "mac": mac(6), "vni": 106, "remote": "2001:db8::2", "local": "2001:db8::1", "flow_label": 7, "state": "up"},
        {"name": "vxsvd", "mac": mac(7), "external": True, "vnifilter": True, "local": "192.0.2.1", "port": 4790, "state": "up"},
    ],
    "bridges": [
        {
            "name": "br1",
            "mac": BR1,
            "state": "up",
            "ageing": 60,
            "stp": False,
            "priority": 4096,
            "mcast_snooping": False,
            "addresses": ["10.0.1.1/24", "2001:db8:1::1/64"],
            "neighbours": [{"address": "10.0.1.7", "mac": mac(1, 7)}],
            "ports": [{"name": "vx1", "learning": False, "neigh_suppress": True, "cost": 50, "priority": 10}, {"name": "tap0", "isolated": True}],
            "purge": "managed",
        }
    ],
    "fdb": [
        {"interface": "vx1", "flood": ["all"], "rows": [{"mac": ROW, "dst": "192.0.2.2"}, {"mac": mac(0xC0, 2), "dst": "192.0.2.3"}], "purge": "managed"},
        {"interface": "tap0", "rows": [{"mac": mac(0xA0, 9), "table": "master", "state": "static"}]},
    ],
    "vnis": {"vxsvd": [{"vni": "200-299"}, {"vni": "400", "remote": "192.0.2.9"}]},
}
_SET = "link set vx1 type vxlan"


class Drift(NamedTuple):
    """ip, bridge: what somebody does by hand. keeps: the repair gives no interface a new index."""

    name: str
    ip: tuple[str, ...] = ()
    bridge: tuple[str, ...] = ()
    keeps: bool = True


def _again(words: str) -> tuple[str, ...]:
    """vx1, made again by hand with something else in its creation."""
    base = {"id": "101", "dstport": "4789", "maxaddress": "500", "srcport": "1000 2000", "udpcsum": ""}
    key, _space, value = words.partition(" ")
    base.pop(key.removeprefix("no"), None)
    options = " ".join(f"{k} {v}".strip() for k, v in base.items())
    return (
        "link delete vx1",
        f"link add vx1 address {VX1} mtu 1400 txqueuelen 500 type vxlan {options} {key} {value} local 192.0.2.1 dev eth0"
        " ttl 9 tos 16 df set ageing 77 nolearning",
        "link set vx1 alias vxlan.fabric:demo addrgenmode none",
        "link set vx1 master br1",
        "link set vx1 type bridge_slave learning off neigh_suppress on cost 50 priority 10",
        "link set vx1 up",
    )


KINDS = (
    Drift("ttl", (f"{_SET} ttl 33",)),
    Drift("tos", (f"{_SET} tos 8",)),
    Drift("df", (f"{_SET} df unset",)),
    Drift("ageing", (f"{_SET} ageing 300",)),
    Drift("learning", (f"{_SET} learning",)),
    Drift("local", (f"{_SET} local 192.0.2.77",)),
    Drift("device", (f"{_SET} dev far0",)),
    Drift("remote_given", (f"{_SET} remote 192.0.2.66",), keeps=False),
    Drift("remote_changed", ("link set vx6 type vxlan remote 2001:db8::9",)),
    Drift("flow_label", ("link set vx6 type vxlan flowlabel 9",)),
    Drift("group", ("link set vx2 type vxlan group 239.1.1.9 dev eth0",)),
    Drift("mtu", ("link set vx1 mtu 1300",)),
    Drift("mac", (f"link set vx1 address {mac(9, 9)}",)),
    Drift("alias", ("link set vx6 alias vxlan.fabric:other",)),
    Drift("alias_lost", ("link set vx2 alias ''",)),
    Drift("txqueuelen", ("link set vx1 txqueuelen 7",)),
    Drift("addrgenmode", ("link set vx1 addrgenmode eui64",)),
    Drift("down", ("link set vx1 down",)),
    Drift("down_with_addresses", ("link set vx2 down",)),
    Drift("out_of_the_bridge", ("link set vx1 nomaster",)),
    Drift("in_another_bridge", (f"link add brx address {mac(0xB9)} type bridge", "link set brx up", "link set vx1 master brx", "link delete brx")),
    Drift("access_port_out_of_the_bridge", ("link set tap0 nomaster",)),
    Drift("port_learning", ("link set vx1 type bridge_slave learning on",)),
    Drift("port_neigh_suppress", ("link set vx1 type bridge_slave neigh_suppress off",)),
    Drift("port_cost_and_priority", ("link set vx1 type bridge_slave cost 9 priority 20",)),
    Drift("port_isolated", ("link set tap0 type bridge_slave isolated off",)),
    Drift("bridge_ageing", ("link set br1 type bridge ageing_time 30000",)),
    Drift("bridge_stp", ("link set br1 type bridge stp_state 1",)),
    Drift("bridge_priority", ("link set br1 type bridge priority 9",)),
    Drift("bridge_mcast_snooping", ("link set br1 type bridge mcast_snooping 1",)),
    Drift("bridge_mac", (f"link set br1 address {mac(9, 8)}",)),
    Drift("bridge_down", ("link set br1 down",)),
    Drift("address_lost", ("address del 10.0.1.1/24 dev br1",)),
    Drift("address_added", ("address add 10.0.9.1/24 dev br1",)),
    Drift("address_of_ipv6_lost", ("address del 2001:db8:1::1/64 dev br1",)),
    Drift("address_with_another_length", ("address del 10.0.2.1/24 dev vx2", "address add 10.0.2.1/25 dev vx2")),
    Drift("neighbour_lost", ("neighbour del 10.0.1.7 dev br1",)),
    Drift("neighbour_with_another_mac", (f"neighbour replace 10.0.1.7 lladdr {mac(9, 7)} dev br1 nud permanent",)),
    Drift("flood_row_lost", bridge=(f"fdb del {ZERO} dev vx1 dst 192.0.2.3",)),
    Drift("flood_list_lost", bridge=(f"fdb del {ZERO} dev vx1",)),
    Drift("flood_row_added", bridge=(f"fdb append {ZERO} dev vx1 dst 192.0.2.200",)),
    Drift("default_row_of_a_remote_lost", bridge=(f"fdb del {ZERO} dev vx6 dst 2001:db8::2",)),
    Drift("default_row_of_a_group_lost", bridge=(f"fdb del {ZERO} dev vx2 dst 239.1.1.1 via eth0",)),
    Drift("unicast_row_lost", bridge=(f"fdb del {ROW} dev vx1",)),
    Drift("unicast_row_to_another_vtep", bridge=(f"fdb replace {ROW} dev vx1 dst 192.0.2.200",)),
    Drift("unicast_row_to_another_port", bridge=(f"fdb replace {ROW} dev vx1 dst 192.0.2.2 port 5000",)),
    Drift("unicast_row_with_another_state", bridge=(f"fdb replace {ROW} dev vx1 dst 192.0.2.2 static",)),
    Drift("bridge_row_lost", bridge=(f"fdb del {mac(0xA0, 9)} dev tap0 master",)),
    Drift("vni_removed", bridge=("vni delete dev vxsvd vni 250",)),
    Drift("vni_added", bridge=("vni add dev vxsvd vni 500",)),
    Drift("vni_with_another_remote", bridge=("vni delete dev vxsvd vni 400", "vni add dev vxsvd vni 400 remote 192.0.2.8")),
    Drift("left_over_network", ("link add vxold type vxlan id 555 dstport 4789", "link set vxold alias vxlan.fabric:demo")),
    Drift("left_over_bridge", ("link add brold type bridge", "link set brold alias vxlan.fabric:demo")),
    Drift("interface_deleted", ("link delete vx1",), keeps=False),
    Drift("bridge_deleted", ("link delete br1",), keeps=False),
    Drift("vni_of_an_interface", _again("id 111"), keeps=False),
    Drift("port_of_an_interface", _again("dstport 8472"), keeps=False),
    Drift("limit", _again("maxaddress 100"), keeps=False),
    Drift("source_ports", _again("srcport 3000 4000"), keeps=False),
    Drift("checksum", _again("noudpcsum"), keeps=False),
)


class Host:
    """A host as wanted; made again only when a test did not leave it so."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.ns: Namespace | None = None
        self.state: State = {}

    def ready(self) -> Namespace:
        if self.ns is None or observed(self.ns) != self.state:
            self.stack.close()
            self.ns = self.stack.enter_context(namespace("vff"))
            self.ns.ip(*PORTS)
            good(run(self.ns, "vtep", WANTED))
            unchanged(self.ns, "vtep", WANTED)
            self.state = observed(self.ns)
        return self.ns


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with ExitStack() as stack:
        yield Host(stack)


def indexes(ns: Namespace) -> dict[str, int]:
    return {entry["ifname"]: entry["ifindex"] for entry in ns.json("ip", "link")}


@pytest.mark.parametrize("drift", KINDS, ids=lambda drift: drift.name)
def test_drift_is_found_and_repaired(host: Host, drift: Drift) -> None:
    ns = host.ready()
    before = indexes(ns)
    if drift.ip:
        ns.ip(*drift.ip)
    if drift.bridge:
        ns.bridge(*drift.bridge)
    drifted = observed(ns)
    assert drifted != host.state, "no drift"
    checked = good(run(ns, "vtep", WANTED, check=True))
    assert checked["changed"], "a check did not find it"
    assert observed(ns) == drifted, "a check changed something"
    repaired = good(run(ns, "vtep", WANTED))
    assert repaired["operations"] == checked["operations"]
    assert observed(ns) == host.state, shown(host.state, observed(ns))
    unchanged(ns, "vtep", WANTED)
    kept = indexes(ns) == before
    assert kept or not drift.keeps, "an interface was made anew"
    record("drift", drift.name, {"index kept": kept, "operations": len(repaired["operations"])})
