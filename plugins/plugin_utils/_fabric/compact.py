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
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of

Entry = dict[str, Any]
HostState = dict[str, Any]

# What an entry is about is always said by itself.
_OWN = frozenset(("name", "interface", "vni", "ports"))
_NOTHING = object()


def defaults_of(entries: Sequence[Entry]) -> Entry:
    """What entries share. An option becomes a default when every entry has it, with its most frequent value."""
    if not entries:
        return {}
    found = {key: _shared([entry[key] for entry in entries]) for key in entries[0] if key not in _OWN and all(key in entry for entry in entries)}
    return {key: value for key, value in found.items() if value is not _NOTHING}


def without(entry: Entry, defaults: Mapping[str, Any]) -> Entry:
    """The entry without what the defaults say already. An option that it has not, and the defaults have, is None: none after all."""
    rest = {key: value for key, value in entry.items() if defaults.get(key, _NOTHING) != value}
    missing = defaults.keys() - entry.keys()
    return {**rest, **dict.fromkeys(sorted(missing))} if missing else rest


def bridge_without(bridge: Entry, defaults: Mapping[str, Entry]) -> Entry:
    """A bridge and its ports without what the defaults of both say."""
    return {**without(bridge, defaults["bridge"]), "ports": [without(port, defaults["port"]) for port in bridge["ports"]]}


def _shared(values: list[Any]) -> object:
    """The most frequent value, of equally frequent ones the first; _NOTHING when all differ."""
    first = values[0]
    if values.count(first) == len(values):
        return first
    most, count = Counter(map(str, values)).most_common(1)[0]
    return next(value for value in values if str(value) == most) if count > 1 else _NOTHING


def compacted(
    fabric: str,
    defaults: Mapping[str, Entry],
    peers: Mapping[str, Sequence[str]],
    interfaces: list[Entry],
    bridges: list[Entry],
    fdb: list[Entry],
    **more: object,
) -> HostState:
    """The host_state of vtep. peers: the sets that `flood` of the fdb entries names. Entries are without what the defaults of their kind say.
    more: `vnis`, `vlan_interfaces`, `vrfs`, where there are some."""
    state: HostState = {
        "fabric": fabric,
        "defaults": {kind: found for kind, found in sorted(defaults.items()) if found},
        "peers": dict(peers),
        "interfaces": interfaces,
        "bridges": bridges,
        "fdb": fdb,
        **more,
    }
    return {key: value for key, value in state.items() if value or key in ("fabric", "interfaces", "bridges", "fdb")}


def expand(state: Mapping[str, Any]) -> HostState:
    """Every entry with all of its options, and flood lists among the rows."""
    defaults, peers = state.get("defaults", {}), state.get("peers", {})

    def full(key: str, kind: str) -> list[Entry]:
        return [_full(entry, defaults.get(kind, {})) for entry in state[key]]

    return {
        "fabric": state["fabric"],
        "interfaces": full("interfaces", "interface"),
        "bridges": [{**bridge, "ports": [_full(port, defaults.get("port", {})) for port in bridge["ports"]]} for bridge in full("bridges", "bridge")],
        "fdb": [_with_flood_lists(entry, peers) for entry in full("fdb", "fdb")],
        **{key: state[key] for key in ("vnis",) if key in state},
        **{key: full(key, kind) for key, kind in (("vlan_interfaces", "vlan_interface"), ("vrfs", "vrf")) if key in state},
    }


def _full(entry: Mapping[str, Any], defaults: Mapping[str, Any]) -> Entry:
    return {key: value for key, value in {**defaults, **entry}.items() if value is not None}


def _with_flood_lists(entry: Entry, peers: Mapping[str, Sequence[str]]) -> Entry:
    """`flood` is the list of the interface, `floods` those of VNIs of an interface that has several."""
    addresses = [address for name in entry.get("flood", ()) for address in peers[name]]
    rows: list[Entry] = [{"mac": ZERO_MAC, "dst": addresses}] if addresses else []
    for flood in entry.get("floods", ()):
        listed = [address for name in flood["flood"] for address in peers[name]]
        rows += [{"mac": ZERO_MAC, "dst": listed, "src_vni": vni} for vni in numbers_of(flood["src_vni"])]
    return {**{key: value for key, value in entry.items() if key not in ("flood", "floods")}, "rows": [*rows, *entry["rows"]]}
