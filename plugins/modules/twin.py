#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: twin
short_description: Build a fabric's hosts, underlay and endpoints as network namespaces
version_added: 0.1.0
description:
  - Builds the twin of a fabric on this machine. Every host becomes a network namespace, the underlay between them one more,
    and every access port of a host gets an endpoint behind it, a namespace that stands in for a VM.
  - The same roles and modules then run against the twin through the connection plugin P(vxlan.fabric.netns#connection).
  - What is there already is compared and repaired. What was made inside the namespaces by somebody else (VXLAN interfaces, bridges,
    the enslavement of access ports) is left alone. Hosts and endpoints that the topology has no more are removed.
  - All or nothing. When something fails, what this run did is undone.
  - Namespaces of the twin carry the alias C(vxlan.twin:NAME) on their C(lo). Namespaces without it are never touched.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
options:
  name:
    description:
      - Name of the twin, of lower-case letters, digits and dashes. Two twins of different names do not know of each other.
    type: str
    required: true
  state:
    description:
      - With V(present) the twin is as described.
      - With V(absent) nothing of it is left, O(hosts) and O(underlay) do not matter.
    type: str
    choices: [present, absent]
    default: present
  underlay:
    description:
      - The network between the hosts.
    type: dict
    default: {}
    suboptions:
      mode:
        description:
          - With V(segment) all hosts are on one layer-2 segment, a bridge without multicast snooping.
          - With V(routed) a router stands between them, and every host has a network of its own. The prefix lengths of
            O(hosts[].addresses) do not matter then. The router routes no multicast.
        type: str
        choices: [segment, routed]
        default: segment
      mtu:
        description:
          - MTU of the underlay, at least 1280 if any host has an IPv6 address.
        type: int
        default: 1500
      netns:
        description:
          - Name of the namespace that holds the bridge or is the router. By default O(name) with C(-underlay).
        type: str
  hosts:
    description:
      - The hosts. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the host. Required.
        type: str
      netns:
        description:
          - Name of its namespace. By default O(name), a dash, and O(hosts[].name).
        type: str
      device:
        description:
          - Name of its underlay interface.
        type: str
        default: eth0
      addresses:
        description:
          - Addresses of O(hosts[].device) with prefix length, IPv4, IPv6 or both.
          - Exactly these. An address that the interface has and that is not listed is removed, except those that the kernel makes.
        type: list
        elements: str
        default: []
      mtu:
        description:
          - MTU of O(hosts[].device), at both ends of its cable. By default O(underlay.mtu). Larger packets are lost there, as with a
            switch that is configured with a smaller MTU.
        type: int
      uplinks:
        description:
          - Further underlay interfaces of the host, on the same segment. Not with O(underlay.mode=routed).
        type: list
        elements: dict
        default: []
        suboptions:
          device:
            description:
              - Name of the interface. Required.
            type: str
          addresses:
            description:
              - Its addresses with prefix length. Exactly these.
            type: list
            elements: str
            default: []
          mtu:
            description:
              - Its MTU. By default O(underlay.mtu).
            type: int
      forwarding:
        description:
          - The families whose packets the host forwards between its interfaces, for hosts that are gateways. What is not listed is left alone.
        type: list
        elements: str
        choices: [ipv4, ipv6]
        default: []
      endpoints:
        description:
          - The stand-ins for VMs behind this host.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description:
              - Name of the endpoint. Required.
            type: str
          netns:
            description:
              - Name of its namespace. By default O(name), a dash, and O(hosts[].endpoints[].name).
            type: str
          port:
            description:
              - Name of the access port on the host. Required. It is made up and in no bridge, and afterwards left where it is put.
            type: str
          vlan:
            description:
              - The tag of its frames (802.1Q), for a trunk port that several endpoints share. One of them is without it and has the cable;
                C(eth0) of the others is an interface of its VLAN on that.
            type: int
          mac:
            description:
              - MAC address of the endpoint's C(eth0). By default one that is derived from the names.
            type: str
          addresses:
            description:
              - Addresses of the endpoint's C(eth0) with prefix length. Exactly these.
            type: list
            elements: str
            default: []
          mtu:
            description:
              - MTU of the endpoint and its port. By default that of the underlay at this host minus the overhead of VXLAN, 50 bytes, or
                70 if any host has an IPv6 address.
            type: int
          gateways:
            description:
              - Addresses of its default routes, without prefix length, at most one of each family. Exactly these.
            type: list
            elements: str
            default: []
          network:
            description:
              - Name of the overlay network it belongs to. Endpoints of different networks may have the same MAC address. With a
                network given, the same address twice in it is a mistake.
            type: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: Target OS families that can be operated against.
    support: full
    platforms: linux
requirements:
  - iproute2 5.0 or newer on the machine.
  - The capabilities CAP_SYS_ADMIN and CAP_NET_ADMIN, by O(ignore:become=true) or in a user namespace (see the notes).
notes:
  - Without root, run Ansible in a user namespace with a C(/run) of its own,
    C(unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && exec ansible-playbook ...').
  - Processes that somebody started in a namespace keep it alive, without a name, after O(state=absent). They are named in a warning.
seealso:
  - plugin: vxlan.fabric.netns
    plugin_type: connection
    description: Run tasks in the namespaces.
"""

EXAMPLES = r"""
- name: Two hosts on one segment, with an endpoint each
  vxlan.fabric.twin:
    name: demo
    underlay:
      mtu: 1600
    hosts:
      - name: hv1
        addresses: [192.0.2.11/24, "2001:db8::11/64"]
        endpoints:
          - name: blue1
            port: tap-blue
            mac: "02:00:00:00:00:01"
            addresses: [10.0.0.1/24]
      - name: hv2
        addresses: [192.0.2.12/24, "2001:db8::12/64"]
        endpoints:
          - name: blue2
            port: tap-blue
            mac: "02:00:00:00:00:02"
            addresses: [10.0.0.2/24]

- name: The same hosts behind a router
  vxlan.fabric.twin:
    name: demo
    underlay:
      mode: routed
    hosts:
      - name: hv1
        addresses: [192.0.2.11/32]
      - name: hv2
        addresses: [198.51.100.12/32]

- name: Nothing of it is left
  vxlan.fabric.twin:
    name: demo
    state: absent
"""

RETURN = r"""
operations:
  description: What was done, or would be done, in order.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: add_namespace, netns: demo-hv1}
    - {action: add_address, netns: demo-hv1, target: eth0, address: 192.0.2.11/24}
commands:
  description: The same as commands that a person could type.
  returned: success
  type: list
  elements: str
  sample: [ip netns add demo-hv1, ip -n demo-hv1 address add 192.0.2.11/24 dev eth0]
before:
  description: The namespaces of the twin and what it made in them, before the run.
  returned: success
  type: dict
  sample: {}
after:
  description: The same after the run. In check mode what a real run would lead to.
  returned: success
  type: dict
  sample:
    demo-hv1:
      links:
        lo: {kind: loopback, state: up, alias: "vxlan.twin:demo"}
hosts:
  description: O(hosts) with every default filled in.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: hv1, netns: demo-hv1, device: eth0, mtu: 1500, addresses: [192.0.2.11/24], uplinks: [], forwarding: [], endpoints: []}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.iproute import Iproute
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.run import run_twin
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import parse_topology, parse_twin_name


def argument_spec() -> dict[str, Any]:
    # Nested names are not `required`: the topology's own judgement tells all mistakes at once, with paths.
    strings = {"type": "list", "elements": "str", "default": []}
    endpoint = {
        "name": {"type": "str"},
        "netns": {"type": "str"},
        "port": {"type": "str"},
        "mac": {"type": "str"},
        "addresses": strings,
        "mtu": {"type": "int"},
        "network": {"type": "str"},
        "gateways": strings,
        "vlan": {"type": "int"},
    }
    uplink = {"device": {"type": "str"}, "addresses": strings, "mtu": {"type": "int"}}
    host = {
        "name": {"type": "str"},
        "netns": {"type": "str"},
        "device": {"type": "str", "default": "eth0"},
        "addresses": strings,
        "mtu": {"type": "int"},
        "uplinks": {"type": "list", "elements": "dict", "default": [], "options": uplink},
        "forwarding": {**strings, "choices": ["ipv4", "ipv6"]},
        "endpoints": {"type": "list", "elements": "dict", "default": [], "options": endpoint},
    }
    underlay = {
        "mode": {"type": "str", "choices": ["segment", "routed"], "default": "segment"},
        "mtu": {"type": "int", "default": 1500},
        "netns": {"type": "str"},
    }
    return {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "underlay": {"type": "dict", "default": {}, "options": underlay},
        "hosts": {"type": "list", "elements": "dict", "options": host},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(),
        required_if=[("state", "present", ["hosts"])],
        supports_check_mode=True,
    )
    ip = Iproute(module.get_bin_path("ip", required=True, opt_dirs=["/sbin", "/usr/sbin"]))
    parameters = module.params
    try:
        name = parse_twin_name(parameters["name"])
        topology = None
        if parameters["state"] == "present":
            topology = parse_topology(name, parameters["underlay"], parameters["hosts"])
        result = run_twin(name, topology, ip, module.check_mode)
    except FabricError as error:
        details: dict[str, Any] = error.details
        module.fail_json(msg=error.message, **details)
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
