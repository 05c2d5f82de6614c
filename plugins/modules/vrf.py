#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vrf
short_description: Manage a VRF
version_added: 0.1.0
description:
  - Creates, changes and removes one VRF, a routing domain with a routing table of its own. Interfaces and bridges join it with their option
    C(master), see O(vxlan.fabric.bridge#module:master), O(vxlan.fabric.vlan_interface#module:master) and
    O(vxlan.fabric.interface#module:master).
  - What is not given is left alone, on a new VRF at the kernel's default. An option that is given holds afterwards.
  - An L3VNI is a VRF with a bridge in it whose only port is the VXLAN interface of that VNI, see the examples.
  - A kernel without VRFs (C(CONFIG_NET_VRF)) is an error before anything is changed.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.link
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
  - vxlan.fabric.common.links
options:
  table:
    description:
      - Routing table of the VRF, needed for a new one. A table that another VRF of the host has is an error that names it, and so are the tables
        V(253) to V(255) that the host itself routes by.
      - Routes that nobody bound to an interface, such as an unreachable default route, stay in the old table when it changes.
      - iproute2 writes C(table). Cannot change live, see O(recreate). Linux 4.3 or newer.
    type: int
  recreate:
    description:
      - What to do about O(table), which cannot change on the VRF that is there.
      - With V(when_needed) the VRF is deleted and created anew, in one run that is undone when it fails. Its MAC address, MTU, alias, addresses and
        routes come back, and its members with their IPv6 addresses, configured neighbours and routes, which go into the new table.
      - With V(never) it is an error that names it, and nothing is changed.
      - With V(always) it is created anew in every run.
      - It is refused while other interfaces stand on it, such as a VXLAN interface that has it as its device.
    type: str
    choices: [when_needed, never, always]
    default: when_needed
notes:
  - A VRF that is removed lets its members go. Their IPv6 addresses, configured neighbours and routes, which the kernel forgets then, are put back,
    the routes into the main table.
seealso:
  - module: vxlan.fabric.vtep
    description: A whole host in one task and one transaction, with the options of this module for each entry.
  - module: vxlan.fabric.bridge
    description: Bridges, with the gateway of a network as their addresses.
  - module: vxlan.fabric.vlan_interface
    description: Gateways of single VLANs of a bridge that filters VLANs.
  - module: vxlan.fabric.interface
    description: VXLAN interfaces.
  - module: vxlan.fabric.vtep_info
    description: Reads all of this back.
"""

EXAMPLES = r"""
- name: The routing domain of a tenant
  vxlan.fabric.vrf:
    name: vrf-blue
    state: up
    table: 1001

- name: The gateway of a network in it
  vxlan.fabric.bridge:
    name: br10100
    state: up
    master: vrf-blue
    mac: "02:00:5e:00:00:01"
    addresses: [10.0.0.254/24]

- name: The L3VNI of the tenant, its VXLAN interface
  vxlan.fabric.interface:
    name: vx50001
    state: up
    vni: 50001
    local: 192.0.2.11
    learning: false
    addrgenmode: none

- name: The L3VNI of the tenant, its bridge with the router MAC address of this host
  vxlan.fabric.bridge:
    name: br50001
    state: up
    master: vrf-blue
    mac: "02:00:00:00:00:11"
    addrgenmode: none
    ports:
      - {name: vx50001, learning: false, neigh_suppress: true}

- name: An address in the routing domain that is always there
  vxlan.fabric.vrf:
    name: vrf-blue
    addresses: [198.51.100.1/32]

- name: Another routing table, which creates the VRF anew and puts its members back
  vxlan.fabric.vrf:
    name: vrf-blue
    table: 1002

- name: In the network namespace blue
  vxlan.fabric.vrf:
    name: vrf-red
    state: up
    table: 1003
    netns: blue

- name: Gone, its members are kept
  vxlan.fabric.vrf:
    name: vrf-blue
    state: absent
"""

RETURN = r"""
diff:
  description: The keys of RV(before) and RV(after) that differ.
  returned: always
  type: dict
  sample:
    before: {table: 1001}
    after: {table: 1002}
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
      interface: vrf-blue
      commands: [ip link add name vrf-blue type vrf table 1001]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
  returned: always
  type: list
  elements: str
  sample:
    - ip link add name vrf-blue type vrf table 1001
recreated:
  description: The VRF, if it was, or would be, created anew, and the options that forced it.
  returned: always
  type: list
  elements: dict
  sample:
    - {interface: vrf-blue, attributes: [table]}
before:
  description: The VRF before the run, in the form of the options. Empty when there was none.
  returned: always
  type: dict
  sample:
    {name: vrf-blue, state: up, table: 1001, addresses: []}
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    {name: vrf-blue, state: up, table: 1002, addresses: []}
warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "an earlier run was killed here; a run that is no check would complete it first"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import parse_vrf, vrf_spec
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import vrf_sides


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    return Wanted(links=(parse_vrf(parameters),), assume=check)


def main() -> None:
    module = AnsibleModule(vrf_spec(), supports_check_mode=True)
    run_module(module, parse, vrf_sides)


if __name__ == "__main__":
    main()
