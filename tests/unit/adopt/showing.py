# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What vtep_info shows of a host that has the state which an inventory comes to: as plain data, without a kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Read
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric

UNDERLAY = 1600
ZERO = "00:00:00:00:00:00"
PORT = {
    "learning": True, "flood": True, "bcast_flood": True, "mcast_flood": True, "neigh_suppress": False, "isolated": False, "hairpin": False, "cost": 100,
}  # fmt: skip
LINK = {
    "ageing": 300, "ttl": "auto", "tos": "0", "df": "unset", "source_port": "0-0", "limit": 0, "proxy": False, "external": False, "udp_checksum": True,
    "txqueuelen": 1000,
}  # fmt: skip
BRIDGE = {"ageing": 300, "priority": 32768, "vlan_filtering": False, "mcast_startup_query_interval": 31.24, "txqueuelen": 1000}


def show(fabric: Fabric) -> dict[str, dict[str, Any]]:
    """By host. What a state leaves to the host (MTU, MAC addresses) is made up, always the same."""
    return {host: _show_host(host, expand(state), fabric.name) for host, state in host_states(fabric).items()}


def read(fabric: Fabric, facts: bool = True) -> dict[str, Read]:
    """As adoption takes it. facts: whether they are there."""
    return {host: Read(found, facts_of(fabric, host) if facts else {}) for host, found in show(fabric).items()}


def facts_of(fabric: Fabric, host: str) -> dict[str, Any]:
    vtep = fabric.vteps[host]
    addresses = [*vtep.addresses.values(), *vtep.others]
    four = [{"address": address, "prefix": "24"} for address in addresses if ":" not in address]
    six = [{"address": address, "prefix": "64", "scope": "global"} for address in addresses if ":" in address]
    card = {"device": "eth0", "active": True, "mtu": UNDERLAY, "ipv4": four[0] if four else {}, "ipv4_secondaries": four[1:], "ipv6": six}
    return {"eth0": card, "interfaces": ["eth0"], "default_ipv4": {"interface": "eth0", "mtu": 9}}


def _show_host(host: str, state: Mapping[str, Any], fabric: str) -> dict[str, Any]:
    mark = f"vxlan.fabric:{fabric}"
    masters = {port["name"]: bridge["name"] for bridge in state["bridges"] for port in bridge["ports"]}
    interfaces = [_show_interface(host, entry, mark, masters) for entry in state["interfaces"]]
    mtus = {masters[link["name"]]: link["mtu"] for link in interfaces}
    bridges = [_show_bridge(host, entry, mark, mtus[entry["name"]]) for entry in state["bridges"]]
    fdb = [{"interface": entry["interface"], "rows": _show_rows(entry, link)} for entry, link in zip(state["fdb"], interfaces)]
    vlans = [{"mtu": 1500, "addresses": [], "neighbours": [], **entry, "alias": mark} for entry in state.get("vlan_interfaces", ())]
    vrfs = [{"addresses": [], **entry, "alias": mark} for entry in state.get("vrfs", ())]
    owners = {entry["name"]: fabric for entry in (*interfaces, *bridges, *vlans, *vrfs)}
    found = {"interfaces": interfaces, "bridges": bridges, "fdb": fdb, "owners": owners, "vnis": {}, "changed": False}
    return {**found, "vlan_interfaces": vlans, "vrfs": vrfs}


def _mac(*words: str) -> str:
    number = sum(place * ord(letter) for place, letter in enumerate("/".join(words), 1)) % (1 << 24)
    return "06:00:00:" + ":".join(f"{number >> shift & 255:02x}" for shift in (16, 8, 0))


def _show_interface(host: str, entry: Mapping[str, Any], mark: str, masters: Mapping[str, str]) -> dict[str, Any]:
    overhead = 70 if ":" in entry["local"] else 50
    mtu = {"auto": UNDERLAY - overhead, None: 1500}.get(entry.get("mtu"), entry.get("mtu"))
    neighbours = _neighbours(entry)
    said = {key: value for key, value in entry.items() if key != "remote" or value != "none"}
    return {
        **LINK,
        **said,
        "mtu": mtu,
        "neighbours": neighbours,
        "addresses": [],
        "alias": mark,
        "mac": _mac(host, entry["name"]),
        "master": masters[entry["name"]],
    }


def _neighbours(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"state": "permanent", **neighbour} for neighbour in entry.get("neighbours", ())]


def _show_bridge(host: str, entry: Mapping[str, Any], mark: str, mtu: int) -> dict[str, Any]:
    ports = [{**PORT, **port} for port in entry["ports"]]
    said = {key: value for key, value in entry.items() if key != "purge" and (key, value) != ("master", "none")}
    return {
        **BRIDGE,
        "mac": _mac(host, entry["name"]),
        "mtu": mtu,
        **said,
        "alias": mark,
        "ports": sorted(ports, key=lambda port: str(port["name"])),
        "neighbours": [],
    }


def _show_rows(entry: Mapping[str, Any], link: Mapping[str, Any]) -> list[dict[str, Any]]:
    base = {"state": "permanent", "table": "self"}
    single = link.get("group") or link.get("remote")
    rows = [{"mac": ZERO, "dst": single, **base, "owner": "default"}] if single else []
    for row in entry["rows"]:
        destinations = row["dst"] if isinstance(row["dst"], list) else [row["dst"]]
        rows += [{"mac": row["mac"], "dst": dst, **base, "owner": "managed"} for dst in destinations]
    return sorted(rows, key=str)
