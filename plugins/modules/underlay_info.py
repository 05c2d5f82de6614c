#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: underlay_info
short_description: Read what the underlay of a VTEP does with its packets
version_added: 0.1.0
description:
  - Asks the kernel which way packets of tunnels would take, without sending any, and reads what a packet meets when it arrives, namely addresses, open UDP
    ports, and multicast groups.
  - M(vxlan.fabric.vtep_info) reads the overlay. Both together are the walk of a frame (P(vxlan.fabric.explain#role)).
  - Needs no library and no rights but to enter O(netns).
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes.info
  - vxlan.fabric.common
options:
  routes:
    description:
      - Packets of UDP whose way is looked up, as a VXLAN interface does it for the packets that it sends.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: Where the packet is sent to, a VTEP address or a multicast group.
        type: str
        required: true
      source:
        description: The VTEP address of this host. Not given, the kernel chooses one.
        type: str
      device:
        description: The interface that the packet has to leave by. Not given, routes decide.
        type: str
      port:
        description: The UDP port that it is sent to. Rules of routing may ask for it.
        type: int
        default: 4789
  addresses:
    description: Addresses that are looked for on this host.
    type: list
    elements: str
    default: []
  ports:
    description: UDP ports that are looked for.
    type: list
    elements: int
    default: []
  groups:
    description: Multicast groups whose members are looked for.
    type: list
    elements: str
    default: []
  links:
    description: Interfaces of any kind that are looked for.
    type: list
    elements: str
    default: []
seealso:
  - module: vxlan.fabric.vtep_info
    description: Reads VXLAN interfaces, bridges and forwarding rows.
  - module: vxlan.fabric.vtep
    description: Brings a host to its part of a fabric.
  - module: vxlan.fabric.interface
    description: Sets the source, device, port and group that packets have.
  - module: vxlan.fabric.vtep_probe
    description: Sends packets, and so finds what lies between two VTEPs.
"""

EXAMPLES = r"""
- name: Which way do the packets to another VTEP take?
  vxlan.fabric.underlay_info:
    routes:
      - {address: 192.0.2.12, source: 192.0.2.11, device: eth0}
  register: underlay
  failed_when: underlay.routes[0].error != ''

- name: And those to a multicast group?
  vxlan.fabric.underlay_info:
    routes:
      - {address: 239.1.1.100, source: 192.0.2.11, device: eth0}

- name: Is everything there that a packet needs to get in?
  vxlan.fabric.underlay_info:
    addresses: [192.0.2.11]
    ports: [4789]
    groups: [239.1.1.100]

- name: Is something plugged in?
  vxlan.fabric.underlay_info:
    links: [eth0]
  register: uplink
  failed_when: not uplink.links[0].carrier

- name: In the network namespace blue
  vxlan.fabric.underlay_info:
    addresses: [192.0.2.21]
    netns: blue
"""

RETURN = r"""
routes:
  description:
    - The entries of O(routes) with the answer of the kernel.
    - C(type) is the type of the route, V(unicast), V(multicast) or V(local) for example, and empty if there is no way. C(error) says why, in the words of
      the kernel.
    - C(next_hop) is empty for a neighbour on the same segment. C(output) is the device. C(preferred_source) is the address that the kernel would choose as
      the source. C(mtu) is that of the route, of a path MTU that was learned, or of the device. C(table) is the number of the routing table.
  returned: success
  type: list
  elements: dict
  sample:
    - address: 192.0.2.12
      source: 192.0.2.11
      device: eth0
      port: 4789
      type: unicast
      next_hop: ""
      output: eth0
      preferred_source: ""
      mtu: 1600
      table: 254
      error: ""
addresses:
  description: By each of O(addresses), the interface that has it. Empty if none has.
  returned: success
  type: dict
  sample: {192.0.2.11: eth0}
ports:
  description: The entries of O(ports) with the local addresses on which they are open, V(0.0.0.0) and V(::) for all of a family. VXLAN interfaces that are up
    open theirs.
  returned: success
  type: list
  elements: dict
  sample: [{port: 4789, addresses: [0.0.0.0]}]
groups:
  description: By each of O(groups), the interfaces on which this host is a member.
  returned: success
  type: dict
  sample: {239.1.1.100: [eth0]}
links:
  description:
    - Those of O(links) that are there. C(kind) is that of virtual interfaces. C(carrier) tells whether something is plugged in. C(master) is the bridge, VRF
      or bond that the interface belongs to.
  returned: success
  type: list
  elements: dict
  sample: [{name: eth0, kind: "", state: up, carrier: true, mtu: 1600, mac: "02:00:00:00:00:11", master: ""}]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_info
from ansible_collections.vxlan.fabric.plugins.module_utils._underlay.info import gather_underlay, underlay_spec


def main() -> None:
    module = AnsibleModule(underlay_spec(), supports_check_mode=True)
    run_info(module, gather_underlay)


if __name__ == "__main__":
    main()
