# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What deploy would change on a host that was adopted, said by comparing what the inventory compiles to with what was read; and what
runs beside that, which the inventory has no words for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table, present_values
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.flooding import neighbours_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import CHANGES, LEFT, Note, few
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import Found, SeenHost, Tunnel

# Said by lists or by name, and compared as such; policies are no state.
_NOT_VALUES = frozenset(("name", "ports", "neighbours", "addresses", "purge", "recreate", "remote", "group"))
# Of a link of any kind; and what is compared by itself.
_NO_ATTRIBUTES = frozenset(("name", "state", "mac", "mtu", "alias", "addrgenmode", "addresses", "neighbours", "ports", "master", "remote", "group"))
_QUEUE = 1000
# The kernel takes the cost of a port from the speed of its link (port_cost, net/bridge/br_if.c).
_COSTS = frozenset((1, 2, 3, 4, 5, 19, 100))


def compare_host(state: Mapping[str, Any], host: SeenHost) -> list[Note]:
    """state: of compact.expand, what the inventory comes to on this host."""
    mark = OWNER_MARK + state["fabric"]
    tunnels = {tunnel.name: tunnel for tunnel in host.tunnels}
    notes: list[Note] = []
    for interface, bridge, fdb in zip(state["interfaces"], state["bridges"], state["fdb"]):
        tunnel = tunnels.get(interface["name"])
        told = _Notes(host.name)
        if tunnel is None:  # the L3VNI of a VRF that other hosts have
            notes.append(Note(CHANGES, host.name, interface["name"], "comes, as other hosts have it"))
            continue
        told.interface(interface, tunnel)
        told.bridge(bridge, tunnel, mark)
        told.rows(interface, fdb["rows"], tunnel)
        notes += told.notes
    adopted = {entry["name"] for key in ("interfaces", "bridges", "vlan_interfaces", "vrfs") for entry in state.get(key, ())}
    for key in ("vlan_interfaces", "vrfs"):
        there = {entry["name"]: entry for entry in host.found.get(key, ())}
        for entry in state.get(key, ()):
            notes += _Notes(host.name).other(entry, there.get(entry["name"], {}), mark)
    return notes + list(_strangers(host, adopted, state["fabric"]))


class _Notes:
    """Of one network on one host."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.notes: list[Note] = []

    def _add(self, level: str, about: str, sentence: str) -> None:
        self.notes.append(Note(level, self._host, about, sentence))

    def interface(self, wanted: Mapping[str, Any], tunnel: Tunnel) -> None:
        self._values(wanted, tunnel.link, tunnel.name)
        before, after = (link.get("group") or link.get("remote") or "none" for link in (tunnel.link, wanted))
        if before != after:
            self._add(CHANGES, tunnel.name, f"destination {before} becomes {after}")
        self._list("neighbour", wanted.get("neighbours"), tunnel.name, [_neighbour(entry) for entry in neighbours_of(tunnel.link)], _neighbour)
        self._attributes(VXLAN, wanted, tunnel.link, tunnel.name)
        for address in tunnel.link.get("addresses") or ():
            self._add(LEFT, tunnel.name, f"address {address} on the interface itself")

    def bridge(self, wanted: Mapping[str, Any], tunnel: Tunnel, mark: str) -> None:
        found = tunnel.bridge or {}
        name = str(tunnel.bridge_name)
        self._values(wanted, found, name)
        self._list("address", wanted.get("addresses"), name, list(tunnel.gateway), str)
        self._list("neighbour", wanted.get("neighbours"), name, [_neighbour(entry) for entry in neighbours_of(found)], _neighbour)
        self._attributes(BRIDGE, wanted, found, name)
        for entry in neighbours_of(found) if "neighbours" not in wanted else ():
            self._add(LEFT, name, f"neighbour entry {_neighbour(entry)}")
        ports = {port["name"]: port for port in wanted["ports"]}
        for port in found.get("ports", ()):
            self._values(ports.get(port["name"], {}), port, port["name"])
            self._attributes(PORT, ports.get(port["name"], {}), port, port["name"])
        if tunnel.vrf is not None and "master" not in wanted:
            self._add(LEFT, name, f"in VRF {tunnel.vrf}")
        for link, about in ((tunnel.link, tunnel.name), (found, name)):
            alias = link.get("alias")
            if alias and alias != mark:
                self._add(CHANGES, about, f"alias {alias!r} becomes the owner mark")

    def other(self, wanted: Mapping[str, Any], found: Found, mark: str) -> list[Note]:
        """An 802.1Q interface or a VRF."""
        if not found:
            self._add(CHANGES, wanted["name"], "comes")
            return self.notes
        self._values(wanted, found, wanted["name"])
        alias = found.get("alias")
        if alias and alias != mark:
            self._add(CHANGES, wanted["name"], f"alias {alias!r} becomes the owner mark")
        for key in ("addresses", "neighbours"):
            for entry in found.get(key) or ():
                self._add(LEFT, wanted["name"], f"{key}: {_neighbour(entry) if isinstance(entry, Mapping) else entry}")
        return self.notes

    def rows(self, interface: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]], tunnel: Tunnel) -> None:
        missing = {(row["mac"], dst): None for row in wanted for dst in ([row["dst"]] if isinstance(row["dst"], str) else row["dst"])}
        own = {interface.get("remote"), interface.get("group")} - {None, "none"}
        for row in tunnel.rows:
            key = row["mac"], row.get("dst")
            if row.get("extern_learn"):
                continue
            if key in missing and row["table"] == "self" and not _extras(row, tunnel):
                del missing[key]
                if row["state"] != "permanent":
                    self._add(CHANGES, tunnel.name, f"row {_row(row, tunnel)} becomes permanent")
            elif not (row["mac"] == ZERO_MAC and row.get("dst") in own):
                self._add(CHANGES, tunnel.name, f"row {_row(row, tunnel)} goes")
        flood = [dst for mac, dst in missing if mac == ZERO_MAC]
        if flood:
            self._add(CHANGES, tunnel.name, f"floods to {few(flood)} as well")
        for mac, dst in missing:
            if mac != ZERO_MAC:
                self._add(CHANGES, tunnel.name, f"row {mac} dst {dst} comes, as other hosts have it")

    def _values(self, wanted: Mapping[str, Any], found: Found, about: str) -> None:
        for key, value in wanted.items():
            now = found.get(key)
            if key not in _NOT_VALUES and value not in ("auto", now) and not (now is None and value in (False, "none")):
                self._add(CHANGES, about, f"{key} {_word(now)} becomes {_word(value)}")

    def _list(self, what: str, wanted: Iterable[Any] | None, about: str, found: Sequence[str], show: Callable[[Any], str]) -> None:
        """None: left alone."""
        if wanted is None:
            return
        shown = [show(entry) for entry in wanted]
        for entry in found:
            if entry not in shown:
                self._add(CHANGES, about, f"{what} {entry} goes")
        for entry in shown:
            if entry not in found:
                self._add(CHANGES, about, f"{what} {entry} comes")

    def _attributes(self, table: Table, wanted: Mapping[str, Any], found: Found, about: str) -> None:
        """Those that somebody set, and that the inventory does not know."""
        usual = {"txqueuelen": _QUEUE, **present_values(table, {attribute.key: attribute.default for attribute in table if attribute.default is not None})}
        for key, value in found.items():
            by_itself = key in _NO_ATTRIBUTES or (key == "cost" and value in _COSTS) or (key in usual and _same(value, usual[key]))
            if key not in wanted and not by_itself and value != []:
                self._add(LEFT, about, f"{key} {_word(value)}")


def _same(value: object, usual: object) -> bool:
    """Times come in hundredths of a second, and the kernel rounds them."""
    return abs(value - usual) < 0.02 if isinstance(value, float) and isinstance(usual, (int, float)) else value == usual


def _strangers(host: SeenHost, adopted: set[str], fabric: str) -> Iterator[Note]:
    """Bridges and filters that no network is in; what carries the fabric's mark and is in none of its networks goes."""
    owners = host.found.get("owners", {})
    for name, owner in owners.items():
        if owner == fabric and name not in adopted:
            yield Note(CHANGES, host.name, name, "carries the mark of the fabric, is in none of its networks, and goes")
    of_tunnels = {tunnel.bridge_name for tunnel in host.tunnels}
    for bridge in host.found.get("bridges", ()):
        if bridge["name"] not in of_tunnels and not owners.get(bridge["name"]):
            yield Note(LEFT, host.name, bridge["name"], "a bridge without a VXLAN interface")
    for name in host.found.get("vnis", {}):
        yield Note(LEFT, host.name, name, "its VNI filter")
    for entry in host.found.get("fdb", ()):
        rows = [row for row in entry["rows"] if row.get("owner") not in ("kernel", "learned")]
        if rows and entry["interface"] not in {tunnel.name for tunnel in host.tunnels}:
            yield Note(LEFT, host.name, entry["interface"], f"forwarding rows of an access port: {few(row['mac'] for row in rows)}")
    for kind, what in (("vlan_interfaces", "a VLAN interface"), ("vrfs", "a VRF")):
        for entry in (entry for entry in host.found.get(kind, ()) if entry["name"] not in adopted):
            yield Note(LEFT, host.name, entry["name"], what)


def _neighbour(entry: Mapping[str, Any]) -> str:
    return f"{entry['address']} lladdr {entry['mac']}"


def _extras(row: Found, tunnel: Tunnel) -> str:
    """What a row says beyond MAC and destination, in the words of bridge(8)."""
    names = {"port": "port", "vni": "vni", "src_vni": "src_vni", "via": "via", "nexthop_group": "nhid", "vlan": "vlan"}
    said = [f"{word} {row[key]}" for key, word in names.items() if key in row and not (key == "via" and row[key] == tunnel.device)]
    return " ".join([*said, *(flag for flag in ("router", "sticky") if row.get(flag)), *(["master"] if row["table"] == "master" else [])])


def _row(row: Found, tunnel: Tunnel) -> str:
    parts = [row["mac"], f"dst {row['dst']}" if "dst" in row else "", _extras(row, tunnel)]
    return " ".join(part for part in parts if part)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return few(" ".join(f"{key} {_word(of)}" for key, of in entry.items()) if isinstance(entry, Mapping) else str(entry) for entry in value)
    return "none" if value is None else str(value)
