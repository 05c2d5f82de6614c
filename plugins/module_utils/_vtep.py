# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The arguments of the vtep module: a whole host, entry by entry in the words of the other modules.

Entries are validated here and not by AnsibleModule: thousands of them take a hundredth of its time, every mistake has its path, and
the same holds for what comes as one JSON text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ansible_collections.vxlan.fabric.plugins.module_utils import _arguments as arguments
from ansible_collections.vxlan.fabric.plugins.module_utils._engine import Outcome
from ansible_collections.vxlan.fabric.plugins.module_utils._entries import Entry, fill
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.rows import parse_destination
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted, WantedLink, WantedRows, WantedVnis

Given = Mapping[str, Any]
_Parsed = TypeVar("_Parsed")

_SHOWN_MISTAKES = 50
_STARTS_WITH_OPTION = re.compile(r"[a-z0-9_]+(?:\[\d+\])?(?:\.[a-z0-9_]+(?:\[\d+\])?)*[:,]")
_SRC_VNI = FdbRow._fields.index("src_vni")
_KINDS = ("interface", "bridge", "port", "fdb", "vlan_interface", "vrf")
_FLOODS: arguments.Spec = {"src_vni": {"type": "str", "required": True}, "flood": {"type": "list", "elements": "str", "required": True}}
# What a host's state consists of, in 'host_state' or as options of the module.
STATE: arguments.Spec = {
    "fabric": {"type": "str"},
    "interfaces": {"type": "list", "elements": "dict"},
    "bridges": {"type": "list", "elements": "dict"},
    "fdb": {"type": "list", "elements": "dict"},
    "vnis": {"type": "dict"},
    "vlan_interfaces": {"type": "list", "elements": "dict"},
    "vrfs": {"type": "list", "elements": "dict"},
    "peers": {"type": "dict"},
    "defaults": {"type": "dict"},
}


def vtep_spec() -> arguments.Spec:
    """Arguments of the vtep module."""
    return {
        **STATE,
        "host_state": {"type": "json"},
        "purge": {"type": "str", "choices": ["none", "managed"], "default": "none"},
        "recreate": {"type": "str", "choices": ["when_needed", "never", "always"], "default": "when_needed"},
        "removals": {"type": "str", "choices": ["now", "later"], "default": "now"},
        "report_objects": {"type": "int", "default": 200},
        **arguments.CHANGING,
        **arguments.COMMON,
    }


def parse_vtep(parameters: Given) -> Wanted:
    """What is wanted of a host; every mistake at once, with its path."""
    reader = _Reader(joined(parameters), parameters["recreate"])
    interfaces = _lower_first([*reader.vlan_interfaces(), *reader.interfaces()])
    links = [*reader.vrfs(), *reader.bridges(interfaces), *interfaces]
    rows = reader.rows()
    vnis = reader.vnis()
    reader.check_doubles("interfaces, bridges, vlan_interfaces and vrfs", [wanted.link.name for wanted in links])
    reader.check_doubles("fdb", [wanted.interface for wanted in rows])
    reader.check_default_rows(links, rows)
    purge = parameters["purge"] == "managed"
    if purge and not reader.mark:
        reader.mistakes.append("purge: 'managed' needs 'fabric', the name in the owner mark of what may go")
    if reader.mistakes:
        raise ArgumentListError(reader.mistakes[:_SHOWN_MISTAKES])
    return Wanted(tuple(links), tuple(rows), tuple(vnis), mark=reader.mark if purge else "", warnings=tuple(reader.warnings))


def joined(parameters: Given) -> Given:
    """The state, from 'host_state' or from the options."""
    text = parameters.get("host_state")
    options = {key: parameters[key] for key in STATE if parameters.get(key) is not None}
    if text is None:
        return options
    try:
        state = json.loads(text)
    except ValueError as error:
        raise ArgumentError(f"host_state: not JSON: {error}") from None
    if not isinstance(state, dict):
        raise ArgumentError("host_state: a JSON object is expected, with keys such as 'interfaces'")
    twice = sorted(set(options) & set(state))
    if twice:
        raise ArgumentError(f"host_state: {', '.join(twice)} cannot be given beside it")
    mistakes: list[str] = []
    filled = fill(Entry("host_state", STATE), state, "host_state", mistakes)
    if mistakes:
        raise ArgumentListError(mistakes)
    return {**options, **{key: value for key, value in filled.items() if value is not None}}


def _without_common(spec: arguments.Spec) -> arguments.Spec:
    return {key: value for key, value in spec.items() if key not in arguments.CHANGING and key not in arguments.COMMON}


class _Reader:
    """Reads the entries of one state. Mistakes are collected, what is wrong is left out."""

    def __init__(self, given: Given, recreate: str) -> None:
        self.given = given
        self.mistakes: list[str] = []
        self.warnings: list[str] = []
        self.mark = self._parse_mark(given.get("fabric"))
        self._peers = {str(name): self._parse_peers(str(name), addresses) for name, addresses in (given.get("peers") or {}).items()}
        defaults = given.get("defaults") or {}
        for name in sorted(set(defaults) - set(_KINDS)):
            self.mistakes.append(f"defaults.{name}: there are {', '.join(_KINDS)}")
        told = {kind: self._defaults(defaults, kind) for kind in _KINDS}
        port = Entry("port", arguments.port_spec(), told["port"])
        floods: arguments.Spec = {"flood": {"type": "list", "elements": "str"}, "floods": {"type": "list", "elements": "dict", "options": _FLOODS}}
        fdb = {**_without_common(arguments.fdb_spec()), **floods}
        self._entries = {
            "port": port,
            "interface": Entry("interface", _without_common(arguments.interface_spec()), {"recreate": recreate, **told["interface"]}),
            "bridge": Entry("bridge", _without_common(arguments.bridge_spec()), told["bridge"], {"ports": port}),
            "fdb": Entry("fdb", fdb, told["fdb"]),
            "vlan_interface": Entry("vlan_interface", _without_common(arguments.vlan_interface_spec()), {"recreate": recreate, **told["vlan_interface"]}),
            "vrf": Entry("vrf", _without_common(arguments.vrf_spec()), {"recreate": recreate, **told["vrf"]}),
        }
        for entry in self._entries.values():
            self.mistakes += entry.mistakes

    def _parse_mark(self, fabric: object) -> str:
        if not fabric:
            return ""
        return values.OWNER_MARK + (self._checked(values.parse_alias, str(fabric), "fabric") or "")

    def _checked(self, parse: Callable[..., _Parsed], *given: object) -> _Parsed | None:
        try:
            return parse(*given)
        except ArgumentError as error:
            self.mistakes.append(error.message)
            return None

    def _defaults(self, defaults: Given, kind: str) -> Given:
        found = defaults.get(kind) or {}
        if not isinstance(found, dict):
            self.mistakes.append(f"defaults.{kind}: options and their values are expected")
            return {}
        return found

    def _parse_peers(self, name: str, addresses: object) -> tuple[FdbRow, ...]:
        """A peer set as the rows of a flood list."""
        if not isinstance(addresses, list):
            self.mistakes.append(f"peers.{name}: a list of addresses is expected")
            return ()
        found = [self._checked(parse_destination, str(text), f"peers.{name}[{position}]") for position, text in enumerate(addresses)]
        return tuple(FdbRow(values.ZERO_MAC, address) for address in found if address is not None)

    def _entry(self, kind: str, given: object, path: str) -> dict[str, Any] | None:
        """A validated entry; None when what it is about is missing. A mistake in one option does not hide those in others."""
        prepared = self._entries[kind]
        found = fill(prepared, given, path, self.mistakes)
        return found if all(found.get(name) is not None for name in prepared.required) else None

    def _parsed(self, parse: Callable[[Given], _Parsed], entry: Given, path: str) -> _Parsed | None:
        """Parse an entry; its mistakes get the path before them."""
        try:
            return parse(entry)
        except ArgumentError as error:
            for mistake in error.mistakes if isinstance(error, ArgumentListError) else [error.message]:
                self.mistakes.append(f"{path}.{mistake}" if _STARTS_WITH_OPTION.match(mistake) else f"{path}: {mistake}")
            return None

    def interfaces(self) -> list[WantedLink]:
        return self._links("interfaces", "interface", arguments.parse_interface)

    def vlan_interfaces(self) -> list[WantedLink]:
        return self._links("vlan_interfaces", "vlan_interface", arguments.parse_vlan_interface)

    def vrfs(self) -> list[WantedLink]:
        return self._links("vrfs", "vrf", arguments.parse_vrf)

    def bridges(self, interfaces: list[WantedLink]) -> list[WantedLink]:
        """Bridges. An interface that names one of them as its master is a port of it, listed there or not."""
        members: dict[str, list[str]] = {}
        for wanted in interfaces:
            if wanted.link.master:
                members.setdefault(wanted.link.master, []).append(wanted.link.name)
        found = self._links("bridges", "bridge", arguments.parse_bridge)
        masters = {wanted.link.name: wanted.link.master for wanted in interfaces}
        for bridge in found:
            for port in bridge.ports:
                master = masters.get(port.name)
                if master is not None and master != bridge.link.name:
                    told = f"whose master is {master or 'none'} in 'interfaces' or 'vlan_interfaces'"
                    self.mistakes.append(f"bridges: {bridge.link.name} lists {port.name} as a port, {told}")
        return [_with_members(bridge, members.get(bridge.link.name, [])) for bridge in found]

    def _links(self, key: str, kind: str, parse: Callable[[Given], WantedLink]) -> list[WantedLink]:
        found = []
        for position, given in enumerate(self.given.get(key) or ()):
            path = f"{key}[{position}]"
            entry = self._entry(kind, given, path)
            if entry is None:
                continue
            if self.mark and entry["state"] != "absent":
                self._mark_entry(entry)
            wanted = self._parsed(parse, entry, path)
            if wanted is not None:
                found.append(wanted)
        return found

    def _mark_entry(self, entry: dict[str, Any]) -> None:
        alias = entry.get("alias")
        if not alias:
            entry["alias"] = self.mark
        elif alias != self.mark:
            self.warnings.append(f"{entry['name']}: its alias is {alias!r} and stays so; without the owner mark {self.mark!r} it is not the fabric's")

    def rows(self) -> list[WantedRows]:
        found = []
        for position, given in enumerate(self.given.get("fdb") or ()):
            path = f"fdb[{position}]"
            entry = self._entry("fdb", given, path)
            if entry is None:
                continue
            flood = self._flood_rows(entry.get("flood") or (), f"{path}.flood") + self._floods(entry.get("floods") or (), f"{path}.floods")
            wanted = self._parsed(arguments.parse_fdb, entry, path)
            if wanted is not None:
                found.append(wanted._replace(rows=flood + wanted.rows) if flood else wanted)
        return found

    def _flood_rows(self, names: Iterable[str], path: str) -> tuple[FdbRow, ...]:
        found: tuple[FdbRow, ...] = ()
        for name in names:
            if name not in self._peers:
                self.mistakes.append(f"{path}: there is no peer set {name!r} in 'peers'")
            found += self._peers.get(name, ())
        return found

    def _floods(self, listed: Iterable[Given], path: str) -> tuple[FdbRow, ...]:
        """Flood lists of VNIs of an interface that has several. A list that thousands of them share is parsed once."""
        found: list[FdbRow] = []
        make = tuple.__new__  # a third of the time of FdbRow._replace(...)
        for position, given in enumerate(listed):
            vnis = self._checked(values.parse_range, given["src_vni"], values.VNI_MAX, "VNI", f"{path}[{position}].src_vni")
            rows = self._flood_rows(given["flood"], f"{path}[{position}].flood")
            found += [make(FdbRow, (*row[:_SRC_VNI], vni, *row[_SRC_VNI + 1 :])) for vni in (range(vnis[0], vnis[1] + 1) if vnis else ()) for row in rows]
        return tuple(found)

    def vnis(self) -> list[WantedVnis]:
        if not self.given.get("vnis"):
            return []
        from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import parse_vnis

        found = []
        entry = Entry("vnis", arguments.VNI)
        for name, listed in (self.given.get("vnis") or {}).items():
            path = f"vnis.{name}"
            if not isinstance(listed, list):
                self.mistakes.append(f"{path}: a list of entries is expected, such as {{vni: 100-199}}")
                continue
            filled = [fill(entry, given, f"{path}[{position}]", self.mistakes) for position, given in enumerate(listed)]
            found.append(WantedVnis(name, parse_vnis([given for given in filled if given.get("vni") is not None], path, self.mistakes)))
        return found

    def check_default_rows(self, links: list[WantedLink], rows: list[WantedRows]) -> None:
        """The row of an interface's own destination, asked for by one entry and refused by another: no run could end that."""
        destinations = {wanted.link.name: wanted.link.attributes.get("destination") for wanted in links if wanted.present}
        for wanted in rows:
            destination = destinations.get(wanted.interface)
            if not wanted.present and destination is not None and any(row.mac == values.ZERO_MAC and row.dst in (None, destination) for row in wanted.rows):
                self.mistakes.append(f"fdb: of {wanted.interface} the row to {destination} is to be absent, which 'interfaces' gives as its destination")

    def check_doubles(self, key: str, names: list[str]) -> None:
        """The same interface twice in what is to be one state."""
        if len(set(names)) < len(names):
            for name in sorted({name for name in names if names.count(name) > 1}):
                self.mistakes.append(f"{key}: {name} is listed twice")


def _lower_first(links: list[WantedLink]) -> list[WantedLink]:
    """Interfaces in their order, but each behind the one that it stands on, or takes its source address from."""
    by_name = {wanted.link.name: wanted for wanted in links}
    ordered: dict[int, WantedLink] = {}

    def put(wanted: WantedLink, above: tuple[str, ...]) -> None:
        for lower in (wanted.link.attributes.get("device"), wanted.local_from):
            below = by_name.get(str(lower)) if lower else None
            if below is not None and below.link.name not in above:
                put(below, (*above, below.link.name))
        ordered.setdefault(id(wanted), wanted)

    for wanted in links:
        put(wanted, (wanted.link.name,))
    return list(ordered.values())


def _with_members(bridge: WantedLink, members: list[str]) -> WantedLink:
    listed = {port.name for port in bridge.ports}
    added = tuple(Link(name, port={}) for name in members if name not in listed)
    return bridge._replace(ports=(*bridge.ports, *added)) if added and bridge.present else bridge


def vtep_sides(parameters: Given, outcome: Outcome) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of a whole host what differs: its interfaces and bridges with all their options, and of forwarding rows those that changed."""
    if not outcome.plan.operations:
        return {}, {}
    from ansible_collections.vxlan.fabric.plugins.module_utils._render.changes import changed_objects

    return changed_objects(outcome, parameters["report_rows"], parameters["report_objects"])
