# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The second leg: one copy of the frame in its tunnel packet, from the VXLAN interface to the wire."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import MAIN_TABLE
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC, is_multicast
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import Scene
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.facts import named, one, vtep_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.reading import forced_device, own_option
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import Found, Row, Side
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Fact, Finding, Step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import OVERHEAD

_LOCAL_TABLE = 255  # RT_TABLE_LOCAL, linux/rtnetlink.h


@dataclass(frozen=True)
class Copy:
    """One destination of the row. is_wanted, is_real: on which of the two sides it is."""

    row: Row
    is_wanted: bool
    is_real: bool

    @property
    def address(self) -> str:
        return str(self.row.dst)

    @property
    def is_flooded(self) -> bool:
        """One of many: where the destination is not, the end of a copy is no loss."""
        return self.row.mac == ZERO_MAC or is_multicast(self.address)

    @property
    def family(self) -> int:
        return 6 if ":" in self.address else 4


@dataclass(frozen=True)
class Packet:
    """What the other end sees of it: really, or as the inventory wants it where nobody looked. sender: its outer source address."""

    vni: int
    port: int
    sender: str


def packet_of(scene: Scene, copy: Copy) -> Packet:
    real, network = _real_side(scene) if copy.is_real else None, scene.question.network
    local = scene.question.fabric.address(scene.host, network)
    if real is None:
        return Packet(network.vni, scene.question.fabric.udp_port(scene.host, network), local)
    return Packet(copy.row.vni or real.vni or network.vni, int(copy.row.port or real.option("port") or network.port), own_option(real, "local") or local)


def _real_side(scene: Scene) -> Side | None:
    """Where there is a real interface to be looked at."""
    return scene.real if scene.known and scene.real.interface is not None else None


def header_step(scene: Scene, copy: Copy) -> Step:
    """The VXLAN header."""
    network, real = scene.question.network, _real_side(scene)
    fact = one("VNI", network.vni, (copy.row.vni or real.vni or "none") if real is not None else None)
    shown = int(fact.real) if fact.real.isdigit() else network.vni
    text: tuple[str, ...] = (
        f"{scene.interface} puts eight bytes before the frame (vxlan_build_skb; RFC 7348, section 5): 08 00 00 00 {_vni_bytes(shown)} 00. The 08 says that "
        f"there is a VNI, and the VNI {shown} that the frame is of network {network.name}. This number alone keeps networks apart.",
    )
    findings: tuple[Finding, ...] = ()
    if fact.differs:
        found = f"{scene.real_interface} has VNI {fact.real}: the others do not know these frames, or take them for another network's"
        findings = (Finding(found, scene.deploy),)
    if scene.wanted.vlan is None:
        return Step("The VXLAN header", text, (fact,), (f"ip -d link show {scene.real_interface}",), findings)
    text = (
        *text,
        f"{scene.interface} belongs to many networks: VLAN {scene.wanted.vlan} of the frame chooses the VNI (tunnel_info of its port).",
    )
    end = ""
    if fact.real == "none":
        findings = (Finding(f"VLAN {scene.wanted.vlan} has no VNI on {scene.real_interface}", scene.deploy),)
        end = f"VLAN {scene.wanted.vlan} has no VNI on {scene.real_interface}, and without one the interface drops the frame (vxlan_xmit)"
    return Step("The VXLAN header", text, (fact,), (f"bridge vlan tunnelshow dev {scene.real_interface}",), findings, real_end=end)


def _vni_bytes(vni: int) -> str:
    return vni.to_bytes(3, "big").hex(" ")


def outer_step(scene: Scene, copy: Copy) -> Step:
    """UDP and IP around it."""
    question, real, wanted = scene.question, _real_side(scene), scene.wanted
    local = question.fabric.address(scene.host, question.network)
    low, high = (real.option("port_range") or "").partition("-")[::2] if real is not None and isinstance(real.option("port_range"), str) else ("", "")
    facts = [
        Fact("UDP source port", "hash of the frame", f"hash of the frame, {low} to {high}" if low and low != "0" else ""),
        one("UDP destination port", wanted.option("port"), copy.row.port or (real.option("port") if real is not None else None)),
        named("outer source", local, str(real.option("local") or "chosen by the route") if real is not None else ""),
        Fact("outer destination", vtep_name(question, copy.address) if copy.is_wanted else "", vtep_name(question, copy.address) if copy.is_real else ""),
        Fact("TTL", "", _ttl(copy, real) if real is not None else ""),
    ]
    text = (
        "Around that come UDP and IP. The source port is a hash of the frame's headers (udp_flow_src_port), so that several paths of the underlay share the "
        "load and one conversation stays on one of them. The destination port is how the other end knows that this is VXLAN (IANA gave it 4789).",
    )
    findings, end = _outer_findings(scene, facts)
    look = (f"ip -d link show {scene.real_interface}", f"ip address show to {local}")
    return Step("UDP and IP around it", text, tuple(facts), look, tuple(findings), "", end)


def _ttl(copy: Copy, real: Side) -> str:
    """vxlan_xmit_one: 1 to a group and the system's default to a host, if the interface has none of its own."""
    ttl = real.option("ttl")
    if ttl not in (None, 0, "auto", "0"):
        return str(ttl)
    return "1 (a group, and none set: it passes no router)" if is_multicast(copy.address) else "the default of the system"


def _outer_findings(scene: Scene, facts: list[Fact]) -> tuple[list[Finding], str]:
    if _real_side(scene) is None:
        return [], ""
    findings = []
    by_name = {fact.what: fact for fact in facts}
    port, source = by_name["UDP destination port"], by_name["outer source"]
    if port.differs:
        findings.append(Finding(f"{scene.real_interface} sends to UDP port {port.real}: the others listen on {port.wanted}", scene.deploy))
    if source.differs:
        findings.append(Finding(f"{scene.real_interface} sends from {source.real}: the others know this host as {source.wanted}", scene.deploy))
    used = str(scene.real.option("local") or "")
    if used and scene.reading.holder(used) == "":
        found = f"no interface of {scene.host} has {used}, which is the source of its tunnels. VTEP addresses are the underlay's, not set by the fabric"
        findings.append(Finding(found, f"ip address add {used}/{32 if ':' not in used else 128} dev lo (or where it belongs)"))
        if ":" not in used:
            return findings, f"{used} is no address of {scene.host}, and the route lookup refuses such a source (ip_route_output_key_hash)"
    return findings, ""


def route_of(scene: Scene, copy: Copy) -> Found | None:
    """What the kernel answered for this copy."""
    side = _real_side(scene) or scene.wanted
    return scene.reading.route(copy.address, own_option(side, "local"), forced_device(side, copy.row))


def route_step(scene: Scene, copy: Copy) -> Step:
    """Which way the packet leaves."""
    question, route = scene.question, route_of(scene, copy)
    device = question.fabric.device(scene.host, question.network)
    facts = [named("device", device or "", "" if route is None else str(route["output"] or "none"))]
    if route is not None and not route["error"]:
        facts += [
            Fact("next hop", "", str(route["next_hop"] or "none: it is on the same segment") if route["type"] != "multicast" else "none: it is a group"),
            Fact("route", "", f"{route['type']}, table {_table(route['table'])}"),
        ]
        link = scene.reading.link(route["output"])
        facts += [Fact(f"state of {route['output']}", "", f"{link['state']}, {'with' if link['carrier'] else 'no'} carrier")] if link is not None else []
    forced = forced_device(_real_side(scene) or scene.wanted, copy.row)
    through = f" It has to leave by {forced}, the device of the interface." if forced else " The row names no device, so that routes alone decide."
    text = (
        f"The kernel looks for a route to {copy.address} as for any packet of its own (udp_tunnel_dst_lookup in vxlan_xmit_one).{through} What lies behind the "
        "device is the underlay's: routers, firewalls and cables are not seen from here, and verify tries them.",
    )
    findings, end = _route_findings(scene, copy, route)
    look = (f"ip route get {copy.address} {_route_words(scene, copy)}".rstrip(),)
    return Step("The route", text, tuple(facts), look, tuple(findings), "", end)


def _table(number: object) -> str:
    return {MAIN_TABLE: "main", _LOCAL_TABLE: "local"}.get(int(str(number)), str(number))


def _route_words(scene: Scene, copy: Copy) -> str:
    side = _real_side(scene) or scene.wanted
    local, device = own_option(side, "local"), forced_device(side, copy.row)
    return " ".join([*(["from", local] if local else []), *(["oif", device] if device else [])])


def _route_findings(scene: Scene, copy: Copy, route: Found | None) -> tuple[list[Finding], str]:
    if route is None or not copy.is_real:
        return [], ""
    if route["error"]:
        found = f"{scene.host} has no way to {copy.address}: {route['error']}. Routes are the underlay's, the fabric makes none"
        mend = "ip route show" if ":" not in copy.address else "ip -6 route show"
        return [Finding(found, f"add the route or start the routing daemon that makes it; {mend}")], f"there is no route to {copy.address} ({route['error']})"
    if route["type"] == "local":
        found = f"{copy.address} is an address of {scene.host} itself: the row leads back to where it starts (encap_bypass_if_local)"
        return [Finding(found, scene.deploy)], f"{copy.address} is this host itself"
    link = scene.reading.link(route["output"])
    if link is not None and (link["state"] == "down" or not link["carrier"]):
        state = "down" if link["state"] == "down" else "without carrier"
        return [Finding(f"{route['output']} is {state}", f"ip link show {route['output']}")], f"{route['output']} is {state}: nothing leaves by it"
    device = scene.question.fabric.device(scene.host, scene.question.network)
    if device and route["output"] != device:
        return [Finding(f"the packet leaves by {route['output']}, not by {device} as the inventory says", scene.deploy)], ""
    return [], ""


def size_step(scene: Scene, copy: Copy) -> Step:
    """What is left of the MTU."""
    question, real, route = scene.question, _real_side(scene), route_of(scene, copy)
    overhead, fabric, network = OVERHEAD[copy.family], question.fabric, question.network
    inner = fabric.mtu(scene.host, network)
    vtep = fabric.vteps[scene.host]
    outer = vtep.mtu or fabric.underlay_mtu
    real_inner = int(real.option("mtu")) if real is not None and real.option("mtu") else None
    real_outer = int(route["mtu"]) if route is not None and route["mtu"] else None
    facts = (
        one("MTU of the network", inner, real_inner),
        Fact("full packet", _sum(inner, overhead), _sum(real_inner, overhead)),
        one("MTU of the way", outer, real_outer),
        Fact("left", _left(inner, outer, overhead), _left(real_inner, real_outer, overhead)),
    )
    text = (
        f"Over {'IPv6' if copy.family == 6 else 'IPv4'} a frame grows by {overhead} bytes: its own header 14, VXLAN 8, UDP 8, IP {overhead - 30} (RFC 7348, "
        "section 4.3 wants no VTEP to cut packets into fragments). The full packet has to fit through every device on the way.",
    )
    findings, end = _size_findings(scene, copy, (inner, real_inner), (outer, real_outer))
    shown = route["output"] if route is not None and route["output"] else fabric.device(scene.host, network) or ""
    look = (f"ip link show {scene.real_interface}", *((f"ip link show {shown}",) if shown else ()))
    return Step("Does it fit?", text, facts, look, tuple(findings), "", end)


def _sum(inner: int | None, overhead: int) -> str:
    return f"{inner} + {overhead} = {inner + overhead}" if inner else ""


def _left(inner: int | None, outer: int | None, overhead: int) -> str:
    return str(outer - inner - overhead) if inner and outer else ""


def _size_findings(scene: Scene, copy: Copy, inners: tuple[int | None, int | None], outers: tuple[int | None, int | None]) -> tuple[list[Finding], str]:
    (inner, real_inner), (outer, real_outer) = inners, outers
    findings = []
    if inner and real_inner and inner != real_inner:
        what = "larger packets are not taken from the machines" if real_inner < inner else "larger packets are made than the underlay was measured for"
        findings.append(Finding(f"{scene.real_interface} has MTU {real_inner}, not {inner}: {what}", scene.deploy))
    if outer and real_outer and real_outer < outer:
        found = f"the way takes {real_outer} bytes, not the {outer} that the inventory says of the underlay"
        findings.append(Finding(found, "raise the MTU of the underlay, or say it in vxlan_vtep.mtu or vxlan_fabric.underlay.mtu"))
    if copy.is_real and real_inner and real_outer:
        over = real_inner + OVERHEAD[copy.family] - real_outer
        if over > 0:
            found = f"a full frame is {over} bytes too long: small ones pass (ping, ARP), large ones are cut into fragments or dropped"
            findings.append(Finding(found, scene.deploy))
    return findings, ""
