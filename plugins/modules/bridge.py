#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bridge
short_description: Manage a bridge and its ports
version_added: 0.1.0
description:
  - Creates, changes and removes one bridge, with its attributes, its addresses, and its ports with their flags.
  - What is not given is left alone, on a new bridge or port at the kernel's default. An option that is given holds afterwards.
  - Everything changes live.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.attributes
  - vxlan.fabric.link
  - vxlan.fabric.link.member
  - vxlan.fabric.bridge
  - vxlan.fabric.common
  - vxlan.fabric.common.changing
  - vxlan.fabric.common.links
options:
  master:
    description:
      - VRF that the bridge is a member of, which makes it a gateway of that routing domain. V(none) takes it out.
      - The kernel takes the bridge down and up for that and flushes its IPv6 addresses, neighbour entries and routes, and those of VLAN interfaces
        on it. They are put back, routes into the table of the VRF. What the bridge has learned is forgotten.
      - iproute2 writes C(master) and C(nomaster).
    type: str
  ports:
    description:
      - Ports. An interface named here is made a port of this bridge, also if it was one of another, and gets the flags that are given.
      - The ports that are not named are left alone, unless O(purge) says otherwise.
      - Two VXLAN interfaces of the same VNI in one bridge are refused, they would be a loop.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the interface. It has to exist. In check mode a missing one is taken as there.
        type: str
        required: true
        aliases: [ifname, interface]
      learning:
        description:
          - Learn MAC addresses from the frames of this port.
          - iproute2 writes C(learning on|off). The kernel's default is V(true).
        type: bool
      flood:
        description:
          - Send frames for unknown unicast addresses out of this port.
          - iproute2 writes C(flood on|off). The kernel's default is V(true).
        type: bool
        aliases: [unicast_flood]
      bcast_flood:
        description:
          - Send broadcast frames out of this port.
          - iproute2 writes C(bcast_flood on|off). The kernel's default is V(true). Linux 4.12 or newer.
        type: bool
      mcast_flood:
        description:
          - Send frames for unknown multicast groups out of this port.
          - iproute2 writes C(mcast_flood on|off). The kernel's default is V(true). Linux 4.9 or newer.
        type: bool
      mcast_to_unicast:
        description:
          - Turn multicast into one unicast frame for each member behind this port.
          - iproute2 writes C(mcast_to_unicast on|off). The kernel's default is V(false). Linux 4.11 or newer.
        type: bool
      neigh_suppress:
        description:
          - Answer ARP and neighbour solicitations that would leave by this port from the bridge's neighbour entries.
          - iproute2 writes C(neigh_suppress on|off). The kernel's default is V(false). Linux 4.15 or newer.
        type: bool
      neigh_vlan_suppress:
        description:
          - The same per VLAN.
          - iproute2 writes C(neigh_vlan_suppress on|off). The kernel's default is V(false). Linux 6.4 or newer.
        type: bool
      isolated:
        description:
          - Isolated ports do not talk to each other.
          - iproute2 writes C(isolated on|off). The kernel's default is V(false). Linux 4.18 or newer.
        type: bool
      hairpin:
        description:
          - Frames may go out by the port that they came in by.
          - iproute2 writes C(hairpin on|off). The kernel's default is V(false).
        type: bool
      locked:
        description:
          - Accept only MAC addresses that have a forwarding row at this port.
          - iproute2 writes C(locked on|off). The kernel's default is V(false). Linux 5.18 or newer.
        type: bool
      mab:
        description:
          - MAC authentication bypass, on a locked port.
          - iproute2 writes C(mab on|off). The kernel's default is V(false). Linux 6.2 or newer.
        type: bool
      guard:
        description:
          - Ignore spanning tree packets of this port (BPDU guard).
          - iproute2 writes C(guard on|off). The kernel's default is V(false).
        type: bool
      root_block:
        description:
          - This port never becomes the root port.
          - iproute2 writes C(root_block on|off). The kernel's default is V(false).
        type: bool
      mcast_fast_leave:
        description:
          - Drop a group at once when a member leaves it.
          - iproute2 writes C(mcast_fast_leave on|off). The kernel's default is V(false).
        type: bool
        aliases: [fastleave]
      proxy_arp:
        description:
          - Answer ARP from the bridge's neighbour entries, and do not pass the request on by this port.
          - iproute2 writes C(proxy_arp on|off). The kernel's default is V(false).
        type: bool
      proxy_arp_wifi:
        description:
          - The same in the way that Wi-Fi clients want it.
          - iproute2 writes C(proxy_arp_wifi on|off). The kernel's default is V(false). Linux 4.1 or newer.
        type: bool
      vlan_tunnel:
        description:
          - Map VLANs to VNIs at this port, for one VXLAN interface with O(vxlan.fabric.interface#module:external) that serves many VLANs.
          - iproute2 writes C(vlan_tunnel on|off). The kernel's default is V(false). Linux 4.11 or newer.
        type: bool
      cost:
        description:
          - Path cost in the spanning tree, 1 to 65535. Not given, the kernel takes it from the speed of the port.
          - iproute2 writes C(cost).
        type: int
      priority:
        description:
          - Priority of the port in the spanning tree, up to 63.
          - iproute2 writes C(priority). The kernel's default is V(32).
        type: int
      group_fwd_mask:
        description:
          - Bit mask of the link-local group addresses that are forwarded by this port.
          - iproute2 writes C(group_fwd_mask). The kernel's default is V(0). Linux 4.15 or newer.
        type: int
      mcast_router:
        description:
          - Whether a multicast router is behind this port.
          - iproute2 writes C(mcast_router). The kernel's default is V(auto).
        type: str
        choices: [never, auto, always, temporary]
      mcast_max_groups:
        description:
          - Most multicast groups of this port. V(0) is unlimited.
          - iproute2 writes C(mcast_max_groups). The kernel's default is V(0). Linux 6.3 or newer.
        type: int
      backup_port:
        description:
          - Port of the same bridge that takes the frames when this one has no carrier. V(none) clears it.
          - iproute2 writes C(backup_port). Linux 4.19 or newer.
        type: str
      backup_nexthop:
        description:
          - Forwarding nexthop that the backup port uses. V(0) clears it.
          - iproute2 writes C(backup_nhid). The kernel's default is V(0). Linux 6.6 or newer.
        type: int
        aliases: [backup_nhid]
      vlans:
        description:
          - VLANs of the port, see O(vlan_lists) for those that are not named. Not given, they are left alone.
          - A port that has just come has the VLAN O(vlan_default_pvid), which goes if it is not among these.
          - iproute2 writes C(bridge vlan add) and C(bridge vlan set). Linux 5.7 or newer.
        type: list
        elements: dict
        suboptions:
          vlan:
            description:
              - A VLAN, V(1) to V(4094), or a range such as V(100-199).
            type: str
            required: true
            aliases: [vid]
          pvid:
            description:
              - Frames that come in without a tag belong to this VLAN. One VLAN of a port can be it.
            type: bool
            default: false
          untagged:
            description:
              - Frames of the VLAN go out without a tag.
            type: bool
            default: false
          state:
            description:
              - State of the port in the VLAN. A new VLAN is V(forwarding). The kernel refuses it while its own O(stp) runs.
            type: str
            choices: [disabled, listening, learning, forwarding, blocking]
          neigh_suppress:
            description:
              - O(ports[].neigh_suppress) for the VLAN alone, where O(ports[].neigh_vlan_suppress) is on. Linux 6.4 or newer, others refuse it.
            type: bool
      tunnels:
        description:
          - The VNIs that the port maps VLANs to, with O(ports[].vlan_tunnel). The VLANs have to be on the port. See O(vlan_lists) for those
            that are not named. Not given, they are left alone.
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
  vlans:
    description:
      - VLANs of the bridge itself, in which it receives, as with interfaces on top of it. Not given, they are left alone.
      - iproute2 writes C(bridge vlan add ... self). Linux 5.7 or newer.
    type: list
    elements: dict
    suboptions:
      vlan:
        description:
          - A VLAN, V(1) to V(4094), or a range such as V(100-199).
        type: str
        required: true
        aliases: [vid]
      pvid:
        description:
          - The bridge's own frames without a tag belong to this VLAN. One VLAN can be it.
        type: bool
        default: false
      untagged:
        description:
          - The bridge itself gets frames of the VLAN without a tag.
        type: bool
        default: false
  vlan_lists:
    description:
      - What happens to VLANs that O(vlans), O(ports[].vlans) and O(ports[].tunnels) do not name, where one of these is given.
      - With V(exact) they go, after those that are named are there. A VLAN that goes takes its VNI along.
      - With V(extend) they stay. A VNI that is given to another VLAN moves.
    type: str
    choices: [exact, extend]
    default: exact
  purge:
    description:
      - Ports of the bridge that O(ports) does not name. Nothing happens when O(ports) is not given.
      - With V(none) they stay.
      - With V(managed) those leave the bridge that carry an owner mark, see O(alias).
      - With V(all) all of them leave. The interfaces themselves are kept.
    type: str
    choices: [none, managed, all]
    default: none
notes:
  - O(vlan_filtering) that is turned on waits until the VLANs are there.
  - Times are seconds with up to two decimals. The kernel counts in ticks of its own and may show a hundredth less.
seealso:
  - module: vxlan.fabric.vtep
    description: A whole host in one task and one transaction, with the options of this module for each entry.
  - module: vxlan.fabric.interface
    description: VXLAN interfaces, the ports that lead to other hosts.
  - module: vxlan.fabric.vlan_interface
    description: Gateways of single VLANs of a bridge that filters VLANs.
  - module: vxlan.fabric.vrf
    description: Routing domains.
  - module: vxlan.fabric.fdb
    description: Forwarding rows, those of bridge ports too.
  - module: vxlan.fabric.vtep_info
    description: Reads all of this back.
"""

EXAMPLES = r"""
- name: A bridge with an access port and a VXLAN interface
  vxlan.fabric.bridge:
    name: br10100
    state: up
    mcast_snooping: false
    ports:
      - name: tap-blue
      - name: vx10100

- name: Ports as EVPN wants them, the routing daemon tells who is where
  vxlan.fabric.bridge:
    name: br10100
    ports:
      - name: vx10100
        learning: false
        neigh_suppress: true

- name: The gateway of the network on the bridge
  vxlan.fabric.bridge:
    name: br10100
    mac: "02:00:5e:00:00:01"
    addresses: [10.0.0.254/24, "2001:db8:1::254/64"]

- name: Access ports do not talk to each other, and nothing else is in the bridge
  vxlan.fabric.bridge:
    name: br10100
    ports:
      - {name: tap-blue, isolated: true}
      - {name: tap-red, isolated: true}
      - {name: vx10100}
    purge: all

- name: MAC addresses stay known for ten minutes
  vxlan.fabric.bridge:
    name: br10100
    ageing: 600

- name: A bridge that filters VLANs, with an access port, a trunk, and itself in VLAN 100
  vxlan.fabric.bridge:
    name: br0
    state: up
    vlan_filtering: true
    vlans:
      - {vlan: 100}
    ports:
      - name: tap-blue
        vlans:
          - {vlan: 100, pvid: true, untagged: true}
      - name: eth4
        vlans:
          - {vlan: 100-199}

- name: The VLANs as VNIs, by one VXLAN interface for all of them
  vxlan.fabric.bridge:
    name: br0
    ports:
      - name: vxsvd
        vlan_tunnel: true
        learning: false
        vlans:
          - {vlan: 100-199}
        tunnels:
          - {vlan: 100-199, vni: 10100-10199}

- name: One VLAN more, the others stay
  vxlan.fabric.bridge:
    name: br0
    vlan_lists: extend
    ports:
      - name: eth4
        vlans:
          - {vlan: 300}

- name: In the network namespace blue
  vxlan.fabric.bridge:
    name: br10100
    state: up
    netns: blue

- name: Gone, its ports are kept
  vxlan.fabric.bridge:
    name: br10100
    state: absent
"""

RETURN = r"""
diff:
  description: The keys of RV(before) and RV(after) that differ.
  returned: always
  type: dict
  sample:
    before: {ports: [{name: vx10100, learning: true}]}
    after: {ports: [{name: vx10100, learning: false}]}
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
    - operation: set_port
      interface: vx10100
      values: {learning: false}
      before: {learning: true}
      commands: [ip link set vx10100 type bridge_slave learning off]
commands:
  description:
    - The same as lines that a person could have typed. Run in the same starting state they lead to the same result.
    - What iproute2 has no word for is not in them. Of a list longer than O(report_rows) they hold the beginning, and a comment with the number.
  returned: always
  type: list
  elements: str
  sample:
    - ip link set vx10100 type bridge_slave learning off
recreated:
  description: Always empty, this module re-creates nothing.
  returned: always
  type: list
  elements: dict
  sample: []
before:
  description: The bridge with its ports before the run, in the form of the options. Empty when there was none.
  returned: always
  type: dict
  sample:
    {name: br10100, state: up, ageing: 300, ports: [{name: vx10100, learning: true}]}
after:
  description: The same after the run, read back from the kernel. In check mode what a real run would lead to.
  returned: always
  type: dict
  sample:
    {name: br10100, state: up, ageing: 300, ports: [{name: vx10100, learning: false}]}

warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample:
    - "br10100.ports: tap-blue does not exist yet; taken as if it did, since this is a check"
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import bridge_spec, parse_bridge
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import bridge_sides


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    return Wanted(links=(parse_bridge(parameters),), assume=check)


def main() -> None:
    module = AnsibleModule(bridge_spec(), supports_check_mode=True)
    run_module(module, parse, bridge_sides)


if __name__ == "__main__":
    main()
