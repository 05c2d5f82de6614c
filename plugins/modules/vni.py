#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vni
short_description: Manage the VNIs of one VXLAN interface that serves many
version_added: 0.1.0
description:
  - Writes the VNI filter of a VXLAN interface with O(vxlan.fabric.interface#module:external) and O(vxlan.fabric.interface#module:vnifilter),
    which says what VNIs it serves, and where each of them is flooded to.
  - As a port of a bridge that filters VLANs, it maps VLANs to these VNIs, see O(tunnels).
  - Both lists may have thousands of entries, in ranges or one by one. They are one task and one transaction.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
options:
  interface:
    description:
      - The VXLAN interface. It has to exist. In check mode a missing one is taken as there, with no VNIs. With O(state=absent) a missing one has
        none, which is fine.
      - iproute2 writes C(dev).
    type: str
    required: true
    aliases: [dev, device, name]
  state:
    description:
      - With V(present) what is listed is there.
      - With V(absent) it is not. A VLAN of O(tunnels) is only mapped to nothing if it is mapped to the VNI that is given.
    type: str
    choices: [present, absent]
    default: present
  vnis:
    description:
      - Entries of the VNI filter. Not given, they are left alone. An empty list says that there are none. Linux 5.18 or newer.
      - iproute2 writes C(bridge vni add).
    type: list
    elements: dict
    suboptions:
      vni:
        description:
          - A VNI or a range such as V(10100-10199).
        type: str
        required: true
      remote:
        description:
          - IP address of the one VTEP that frames of these VNIs are flooded to, like O(vxlan.fabric.interface#module:remote). The flood lists of
            VNIs with more are rows of M(vxlan.fabric.fdb) with O(vxlan.fabric.fdb#module:rows[].src_vni).
        type: str
      group:
        description:
          - Multicast group that frames of these VNIs are flooded to, like O(vxlan.fabric.interface#module:group). The interface needs a
            O(vxlan.fabric.interface#module:device).
        type: str
  vni_lists:
    description:
      - What happens to entries that O(vnis) does not name. With V(exact) they go, after those that are named are there. With V(extend) they stay.
    type: str
    choices: [exact, extend]
    default: exact
  tunnels:
    description:
      - The VNIs that the interface maps VLANs to, as a port with O(vxlan.fabric.bridge#module:ports[].vlan_tunnel). The VLANs have to be on the port.
        Not given, they are left alone. Linux 5.7 or newer.
      - Two VLANs of a port cannot have one VNI.
      - iproute2 writes C(bridge vlan add ... tunnel_info id).
    type: list
    elements: dict
    suboptions:
      vlan:
        description:
          - A VLAN or a range such as V(100-199).
        type: str
        required: true
        aliases: [vid]
      vni:
        description:
          - Its VNI, or a range of as many VNIs.
        type: str
        required: true
        aliases: [id]
  vlan_lists:
    description:
      - What happens to VLANs that O(tunnels) does not name. With V(exact) they are mapped to nothing. With V(extend) they stay as they are. A VNI that
        is given to another VLAN moves.
    type: str
    choices: [exact, extend]
    default: exact
  statistics:
    description:
      - Return the counters of every VNI of the interface.
    type: bool
    default: false
seealso:
  - module: vxlan.fabric.vtep
    description: A whole host in one task and one transaction, with these lists for each of its interfaces and ports.
  - module: vxlan.fabric.interface
    description: The interface itself.
  - module: vxlan.fabric.bridge
    description: The bridge, and the VLANs of its ports.
  - module: vxlan.fabric.fdb
    description: Flood lists and forwarding rows of the VNIs.
  - module: vxlan.fabric.vtep_info
    description: Reads all of this back.
"""

EXAMPLES = r"""
- name: The interface serves these VNIs, and no others
  vxlan.fabric.vni:
    interface: vxsvd
    vnis:
      - vni: 10100-10199
      - vni: 10300
        remote: 192.0.2.12

- name: A multicast group for one VNI more
  vxlan.fabric.vni:
    interface: vxsvd
    vnis:
      - vni: 10400
        group: 239.1.1.1
    vni_lists: extend

- name: VLANs of the bridge as VNIs
  vxlan.fabric.vni:
    interface: vxsvd
    vnis:
      - vni: 10100-10199
      - vni: 10300
    tunnels:
      - {vlan: 100-199, vni: 10100-10199}
      - {vlan: 300, vni: 10300}

- name: One VNI less
  vxlan.fabric.vni:
    interface: vxsvd
    vnis:
      - vni: 10300
    state: absent

- name: How much each VNI has carried
  vxlan.fabric.vni:
    interface: vxsvd
    statistics: true
  register: counted

- name: In the network namespace blue
  vxlan.fabric.vni:
    interface: vxsvd
    vnis:
      - vni: 10100
    netns: blue
"""

RETURN = r"""
diff:
  description: The keys of RV(before) and RV(after) that differ.
  returned: always
  type: dict
  sample:
    before: {vnis: []}
    after: {vnis: [{vni: 10100-10199}]}
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
    - operation: write_vnis
      interface: vxsvd
      vnis: [{vni: 10100-10199}]
      commands: [bridge vni add dev vxsvd vni 10100-10199]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
    - Of a list longer than O(report_rows) they hold the beginning, and a comment with the number.
  returned: always
  type: list
  elements: str
  sample:
    - bridge vni add dev vxsvd vni 10100-10199
recreated:
  description: Always empty, this module re-creates nothing.
  returned: always
  type: list
  elements: dict
  sample: []
before:
  description: What of O(vnis) and O(tunnels) is given, as it was before the run.
  returned: always
  type: dict
  sample:
    {interface: vxsvd, vnis: []}
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    {interface: vxsvd, vnis: [{vni: 10100-10199}]}
statistics:
  description: The counters of every VNI of the interface, one by one.
  returned: with O(statistics=true)
  type: list
  elements: dict
  sample:
    - {vni: 10100, rx_bytes: 840, rx_packets: 10, rx_drops: 0, rx_errors: 0, tx_bytes: 840, tx_packets: 10, tx_drops: 0, tx_errors: 0}
warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "vxsvd does not exist yet; taken as if it did and filtered VNIs, since this is a check"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import parse_vni, vni_spec
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import vni_sides, vni_statistics


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    vnis, vlans = parse_vni(parameters)
    return Wanted(vnis=vnis, vlans=vlans, assume=check)


def main() -> None:
    module = AnsibleModule(vni_spec(), supports_check_mode=True)
    run_module(module, parse, vni_sides, vni_statistics)


if __name__ == "__main__":
    main()
