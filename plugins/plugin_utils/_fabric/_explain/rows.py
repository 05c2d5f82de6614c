# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The row of the VXLAN interface: to which VTEPs the frame goes, and why."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import Scene
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.facts import vtep_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import UNLISTED
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import OWNERS, Row
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import Fact, Finding, Step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, HEAD_END, MULTICAST, NONE, POINT_TO_POINT


def row_step(scene: Scene, wanted: Sequence[Row], real: Sequence[Row]) -> Step:
    """The row of the VXLAN interface: to which VTEPs the frame goes."""
    mac = scene.question.destination.mac
    findings, end = _row_findings(scene, wanted, real) if scene.known else ([], "")
    facts = (
        Fact("row", _rows_shown(scene, wanted), _rows_shown(scene, real) if scene.known else "", bool(findings)),
        Fact("owner", _owners(wanted), _owners(real) if scene.known else ""),
    )
    is_flooded = not scene.real.rows_of(mac or "") if scene.known else False
    pattern = mac if mac and not scene.question.destination.is_group and not is_flooded else "00:00:00:00:00:00"
    wanted_end = "" if wanted else _wanted_nothing(scene)
    look = (f"bridge fdb show dev {scene.real_interface} | grep {pattern}",)
    return Step("The row of the VXLAN interface", _row_text(scene), facts, look, tuple(findings), wanted_end, end)


def _wanted_nothing(scene: Scene) -> str:
    network = scene.question.network
    if network.flooding == NONE:
        return f"network {network.name} does not flood (flooding: none), and no row leads to {scene.question.destination.name}"
    return f"there is no other member that network {network.name} could send it to"


def _row_text(scene: Scene) -> tuple[str, ...]:
    """Why there is a row, and whose it is, by the way in which the network floods."""
    network, destination = scene.question.network, scene.question.destination
    mac = destination.mac or "the MAC address"
    first = f"{scene.interface} looks for {mac} in its own table, which names a VTEP in place of a port (vxlan_xmit, vxlan_find_mac)."
    if destination.is_group:
        first = f"{scene.interface} has no row for {mac} and takes the one of 00:00:00:00:00:00, the flood list (vxlan_xmit)."
    else:
        first += " Without a row it takes that of 00:00:00:00:00:00, the flood list, and without that it drops the frame."
    how = {
        MULTICAST: f"This network floods by one packet to the group {network.group}, which the underlay copies to all members (RFC 7348, section 4.2).",
        POINT_TO_POINT: "This network has two ends: everything goes to the other one, which is the remote of the interface.",
        NONE: "In this network nothing floods: rows come from the inventory alone, and what has none is dropped.",
        EVPN: "In this network rows are made by a BGP daemon (EVPN, RFC 8365) and marked extern_learn. The fabric leaves them alone.",
    }.get(network.flooding, "This network floods by head-end replication: each of the other members gets a copy of its own (RFC 8365, section 5.1.1).")
    known = destination.mac is not None and any(endpoint.mac == destination.mac for endpoint in network.endpoints)
    if destination.is_group or destination.kind == UNLISTED or network.flooding in (NONE, EVPN):
        return first, how
    if known:
        return first, how, "The inventory knows this MAC address, so its row is fixed (permanent): it neither ages nor is it learned anew."
    learns = "The row is learned from frames that came from there (vxlan_snoop) and is forgotten after a while of silence."
    return first, how, learns if network.learning else "Nothing is learned from the underlay here, and the inventory does not know this address: it is flooded."


def _rows_shown(scene: Scene, rows: Sequence[Row]) -> str:
    if not rows:
        return "none"
    shown = [vtep_name(scene.question, row.dst) if row.dst else f"nexthop group {row.nexthop_group}" for row in rows]
    return ", ".join(shown) if len(shown) <= 6 else f"{', '.join(shown[:6])} and {len(shown) - 6} more"


def _owners(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys(OWNERS[row.owner] for row in rows))


def _row_findings(scene: Scene, wanted: Sequence[Row], real: Sequence[Row]) -> tuple[list[Finding], str]:
    """Wrong, missing and foreign rows. The end, where no copy is sent."""
    destination = scene.question.destination
    own = scene.real.rows_of(destination.mac) if destination.mac and not destination.is_group else ()
    findings = _own_row_findings(scene, wanted, own) if own else _flood_findings(scene, wanted, real)
    if any(row.nexthop_group is not None for row in real):
        return findings, "the row names a nexthop group (ip nexthop), and what is behind it is not followed here"
    if real:
        return findings, ""
    return findings, f"{scene.real_interface} has neither a row for {destination.mac or 'it'} nor a flood list: the frame is dropped and counted (tx_dropped)"


def _own_row_findings(scene: Scene, wanted: Sequence[Row], own: Sequence[Row]) -> list[Finding]:
    """Of a row of this very MAC."""
    destination, row = scene.question.destination, own[0]
    name, fixed = scene.real_interface, any(each.owner == "managed" and each.mac == destination.mac for each in wanted)
    goals = {each.dst for each in wanted}
    if destination.kind == UNLISTED:
        return []
    if row.dst not in goals:
        right = ", ".join(vtep_name(scene.question, goal) for goal in sorted(map(str, goals)))
        if row.owner == "learned":
            cause = "the kernel learned it: it was heard from there. The machine moved, or another one has its MAC address"
            mend = scene.deploy if fixed else "look for the machine; the row follows when it speaks"
        elif row.owner == "extern_learn":
            cause, mend = "a routing daemon set it: BGP has the machine elsewhere", f"vtysh -c 'show evpn mac vni {scene.question.network.vni}'"
        else:
            cause, mend = "it was set by hand, or deploy has not run since the inventory changed", scene.deploy
        return [Finding(f"{name} has {destination.mac} behind {vtep_name(scene.question, row.dst)}, not {right}; {cause}", mend)]
    if fixed and row.owner in ("learned", "extern_learn"):
        why = f"the row leads to the right VTEP, but it is {OWNERS[row.owner]} and not fixed: it is lost with silence or changes with the next frame"
        return [Finding(f"{why}; the fixed one is missing", scene.deploy)]
    return []


def _flood_findings(scene: Scene, wanted: Sequence[Row], real: Sequence[Row]) -> list[Finding]:
    """No row of this MAC: the flood list is what counts."""
    destination, network, name = scene.question.destination, scene.question.network, scene.real_interface
    findings = []
    if not destination.is_group and any(row.owner == "managed" and row.mac == destination.mac for row in wanted):
        instead = "so that the frame is flooded to everybody" if real else "and there is no flood list"
        findings.append(
            Finding(
                f"the row of {destination.mac} is missing on {name}, {instead}; somebody deleted it, or deploy has not run since the inventory changed",
                scene.deploy,
            )
        )
    if network.flooding == EVPN:
        if not destination.is_group or not real:
            findings.append(Finding("BGP has told nothing of this: is the daemon up, and are its neighbours?", "vtysh -c 'show bgp l2vpn evpn summary'"))
        return findings
    listed, goals = {row.dst for row in real}, {row.dst for row in scene.wanted.flood_list}
    kind = "flood list" if network.flooding in HEAD_END else "row of 00:00:00:00:00:00"
    lacking = {vtep_name(scene.question, address): "is missing in" for address in sorted(map(str, goals - listed))}
    more = {vtep_name(scene.question, address): "should not be in" for address in sorted(map(str, listed - goals - {None}))}
    return findings + [Finding(f"{who} {what} the {kind} of {name}", scene.deploy) for who, what in {**lacking, **more}.items()]
