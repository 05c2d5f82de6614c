# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of verify would register on hosts, without hosts: as wanted, and then spoilt."""

from __future__ import annotations

import copy
import json
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.marks import BROADCASTS, KINDS, UNICAST
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.assemble import Settings, make_reports
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.findings import Batch
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.goal import make_goal
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import numbers_of
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import ZERO, Inventory

State = dict[str, Any]


def as_found(state: State) -> State:
    """What vtep_info would return of a host that is as wanted. state: of compact.expand."""
    state = copy.deepcopy(state)
    for entry in (*state["interfaces"], *state["bridges"], *state.get("vlan_interfaces", ()), *state.get("vrfs", ())):
        entry["alias"] = f"vxlan.fabric:{state['fabric']}"
        if entry.get("remote") == "none":
            del entry["remote"]
    for fdb, interface in zip(state["fdb"], state["interfaces"]):
        lists = [{**row, "dst": dst} for row in fdb["rows"] for dst in (row["dst"] if isinstance(row.get("dst"), list) else [row.get("dst")])]
        fdb["rows"] = [{"table": "self", "owner": "managed", **row} for row in lists]
        for entry in state.get("vnis", {}).get(interface["name"], ()):
            if "group" in entry:
                vnis = numbers_of(entry["vni"])
                fdb["rows"] += [{"mac": ZERO, "dst": entry["group"], "vni": vni, "src_vni": vni, "table": "self", "owner": "managed"} for vni in vnis]
        default = interface.get("group") or interface.get("remote")
        if default:
            fdb["rows"].append({"mac": ZERO, "dst": default, "via": "eth0", "table": "self", "owner": "default"})
    names = [entry["name"] for kind in ("interfaces", "bridges", "vlan_interfaces", "vrfs") for entry in state.get(kind, ())]
    return {**state, "owners": {**dict.fromkeys(names, state["fabric"]), "vx9": "another", "br0": ""}}


def large(hosts: int, networks: int, size: int) -> Inventory:
    """Networks of so many members, one after the other around the circle of hosts."""
    names = [f"hv{number:03}" for number in range(1, hosts + 1)]
    vteps = {host: {"address": f"10.0.{place // 250}.{place % 250 + 1}", "device": "eth0"} for place, host in enumerate(names)}
    members = [[names[(place * size // 2 + number) % hosts] for number in range(size)] for place in range(networks)]
    made = {f"net{number}": {"vni": 10_000 + number, "members": sorted(set(members[number]))} for number in range(networks)}
    return Inventory({"name": "large", "underlay": {"mtu": 1600}, "networks": made}, vteps, {"all": names, "hypervisors": names, "switches": []})


class Simulated:
    """A fabric whose hosts are all in one batch. variables: of hosts, to be spoilt."""

    def __init__(self, fabric: Fabric, limit: int = 10_000, hosts: list[str] | None = None) -> None:
        self.name = fabric.name
        self.hosts = list(fabric.vteps) if hosts is None else hosts
        self.goal = make_goal({fabric.name: fabric}, self.hosts, limit)
        self.variables: dict[str, State] = {host: self._registered(host) for host in self.hosts}

    def _registered(self, host: str) -> State:
        probe = json.loads(self.goal["probes"][host])
        paths = [{**path, "result": "ok", "path_mtu": None} for path in probe["paths"]]
        memberships = [{**entry, "member": True, "found_on": [entry["device"]]} for entry in probe["memberships"]]
        sent = [{"network": bridge["network"], "bridge": bridge["bridge"], "detail": ""} for bridge in probe["bridges"] if bridge["sends"]]
        heard = [
            {"network": bridge["network"], "origin_network": bridge["network"], "origin_host": origin, **_counts(bridge)}
            for bridge in probe["bridges"]
            for origin in bridge["expected"]
        ]
        return {
            "verify_state": as_found(expand(json.loads(self.goal["states"][host]))),
            "vtep_result": {"changed": False, "operations": [], "commands": []},
            "verify_listening": {"job": "x"},
            "verify_sent": {"paths": paths, "memberships": memberships, "sent": sent},
            "verify_heard": {"heard": heard},
        }

    def break_path(self, host: str, result: str = "too_small", mtu: int | None = 1400) -> None:
        """From and to a host."""
        for source, variables in self.variables.items():
            for path in variables["verify_sent"]["paths"]:
                if host in (source, path["host"]):
                    path.update(result=result, path_mtu=mtu)

    def silence(self, host: str, kinds: tuple[str, ...] = KINDS) -> None:
        """Frames of these kinds do not arrive there."""
        for entry in self.variables[host]["verify_heard"]["heard"]:
            entry.update(dict.fromkeys(kinds, 0))

    def drop_row(self, host: str) -> None:
        """The first entry of its first flood list, which deploy would bring back."""
        fdb = self.variables[host]["verify_state"]["fdb"][0]
        row = fdb["rows"].pop(0)
        command = f"bridge fdb append {ZERO} dev {fdb['interface']} dst {row['dst']} self permanent"
        operation = {"operation": "append_row", "interface": fdb["interface"], "commands": [command]}
        self.variables[host]["vtep_result"].update(changed=True, operations=[operation], commands=[command])

    def lose(self, host: str, message: str = "no route to host") -> None:
        self.variables[host] = {"verify_state": {"unreachable": True, "msg": message}}

    def report(self, settings: Settings | None = None) -> State:
        batch = Batch(self.hosts, self.hosts, self.hosts)
        found: State = make_reports(self.variables, self.goal, batch, {}, settings or Settings(data_plane="never"))["fabrics"][self.name]
        return found


def _counts(bridge: State) -> dict[str, int]:
    kinds = [*(BROADCASTS if bridge["floods"] else ()), *((UNICAST,) if bridge["hears_unicast"] else ())]
    return {kind: 6 if kind in kinds else 0 for kind in KINDS}
