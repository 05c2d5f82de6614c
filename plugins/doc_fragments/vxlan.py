# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of a VXLAN interface, one option per row of module_utils/_attributes/vxlan.py."""

from __future__ import annotations


class ModuleDocFragment:
    """A test compares the last line of each description with the table."""

    DOCUMENTATION = r"""
options:
  vni:
    description:
      - The VXLAN network identifier, 1 to 16777215.
      - A new interface needs one, unless O(external=true) takes it from every packet. V(0) is refused although Linux accepts it.
      - iproute2 writes C(id). Cannot change live, see O(recreate).
    type: int
    aliases: [id]
  remote:
    description:
      - Unicast address of the VTEP that everything without a forwarding row goes to, broadcast and unknown destinations.
      - The kernel keeps it as a row of the zero MAC, the default row. Further destinations are rows of M(vxlan.fabric.fdb).
      - An address of the same IP version replaces the old one and the other rows stay. The other IP version, and V(none) for no address,
        need a re-creation. A link-local address needs O(device).
      - A default row that somebody deleted, or that a change of O(device) left behind, is put right when this or O(device) is given.
      - iproute2 writes C(remote). Changes live, but for what is said above.
    type: str
  group:
    description:
      - Multicast address that everything without a forwarding row goes to. The kernel joins it on O(device), which is needed then.
      - Takes the place of O(remote), the two exclude each other. V(none) clears the destination by a re-creation.
      - Before Linux 6.15 the kernel joins a changed group only when the interface comes up the next time.
      - iproute2 writes C(group). Changes live, but for what is said above.
    type: str
  local:
    description:
      - Source address of the packets. Either an address, or the name of an interface of the host that has it.
      - Of a named interface the first address that is not link-local is taken, of the IP version of O(remote) or O(group), IPv4 first when
        neither is given.
      - It has to be an address of this host, see O(missing_local). A change within one IP version is live. The other IP version, and
        V(none) for no address, need a re-creation.
      - iproute2 writes C(local). Changes live, but for what is said above.
    type: str
  device:
    description:
      - The underlay interface. Multicast groups and link-local addresses need it, and its MTU decides the default of O(mtu).
      - V(none) for no interface needs a re-creation. Moving to another interface is live, the default row moves along, and the MTU is only
        ever lowered by it.
      - iproute2 writes C(dev). Changes live, but for what is said above.
    type: str
    aliases: [dev, physdev]
  port:
    description:
      - UDP destination port. A new interface gets V(4789), the port that IANA assigned, when this is not given. An existing one keeps its
        own.
      - iproute2 without C(dstport) takes 8472, and its word C(port) means O(source_port).
      - iproute2 writes C(dstport). Cannot change live, see O(recreate).
    type: int
    aliases: [dstport, destination_port]
  source_port:
    description:
      - Range of UDP source ports as V(MIN-MAX). The kernel picks one per flow, so that the underlay can spread the load. V(0-0) is the
        host's range of local ports.
      - iproute2 writes C(srcport). The kernel's default is V(0-0). Cannot change live, see O(recreate).
    type: str
    aliases: [srcport]
  ttl:
    description:
      - Time to live of the outer packet. V(1) to V(255), V(inherit) from the inner packet, or V(auto) for what the route says, and 1 for
        multicast.
      - To and from V(inherit), which needs Linux 4.18, a re-creation is needed.
      - iproute2 writes C(ttl). The kernel's default is V(auto). Changes live, but for what is said above.
    type: str
    aliases: [hoplimit]
  tos:
    description:
      - Type of service of the outer packet. A number up to 255, or V(inherit) from the inner packet. V(1) means V(inherit) to the kernel.
      - iproute2 writes C(tos). The kernel's default is V(0). Changes live.
    type: str
    aliases: [dsfield]
  df:
    description:
      - Don't-fragment bit of the outer IPv4 packet.
      - iproute2 writes C(df). The kernel's default is V(unset). Changes live. Linux 5.0 or newer.
    type: str
    choices: [unset, set, inherit]
  flow_label:
    description:
      - Flow label of the outer IPv6 packet, up to 1048575. Refused on an interface that sends IPv4.
      - iproute2 writes C(flowlabel). The kernel's default is V(0). Changes live. Linux 4.6 or newer.
    type: int
    aliases: [flowlabel, label]
  label_policy:
    description:
      - With V(fixed) the flow label is O(flow_label), with V(inherit) it is that of the inner packet. Refused on an interface that sends
        IPv4.
      - iproute2 has no word for it. The kernel's default is V(fixed). Changes live. Linux 6.8 or newer.
    type: str
    choices: [fixed, inherit]
  learning:
    description:
      - Learn from received packets behind which VTEP a MAC address is. What was learned already stays when this is switched off.
      - The learning of a bridge about its ports is another thing, see O(vxlan.fabric.bridge#module:ports[].learning).
      - iproute2 writes C([no]learning). The kernel's default is V(true). Changes live.
    type: bool
  ageing:
    description:
      - Seconds after which a learned row that is not used goes.
      - V(0) is refused, because the kernel turns it into 300. For nearly never take a large number.
      - iproute2 writes C(ageing). The kernel's default is V(300). Changes live.
    type: int
  limit:
    description:
      - Most forwarding rows that the interface takes, learned ones included. V(0) is unlimited.
      - iproute2 writes C(maxaddress). The kernel's default is V(0). Cannot change live, see O(recreate).
    type: int
    aliases: [maxaddress, maxaddr]
  proxy:
    description:
      - Answer ARP and neighbour solicitations from O(neighbours) instead of flooding them.
      - iproute2 writes C([no]proxy). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
  rsc:
    description:
      - Route short circuit. Packets to a known router MAC address are sent to the final destination directly.
      - iproute2 writes C([no]rsc). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
  l2miss:
    description:
      - Tell listening programs by netlink about destinations that have no forwarding row.
      - iproute2 writes C([no]l2miss). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
  l3miss:
    description:
      - Tell listening programs by netlink about addresses that have no neighbour entry.
      - iproute2 writes C([no]l3miss). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
  udp_checksum:
    description:
      - Send UDP checksums over IPv4.
      - iproute2 writes C([no]udpcsum). The kernel's default is V(true). Cannot change live, see O(recreate).
    type: bool
    aliases: [udpcsum, udp_csum]
  udp6_zero_checksum_tx:
    description:
      - Send no UDP checksums over IPv6.
      - iproute2 writes C([no]udp6zerocsumtx). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
    aliases: [udp6zerocsumtx, udp_zero_csum6_tx]
  udp6_zero_checksum_rx:
    description:
      - Accept packets without UDP checksum over IPv6.
      - iproute2 writes C([no]udp6zerocsumrx). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
    aliases: [udp6zerocsumrx, udp_zero_csum6_rx]
  remote_checksum_tx:
    description:
      - Remote checksum offload for what is sent. The other side has to have O(remote_checksum_rx).
      - iproute2 writes C([no]remcsumtx). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
    aliases: [remcsumtx, remcsum_tx]
  remote_checksum_rx:
    description:
      - Remote checksum offload for what is received.
      - iproute2 writes C([no]remcsumrx). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
    aliases: [remcsumrx, remcsum_rx]
  remote_checksum_nopartial:
    description:
      - With O(remote_checksum_rx), compute the checksum at once instead of leaving it partial.
      - iproute2 has no word for it. The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
    aliases: [remcsum_nopartial]
  localbypass:
    description:
      - Hand packets to a VTEP of the same host over directly. With V(false) they go through the host's network stack.
      - iproute2 writes C([no]localbypass). The kernel's default is V(true). Changes live. Linux 6.5 or newer.
    type: bool
  reserved_bits:
    description:
      - Mask of the bits of the VXLAN header that may be set in a received packet without it being dropped, as a number such as
        V(0xf7ffffff000000ff).
      - Not given, the kernel allows what the interface's other options do not use themselves.
      - The kernel forgets a mask of one's own at any live change of the interface, so whatever changes then leads to a re-creation.
      - iproute2 writes C(reserved_bits). Cannot change live, see O(recreate). Linux 6.14 or newer.
    type: str
  multicast_route:
    description:
      - Route packets to a multicast group by the host's multicast routing table instead of sending them on O(device).
      - iproute2 writes C([no]mcroute). The kernel's default is V(false). The kernel does not report it, so it is set at creation, and
        neither compared nor verified later. Linux 6.17 or newer.
    type: bool
    aliases: [mcroute]
  external:
    description:
      - Take VNI, destination and source of each packet from its metadata or its forwarding row, so that one interface serves many VNIs.
        Excludes O(vni).
      - iproute2 writes C([no]external). The kernel's default is V(false). Cannot change live, see O(recreate). Linux 4.3 or newer.
    type: bool
  vnifilter:
    description:
      - Accept only the VNIs of the interface's filter, with destinations of their own. Needs O(external=true).
      - The entries of the filter are made by O(vxlan.fabric.vtep#module:vnis), or by C(bridge vni add). A re-creation carries them over.
      - iproute2 writes C([no]vnifilter). The kernel's default is V(false). Cannot change live, see O(recreate). Linux 5.18 or newer.
    type: bool
  gbp:
    description:
      - Group based policy. The packet mark's lower 16 bits travel in the VXLAN header.
      - iproute2 writes C(gbp). The kernel's default is V(false). Cannot change live, see O(recreate).
    type: bool
  gpe:
    description:
      - Generic protocol extension, which carries IP packets without an inner Ethernet header.
      - Needs O(external=true) and O(learning=false), and goes with nothing that looks at MAC addresses. The interface has no O(mac).
      - iproute2 writes C(gpe). The kernel's default is V(false). Cannot change live, see O(recreate). Linux 4.7 or newer.
    type: bool
"""
