# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The ports of a host, written by network (C({blue: [tap0]})) or by port (C({eth4: {trunk: [blue, red], native: green}}))."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key, parse_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys, words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Trunk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_networks import Draft
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section, suggest

Drafts = Mapping[str, Draft]


class Ports(NamedTuple):
    """access: ports by network. trunks: by port."""

    access: dict[str, tuple[str, ...]]
    trunks: dict[str, Trunk]


def parse_ports(section: Section, host: str, drafts: Drafts) -> Ports:
    """section: vxlan_vtep. An entry that is a mapping is a port, anything else a network. A port carries what one entry says."""
    entries = section.items("ports")
    listed = Section(section.raw.get("ports") if entries else None, section.place.at("ports"), section.mistakes, [name for name, _raw in entries])
    access: dict[str, tuple[str, ...]] = {}
    trunks: dict[str, Trunk] = {}
    for name, raw in entries:
        if isinstance(raw, Mapping):
            _port(listed, name, host, drafts, Ports(access, trunks))
            continue
        check_network(listed.place.at(name), name, host, drafts, listed)
        found = listed.texts(name, parse_name, "name-too-long")
        for where, port in found:
            section.mistakes.claim(f"link of {host}", port, where, kind="loop")
        access[name] = (*access.get(name, ()), *(port for _where, port in found))
    return Ports(access, trunks)


def check_network(place: Place, network: str, host: str, drafts: Drafts, section: Section) -> bool:
    """Whether there is such a network and the host is a member of it."""
    if network not in drafts:
        section.mistakes.add(place, f"there is no network {network!r}{suggest(network, drafts)}", "unknown-name")
    elif drafts[network].is_no_member(host):
        section.mistakes.add(place, f"{host} is not a member of network {network}", "not-a-member")
    else:
        return True
    return False


def _port(listed: Section, name: str, host: str, drafts: Drafts, found: Ports) -> None:
    """One port, into found."""
    section = Section(listed.raw[name], listed.place.at(name), listed.mistakes, keys.PORT_OF_HOST.names())
    port = section.parse_one(name, section.place, parse_name, "name-too-long")
    if port is None or not section.mistakes.claim(f"link of {host}", port, section.place, kind="loop"):
        return
    named = {key: _networks(section, key, host, drafts) for key in section.names}
    if section.given("access"):
        for key in ("trunk", "native"):
            if section.given(key):
                section.wrong(key, "the port has access: a port is either, for one network without tags, or for several with them", "trunk-conflict")
        for network in named["access"]:
            found.access[network] = (*found.access.get(network, ()), port)
        return
    if not section.given("trunk") or not section.raw["trunk"]:
        hint = "for one network without tags, say access" if section.given("native") else "the port carries nothing"
        section.wrong("trunk", f"is required; {hint}", "trunk-conflict")
        return
    native = next(iter(named["native"]), None)
    if native is not None and native in named["trunk"]:
        section.wrong("native", f"{native} is in trunk as well: its frames have a tag or have none", "trunk-conflict")
        native = None
    found.trunks[port] = Trunk(tuple(sorted(dict.fromkeys(named["trunk"]), key=natural_key)), native)


def _networks(section: Section, key: str, host: str, drafts: Drafts) -> list[str]:
    """Those that a key names and the host carries."""
    return [name for place, name in section.texts(key, words.parse_word) if check_network(place, name, host, drafts, section)]
