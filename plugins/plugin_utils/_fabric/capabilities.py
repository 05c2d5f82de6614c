# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a compiled state needs and a host's kernel, as its fact vxlan_capabilities tells, does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, present_value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS, table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import Capabilities, Need, missing

# The lists of a state by the kind of their entries, and the word for that kind in its defaults.
_LISTS = {"vxlan": ("interfaces", "interface"), "bridge": ("bridges", "bridge"), "vrf": ("vrfs", "vrf"), "vlan": ("vlan_interfaces", "vlan_interface")}
_PORT = "bridge_slave"
# What an entry of a port's VLANs says, and the flag of the port that came with it (Linux 6.4).
_OF_VLANS = {"neigh_suppress": "neigh_vlan_suppress"}


def lacking(state: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """One sentence, 'NAME.OPTION: this kernel (RELEASE) lacks it: ...', for each option and kind that the state needs and the kernel lacks.

    state: a host_state of the module vtep, compact or expanded. facts: vxlan_capabilities of the host. An option with the value that
    the kernel has by itself needs nothing.
    """
    found = Capabilities(str(facts["kernel"]), facts["kinds"], facts["options"])
    return missing(_needs(state, found), found)


def _needs(state: Mapping[str, Any], found: Capabilities) -> Iterator[Need]:
    """Needs that are not met; hosts have thousands of entries and kernels lack few options."""
    defaults = state.get("defaults") or {}
    absent = {kind: [row for row in table_of(kind) if not found.options.get(kind, {}).get(row.option, True)] for kind in KINDS}
    for kind, (name, word) in _LISTS.items():
        for entry in state.get(name) or ():
            if entry.get("state") == "absent":
                continue
            if not found.kinds.get(kind, True):
                yield Need(str(entry["name"]), kind)
            yield from _needs_of(str(entry["name"]), kind, {**(defaults.get(word) or {}), **entry}, absent.get(kind, ()))
            for port in entry.get("ports") or ():
                yield from _needs_of(f"{entry['name']}.ports.{port['name']}", _PORT, _port({**(defaults.get("port") or {}), **port}), absent[_PORT])


def _port(port: Mapping[str, Any]) -> dict[str, Any]:
    """A port with the flags that its VLANs stand for."""
    vlans = port.get("vlans") or ()
    return {**port, **{flag: True for word, flag in _OF_VLANS.items() if any(vlan.get(word) for vlan in vlans)}}


def _needs_of(name: str, kind: str, entry: Mapping[str, Any], absent: Iterable[Attribute]) -> Iterator[Need]:
    for row in absent:
        value = entry.get(row.option)
        if value is not None and value != present_value(row, row.default):
            yield Need(name, kind, row.option)
