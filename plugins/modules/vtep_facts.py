#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vtep_facts
short_description: Find out what the kernel of a host has for VXLAN
version_added: 0.1.0
description:
  - Finds out which kinds of interfaces, which options of theirs and which flags of bridge ports the kernel of a host has, and sets it as the fact
    RV(ansible_facts.vxlan_capabilities).
  - It tries them in a network namespace of its own, which is gone afterwards. Nothing of the host is touched, nothing is kept. A kind that the
    kernel has as a module, and has not loaded, is loaded by the trial.
  - Modules that change the host need no such fact. They find out themselves what they need, and refuse what the kernel lacks before they write
    anything. The role and the playbook C(lint) tell it beforehand, from this fact.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes.facts
  - vxlan.fabric.common
requirements:
  - The capability CAP_SYS_ADMIN, for making a network namespace. C(become) gives it.
seealso:
  - module: vxlan.fabric.vtep
    description: Refuses what the kernel lacks.
  - module: vxlan.fabric.interface
    description: Has the options of C(vxlan).
  - module: vxlan.fabric.bridge
    description: Has the options of C(bridge), and in its ports those of C(bridge_slave).
  - module: vxlan.fabric.vtep_info
    description: Returns the same with O(vxlan.fabric.vtep_info#module:capabilities=true).
"""

EXAMPLES = r"""
- name: Find out what the kernel has
  vxlan.fabric.vtep_facts:
  become: true

- name: Stop where a single VXLAN device is not possible
  ansible.builtin.assert:
    that:
      - vxlan_capabilities.options.bridge.vlan_filtering
      - vxlan_capabilities.options.vxlan.vnifilter
    fail_msg: "Linux {{ vxlan_capabilities.kernel }} has no VLAN-aware bridges or no VNI filter"

- name: Tell which options of VXLAN interfaces the kernel lacks
  ansible.builtin.debug:
    msg: "{{ vxlan_capabilities.options.vxlan | dict2items | rejectattr('value') | map(attribute='key') }}"

- name: Suppress ARP and ND by VLAN where the kernel can
  vxlan.fabric.bridge:
    name: br0
    ports:
      - name: vxsvd
        neigh_vlan_suppress: true
  when: vxlan_capabilities.options.bridge_slave.neigh_vlan_suppress

- name: Find it out from within the network namespace blue, which has the same kernel
  vxlan.fabric.vtep_facts:
    netns: blue
"""

RETURN = r"""
ansible_facts:
  description: The facts that this module sets.
  returned: success
  type: dict
  contains:
    vxlan_capabilities:
      description: What the kernel has.
      returned: success
      type: dict
      contains:
        kernel:
          description: Release of the kernel.
          returned: success
          type: str
          sample: 6.1.0-39-amd64
        kinds:
          description: Kinds of interfaces that this collection makes, V(true) where the kernel has it.
          returned: success
          type: dict
          sample: {vxlan: true, bridge: true, vrf: true, vlan: false}
        options:
          description:
            - By kind its options, and as C(bridge_slave) those of bridge ports, V(true) where the kernel has it. The words are those of
              M(vxlan.fabric.interface), M(vxlan.fabric.bridge), M(vxlan.fabric.vrf) and M(vxlan.fabric.vlan_interface). A kind that the kernel
              lacks is not there.
          returned: success
          type: dict
          sample: {vxlan: {vnifilter: true, localbypass: false}, bridge: {vlan_filtering: true}, bridge_slave: {isolated: true}}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_info
from ansible_collections.vxlan.fabric.plugins.module_utils._info import facts_spec, gather_facts


def main() -> None:
    module = AnsibleModule(facts_spec(), supports_check_mode=True)
    run_info(module, gather_facts)


if __name__ == "__main__":
    main()
