# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Every attribute of a VXLAN interface (enum IFLA_VXLAN_* in linux/if_link.h; ip-link(8), "VXLAN Type Support").

Which of them change on a live interface was measured, see docs/kernel.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, Value

_U32 = 0xFFFFFFFF

VXLAN: Table = (
    Attribute(
        "vni",
        1,
        "IFLA_VXLAN_ID",
        "u32",
        "number",
        "id",
        aliases=("id",),
        low=1,
        high=(1 << 24) - 1,
        unset=0,
        claimed=True,
        advice="a VNI has 24 bits (RFC 7348), and 0 is none although Linux takes it",
    ),
    Attribute("remote", 2, "IFLA_VXLAN_GROUP", "address", "unicast", "remote", state_key="destination", number6=16, name6="IFLA_VXLAN_GROUP6", live=True),
    Attribute("group", 2, "IFLA_VXLAN_GROUP", "address", "multicast", "group", state_key="destination", number6=16, name6="IFLA_VXLAN_GROUP6", live=True),
    Attribute("local", 4, "IFLA_VXLAN_LOCAL", "address", "local", "local", number6=17, name6="IFLA_VXLAN_LOCAL6", live=True),
    Attribute("device", 3, "IFLA_VXLAN_LINK", "index", "interface", "dev", aliases=("dev", "physdev"), live=True),
    Attribute("port", 15, "IFLA_VXLAN_PORT", "be16", "number", "dstport", aliases=("dstport", "destination_port"), low=1, high=65535),
    Attribute("source_port", 10, "IFLA_VXLAN_PORT_RANGE", "range", "range", "srcport", aliases=("srcport",), default=(0, 0)),
    Attribute("ttl", 5, "IFLA_VXLAN_TTL", "u8", "ttl", "ttl", aliases=("hoplimit",), low=0, high=255, default="auto", live=True),
    Attribute("tos", 6, "IFLA_VXLAN_TOS", "u8", "tos", "tos", aliases=("dsfield",), low=0, high=255, default=0, live=True),
    Attribute("df", 29, "IFLA_VXLAN_DF", "u8", "choice", "df", choices=("unset", "set", "inherit"), default="unset", live=True, since=(5, 0)),
    Attribute(
        "flow_label",
        26,
        "IFLA_VXLAN_LABEL",
        "be32",
        "number",
        "flowlabel",
        aliases=("flowlabel", "label"),
        low=0,
        high=0xFFFFF,
        default=0,
        live=True,
        since=(4, 6),
    ),
    Attribute("label_policy", 32, "IFLA_VXLAN_LABEL_POLICY", "u32", "choice", "", choices=("fixed", "inherit"), default="fixed", live=True, since=(6, 8)),
    Attribute("learning", 7, "IFLA_VXLAN_LEARNING", "u8", "bool", "learning", "switch", default=True, live=True),
    Attribute(
        "ageing",
        8,
        "IFLA_VXLAN_AGEING",
        "u32",
        "number",
        "ageing",
        low=1,
        high=_U32,
        default=300,
        live=True,
        advice="the kernel turns 0 into 300; a large number comes close to never",
    ),
    Attribute("limit", 9, "IFLA_VXLAN_LIMIT", "u32", "number", "maxaddress", aliases=("maxaddress", "maxaddr"), low=0, high=_U32, default=0),
    Attribute("proxy", 11, "IFLA_VXLAN_PROXY", "u8", "bool", "proxy", "switch", default=False),
    Attribute("rsc", 12, "IFLA_VXLAN_RSC", "u8", "bool", "rsc", "switch", default=False),
    Attribute("l2miss", 13, "IFLA_VXLAN_L2MISS", "u8", "bool", "l2miss", "switch", default=False),
    Attribute("l3miss", 14, "IFLA_VXLAN_L3MISS", "u8", "bool", "l3miss", "switch", default=False),
    Attribute("udp_checksum", 18, "IFLA_VXLAN_UDP_CSUM", "u8", "bool", "udpcsum", "switch", aliases=("udpcsum", "udp_csum"), default=True, since=(3, 16)),
    Attribute(
        "udp6_zero_checksum_tx",
        19,
        "IFLA_VXLAN_UDP_ZERO_CSUM6_TX",
        "u8",
        "bool",
        "udp6zerocsumtx",
        "switch",
        aliases=("udp6zerocsumtx", "udp_zero_csum6_tx"),
        default=False,
        since=(3, 16),
    ),
    Attribute(
        "udp6_zero_checksum_rx",
        20,
        "IFLA_VXLAN_UDP_ZERO_CSUM6_RX",
        "u8",
        "bool",
        "udp6zerocsumrx",
        "switch",
        aliases=("udp6zerocsumrx", "udp_zero_csum6_rx"),
        default=False,
        since=(3, 16),
    ),
    Attribute(
        "remote_checksum_tx", 21, "IFLA_VXLAN_REMCSUM_TX", "u8", "bool", "remcsumtx", "switch", aliases=("remcsumtx", "remcsum_tx"), default=False, since=(4, 0)
    ),
    Attribute(
        "remote_checksum_rx", 22, "IFLA_VXLAN_REMCSUM_RX", "u8", "bool", "remcsumrx", "switch", aliases=("remcsumrx", "remcsum_rx"), default=False, since=(4, 0)
    ),
    Attribute(
        "remote_checksum_nopartial", 24, "IFLA_VXLAN_REMCSUM_NOPARTIAL", "flag", "bool", "", "flag", aliases=("remcsum_nopartial",), default=False, since=(4, 0)
    ),
    Attribute("localbypass", 31, "IFLA_VXLAN_LOCALBYPASS", "u8", "bool", "localbypass", "switch", default=True, live=True, since=(6, 5)),
    Attribute("reserved_bits", 33, "IFLA_VXLAN_RESERVED_BITS", "be64", "mask", "reserved_bits", low=0, high=(1 << 64) - 1, since=(6, 14)),
    Attribute(
        "multicast_route",
        34,
        "IFLA_VXLAN_MC_ROUTE",
        "u8",
        "bool",
        "mcroute",
        "switch",
        aliases=("mcroute",),
        default=False,
        live=True,
        write_only=True,
        since=(6, 17),
    ),
    Attribute("external", 25, "IFLA_VXLAN_COLLECT_METADATA", "u8", "bool", "external", "switch", default=False, since=(4, 3)),
    Attribute(
        "vnifilter", 30, "IFLA_VXLAN_VNIFILTER", "u8", "bool", "vnifilter", "switch", default=False, quiet=True, since=(5, 18), along=(("external", True),)
    ),
    Attribute("gbp", 23, "IFLA_VXLAN_GBP", "flag", "bool", "gbp", "flag", default=False, since=(4, 0)),
    Attribute("gpe", 27, "IFLA_VXLAN_GPE", "flag", "bool", "gpe", "flag", default=False, since=(4, 7), along=(("external", True), ("learning", False))),
)

# ttl has two netlink attributes: a number, and this flag for "inherit" (Linux 4.18). The dump reports it as a u8.
TTL_INHERIT_NUMBER = 28
TTL_INHERIT_NAME = "IFLA_VXLAN_TTL_INHERIT"

# A live change of any attribute resets the reserved bits of an interface that has one of these, from Linux 6.14 on, and what
# it then receives is dropped (vxlan_nl2conf, drivers/net/vxlan/vxlan_core.c; measured).
HEADER_FEATURES = ("gbp", "gpe", "remote_checksum_tx", "remote_checksum_rx")

# Sizes of what VXLAN adds inside the IP packet's MTU: inner Ethernet 14 + VXLAN 8 + UDP 8 + IP 20 or 40 (RFC 7348, section 5).
OVERHEAD = {4: 50, 6: 70}

# Reserved bits of a packet's header that a plain interface tolerates, and the bits that each feature claims for itself
# (vxlan_nl2conf, drivers/net/vxlan/vxlan_core.c, Linux 6.14).
_PLAIN_BITS = 0xF7FFFFFF000000FF
_CLAIMED_BITS = {
    "gbp": 0x80FFFFFF00000000,
    "gpe": 0x350000FF00000000,
    "remote_checksum_rx": 0x00200000000000FF,
}


def default_reserved_bits(attributes: Mapping[str, Value]) -> int:
    """What the kernel has for reserved_bits when nobody says anything."""
    bits = _PLAIN_BITS
    for feature, claimed in _CLAIMED_BITS.items():
        if attributes.get(feature):
            bits &= ~claimed
    return bits


def without_claimed_bits(attributes: Mapping[str, Value], features: Mapping[str, Value]) -> dict[str, Value]:
    """Attributes whose reserved bits do not overlap those that a feature uses: the kernel forgets them when an interface with gbp is
    changed live, and does not let one be created like that (vxlan_changelink, vxlan_config_validate)."""
    found = dict(attributes)
    bits = found.get("reserved_bits")
    if isinstance(bits, int):
        found["reserved_bits"] = bits & (default_reserved_bits(features) | ~_PLAIN_BITS)
        if found["reserved_bits"] == default_reserved_bits(features):
            del found["reserved_bits"]
    return found
