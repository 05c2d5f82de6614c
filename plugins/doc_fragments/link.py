# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of any interface that the collection manages; see LINK in module_utils/_arguments.py."""

from __future__ import annotations


class ModuleDocFragment:
    """DOCUMENTATION: every kind of interface. MEMBER: those that may belong to another one."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - Name of the interface, at most 15 bytes without C(/), C(:) and white space.
      - An interface of this name that is of another kind is an error and stays untouched.
    type: str
    required: true
    aliases: [ifname, interface]
  state:
    description:
      - With V(present) it exists. Whether it is up is left alone, a new one is down.
      - With V(up) or V(down) it exists and is so. IPv6 addresses and neighbour entries, which the kernel forgets when an interface goes down,
        are put back. Its routes are not.
      - With V(absent) it is gone. An interface that others stand on, such as a VLAN interface, is not removed, that is an error.
    type: str
    choices: [present, up, down, absent]
    default: present
  mtu:
    description:
      - MTU in bytes, V(68) to V(65535), of a VRF up to V(65575).
      - A VXLAN interface with a C(device) takes no more than the MTU of that less the overhead. More is an error.
      - V(auto), for a VXLAN interface only, is the MTU of the underlay less the overhead, 50 bytes over IPv4 and 70 over IPv6. The
        underlay is the interface named as C(device), or the one with the address of C(local).
      - iproute2 writes C(mtu).
    type: str
  mac:
    description:
      - MAC address. Not given, a new interface gets a random one, a bridge takes over the lowest one of its ports, and a VLAN interface
        that of its device.
      - iproute2 writes C(address).
    type: str
    aliases: [address, lladdr]
  alias:
    description:
      - Free text, at most 255 bytes without control characters. An empty one clears it.
      - An alias V(vxlan.fabric:NAME) is the owner mark, which makes the interface a managed one of the fabric NAME. Policies named
        C(managed) act on such interfaces only.
      - iproute2 writes C(alias).
    type: str
    aliases: [ifalias]
  addresses:
    description:
      - IP addresses with prefix length. Exactly these, others are removed. An empty list removes all, not given leaves them alone.
      - Link-local addresses that the kernel made, and addresses learned from router advertisements, are not among them.
      - iproute2 writes C(ip address add).
    type: list
    elements: str
  txqueuelen:
    description:
      - Length of the transmit queue.
      - iproute2 writes C(txqueuelen).
    type: int
    aliases: [txqlen, qlen]
"""

    MEMBER = r"""
options:
  neighbours:
    description:
      - Configured ARP and ND entries. Exactly these, others are removed. An empty list removes all, not given leaves them alone.
      - What the kernel resolved by itself is not among them, and entries of routing daemons are not removed.
      - iproute2 writes C(ip neighbour replace).
    type: list
    elements: dict
    aliases: [neighbors]
    suboptions:
      address:
        description:
          - IP address.
        type: str
        required: true
        aliases: [dst]
      mac:
        description:
          - MAC address.
          - iproute2 writes C(lladdr).
        type: str
        required: true
        aliases: [lladdr]
      state:
        description:
          - State of the entry. V(reachable) and V(stale) need O(neighbours[].extern_learn=true), because other entries in them go by themselves.
          - iproute2 writes C(nud).
        type: str
        choices: [permanent, noarp, reachable, stale]
        default: permanent
        aliases: [nud]
      router:
        description:
          - The neighbour is a router.
          - iproute2 writes C(router).
        type: bool
        default: false
      extern_learn:
        description:
          - Mark the entry as one of a routing daemon.
          - iproute2 writes C(extern_learn).
        type: bool
        default: false
  addrgenmode:
    description:
      - How the kernel makes the IPv6 link-local address. V(none) makes none.
      - iproute2 writes C(addrgenmode).
    type: str
    choices: [eui64, none, stable_secret, random]
"""
