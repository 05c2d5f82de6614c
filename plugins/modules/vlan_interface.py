#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vlan_interface
short_description: Manage an 802.1Q VLAN interface
version_added: 0.1.0
description:
  - Creates, changes and removes one VLAN interface, which takes the frames of one VLAN from another interface without their tag. On a bridge
    that filters VLANs it is the host's own leg in that VLAN, the gateway of a network above all.
  - What is not given is left alone, on a new interface at the kernel's default. An option that is given holds afterwards.
  - The bridge itself has to be a member of the VLAN too, C(bridge vlan add vid 100 dev br0 self).
  - The same VLAN of one device exists once. An interface of another name that has it is an error that names it.
  - A kernel without such interfaces (C(CONFIG_VLAN_8021Q)) is an error before anything is changed.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.link
  - vxlan.fabric.link.member
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
  - vxlan.fabric.common.links
options:
  device:
    description:
      - Interface that the VLAN interface stands on, a bridge above all. Needed for a new one. In check mode a missing one is taken as there.
      - iproute2 writes C(link). Cannot change live, see O(recreate).
    type: str
    aliases: [dev, link, physdev]
  protocol:
    description:
      - Kind of the tag.
      - iproute2 writes C(protocol). The kernel's default is V(802.1Q). Cannot change live, see O(recreate).
    type: str
    choices: [802.1Q, 802.1ad]
    aliases: [proto]
  vlan:
    description:
      - VLAN, V(1) to V(4094), or V(0) for frames that have a priority only. Needed for a new interface.
      - iproute2 writes C(id). Cannot change live, see O(recreate).
    type: int
    aliases: [id, vlan_id]
  reorder_hdr:
    description:
      - Take the tag off before others, such as a packet capture, see the frame.
      - iproute2 writes C(reorder_hdr on|off). The kernel's default is V(true). Changes live.
    type: bool
  gvrp:
    description:
      - Register the VLAN by GVRP.
      - iproute2 writes C(gvrp on|off). The kernel's default is V(false). Changes live.
    type: bool
  loose_binding:
    description:
      - Do not go down and come up with the device.
      - iproute2 writes C(loose_binding on|off). The kernel's default is V(false). Changes live.
    type: bool
  mvrp:
    description:
      - Register the VLAN by MVRP.
      - iproute2 writes C(mvrp on|off). The kernel's default is V(false). Changes live.
    type: bool
  bridge_binding:
    description:
      - On a bridge, have a carrier only while a port that is a member of the VLAN has one.
      - iproute2 writes C(bridge_binding on|off). The kernel's default is V(false). Changes live. Linux 5.2 or newer.
    type: bool
  master:
    description:
      - VRF, bridge or another master that the interface belongs to. V(none) takes it out.
      - For a VRF the kernel takes the interface down and up and flushes its IPv6 addresses, neighbour entries and routes. They are put back, routes
        into the table of the VRF.
      - iproute2 writes C(master) and C(nomaster).
    type: str
  recreate:
    description:
      - What to do about an attribute that cannot change on the interface that is there.
      - With V(when_needed) the interface is deleted and created anew, in one run that is undone when it fails. Attributes, MAC address, MTU,
        alias, master and port flags, addresses, configured neighbours and routes come back. A MAC address and an MTU that it has from its
        device it has from the new one then. Its index changes. RV(recreated) names the options that forced it.
      - With V(never) it is an error that names them, and nothing is changed.
      - With V(always) it is created anew in every run.
      - It is refused while other interfaces stand on it.
    type: str
    choices: [when_needed, never, always]
    default: when_needed
notes:
  - It cannot come up while its device is down, unless O(loose_binding=true), and it goes down and comes up with it.
seealso:
  - module: vxlan.fabric.vtep
    description: A whole host in one task and one transaction, with the options of this module for each entry.
  - module: vxlan.fabric.bridge
    description: The bridge that it stands on.
  - module: vxlan.fabric.vrf
    description: The routing domain that it may be a member of.
  - module: vxlan.fabric.interface
    description: VXLAN interfaces.
  - module: vxlan.fabric.vtep_info
    description: Reads all of this back.
"""

EXAMPLES = r"""
- name: The gateway of VLAN 100 of a bridge, the same MAC address and addresses on every host
  vxlan.fabric.vlan_interface:
    name: br0.100
    state: up
    device: br0
    vlan: 100
    mac: "02:00:5e:00:00:01"
    addresses: [10.0.0.254/24, "2001:db8:1::254/64"]

- name: The same in the words of ip link, which are aliases
  vxlan.fabric.vlan_interface:
    name: br0.100
    state: up
    link: br0
    id: 100

- name: In the routing domain of a tenant
  vxlan.fabric.vlan_interface:
    name: br0.100
    master: vrf-blue

- name: The leg of a provider's VLAN on an uplink
  vxlan.fabric.vlan_interface:
    name: eth0.7
    state: up
    device: eth0
    protocol: 802.1ad
    vlan: 7
    mtu: 1496

- name: Another VLAN, which creates the interface anew with its addresses
  vxlan.fabric.vlan_interface:
    name: br0.100
    vlan: 101

- name: In the network namespace blue
  vxlan.fabric.vlan_interface:
    name: br0.200
    state: up
    device: br0
    vlan: 200
    netns: blue

- name: Gone
  vxlan.fabric.vlan_interface:
    name: br0.100
    state: absent
"""

RETURN = r"""
diff:
  description: The keys of RV(before) and RV(after) that differ.
  returned: always
  type: dict
  sample:
    before: {vlan: 100}
    after: {vlan: 101}
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
    - operation: create_link
      interface: br0.100
      commands: [ip link add name br0.100 link br0 type vlan id 100]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
  returned: always
  type: list
  elements: str
  sample:
    - ip link add name br0.100 link br0 type vlan id 100
recreated:
  description: The interface, if it was, or would be, created anew, and the options that forced it.
  returned: always
  type: list
  elements: dict
  sample:
    - {interface: br0.100, attributes: [vlan]}
before:
  description: The interface before the run, in the form of the options. Empty when there was none.
  returned: always
  type: dict
  sample:
    {name: br0.100, state: up, device: br0, protocol: 802.1Q, vlan: 100, addresses: []}
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    {name: br0.100, state: up, device: br0, protocol: 802.1Q, vlan: 101, addresses: []}
warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "br0.100.device: br0 does not exist yet; taken as if it did, since this is a check"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import parse_vlan_interface, vlan_interface_spec
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import vlan_interface_sides


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    return Wanted(links=(parse_vlan_interface(parameters),), assume=check)


def main() -> None:
    module = AnsibleModule(vlan_interface_spec(), supports_check_mode=True)
    run_module(module, parse, vlan_interface_sides)


if __name__ == "__main__":
    main()
