#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: interface
short_description: Manage a VXLAN interface
version_added: 0.1.0
description:
  - Creates, changes and removes one VXLAN interface, with every attribute that the kernel has, its addresses and its neighbour entries.
  - What is not given is left alone, on a new interface at the kernel's default. An option that is given holds afterwards.
  - The words of C(ip link add type vxlan) are options or aliases. Those with C(no) are V(false), and its C(port) is O(source_port).
  - An attribute that cannot change live is changed by creating the interface anew, with everything that hung on it, see O(recreate).
  - The same VNI on the same port exists once in a network namespace. An interface of another name that has it is an error that names it.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.link
  - vxlan.fabric.link.member
  - vxlan.fabric.vxlan
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
  - vxlan.fabric.common.links
options:
  master:
    description:
      - Bridge, or another master such as a VRF, that the interface belongs to. V(none) takes it out.
      - A second VXLAN interface of the same VNI in one bridge is refused, it would be a loop.
      - iproute2 writes C(master) and C(nomaster).
    type: str
  recreate:
    description:
      - What to do about an attribute that cannot change on the interface that is there.
      - With V(when_needed) the interface is deleted and created anew, in one run that is undone when it fails. Attributes, MAC address, MTU,
        alias, master, port flags, VLANs and their VNIs, addresses, configured neighbours and forwarding rows, the VNI filter and routes come
        back. Learned rows do not, and its index changes. RV(recreated) names the options that forced it.
      - With V(never) it is an error that names them, and nothing is changed.
      - With V(always) it is created anew in every run.
      - It is refused while other interfaces stand on it, and on kernels before Linux 5.7 while it is a port of a bridge that filters VLANs.
    type: str
    choices: [when_needed, never, always]
    default: when_needed
  missing_local:
    description:
      - What to do when no interface of the host has the address O(local), so that nothing would be sent from it.
      - With V(fail) it is an error, with V(warn) a warning. An interface that has this O(local) already is only warned about.
    type: str
    choices: [fail, warn]
    default: fail
seealso:
  - module: vxlan.fabric.vtep
    description: A whole host in one task and one transaction, with the options of this module for each entry.
  - module: vxlan.fabric.fdb
    description: The forwarding rows of the interface.
  - module: vxlan.fabric.bridge
    description: The bridge that it is a port of.
  - module: vxlan.fabric.vtep_info
    description: Reads all of this back.
  - name: RFC 7348
    description: Virtual eXtensible Local Area Network (VXLAN).
    link: https://www.rfc-editor.org/rfc/rfc7348
"""

EXAMPLES = r"""
- name: A tunnel to one other VTEP
  vxlan.fabric.interface:
    name: vx4100
    state: up
    vni: 4100
    remote: 192.0.2.12
    local: 192.0.2.11
    device: eth0
    mtu: auto

- name: The same in the words of ip link, which are aliases
  vxlan.fabric.interface:
    name: vx4100
    state: up
    id: 4100
    remote: 192.0.2.12
    local: 192.0.2.11
    dev: eth0
    dstport: 4789

- name: Flooding by a multicast group
  vxlan.fabric.interface:
    name: vx10100
    state: up
    vni: 10100
    group: 239.1.1.100
    local: eth0
    device: eth0
    ttl: 8

- name: Head-end replication, the flood list is the task after it
  vxlan.fabric.interface:
    name: vx10200
    state: up
    vni: 10200
    local: 192.0.2.11
    learning: false

- name: One copy of every broadcast to each of these VTEPs
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: 00:00:00:00:00:00
        dst: [192.0.2.12, 192.0.2.13]

- name: Over IPv6
  vxlan.fabric.interface:
    name: vx10300
    state: up
    vni: 10300
    remote: 2001:db8::12
    local: 2001:db8::11
    device: eth0
    udp6_zero_checksum_rx: true
    mtu: auto

- name: One interface for many VNIs, on a port of its own beside interfaces for one VNI each
  vxlan.fabric.interface:
    name: vxsvd
    state: up
    port: 4790
    external: true
    vnifilter: true
    local: 192.0.2.11
    learning: false
    alias: vxlan.fabric:dc1

- name: A port of a bridge
  vxlan.fabric.interface:
    name: vx10200
    master: br10200

- name: Answer ARP from entries instead of flooding it
  vxlan.fabric.interface:
    name: vx10400
    state: up
    vni: 10400
    local: 192.0.2.11
    proxy: true
    addresses: [10.0.0.1/24]
    neighbours:
      - address: 10.0.0.2
        mac: "02:00:00:00:00:02"

- name: Change the port only if nothing has to be re-created for it
  vxlan.fabric.interface:
    name: vx4100
    port: 8472
    recreate: never
  register: port
  failed_when: port.msg is defined and "'recreate' is 'never'" not in port.msg

- name: In the network namespace blue
  vxlan.fabric.interface:
    name: vx4100
    vni: 4100
    local: 192.0.2.21
    netns: blue

- name: Gone
  vxlan.fabric.interface:
    name: vx4100
    state: absent
"""

RETURN = r"""
diff:
  description: The keys of RV(before) and RV(after) that differ.
  returned: always
  type: dict
  sample:
    before: {ttl: auto}
    after: {ttl: "8"}
operations:
  description:
    - What was done, or in check mode would be done, in order.
    - C(operation) is one of V(create_link), V(delete_link), V(set_link), V(add_altname), V(set_attributes), V(set_port), V(add_address),
      V(remove_address), V(write_neighbour), V(remove_neighbour), V(write_rows), V(delete_rows), V(write_vnis), V(delete_vnis), V(write_vlans),
      V(delete_vlans), V(write_tunnels), V(delete_tunnels) and V(add_route), and C(interface) what it is about. The other keys depend on it.
  returned: always
  type: list
  elements: dict
  sample:
    - operation: set_attributes
      interface: vx4100
      values: {ttl: "8"}
      before: {ttl: auto}
      commands: [ip link set vx4100 type vxlan ttl 8]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
    - What iproute2 has no word for is not in them. Of a list longer than O(report_rows) they hold the beginning, and a comment with the number.
  returned: always
  type: list
  elements: str
  sample:
    - ip link set vx4100 type vxlan ttl 8
recreated:
  description: Interfaces that were deleted and created again, and the options that forced it.
  returned: always
  type: list
  elements: dict
  sample: [{interface: vx4100, attributes: [port]}]
before:
  description: The interface before the run, in the form of the options. Empty when there was none.
  returned: always
  type: dict
  sample:
    {name: vx4100, state: up, mtu: 1450, vni: 4100, remote: 192.0.2.12, local: 192.0.2.11, device: eth0, port: 4789, ttl: auto}
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    {name: vx4100, state: up, mtu: 1450, vni: 4100, remote: 192.0.2.12, local: 192.0.2.11, device: eth0, port: 4789, ttl: "8"}

warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "vx4100.mtu: 1500 and 50 bytes of overhead do not fit into the MTU 1500 of eth0; 'mtu: auto' would set 1450"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import interface_spec, parse_interface
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import interface_sides


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    return Wanted(links=(parse_interface(parameters),), assume=check)


def main() -> None:
    module = AnsibleModule(interface_spec(), mutually_exclusive=[("remote", "group")], supports_check_mode=True)
    run_module(module, parse, interface_sides)


if __name__ == "__main__":
    main()
