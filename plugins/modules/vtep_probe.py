#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vtep_probe
short_description: Prove that VTEPs reach each other, and that frames cross the overlay
version_added: 0.1.0
description:
  - To be run on VTEPs. It changes nothing on them, and leaves nothing behind.
  - Other VTEPs are asked to answer ICMP echo requests that must not be fragmented, small ones and ones as large as a full frame of the overlay
    makes them. Where only small ones are answered, the path MTU is searched for. They are repeated, so that lost packets are no failure.
  - The multicast groups that the host has joined are compared with those that it should have joined.
  - Marked frames are sent from the bridges of networks, and other hosts, on which the module listens in the background at that time, hear them on their
    bridges. So the overlay is tried without any machine in it, flood lists included. They are broadcasts - a small frame, a full one, an ARP
    request, and full ICMP echo requests over IPv4 and IPv6 - and, if wanted, full frames to machines that are known.
  - Nothing that is connected takes notice of them. They have the EtherType 0x88B5, which is for local experiments, or ask for addresses that are
    reserved for benchmarks and never answered. Their source address is a locally administered one made of the names of fabric, network and host,
    which is learned by the fabric and forgotten again.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
options:
  phase:
    description:
      - With V(listen), a process is started that hears frames in the background, and RV(job) is its name.
      - With V(send), frames are sent, paths are tried and memberships are compared.
      - With V(collect), a O(job) is told to end, and what it has heard is returned.
    type: str
    choices: [send, listen, collect]
    default: send
  fabric:
    description: Name of the fabric. Frames of others do not count.
    type: str
    required: true
  host:
    description: Name of this host in the inventory.
    type: str
    required: true
  paths:
    description: VTEP addresses that have to be reached.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: The host that has the address, for the reader.
        type: str
        required: true
      source:
        description: The VTEP address of this host that is sent from.
        type: str
        required: true
      address:
        description: The VTEP address of the other host.
        type: str
        required: true
      size:
        description: Bytes of the IP packet that has to fit, which is the MTU of the overlay and 50 over IPv4 or 70 over IPv6.
        type: int
        required: true
      networks:
        description: The networks that need it, for the reader.
        type: list
        elements: str
        default: []
  memberships:
    description: Multicast groups that this host has to have joined.
    type: list
    elements: dict
    default: []
    suboptions:
      network:
        description: The network that floods to it.
        type: str
        required: true
      group:
        description: The group.
        type: str
        required: true
      device:
        description: The device to the underlay. Without it any will do.
        type: str
  bridges:
    description: Bridges that frames are sent from or heard on.
    type: list
    elements: dict
    default: []
    suboptions:
      network:
        description: The network that the bridge is of.
        type: str
        required: true
      bridge:
        description: Name of the bridge.
        type: str
        required: true
      vlan:
        description: The VLAN of the network, where the bridge knows VLANs. The bridge itself has to be in it.
        type: int
      mtu:
        description: MTU of the network. By default that of the bridge.
        type: int
      expected:
        description: With O(phase=listen), the hosts of the network whose frames are told. By default all. Frames of other networks are always told.
        type: list
        elements: str
      hears_unicast:
        description:
          - With O(phase=listen), whether frames to machines behind this bridge are to be heard, which are not for the bridge itself. For that time it is in
            promiscuous mode.
        type: bool
        default: false
      sends:
        description: Whether this host sends frames there, with O(phase=send).
        type: bool
        default: true
      floods:
        description: With O(phase=send), whether broadcasts are sent.
        type: bool
        default: true
      machines:
        description: With O(phase=send), MAC addresses of machines behind other hosts that frames are sent to.
        type: list
        elements: str
        default: []
  job:
    description: What RV(job) was, for O(phase=collect).
    type: str
  timeout:
    description:
      - With O(phase=send), seconds within which an echo request must be answered once. The search for path MTUs takes longer.
      - With O(phase=collect), seconds to wait for the job to end.
    type: float
    default: 3
  lifetime:
    description: With O(phase=listen), seconds after which listening ends if nobody collects what was heard.
    type: float
    default: 300
  netns:
    description: Network namespace to work in, by name (see C(ip-netns(8\))) or path.
    type: str
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - Nothing is sent and nothing is heard.
  diff_mode:
    support: none
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - Nothing is ever changed.
  idempotent:
    support: full
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
  platform:
    support: full
    description: Target OS/families that can be operated against.
    platforms: linux
requirements:
  - The capability CAP_NET_RAW, by O(ignore:become=true) for example.
notes:
  - The module does not fail when a path does. Judge RV(ok).
seealso:
  - module: vxlan.fabric.ping_matrix
    description: Between machines that are connected to the fabric.
"""

EXAMPLES = r"""
- name: Does a full frame of 1550 bytes get to the other VTEP?
  vxlan.fabric.vtep_probe:
    fabric: dc1
    host: hv1
    paths:
      - {host: hv2, source: 192.0.2.11, address: 192.0.2.12, size: 1600, networks: [blue]}
  register: result
  failed_when: not result.ok

- name: Listen on all hosts
  vxlan.fabric.vtep_probe:
    phase: listen
    fabric: dc1
    host: "{{ inventory_hostname }}"
    bridges:
      - {network: blue, bridge: br10100}
  register: listening

- name: Send from all hosts
  vxlan.fabric.vtep_probe:
    fabric: dc1
    host: "{{ inventory_hostname }}"
    bridges:
      - {network: blue, bridge: br10100}

- name: What was heard
  vxlan.fabric.vtep_probe:
    phase: collect
    fabric: dc1
    host: "{{ inventory_hostname }}"
    job: "{{ listening.job }}"
  register: result

- name: Did the frames of all others arrive?
  ansible.builtin.assert:
    that: >-
      result.heard | selectattr('network', 'eq', 'blue') | selectattr('full') | map(attribute='origin_host')
      | symmetric_difference(ansible_play_hosts | difference([inventory_hostname])) | length == 0
"""

RETURN = r"""
paths:
  description:
    - The entries of O(paths) with what became of them.
    - C(result) is V(ok); V(too_small) if small packets are answered and full ones are not, with the largest size that passes as C(path_mtu);
      V(local_mtu) if that is because of the own device; V(no_answer); V(no_route); V(no_source) if the source address is not on this host.
  returned: with O(phase=send)
  type: list
  elements: dict
  sample:
    - {host: hv2, source: 192.0.2.11, address: 192.0.2.12, size: 1600, networks: [blue], result: too_small, path_mtu: 1500}
memberships:
  description: The entries of O(memberships), whether the host is a member there, and the devices on which it is one.
  returned: with O(phase=send)
  type: list
  elements: dict
  sample:
    - {network: blue, group: 239.1.1.100, device: eth0, member: true, found_on: [eth0]}
sent:
  description: The networks that frames were sent in, and what went wrong; an empty C(detail) if nothing did.
  returned: with O(phase=send)
  type: list
  elements: dict
  sample:
    - {network: blue, bridge: br10100, detail: ""}
ok:
  description: Whether all paths, memberships and frames sent were as they should be.
  returned: with O(phase=send)
  type: bool
  sample: true
job:
  description: Name of the process in the background.
  returned: with O(phase=listen)
  type: str
  sample: /tmp/vxlan-fabric-heard-x7k2m1
heard:
  description:
    - Whose frames arrived, by the network of the bridge that heard them and the network that they are of, and how many of each kind.
    - Six of each are sent, so that lost frames are no failure.
  returned: with O(phase=collect)
  type: list
  elements: dict
  sample:
    - {network: blue, origin_network: blue, origin_host: hv2, small: 6, full: 6, arp: 6, icmp: 6, icmpv6: 6, unicast: 0}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_info
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.vtep import probe_spec, probe_vtep


def main() -> None:
    module = AnsibleModule(probe_spec(), supports_check_mode=True)
    run_info(module, lambda parameters: probe_vtep(parameters, module.check_mode))


if __name__ == "__main__":
    main()
