# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The state that vtep_info read on a host, next to the state that the inventory wants there: one line per network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.slices import Slice, slices_of, vlans_of_vnis

Found = Mapping[str, Any]

# What of an interface is compared, and how a person calls it.
_COMPARED = ("state", "vni", "port", "local", "device", "group", "remote", "external", "vnifilter", "learning", "mtu", "alias", "addrgenmode")
_BRIDGE_COMPARED = ("state", "stp", "vlan_filtering", "mtu", "master", "addresses", "alias")
_VLAN_COMPARED = ("state", "device", "vlan", "master", "addresses", "alias")
_VRF_COMPARED = ("state", "table", "alias")


LINK, PORT, FLOOD, MACHINE = "link", "port", "flood", "machine"


class Fault(NamedTuple):
    """Of one network on one host; network is empty for what all of them share. about: by kind the name of an interface, a port, the address that
    is not flooded to (none: too many are), a MAC."""

    network: str
    kind: str
    about: str
    text: str


class _There:
    """What vtep_info returned, to be looked up."""

    def __init__(self, found: Found) -> None:
        self.interfaces, self.bridges, self.vlan_interfaces, self.vrfs = (
            {entry["name"]: entry for entry in found.get(key, ())} for key in ("interfaces", "bridges", "vlan_interfaces", "vrfs")
        )
        self._rows = {entry["interface"]: entry["rows"] for entry in found.get("fdb", ())}
        self._by_vni: dict[str, dict[int | None, list[Found]]] = {}
        self._vnis = found.get("vnis", {})
        self._filters: dict[str, dict[int, str | None]] = {}
        self._ports: dict[tuple[str, str], _Port] = {}

    def rows(self, cut: Slice) -> Sequence[Found]:
        """Of the VXLAN interface, in the VNI of the slice where there are several."""
        name = cut.interface["name"]
        if cut.vlan is None:
            rows: Sequence[Found] = self._rows.get(name, ())
            return rows
        if name not in self._by_vni:
            by_vni: dict[int | None, list[Found]] = {}
            for row in self._rows.get(name, ()):
                by_vni.setdefault(row.get("src_vni"), []).append(row)
            self._by_vni[name] = by_vni
        return self._by_vni[name].get(cut.vni, [])

    def filter(self, interface: str) -> Mapping[int, str | None]:
        """The VNI filter: its destination by VNI."""
        if interface not in self._filters:
            listed = self._vnis.get(interface, ())
            self._filters[interface] = {vni: entry.get("group", entry.get("remote")) for entry in listed for vni in numbers_of(entry["vni"])}
        return self._filters[interface]

    def port(self, bridge: str, name: str) -> _Port | None:
        if (bridge, name) not in self._ports:
            for port in self.bridges.get(bridge, {}).get("ports", ()):
                self._ports[bridge, port["name"]] = _Port.of(port)
        return self._ports.get((bridge, name))


class _Port(NamedTuple):
    """A port of a VLAN-aware bridge. vlans: whether frames are untagged there, by VLAN. tunnels: VNI by VLAN."""

    vlans: Mapping[int, bool]
    tunnels: Mapping[int, int]

    @staticmethod
    def of(port: Found) -> _Port:
        vlans = {vlan: bool(entry.get("untagged")) for entry in port.get("vlans", ()) for vlan in numbers_of(entry["vlan"])}
        return _Port(vlans, vlans_of_vnis(port))


def compare_state(state: Mapping[str, Any], vnis: Mapping[int, str], found: Found | None) -> dict[str, Any]:
    """state: of compact.expand. vnis: the names of networks. found: what vtep_info returned; None when that is not known.
    Gives `networks`, one line each, `problems` as sentences, and `faults`, the same as values."""
    slices = slices_of(dict(state))
    if found is None:
        return {"networks": [_unknown(cut, vnis[cut.vni]) for cut in slices], "problems": [], "faults": []}
    there = _There(found)
    mark = {"alias": OWNER_MARK + state["fabric"]}
    shared = [fault for vrf in state.get("vrfs", ()) for fault in _link_faults("", vrf, there.vrfs.get(vrf["name"]), _VRF_COMPARED, mark)]
    told: dict[str, list[Fault]] = {}
    lines = [_compare_slice(cut, vnis[cut.vni], there, mark, told) for cut in slices]
    faults = [*shared, *(fault for faults in told.values() for fault in faults), *(fault for line in lines for fault in line.pop("faults"))]
    return {"networks": lines, "problems": [_sentence(fault) for fault in faults] + _stale(state, found), "faults": faults}


def _sentence(fault: Fault) -> str:
    return f"{fault.network}: {fault.text}" if fault.network else fault.text


def _unknown(cut: Slice, network: str) -> dict[str, Any]:
    line = {"network": network, "vni": cut.vni, "interface": f"{cut.interface['name']} unknown", "flooding": "-", "machines": "-", "ports": "-"}
    return {**line, "also": "", "ok": False}


def _stale(state: Mapping[str, Any], found: Found) -> list[str]:
    wanted = {entry["name"] for key in ("interfaces", "bridges", "vlan_interfaces", "vrfs") for entry in state.get(key, ())}
    return [
        f"{name} carries the mark {OWNER_MARK}{owner}, and the inventory has it no more"
        for name, owner in sorted(found.get("owners", {}).items())
        if owner == state["fabric"] and name not in wanted
    ]


def _link_faults(network: str, wanted: Found, found: Found | None, keys: Sequence[str], mark: Found) -> list[Fault]:
    return [Fault(network, LINK, wanted["name"], text) for text in _differences({**wanted, **mark}, found, keys)]


def _compare_slice(cut: Slice, network: str, there: _There, mark: Found, told: dict[str, list[Fault]]) -> dict[str, Any]:
    """One network on one host. told: faults of what several networks share, by name of the interface, which are told once."""
    name, bridge = cut.interface["name"], cut.bridge["name"]
    found_interface, found_bridge = there.interfaces.get(name), there.bridges.get(bridge)
    rows = there.rows(cut)
    links = [(cut.interface, found_interface, _COMPARED), (cut.bridge, found_bridge, _BRIDGE_COMPARED)]
    enslaved = {port["name"] for port in (found_bridge or {}).get("ports", ())}
    if cut.vlan is None:
        faults = [fault for link in links for fault in _link_faults(network, *link, mark)]
        faults += _missing_ports(network, cut, enslaved) if found_bridge is not None else []
        others = sorted(enslaved - {name, *cut.ports})
        also = f"also in {bridge}: {', '.join(others)}" if others else ""
        in_network: Collection[str] = enslaved
    else:
        for link in links:
            told.setdefault(link[0]["name"], _link_faults("", *link, mark))
        faults = [*told[name], *told[bridge]]
        own = _vlan_faults(network, cut, there, mark) if found_bridge is not None and found_interface is not None else []
        faults, also = faults + own, ""
        in_network = [port for port in cut.ports if (known := there.port(bridge, port)) is not None and cut.vlan in known.vlans]
    flood, flood_problems = _flooding(cut, rows)
    machines, machine_problems = _machines(cut, rows)
    if found_interface is not None:
        faults += [Fault(network, FLOOD, about, f"{name}: {problem}") for about, problem in flood_problems]
        faults += [Fault(network, MACHINE, about, f"{name}: {problem}") for about, problem in machine_problems]
    return {
        "network": network,
        "vni": cut.vni,
        "interface": f"{name} {(found_interface or {}).get('state', 'missing')}",
        "flooding": flood,
        "machines": machines,
        "ports": _share(cut.ports, in_network),
        "ok": not faults,
        "also": also,
        "faults": [fault for fault in faults if fault.network],
    }


def _missing_ports(network: str, cut: Slice, enslaved: Collection[str]) -> list[Fault]:
    name, bridge = cut.interface["name"], cut.bridge["name"]
    absent = [port for port in (name, *cut.ports) if port not in enslaved]
    return [Fault(network, LINK if port == name else PORT, port, f"{port} is not in bridge {bridge}") for port in absent]


def _vlan_faults(network: str, cut: Slice, there: _There, mark: Found) -> list[Fault]:
    """Of what a network has of its own where bridge and VXLAN interface are everybody's: its VLAN, its VNI, its gateway."""
    name, bridge = cut.interface["name"], cut.bridge["name"]
    tunnel = there.port(bridge, name)
    texts = []
    if tunnel is None:
        texts.append(f"{name} is not in bridge {bridge}")
    else:
        texts += [] if cut.vlan in tunnel.vlans else [f"{name} is not in VLAN {cut.vlan} of bridge {bridge}"]
        vni = tunnel.tunnels.get(cut.vlan or 0)
        texts += [] if vni == cut.vni else [f"{name}: VLAN {cut.vlan} has VNI {vni or 'none'}, not {cut.vni}"]
    filtered = there.filter(name)
    if cut.vni not in filtered:
        texts.append(f"{name}: VNI {cut.vni} is not in its filter")
    elif filtered[cut.vni] != cut.group:
        texts.append(f"{name}: the filter has VNI {cut.vni} with {filtered[cut.vni] or 'no group'}, not {cut.group or 'none'}")
    faults = [Fault(network, LINK, name, text) for text in texts]
    for port in cut.ports:
        found, wanted = there.port(bridge, port), _Port.of(next(entry for entry in cut.bridge["ports"] if entry["name"] == port))
        if found is None:
            faults.append(Fault(network, PORT, port, f"{port} is not in bridge {bridge}"))
        elif found.vlans.get(cut.vlan or 0) != wanted.vlans[cut.vlan or 0]:
            how = "not" if cut.vlan not in found.vlans else "with a tag" if wanted.vlans[cut.vlan or 0] else "without a tag"
            faults.append(Fault(network, PORT, port, f"{port} is {how} in VLAN {cut.vlan} of bridge {bridge}"))
    if cut.routed is not None:
        faults += _link_faults(network, cut.routed, there.vlan_interfaces.get(cut.routed["name"]), _VLAN_COMPARED, mark)
    return faults


def _differences(wanted: Found, found: Found | None, keys: Sequence[str]) -> list[str]:
    name = wanted["name"]
    if found is None:
        return [f"{name} does not exist"]
    differing = [key for key in keys if key in wanted and wanted[key] != "auto" and _shown(found, key) != wanted[key]]
    return [f"{name}: {key} is {_word(_shown(found, key))}, not {_word(wanted[key])}" for key in differing]


def _shown(found: Found, key: str) -> object:
    """vtep_info leaves out what an interface has not."""
    return found.get(key, "none" if key in ("remote", "group", "device", "master") else None)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _flooding(cut: Slice, rows: Sequence[Found]) -> tuple[str, list[tuple[str, str]]]:
    """Judged by the rows of the zero MAC: the link still says `remote` when its row is gone."""
    real = {str(row.get("dst")) for row in rows if row["mac"] == ZERO_MAC and row["table"] == "self"}
    wanted, single = cut.destinations, cut.group or cut.remote
    problems = [(address, f"floods not to {address}{_of_vni(cut)}") for address in wanted if address not in real]
    problems += [("", f"floods to {address} as well{_of_vni(cut)}") for address in sorted(real - set(wanted))]
    if single is not None:
        return (single if not problems else f"not {single}"), problems
    return _share(wanted, real), problems


def _of_vni(cut: Slice) -> str:
    """For a sentence about an interface that has several."""
    return "" if cut.vlan is None else f" in VNI {cut.vni}"


def _machines(cut: Slice, rows: Sequence[Found]) -> tuple[str, list[tuple[str, str]]]:
    """MAC addresses that are behind other hosts, as far as the inventory knows them."""
    wanted = {row["mac"]: row["dst"] for row in cut.machines}
    real = {row["mac"]: row.get("dst") for row in rows if row["mac"] != ZERO_MAC and row["table"] == "self"}
    problems = [(mac, f"{mac} is behind {real.get(mac, 'no VTEP')}, not {dst}{_of_vni(cut)}") for mac, dst in wanted.items() if real.get(mac) != dst]
    fixed = [row for row in rows if row.get("owner") == "managed" and row["mac"] != ZERO_MAC and row["table"] == "self"]
    unknown = [row for row in fixed if row["mac"] not in wanted]
    problems += [(row["mac"], f"{row['mac']} is fixed behind {row.get('dst')}{_of_vni(cut)}, the inventory does not know it") for row in unknown]
    right = [mac for mac, dst in wanted.items() if real.get(mac) == dst]
    return _share(list(wanted), right), problems


def _share(wanted: Sequence[str], real: Collection[str]) -> str:
    if not wanted:
        return "-"
    return f"{sum(1 for item in wanted if item in real)} of {len(wanted)}"
