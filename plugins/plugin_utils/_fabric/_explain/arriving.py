# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The last leg: from the wire to the machine, on a host that a copy reaches."""

from __future__ import annotations

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import is_multicast
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import LOCAL, PORT, TUNNEL, Exit, Scene, port_ended, real_exit
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.crossing import Copy, Packet
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.facts import named, one, state_of, vlan_facts, vtep_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import OF_GATEWAY, UNLISTED
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import OWNERS
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Fact, Finding, Step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN


def is_aim(scene: Scene) -> bool:
    """Whether the destination is on this host, or may be: everybody is, and one that is not listed."""
    destination = scene.question.destination
    return destination.is_group or destination.kind == UNLISTED or scene.host == destination.host or scene.host in destination.hosts


def receiving_step(scene: Scene, copy: Copy, packet: Packet) -> Step:
    """Is the packet for this host, and does somebody listen?"""
    reading, port = scene.reading, packet.port
    listening = reading.listens(port)
    facts: list[Fact] = []
    findings: list[Finding] = []
    end = ""
    if is_multicast(copy.address):
        facts, findings, end = _membership(scene, copy.address)
    else:
        holder = reading.holder(copy.address)
        facts = [named(f"has {copy.address}", "yes", "" if holder is None else "yes" if holder else "no"), Fact("on interface", "", holder or "")]
        if holder == "":
            end = f"{scene.host} has no address {copy.address}, and passes the packet on or drops it"
            findings = [
                Finding(f"{scene.host} lost its VTEP address {copy.address}. It is the underlay's, not set by the fabric", f"ip address show to {copy.address}")
            ]
    facts.append(named(f"UDP port {port}", "open", "" if listening is None else "open" if listening else "closed"))
    if listening == [] and not end:
        end = f"nobody on {scene.host} listens on UDP port {port}: the packet is refused (ICMP port unreachable)"
        findings.append(Finding(f"no VXLAN interface of {scene.host} is up with this port", scene.deploy))
    text = (
        f"The packet is for {scene.host}, and its UDP port for the socket that VXLAN interfaces share (vxlan_rcv). A firewall may still drop it before: "
        f"that is not seen from here.",
    )
    look = (
        f"ss -uln 'sport = {port}'",
        *((f"ip maddress show | grep {copy.address}",) if is_multicast(copy.address) else (f"ip address show to {copy.address}",)),
    )
    return Step("The packet arrives", text, tuple(facts), look, tuple(findings), "", end)


def _membership(scene: Scene, group: str) -> tuple[list[Fact], list[Finding], str]:
    """Whether the host has joined the group (vxlan_igmp_join)."""
    members = scene.reading.members(group)
    device = scene.question.fabric.device(scene.host, scene.question.network)
    fact = named(f"member of {group} on", device or "", "" if members is None else ", ".join(members) or "no interface")
    if members is None or (members and (device is None or device in members)):
        return [Fact(fact.what, fact.wanted, fact.real)], [], ""
    where = f"only on {', '.join(members)}" if members else "nowhere"
    found = f"{scene.host} has joined {group} {where}: VXLAN interfaces join when they come up (vxlan_multicast_join; IGMP, MLD)"
    return [fact], [Finding(found, scene.deploy)], f"{scene.host} is not a member of {group} on {device or 'any interface'}, so nobody brings it the packet"


def interface_step(scene: Scene, packet: Packet) -> Step:
    """The VNI chooses the interface."""
    network, interface = scene.question.network, scene.real.interface if scene.known else None
    state = "" if not scene.known else str(interface.get("state", "")) if interface is not None else "missing"
    facts = [
        named("VNI of the packet", str(network.vni), str(packet.vni)) if scene.known else Fact("VNI of the packet", str(network.vni)),
        named("VNI of the interface", str(network.vni), "" if not scene.known else "none" if interface is None else _taken_vni(scene)),
        named(f"interface {scene.interface}", "up", state),
    ]
    if scene.reading.other_name:
        facts.append(named("its name", scene.interface, scene.reading.other_name))
    finding, end = _interface_ended(scene, packet) if scene.known else (None, "")
    text = (
        f"The VNI says which interface it belongs to (vxlan_vs_find_vni): {scene.interface}. The tunnel's headers are taken off, and the frame is as it was.",
    )
    findings = (Finding(finding, scene.deploy),) if finding else ()
    return Step("The VNI chooses the interface", text, tuple(facts), (f"ip -d link show {scene.real_interface}",), findings, "", end)


def _interface_ended(scene: Scene, packet: Packet) -> tuple[str | None, str]:
    """What is wrong here, and why the packet is not taken. What the sender did wrong was told there."""
    network, interface, name = scene.question.network, scene.real.interface, scene.real_interface
    dropped = f"no interface of {scene.host} takes VNI {packet.vni} on UDP port {packet.port}, and the packet is dropped (vxlan_rcv, vxlan_vs_find_vni)"
    if packet.vni != network.vni:
        return None, f"the packet has VNI {packet.vni}, which is that of another network on {scene.host}, or of none (vxlan_vs_find_vni)"
    if interface is None:
        return f"{scene.interface} is missing on {scene.host}", dropped
    if not scene.real.takes(network.vni):
        return f"{network.vni} is not in the VNI filter of {name}", dropped
    if scene.real.vni != network.vni:
        return f"{name} has VNI {scene.real.vni or 'none'}, not {network.vni}", dropped
    if interface.get("port") != scene.question.fabric.udp_port(scene.host, network):
        return f"{name} listens on UDP port {interface.get('port')}", dropped if interface.get("port") != packet.port else ""
    if interface.get("state") == "down":
        return f"{name} is down", f"{name} is down: it takes no packets"
    return None, "" if packet.port == interface.get("port") else dropped


def _taken_vni(scene: Scene) -> str:
    """The VNI that the interface takes for the network: its own, or one that its filter lets in and that has the VLAN."""
    network, side = scene.question.network, scene.real
    if not side.takes(network.vni):
        return "not in the filter"
    return str(side.vni or "none")


def learning_step(scene: Scene, sender: str) -> Step:
    """Where the frame came from: what is learned of it, or checked. sender: the outer source address that it really has."""
    question = scene.question
    network, mac = question.network, question.source.mac
    learning = one("learning", network.learning, scene.real.option("learning") if scene.known else None)
    wanted_row = next(iter(scene.wanted.rows_of(mac)), None) if mac else None
    real_row = next(iter(scene.real.rows_of(mac)), None) if mac and scene.known else None
    wanted_place = vtep_name(question, wanted_row.dst) if wanted_row else "learned" if network.learning else "none"
    real_place = f"{vtep_name(question, real_row.dst)}, {OWNERS[real_row.owner]}" if real_row else "none"
    findings, end = _learning_findings(scene, sender)
    differs = bool(findings) and real_row is not None
    if learning.differs:
        findings.insert(0, Finding(f"learning is {learning.real} on {scene.real_interface}, not {learning.wanted}", scene.deploy))
    facts = (learning, Fact(f"row of {mac or 'the source'}", wanted_place, real_place if scene.known else "", differs))
    wanted_end = ""
    own = question.fabric.address(str(question.source.host), network)
    if network.learning and wanted_row is not None and wanted_row.dst != own:
        wanted_end = f"{mac} is fixed behind {vtep_name(question, wanted_row.dst)} on {scene.host}, and {vtep_name(question, own)} sends it: it is dropped"
    look = (f"bridge fdb show dev {scene.real_interface}" + (f" | grep {mac}" if mac else ""),)
    return Step("Who sent it is learned or checked", _learning_text(scene), facts, look, tuple(findings), wanted_end, end)


def _learning_text(scene: Scene) -> tuple[str, ...]:
    if scene.question.network.learning:
        return (
            "Learning is on: the interface notes that the source's MAC address is behind the outer source address (vxlan_snoop; RFC 7348, section "
            "4.1). Where a fixed row says otherwise, it drops the frame instead: nobody can take the place of a known machine.",
        )
    return ("Learning is off: the interface notes nothing of the source and checks nothing (VXLAN_F_LEARN). Rows come from elsewhere.",)


def _learning_findings(scene: Scene, sender: str) -> tuple[list[Finding], str]:
    """A fixed row of another VTEP makes vxlan_snoop drop the frame."""
    question, mac = scene.question, scene.question.source.mac
    if not scene.known or mac is None:
        return [], ""
    wanted = next(iter(scene.wanted.rows_of(mac)), None)
    row = next(iter(scene.real.rows_of(mac)), None)
    if row is None:
        if wanted is not None:
            return [Finding(f"the row of the source, {mac}, is missing on {scene.real_interface}: answers to it are flooded", scene.deploy)], ""
        return [], ""
    if row.dst == sender or row.dst is None:
        return [], ""
    place = vtep_name(question, row.dst)
    if row.owner in ("learned", "extern_learn"):
        if scene.real.option("learning") and wanted is None:
            return [], ""
        return [Finding(f"{scene.real_interface} has the source behind {place} ({OWNERS[row.owner]}): answers go there", scene.deploy if wanted else "")], ""
    moved = question.source.home is not None and wanted is not None and wanted.dst == row.dst
    mend = f"say host: {question.source.host} in the inventory and deploy, if the machine moved" if moved else scene.deploy
    if not scene.real.option("learning"):
        return [Finding(f"{scene.real_interface} has the source behind {place}: answers go there", mend)], ""
    end = f"{scene.real_interface} has {mac} fixed behind {place}, and this packet came from {vtep_name(question, sender)}: vxlan_snoop drops it"
    return [Finding(f"the row of the source, {mac}, leads to {place}", mend)], end


def leaving_step(scene: Scene, by_tunnel: bool = True, is_flooded: bool = False) -> Step:
    """From the bridge to the machine. by_tunnel: whether the frame came by it, or from another machine of this host. is_flooded: others get it too."""
    destination = scene.question.destination
    real = real_exit(scene, towards_tunnel=False)
    if not is_aim(scene):
        return _nobody_step(scene, real, is_flooded)
    if destination.kind == OF_GATEWAY:
        return _gateway_step(scene, real)
    port = destination.port if scene.host == destination.host else None
    text = _leaving_text(scene, port) if by_tunnel else (f"{destination.name} is on this host: the frame goes from port to port (br_forward).",)
    facts = [_tunnel_fact(scene)] if by_tunnel else []
    findings, end = _tunnel_ended(scene) if by_tunnel else ([], "")
    if not destination.is_group:
        facts.append(_spot_fact(scene, port, real))
    if port is not None:
        master = scene.reading.masters.get(port) or str((scene.reading.link(port) or {}).get("master", ""))
        facts += [
            named(f"bridge of {port}", scene.bridge, (master or "none") if scene.known else ""),
            *vlan_facts(scene, port),
            Fact(f"state of {port}", "", state_of(scene.reading.link(port))),
        ]
    if scene.known and not end:
        more, end = _out_ended(scene, port, real)
        findings += more
    name = destination.name if destination.kind != UNLISTED else "whoever has the address"
    arrived = f"{'the machines of ' + scene.host + ' have it' if destination.is_group else name + ' has it'}"
    look = (
        f"bridge fdb show br {scene.bridge}" + (f" | grep {destination.mac}" if destination.mac and not destination.is_group else ""),
        f"bridge link show dev {port or scene.interface}",
    )
    unsure = destination.kind == UNLISTED
    there = None if not scene.known or (unsure and real.kind != PORT) else True
    real_end = end or (arrived if scene.known else "")
    return Step(
        "Out to the machine",
        text,
        tuple(facts),
        look,
        tuple(findings),
        arrived,
        real_end,
        wanted_arrives=None if unsure else True,
        real_arrives=not end and there,
    )


def _leaving_text(scene: Scene, port: str | None) -> tuple[str, ...]:
    learns = (
        "The bridge notes that the source is behind it (br_fdb_update)."
        if scene.question.network.flooding != EVPN
        else "The bridge notes nothing: BGP tells it."
    )
    first = f"The frame comes into {scene.bridge} by {scene.interface} like by any port. {learns}"
    if scene.question.destination.is_group:
        return (f"{first} It is flooded by all other ports (br_flood): every machine of the network that is plugged in here has it.",)
    where = f"the access port {port}" if port else "the port that it has heard it behind"
    return (f"{first} It looks the destination up and sends the frame out by {where}; while it has not heard the machine, by all ports but {scene.interface}.",)


def _tunnel_fact(scene: Scene) -> Fact:
    master = scene.reading.masters.get(scene.real_interface, "none")
    return named(f"bridge of {scene.interface}", scene.bridge, master if scene.known else "")


def _tunnel_ended(scene: Scene) -> tuple[list[Finding], str]:
    if not scene.known:
        return [], ""
    if scene.real.bridge is None:
        return [Finding(f"{scene.bridge} is missing on {scene.host}", scene.deploy)], f"there is no bridge {scene.bridge} on {scene.host}"
    if scene.real_interface not in scene.real.ports:
        master = scene.reading.masters.get(scene.real_interface)
        end = f"{scene.real_interface} is a port of {master}: the frame comes out in another network" if master else f"{scene.real_interface} is in no bridge"
        return [Finding(end.partition(":")[0], scene.deploy)], end
    if scene.real.bridge.get("state") == "down":
        return [Finding(f"{scene.bridge} is down", scene.deploy)], f"{scene.bridge} is down"
    return [], ""


def _spot_fact(scene: Scene, port: str | None, real: Exit) -> Fact:
    shown = (
        ""
        if not scene.known
        else f"{real.port}, {OWNERS[real.owner]}"
        if real.port
        else f"{scene.bridge} itself"
        if real.kind == LOCAL
        else "not heard: all ports"
    )
    wrong = bool(real.port) and (real.port == scene.real_interface or (port is not None and real.port != port))
    return Fact("destination is behind", f"{port or 'an access port'}, or not heard yet", shown, wrong)


def _out_ended(scene: Scene, port: str | None, real: Exit) -> tuple[list[Finding], str]:
    """Why the machine does not get it."""
    destination = scene.question.destination
    if real.kind == TUNNEL:
        end = f"the bridge has {destination.mac} behind {real.port}, where the frame came from, and sends no frame back (should_deliver)"
        return [
            Finding(f"{destination.mac} was last heard from another host: it is not on {scene.host}, or two have its MAC address", "look for the machine")
        ], end
    if real.kind == LOCAL:
        return [
            Finding(f"{destination.mac} is the MAC address of {scene.bridge} itself", "give the machine a MAC address of its own")
        ], "the host takes the frame itself"
    if port is None:
        return [], ""
    findings, end = port_ended(scene, port)
    if end:
        return list(findings), end
    if real.kind == PORT and real.port != port:
        end = f"the bridge has {destination.mac} behind {real.port}, not behind {port}"
        return [Finding(f"{destination.name} was heard behind {real.port}", "correct its port in the inventory, or plug it in where it belongs")], end
    return [], ""


def _gateway_step(scene: Scene, real: Exit) -> Step:
    destination, bridge = scene.question.destination, scene.bridge
    text = ("The gateway is the host itself: the bridge finds the destination among its own addresses and hands the frame up (br_pass_frame_up).",)
    mac = str((scene.real.bridge or {}).get("mac", "none")) if scene.known else ""
    fact = named(f"MAC of {bridge}", destination.mac or "", mac)
    findings, end = _tunnel_ended(scene)
    if scene.known and not end and real.kind != LOCAL and destination.mac is not None:
        findings, end = [Finding(f"{bridge} has the MAC address {mac}", scene.deploy)], f"{scene.host} does not take frames to {destination.mac}"
    arrived = f"the gateway on {scene.host} has it"
    real_end = end or (arrived if scene.known else "")
    there = not end if scene.known else None
    return Step(
        "Up to the gateway",
        text,
        (_tunnel_fact(scene), fact),
        (f"ip -d link show {bridge}",),
        tuple(findings),
        arrived,
        real_end,
        wanted_arrives=True,
        real_arrives=there,
    )


def _nobody_step(scene: Scene, real: Exit, is_flooded: bool) -> Step:
    """On a host that the destination is not on."""
    destination = scene.question.destination
    text = (f"By the inventory {destination.name} is not on {scene.host}. The bridge looks it up like any other address.",)
    shown = "" if not scene.known else f"{real.port}, {OWNERS[real.owner]}" if real.port else "not heard: all access ports"
    end = ""
    if scene.known:
        end = (
            f"the bridge has {destination.mac} behind {real.port}, where the frame came from, and sends no frame back (should_deliver)"
            if real.kind == TUNNEL
            else f"{destination.name} is not here; the machines of {scene.host} that get it drop it, because it is not for their MAC address"
        )
    moved: tuple[Finding, ...] = ()
    if real.kind == PORT:
        end = f"the bridge has {destination.mac} behind {real.port}, and sends it there"
        moved = (
            Finding(f"{destination.name} was heard on {scene.host}, behind {real.port}", f"say host: {scene.host} in the inventory if it moved, then deploy"),
        )
    wanted_end = f"{destination.name} is not on {scene.host}"
    return Step(
        "Nobody here is meant",
        text,
        (Fact("destination is behind", "no port of this host", shown),),
        (f"bridge fdb show br {scene.bridge}",),
        moved,
        wanted_end,
        end,
        real_arrives=real.kind == PORT,
        harmless=is_flooded,
    )
