# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What has to be read, and where: first at both ends, then where the rows that were found there lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC, is_multicast
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import FLOOD, TUNNEL, Scene, real_exit, scene_of, wanted_exit
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import ENDPOINT, Machine, Question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import Reading, Row, Side, learned_behind, reading_of, wanted_side
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.drift import reason_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, NONE, Fabric

Result = Mapping[str, Any]
HostVars = Mapping[str, Mapping[str, Any]]

# Where the role keeps what the tasks returned.
_STATES, _UNDERLAYS = ("explain_state", "explain_more"), "explain_underlay"


def ends_of(question: Question) -> list[str]:
    """The hosts at which the frame begins and ends, by the inventory."""
    found = [question.source.host, question.source.home, None if question.destination.is_group else question.destination.host]
    return list(dict.fromkeys(host for host in found if host))


def readings_of(question: Question, hostvars: HostVars, hosts: Iterable[str]) -> dict[str, Reading]:
    """By host, what the tasks of the role returned."""
    return {host: _reading(question, hostvars, host) for host in hosts}


def _reading(question: Question, hostvars: HostVars, host: str) -> Reading:
    variables = hostvars[host]
    states = [result for result in (variables.get(name) for name in _STATES) if result and not result.get("skipped")]
    under = variables.get(_UNDERLAYS)
    looked_under = under if under and not under.get("skipped") else {}
    error = reason_of(*states, looked_under)
    return reading_of(question.fabric, question.network, host, states[0] if states else None, looked_under, error)


def completed(question: Question, readings: Mapping[str, Reading]) -> Question:
    """With the MAC addresses of machines that the inventory has none of, where the bridge of their host has heard just one."""
    return replace(question, source=_with_mac(question.source, readings), destination=_with_mac(question.destination, readings))


def _with_mac(machine: Machine, readings: Mapping[str, Reading]) -> Machine:
    if machine.mac is not None or machine.kind != ENDPOINT or machine.host is None or machine.host not in readings:
        return machine
    heard = learned_behind(readings[machine.host], machine.port)
    return replace(machine, mac=heard[0]) if len(heard) == 1 else machine


def wanted_copies(question: Question, side: Side) -> tuple[Row, ...]:
    """The rows of the source's VXLAN interface that the frame is sent by, as the inventory wants it. With learning, a machine whose host is known
    has been heard; with EVPN, BGP has told."""
    machine = question.destination
    fixed = side.rows_of(machine.mac) if machine.mac and not machine.is_group else ()
    if fixed:
        return fixed
    network = question.network
    known = machine.kind != "unlisted" and not machine.is_group and machine.host not in (None, question.source.host)
    if known and (network.learning or network.flooding == EVPN):
        address = question.fabric.address(str(machine.host), network)
        return (Row(machine.mac or "", address, "learned" if network.learning else "extern_learn"),)
    if network.flooding == EVPN and machine.is_group:
        return tuple(Row("", question.fabric.address(host, network), "extern_learn") for host in network.members if host != question.source.host)
    return () if network.flooding == NONE else side.flood_list


def real_copies(question: Question, side: Side) -> tuple[Row, ...]:
    """The same as the kernel does it: the row of the MAC, else the flood list (vxlan_xmit)."""
    mac = question.destination.mac
    found = side.rows_of(mac) if mac else ()
    return found or side.flood_list


def receivers_of(fabric: Fabric, address: str, question: Question) -> list[str]:
    """The hosts that a copy reaches: those of a VTEP address, or the members of a group."""
    network = question.network
    if is_multicast(address):
        return [host for host in network.members if host != question.source.host]
    members = [host for host in network.members if fabric.address(host, network) == address]
    return members or [host for host, vtep in fabric.vteps.items() if address in (*vtep.addresses.values(), *vtep.others)]


def next_reading(question: Question, readings: Mapping[str, Reading], available: Sequence[str], most: int) -> dict[str, Any]:
    """`hosts`: all that are looked at, `new`: those whose overlay was not read yet, `ask`: by host, the options of underlay_info."""
    complete = completed(question, readings)
    start = str(complete.source.host)
    rows = list(copies_told(scene_of(complete, start, readings.get(start, Reading()))))
    own = readings[start].side.option("port") if start in readings else None
    ports = {int(port) for port in (own, *(row.port for row in rows)) if port}
    told = told_receivers(complete, [str(row.dst) for row in rows if row.dst], most)
    hosts = [host for host in dict.fromkeys((*ends_of(question), *(host for hosts in told.values() for host in hosts))) if host in available]
    return {
        "hosts": hosts,
        "new": [host for host in hosts if host not in readings],
        "ask": {host: _ask(complete, host, rows if host == start else (), readings.get(host), ports) for host in hosts},
    }


def sent_copies(scene: Scene) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The copies that leave the host of the source by its tunnel: wanted ones and real ones."""
    question, by_tunnel = scene.question, wanted_exit(scene.question) == TUNNEL
    wanted = wanted_copies(question, scene.wanted) if by_tunnel else ()
    kind = real_exit(scene, towards_tunnel=True).kind
    leaves = kind == TUNNEL or (kind == FLOOD and by_tunnel)
    real = real_copies(question, scene.real) if leaves else ()
    if all(row.owner == "learned" for row in wanted) and real and all(row.mac == ZERO_MAC for row in real):
        # Nobody has heard the machine yet: flooding is as right as the row that will be learned.
        wanted = scene.wanted.flood_list
    return wanted, real


def copies_told(scene: Scene) -> tuple[Row, ...]:
    """Wanted and real copies, each destination once."""
    found: dict[tuple[object, ...], Row] = {}
    for rows in reversed(sent_copies(scene)):
        for row in rows:
            found.setdefault((row.dst, row.port, row.vni), row)
    return tuple(found.values())


def told_receivers(question: Question, addresses: Iterable[str], most: int) -> dict[str, list[str]]:
    """By destination address, the hosts whose steps are told: that of the destination first, at most so many in all."""
    aim = None if question.destination.is_group else question.destination.host
    reached = {address: receivers_of(question.fabric, address, question) for address in dict.fromkeys(addresses)}
    everybody = list(dict.fromkeys(host for hosts in reached.values() for host in hosts))
    everybody.sort(key=lambda host: host != aim)
    chosen = set(everybody[: max(most, 1)])
    return {address: [host for host in hosts if host in chosen] for address, hosts in reached.items()}


def _ask(question: Question, host: str, rows: Iterable[Row], reading: Reading | None, sent: Iterable[int]) -> dict[str, Any]:
    """Options of underlay_info. Routes are asked for with the source and device that the interface has; the inventory's, where there is none.
    sent: UDP ports that packets are sent to."""
    fabric, network = question.fabric, question.network
    side = wanted_side(fabric, network, host)
    real = reading.side if reading is not None and reading.known and reading.side.interface is not None else side
    address = fabric.address(host, network) if host in network.members else None
    local, device = own_option(real, "local"), own_option(real, "device")
    groups = [network.group] if network.group else []
    ports = {fabric.udp_port(host, network), *([int(real.option("port"))] if real.option("port") else [])} if host in fabric.vteps else set()
    machines = [machine.port for machine in (question.source, question.destination) if machine.host == host and machine.port]
    links = [*machines, *side.ports, str((side.interface or {}).get("name", "")), str((side.bridge or {}).get("name", "")), device]
    return {
        "routes": [
            {"address": row.dst, "source": local, "device": forced_device(real, row), "port": row.port or real.option("port") or network.port}
            for row in rows
            if row.dst and _same_family(row.dst, local)
        ],
        "addresses": sorted({text for text in (address, local) if text}),
        "ports": sorted({*ports, *sent}),
        "groups": groups,
        "links": list(dict.fromkeys(link for link in links if link)),
    }


def own_option(side: Side, name: str) -> str:
    """`local` or `device` of a VXLAN interface, empty where it has none."""
    value = side.option(name)
    return "" if value in (None, "none") else str(value)


def forced_device(side: Side, row: Row) -> str:
    """The device that the packet has to leave by. Only the default destination has that of the interface (__vxlan_dev_create); any
    other row has its own or none, and then routes decide (rdst->remote_ifindex in vxlan_xmit_one)."""
    return row.via or (own_option(side, "device") if row.owner == "default" else "")


def _same_family(address: str, local: str) -> bool:
    return not local or (":" in address) == (":" in local)
