#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vtep_info
short_description: Read VXLAN interfaces, bridges, VRFs and forwarding rows
version_added: 0.1.0
description:
  - Reads the VXLAN interfaces, the bridges with their ports, the VLAN interfaces, the VRFs, and the forwarding rows of a network namespace.
  - It returns them as arguments of M(vxlan.fabric.vtep), the entries of which are arguments of M(vxlan.fabric.interface),
    M(vxlan.fabric.bridge), M(vxlan.fabric.vlan_interface), M(vxlan.fabric.vrf) and M(vxlan.fabric.fdb). Given back to these, they change
    nothing, unless somebody deleted the row of O(vxlan.fabric.interface#module:remote), which comes back.
  - Needs no library and no rights but to enter O(netns).
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes.info
  - vxlan.fabric.common
options:
  names:
    description:
      - Interfaces to show. Not given, all. One that is not there is not shown.
    type: list
    elements: str
    aliases: [name, interfaces]
  fdb:
    description:
      - With V(configured) the forwarding rows that somebody set, with V(all) those too that the kernel learned or made, with V(none) none,
        which is faster.
    type: str
    choices: [configured, all, none]
    default: configured
  statistics:
    description:
      - Return the counters of packets and bytes as well.
    type: bool
    default: false
  capabilities:
    description:
      - Return what the kernel has as well, which is tried in a network namespace of its own. This needs CAP_SYS_ADMIN.
    type: bool
    default: false
seealso:
  - module: vxlan.fabric.vtep_facts
    description: Sets RV(capabilities) as a fact.
  - module: vxlan.fabric.vtep
    description: Takes RV(interfaces), RV(bridges), RV(fdb), RV(vnis), RV(vlan_interfaces) and RV(vrfs) as they are.
  - module: vxlan.fabric.interface
    description: Takes what RV(interfaces) holds.
  - module: vxlan.fabric.bridge
    description: Takes what RV(bridges) holds.
  - module: vxlan.fabric.vlan_interface
    description: Takes what RV(vlan_interfaces) holds.
  - module: vxlan.fabric.vrf
    description: Takes what RV(vrfs) holds.
  - module: vxlan.fabric.fdb
    description: Takes what RV(fdb) holds.
"""

EXAMPLES = r"""
- name: Read everything
  vxlan.fabric.vtep_info:
  register: vtep

- name: Give all of it back, which changes nothing
  vxlan.fabric.vtep:
    interfaces: "{{ vtep.interfaces }}"
    bridges: "{{ vtep.bridges }}"
    fdb: "{{ vtep.fdb }}"
    vnis: "{{ vtep.vnis }}"
    vlan_interfaces: "{{ vtep.vlan_interfaces }}"
    vrfs: "{{ vtep.vrfs }}"

- name: Give an interface back, which changes nothing
  vxlan.fabric.interface: "{{ vtep.interfaces[0] }}"

- name: Give its forwarding rows back, which changes nothing
  vxlan.fabric.fdb: "{{ vtep.fdb[0] }}"

- name: One interface with counters and with what it has learned
  vxlan.fabric.vtep_info:
    names: [vx10200]
    fdb: all
    statistics: true
  register: blue

- name: Every VTEP that broadcasts are copied to
  ansible.builtin.debug:
    msg: "{{ blue.fdb[0].rows | selectattr('mac', 'equalto', '00:00:00:00:00:00') | map(attribute='dst') }}"

- name: In the network namespace blue
  vxlan.fabric.vtep_info:
    netns: blue
"""

RETURN = r"""
interfaces:
  description: VXLAN interfaces, each as arguments of M(vxlan.fabric.interface). What is not set, or not reported by the kernel, is left out.
  returned: success
  type: list
  elements: dict
  sample:
    - name: vx10200
      state: up
      mac: "02:11:22:33:44:55"
      mtu: 1450
      alias: vxlan.fabric:dc1
      addresses: []
      neighbours: []
      vni: 10200
      local: 192.0.2.11
      port: 4789
      learning: false
      master: br10200
bridges:
  description: Bridges, each as arguments of M(vxlan.fabric.bridge).
  returned: success
  type: list
  elements: dict
  sample:
    - name: br10200
      state: up
      ageing: 300
      mcast_snooping: true
      ports: [{name: tap-blue, learning: true}, {name: vx10200, learning: true}]
fdb:
  description:
    - Forwarding rows of VXLAN interfaces and of other ports of bridges, each interface as arguments of M(vxlan.fabric.fdb).
    - C(owner) of a row is V(managed) or V(foreign) for a configured row on an interface with and without owner mark, V(default) for the row
      of O(vxlan.fabric.interface#module:remote), V(extern_learn) for one of a routing daemon, V(learned), or V(kernel).
  returned: success
  type: list
  elements: dict
  sample:
    - interface: vx10200
      rows:
        - {mac: "00:00:00:00:00:00", dst: 192.0.2.12, state: permanent, table: self, owner: managed}
vnis:
  description:
    - VNI filters by interface, as O(vxlan.fabric.vtep#module:vnis) takes them.
    - C(vni) is a number or a range. C(remote) or C(group) is the destination of the entry, if it has one.
  returned: success
  type: dict
  sample:
    vxsvd: [{vni: 100-110}, {vni: "120", remote: 192.0.2.13}]
vlan_interfaces:
  description: VLAN interfaces, each as arguments of M(vxlan.fabric.vlan_interface).
  returned: success
  type: list
  elements: dict
  sample:
    - {name: br0.100, state: up, addresses: [10.0.0.254/24], device: br0, protocol: 802.1Q, vlan: 100, reorder_hdr: true, master: vrf-blue}
vrfs:
  description: VRFs, each as arguments of M(vxlan.fabric.vrf).
  returned: success
  type: list
  elements: dict
  sample:
    - {name: vrf-blue, state: up, alias: vxlan.fabric:dc1, addresses: [], table: 1001}
owners:
  description: Name of the fabric in the owner mark of each interface and bridge, empty without one.
  returned: success
  type: dict
  sample: {vx10200: dc1, br10200: ""}
statistics:
  description: Counters of each interface and bridge.
  returned: when O(statistics=true)
  type: dict
  sample:
    vx10200: {rx_packets: 10, tx_packets: 12, rx_bytes: 840, tx_bytes: 1176, rx_errors: 0, tx_errors: 0, rx_dropped: 0, tx_dropped: 0}
capabilities:
  description:
    - What the kernel has, C(kernel) its release, C(kinds) the kinds of interfaces, C(options) by kind its options and as C(bridge_slave) those of
      bridge ports.
  returned: when O(capabilities=true)
  type: dict
  sample:
    kernel: 6.1.0-39-amd64
    kinds: {vxlan: true, bridge: true}
    options: {vxlan: {vnifilter: true, localbypass: false}, bridge: {vlan_filtering: true}, bridge_slave: {isolated: true}}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_info
from ansible_collections.vxlan.fabric.plugins.module_utils._info import gather, info_spec


def main() -> None:
    module = AnsibleModule(info_spec(), supports_check_mode=True)
    run_info(module, gather)


if __name__ == "__main__":
    main()
