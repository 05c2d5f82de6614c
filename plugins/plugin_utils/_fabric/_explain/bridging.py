# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a bridge does with the frame: which way out it takes, as wanted and as found, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import BROADCAST_MAC, OF_GATEWAY, UNLISTED, Machine, Question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import Reading, Side, wanted_side
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Finding

# Ways out of a bridge. FLOOD: by all ports, BLOCKED: by none that leads on, UNKNOWN: nobody looked.
TUNNEL, PORT, LOCAL, FLOOD, BLOCKED, UNKNOWN = "tunnel", "port", "local", "flood", "blocked", "unknown"


@dataclass(frozen=True)
class Scene:
    """One host and what is known of it. question: with the MAC addresses that were found out."""

    question: Question
    host: str
    wanted: Side
    reading: Reading

    @property
    def interface(self) -> str:
        """Name of the VXLAN interface, by the inventory."""
        return self.question.fabric.interface(self.host, self.question.network)

    @property
    def real_interface(self) -> str:
        return str(self.reading.side.option("name") or self.interface)

    @property
    def bridge(self) -> str:
        return self.question.fabric.bridge(self.host, self.question.network)

    @property
    def known(self) -> bool:
        return self.reading.known

    @property
    def real(self) -> Side:
        return self.reading.side

    @property
    def deploy(self) -> str:
        return f"ansible-playbook -i INVENTORY vxlan.fabric.deploy -e target={self.host}"


def scene_of(question: Question, host: str, reading: Reading) -> Scene:
    return Scene(question, host, wanted_side(question.fabric, question.network, host), reading)


@dataclass(frozen=True)
class Exit:
    """port: by which one. owner: who told the bridge. ends: why the frame gets no further that way; the findings say what mends it."""

    kind: str
    port: str = ""
    owner: str = ""
    ends: str = ""
    findings: tuple[Finding, ...] = ()


def wanted_exit(question: Question) -> str:
    """Of the bridge of the source's host."""
    machine = question.destination
    if machine.is_group or machine.kind == UNLISTED or machine.host != question.source.host:
        return TUNNEL
    return LOCAL if machine.kind == OF_GATEWAY else PORT


def real_exit(scene: Scene, towards_tunnel: bool) -> Exit:
    """towards_tunnel: the frame comes from a machine and is to go by the tunnel; not so where it comes out of it."""
    if not scene.known:
        return Exit(UNKNOWN)
    bridge = scene.real.bridge
    if bridge is None:
        return Exit(BLOCKED, ends=f"there is no bridge {scene.bridge} on {scene.host}", findings=(_missing(scene),))
    machine = scene.question.destination
    if not machine.is_group and machine.mac is not None:
        if scene.real.is_own(machine.mac):
            return Exit(LOCAL)
        spots = scene.real.spots.get(machine.mac, ())
        if spots:
            spot = spots[0]
            kind = TUNNEL if spot.port == scene.real_interface else PORT
            blocked = _tunnel_port(scene) if kind == TUNNEL and towards_tunnel else None
            return blocked or Exit(kind, spot.port, spot.owner)
    return (_tunnel_port(scene) or _flag(scene, machine) if towards_tunnel else None) or Exit(FLOOD)


def _missing(scene: Scene) -> Finding:
    return Finding(f"{scene.bridge} is missing on {scene.host}: it was never deployed there, or somebody deleted it", scene.deploy)


def _tunnel_port(scene: Scene) -> Exit | None:
    """What keeps frames from leaving by the VXLAN interface."""
    name, interface = scene.real_interface, scene.real.interface
    if interface is None:
        why = f"{scene.host} has no VXLAN interface {scene.interface}"
        return _blocked(scene, why, f"{scene.interface} is missing on {scene.host}: it was never deployed there, or somebody deleted it")
    if name not in scene.real.ports:
        master = scene.reading.masters.get(name)
        where = f"is a port of {master}" if master else "is a port of no bridge"
        return _blocked(scene, f"{name} {where}, not of {scene.bridge}, so that no frame gets from here into the tunnel", f"{name} {where}")
    if scene.real.tagging(name) == "not in it":
        found = f"{name} is not in VLAN {scene.real.vlan}"
        return _blocked(scene, f"{found} of {scene.bridge}, so that no frame of network {scene.question.network.name} leaves by it (br_allowed_egress)", found)
    if interface.get("state") == "down":
        return _blocked(scene, f"{name} is down, and a bridge does not forward by such a port (br_forward, should_deliver)", f"{name} is down")
    return None


def _flag(scene: Scene, machine: Machine) -> Exit | None:
    """Whether the port floods frames of this kind (br_flood)."""
    flag = "bcast_flood" if machine.mac == BROADCAST_MAC else "mcast_flood" if machine.is_group else "flood"
    if scene.real.ports[scene.real_interface].get(flag, True):
        return None
    sort = {"bcast_flood": "broadcasts", "mcast_flood": "multicasts", "flood": "frames to unknown addresses"}[flag]
    return _blocked(scene, f"{scene.real_interface} has {flag} off: {sort} are not flooded by it (br_flood)", f"{flag} of {scene.real_interface} is off")


def _blocked(scene: Scene, why: str, found: str) -> Exit:
    return Exit(BLOCKED, ends=why, findings=(Finding(found, scene.deploy),))


def port_ended(scene: Scene, port: str) -> tuple[tuple[Finding, ...], str]:
    """The same of an access port, of the source or of the destination."""
    master, bridge, link = scene.reading.masters.get(port, ""), scene.bridge, scene.reading.link(port)
    if not master and link is not None:
        master = str(link["master"])
    if master and master != bridge:
        end = f"{port} is a port of {master}, not of {bridge}: what is plugged in there is in another network"
        return (Finding(f"{port} is in the wrong bridge, {master}", scene.deploy),), end
    if link is None and not master and "links" in scene.reading.under:
        made = "the machine does not run, or its interface has another name"
        return (Finding(f"there is no interface {port} on {scene.host}: {made}", "start the machine, then deploy"),), f"there is no interface {port}"
    if not master:
        return (Finding(f"{port} is in no bridge", scene.deploy),), f"{port} is a port of no bridge"
    if scene.real.tagging(port) == "not in it":
        found = f"{port} is not in VLAN {scene.real.vlan}"
        return (Finding(found, scene.deploy),), f"{found} of {bridge}, which is that of network {scene.question.network.name} (br_allowed_ingress)"
    if link is not None and link["state"] == "down":
        return (Finding(f"{port} is down; access ports are not the fabric's to switch", f"ip link set {port} up"),), f"{port} is down"
    if link is not None and not link["carrier"]:
        found = f"{port} has no carrier: nothing is plugged in, or the machine is off"
        return (Finding(found, "start the machine, or look at the cable"),), f"{port} has no carrier, and a bridge does not forward by such a port"
    return (), ""
