# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The state that vtep_info read on a host, next to the state that the inventory wants there: one line per network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, ZERO_MAC

Found = Mapping[str, Any]

# What of an interface is compared, and how a person calls it.
_COMPARED = ("state", "vni", "port", "local", "device", "group", "remote", "learning", "mtu", "alias", "addrgenmode")
_BRIDGE_COMPARED = ("state", "stp", "mtu", "addresses", "alias")


LINK, PORT, FLOOD, MACHINE = "link", "port", "flood", "machine"


class Fault(NamedTuple):
    """Of one network on one host. about: by kind the name of an interface, a port, the address that is not flooded to (none: too many are), a MAC."""

    network: str
    kind: str
    about: str
    text: str


def compare_state(state: Mapping[str, Any], networks: Mapping[str, str], found: Found | None) -> dict[str, Any]:
    """state: of compact.expand. networks: by the name of an interface. found: what vtep_info returned; None when that is not known.
    Gives `networks`, one line each, `problems` as sentences, and `faults`, those of them that are of a network."""
    if found is None:
        return {"networks": [_unknown(interface, networks[interface["name"]]) for interface in state["interfaces"]], "problems": [], "faults": []}
    mark = {"alias": OWNER_MARK + state["fabric"]}
    interfaces, bridges = (_by_name(found.get(key, ())) for key in ("interfaces", "bridges"))
    rows = {entry["interface"]: entry["rows"] for entry in found.get("fdb", ())}
    lines = []
    for interface, bridge, fdb in zip(state["interfaces"], state["bridges"], state["fdb"]):
        name = interface["name"]
        wanted = ({**interface, **mark, "network": networks[name]}, {**bridge, **mark}, fdb)
        lines.append(_compare_network(*wanted, (interfaces.get(name), bridges.get(bridge["name"]), rows.get(name, ()))))
    faults = [fault for line in lines for fault in line.pop("faults")]
    return {"networks": lines, "problems": [f"{fault.network}: {fault.text}" for fault in faults] + _stale(state, found), "faults": faults}


def _unknown(interface: Found, network: str) -> dict[str, Any]:
    line = {"network": network, "vni": interface["vni"], "interface": f"{interface['name']} unknown", "flooding": "-", "machines": "-", "ports": "-"}
    return {**line, "also": "", "ok": False}


def _by_name(entries: Sequence[Found]) -> dict[str, Found]:
    return {entry["name"]: entry for entry in entries}


def _stale(state: Mapping[str, Any], found: Found) -> list[str]:
    wanted = {entry["name"] for key in ("interfaces", "bridges") for entry in state[key]}
    return [
        f"{name} carries the mark {OWNER_MARK}{owner}, and the inventory has it no more"
        for name, owner in sorted(found.get("owners", {}).items())
        if owner == state["fabric"] and name not in wanted
    ]


def _compare_network(interface: Found, bridge: Found, fdb: Found, found: tuple[Found | None, Found | None, Sequence[Found]]) -> dict[str, Any]:
    """One network on one host. found: its interface, its bridge and its forwarding rows."""
    found_interface, found_bridge, rows = found
    network, name = interface["network"], interface["name"]
    texts = _differences(interface, found_interface, _COMPARED) + _differences(bridge, found_bridge, _BRIDGE_COMPARED)
    faults = [Fault(network, LINK, name, text) for text in texts]
    ports = [port["name"] for port in bridge["ports"] if port["name"] != name]
    enslaved = {port["name"] for port in (found_bridge or {}).get("ports", ())}
    if found_bridge is not None:
        absent = [port for port in (name, *ports) if port not in enslaved]
        faults += [Fault(network, LINK if port == name else PORT, port, f"{port} is not in bridge {bridge['name']}") for port in absent]
    flood, flood_problems = _flooding(interface, fdb, rows)
    machines, machine_problems = _machines(fdb, rows)
    if found_interface is not None:
        faults += [Fault(network, FLOOD, about, f"{name}: {problem}") for about, problem in flood_problems]
        faults += [Fault(network, MACHINE, about, f"{name}: {problem}") for about, problem in machine_problems]
    others = sorted(enslaved - {name, *ports})
    return {
        "network": network,
        "vni": interface["vni"],
        "interface": f"{name} {(found_interface or {}).get('state', 'missing')}",
        "flooding": flood,
        "machines": machines,
        "ports": _share(ports, enslaved),
        "ok": not faults,
        "also": f"also in {bridge['name']}: {', '.join(others)}" if others else "",
        "faults": faults,
    }


def _differences(wanted: Found, found: Found | None, keys: Sequence[str]) -> list[str]:
    name = wanted["name"]
    if found is None:
        return [f"{name} does not exist"]
    differing = [key for key in keys if key in wanted and wanted[key] != "auto" and _shown(found, key) != wanted[key]]
    return [f"{name}: {key} is {_word(_shown(found, key))}, not {_word(wanted[key])}" for key in differing]


def _shown(found: Found, key: str) -> object:
    """vtep_info leaves out what an interface has not."""
    return found.get(key, "none" if key in ("remote", "group", "device") else None)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _flooding(interface: Found, fdb: Found, rows: Sequence[Found]) -> tuple[str, list[tuple[str, str]]]:
    """Judged by the rows of the zero MAC: the link still says `remote` when its row is gone."""
    real = {str(row.get("dst")) for row in rows if row["mac"] == ZERO_MAC and row["table"] == "self"}
    single = interface.get("group") or interface.get("remote")
    listed = [address for row in fdb["rows"] if row["mac"] == ZERO_MAC for address in row["dst"]]
    wanted = listed if single in (None, "none") else [str(single)]
    problems = [(address, f"floods not to {address}") for address in wanted if address not in real]
    problems += [("", f"floods to {address} as well") for address in sorted(real - set(wanted))]
    if single not in (None, "none"):
        return (str(single) if not problems else f"not {single}"), problems
    return _share(wanted, real), problems


def _machines(fdb: Found, rows: Sequence[Found]) -> tuple[str, list[tuple[str, str]]]:
    """MAC addresses that are behind other hosts, as far as the inventory knows them."""
    wanted = {row["mac"]: row["dst"] for row in fdb["rows"] if row["mac"] != ZERO_MAC}
    real = {row["mac"]: row.get("dst") for row in rows if row["mac"] != ZERO_MAC and row["table"] == "self"}
    problems = [(mac, f"{mac} is behind {real.get(mac, 'no VTEP')}, not {dst}") for mac, dst in wanted.items() if real.get(mac) != dst]
    fixed = [row for row in rows if row.get("owner") == "managed" and row["mac"] != ZERO_MAC and row["table"] == "self"]
    unknown = [row for row in fixed if row["mac"] not in wanted]
    problems += [(row["mac"], f"{row['mac']} is fixed behind {row.get('dst')}, the inventory does not know it") for row in unknown]
    right = [mac for mac, dst in wanted.items() if real.get(mac) == dst]
    return _share(list(wanted), right), problems


def _share(wanted: Sequence[str], real: Collection[str]) -> str:
    if not wanted:
        return "-"
    return f"{sum(1 for item in wanted if item in real)} of {len(wanted)}"
