# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small inventories for the tests of the fabric library, and random ones."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import InventoryError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import parse_fabric

ZERO = "00:00:00:00:00:00"


class Inventory(NamedTuple):
    """What parse_fabric takes."""

    fabric: dict[str, Any]
    vteps: dict[str, Any]
    groups: dict[str, list[str]]

    def parse(self) -> Fabric:
        return parse_fabric(self.fabric, self.vteps, self.groups)

    def mistakes(self) -> list[str]:
        """Empty when there are none."""
        try:
            self.parse()
        except InventoryError as error:
            return error.mistakes
        return []

    def network(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.fabric["networks"][name]
        return found


_SMALL = Inventory(
    {
        "name": "t",
        "underlay": {"mtu": 1600},
        "networks": {
            "blue": {
                "vni": 100,
                "members": ["hypervisors", "leaf1"],
                "endpoints": [
                    {"name": "b1", "host": "hv1", "port": "tap0", "mac": "02:00:00:00:00:01", "address": "10.0.0.1/24"},
                    {"name": "b2", "host": "hv2", "port": "tap0", "mac": "02:00:00:00:00:02", "address": "10.0.0.2/24"},
                ],
            },
            "red": {"vni": 200, "members": ["hv1", "hv2"], "flooding": "multicast", "group": "239.0.0.1"},
            "six": {"vni": 300, "members": ["all"], "family": "ipv6", "flooding": "static"},
            "line": {"vni": 400, "members": ["hv2", "leaf1"], "flooding": "point_to_point"},
        },
    },
    {
        "hv1": {"address": ["192.0.2.1", "2001:db8::1"], "device": "eth0", "ports": {"blue": ["tap0"], "red": ["tap1"]}},
        "hv2": {"address": ["192.0.2.2", "2001:db8::2"], "device": "eth0", "ports": {"blue": ["tap0"]}},
        "leaf1": {"address": ["192.0.2.3", "2001:db8::3"], "device": "eth0"},
    },
    {"all": ["hv1", "hv2", "leaf1"], "ungrouped": [], "hypervisors": ["hv1", "hv2"], "switches": ["leaf1"]},
)


def small() -> Inventory:
    """Three VTEPs and four networks, one of each kind; a copy that may be spoilt."""
    return copy.deepcopy(_SMALL)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Valid inventories of 2 to 8 VTEPs and up to 6 networks."""
    hosts = [f"h{number}" for number in range(draw(st.integers(2, 8)))]
    vteps: dict[str, dict[str, Any]] = {
        host: {"address": [f"192.0.2.{place + 1}", f"2001:db8::{place + 1:x}", f"198.51.100.{place + 1}"], "device": "eth0"} for place, host in enumerate(hosts)
    }
    networks = {f"n{number}": draw(_networks(number, hosts)) for number in range(draw(st.integers(1, 6)))}
    for name, network in networks.items():
        if draw(st.integers(0, 3)) == 0:
            _take_seats(draw, name, network, vteps)
    for host, vtep in vteps.items():
        carried = [name for name, network in networks.items() if host in network["members"]]
        if not any(networks[name]["flooding"] == "multicast" for name in carried) and draw(st.booleans()):
            del vtep["device"]
        vtep["ports"] = {name: [f"p{name}a", f"p{name}b"] for name in carried if draw(st.booleans())}
    fabric = {"name": "random", "gateway_mac": "02:00:5e:00:01:01", "networks": networks}
    return Inventory(fabric, vteps, {"all": hosts, "hypervisors": hosts[::2], "switches": hosts[1::2]})


@st.composite
def mixed_inventories(draw: st.DrawFn) -> Inventory:
    """Inventories whose hosts are of both styles, with trunk ports, and gateways of VRFs."""
    inventory = draw(inventories())
    tables: dict[str, int] = draw(st.sampled_from([{}, {"red": 100}, {"red": 100, "green": 101}]))
    vrfs = {name: {"table": table} for name, table in tables.items()}
    inventory.fabric["vrfs"] = vrfs
    for place, network in enumerate(inventory.fabric["networks"].values()):
        network["vlan"] = 10 + 2 * place - place % 2
        # What is on one interface of a host of style single has to agree about learning: one UDP port for each sort.
        learns = network.get("learning", network["flooding"] in ("learning", "multicast", "point_to_point"))
        network["port"] = 4791 if network["flooding"] == "evpn" else 4790 if learns else 4789
        if "gateway" in network and vrfs:
            network["vrf"] = draw(st.sampled_from(sorted(vrfs)))
    for host, vtep in inventory.vteps.items():
        if draw(st.booleans()):
            vtep["style"] = "single"
            vtep.pop("networks", None)
        carried = [name for name, network in inventory.fabric["networks"].items() if host in network["members"]]
        if draw(st.booleans()) and carried:
            trunk = draw(st.lists(st.sampled_from(carried), min_size=1, unique=True))
            others = [name for name in carried if name not in trunk]
            native = {"native": draw(st.sampled_from(others))} if draw(st.booleans()) and others else {}
            vtep["ports"]["eth5"] = {"trunk": trunk, **native}
    return inventory


def _take_seats(draw: st.DrawFn, name: str, network: dict[str, Any], vteps: dict[str, Any]) -> None:
    """Some members use other names and another address."""
    for host in draw(st.lists(st.sampled_from(network["members"]), max_size=3, unique=True)):
        seat = {"interface": f"x{network['vni']}", "bridge": f"b{network['vni']}"}
        if network.get("family") == "ipv4" and draw(st.booleans()):
            seat["address"] = vteps[host]["address"][2]
        vteps[host].setdefault("networks", {})[name] = seat


@st.composite
def _networks(draw: st.DrawFn, number: int, hosts: list[str]) -> dict[str, Any]:
    flooding = draw(st.sampled_from(["static", "learning", "multicast", "none", "point_to_point", "evpn"]))
    most = 2 if flooding == "point_to_point" else len(hosts)
    members = draw(st.lists(st.sampled_from(hosts), min_size=2 if most == 2 else 1, max_size=most, unique=True))
    network: dict[str, Any] = {"vni": 1000 + number, "members": members, "flooding": flooding}
    if flooding in ("multicast", "point_to_point"):
        network["learning"] = draw(st.booleans())
    family = draw(st.sampled_from(["ipv4", "ipv6"]))
    if flooding == "multicast":
        network["group"] = "239.0.0.1" if family == "ipv4" else "ff05::1"
    else:
        network["family"] = family
    places = draw(st.lists(st.sampled_from(members), min_size=1 if flooding == "none" else 0, max_size=5))
    network["endpoints"] = [
        {"name": f"e{number}x{place}", "host": host, "mac": f"02:00:00:00:{number:02x}:{place:02x}", "address": f"10.0.0.{place + 1}/24"}
        for place, host in enumerate(places)
    ]
    if flooding == "evpn":
        for endpoint in network["endpoints"]:
            del endpoint["mac"]
    if draw(st.integers(0, 2)) == 0:
        network["gateway"] = {"address": "10.0.0.254/24", "members": draw(st.lists(st.sampled_from(members), min_size=1, unique=True))}
    return network
