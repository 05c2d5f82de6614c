#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: persist
short_description: Have what runs survive a reboot
version_added: 0.1.0
description:
  - Writes the state of a host, as M(vxlan.fabric.vtep) takes it, into the files of what sets the network up at boot, so that the same comes up.
  - It writes files and touches no interface. A network manager that runs is not told to read them, so that nothing is interrupted.
  - Each file carries the name of the fabric in its first line. Those that are no longer needed are removed. A file of somebody else is never
    touched, and one in the place of ours is an error.
  - It is to be run after M(vxlan.fabric.vtep). It does not look whether the interfaces are there.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
extends_documentation_fragment:
  - vxlan.fabric.common
options:
  backend:
    description:
      - What is to set the interfaces up at boot.
      - With V(auto) it is what has configured the interface to the underlay, and V(service) where that is none of them, or where several have.
      - V(service) is a unit of systemd that replays the state with the engine of this collection. It needs Python 3.9 on the host and nothing else,
        carries everything, and waits for the underlay.
      - V(none) removes all files of the fabric.
    type: str
    choices: [auto, networkd, networkmanager, ifupdown2, ifupdown, netplan, service, none]
    default: auto
  missing:
    description:
      - What to do about what the backend cannot carry, which RV(cannot_carry) lists.
      - With V(service) the service runs beside it and adds that, after the backend has made its part. With V(fail) it is an error. With V(warn) it is
        a warning, and gone after a reboot.
    type: str
    choices: [service, fail, warn]
    default: service
  wait:
    description:
      - Seconds that the service waits at boot for what the state builds on, which are the underlay with its addresses and interfaces that the
        backend makes.
    type: int
    default: 120
  sysctls:
    description:
      - Settings of the network by their names, as in C(sysctl). They are set now and at every boot.
      - What is no longer listed is not set at boot any more, and stays as it is until then.
    type: dict
  tx_checksum:
    description:
      - Whether VXLAN interfaces leave the checksums of packets to the hardware below, as C(ethtool -K NAME tx) sets it, now and at every boot. With
        V(false) they are computed in software, which helps against network cards that do it wrong, where C(ping) works and TCP does not.
      - Not given, it is left alone.
    type: bool
  recreate:
    description:
      - At boot, what the service does about an interface that exists with attributes that cannot change, as O(vxlan.fabric.vtep#module:recreate).
    type: str
    choices: [when_needed, never, always]
    default: when_needed
  root:
    description:
      - Folder that is the root of the host's files, for an image, or for a rehearsal. Then nothing else is done than to write files.
      - Not given, it is V(/), and a network namespace inside a machine is refused, because it shares the files of the machine.
    type: path
  fabric:
    description:
      - As O(vxlan.fabric.vtep#module:fabric), whether here or in O(host_state). It is needed, because it is part of the names of files.
    type: str
  host_state:
    description:
      - The whole state as JSON, as O(vxlan.fabric.vtep#module:host_state). The options of its keys can be given in its place.
    type: json
  interfaces:
    description:
      - As O(vxlan.fabric.vtep#module:interfaces).
    type: list
    elements: dict
  bridges:
    description:
      - As O(vxlan.fabric.vtep#module:bridges).
    type: list
    elements: dict
  fdb:
    description:
      - As O(vxlan.fabric.vtep#module:fdb).
    type: list
    elements: dict
  vnis:
    description:
      - As O(vxlan.fabric.vtep#module:vnis).
    type: dict
  vlan_interfaces:
    description:
      - As O(vxlan.fabric.vtep#module:vlan_interfaces).
    type: list
    elements: dict
  vrfs:
    description:
      - As O(vxlan.fabric.vtep#module:vrfs).
    type: list
    elements: dict
  peers:
    description:
      - As O(vxlan.fabric.vtep#module:peers).
    type: dict
  defaults:
    description:
      - As O(vxlan.fabric.vtep#module:defaults).
    type: dict
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - What would be written and set is what a real run writes and sets. Sysctls of interfaces that are not there yet are taken as different.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    support: full
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    details:
      - A newer version of this collection may write other files for the same state, its own engine among them.
  platform:
    support: full
    description: Target OS/families that can be operated against.
    platforms: linux
requirements:
  - Root, to write the files.
seealso:
  - module: vxlan.fabric.vtep
    description: Brings the running host to the state.
"""

EXAMPLES = r"""
- name: What vtep has made comes back after a reboot, by whatever sets up the network of the host
  vxlan.fabric.persist:
    host_state: "{{ states[inventory_hostname] }}"

- name: By the service, with checksums in software and a setting of the kernel
  vxlan.fabric.persist:
    backend: service
    fabric: dc1
    tx_checksum: false
    sysctls:
      net.core.rmem_max: 8388608
    interfaces:
      - {name: vx10100, vni: 10100, local: 192.0.2.11, state: up, master: br10100}
    bridges:
      - {name: br10100, state: up}
    fdb:
      - interface: vx10100
        rows:
          - {mac: "00:00:00:00:00:00", dst: [192.0.2.12, 192.0.2.13]}

- name: Files of systemd-networkd for an image, an error if it cannot carry all
  vxlan.fabric.persist:
    backend: networkd
    missing: fail
    root: /srv/image
    host_state: "{{ states[inventory_hostname] }}"

- name: After the next reboot nothing of the fabric dc1 comes back
  vxlan.fabric.persist:
    backend: none
    fabric: dc1
"""

RETURN = r"""
backend:
  description: The backend whose files are written.
  returned: success
  type: str
  sample: networkd
owner:
  description: The backend that has configured the interface to the underlay, empty if it is none, or several.
  returned: success
  type: str
  sample: networkd
service:
  description: Whether the service runs at boot, alone or beside the backend.
  returned: success
  type: bool
  sample: false
cannot_carry:
  description:
    - What the backend cannot carry. C(name) is an interface, C(option) an option of it, C(reason) why.
    - With C(left_out) the interface would be another one without the option, and is not in the files of the backend at all.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: vxsvd, option: external, reason: networkd has no word for true, left_out: true}
files:
  description: All files that there are for this fabric.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/network/10-vxlan-fabric-dc1-vx10100.netdev]
written:
  description: Files that were, or in check mode would be, written.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/network/10-vxlan-fabric-dc1-vx10100.netdev]
removed:
  description: Files that were, or in check mode would be, removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/network/10-vxlan-fabric-dc1-vx10200.netdev]
commands:
  description: What else was done, or in check mode would be, as commands.
  returned: success
  type: list
  elements: str
  sample: ["sysctl -w net/core/rmem_max='8388608'", systemctl daemon-reload]
diff:
  description: Each file and each setting before and after.
  returned: success
  type: list
  elements: dict
  sample:
    - before_header: /etc/sysctl.d/60-vxlan-fabric-dc1.conf
      after_header: /etc/sysctl.d/60-vxlan-fabric-dc1.conf
      before: ""
      after: "net/core/rmem_max = 8388608\n"
warnings:
  description: What is worth to know and no reason to stop.
  returned: when there are any
  type: list
  elements: str
  sample: ["networkd cannot carry external of vxsvd: that is gone after a reboot"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_files
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.run import persist, persist_spec


def main() -> None:
    module = AnsibleModule(persist_spec(), supports_check_mode=True)
    run_files(module, persist)


if __name__ == "__main__":
    main()
