# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts as people have them, typed with ip(8) and bridge(8): each a network `keep` and a network `drop`, the second to be given up."""

from __future__ import annotations

from typing import NamedTuple

ZERO = "00:00:00:00:00:00"


class Form(NamedTuple):
    """Lines for ip(8), then for bridge(8), then for ip(8) again."""

    ip: tuple[str, ...]
    bridge: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def _bridged(name: str, port: str, *, flags: str = "") -> tuple[str, ...]:
    return (f"link add br-{name} type bridge {flags}", f"link set {port} master br-{name}", f"link set {port} up", f"link set br-{name} up")


FORMS = {
    "head-end list": Form(
        (
            "link add vx-keep type vxlan id 10 local 192.0.2.1 dev eth0 dstport 4789 nolearning",
            "link add vx-drop type vxlan id 11 local 192.0.2.1 dstport 4789 nolearning ttl 16",
            *_bridged("keep", "vx-keep", flags="mcast_snooping 0 ageing_time 6000"),
            *_bridged("drop", "vx-drop", flags="stp_state 1 priority 4096"),
            "address add 10.0.0.1/24 dev br-keep",
            "address add 2001:db8:10::1/64 dev br-keep nodad",
            "neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev br-keep nud permanent",
        ),
        (
            *(f"fdb append {ZERO} dev vx-keep dst 192.0.2.{host}" for host in (2, 3, 4)),
            f"fdb append {ZERO} dev vx-drop dst 192.0.2.2",
            "fdb add 02:00:00:00:01:02 dev vx-keep dst 192.0.2.2",
            "fdb add 02:00:00:00:01:03 dev vx-keep dst 192.0.2.3 static",
            "fdb add 02:00:00:00:01:04 dev vx-keep dst 192.0.2.4 port 8472 vni 77",
            "fdb add 02:00:00:00:01:05 dev vx-keep dst 192.0.2.4 extern_learn",
            "fdb add 02:00:00:00:01:02 dev vx-keep master static",
            "link set dev vx-keep learning off neigh_suppress on",
            "link set dev vx-drop isolated on hairpin on cost 7",
        ),
    ),
    "multicast": Form(
        (
            "link add vx-keep type vxlan id 10 group 239.1.1.10 dev eth0 dstport 4789 ttl 8 local 192.0.2.1",
            "link add vx-drop type vxlan id 11 group 239.1.1.11 dev eth0 dstport 4789",
            *_bridged("keep", "vx-keep"),
            *_bridged("drop", "vx-drop"),
            "link set vx-drop mtu 1400",
        ),
    ),
    "the kernel's old port": Form(
        (
            "link add vx-keep type vxlan id 10 remote 192.0.2.2 dstport 8472 srcport 40000 50000",
            "link add vx-drop type vxlan id 11 remote 192.0.2.3 dstport 8472 tos inherit df set ageing 60",
            *_bridged("keep", "vx-keep"),
            *_bridged("drop", "vx-drop"),
        ),
    ),
    "IPv6": Form(
        (
            "link add vx-keep type vxlan id 10 remote 2001:db8::2 local 2001:db8::1 dstport 4789 udp6zerocsumtx udp6zerocsumrx flowlabel 0x42",
            "link add vx-drop type vxlan id 11 group ff05::11 dev eth0 dstport 4790",
            *_bridged("keep", "vx-keep"),
            *_bridged("drop", "vx-drop"),
        ),
        (f"fdb append {ZERO} dev vx-keep dst 2001:db8::3", "fdb add 02:00:00:00:01:03 dev vx-keep dst 2001:db8::3"),
    ),
    "external with a VNI filter": Form(
        (
            "link add vx-keep type vxlan external vnifilter dstport 4789 local 192.0.2.1",
            "link add vx-drop type vxlan external dstport 4790",
            *_bridged("keep", "vx-keep"),
            *_bridged("drop", "vx-drop"),
        ),
        (
            "vni add dev vx-keep vni 100-199",
            "vni add dev vx-keep vni 300 remote 192.0.2.3",
            "fdb add 02:00:00:00:01:02 dev vx-keep dst 192.0.2.2 src_vni 100 vni 100",
            f"fdb append {ZERO} dev vx-keep dst 192.0.2.2 src_vni 101",
            "fdb add 02:00:00:00:01:03 dev vx-drop dst 192.0.2.2 src_vni 7",
        ),
    ),
    "routed, with addresses and neighbours": Form(
        (
            "link add vx-keep address 02:00:00:00:0a:01 type vxlan id 10 local 192.0.2.1 dstport 4789 proxy l2miss l3miss",
            "link add vx-drop type vxlan id 11 local 192.0.2.1 dstport 4789 rsc gbp",
            "link set vx-keep mtu 1450 txqueuelen 500 addrgenmode none",
            "address add 10.1.0.1/24 dev vx-keep",
            "address add 10.1.1.1/30 dev vx-keep",
            "address add 2001:db8:1::1/64 dev vx-keep nodad",
            "address add 10.2.0.1/24 dev vx-drop",
            "link set vx-keep up",
            "neighbour add 10.1.0.2 lladdr 02:00:00:00:0a:02 dev vx-keep nud permanent",
            "neighbour add 2001:db8:1::2 lladdr 02:00:00:00:0a:02 dev vx-keep nud permanent router",
            "route add 10.77.0.0/16 via 10.1.0.2 dev vx-keep",
        ),
        ("fdb add 02:00:00:00:0a:02 dev vx-keep dst 192.0.2.2",),
    ),
    "several VTEPs behind one address": Form(
        (
            "nexthop add id 1 via 192.0.2.2 fdb",
            "nexthop add id 2 via 192.0.2.3 fdb",
            "nexthop add id 10 group 1/2 fdb",
            "link add vx-keep type vxlan id 10 local 192.0.2.1 dstport 4789 nolearning",
            "link add vx-drop type vxlan id 11 local 192.0.2.1 dstport 4789 nolearning",
            *_bridged("keep", "vx-keep"),
        ),
        ("fdb add 02:00:00:00:01:02 dev vx-keep nhid 10", "fdb add 02:00:00:00:01:02 dev vx-drop dst 192.0.2.2"),
    ),
    "with other ports and another bridge": Form(
        (
            "link add tap0 type ifb",
            "link add tap1 type ifb",
            "link add br-plain type bridge",
            "link set tap1 master br-plain",
            "link add vx-keep type vxlan id 10 remote 192.0.2.2 dstport 4789",
            "link add vx-drop type vxlan id 11 remote 192.0.2.3 dstport 4789",
            *_bridged("keep", "vx-keep"),
            *_bridged("drop", "vx-drop"),
            "link set tap0 master br-keep",
            "link set tap0 up",
        ),
        ("fdb add 02:00:00:00:00:77 dev tap0 master static", "link set dev tap0 learning off isolated on"),
    ),
}  # fmt: skip
