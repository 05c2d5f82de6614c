# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Bring an interface back with everything that hung on it: for a re-creation, and to undo a removal (F25). Pure."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value, default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import default_reserved_bits, without_claimed_bits
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, destinations_of_filter, is_of_filter, without_own
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC, takes_flood_list
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import born_with, expanded_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.compare import merged_attributes
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.flushing import bringing_back, members_with_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.predict_vlans import default_pvid
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.rows import in_every_vlan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.vlans import settled_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working

# Costs that the kernel derives from the speed of a port (port_cost, net/bridge/br_if.c). One of these is left to it: written, it
# would no longer follow the speed.
_COSTS_BY_SPEED = frozenset((1, 2, 3, 4, 5, 7, 19, 100, 2500))


def carried_over(state: Working, current: Link, wanted: Link) -> Link:
    """The new interface: what is stated, and for the rest what the old one had. A VLAN interface that has the MAC and MTU of its device
    is not pinned to them (vlan_dev_init and vlan_newlink, net/8021q)."""
    attributes = dict(current.attributes)
    if attributes.get("reserved_bits") == default_reserved_bits(attributes):
        attributes.pop("reserved_bits", None)
    attributes = without_claimed_bits(attributes, {**attributes, **wanted.attributes})
    merged = {key: value for key, value in merged_attributes(replace(current, attributes=attributes), wanted).items() if value is not None}
    family_changes = Link("", attributes=merged).family != current.family
    followed = state.links.get(current.lower or "") if current.kind == "vlan" else None
    current = without_followed(current, followed)
    return replace(
        current,
        attributes=merged,
        # A family change takes 20 bytes more or less; the old MTU is not carried over then, unless it is stated.
        mtu=wanted.mtu if wanted.mtu is not None else None if family_changes else current.mtu,
        # With 'gpe' it carries bare IP packets and has no MAC.
        mac=wanted.mac if wanted.mac is not None else None if merged.get("gpe") else current.mac,
        # One that is to be down is made so: to go down would flush its IPv6 addresses and neighbours again.
        up=current.up and wanted.up is not False,
        foreign_namespace=False,
    )


def rebuild_link(state: Working, link: Link) -> tuple[ops.Operation, ...]:
    """Operations that bring a link back exactly as it is in this state, with its ports if it is a bridge."""
    plain = link
    if link.attributes.get("reserved_bits") == default_reserved_bits(link.attributes):
        plain = replace(link, attributes={k: v for k, v in link.attributes.items() if k != "reserved_bits"})
    plain = replace(plain, attributes=without_claimed_bits(plain.attributes, plain.attributes))
    if link.kind == "vlan":
        plain = without_followed(plain, state.links.get(link.lower or ""))
    rebuilt = list(build_link(state, plain, skip_default=link.attributes.get("destination")))
    if link.kind == "bridge":
        rebuilt.extend(_vlans(state, link.name, link.name))
    for port in state.ports_of(link.name):
        rebuilt.append(ops.SetLink(port.name, "master", link.name, ""))
        rebuilt.extend(membership(state, port))
    if link.kind == "vrf":
        rebuilt.extend(bringing_back(state, members_with_vlans(state, link.name)))
    return tuple(rebuilt)


def without_followed(link: Link, device: Link | None) -> Link:
    """A link that does not say what it has from its device."""
    if device is None:
        return link
    return replace(link, mac=None if link.mac == device.mac else link.mac, mtu=None if link.mtu == device.mtu else link.mtu)


def creation(link: Link) -> ops.CreateLink:
    """The creating message. A value that is the default anyway is not sent: an older kernel may not know it, and one built
    without the feature refuses it. The MTU of a bridge is no part of it: given so it would follow the ports."""
    table = table_of(link.kind)
    sent = {key: value for key, value in link.attributes.items() if value != default_of(table, key) or key == "port"}
    return ops.CreateLink(
        Link(link.name, link.kind, mac=link.mac, mtu=None if link.kind == "bridge" else link.mtu, txqueuelen=link.txqueuelen, attributes=sent)
    )


def build_link(state: Working, link: Link, skip_default: Value) -> list[ops.Operation]:
    """Create a link and hang everything on it that this state knows of the link of that name.

    skip_default: the old default destination; the new interface has its own default row.
    """
    built: list[ops.Operation] = [creation(link)]
    if link.kind == "bridge" and link.mtu not in (None, _mtu_of_ports(state, link)):
        built.append(ops.SetLink(link.name, "mtu", link.mtu, None))
    if link.alias:
        built.append(ops.SetLink(link.name, "alias", link.alias, ""))
    if link.group:
        built.append(ops.SetLink(link.name, "group", link.group, 0))
    built.extend(ops.AddAltname(link.name, altname) for altname in link.altnames)
    if link.addrgenmode:
        built.append(ops.SetLink(link.name, "addrgenmode", link.addrgenmode, None))
    if link.master:
        built.append(ops.SetLink(link.name, "master", link.master, ""))
        built.extend(_port_flags(link))
        built.extend(_vlans(state, link.name, link.master))
    # After the master: a VRF takes IPv6 addresses away.
    built.extend(_hanging(state, link, skip_default))
    if link.up:
        built.append(ops.SetLink(link.name, "up", True, False))
    # A route needs its interface up.
    built.extend(ops.AddRoute(link.name, route) for route in state.routes.get(link.name, ()) if link.up)
    return built


def _mtu_of_ports(state: Working, bridge: Link) -> int:
    """The MTU that a bridge has when nobody set one (br_mtu_min, net/bridge/br_if.c)."""
    return min((port.mtu for port in state.ports_of(bridge.name) if port.mtu is not None), default=1500)


def membership(state: Working, link: Link) -> tuple[ops.Operation, ...]:
    """What a port is given back when it returns to its bridge: the kernel drops it when the port leaves. A VRF knows nothing of the kind."""
    master = state.links.get(link.master or "")
    if not link.master or (master is not None and master.kind == "vrf"):
        return ()
    return (*_port_flags(link), *_vlans(state, link.name, link.master), *_rows(state, link, "master"))


def _vlans(state: Working, name: str, bridge: str) -> list[ops.Operation]:
    """The VLANs of a port, or of the bridge itself, and its VNIs, which need the flag vlan_tunnel; a forwarding row of a VLAN needs that."""
    master = state.links.get(bridge)
    if state.vlans is None or state.tunnels is None or name not in state.vlans or master is None or master.kind != "bridge":
        return []
    born = born_with(default_pvid(state, bridge))
    return settled_vlans(name, born, state.vlans[name], state.tunnels.get(name, ()), own=name == bridge)


def _port_flags(link: Link) -> list[ops.Operation]:
    flags = {key: value for key, value in (link.port or {}).items() if value != default_of(PORT, key) and not (key == "cost" and value in _COSTS_BY_SPEED)}
    if not flags:
        return []
    return [ops.SetPort(link.name, flags, {key: default_of(PORT, key) for key in flags})]


def _hanging(state: Working, link: Link, skip_default: Value) -> list[ops.Operation]:
    found: list[ops.Operation] = _addresses(state, link)
    vnis = state.vnis.get(link.name, ())
    if vnis and link.attributes.get("vnifilter"):
        found.append(ops.WriteVnis(link.name, vnis))
    if link.kind == "vxlan":
        found.extend(_self_rows(state, link, skip_default))
    found.extend(_rows(state, link, "master") if link.master else [])
    found.extend(ops.WriteNeighbour(link.name, neighbour) for neighbour in link.neighbours or ())
    return found


def _addresses(state: Working, link: Link) -> list[ops.Operation]:
    """In the order in which they were added: the first of a subnet is its primary address."""
    kept = [ops.AddAddress(link.name, k.address, kept=k) for k in state.kept_addresses.get(link.name, ()) if k.address in (link.addresses or ())]
    known = {operation.address for operation in kept}
    return [*kept, *(ops.AddAddress(link.name, address) for address in link.addresses or () if address not in known)]


def _self_rows(state: Working, link: Link, old: Value) -> list[ops.Operation]:
    device = link.attributes.get("device")
    new = link.attributes.get("destination")
    read = state.fdb.get(link.name, ())
    filtered = destinations_of_filter(state.vnis.get(link.name, ()))
    kept = [
        without_own(row, link)
        for row in read
        if row.table == "self"
        and (row.state != "dynamic" or row.extern_learn)
        and not _is_default(row, (old, new))
        and not is_of_filter(row, filtered)
        and _family_fits(row, link)
    ]
    found = _writes(link.name, kept)
    if old is not None and old == new and link.name in state.fdb and not any(_is_default(row, (old,)) for row in read):
        # Somebody had deleted the default row; the new interface was born with one.
        found.append(ops.DeleteRows(link.name, (FdbRow(ZERO_MAC, str(new), via=str(device) if device else None),)))
    return found


def _is_default(row: FdbRow, defaults: tuple[Value, ...]) -> bool:
    return row.mac == ZERO_MAC and row.dst is not None and row.dst in defaults and row.port is None and row.vni is None


def _family_fits(row: FdbRow, link: Link) -> bool:
    """Rows to the other IP version cannot be carried over a change of family; an external interface has one as well (vxlan_fdb_add)."""
    return row.dst is None or (":" in row.dst) == (link.family == 6)


def _rows(state: Working, link: Link, table: str) -> list[ops.Operation]:
    rows = [row for row in state.fdb.get(link.name, ()) if row.table == table and (row.state == "static" or row.extern_learn)]
    return [*_writes(link.name, rows), *_surplus(state, link.name, rows)]


def _surplus(state: Working, name: str, rows: list[FdbRow]) -> list[ops.Operation]:
    """A row without a VLAN is written into each VLAN of the port; those go again that had come after it."""
    plain = [row for row in rows if in_every_vlan(row)]
    vlans = expanded_vlans((state.vlans or {}).get(name, ())) if plain else {}
    there = {(row.mac, row.vlan) for row in state.fdb.get(name, ()) if row.table == "master"}
    surplus = tuple(row._replace(vlan=vlan) for row in plain for vlan in vlans if (row.mac, vlan) not in there)
    return [ops.DeleteRows(name, surplus)] if surplus else []


def _writes(name: str, rows: list[FdbRow]) -> list[ops.Operation]:
    found: list[ops.Operation] = []
    lists = tuple(row for row in rows if takes_flood_list(row.mac) and row.table == "self")
    single = tuple(row for row in rows if not (takes_flood_list(row.mac) and row.table == "self"))
    if lists:
        found.append(ops.WriteRows(name, lists, append=True))
    if single:
        found.append(ops.WriteRows(name, single))
    return found
