# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What can be known to fail, or to do harm, before the first write. Pure: judged on the state that was read."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value, Values, default_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import OVERHEAD, VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import MTU_AUTO, WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working

IPV6_MTU = 1280
# Tables that the host itself routes by (enum rt_class_t, linux/rtnetlink.h).
_TABLES: dict[Value, str] = {253: "default", 254: "main", 255: "local"}


def resolve(draft: Draft, wanted: WantedLink) -> WantedLink:
    """Fill in what only the host knows: the address of an interface named as 'local', and MTU 'auto'."""
    link = wanted.link
    if wanted.local_from is not None:
        link = replace(link, attributes={**link.attributes, "local": _address_of(draft.state, wanted)})
    if link.mtu == MTU_AUTO:
        if link.kind != "vxlan":
            raise ArgumentError(f"{link.name}.mtu: 'auto' is for VXLAN interfaces, which have an underlay to fit into")
        link = replace(link, mtu=_fitting_mtu(draft, link))
    return wanted._replace(link=link, local_from=None)


def _address_of(state: Working, wanted: WantedLink) -> str:
    name = str(wanted.local_from)
    source = state.links.get(name)
    if source is None:
        raise ArgumentError(f"{wanted.link.name}.local: there is no interface {name!r} on this host, and it is no IP address")
    destination = wanted.link.attributes.get("destination")
    family = values.family_of(str(destination)) if destination else None
    candidates = [address.split("/")[0] for address in source.addresses or ()]
    usable = [a for a in candidates if not values.is_link_local(a) and family in (None, values.family_of(a))]
    usable.sort(key=values.family_of)
    if not usable:
        wish = f"IPv{family} address" if family else "address"
        raise ArgumentError(f"{wanted.link.name}.local: interface {name} has no {wish} that could be the source address")
    return usable[0]


def _fitting_mtu(draft: Draft, link: Link) -> int:
    lower = underlay_of(draft.state, _merged(draft.state, link))
    if lower is None or lower.mtu is None:
        raise ArgumentError(f"{link.name}.mtu: 'auto' needs to know the underlay: give 'device', or a 'local' address of this host, or a number")
    return lower.mtu - overhead_of(_merged(draft.state, link))


def overhead_of(link: Link) -> int:
    """Bytes of an underlay packet that are not the inner packet. An external interface may send to both families."""
    if link.attributes.get("external") and not link.attributes.get("local"):
        return OVERHEAD[6]
    return OVERHEAD[link.family]


def _merged(state: Working, link: Link) -> Link:
    current = state.links.get(link.name)
    return link if current is None else replace(link, attributes={**current.attributes, **link.attributes})


def underlay_of(state: Working, link: Link) -> Link | None:
    """The interface that carries the packets: 'device', or the one that has the source address."""
    device = link.attributes.get("device")
    if device:
        return state.links.get(str(device))
    local = link.attributes.get("local")
    return state.owner_of_address(str(local)) if local else None


def check_vxlan(draft: Draft, wanted: WantedLink, merged: Link) -> None:
    """Combinations that the kernel refuses, or accepts and never sends a packet with (F17, F18)."""
    given = merged.attributes
    name = merged.name
    if given.get("external") and given.get("vni"):
        raise ArgumentError(f"{name}: 'external' takes the VNI from each packet, so 'vni' cannot be given with it")
    if not given.get("external") and not given.get("vni"):
        raise ArgumentError(f"{name}.vni: a VXLAN interface needs a VNI (or 'external: true')")
    if given.get("vnifilter") and not given.get("external"):
        raise ArgumentError(f"{name}.vnifilter: needs 'external: true'")
    if given.get("gpe"):
        _check_gpe(name, given, wanted.link.mac)
    _check_addresses(name, given)
    if merged.family == 4:
        for option in ("flow_label", "label_policy"):
            if wanted.link.attributes.get(option) not in (None, 0, "fixed"):
                raise ArgumentError(f"{name}.{option}: only an IPv6 underlay has flow labels, this interface sends IPv4")
    _check_neighbourhood(draft, wanted, merged)


def warn_of_unreadable(draft: Draft, wanted: WantedLink) -> None:
    """What the kernel does not report cannot be compared, so on an existing interface it is left as it is."""
    for attribute in VXLAN:
        if attribute.write_only and attribute.key in wanted.link.attributes and wanted.recreate != "always":
            draft.warn(
                f"{wanted.link.name}.{attribute.option}: the kernel does not report it, so it is set when the interface is created "
                "and left as it is afterwards; 'recreate: always' once sets it anew"
            )


def _check_addresses(name: str, given: Values) -> None:
    """vxlan_config_validate, drivers/net/vxlan/vxlan_core.c."""
    destination = given.get("destination")
    local = given.get("local")
    if destination and values.is_multicast(str(destination)) and not given.get("device"):
        raise ArgumentError(f"{name}.group: a multicast group needs 'device', the interface to join it on")
    if destination and values.is_link_local(str(destination)) and not given.get("device"):
        raise ArgumentError(f"{name}.remote: {destination} is link-local, so 'device' is needed")
    if destination and local and values.family_of(str(destination)) != values.family_of(str(local)):
        raise ArgumentError(f"{name}: local {local} and destination {destination} are of different IP versions")
    if destination and not values.is_multicast(str(destination)) and values.is_link_local(str(destination)) != values.is_link_local(str(local or "")):
        one, other = ("remote", "local") if values.is_link_local(str(destination)) else ("local", "remote")
        raise ArgumentError(f"{name}.{one}: {given.get('destination' if one == 'remote' else one)} is link-local, so '{other}' has to be link-local too")


# What the protocol extension excludes (VXLAN_F_ALLOWED_GPE, include/net/vxlan.h).
_NOT_WITH_GPE = ("learning", "proxy", "rsc", "l2miss", "l3miss", "gbp", "remote_checksum_tx", "remote_checksum_rx", "multicast_route")


def _check_gpe(name: str, given: Values, mac: str | None) -> None:
    """It carries packets without an Ethernet header: nothing that looks at MACs goes with it."""
    excluded = [option for option in _NOT_WITH_GPE if given.get(option, default_of(VXLAN, option))]
    if not given.get("external"):
        raise ArgumentError(f"{name}.gpe: needs 'external: true'")
    if mac is not None:
        raise ArgumentError(f"{name}.gpe: such an interface carries bare IP packets and has no MAC address, {mac} is given")
    if excluded or given.get("ttl") == "inherit":
        raise ArgumentError(f"{name}.gpe: excludes {', '.join(excluded) or 'ttl: inherit'} (learning is on unless it says 'false')")


def _check_neighbourhood(draft: Draft, wanted: WantedLink, merged: Link) -> None:
    state = draft.state
    name = merged.name
    device = merged.attributes.get("device")
    if wanted.link.attributes.get("device") and str(device) not in state.links:
        raise ArgumentError(f"{name}.device: there is no interface {device!r} on this host")
    local = wanted.link.attributes.get("local")
    # Link-local addresses that the kernel made itself are not read.
    if local and not values.is_link_local(str(local)) and state.owner_of_address(str(local)) is None:
        text = f"{name}.local: no interface of this host has the address {local}, so nothing would be sent from it"
        current = state.links.get(name)
        already = current is not None and current.attributes.get("local") == local  # as vtep_info read it: nothing gets worse
        if wanted.missing_local == "fail" and not already:
            raise ArgumentError(text + " ('missing_local: warn' accepts it)")
        draft.warn(text)
    lower = underlay_of(state, merged)
    if wanted.link.mtu and lower is not None and lower.mtu and wanted.link.mtu + overhead_of(merged) > lower.mtu:
        _check_largest_mtu(state, wanted.link, merged)
        draft.warn(
            f"{name}.mtu: {wanted.link.mtu} and {overhead_of(merged)} bytes of overhead do not fit into the MTU {lower.mtu} "
            f"of {lower.name}; 'mtu: auto' would set {lower.mtu - overhead_of(merged)}"
        )


def _check_largest_mtu(state: Working, wanted: Link, merged: Link) -> None:
    """With 'device' the kernel cuts a larger MTU down at creation, and refuses it later (vxlan_config_apply, vxlan_change_mtu)."""
    lower = state.links.get(str(merged.attributes.get("device")))
    current = state.links.get(wanted.name)
    if lower is None or lower.mtu is None or wanted.mtu is None or (current is not None and current.mtu == wanted.mtu):
        return
    largest = lower.mtu - OVERHEAD[merged.family]
    if wanted.mtu > largest:
        raise ArgumentError(f"{wanted.name}.mtu: {wanted.mtu} is more than the kernel takes on device {lower.name}, whose MTU {lower.mtu} leaves {largest}")


def check_routed(wanted: Link) -> None:
    """What a new VRF or VLAN interface cannot do without."""
    given = wanted.attributes
    missing = [key for key in ("device", "vlan") if given.get(key) is None] if wanted.kind == "vlan" else [key for key in ("table",) if given.get(key) is None]
    if missing:
        raise ArgumentError(f"{wanted.name}.{missing[0]}: is needed to make the interface")
    table = _TABLES.get(given.get("table"))
    if table is not None:
        raise ArgumentError(f"{wanted.name}.table: {given['table']} is the host's own table {table!r}, which a VRF would take over")


def check_lower_is_up(state: Working, link: Link) -> None:
    """vlan_dev_open, net/8021q/vlan_dev.c."""
    lower = state.links.get(link.lower or "")
    if link.kind == "vlan" and lower is not None and lower.up is False and not link.attributes.get("loose_binding"):
        raise ConflictError(f"{link.name}: cannot come up while its device {lower.name} is down (but with 'loose_binding: true')", device=lower.name)


def check_ipv6_mtu(wanted: Link, current: Link) -> None:
    """Below IPv6's smallest MTU (RFC 8200) an interface has no IPv6 at all (addrconf_notify, net/ipv6/addrconf.c)."""
    mtu = wanted.mtu if wanted.mtu is not None else current.mtu
    six = [address for address in wanted.addresses or () if ":" in address]
    if mtu is not None and mtu < IPV6_MTU and (six or wanted.addrgenmode is not None):
        raise ArgumentError(
            f"{wanted.name}.mtu: IPv6 needs {IPV6_MTU}, with {mtu} the kernel takes neither {six[0] if six else 'addrgenmode'} nor anything else of it"
        )


def check_kind(current: Link, kind: str) -> None:
    """A foreign interface that has our name is never touched (F14)."""
    if current.kind != kind:
        found = current.kind or "physical"
        raise ConflictError(
            f"{current.name}: there is already an interface of this name, of kind {found!r} and not {kind!r}; "
            "it is not touched. Choose another name or remove it yourself",
            holder=current.name,
        )
