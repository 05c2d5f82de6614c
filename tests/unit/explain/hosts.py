# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are exactly what the inventory wants, as vtep_info and underlay_info would return them, to be broken by tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import Question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.reading import ends_of, next_reading, readings_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Walk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.walk import make_walk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of

Json = dict[str, Any]


class Host:
    """One host. state: of vtep_info, under: answers of underlay_info to what is asked; both may be changed. error: it does not answer."""

    def __init__(self, fabric: Fabric, name: str) -> None:
        self.fabric, self.name, self.error = fabric, name, ""
        wanted = expand(host_states(fabric, [name])[name])
        self.state: Json = {
            "interfaces": [_interface(entry) for entry in wanted["interfaces"]],
            "bridges": [{"mac": f"02:00:00:00:ff:{place:02x}", "state": "up", **entry} for place, entry in enumerate(wanted["bridges"])],
            "fdb": [{"interface": entry["interface"], "rows": _rows(entry, interface)} for entry, interface in zip(wanted["fdb"], wanted["interfaces"])],
            "vnis": wanted.get("vnis", {}),
            "vlan_interfaces": wanted.get("vlan_interfaces", []),
        }
        for interface, entries in self.state["vnis"].items():
            grouped = [{"mac": ZERO_MAC, "dst": entry["group"], "src_vni": vni} for entry in entries if "group" in entry for vni in numbers_of(entry["vni"])]
            self.rows(interface).extend({**row, "owner": "managed", "table": "self", "state": "permanent"} for row in grouped)
        self.routes: dict[str, Json] = {}  # by destination, what differs from a neighbour on eth0
        self.lost: set[str] = set()  # addresses that the host should have
        self.closed: set[int] = set()
        self.left: set[str] = set()  # groups
        self.links: dict[str, Json | None] = {}  # what differs; None: not there

    def interface(self, name: str) -> Json:
        return next(entry for entry in self.state["interfaces"] if entry["name"] == name)

    def bridge(self, name: str) -> Json:
        return next(entry for entry in self.state["bridges"] if entry["name"] == name)

    def port(self, bridge: str, name: str) -> Json:
        return next(port for port in self.bridge(bridge)["ports"] if port["name"] == name)

    def rows(self, interface: str) -> list[Json]:
        found = next((entry for entry in self.state["fdb"] if entry["interface"] == interface), None)
        if found is None:
            found = {"interface": interface, "rows": []}
            self.state["fdb"].append(found)
        rows: list[Json] = found["rows"]
        return rows

    def hear(self, mac: str, port: str, owner: str = "learned") -> Host:
        """The bridge has a MAC address behind a port."""
        self.rows(port).append({"mac": mac, "table": "master", "owner": owner, "state": "dynamic"})
        return self

    def answer(self, ask: Json) -> Json:
        """What underlay_info returns."""
        own = {*self.fabric.vteps[self.name].addresses.values(), *self.fabric.vteps[self.name].others} - self.lost
        ports = {entry["port"] for entry in self.state["interfaces"] if entry["state"] == "up"} - self.closed
        masters = {port["name"]: bridge["name"] for bridge in self.state["bridges"] for port in bridge["ports"]}
        links = {name: self._link(name, masters.get(name, "")) for name in ask["links"]}
        return {
            "routes": [self._route(entry) for entry in ask["routes"]],
            "addresses": {address: "eth0" if address in own else "" for address in ask["addresses"]},
            "ports": [{"port": port, "addresses": ["0.0.0.0"] if port in ports else []} for port in ask["ports"]],  # noqa: S104
            "groups": {group: [] if group in self.left else [self.fabric.vteps[self.name].device or "eth0"] for group in ask["groups"]},
            "links": [link for link in links.values() if link is not None],
        }

    def _link(self, name: str, master: str) -> Json | None:
        changed = self.links.get(name, {})
        plain = {"name": name, "kind": "", "state": "up", "carrier": True, "mtu": 1600, "mac": "", "master": master}
        return None if changed is None else {**plain, **changed}

    def _route(self, entry: Json) -> Json:
        kind = "multicast" if entry["address"].startswith(("239.", "ff")) else "unicast"
        mtu = self.fabric.vteps[self.name].mtu or self.fabric.underlay_mtu or 1600
        plain = {"type": kind, "next_hop": "", "output": entry["device"] or "eth0", "preferred_source": "", "mtu": mtu, "table": 254, "error": ""}
        return {**entry, **plain, **self.routes.get(entry["address"], {})}


def _interface(entry: Json) -> Json:
    """As it is read back: `auto` is a number, and what is not set is left out."""
    shown = {key: value for key, value in entry.items() if value != "none" and key != "addrgenmode"}
    return {**shown, "mtu": shown["mtu"] if isinstance(shown.get("mtu"), int) else 1450}


def _rows(entry: Json, interface: Json) -> list[Json]:
    own = [interface[key] for key in ("group", "remote") if interface.get(key) not in (None, "none")]
    rows = [{"mac": ZERO_MAC, "dst": dst, "owner": "default", "table": "self"} for dst in own]
    for row in entry["rows"]:
        if row.get("table") == "master":
            rows.append({**row, "owner": "managed"})
            continue
        listed = [row["dst"]] if isinstance(row["dst"], str) else row["dst"]
        rows += [{**row, "dst": dst, "owner": "managed", "table": "self"} for dst in listed]
    return [{"state": "permanent", **row} for row in rows]


def perfect(fabric: Fabric) -> dict[str, Host]:
    """Every host as wanted. With EVPN, BGP has told what the others need to know."""
    hosts = {name: Host(fabric, name) for name in fabric.vteps}
    for network in fabric.networks.values():
        if network.flooding == EVPN:
            for host in network.members:
                peers = [fabric.address(other, network) for other in network.members if other != host]
                rows = hosts[host].rows(fabric.interface(host, network))
                told = {"mac": ZERO_MAC, "owner": "extern_learn", "table": "self", "state": "permanent", "src_vni": network.vni}
                rows += [{**told, "dst": peer} for peer in peers]
    return hosts


def explain(question: Question, hosts: dict[str, Host], most: int = 4, available: list[str] | None = None) -> Walk:
    """As the role does it: read at the ends, follow the rows, read there, tell."""
    names = list(hosts) if available is None else available
    hostvars: dict[str, Json] = {name: {} for name in hosts}
    ends = [name for name in ends_of(question) if name in names]
    for name in ends:
        hostvars[name]["explain_state"] = _answered(hosts[name], hosts[name].state)
    following = next_reading(question, readings_of(question, hostvars, ends), names, most)
    for name in following["new"]:
        hostvars[name]["explain_more"] = _answered(hosts[name], hosts[name].state)
    for name in following["hosts"]:
        hostvars[name]["explain_underlay"] = _answered(hosts[name], hosts[name].answer(following["ask"][name]))
    return make_walk(question, readings_of(question, hostvars, following["hosts"]), most)


def _answered(host: Host, found: Json) -> Json:
    return {"unreachable": True, "msg": host.error} if host.error else found
