# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a boot has to make of a host that has its other interfaces and none of ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link, VniRow, expanded, owner_of, ports_by_bridge
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted, WantedLink, WantedRows, WantedVnis, all_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import make_plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.operations import CreateLink
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import command_lines


class Boot(NamedTuple):
    """links     what is ours, in the order in which it can be made, with stated values only; 'auto' and names of interfaces are resolved
    ports     by bridge, interfaces of others that are its ports
    fdb       forwarding rows by interface, without those that the kernel makes itself
    vnis      VNI filters by interface
    vlans     VLANs of bridges and ports, and
    tunnels   their VNIs, where they are stated
    bridges   names of all bridges, also of others
    host      the others, before
    """

    links: tuple[Link, ...] = ()
    ports: Mapping[str, tuple[Link, ...]] = {}
    fdb: Mapping[str, tuple[FdbRow, ...]] = {}
    vnis: Mapping[str, tuple[VniRow, ...]] = {}
    vlans: Mapping[str, tuple[VlanRow, ...]] = {}
    tunnels: Mapping[str, tuple[TunnelRow, ...]] = {}
    bridges: frozenset[str] = frozenset()
    host: HostState = HostState()

    @property
    def names(self) -> set[str]:
        return {link.name for link in self.links}


def boot_of(state: HostState, wanted: Wanted) -> Boot:
    """state: the host as it is, with addresses. What is wanted is planned for that host without what is wanted, as after a boot."""
    present = tuple(asked for asked in wanted.links if asked.present)
    names = {asked.link.name for asked in wanted.links}
    bare = _without(state, names)
    plan = make_plan(bare, wanted._replace(links=tuple(_lasting(asked) for asked in present), rows=_lasting_rows(wanted), mark=""))
    stated = {asked.link.name: asked.link for asked in present}
    links = tuple(_stated(plan.after.links[name], link) for name, link in stated.items())
    listed = all_vlans(wanted)
    return Boot(
        links=links,
        ports={bridge: tuple(port for port in ports if port.name not in names) for bridge, ports in ports_by_bridge(plan.after).items() if bridge in names},
        fdb={name: found for name in plan.after.fdb if (found := _configured(plan.after, name))},
        vnis={filtered.interface: plan.after.vnis[filtered.interface] for filtered in wanted.vnis if filtered.interface in plan.after.vnis},
        vlans={lists.interface: rows for lists in listed if (rows := (plan.after.vlans or {}).get(lists.interface, ())) and lists.vlans is not None},
        tunnels={lists.interface: pairs for lists in listed if (pairs := (plan.after.tunnels or {}).get(lists.interface, ())) and lists.tunnels is not None},
        bridges=frozenset(link.name for link in plan.after.links.values() if link.kind == "bridge"),
        host=bare,
    )


def commands_of(boot: Boot) -> dict[str, list[str]]:
    """By name of a link, or of a port of others, the lines of ip(8) and bridge(8) that make it."""
    ours = {link.name: link for link in boot.links}
    flags: dict[str, list[Link]] = {}
    for link in boot.links:
        if link.port and link.master:
            flags.setdefault(link.master, []).append(Link(link.name, port=link.port))
    links = [WantedLink(link, ports=(*flags.get(link.name, ()), *boot.ports.get(link.name, ())), missing_local="warn") for link in ours.values()]
    rows = tuple(WantedRows(name, listed) for name, listed in boot.fdb.items())
    plan = make_plan(boot.host, Wanted(tuple(links), rows, tuple(WantedVnis(name, listed) for name, listed in boot.vnis.items())))
    found: dict[str, list[str]] = {}
    for operation in plan.operations:
        about = operation.link.name if isinstance(operation, CreateLink) else operation.name
        found.setdefault(about, []).extend(command_lines(operation))
    return found


def _without(state: HostState, names: set[str]) -> HostState:
    """The host as it is after a boot: our links are not there, and their ports have no master."""
    links = {name: link for name, link in state.links.items() if name not in names}
    links = {name: replace(link, master="", port=None) if link.master in names else link for name, link in links.items()}
    return HostState(links=links, fdb=dict.fromkeys(links, ()), vlans={}, tunnels={})


def _lasting(asked: WantedLink) -> WantedLink:
    """Without what only a run is told: after a boot there is nothing to purge, and an address may come later than the interface."""
    return asked._replace(purge="none", missing_local="warn")


def _lasting_rows(wanted: Wanted) -> tuple[WantedRows, ...]:
    return tuple(rows._replace(purge="none") for rows in wanted.rows if rows.present)


def _stated(made: Link, stated: Link) -> Link:
    """made: as planned, which has what the kernel chooses as well. Of that, what nobody stated is left out."""
    return replace(
        made,
        mac=stated.mac,
        mtu=made.mtu if stated.mtu is not None else None,
        up=stated.up,
        addrgenmode=stated.addrgenmode,
        txqueuelen=stated.txqueuelen,
    )


def _configured(state: HostState, name: str) -> tuple[FdbRow, ...]:
    """Rows that the kernel does not make itself, for the destination of the interface or of an entry of its VNI filter."""
    link = state.links.get(name)
    if link is None:
        return ()
    implied = {(vni, destination) for vni, destination in expanded(state.vnis.get(name, ())).items() if destination is not None}
    return tuple(
        row
        for row in state.fdb[name]
        if owner_of(row, link) not in ("default", "learned", "kernel") and not (row.mac == ZERO_MAC and (row.src_vni, row.dst) in implied)
    )
