# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Attributes of a bridge (enum IFLA_BR_*) and of its ports (enum IFLA_BRPORT_*), linux/if_link.h; ip-link(8) and bridge(8).

Every one may change on a live bridge.
"""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table

_U16 = 0xFFFF
_U32 = 0xFFFFFFFF
_U64 = (1 << 64) - 1
_HZ = 100  # USER_HZ: the kernel's unit is a hundredth of a second


_VLANS = "BRIDGE_VLAN_FILTERING"
_NETFILTER = "BRIDGE_NETFILTER"


def _number(
    option: str, number: int, name: str, wire: str, high: int, default: int | None = None, low: int = 0, since: tuple[int, int] = (3, 18), word: str = ""
) -> Attribute:
    aliases = (word,) if word else ()
    return Attribute(option, number, name, wire, "number", word or option, aliases=aliases, low=low, high=high, default=default, live=True, since=since)


def _seconds(
    option: str,
    number: int,
    name: str,
    default: float,
    low: int = 0,
    wire: str = "u32",
    since: tuple[int, int] = (3, 18),
    aliases: tuple[str, ...] = (),
    word: str = "",
) -> Attribute:
    return Attribute(
        option,
        number,
        name,
        wire,
        "seconds",
        word or option,
        aliases=aliases,
        low=low,
        high=_U32 // _HZ,
        default=round(default * _HZ),
        live=True,
        scale=_HZ,
        since=since,
    )


def _switch(
    option: str,
    number: int,
    name: str,
    default: bool,
    wire: str = "u8",
    since: tuple[int, int] = (4, 5),
    word: str = "",
    aliases: tuple[str, ...] = (),
    config: str = "",
) -> Attribute:
    return Attribute(option, number, name, wire, "bool", word or option, "one", aliases=aliases, default=default, live=True, since=since, config=config)


def _boolopt(option: str, bit: int, since: tuple[int, int], config: str = "") -> Attribute:
    return Attribute(option, 46, "IFLA_BR_MULTI_BOOLOPT", "boolopt", "bool", option, "one", default=False, live=True, since=since, config=config, bit=bit)


BRIDGE: Table = (
    _switch("stp", 5, "IFLA_BR_STP_STATE", False, "u32", (3, 18), "stp_state", ("stp_state",)),
    _number("priority", 6, "IFLA_BR_PRIORITY", "u16", _U16, 32768),
    _seconds("forward_delay", 1, "IFLA_BR_FORWARD_DELAY", 15),
    _seconds("hello_time", 2, "IFLA_BR_HELLO_TIME", 2, low=1),
    _seconds("max_age", 3, "IFLA_BR_MAX_AGE", 20, low=6),
    _seconds("ageing", 4, "IFLA_BR_AGEING_TIME", 300, aliases=("ageing_time",), word="ageing_time"),
    _number("group_fwd_mask", 9, "IFLA_BR_GROUP_FWD_MASK", "u16", _U16, 0),
    Attribute("group_address", 20, "IFLA_BR_GROUP_ADDR", "mac", "mac", "group_address", default="01:80:c2:00:00:00", live=True, since=(4, 5)),
    _switch("vlan_filtering", 7, "IFLA_BR_VLAN_FILTERING", False, since=(4, 0), config=_VLANS),
    Attribute(
        "vlan_protocol",
        8,
        "IFLA_BR_VLAN_PROTOCOL",
        "be16",
        "protocol",
        "vlan_protocol",
        choices=("802.1Q", "802.1ad"),
        default="802.1Q",
        live=True,
        since=(4, 5),
        config=_VLANS,
    ),
    _number("vlan_default_pvid", 39, "IFLA_BR_VLAN_DEFAULT_PVID", "u16", 4094, 1, since=(4, 5))._replace(config=_VLANS),
    _switch("vlan_stats", 41, "IFLA_BR_VLAN_STATS_ENABLED", False, since=(4, 7), word="vlan_stats_enabled", aliases=("vlan_stats_enabled",), config=_VLANS),
    _switch("vlan_stats_per_port", 45, "IFLA_BR_VLAN_STATS_PER_PORT", False, since=(4, 20), config=_VLANS),
    _switch("mcast_snooping", 23, "IFLA_BR_MCAST_SNOOPING", True),
    _boolopt("mcast_vlan_snooping", 1, (5, 15), _VLANS)._replace(along=(("vlan_filtering", True),)),
    Attribute(
        "mcast_router",
        22,
        "IFLA_BR_MCAST_ROUTER",
        "u8",
        "choice",
        "mcast_router",
        "number",
        choices=("never", "auto", "always"),
        default="auto",
        live=True,
        since=(4, 5),
    ),
    _switch("mcast_query_use_ifaddr", 24, "IFLA_BR_MCAST_QUERY_USE_IFADDR", False),
    _switch("mcast_querier", 25, "IFLA_BR_MCAST_QUERIER", False),
    _number("mcast_hash_max", 27, "IFLA_BR_MCAST_HASH_MAX", "u32", 1 << 30, 4096, low=1, since=(4, 5)),
    _number("mcast_last_member_count", 28, "IFLA_BR_MCAST_LAST_MEMBER_CNT", "u32", _U32, 2, since=(4, 5)),
    _number("mcast_startup_query_count", 29, "IFLA_BR_MCAST_STARTUP_QUERY_CNT", "u32", _U32, 2, since=(4, 5)),
    _seconds("mcast_last_member_interval", 30, "IFLA_BR_MCAST_LAST_MEMBER_INTVL", 1, wire="u64", since=(4, 5)),
    _seconds("mcast_membership_interval", 31, "IFLA_BR_MCAST_MEMBERSHIP_INTVL", 260, wire="u64", since=(4, 5)),
    _seconds("mcast_querier_interval", 32, "IFLA_BR_MCAST_QUERIER_INTVL", 255, wire="u64", since=(4, 5)),
    _seconds("mcast_query_interval", 33, "IFLA_BR_MCAST_QUERY_INTVL", 125, low=1, wire="u64", since=(4, 5)),
    _seconds("mcast_query_response_interval", 34, "IFLA_BR_MCAST_QUERY_RESPONSE_INTVL", 10, wire="u64", since=(4, 5)),
    _seconds("mcast_startup_query_interval", 35, "IFLA_BR_MCAST_STARTUP_QUERY_INTVL", 31.25, low=1, wire="u64", since=(4, 5)),
    _switch("mcast_stats", 42, "IFLA_BR_MCAST_STATS_ENABLED", False, since=(4, 8), word="mcast_stats_enabled", aliases=("mcast_stats_enabled",)),
    _number("mcast_igmp_version", 43, "IFLA_BR_MCAST_IGMP_VERSION", "u8", 3, 2, low=2, since=(4, 10)),
    _number("mcast_mld_version", 44, "IFLA_BR_MCAST_MLD_VERSION", "u8", 2, 1, low=1, since=(4, 10)),
    _switch("nf_call_iptables", 36, "IFLA_BR_NF_CALL_IPTABLES", False, config=_NETFILTER),
    _switch("nf_call_ip6tables", 37, "IFLA_BR_NF_CALL_IP6TABLES", False, config=_NETFILTER),
    _switch("nf_call_arptables", 38, "IFLA_BR_NF_CALL_ARPTABLES", False, config=_NETFILTER),
    _boolopt("no_linklocal_learn", 0, (4, 20)),
    _boolopt("mst_enabled", 2, (5, 18), _VLANS),
    _number("fdb_max_learned", 49, "IFLA_BR_FDB_MAX_LEARNED", "u32", _U32, 0, since=(6, 7)),
)


def _flag(option: str, number: int, name: str, default: bool, since: tuple[int, int] = (3, 18), word: str = "", aliases: tuple[str, ...] = ()) -> Attribute:
    return Attribute(option, number, name, "u8", "bool", word or option, "onoff", aliases=aliases, default=default, live=True, since=since)


PORT: Table = (
    _flag("learning", 8, "IFLA_BRPORT_LEARNING", True),
    _flag("flood", 9, "IFLA_BRPORT_UNICAST_FLOOD", True, aliases=("unicast_flood",)),
    _flag("bcast_flood", 30, "IFLA_BRPORT_BCAST_FLOOD", True, (4, 12)),
    _flag("mcast_flood", 27, "IFLA_BRPORT_MCAST_FLOOD", True, (4, 9)),
    _flag("mcast_to_unicast", 28, "IFLA_BRPORT_MCAST_TO_UCAST", False, (4, 11)),
    _flag("neigh_suppress", 32, "IFLA_BRPORT_NEIGH_SUPPRESS", False, (4, 15)),
    _flag("neigh_vlan_suppress", 43, "IFLA_BRPORT_NEIGH_VLAN_SUPPRESS", False, (6, 4)),
    _flag("isolated", 33, "IFLA_BRPORT_ISOLATED", False, (4, 18)),
    _flag("hairpin", 4, "IFLA_BRPORT_MODE", False),
    _flag("locked", 39, "IFLA_BRPORT_LOCKED", False, (5, 18)),
    _flag("mab", 40, "IFLA_BRPORT_MAB", False, (6, 2))._replace(along=(("locked", True),)),
    _flag("guard", 5, "IFLA_BRPORT_GUARD", False),
    _flag("root_block", 6, "IFLA_BRPORT_PROTECT", False),
    _flag("mcast_fast_leave", 7, "IFLA_BRPORT_FAST_LEAVE", False, aliases=("fastleave",)),
    _flag("proxy_arp", 10, "IFLA_BRPORT_PROXYARP", False),
    _flag("proxy_arp_wifi", 12, "IFLA_BRPORT_PROXYARP_WIFI", False, (4, 1)),
    _flag("vlan_tunnel", 29, "IFLA_BRPORT_VLAN_TUNNEL", False, (4, 11)),
    _number("cost", 3, "IFLA_BRPORT_COST", "u32", 65535, low=1),
    _number("priority", 2, "IFLA_BRPORT_PRIORITY", "u16", 63, 32),
    _number("group_fwd_mask", 31, "IFLA_BRPORT_GROUP_FWD_MASK", "u16", _U16, 0, since=(4, 15)),
    Attribute(
        "mcast_router",
        25,
        "IFLA_BRPORT_MULTICAST_ROUTER",
        "u8",
        "choice",
        "mcast_router",
        "number",
        choices=("never", "auto", "always", "temporary"),
        default="auto",
        live=True,
        since=(3, 18),
    ),
    _number("mcast_max_groups", 42, "IFLA_BRPORT_MCAST_MAX_GROUPS", "u32", _U32, 0, since=(6, 3)),
    Attribute("backup_port", 34, "IFLA_BRPORT_BACKUP_PORT", "index", "interface", "backup_port", "detach", live=True, since=(4, 19)),
    _number("backup_nexthop", 44, "IFLA_BRPORT_BACKUP_NHID", "u32", _U32, 0, since=(6, 6), word="backup_nhid"),
)
