# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Every kind of mistake that an inventory can have: how bad it is, what it means, and what to do about it. docs/lint.md is made of it."""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING = "error", "warning"


class Kind(NamedTuple):
    """level: an ERROR stops deploy, a WARNING is told. means, advice: sentences for people."""

    level: str
    means: str
    advice: str


KINDS = {
    # What is written cannot be read.
    "unknown-key": Kind(ERROR, "A key that does not exist.", "Correct the key, or remove it."),
    "missing": Kind(ERROR, "A key that is required is not there.", "Add the key."),
    "invalid-value": Kind(ERROR, "A value that cannot be meant.", "Correct the value."),
    "vni-out-of-range": Kind(ERROR, "A VNI that does not fit in 24 bits, or 0.", "Take a VNI of 1 to 16777215."),
    "name-too-long": Kind(ERROR, "A name of an interface that the kernel does not take.", "Take a name of at most 15 bytes, without space and slash."),
    "unknown-name": Kind(ERROR, "A group, host, network or VRF that does not exist.", "Correct the name, or add what it names to the inventory."),
    "several-fabrics": Kind(
        ERROR, "Hosts disagree about their fabric, or belong to none.", "Define vxlan_fabric once, in the variables of the group of all hosts of the fabric."
    ),
    # The same thing twice.
    "duplicate-vtep-address": Kind(ERROR, "Two hosts with the same VTEP address.", "Give each host its own address."),
    "duplicate-vni": Kind(ERROR, "Two networks with the same VNI, or a network and a VRF.", "Give each its own VNI."),
    "duplicate-vlan": Kind(ERROR, "The same VLAN for two networks on one host.", "Give one of the networks another VLAN, or take the host out of it."),
    "duplicate-table": Kind(ERROR, "Two VRFs with the same routing table.", "Give table of one of them."),
    "duplicate-name": Kind(ERROR, "A name that two things have.", "Rename one of them."),
    "duplicate-mac": Kind(ERROR, "Two endpoints of one network with the same MAC address.", "Correct one of them."),
    "duplicate-address": Kind(ERROR, "Two endpoints of one network, or an endpoint and the gateway, with the same address.", "Correct one of them."),
    "vni-collision": Kind(
        ERROR,
        "Two VXLAN interfaces of one host with the same VNI, UDP port and family, which the kernel refuses.",
        "Change the VNI or the port of one of them.",
    ),
    "loop": Kind(
        ERROR,
        "Two networks that are one bridge or share a port, so that what floods in one floods in the other, and comes back.",
        "Give each network a bridge and ports of its own.",
    ),
    # Things that do not fit together.
    "no-vtep": Kind(ERROR, "A member that cannot terminate tunnels.", "Give the host vxlan_vtep with an address of the family, or take it out of the members."),
    "no-member": Kind(ERROR, "A network without hosts, or a line that has not two ends.", "Correct the members."),
    "not-a-member": Kind(ERROR, "A host is named that does not carry the network.", "Add the host to the members, or remove what names it."),
    "port-differs": Kind(ERROR, "Members of a network that use different UDP ports: none hears the other.", "Take one port for the whole network."),
    "family-mixed": Kind(
        ERROR, "IPv4 and IPv6 in one network; a tunnel has one of them.", "Take one family: that of the group, and of the address of each member."
    ),
    "not-multicast": Kind(ERROR, "A group that is no multicast address.", "Take an address of 224.0.0.0/4 or ff00::/8."),
    "group-missing": Kind(ERROR, "Flooding by multicast without a group, or a group without it.", "Give group and flooding: multicast, or none of them."),
    "device-missing": Kind(ERROR, "A multicast group has to be joined on a device, and the host names none.", "Give vxlan_vtep.device."),
    "mtu-too-large": Kind(
        ERROR,
        "Frames that do not fit through the underlay with the headers of VXLAN.",
        "Lower the MTU of the network, or raise that of the underlay and say so.",
    ),
    "learning-contradicts": Kind(ERROR, "Learning, and a flooding that excludes it.", "Take flooding: learning, or leave out learning."),
    "evpn-static": Kind(
        ERROR,
        "Static rows in a network that BGP EVPN fills. Static rows win, and BGP can no longer move these machines.",
        "Leave out mac of the endpoints, or take another flooding.",
    ),
    "endpoint-unknown": Kind(
        ERROR, "Nothing floods in this network, so a machine whose MAC address or address is not known is never found.", "Give each endpoint mac and address."
    ),
    "gateway-mac-missing": Kind(ERROR, "A gateway on several hosts has to have one MAC address.", "Give mac of the gateway, or gateway_mac of the fabric."),
    "vlan-missing": Kind(ERROR, "A network on a VLAN-aware bridge or a trunk port without a VLAN.", "Give vlan of the network."),
    "trunk-conflict": Kind(ERROR, "A port that is access and trunk, or whose networks are not clear.", "Give access, or trunk and perhaps native."),
    "style-contradicts": Kind(ERROR, "Something that only the other style has.", "Leave it out, or change the style of the host."),
    "kernel-lacks": Kind(
        ERROR,
        "Something that the kernel of a host does not have, where its facts tell (vxlan.fabric.vtep_facts).",
        "Take another kernel, or style: per_vni and no VRFs.",
    ),
    "learning-mixed": Kind(
        ERROR,
        "Networks that learn and others that do not, on the one VXLAN interface of a host of style single: learning is one switch for all of them.",
        "Take floodings that agree for the networks of the host, give one of the networks a UDP port of its own, or take style: per_vni.",
    ),
    # Things that work, and are not what is meant.
    "single-member": Kind(WARNING, "A network with a single member: nothing of it ever enters a tunnel.", "Add the others, or remove the network."),
    "flood-list-empty": Kind(WARNING, "A host that floods to nobody.", "Add members to the network."),
    "group-shared": Kind(
        WARNING,
        "A multicast group that several networks share: every member hears the frames of all of them and drops what is not its own.",
        "Give each network a group of its own, if the underlay can carry so many.",
    ),
    "static-unknown": Kind(
        WARNING,
        "Flooding static learns nothing, and there are machines whose MAC address is not known: frames to them go to every member.",
        "Take flooding: learning, or give mac of the endpoints.",
    ),
    "mtu-of-host": Kind(
        WARNING, "A host whose underlay is smaller than the fabric says.", "Lower the MTU of the fabric's underlay, or raise that of the host."
    ),
    "mtu-differs": Kind(
        WARNING,
        "Members of a network with different MTUs: frames that one sends are too large for the other.",
        "Give the network one MTU that fits all of its members.",
    ),
    "mtu-of-interface": Kind(
        WARNING,
        "A network with a smaller MTU than others on the one VXLAN interface of a host of style single: larger frames are not held back there.",
        "Give the networks of the host one MTU, or mind it on its machines.",
    ),
    "vrf-without-gateway": Kind(
        WARNING, "A VRF, or a network in one, without a gateway: nothing is routed.", "Give the network a gateway, or leave out the VRF."
    ),
    "subnet-overlaps": Kind(
        WARNING,
        "Two gateways with the same subnet in one routing table: packets go to one of the networks only.",
        "Put them in different VRFs, or on different hosts.",
    ),
    "neighbour-unknown": Kind(
        WARNING,
        "A gateway on several hosts routes between networks, and there are machines whose MAC address is not known: they are reached through the gateway of "
        "their own host only, because the answer to an ARP request goes there.",
        "Give mac and address of the endpoints, or have the gateway on one host.",
    ),
    "address-outside": Kind(WARNING, "An endpoint whose address is in no subnet of the gateway.", "Correct the address or its prefix length."),
    "unused-vtep": Kind(WARNING, "A host with vxlan_vtep that is a member of no network.", "Add it to a network, or remove its vxlan_vtep."),
    "underlay-mtu-unknown": Kind(
        WARNING,
        "Endpoints on several hosts, and the MTU of the underlay is not said: each host takes what its own device leaves, and they may differ.",
        "Give underlay.mtu of the fabric.",
    ),
}
