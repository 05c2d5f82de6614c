# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The networks of the inventory, as yet without endpoints and gateway."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import (
    DEFAULT_PORT,
    VNI_MAX,
    family_of,
    parse_interface_mac,
    parse_name,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys, words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import (
    EVPN,
    FAMILIES,
    FLOODING,
    LEARNING,
    MULTICAST,
    NONE,
    OVERHEAD,
    PER_VNI,
    POINT_TO_POINT,
    STATIC,
    STYLES,
    Network,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.roster import Named, Roster
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section

# Whether VTEPs learn is said by the flooding, but for these.
_LEARNING_IS_FREE = (MULTICAST, POINT_TO_POINT)
_LEARNS_NOTHING = {
    STATIC: "flooding: static learns nothing; is flooding: learning meant?",
    NONE: "flooding: none knows every machine and learns nothing",
    EVPN: "BGP is told what a VTEP would learn, flooding: evpn learns nothing from the underlay",
}


@dataclass(frozen=True)
class Defaults:
    """What networks inherit from the fabric."""

    flooding: str
    port: int
    vni_base: int | None
    gateway_mac: str | None
    style: str
    underlay: Section
    underlay_mtu: int | None

    @staticmethod
    def of(section: Section) -> Defaults:
        underlay = Section(section.raw.get("underlay"), section.place.at("underlay"), section.mistakes, keys.UNDERLAY.names())
        return Defaults(
            flooding=section.choice("flooding", FLOODING) or LEARNING,
            port=section.number("port", keys.PORT) or DEFAULT_PORT,
            vni_base=section.number("vni_base", (0, VNI_MAX - 1), kind="vni-out-of-range"),
            gateway_mac=section.parsed("gateway_mac", parse_interface_mac),
            style=section.choice("style", STYLES) or PER_VNI,
            underlay=underlay,
            underlay_mtu=underlay.number("mtu", keys.UNDERLAY_MTU),
        )


@dataclass(frozen=True)
class Draft:
    """A network, how it is written, what it inherits, and whether its members are known."""

    network: Network
    section: Section
    defaults: Defaults
    roster: Roster
    named: Named

    def is_no_member(self, host: str) -> bool:
        """False as well where it cannot be known, so that no further mistakes follow."""
        return self.named.complete and host not in self.network.members


def parse_network(name: str, raw: object, fabric: Section, defaults: Defaults, roster: Roster) -> Draft:
    """What is wrong is noted and replaced by something harmless."""
    place = fabric.place.at("networks").at(name)
    section = Section(raw, place, fabric.mistakes, keys.NETWORK.names())
    section.parse_one(name, place, words.parse_label)
    section.require("members")
    vlan = section.number("vlan", keys.VLAN)
    vni = _vni(section, vlan, defaults)
    flooding = section.choice("flooding", FLOODING) or defaults.flooding
    group = section.parsed("group", words.parse_group, "not-multicast")
    family = _family(section, group)
    _check_group(section, flooding, group)
    named = roster.members(section, "members")
    members = named.hosts
    if flooding == POINT_TO_POINT and named.complete and len(members) != 2:
        section.wrong("members", f"flooding: {POINT_TO_POINT} needs exactly 2 members, not {len(members)} ({', '.join(members)})", "no-member")
    network = Network(
        name=name,
        vni=vni or 0,
        flooding=flooding,
        group=group,
        family=family,
        learning=_learning(section, flooding),
        mtu=_mtu(section, family),
        interface=section.parsed("interface", parse_name, "name-too-long") or (f"vx{vni}" if vni else ""),
        bridge=section.parsed("bridge", parse_name, "name-too-long") or (f"br{vni}" if vni else ""),
        members=members,
        endpoints=(),
        port=section.number("port", keys.PORT) or defaults.port,
        vlan=vlan,
        description=section.parsed("description", words.parse_description) or "",
        vrf=section.parsed("vrf", words.parse_word),
    )
    return Draft(network, section, defaults, roster, named)


def _vni(section: Section, vlan: int | None, defaults: Defaults) -> int | None:
    if section.given("vni"):
        return section.number("vni", keys.VNI, kind="vni-out-of-range")
    if vlan is None or defaults.vni_base is None:
        missing = "" if not section.given("vlan") else "; or vni_base of the fabric, to derive it from vlan"
        section.wrong("vni", f"is required{missing}", "missing")
        return None
    vni = defaults.vni_base + vlan
    if vni > VNI_MAX:
        section.wrong("vlan", f"vni_base {defaults.vni_base} plus {vlan} is {vni}, more than {VNI_MAX}", "vni-out-of-range")
        return None
    return vni


def _family(section: Section, group: str | None) -> int:
    word = section.choice("family", tuple(FAMILIES))
    if group is None:
        return FAMILIES[word or "ipv4"]
    family = family_of(group)
    if word is not None and FAMILIES[word] != family:
        section.wrong("family", f"{word} contradicts group {group}", "family-mixed")
    return family


def _check_group(section: Section, flooding: str, group: str | None) -> None:
    if flooding == MULTICAST and not section.given("group"):
        section.wrong("group", f"is required with flooding: {MULTICAST}", "group-missing")
    if flooding != MULTICAST and group is not None:
        section.wrong("group", f"makes no sense with flooding: {flooding}; is flooding: {MULTICAST} meant?", "group-missing")


def _learning(section: Section, flooding: str) -> bool:
    learns = flooding in (LEARNING, *_LEARNING_IS_FREE)
    said = section.switch("learning", learns)
    if said == learns or flooding in _LEARNING_IS_FREE:
        return said
    sentence = _LEARNS_NOTHING.get(flooding, f"flooding: {LEARNING} learns; is flooding: {STATIC} meant?")
    section.wrong("learning", sentence, "learning-contradicts")
    return learns


def _mtu(section: Section, family: int) -> int | None:
    """What is written; what `auto` comes to is known with the members."""
    if not section.given("mtu") or str(section.raw.get("mtu")) == "auto":
        return None
    return section.number("mtu", (keys.MTU_MIN - OVERHEAD[family], keys.MTU_MAX), "auto or a number")
