#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ping_matrix
short_description: Prove who reaches whom in overlay networks, and who does not
version_added: 0.1.0
description:
  - Tries every ordered pair of endpoints, which are network namespaces of the machine that the module runs on.
  - Between two endpoints of the same network a C(ping) is run for every address that the target has. It passes when it is
    answered and when the target itself received it. A marker in the packet tells, so that another tenant with the same
    addresses cannot answer in its place. A broadcast of every endpoint must arrive at all others of its network as
    well, unless nothing floods there (O(endpoints[].flooding)).
  - Between two endpoints of different networks that gateways join (O(endpoints[].routed)) a C(ping) is run as well.
  - Between all others of different networks, frames are sent that an intruder would send, an ICMP echo request to the MAC and
    IP address of the target, the same to the MAC address of the gateway, and a broadcast (an ARP request, or a frame of the
    experimental EtherType 0x88B5 where there is no IPv4 address). They are blocked when none of the source's frames arrives at
    the target.
  - It is judged at the receiver, with a packet socket in every namespace. No answer alone proves no isolation.
  - The neighbour caches (ARP, ND) of the endpoints are emptied first, so that every ping has to ask for a MAC address again. Flood
    lists are tried that way too.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
options:
  endpoints:
    description:
      - The endpoints, in any order. P(vxlan.fabric.endpoints#filter) makes them of an inventory.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the endpoint, unique in its network.
        type: str
        required: true
      network:
        description: Name of the network that it belongs to.
        type: str
        required: true
      netns:
        description: Its network namespace, by name (see C(ip-netns(8\))) or path.
        type: str
        required: true
      device:
        description: Its network interface in the namespace.
        type: str
        default: eth0
      mac:
        description: Its MAC address, for the reader. Frames are made with the address that the interface really has.
        type: str
      addresses:
        description:
          - Its addresses, with or without prefix length.
          - Two endpoints of one network without a common address family are tried with an Ethernet frame in place of a ping.
        type: list
        elements: str
        default: []
      host:
        description: The host that it is connected to.
        type: str
      flooding:
        description:
          - Whether its broadcasts are heard by the others of its network. With V(false) nothing floods between hosts, a broadcast that
            arrives at an endpoint of another O(endpoints[].host) is a failure.
        type: bool
        default: true
      gateways:
        description:
          - Addresses of its first hops. Between networks, addresses of a family are pinged that both endpoints have a gateway of.
        type: list
        elements: str
        default: []
      gateway_mac:
        description:
          - MAC address of its first hops. What an intruder would send to endpoints of other networks is sent to it as well.
        type: str
      routed:
        description:
          - Networks that its gateway leads to, and whose gateway leads back. Endpoints of which each has the network of the other here are
            pinged, and have to answer.
        type: list
        elements: str
        default: []
      unjudged:
        description:
          - Networks of which it is not known whether its gateway leads to them. What is sent to and fro is not tried.
        type: list
        elements: str
        default: []
  timeout:
    description:
      - Seconds within which a ping must be answered once.
    type: int
    default: 3
  parallel:
    description:
      - How many pings run at a time.
    type: int
    default: 32
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details:
      - Nothing is sent. Every pair is reported as C(not_tested).
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details:
      - Nothing is ever changed.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: Target OS families that can be operated against.
    support: full
    platforms: linux
requirements:
  - C(ping) of iputils, and iproute2.
  - The capabilities CAP_SYS_ADMIN and CAP_NET_RAW, by O(ignore:become=true) or in a user namespace.
notes:
  - The module does not fail when pairs do. Judge RV(ok), as in the example.
  - A network with a single endpoint has no pair that passes. That nothing of another network arrives there is then weaker
    proof, because nothing shows that anything could arrive.
seealso:
  - plugin: vxlan.fabric.endpoints
    plugin_type: filter
  - module: vxlan.fabric.twin
"""

EXAMPLES = r"""
- name: Two tenants use the same addresses and must not meet
  vxlan.fabric.ping_matrix:
    endpoints:
      - {name: blue1, network: blue, netns: demo-blue1, addresses: [10.0.0.1/24]}
      - {name: blue2, network: blue, netns: demo-blue2, addresses: [10.0.0.2/24]}
      - {name: red1, network: red, netns: demo-red1, addresses: [10.0.0.1/24]}
      - {name: red2, network: red, netns: demo-red2, addresses: [10.0.0.2/24]}
  delegate_to: localhost
  register: result
  failed_when: not result.ok

- name: Every endpoint of the inventory, on its twin
  vxlan.fabric.ping_matrix:
    endpoints: "{{ hostvars | vxlan.fabric.endpoints(groups) }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
matrix:
  description:
    - One row per ordered pair, pairs of the same network first, then those that are routed, sorted by network and name. Two runs with the same results give
      the same bytes.
  returned: success
  type: list
  elements: dict
  contains:
    source:
      description: The endpoint that sent.
      type: str
    source_network:
      description: Its network.
      type: str
    target:
      description: The endpoint that was to be reached.
      type: str
    target_network:
      description: Its network.
      type: str
    expected:
      description: V(pass) within a network and where gateways join two of them, V(blocked) between all others.
      type: str
    result:
      description:
        - V(pass) or V(fail) where V(pass) is expected, V(blocked) or V(breach) where V(blocked) is.
        - V(unreachable) if one of the two has no namespace on this machine, V(not_tested) in check mode.
      type: str
    ok:
      description: Whether the result is as expected.
      type: bool
    detail:
      description: What went wrong, empty when nothing did.
      type: str
  sample:
    - source: blue1
      source_network: blue
      target: blue2
      target_network: blue
      expected: pass
      result: pass
      ok: true
      detail: ""
networks:
  description: Pairs tried and passed, by network.
  returned: success
  type: list
  elements: dict
  sample: [{network: blue, pairs: 2, passed: 2}, {network: red, pairs: 2, passed: 2}]
routed:
  description: Pairs of different networks that gateways join, and how many of them passed.
  returned: success
  type: dict
  sample: {pairs: 0, passed: 0}
isolation:
  description: Pairs of different networks that nothing joins, and how many of them were blocked.
  returned: success
  type: dict
  sample: {pairs: 8, blocked: 8}
passed:
  description: Pairs with the expected result.
  returned: success
  type: int
  sample: 12
failed:
  description: Pairs with another result.
  returned: success
  type: int
  sample: 0
untested:
  description: Pairs that were not tried, because an endpoint is unreachable from this machine or because of check mode.
  returned: success
  type: int
  sample: 0
missing:
  description: Endpoints that are unreachable from this machine, and why.
  returned: success
  type: list
  elements: dict
  sample: []
ok:
  description: Whether every pair was tried and had the expected result.
  returned: success
  type: bool
  sample: true
msg:
  description: The counts in one line.
  returned: success
  type: str
  sample: "blue: 2 of 2 pairs pass; red: 2 of 2 pairs pass; isolation: 8 of 8 blocked"
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_info
from ansible_collections.vxlan.fabric.plugins.module_utils._probe.probe import ENDPOINT, probe


def main() -> None:
    module = AnsibleModule(
        {
            "endpoints": {"type": "list", "elements": "dict", "required": True, "options": ENDPOINT},
            "timeout": {"type": "int", "default": 3},
            "parallel": {"type": "int", "default": 32},
        },
        supports_check_mode=True,
    )
    ping, ip = (module.get_bin_path(name, required=True) for name in ("ping", "ip"))
    run_info(module, lambda parameters: probe(parameters, ping, ip, module.check_mode))


if __name__ == "__main__":
    main()
