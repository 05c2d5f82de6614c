# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Read a host: the second of the five stages."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import links
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket


def read_host(netlink: NetlinkSocket, scope: Scope) -> HostState:
    """Links always (one dump), the rest as far as the scope says."""
    everything = scope.everything or bool(scope.hanging)
    addresses = links.dump_addresses(netlink) if scope.addresses or everything else None
    neighbours = links.dump_neighbours(netlink) if scope.neighbours or everything else None
    found = links.dump_links(netlink, scope.statistics, scope.bridges or everything, addresses, neighbours)
    if not (everything or scope.fdb or scope.lookups or scope.vnis or scope.vlans):
        return HostState(links=found)
    return _with_lists(netlink, scope, found)


def _with_lists(netlink: NetlinkSocket, scope: Scope, found: dict[str, Link]) -> HostState:
    """What needs dumps beside the one of the links. The modules for it are imported by runs that need it."""
    state = _with_rows(netlink, scope, found)
    if not (scope.vlans or scope.everything or scope.hanging):
        return state
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.vlans import dump_vlans

    told = dump_vlans(netlink, apart=any(link.port and link.port.get("neigh_vlan_suppress") for link in found.values()))
    concerned = {name: link.index for name, link in found.items() if link.kind == "bridge" or link.port is not None}
    if told is None and concerned:
        return state
    vlans, tunnels = told or ({}, {})  # before the first bridge the kernel may not have loaded the module yet
    return replace(
        state,
        vlans={name: tuple(vlans.get(index, ())) for name, index in concerned.items()},
        tunnels={name: tuple(tunnels.get(index, ())) for name, index in concerned.items()},
    )


def _with_rows(netlink: NetlinkSocket, scope: Scope, found: dict[str, Link]) -> HostState:
    """Forwarding rows, VNI filters, and what hangs on interfaces."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import fdb

    whole = frozenset(found) if scope.everything else scope.hanging & frozenset(found)
    names = {link.index: name for name, link in found.items()}
    tables = [name for name in found if name in scope.fdb | whole and _has_rows(found[name])]
    rows = fdb.dump_tables(netlink, {found[name].index: name for name in tables}, names.get, scope.doubted)
    for name, asked in scope.lookups.items():
        if name not in rows and name in found:
            from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.fdb_lookup import look_up

            rows[name] = look_up(netlink, found[name], asked, names.get, known_long=scope.final)
    filtered = [name for name in found if (name in whole or name in scope.vnis) and found[name].attributes.get("vnifilter")]
    if not filtered and not scope.hanging:
        return HostState(found, rows)
    from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import hanging

    vnis = hanging.dump_vnis(netlink) if filtered else {}
    hung = {found[name].index: name for name in scope.hanging if name in found}
    routes = hanging.dump_routes(netlink, hung) if hung else {}
    kept = hanging.dump_kept_addresses(netlink, hung) if hung else {}
    return HostState(
        links=found,
        fdb=rows,
        vnis={name: tuple(sorted(vnis.get(found[name].index, ()))) for name in filtered},
        routes={name: tuple(routes.get(index, ())) for index, name in hung.items()},
        kept_addresses={name: kept.get(index, ()) for index, name in hung.items()},
    )


def _has_rows(link: Link) -> bool:
    return link.kind in ("vxlan", "bridge") or bool(link.master)
