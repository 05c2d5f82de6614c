# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the inventory of a large fabric: pods of a few hosts, one of them a leaf that is a VTEP as well, under two spines.

A fifth of the networks is on all hosts, the others are each in two pods. Nothing is random: the same words make the same files.
"""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FIRST_ADDRESS = ipaddress.IPv4Address("172.16.1.1")  # a subnet of 256 for each pod
FIRST_VNI = 10001
FLOODING = ("learning", "static", "none")
HEAD = "# Written by generate.py.\n---\n"


class Shape(NamedTuple):
    """What is asked for. pod_size: the hosts of each pod, but for the last one. endpoints: of each network. everywhere: every network on every host, the
    heaviest fabric of this size."""

    name: str
    hosts: int
    pod_size: int
    networks: int
    endpoints: int
    everywhere: bool

    @property
    def pods(self) -> range:
        return range(1, -(-self.hosts // self.pod_size) + 1)

    def pod(self, number: int) -> list[str]:
        """Its hosts, the leaf first."""
        size = min(self.pod_size, self.hosts - (number - 1) * self.pod_size)
        return [f"leaf{number}", *(f"hv{number}-{place}" for place in range(1, size))]

    def pods_of_network(self, number: int) -> list[int]:
        if self.everywhere or number % 5 == 1 or len(self.pods) <= 2:
            return list(self.pods)
        return sorted({number % len(self.pods) + 1, (number + 1) % len(self.pods) + 1})


def write_inventory(directory: Path, shape: Shape) -> None:
    """hosts.yml, group_vars/all.yml, and a file for each host."""
    for part in ("group_vars", "host_vars"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    _write(directory / "hosts.yml", _groups(shape))
    _write(directory / "group_vars" / "all.yml", _fabric(shape))
    for number in shape.pods:
        for place, host in enumerate(shape.pod(number)):
            address = FIRST_ADDRESS + (number - 1) * 256 + place
            _write(directory / "host_vars" / f"{host}.yml", [f"vxlan_vtep: {{address: {address}, device: eth0}}"])


def _write(path: Path, lines: Iterator[str] | list[str]) -> None:
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def _groups(shape: Shape) -> Iterator[str]:
    yield from ("all:", "  children:")
    yield from _hosts("hypervisors", [host for number in shape.pods for host in shape.pod(number)[1:]], 4)
    yield from ("    switches:", "      children:")
    yield from _hosts("leaves", [shape.pod(number)[0] for number in shape.pods], 8)
    yield from _hosts("spines", ["spine1", "spine2"], 8)
    for number in shape.pods:
        yield from _hosts(f"pod{number}", shape.pod(number), 4)


def _hosts(group: str, hosts: list[str], indent: int) -> Iterator[str]:
    yield f"{' ' * indent}{group}:"
    yield f"{' ' * indent}  hosts:"
    yield from (f"{' ' * indent}    {host}:" for host in hosts)


def _fabric(shape: Shape) -> Iterator[str]:
    yield from ("vxlan_fabric:", f"  name: {shape.name}", "  underlay:", "    mtu: 1600", "    links:")
    yield "      - {from: [leaves], to: [spines]}"
    for number in shape.pods:
        hypervisors = shape.pod(number)[1:]
        if hypervisors:
            yield f"      - {{from: [{', '.join(hypervisors)}], to: [leaf{number}]}}"
    yield "  networks:"
    for number in range(1, shape.networks + 1):
        yield from _network(shape, number)


def _network(shape: Shape, number: int) -> Iterator[str]:
    pods = shape.pods_of_network(number)
    members = ["hypervisors", "leaves"] if len(pods) == len(shape.pods) else [f"pod{pod}" for pod in pods]
    yield f"    net{number}:"
    yield f"      vni: {FIRST_VNI + number - 1}"
    yield f"      members: [{', '.join(members)}]"
    yield f"      flooding: {FLOODING[number % len(FLOODING)]}"
    yield "      endpoints:"
    for place in range(shape.endpoints):
        yield f"        - {_endpoint(shape, pods, number, place)}"


def _endpoint(shape: Shape, pods: list[int], number: int, place: int) -> str:
    """One after the other in each pod of the network, so that frames have far to go."""
    hosts = shape.pod(pods[place % len(pods)])
    host = hosts[(number + place // len(pods)) % len(hosts)]
    mac = f"02:{number >> 8 & 255:02x}:{number & 255:02x}:00:{place >> 8 & 255:02x}:{place & 255:02x}"
    subnet = ipaddress.IPv4Address("10.0.0.0") + number * 256
    return f'{{name: m{number}-{place + 1}, host: {host}, port: tap{number}-{place + 1}, mac: "{mac}", address: {subnet + place + 1}/24}}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("directory", type=Path, help="is made if it is not there")
    parser.add_argument("--name", default="large", help="of the fabric")
    parser.add_argument("--hosts", type=int, default=100, help="that are VTEPs; two spines are added")
    parser.add_argument("--pod", type=int, default=25, help="hosts of a pod, the leaf among them, at most 250")
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--endpoints", type=int, default=2, help="of each network, at most 250")
    parser.add_argument("--everywhere", action="store_true", help="every network on every host")
    words = parser.parse_args()
    if words.hosts < 2 or words.networks < 1 or not 2 <= words.endpoints <= 250 or not 2 <= words.pod <= 250:
        parser.error("at least 2 hosts, 1 network, 2 to 250 endpoints, and pods of 2 to 250")
    write_inventory(words.directory, Shape(words.name, words.hosts, words.pod, words.networks, words.endpoints, words.everywhere))


if __name__ == "__main__":
    main()
