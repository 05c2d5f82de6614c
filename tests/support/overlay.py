# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three VTEPs on one underlay segment, each with an endpoint behind a bridge, brought up by the module `vtep`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from .namespaces import Namespace, namespace

VTEPS = (1, 2, 3)


def underlay_address(number: int) -> str:
    return f"192.0.2.{number}"


def endpoint_address(number: int) -> str:
    return f"10.0.0.{number}"


def endpoint_mac(number: int) -> str:
    return f"02:00:00:00:ee:{number:02x}"


class Overlay:
    """hosts: the VTEPs' namespaces by number; endpoints: those behind them."""

    def __init__(self, resources: ExitStack) -> None:
        self.segment = resources.enter_context(namespace("vfo", underlay=False))
        self.hosts: dict[int, Namespace] = {}
        self.endpoints: dict[int, Namespace] = {}
        self.segment.ip("link add segment type bridge forward_delay 0 mcast_snooping 0", "link set segment up")
        for number in VTEPS:
            self.hosts[number] = resources.enter_context(namespace("vfo", underlay=False))
            self.endpoints[number] = resources.enter_context(namespace("vfo", underlay=False))
            self._plug(number)

    def _plug(self, number: int) -> None:
        host, endpoint = self.hosts[number], self.endpoints[number]
        host.ip(
            "link set lo up",
            f"link add eth0 mtu 1600 type veth peer name to{number} mtu 1600 netns {self.segment.name}",
            f"address add {underlay_address(number)}/24 dev eth0",
            "link set eth0 up",
            f"link add tap0 type veth peer name eth0 address {endpoint_mac(number)} netns {endpoint.name}",
            "link set tap0 up",
        )
        self.segment.ip(f"link set to{number} master segment up")
        others = [other for other in VTEPS if other != number]
        endpoint.ip(
            "link set lo up",
            f"address add {endpoint_address(number)}/24 dev eth0",
            "link set eth0 up",
            # No question for an address may decide what is measured.
            *(f"neighbour add {endpoint_address(other)} lladdr {endpoint_mac(other)} dev eth0 nud permanent" for other in others),
        )


# Stated, so that every run brings these back too.
PLAIN_INTERFACE = {"learning": True, "ttl": "auto", "tos": "0", "df": "unset", "ageing": 300, "mtu": "1550", "txqueuelen": 1000}
PLAIN_PORT = {"learning": True, "mcast_flood": True, "neigh_suppress": False, "hairpin": False}


def host_state(number: int, peers: tuple[int, ...], **interface: Any) -> dict[str, Any]:
    """Arguments of `vtep` for one VTEP: one network with head-end replication, a row for each peer's endpoint. interface: other options."""
    mac = f"02:00:00:00:0a:{number:02x}"
    link = {"name": "vx100", "state": "up", "vni": 100, "local": underlay_address(number), "device": "eth0", "mac": mac, **PLAIN_INTERFACE, **interface}
    bridge = {"name": "br100", "state": "up", "mac": f"02:00:00:00:0b:{number:02x}", "ageing": 300, "mcast_snooping": False}
    return {
        "fabric": "lab",
        "purge": "managed",
        "peers": {"lab": [underlay_address(peer) for peer in peers]},
        "interfaces": [link],
        "bridges": [{**bridge, "ports": [{"name": "vx100", **PLAIN_PORT}, {"name": "tap0", **PLAIN_PORT}]}],
        "fdb": [{"interface": "vx100", "flood": ["lab"], "rows": [{"mac": endpoint_mac(peer), "dst": underlay_address(peer)} for peer in peers]}],
    }


@contextmanager
def overlay() -> Iterator[Overlay]:
    with ExitStack() as resources:
        yield Overlay(resources)
