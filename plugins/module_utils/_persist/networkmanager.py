# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""NetworkManager: a profile in keyfile format for each interface. nm-settings-keyfile(5) and nm-settings-nmcli(5) of 1.42. Pure.

A profile of type vxlan has one destination and no forwarding rows.
"""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import (
    Carries,
    Loss,
    Setting,
    attribute_lines,
    by_section,
    carried,
    losses_of,
    only,
    seconds,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.networkd import Around
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, Parts, sections, text_file

NAME = "networkmanager"
FOLDER = "/etc/NetworkManager/system-connections"
# What makes the same profile have the same UUID on every host and in every run.
_SPACE = uuid.UUID("5b3b6bd0-6c32-4b0e-9d55-0d3f6a0f4789")


def _bool(value: object) -> str:
    return "true" if value else "false"


def _number(value: Any) -> str | None:  # noqa: ANN401 - a number, or a word that there is none for
    return str(value) if isinstance(value, int) else None


def _auto(value: Any) -> str | None:  # noqa: ANN401 - as _number
    return "0" if value == "auto" else _number(value)


_VXLAN = {
    "vni": Setting("vxlan.id"),
    "remote": Setting("vxlan.remote"),
    "group": Setting("vxlan.remote"),
    "local": Setting("vxlan.local"),
    "device": Setting("vxlan.parent"),
    # NetworkManager says 8472 when nobody says anything.
    "port": Setting("vxlan.destination-port", own=8472),
    "ttl": Setting("vxlan.ttl", _auto, limits="`inherit`"),
    "tos": Setting("vxlan.tos", _number, limits="`inherit`"),
    "learning": Setting("vxlan.learning", _bool),
    "ageing": Setting("vxlan.ageing"),
    "limit": Setting("vxlan.limit"),
    "proxy": Setting("vxlan.proxy", _bool),
    "rsc": Setting("vxlan.rsc", _bool),
    "l2miss": Setting("vxlan.l2-miss", _bool),
    "l3miss": Setting("vxlan.l3-miss", _bool),
}

_BRIDGE = {
    "stp": Setting("bridge.stp", _bool, own=True),
    "priority": Setting("bridge.priority"),
    "forward_delay": Setting("bridge.forward-delay", seconds(2, 30), limits="other than whole seconds from 2 to 30"),
    "hello_time": Setting("bridge.hello-time", seconds(1, 10), limits="other than whole seconds from 1 to 10"),
    "max_age": Setting("bridge.max-age", seconds(6, 40), limits="other than whole seconds from 6 to 40"),
    "ageing": Setting("bridge.ageing-time", seconds(0, 1000000), limits="fractions of seconds"),
    "vlan_filtering": Setting("bridge.vlan-filtering", _bool),
    "mcast_snooping": Setting("bridge.multicast-snooping", _bool),
    "mcast_querier": Setting("bridge.multicast-querier", _bool),
    "mcast_query_use_ifaddr": Setting("bridge.multicast-query-use-ifaddr", _bool),
}

_PORT = {
    "hairpin": Setting("bridge-port.hairpin-mode", _bool),
    "cost": Setting("bridge-port.path-cost"),
    "priority": Setting("bridge-port.priority"),
}

CARRIES = Carries(
    kinds={"vxlan": _VXLAN, "bridge": _BRIDGE, "port": _PORT},
    fields={
        "mac": Setting("ethernet.cloned-mac-address"),
        "mtu": Setting("ethernet.mtu"),
        "master": Setting("connection.master"),
        "up": Setting("", only(True), limits="other than `up`"),
        "addresses": Setting("ipv4.address1"),
    },
)


def render(boot: Boot, fabric: str, _around: Around) -> tuple[list[File], list[Loss]]:
    """The profiles, which only root may read or NetworkManager ignores them, and what is not in them."""
    losses = losses_of(CARRIES, boot, NAME)
    kept = carried(CARRIES, boot, losses)
    return [
        text_file(f"{FOLDER}/vxlan-fabric-{fabric}-{link.name}.nmconnection", fabric, sections(_profile(link, fabric)), 0o600) for link in kept.links
    ], losses


def _profile(link: Link, fabric: str) -> Parts:
    name = f"vxlan-fabric-{fabric}-{link.name}"
    head = [("id", name), ("uuid", str(uuid.uuid5(_SPACE, name))), ("type", link.kind), ("interface-name", link.name), ("autoconnect", "true")]
    head += [("master", link.master), ("slave-type", "bridge")] if link.master else []
    wired = [("cloned-mac-address", link.mac)] if link.mac else []
    wired += [("mtu", str(link.mtu))] if link.mtu else []
    parts: Parts = [("connection", head), ("ethernet", wired)]
    parts += by_section(attribute_lines(CARRIES.kinds[link.kind], link.kind, link.attributes)).items()
    if link.master:
        return [*parts, *by_section(attribute_lines(_PORT, "bridge_slave", link.port or {})).items()]
    addresses = link.addresses or ()
    return [*parts, ("ipv4", _addresses([a for a in addresses if ":" not in a])), ("ipv6", _addresses([a for a in addresses if ":" in a]))]


def _addresses(addresses: list[str]) -> list[tuple[str, str]]:
    if not addresses:
        return [("method", "disabled")]
    return [("method", "manual"), *((f"address{number}", address) for number, address in enumerate(addresses, 1))]
