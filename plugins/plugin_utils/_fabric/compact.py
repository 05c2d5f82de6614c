# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A host's state as the module vtep takes it: what entries share is said once, as defaults and named peer sets. And back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC

Entry = dict[str, Any]
HostState = dict[str, Any]

# What an entry is about is always said by itself.
_OWN = frozenset(("name", "interface", "vni", "ports"))
_NOTHING = object()


def factor(entries: Sequence[Entry]) -> tuple[Entry, list[Entry]]:
    """Defaults, and the entries without what the defaults say already.

    An option becomes a default when every entry has it, with its most frequent value: an entry cannot take a default back.
    """
    if not entries:
        return {}, []
    found = {key: _shared([entry[key] for entry in entries]) for key in entries[0] if key not in _OWN and all(key in entry for entry in entries)}
    defaults = {key: value for key, value in found.items() if value is not _NOTHING}
    return defaults, [{key: value for key, value in entry.items() if defaults.get(key, _NOTHING) != value} for entry in entries]


def _shared(values: list[Any]) -> object:
    """The most frequent value, of equally frequent ones the first; _NOTHING when all differ."""
    first = values[0]
    if values.count(first) == len(values):
        return first
    most, count = Counter(map(str, values)).most_common(1)[0]
    return next(value for value in values if str(value) == most) if count > 1 else _NOTHING


def compact(fabric: str, interfaces: Sequence[Entry], bridges: Sequence[Entry], fdb: Sequence[Entry], peers: Mapping[str, Sequence[str]]) -> HostState:
    """The host_state of vtep. peers: the sets that `flood` of the fdb entries names."""
    port_defaults, ports = factor([port for bridge in bridges for port in bridge["ports"]])
    left = iter(ports)
    with_ports = [{**bridge, "ports": [next(left) for _port in bridge["ports"]]} for bridge in bridges]
    factored = {"interface": factor(interfaces), "bridge": factor(with_ports), "fdb": factor(fdb)}
    defaults = {"port": port_defaults, **{kind: found for kind, (found, _entries) in factored.items()}}
    state: HostState = {
        "fabric": fabric,
        "defaults": {kind: found for kind, found in sorted(defaults.items()) if found},
        "peers": dict(peers),
        "interfaces": factored["interface"][1],
        "bridges": factored["bridge"][1],
        "fdb": factored["fdb"][1],
    }
    return {key: value for key, value in state.items() if value or key not in ("defaults", "peers")}


def expand(state: Mapping[str, Any]) -> HostState:
    """Every entry with all of its options, and flood lists among the rows."""
    defaults = state.get("defaults", {})

    def full(key: str, kind: str) -> list[Entry]:
        return [{**defaults.get(kind, {}), **entry} for entry in state[key]]

    bridges = [{**bridge, "ports": [{**defaults.get("port", {}), **port} for port in bridge["ports"]]} for bridge in full("bridges", "bridge")]
    fdb = [_with_flood_list(entry, state.get("peers", {})) for entry in full("fdb", "fdb")]
    return {"fabric": state["fabric"], "interfaces": full("interfaces", "interface"), "bridges": bridges, "fdb": fdb}


def _with_flood_list(entry: Entry, peers: Mapping[str, Sequence[str]]) -> Entry:
    addresses = [address for name in entry["flood"] for address in peers[name]]
    flood = [{"mac": ZERO_MAC, "dst": addresses}] if addresses else []
    return {**{key: value for key, value in entry.items() if key != "flood"}, "rows": [*flood, *entry["rows"]]}
