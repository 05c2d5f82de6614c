# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of a bridge, one option per row of BRIDGE in module_utils/_attributes/bridge.py."""

from __future__ import annotations


class ModuleDocFragment:
    """A test compares the last line of each description with the table."""

    DOCUMENTATION = r"""
options:
  stp:
    description:
      - Spanning tree protocol.
      - iproute2 writes C(stp_state 0|1). The kernel's default is V(false).
    type: bool
    aliases: [stp_state]
  priority:
    description:
      - Priority in the spanning tree. The lowest becomes the root.
      - iproute2 writes C(priority). The kernel's default is V(32768).
    type: int
  forward_delay:
    description:
      - Seconds in each of the states listening and learning. The kernel accepts 2 to 30 while O(stp=true).
      - iproute2 writes C(forward_delay). The kernel's default is V(15).
    type: float
  hello_time:
    description:
      - Seconds between hello packets of the root. The kernel accepts 1 to 10.
      - iproute2 writes C(hello_time). The kernel's default is V(2).
    type: float
  max_age:
    description:
      - Seconds after which another bridge that sends nothing counts as dead. The kernel accepts 6 to 40.
      - iproute2 writes C(max_age). The kernel's default is V(20).
    type: float
  ageing:
    description:
      - Seconds after which a learned MAC address that is not seen goes. V(0) forgets at once.
      - iproute2 writes C(ageing_time). The kernel's default is V(300).
    type: float
    aliases: [ageing_time]
  group_fwd_mask:
    description:
      - Bit mask of the link-local group addresses C(01:80:c2:00:00:0X) that are forwarded, bit X for each.
      - iproute2 writes C(group_fwd_mask). The kernel's default is V(0).
    type: int
  group_address:
    description:
      - Group address of the spanning tree protocol, C(01:80:c2:00:00:0X).
      - iproute2 writes C(group_address). The kernel's default is V(01:80:c2:00:00:00). Linux 4.5 or newer.
    type: str
  vlan_filtering:
    description:
      - Keep VLANs apart. Not every kernel is built with it.
      - iproute2 writes C(vlan_filtering 0|1). The kernel's default is V(false).
    type: bool
  vlan_protocol:
    description:
      - Protocol of the outer VLAN tag.
      - iproute2 writes C(vlan_protocol). The kernel's default is V(802.1Q). Linux 4.5 or newer.
    type: str
    choices: [802.1Q, 802.1ad]
  vlan_default_pvid:
    description:
      - VLAN that untagged frames of a new port belong to. V(0) is none.
      - iproute2 writes C(vlan_default_pvid). The kernel's default is V(1). Linux 4.5 or newer.
    type: int
  vlan_stats:
    description:
      - Count per VLAN.
      - iproute2 writes C(vlan_stats_enabled 0|1). The kernel's default is V(false). Linux 4.7 or newer.
    type: bool
    aliases: [vlan_stats_enabled]
  vlan_stats_per_port:
    description:
      - Count per VLAN and port. Can be changed only while no port has a VLAN.
      - iproute2 writes C(vlan_stats_per_port 0|1). The kernel's default is V(false). Linux 4.20 or newer.
    type: bool
  mcast_snooping:
    description:
      - Watch IGMP and MLD, and send multicast only to ports that asked for it.
      - iproute2 writes C(mcast_snooping 0|1). The kernel's default is V(true). Linux 4.5 or newer.
    type: bool
  mcast_vlan_snooping:
    description:
      - The same per VLAN.
      - iproute2 writes C(mcast_vlan_snooping 0|1). The kernel's default is V(false). Linux 5.15 or newer.
    type: bool
  mcast_router:
    description:
      - Whether the bridge counts as a multicast router.
      - iproute2 writes C(mcast_router). The kernel's default is V(auto). Linux 4.5 or newer.
    type: str
    choices: [never, auto, always]
  mcast_query_use_ifaddr:
    description:
      - Take the bridge's own address as the source of IGMP queries.
      - iproute2 writes C(mcast_query_use_ifaddr 0|1). The kernel's default is V(false). Linux 4.5 or newer.
    type: bool
  mcast_querier:
    description:
      - Send IGMP and MLD queries.
      - iproute2 writes C(mcast_querier 0|1). The kernel's default is V(false). Linux 4.5 or newer.
    type: bool
  mcast_hash_max:
    description:
      - Most multicast groups, a power of two.
      - iproute2 writes C(mcast_hash_max). The kernel's default is V(4096). Linux 4.5 or newer.
    type: int
  mcast_last_member_count:
    description:
      - Queries before a group without members is given up.
      - iproute2 writes C(mcast_last_member_count). The kernel's default is V(2). Linux 4.5 or newer.
    type: int
  mcast_startup_query_count:
    description:
      - Queries at the start.
      - iproute2 writes C(mcast_startup_query_count). The kernel's default is V(2). Linux 4.5 or newer.
    type: int
  mcast_last_member_interval:
    description:
      - Seconds between queries for the last member.
      - iproute2 writes C(mcast_last_member_interval). The kernel's default is V(1). Linux 4.5 or newer.
    type: float
  mcast_membership_interval:
    description:
      - Seconds after which a membership nobody renews ends.
      - iproute2 writes C(mcast_membership_interval). The kernel's default is V(260). Linux 4.5 or newer.
    type: float
  mcast_querier_interval:
    description:
      - Seconds without queries of another querier after which the bridge sends its own.
      - iproute2 writes C(mcast_querier_interval). The kernel's default is V(255). Linux 4.5 or newer.
    type: float
  mcast_query_interval:
    description:
      - Seconds between queries.
      - iproute2 writes C(mcast_query_interval). The kernel's default is V(125). Linux 4.5 or newer.
    type: float
  mcast_query_response_interval:
    description:
      - Seconds that hosts have to answer.
      - iproute2 writes C(mcast_query_response_interval). The kernel's default is V(10). Linux 4.5 or newer.
    type: float
  mcast_startup_query_interval:
    description:
      - Seconds between queries at the start.
      - iproute2 writes C(mcast_startup_query_interval). The kernel's default is V(31.25). Linux 4.5 or newer.
    type: float
  mcast_stats:
    description:
      - Count IGMP and MLD packets.
      - iproute2 writes C(mcast_stats_enabled 0|1). The kernel's default is V(false). Linux 4.8 or newer.
    type: bool
    aliases: [mcast_stats_enabled]
  mcast_igmp_version:
    description:
      - Version of IGMP, 2 or 3.
      - iproute2 writes C(mcast_igmp_version). The kernel's default is V(2). Linux 4.10 or newer.
    type: int
  mcast_mld_version:
    description:
      - Version of MLD, 1 or 2.
      - iproute2 writes C(mcast_mld_version). The kernel's default is V(1). Linux 4.10 or newer.
    type: int
  nf_call_iptables:
    description:
      - Pass IPv4 packets to iptables.
      - iproute2 writes C(nf_call_iptables 0|1). The kernel's default is V(false). Linux 4.5 or newer.
    type: bool
  nf_call_ip6tables:
    description:
      - Pass IPv6 packets to ip6tables.
      - iproute2 writes C(nf_call_ip6tables 0|1). The kernel's default is V(false). Linux 4.5 or newer.
    type: bool
  nf_call_arptables:
    description:
      - Pass ARP packets to arptables.
      - iproute2 writes C(nf_call_arptables 0|1). The kernel's default is V(false). Linux 4.5 or newer.
    type: bool
  no_linklocal_learn:
    description:
      - Do not learn from frames to link-local group addresses.
      - iproute2 writes C(no_linklocal_learn 0|1). The kernel's default is V(false). Linux 4.20 or newer.
    type: bool
  mst_enabled:
    description:
      - Multiple spanning trees. Can be changed only while no VLAN is there.
      - iproute2 writes C(mst_enabled 0|1). The kernel's default is V(false). Linux 5.18 or newer.
    type: bool
  fdb_max_learned:
    description:
      - Most learned MAC addresses. V(0) is unlimited.
      - iproute2 writes C(fdb_max_learned). The kernel's default is V(0). Linux 6.7 or newer.
    type: int
"""
