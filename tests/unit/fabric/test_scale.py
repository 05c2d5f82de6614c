# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large fabrics: what is done grows as the fabric does, and no faster. Counted in calls of functions, which no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import adopt
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import states_of, texts_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import read_inventory
from ansible_collections.vxlan.fabric.tests.unit.adopt.showing import read
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory

LIMIT = 256 * 1024
FLOODING = ("learning", "static", "none")


def large(hosts: int, networks: int) -> Inventory:
    """Every network on every host, each with two machines: the fabric of this size that costs most."""
    names = [f"h{number}" for number in range(hosts)]
    vteps = {host: {"address": f"10.{1 + place // 62500}.{place // 250 % 250}.{place % 250 + 1}", "device": "eth0"} for place, host in enumerate(names)}
    return Inventory(
        {"name": "large", "underlay": {"mtu": 1600}, "networks": {f"n{number}": _network(number, names) for number in range(networks)}},
        vteps,
        {"hypervisors": names},
    )


def _network(number: int, hosts: list[str]) -> dict[str, Any]:
    machines = [
        {
            "name": f"m{number}-{place}",
            "host": hosts[(number + place * 7) % len(hosts)],
            "port": f"tap{number}-{place}",
            "mac": f"02:00:{number >> 8:02x}:{number & 255:02x}:00:{place:02x}",
            "address": f"10.0.{number % 250}.{place + 1}/24",
        }
        for place in range(2)
    ]
    return {"vni": 10000 + number, "members": ["hypervisors"], "flooding": FLOODING[number % 3], "endpoints": machines}


def count_calls(work: Callable[[], object]) -> int:
    """How many functions are called, of Python and of C."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def _hostvars(inventory: Inventory) -> dict[str, dict[str, Any]]:
    return {host: {"vxlan_fabric": inventory.fabric, "vxlan_vtep": vtep} for host, vtep in inventory.vteps.items()}


def _compile(inventory: Inventory) -> dict[str, str]:
    return texts_of(states_of(read_inventory(_hostvars(inventory), inventory.groups).judged()))


def growth(work: Callable[[int], object], size: int) -> float:
    """How much more the step from 2 to 4 times the size takes than that from 1 to 2 times: 2 if the work is linear, 4 if it is quadratic. What is
    done once, whatever the size, is in neither."""
    few, more, many = (count_calls(partial(work, size * times)) for times in (1, 2, 4))
    return (many - more) / (more - few)


def test_twice_the_hosts_are_twice_the_work_to_judge_and_compile() -> None:
    assert growth(lambda size: _compile(large(size, 30)), 50) < 2.1


def test_twice_the_networks_are_twice_the_work_to_judge_and_compile() -> None:
    assert growth(lambda size: _compile(large(50, size)), 60) < 2.1


def test_the_arguments_of_a_host_of_a_thousand_are_short() -> None:
    """A hundred networks, all of them on a thousand hosts."""
    fabrics = read_inventory(_hostvars(inventory := large(1000, 100)), inventory.groups).judged()
    texts = texts_of(states_of(fabrics, ["h0", "h1", "h499", "h999"]))
    assert len(texts) == 4
    assert max(len(text.encode()) for text in texts.values()) < LIMIT


def test_adoption_grows_as_the_rows_of_the_hosts_do() -> None:
    """Each host has a row for each other host of each network, so that four times as many are read of twice the hosts."""
    inventories = {size: large(size, 6) for size in (12, 24, 48)}
    found = {size: read(inventory.parse()) for size, inventory in inventories.items()}
    assert growth(lambda size: adopt(found[size], inventories[size].groups), 12) < 4.1
