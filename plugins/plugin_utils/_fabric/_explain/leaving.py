# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The first leg: from the machine to the row of the VXLAN interface, on the host of the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import (
    BLOCKED,
    FLOOD,
    LOCAL,
    PORT,
    TUNNEL,
    UNKNOWN,
    Exit,
    Scene,
    port_ended,
    real_exit,
    wanted_exit,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.facts import named, one, state_of, vlan_facts
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import OF_GATEWAY, UNLISTED
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import OWNERS, learned_behind
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Fact, Finding, Step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, NONE


def frame_step(scene: Scene) -> Step:
    """Who sends, and to which address."""
    question = scene.question
    source, destination = question.source, question.destination
    mtu = question.fabric.mtu(scene.host, question.network)
    size = f" It is at most {mtu + 14} bytes long: 14 of header, and {mtu} of content, which is the MTU of the network." if mtu else ""
    heard = learned_behind(scene.reading, source.port) if source.port else []
    other = bool(heard and source.mac and source.mac not in heard)
    facts = [Fact("source MAC", source.mac or "", _heard(scene, heard), other), Fact("destination MAC", destination.mac or "")]
    findings = []
    if other:
        found = f"behind {source.port} the bridge has heard {', '.join(heard[:3])}, and not {source.mac}: the machine has another MAC address"
        findings.append(Finding(found, "correct the MAC address in the inventory, or in the machine"))
    text = [f"{source.name} sends an Ethernet frame to {destination.name}.{size}"]
    if source.home is not None:
        text.append(f"The inventory has {source.name} on {source.home}; the question is what happens when it speaks from {scene.host}.")
    unknown = [machine.name for machine in (source, destination) if machine.mac is None]
    if unknown:
        why = "and no bridge has heard just one behind its port" if scene.known else "and nobody looked who was heard"
        text.append(f"The inventory does not know the MAC address of {' and '.join(unknown)}, {why}.")
    return Step("The frame", tuple(text), tuple(facts), findings=tuple(findings))


def _heard(scene: Scene, heard: Sequence[str]) -> str:
    """What the bridge has heard behind the port of the source."""
    if not scene.known or scene.question.source.port is None:
        return ""
    if scene.question.source.mac in heard:
        return str(scene.question.source.mac)
    return ", ".join(heard[:3]) if heard else "not heard lately"


def asking_step(scene: Scene) -> Step | None:
    """How the source has come to know the MAC address of the destination."""
    question = scene.question
    destination = question.destination
    if destination.is_group or not destination.addresses or destination.kind == UNLISTED:
        return None
    address = destination.addresses[0]
    ask = f"A machine that knows {destination.name} as {address} asks everybody: who has it?"
    asked = f"{ask} ({'neighbour solicitation, RFC 4861' if ':' in address else 'ARP, RFC 826'})"
    title = "Before it: how the source finds the MAC address"
    if destination.kind == OF_GATEWAY and destination.host == scene.host:
        return Step(title, (asked, _local_answer(scene)), _suppress_facts(scene), (f"bridge -d link show dev {scene.interface}",))
    flooding = question.network.flooding
    if flooding == NONE and destination.host != scene.host:
        return _proxy_step(scene, title, asked, address)
    if flooding == EVPN and destination.host != scene.host:
        answer = (
            f"The bridge answers for the machine what BGP has told (neigh_suppress on {scene.interface}, br_do_proxy_suppress_arp; RFC 9161), or floods "
            "the request where BGP has told nothing."
        )
        return Step(title, (asked, answer), _suppress_facts(scene), (f"ip neighbour show dev {scene.bridge}",))
    where = "is flooded as the walk of destination=broadcast shows" if destination.host != scene.host else "reaches it by the bridge of this host"
    return Step(title, (f"{asked} The request {where}, and the answer comes back as a frame to {question.source.name} alone.",))


def _local_answer(scene: Scene) -> str:
    several = len(scene.question.destination.hosts) > 1
    others = f" The other hosts with this gateway have the same address, and do not hear the request: {scene.interface} has neigh_suppress on."
    return f"The host itself answers, from bridge {scene.bridge}.{others if several else ''}"


def _suppress_facts(scene: Scene) -> tuple[Fact, ...]:
    wanted = scene.wanted.ports.get(scene.interface, {}).get("neigh_suppress")
    real = scene.real.ports.get(scene.real_interface, {}).get("neigh_suppress") if scene.known else None
    return (one("neigh_suppress", wanted, real),)


def _proxy_step(scene: Scene, title: str, asked: str, address: str) -> Step:
    """Where nothing floods, the VXLAN interface or the bridge answers from entries."""
    wanted, real = scene.wanted.neighbour(address), scene.real.neighbour(address)
    is_read = scene.known and scene.real.neighbours is not None
    if scene.wanted.vlan is not None:
        device = scene.question.fabric.routed_link(scene.host, scene.question.network)
        how = f"the bridge answers from the entry of {device} for {address} (br_do_proxy_suppress_arp; neigh_suppress)"
        switch = _suppress_facts(scene)[0]
    else:
        device, function = scene.interface, "neigh_reduce" if ":" in address else "arp_reduce"
        how = f"{device} answers itself from its entry for {address} ({function} in vxlan_core.c; proxy)"
        switch = one("proxy", scene.wanted.option("proxy"), scene.real.option("proxy") if scene.known else None)
    answer = f"Nothing floods in this network: {how}."
    findings = []
    if is_read and wanted and real != wanted:
        had = f"has {real}" if real else "has no entry"
        found = f"{device} {had} for {address}: a machine that does not know the MAC address already gets {'a wrong' if real else 'no'} answer"
        findings.append(Finding(found, scene.deploy))
    if switch.differs:
        findings.append(Finding(f"{switch.what} is off on {scene.real_interface}: nobody answers", scene.deploy))
    shown = (real or "no entry") if is_read else ""
    facts = (switch, Fact(f"entry for {address}", wanted or "no entry", shown, is_read and bool(wanted) and real != wanted))
    return Step(title, (asked, answer), facts, (f"ip neighbour show dev {device}",), tuple(findings))


def entering_step(scene: Scene) -> Step:
    """From the machine into the bridge."""
    source, bridge = scene.question.source, scene.bridge
    if source.kind == OF_GATEWAY:
        sentence = f"The gateway is the host itself: the frame starts at bridge {bridge} (br_dev_xmit), as if it came in by a port."
        findings, end = _ended(scene, None)
        return Step("Into the bridge", (sentence,), (_bridge_fact(scene),), (f"ip -d link show {bridge}",), findings, real_end=end)
    port = source.port or next((spot.port for spot in scene.real.spots.get(source.mac or "", ())), None)
    text = (
        f"It comes in by the access port {port or '(which the inventory does not name)'} of bridge {bridge} (br_handle_frame). The bridge notes "
        f"that {source.mac or 'its source'} is behind this port (br_fdb_update), so that answers find their way.",
    )
    facts = [_bridge_fact(scene)]
    if port:
        link = scene.reading.link(port)
        master = scene.reading.masters.get(port) or (str(link["master"]) if link else "")
        facts.append(named("bridge of " + port, bridge, (master or "none") if scene.known else ""))
        facts += [*vlan_facts(scene, port), Fact(f"state of {port}", "", state_of(link))]
    findings, end = _ended(scene, port)
    look = (f"bridge link show dev {port}",) if port else ()
    return Step("Into the bridge", text, tuple(facts), (*look, f"bridge fdb show br {bridge}"), (*findings, *_heard_elsewhere(scene, port)), real_end=end)


def _bridge_fact(scene: Scene) -> Fact:
    real = "" if not scene.known else str(scene.real.bridge.get("state", "")) if scene.real.bridge is not None else "missing"
    return named(f"bridge {scene.bridge}", "up", real)


def _ended(scene: Scene, port: str | None) -> tuple[tuple[Finding, ...], str]:
    """Why the frame does not get into the bridge, if it does not."""
    if not scene.known:
        return (), ""
    bridge, host = scene.bridge, scene.host
    if scene.real.bridge is None:
        return (Finding(f"{bridge} is missing on {host}: it was never deployed there, or somebody deleted it", scene.deploy),), f"there is no bridge {bridge}"
    if scene.real.bridge.get("state") == "down":
        return (Finding(f"{bridge} is down", scene.deploy),), f"{bridge} is down"
    if port is None:
        return (), ""
    return port_ended(scene, port)


def _heard_elsewhere(scene: Scene, port: str | None) -> Iterable[Finding]:
    """The bridge has the source behind another port than it should be."""
    for spot in scene.real.spots.get(scene.question.source.mac or "", ()):
        if port is not None and spot.port != port:
            told = f"the bridge has the source behind {spot.port} ({OWNERS[spot.owner]}): it was last heard there, and another machine may have its MAC address"
            yield Finding(told, f"look for a second {scene.question.source.mac}, or wait until the source has spoken")


def bridge_step(scene: Scene) -> Step:
    """Out of the bridge of the source's host."""
    wanted, real = wanted_exit(scene.question), real_exit(scene, towards_tunnel=True)
    destination = scene.question.destination
    facts = (_exit_fact(scene, wanted, real), *_port_facts(scene))
    findings, end = list(real.findings), real.ends
    if not end and real.kind not in (UNKNOWN, BLOCKED):
        more, end = _wrong_exit(scene, wanted, real)
        findings += more
    look = (f"bridge fdb show br {scene.bridge}" + (f" | grep {destination.mac}" if destination.mac and not destination.is_group else ""),)
    local = wanted == LOCAL
    wanted_end = f"{destination.name} is the host itself, which takes the frame (br_pass_frame_up). It never leaves {scene.host}" if local else ""
    if local and real.kind == LOCAL:
        end = wanted_end
    title = "The bridge looks the destination up"
    taken = (local and real.kind == LOCAL) or (destination.kind == UNLISTED and real.kind == PORT)
    return Step(title, _bridge_text(scene, wanted), facts, look, tuple(findings), wanted_end, end, wanted_arrives=local, real_arrives=taken)


def _bridge_text(scene: Scene, wanted: str) -> tuple[str, ...]:
    destination, interface = scene.question.destination, scene.interface
    if destination.is_group:
        return (
            f"{destination.mac} is a group address: the bridge floods the frame by all its ports but the one that it came by (br_flood). One of them is "
            f"{interface}; the other machines of this host get theirs directly.",
        )
    if wanted == LOCAL:
        return (f"{destination.mac or 'The address'} is the MAC address of {scene.bridge} itself (br_fdb_find_rcu finds a local row).",)
    if wanted == PORT:
        return (f"{destination.name} is behind another port of the same bridge: the frame goes there and needs no tunnel.",)
    return (
        f"The bridge looks for {destination.mac or 'the MAC address'} in its table (br_fdb_find_rcu). It is behind {interface} if the bridge has heard it from "
        "there; if not, the frame is flooded by all ports, and so by this one too.",
    )


def _exit_fact(scene: Scene, wanted: str, real: Exit) -> Fact:
    destination = scene.question.destination
    goal = {LOCAL: scene.bridge, PORT: destination.port or "an access port", TUNNEL: scene.interface}[wanted]
    if destination.is_group:
        return Fact("leaves by", "all ports", "all ports" if real.kind == FLOOD else "" if real.kind == UNKNOWN else "not by the tunnel", real.kind == BLOCKED)
    owner = f", {OWNERS[real.owner]}" if real.owner else ""
    shown = {
        UNKNOWN: "",
        LOCAL: f"{scene.bridge} itself",
        FLOOD: "all ports (address unknown)",
        BLOCKED: "nothing that leads on",
    }.get(real.kind, f"{real.port}{owner}")
    right = {LOCAL: real.kind == LOCAL, PORT: real.kind in (PORT, FLOOD), TUNNEL: real.kind in (TUNNEL, FLOOD)}[wanted]
    also = ", or all ports while the address is unknown" if wanted != LOCAL else ""
    return Fact("leaves by", goal + also, shown, real.kind != UNKNOWN and not right)


def _port_facts(scene: Scene) -> tuple[Fact, ...]:
    if wanted_exit(scene.question) != TUNNEL:
        return ()
    interface = scene.real.interface
    state = "" if not scene.known else str(interface.get("state", "")) if interface is not None else "missing"
    facts = [named(f"interface {scene.interface}", "up", state)]
    if scene.reading.other_name:
        facts.append(named("its name", scene.interface, scene.reading.other_name))
    return tuple(facts)


def _wrong_exit(scene: Scene, wanted: str, real: Exit) -> tuple[list[Finding], str]:
    """A way out that leads elsewhere than it should."""
    destination = scene.question.destination
    if real.kind == PORT and wanted != PORT:
        end = f"the bridge has {destination.mac} behind {real.port} ({OWNERS[real.owner]}), so that the frame leaves there"
        if destination.kind == UNLISTED:
            return [], f"{end}: the machine is on this host, and the frame needs no tunnel"
        found = f"{destination.mac} was heard behind {real.port} of this host: the machine moved here, or another one has its MAC address"
        return [Finding(found, f"say host: {scene.host} in the inventory if it moved, else find the second machine")], end
    if real.kind == PORT and destination.port not in (None, real.port):
        end = f"the bridge has {destination.mac} behind {real.port}, not behind {destination.port}"
        return [Finding(f"{destination.name} was heard behind {real.port}", "correct its port in the inventory, or plug it in where it belongs")], end
    if wanted == LOCAL and real.kind != LOCAL:
        mac = (scene.real.bridge or {}).get("mac", "none")
        other = Finding(f"{scene.bridge} has the MAC address {mac}, not that of the gateway", scene.deploy)
        return [other], f"{scene.host} does not take frames to {destination.mac}"
    if wanted == PORT and real.kind == TUNNEL:
        found = f"the bridge has {destination.mac} behind {real.port}: it was last heard from another host"
        return [Finding(found, "look for the machine where the row leads to, below")], ""
    if wanted == PORT and real.kind == LOCAL:
        return [Finding(f"{destination.mac} is the MAC address of {scene.bridge} itself", scene.deploy)], "the host takes the frame itself"
    return [], ""
