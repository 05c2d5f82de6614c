# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Every key of the inventory, once: what it holds, its default, and what it means.

The parser, the argument specifications of the roles, the JSON Schema and the tables of docs/fabric.md are derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import DEFAULT_PORT, VNI_MAX
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILIES, FLOODING, LEARNING, PER_VNI, STYLES

MTU_MIN = 576  # RFC 791: what every host must accept
MTU_MAX = 65535

# What a value is. TEXTS: one text or a list of them. BY_NAME: a mapping whose keys the user chooses. MTU: a number or "auto".
# PORTS: BY_NAME, or TEXTS in place of an entry.
TEXT, TEXTS, NUMBER, SWITCH, MTU = "text", "texts", "number", "switch", "mtu"
SECTION, BY_NAME, LIST, PORTS = "section", "by_name", "list", "ports"

Range = Optional[tuple[int, int]]


@dataclass(frozen=True)
class Key:
    """One key. text: what it means, sentences for people (Markdown). shown: its default for people, where it is not `default` itself.
    keys: of a SECTION, and of the entries of BY_NAME, LIST and PORTS. of: low and high of a NUMBER."""

    name: str
    kind: str
    text: str
    default: object = None
    shown: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    of: Range = None
    keys: tuple[Key, ...] = ()

    def names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)

    def key(self, name: str) -> Key:
        return next(key for key in self.keys if key.name == name)


PORT = (1, 65535)
VNI = (1, VNI_MAX)
VLAN = (1, 4094)  # IEEE 802.1Q: 0 and 4095 are reserved
TABLE = (1, 0xFFFFFFFF)  # RTA_TABLE of linux/rtnetlink.h
UNDERLAY_MTU = (MTU_MIN, MTU_MAX)

_ENDPOINT = (
    Key("name", TEXT, "unique in the fabric", required=True),
    Key("host", TEXT, "the member that it is connected to", required=True),
    Key("port", TEXT, "the access port", shown="the only one of the host in this network"),
    Key("mac", TEXT, "its MAC address; without one it is learned"),
    Key("address", TEXTS, "its addresses with prefix length: one, or a list"),
)

_GATEWAY = (
    Key("address", TEXTS, "addresses with prefix length, the same on every host that has the gateway", required=True),
    Key("mac", TEXT, "MAC address of the first hop, the same on every host that has the gateway", shown="`gateway_mac` of the fabric"),
    Key("members", TEXTS, "groups and hosts that have the gateway; on more than one it is a distributed anycast gateway", shown="all members"),
)

_NETWORK = (
    Key("vni", NUMBER, "1 to 16777215, the number that keeps networks apart", of=VNI, shown="`vni_base` of the fabric plus `vlan`"),
    Key(
        "vlan",
        NUMBER,
        "1 to 4094, the VLAN of the network on trunk ports and on VLAN-aware bridges (`style: single`), which need it. The VNI can be derived from it.",
        of=VLAN,
    ),
    Key("description", TEXT, "for the reader of documents and reports"),
    Key("members", TEXTS, "groups and hosts that carry the network", required=True),
    Key("flooding", TEXT, "[see below](#flooding)", shown="of the fabric", choices=FLOODING),
    Key("group", TEXT, "the multicast group, with `flooding: multicast` and only there"),
    Key("family", TEXT, "which VTEP address the tunnels use: `ipv4` or `ipv6`", shown="`ipv4`, or that of `group`", choices=tuple(FAMILIES)),
    Key("learning", SWITCH, "with `multicast` and `point_to_point`: off, a host knows only the MAC addresses that the inventory knows", shown="`true` there"),
    Key("port", NUMBER, "UDP port of these tunnels", of=PORT, shown="of the fabric"),
    Key("mtu", MTU, "MTU of the VXLAN interface and the bridge; `auto` is that of the underlay minus 50 bytes over IPv4, 70 over IPv6", default="auto"),
    Key("interface", TEXT, "name of the VXLAN interface", shown="`vx` and the VNI"),
    Key("bridge", TEXT, "name of the bridge", shown="`br` and the VNI"),
    Key("gateway", SECTION, "the first hop of the machines of this network", keys=_GATEWAY),
    Key("vrf", TEXT, "the routing table that the gateway is in, a name of `vrfs`", shown="that of the host itself"),
    Key("endpoints", LIST, "machines that are known", keys=_ENDPOINT),
)

_VRF = (
    Key("table", NUMBER, "number of the routing table", of=TABLE, shown="`vni`, else a number made of the name"),
    Key("vni", NUMBER, "the L3VNI: routed packets of this VRF travel under it between hosts, where BGP EVPN says to whom", of=VNI),
    Key("vlan", NUMBER, "the VLAN of the L3VNI on VLAN-aware bridges (`style: single`)", of=VLAN),
)

_LINK = (
    Key("from", TEXTS, "groups and hosts", required=True),
    Key("to", TEXTS, "groups and hosts; each of `from` is connected to each of `to`", required=True),
)

_UNDERLAY = (
    Key("mtu", NUMBER, "MTU of the network that carries the tunnels", of=UNDERLAY_MTU, shown="each host derives its own from its device"),
    Key("links", LIST, "how it is cabled, for [pictures](document.md) only", keys=_LINK),
)

FABRIC = Key(
    "vxlan_fabric",
    SECTION,
    "The fabric, the same for all of its hosts.",
    required=True,
    keys=(
        Key("name", TEXT, "a-z, 0-9 and `-`. What the fabric makes carries `vxlan.fabric:NAME` as its alias; only that is ever removed.", required=True),
        Key("port", NUMBER, "UDP port of all tunnels", default=DEFAULT_PORT, of=PORT),
        Key("flooding", TEXT, "how networks flood, unless they say otherwise", default=LEARNING, choices=FLOODING),
        Key("vni_base", NUMBER, "the VNI of a network that gives none is this plus its `vlan`", of=(0, VNI_MAX - 1)),
        Key("gateway_mac", TEXT, "MAC address of gateways that give none"),
        Key("style", TEXT, "the `style` of hosts that give none, [see below](#styles)", default=PER_VNI, choices=STYLES),
        Key("vrfs", BY_NAME, "routing tables by name, at most 15 bytes: one for each tenant, [see below](#routing)", keys=_VRF),
        Key("underlay", SECTION, "the network that carries the tunnels", keys=_UNDERLAY),
        Key("networks", BY_NAME, "the networks by name", required=True, keys=_NETWORK),
    ),
)

_SEAT = (
    Key("address", TEXT, "which of the host's VTEP addresses this network uses", shown="the first of the family"),
    Key("device", TEXT, "another interface to the underlay"),
    Key("port", NUMBER, "another UDP port. All members of a network have to have the same.", of=PORT),
    Key("mtu", NUMBER, "another MTU", of=(MTU_MIN - 70, MTU_MAX)),
    Key("interface", TEXT, "another name of the VXLAN interface"),
    Key("bridge", TEXT, "another name of the bridge"),
)

_PORT = (
    Key("access", TEXT, "the only network of the port. Frames have no VLAN tag."),
    Key("trunk", TEXTS, "networks whose frames carry the tag of their `vlan`"),
    Key("native", TEXT, "beside `trunk`: the network of frames without a tag"),
)

VTEP = Key(
    "vxlan_vtep",
    SECTION,
    "What belongs to one host alone. A host without it carries no network.",
    keys=(
        Key(
            "address",
            TEXTS,
            "the VTEP addresses: one or a list. The first of each family is used unless a network names another. The host has them already. "
            "The name of an interface stands for the addresses that facts have for it.",
            required=True,
        ),
        Key("device", TEXT, "the interface to the underlay. Needed for multicast. Leave it out where several uplinks lead to the others."),
        Key("mtu", NUMBER, "MTU of the underlay at this host", of=UNDERLAY_MTU, shown="that of the fabric's underlay"),
        Key("style", TEXT, "[see below](#styles)", shown="of the fabric", choices=STYLES),
        Key("interface", TEXT, "with `style: single`: name of the VXLAN interface", shown="`vxs4`, or `vxs6` over IPv6"),
        Key("bridge", TEXT, "with `style: single`: name of the bridge", shown="`brs`"),
        Key(
            "ports",
            PORTS,
            "access ports by network, as in `{blue: [tap0, eth3]}`, or networks by port, as in `{eth4: {trunk: [blue, red]}}`. "
            "Ports that endpoints name are added.",
            keys=_PORT,
        ),
        Key("networks", BY_NAME, "what is different for a network on this host", keys=_SEAT),
    ),
)

TWIN = Key(
    "vxlan_twin",
    SECTION,
    "What only the twin has to know.",
    keys=(
        Key("mode", TEXT, "`segment`: all hosts on one segment; `routed`: a router between them", default="segment", choices=("segment", "routed")),
        Key("mtu", NUMBER, "MTU of the twin's underlay", of=UNDERLAY_MTU, shown="of the underlay, else `1500`"),
    ),
)

VARIABLES = (FABRIC, VTEP, TWIN)
NETWORK = FABRIC.key("networks")
UNDERLAY = FABRIC.key("underlay")
LINK = UNDERLAY.key("links")
ENDPOINT = NETWORK.key("endpoints")
GATEWAY = NETWORK.key("gateway")
SEAT = VTEP.key("networks")
VRF = FABRIC.key("vrfs")
PORT_OF_HOST = VTEP.key("ports")
