# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play of interface tasks that find nothing to do, next to the same play with ansible.builtin.ping."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ansible_collections.vxlan.fabric.tests.bench.harness import COLLECTIONS, Cost, batch, in_pairs, machine, measure, namespace, report, scratch

TASKS = 60
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
{tasks}
"""


def play(folder: Path, name: str, task: str) -> str:
    path = folder / f"{name}.yml"
    path.write_text(PLAY.format(tasks="\n".join(f"    - {task}" for _task in range(TASKS))))
    return str(path)


def main() -> None:
    machine()
    with scratch() as folder, namespace(f"vxbench{os.getpid()}") as name:
        batch(
            name,
            [
                "link add eth0 mtu 1600 type veth peer name far0",
                "address add 192.0.2.1/24 dev eth0",
                "link add vx100 mtu 1550 type vxlan id 100 local 192.0.2.1 dev eth0 dstport 4789 nolearning",
                "link set vx100 up",
            ],
        )
        inventory = folder / "hosts"
        # Both plays run on the namespace, as they would on a host that lives in one: by the connection plugin.
        inventory.write_text(f"host ansible_connection=vxlan.fabric.netns ansible_netns={name} ansible_python_interpreter={sys.executable}\n")
        options = "name: vx100, vni: 100, local: 192.0.2.1, device: eth0, learning: false, mtu: auto, state: up"
        plays = {"interface": play(folder, "interface", f"vxlan.fabric.interface: {{{options}}}"), "ping": play(folder, "ping", "ansible.builtin.ping:")}
        env = {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_STDOUT_CALLBACK": "minimal",
        }

        def run(which: str) -> Cost:
            return measure([str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), plays[which]], env)

        pairs = in_pairs(lambda: run("interface"), lambda: run("ping"))
        report(f"{TASKS} tasks with nothing to do", pairs, ("interface", "ping"), 1.15)


if __name__ == "__main__":
    main()
