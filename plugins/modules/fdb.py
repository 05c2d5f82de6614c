#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fdb
short_description: Manage the forwarding rows of an interface
version_added: 0.1.0
description:
  - Writes and removes rows of the forwarding database of one interface, of any number in one task.
  - The row of a unicast MAC address replaces what the address had.
  - The zero MAC and group MAC addresses have lists of destinations, flood lists. A list that is named is an exact set, destinations that
    are not in it are removed, after the new ones are in place, see O(flood_lists). Lists of other addresses are left alone.
  - Rows of addresses that are not named are left alone, unless O(purge) says otherwise.
  - Rows that a routing daemon made (C(extern_learn)) or that the kernel learned are removed only where O(purge=all), or O(state=absent)
    names them. A row that is stated does replace one that is there for the same unicast address.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
options:
  interface:
    description:
      - The interface that the rows are of, a VXLAN interface or any port of a bridge. It has to exist. In check mode a missing one is taken
        as there and empty. With O(state=absent) a missing one has no rows, which is fine.
      - iproute2 writes C(dev).
    type: str
    required: true
    aliases: [dev, device, name]
  state:
    description:
      - With V(present) the rows are there.
      - With V(absent) they are not. A row without O(rows[].dst) and O(rows[].nexthop_group) then means every row of the address. A row is
        recognised by address, destination, O(rows[].table), O(rows[].vlan) and O(rows[].src_vni). O(purge) does nothing.
    type: str
    choices: [present, absent]
    default: present
  rows:
    description:
      - The rows. For more than some thousands O(lines) is much cheaper. Both may be given.
    type: list
    elements: dict
    suboptions:
      mac:
        description:
          - MAC address. V(00:00:00:00:00:00) is the flood list, for everything that has no row of its own.
          - The forms V(02-00-00-00-00-02) and V(0200.0000.0002) are understood too.
        type: str
        required: true
        aliases: [lladdr]
      dst:
        description:
          - IP address of the VTEP that has the MAC address. Several for the zero MAC and for group MAC addresses only, several VTEPs behind
            one unicast address are a O(rows[].nexthop_group).
          - A row of a VXLAN interface in the table V(self) needs this or O(rows[].nexthop_group).
          - iproute2 writes C(dst).
        type: list
        elements: str
        aliases: [destination, remote]
      port:
        description:
          - UDP port of that VTEP, if it is not the interface's.
          - iproute2 writes C(port).
        type: int
      vni:
        description:
          - VNI to send with, if it is not the interface's.
          - iproute2 writes C(vni).
        type: int
      src_vni:
        description:
          - VNI that the row is for, on an interface with O(vxlan.fabric.interface#module:external).
          - iproute2 writes C(src_vni). Linux 5.1 or newer.
        type: int
      via:
        description:
          - Interface to send through, if it is not the underlay interface of the VXLAN interface.
          - iproute2 writes C(via).
        type: str
      nexthop_group:
        description:
          - Id of a group of forwarding nexthops, several VTEPs that have the MAC address. Excludes O(rows[].dst).
          - iproute2 writes C(nhid). Linux 5.8 or newer.
        type: int
        aliases: [nhid]
      vlan:
        description:
          - VLAN of the row, of a bridge that filters VLANs.
          - iproute2 writes C(vlan).
        type: int
      state:
        description:
          - With V(permanent) the row stays until it is removed. In the table V(master) it means an address of the host itself.
          - With V(static) it stays too. This is what rows in the table V(master) for stations behind the port want.
          - With V(dynamic) it ages like a learned one, and a later run writes it again.
          - iproute2 writes C(permanent), C(static) and C(dynamic).
        type: str
        choices: [permanent, static, dynamic]
        default: permanent
      table:
        description:
          - With V(self) the row is the interface's own, with V(master) it is in the table of the bridge that the interface is a port of.
          - iproute2 writes C(self) and C(master).
        type: str
        choices: [self, master]
        default: self
      router:
        description:
          - The destination is a router.
          - iproute2 writes C(router).
        type: bool
        default: false
      sticky:
        description:
          - The address does not move to another port.
          - iproute2 writes C(sticky). Linux 4.20 or newer.
        type: bool
        default: false
      extern_learn:
        description:
          - Mark the row as one of a routing daemon. Nothing here removes it unasked afterwards.
          - iproute2 writes C(extern_learn).
        type: bool
        default: false
      owner:
        description:
          - What M(vxlan.fabric.vtep_info) says about a row, so that its output can be given back. Rows with V(learned) or V(kernel) are
            skipped, other values mean nothing.
        type: str
  lines:
    description:
      - Rows as text, one per line, the address and then the words of C(bridge fdb), in the order that one likes.
        The words are C(dst), C(port), C(vni), C(src_vni), C(via), C(nhid) and C(vlan) with a value, C(self), C(master), C(permanent), C(static),
        C(dynamic), C(router), C(sticky) and C(extern_learn).
      - Several destinations of a flood list are several lines. Without words the row is permanent, in the table V(self).
      - Empty lines and lines that begin with C(#) are skipped, so is C(dev NAME), so that the output of C(bridge fdb show dev NAME) is understood.
      - 100,000 lines are one argument. As a list they would cost Ansible several times as much as the work itself.
    type: str
  purge:
    description:
      - Rows of addresses that are neither in O(rows) nor in O(lines).
      - With V(none) they stay.
      - With V(managed) configured rows are removed from an interface that carries an owner mark, see
        O(vxlan.fabric.interface#module:alias). On another interface nothing is removed, which is a warning.
      - With V(static) configured rows are removed from any interface.
      - With V(all) learned rows and those of routing daemons are removed too.
      - The row of O(vxlan.fabric.interface#module:remote) and rows of the kernel are never purged.
    type: str
    choices: [none, managed, static, all]
    default: none
  flood_lists:
    description:
      - Destinations of a named flood list that are not in it.
      - With V(exact) they are removed, those of routing daemons only with O(purge=all). The row of
        O(vxlan.fabric.interface#module:remote) is one of them. Name it in the list, or give the interface no remote.
      - With V(extend) they stay.
    type: str
    choices: [exact, extend]
    default: exact
seealso:
  - module: vxlan.fabric.vtep
    description: A whole host in one task and one transaction, with the options of this module for each entry.
  - module: vxlan.fabric.interface
    description: The VXLAN interface that the rows are of.
  - module: vxlan.fabric.vtep_info
    description: Reads the rows back.
"""

EXAMPLES = r"""
- name: One VTEP behind each MAC address
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: "02:00:00:00:00:02"
        dst: 192.0.2.12
      - mac: "02:00:00:00:00:03"
        dst: 192.0.2.13

- name: Head-end replication, exactly these get a copy of every broadcast
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: 00:00:00:00:00:00
        dst: [192.0.2.12, 192.0.2.13]

- name: One more VTEP in the flood list, whoever else is in it
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: 00:00:00:00:00:00
        dst: 192.0.2.14
    flood_lists: extend

- name: A VTEP with a port and a VNI of its own
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: "02:00:00:00:00:04"
        dst: 192.0.2.14
        port: 8472
        vni: 20200

- name: On an interface for many VNIs
  vxlan.fabric.fdb:
    interface: vxsvd
    rows:
      - {mac: 00:00:00:00:00:00, src_vni: 10100, dst: [192.0.2.12, 192.0.2.13]}
      - {mac: 00:00:00:00:00:00, src_vni: 10200, dst: 192.0.2.13}

- name: A station behind a port of a bridge
  vxlan.fabric.fdb:
    interface: tap-blue
    rows:
      - mac: "02:00:00:00:00:01"
        table: master
        state: static

- name: These rows and no other configured ones
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: 00:00:00:00:00:00
        dst: [192.0.2.12, 192.0.2.13]
      - mac: "02:00:00:00:00:02"
        dst: 192.0.2.12
    purge: static

- name: A table of 100,000 rows out of a file
  vxlan.fabric.fdb:
    interface: vx10200
    lines: "{{ lookup('ansible.builtin.file', 'rows.txt') }}"

- name: The same out of a template
  vxlan.fabric.fdb:
    interface: vx10200
    lines: |
      {% for host in ['192.0.2.12', '192.0.2.13'] %}
      00:00:00:00:00:00 dst {{ host }}
      {% endfor %}
      02:00:00:00:00:02 dst 192.0.2.12 static

- name: One row less
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: "02:00:00:00:00:02"
    state: absent

- name: In the network namespace blue
  vxlan.fabric.fdb:
    interface: vx10200
    rows:
      - mac: "02:00:00:00:00:02"
        dst: 192.0.2.12
    netns: blue
"""

RETURN = r"""
diff:
  description: The keys of RV(before) and RV(after) that differ.
  returned: always
  type: dict
  sample:
    before: {count: 0, rows: []}
    after: {count: 1, rows: [{mac: "02:00:00:00:00:02", dst: 192.0.2.12, state: permanent, table: self}]}
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
    - operation: write_rows
      interface: vx10200
      count: 1
      rows: [{mac: "02:00:00:00:00:02", dst: 192.0.2.12, state: permanent, table: self}]
      commands: ["bridge fdb replace 02:00:00:00:00:02 dev vx10200 dst 192.0.2.12 self permanent"]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
    - What iproute2 has no word for is not in them. Of a list longer than O(report_rows) they hold the beginning, and a comment with the number.
  returned: always
  type: list
  elements: str
  sample:
    - bridge fdb replace 02:00:00:00:00:02 dev vx10200 dst 192.0.2.12 self permanent
recreated:
  description: Always empty, this module re-creates nothing.
  returned: always
  type: list
  elements: dict
  sample: []
before:
  description:
    - The configured rows of the interface before the run, in the form of O(rows), and their number as C(count).
    - Of more than O(report_rows) rows only those that this run changes.
  returned: always
  type: dict
  sample:
    {interface: vx10200, count: 0, rows: []}
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    interface: vx10200
    count: 1
    rows: [{mac: "02:00:00:00:00:02", dst: 192.0.2.12, state: permanent, table: self}]

warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "vx10200: no owner mark in its alias, so 'purge: managed' removes nothing"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import fdb_spec, parse_fdb
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import rows_sides


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    return Wanted(rows=(parse_fdb(parameters),), assume=check)


def main() -> None:
    module = AnsibleModule(fdb_spec(), supports_check_mode=True)
    run_module(module, parse, rows_sides)


if __name__ == "__main__":
    main()
