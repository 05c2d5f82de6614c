#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vtep
short_description: Bring a whole host to its state, in one task
version_added: 0.1.0
description:
  - Makes the VXLAN interfaces, bridges with their ports and VLANs, VNI filters and forwarding rows of a network namespace what they are to be, in one
    transaction. It is the engine of M(vxlan.fabric.interface), M(vxlan.fabric.bridge) and M(vxlan.fabric.fdb) with a larger desired state.
  - What is given is compared with what is there, and only what differs is written. The plan is complete before the first write.
  - When anything fails, when O(timeout) is over, or on C(SIGTERM), C(SIGINT) and C(SIGHUP), everything that was done is undone. The host is
    read again, and what is not as before is listed in the error, as C(leftovers).
  - Interfaces are made before they are needed, and come up last. What has to go goes at the end, unless it stands in the way, because it holds a
    VNI, a UDP port, a VLAN, a routing table or an address that is wanted elsewhere.
  - What is not listed is left alone, but see O(purge). Options of an entry that are not given are left alone as well.
  - It takes what M(vxlan.fabric.vtep_info) returns.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
  - vxlan.fabric.common.links
options:
  fabric:
    description:
      - Name of the fabric that the interfaces, bridges and VRFs belong to. Entries that give no O(vxlan.fabric.interface#module:alias), or an empty
        one, get the owner mark C(vxlan.fabric:NAME) as alias. Replacing another alias is a warning.
      - An entry that gives another alias keeps it, which is a warning too. The interface is not the fabric's then.
    type: str
  interfaces:
    description:
      - VXLAN interfaces, each with options of M(vxlan.fabric.interface).
      - O(vxlan.fabric.interface#module:state=absent) removes one.
    type: list
    elements: dict
  bridges:
    description:
      - Bridges, each with options of M(vxlan.fabric.bridge). An interface of O(interfaces) that names one of them as its
        O(vxlan.fabric.interface#module:master) is a port of it, whether it is among its ports or not.
    type: list
    elements: dict
  fdb:
    description:
      - Forwarding rows by interface, each with options of M(vxlan.fabric.fdb).
      - V(flood) is a list of names of peer sets in O(peers), whose addresses are the flood list of the interface.
      - V(floods) is for an interface that has several VNIs, a list of V(src_vni), a number or a range such as V(100-199), and V(flood), the flood list
        of each of these VNIs.
    type: list
    elements: dict
  vnis:
    description:
      - The VNI filter of interfaces with O(vxlan.fabric.interface#module:vnifilter), as a list of entries by the name of the interface.
      - An entry has V(vni), a number or a range such as V(100-199), and may have V(remote) or V(group), where frames of these VNIs are flooded to.
      - The list is exact, other entries go. The filter of an interface that is not named is left alone.
    type: dict
  vlan_interfaces:
    description:
      - VLAN interfaces, each with options of M(vxlan.fabric.vlan_interface). One that names a bridge of O(bridges) as its
        O(vxlan.fabric.vlan_interface#module:master) is a port of it.
    type: list
    elements: dict
  vrfs:
    description:
      - VRFs, each with options of M(vxlan.fabric.vrf). Entries of O(bridges), O(vlan_interfaces) and O(interfaces) may name one as their C(master).
    type: list
    elements: dict
  peers:
    description:
      - Lists of VTEP addresses by a name, for V(flood) and V(floods) in O(fdb), so that a list that many networks share is written once.
    type: dict
  defaults:
    description:
      - Options of entries that do not say them, by V(interface), V(bridge), V(port), V(fdb), V(vlan_interface) and V(vrf). An option that is
        V(null) in an entry is as if it had no default.
    type: dict
  host_state:
    description:
      - The whole state as JSON, with the keys V(fabric), V(interfaces), V(bridges), V(fdb), V(vnis), V(vlan_interfaces),
        V(vrfs), V(peers) and V(defaults). The options of these names cannot be given beside it if they are in it.
      - One long text costs Ansible nothing, thousands of options as YAML do.
    type: json
  purge:
    description:
      - With V(managed), VXLAN interfaces, bridges, VLAN interfaces and VRFs that carry the owner mark of O(fabric) and are not listed are
        removed, what stands on another before that, and a VRF last. Those of others, and those without a mark, never are.
    type: str
    choices: [none, managed]
    default: none
  recreate:
    description:
      - O(vxlan.fabric.interface#module:recreate) of the interfaces, VLAN interfaces and VRFs that do not say it.
    type: str
    choices: [when_needed, never, always]
    default: when_needed
  removals:
    description:
      - With V(later), what would be removed stays, which are interfaces of any kind by O(purge) or V(state=absent), ports, VLANs and their VNIs,
        entries of VNI filters, forwarding rows and members of flood lists that are not listed, and the addresses and neighbours of links
        that are to have none. RV(deferred) says whether any of that is left. Everything else is done.
      - A change of many hosts that runs with V(later) on all of them and then with V(now) adds everywhere before it removes anywhere, so that no host
        sends to one that is gone, or misses one that has come.
    type: str
    choices: [now, later]
    default: now
  report_objects:
    description:
      - Most interfaces of each kind that RV(before), RV(after) and the diff write out, and most operations in RV(operations).
        RV(counts) and RV(commands) are about all.
    type: int
    default: 200
seealso:
  - module: vxlan.fabric.interface
    description: The options of an interface.
  - module: vxlan.fabric.bridge
    description: The options of a bridge.
  - module: vxlan.fabric.fdb
    description: The options of forwarding rows.
  - module: vxlan.fabric.vtep_info
    description: Reads all of this back.
"""

EXAMPLES = r"""
- name: A host with two networks, flooding to the same VTEPs
  vxlan.fabric.vtep:
    fabric: dc1
    purge: managed
    peers:
      everybody: [192.0.2.12, 192.0.2.13]
    defaults:
      interface: {state: up, local: 192.0.2.11, learning: false, addrgenmode: none}
      bridge: {state: up, mcast_snooping: false, addrgenmode: none}
      fdb: {flood: [everybody], purge: managed}
    interfaces:
      - {name: vx10100, vni: 10100, master: br10100}
      - {name: vx10200, vni: 10200, master: br10200}
    bridges:
      - {name: br10100}
      - {name: br10200}
    fdb:
      - interface: vx10100
      - interface: vx10200
        rows:
          - {mac: "02:00:00:00:00:02", dst: 192.0.2.12}

- name: The first of them only, the other goes
  vxlan.fabric.vtep:
    fabric: dc1
    purge: managed
    interfaces:
      - {name: vx10100, vni: 10100, master: br10100}
    bridges:
      - {name: br10100}

- name: Read a host
  vxlan.fabric.vtep_info:
  register: found

- name: Give it back, which changes nothing
  vxlan.fabric.vtep:
    interfaces: "{{ found.interfaces }}"
    bridges: "{{ found.bridges }}"
    fdb: "{{ found.fdb }}"
    vnis: "{{ found.vnis }}"
    vlan_interfaces: "{{ found.vlan_interfaces }}"
    vrfs: "{{ found.vrfs }}"

- name: Make what is there the fabric's own, which sets the owner mark
  vxlan.fabric.vtep:
    fabric: dc1
    interfaces: "{{ found.interfaces }}"
    bridges: "{{ found.bridges }}"
    fdb: "{{ found.fdb }}"

- name: One interface for many VNIs, with a VNI filter
  vxlan.fabric.vtep:
    interfaces:
      - {name: vxsvd, state: up, port: 4790, external: true, vnifilter: true, local: 192.0.2.11}
    vnis:
      vxsvd:
        - {vni: 10100-10199}
        - {vni: 10200, remote: 192.0.2.12}

- name: One interface for many networks, each a VLAN of one bridge and a VNI
  vxlan.fabric.vtep:
    interfaces:
      - {name: vxsvd, state: up, external: true, vnifilter: true, local: 192.0.2.11, learning: false, addrgenmode: none, master: br0}
    bridges:
      - name: br0
        state: up
        vlan_filtering: true
        vlan_default_pvid: 0
        ports:
          - name: vxsvd
            vlan_tunnel: true
            learning: false
            vlans: [{vlan: 100-199}, {vlan: 300}]
            tunnels: [{vlan: 100-199, vni: 10100-10199}, {vlan: 300, vni: 10300}]
          - {name: tap-blue, vlans: [{vlan: 100, pvid: true, untagged: true}]}
    vnis:
      vxsvd: [{vni: 10100-10199}, {vni: 10300}]
    fdb:
      - interface: vxsvd
        rows:
          - {mac: "00:00:00:00:00:00", dst: [192.0.2.12, 192.0.2.13], src_vni: 10100}
          - {mac: "02:00:00:00:00:02", dst: 192.0.2.12, src_vni: 10100}
- name: Gateways of two networks in the routing domain of a tenant, on a bridge that filters VLANs
  vxlan.fabric.vtep:
    vrfs:
      - {name: vrf-blue, state: up, table: 1001}
    bridges:
      - {name: br0, state: up, vlan_filtering: true}
    defaults:
      vlan_interface: {state: up, device: br0, master: vrf-blue, mac: "02:00:5e:00:00:01"}
    vlan_interfaces:
      - {name: br0.100, vlan: 100, addresses: [10.0.0.254/24]}
      - {name: br0.200, vlan: 200, addresses: [10.0.1.254/24]}

- name: All hosts learn of those that have come
  vxlan.fabric.vtep:
    host_state: "{{ states[inventory_hostname] }}"
    purge: managed
    removals: later
  register: additions

- name: When all of them have, those that are gone are forgotten
  vxlan.fabric.vtep:
    host_state: "{{ states[inventory_hostname] }}"
    purge: managed
  when: additions.deferred > 0

- name: A state as text, in the network namespace blue
  vxlan.fabric.vtep:
    host_state: '{"interfaces": [{"name": "vx4100", "vni": 4100, "local": "192.0.2.21", "state": "up"}]}'
    timeout: 60
    netns: blue
"""

RETURN = r"""
diff:
  description: Of RV(before) and RV(after) the options that differ.
  returned: always
  type: dict
  sample:
    before: {interfaces: [{name: vx10100, learning: true}]}
    after: {interfaces: [{name: vx10100, learning: false}]}
operations:
  description:
    - What was done, or in check mode would be done, in order. At most O(report_objects) of them.
    - C(operation) is one of V(create_link), V(delete_link), V(set_link), V(add_altname), V(set_attributes), V(set_port), V(add_address),
      V(remove_address), V(write_neighbour), V(remove_neighbour), V(write_rows), V(delete_rows), V(write_vnis), V(delete_vnis), V(write_vlans),
      V(delete_vlans), V(write_tunnels), V(delete_tunnels) and V(add_route), and C(interface) what it is about. The other keys depend on it.
  returned: always
  type: list
  elements: dict
  sample:
    - operation: set_attributes
      interface: vx10100
      values: {learning: false}
      before: {learning: true}
      commands: [ip link set vx10100 type vxlan nolearning]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
    - What iproute2 has no word for is not in them. Of more than O(report_rows) forwarding rows they hold the beginning, and comments with
      the numbers.
  returned: always
  type: list
  elements: str
  sample:
    - ip link set vx10100 type vxlan nolearning
counts:
  description: How many operations of each kind there are. Of forwarding rows it is the rows that are counted.
  returned: always
  type: dict
  sample: {set_attributes: 1}
deferred:
  description:
    - With O(removals=later), how many operations are left for a run that removes; V(0) if the host is as it is to be. In check mode those that
      the run would not do.
  returned: always
  type: int
  sample: 0
recreated:
  description: Interfaces that were, or would be, created anew, and the options that forced it.
  returned: always
  type: list
  elements: dict
  sample:
    - {interface: vx10100, attributes: [port]}
before:
  description:
    - What this run changes as it was, in the form of M(vxlan.fabric.vtep_info). Interfaces and bridges with all their options, of forwarding
      rows only those that change. At most O(report_objects) and O(report_rows).
  returned: always
  type: dict
  sample:
    interfaces: [{name: vx10100, state: up, vni: 10100, learning: true}]
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    interfaces: [{name: vx10100, state: up, vni: 10100, learning: false}]
warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "vx10100: its alias is 'uplink' and stays so; without the owner mark 'vxlan.fabric:dc1' it is not the fabric's"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import parse_vtep, vtep_sides, vtep_spec


def parse(parameters: Mapping[str, Any], _check: bool) -> Wanted:
    return parse_vtep(parameters)


def main() -> None:
    module = AnsibleModule(vtep_spec(), supports_check_mode=True)
    run_module(module, parse, vtep_sides)


if __name__ == "__main__":
    main()
