# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The whole walk, put together leg by leg: how far the frame gets as wanted, and how far it really gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.arriving import interface_step, learning_step, leaving_step, receiving_step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.bridging import PORT, TUNNEL, Scene, scene_of, wanted_exit
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.crossing import (
    Copy,
    Packet,
    header_step,
    outer_step,
    packet_of,
    route_step,
    size_step,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.facts import vtep_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.leaving import asking_step, bridge_step, entering_step, frame_step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import Machine, Question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.reading import completed, receivers_of, sent_copies, told_receivers
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.rows import row_step
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.sides import Reading, Row
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import (
    AS_WANTED,
    DIFFERS,
    ENDS,
    NOT_KNOWN,
    NOT_REACHED,
    Leg,
    Step,
    Walk,
)

_NOT_SEEN = "Firewalls, routers and cables between the hosts are not seen here: vxlan.fabric.verify sends packets through them."


@dataclass
class Track:
    """How far the frame got: whether it is still under way as wanted, and really. known: whether the host's state was read. error: why not.
    sure: all hosts before it were read, so that it is known that the frame got here."""

    known: bool
    error: str = ""
    wanted: bool = True
    real: bool = True
    sure: bool = True
    steps: list[Step] = field(default_factory=list)

    def add(self, step: Step | None) -> None:
        if step is None:
            return
        # What is not under way any more ends nowhere.
        told = replace(step, status=self._status(step))
        if not self.wanted:
            told = replace(told, wanted_end="", wanted_arrives=False)
        if not self.real or not self.known:
            told = replace(told, real_end="", real_arrives=None if self.real else False)
        elif told.real_arrives and not self.sure:
            told = replace(told, real_arrives=None)
        self.steps.append(told)
        self.wanted = self.wanted and not step.wanted_end
        self.real = self.real and not (step.real_end and self.known)

    def _status(self, step: Step) -> str:
        if not self.real:
            return NOT_REACHED
        if not self.known:
            return NOT_KNOWN if not self.wanted or not step.wanted_end or step.wanted_arrives is not False else ENDS
        if step.real_end and step.real_arrives is False and not step.harmless:
            return ENDS
        return DIFFERS if step.findings or any(fact.differs for fact in step.facts) else AS_WANTED

    def onward(self, reading: Reading, copy: Copy | None = None) -> Track:
        """The same frame, on another host or in a packet."""
        wanted = self.wanted and (copy is None or copy.is_wanted)
        real = self.real and (copy is None or copy.is_real or not self.known)
        return Track(reading.known, reading.error, wanted, real, self.sure and self.known)


def make_walk(question: Question, readings: Mapping[str, Reading], most: int = 4, real: bool = True) -> Walk:
    """readings: by host, of all that were looked at. most: hosts on which the arrival is told. real: whether any host was to be looked at."""
    asked = completed(question, readings)
    start = scene_of(asked, str(asked.source.host), readings.get(str(asked.source.host), Reading()))
    track = Track(start.reading.known, start.reading.error)
    for step in (frame_step(start), asking_step(start), entering_step(start), bridge_step(start)):
        track.add(step)
    wanted, found = sent_copies(start)
    by_tunnel = bool(found) or wanted_exit(asked) == TUNNEL
    if by_tunnel:
        track.add(row_step(start, wanted, found))
    elif wanted_exit(asked) == PORT:
        track.add(leaving_step(start, by_tunnel=False))
    legs = [Leg(f"On {start.host}", start.host, tuple(track.steps), track.error)]
    copies = _copies(wanted, found)
    told = told_receivers(asked, [copy.address for copy in copies], most)
    for copy in copies:
        legs += _copy_legs(start, track, copy, told[copy.address], readings)
    return _judged(asked, legs, _notes(asked, copies, told, by_tunnel), real)


def _copies(wanted: Sequence[Row], found: Sequence[Row]) -> list[Copy]:
    """Each destination once."""
    copies = {row.dst: Copy(row, is_wanted=False, is_real=True) for row in reversed(found) if row.dst is not None}
    for row in wanted:
        address = str(row.dst)
        copies[address] = replace(copies[address], is_wanted=True) if address in copies else Copy(row, is_wanted=True, is_real=False)
    return sorted(copies.values(), key=lambda copy: (not copy.is_wanted, natural_key(copy.address)))


def _copy_legs(start: Scene, track: Track, copy: Copy, hosts: Sequence[str], readings: Mapping[str, Reading]) -> list[Leg]:
    """The packet, and the hosts that it reaches."""
    question = start.question
    reached = receivers_of(question.fabric, copy.address, question)
    if reached and not hosts:
        return []
    name = vtep_name(question, copy.address)
    packet = track.onward(start.reading, copy)
    for step in (header_step(start, copy), outer_step(start, copy), route_step(start, copy), size_step(start, copy)):
        packet.add(step)
    if not reached:
        packet.add(_nowhere_step(name))
    side = "" if copy.is_wanted or copy.is_flooded or not start.known else " (not wanted by the inventory)"
    side = " (not sent)" if start.known and not copy.is_real else side
    sent = packet_of(start, copy)
    scenes = [scene_of(question, host, readings.get(host, Reading())) for host in hosts]
    legs = [Leg(f"In the tunnel from {start.host} to {name}{side}", start.host, tuple(packet.steps), packet.error)]
    return legs + [_arrival(scene, packet, copy, sent) for scene in scenes]


def _nowhere_step(name: str) -> Step:
    end = f"{name} is no VTEP that the inventory knows, so that nobody there brings the frame to its destination"
    return Step("Nobody is there", ("The packet leaves for an address that is not in the inventory.",), real_end=end, wanted_end=end)


def _arrival(scene: Scene, way: Track, copy: Copy, packet: Packet) -> Leg:
    track = way.onward(scene.reading)
    track.add(receiving_step(scene, copy, packet))
    track.add(interface_step(scene, packet))
    track.add(learning_step(scene, packet.sender))
    track.add(leaving_step(scene, is_flooded=copy.is_flooded))
    return Leg(f"On {scene.host}", scene.host, tuple(track.steps), track.error)


def _notes(question: Question, copies: Iterable[Copy], told: Mapping[str, Sequence[str]], by_tunnel: bool) -> tuple[str, ...]:
    """What is left out."""
    reached = {host for copy in copies for host in receivers_of(question.fabric, copy.address, question)}
    left = len(reached) - len({host for hosts in told.values() for host in hosts})
    notes = [f"{left} other members get a copy as well; -e explain_receivers={len(reached)} tells of all of them."] if left > 0 else []
    return (*notes, *([_NOT_SEEN] if by_tunnel else []))


def _judged(question: Question, legs: Sequence[Leg], notes: tuple[str, ...], real: bool) -> Walk:
    last = [leg.steps[-1] for leg in legs if leg.steps]
    wanted, found = [step.wanted_arrives for step in last], [step.real_arrives for step in last]
    if question.destination.is_group:
        receivers = [(step.wanted_arrives, step.real_arrives) for step in last if step.wanted_arrives]
        wanted_arrives: bool | None = bool(receivers)
        real_arrives = _all(value for _wanted, value in receivers) if receivers else False
    else:
        wanted_arrives, real_arrives = _any(wanted), _any(found)
    title = f"{_name(question.source)} on {question.source.host} -> {_name(question.destination)}{_place(question.destination)}"
    walk = Walk(question.fabric.name, question.network.name, title, tuple(legs), wanted_arrives, real_arrives if real else None, real, notes)
    return replace(walk, summary=_summary(walk))


def _any(values: Iterable[bool | None]) -> bool | None:
    listed = list(values)
    return True if True in listed else None if None in listed else False


def _all(values: Iterable[bool | None]) -> bool | None:
    listed = list(values)
    return False if False in listed else None if None in listed else True


def _name(machine: Machine) -> str:
    known = [text for text in (machine.mac, *machine.addresses) if text and text != machine.name]
    return f"{machine.name} ({', '.join(known)})" if known else machine.name


def _place(machine: Machine) -> str:
    return f" on {machine.host}" if machine.host and not machine.is_group else ""


def _summary(walk: Walk) -> str:
    wanted = {True: "By the inventory it arrives.", False: "By the inventory it does not arrive.", None: "The inventory does not say where it ends."}
    if not walk.real:
        end = next((step.wanted_end for step in walk.steps if step.wanted_end and step.wanted_arrives is False), "")
        return f"{wanted[walk.wanted_arrives]}{' ' + _sentence(end) if walk.wanted_arrives is False and end else ''} No host was looked at."
    if walk.real_arrives is None:
        blind = list(dict.fromkeys(f"{leg.host}: {leg.error}" for leg in walk.legs if leg.error))
        why = f" Not known: {'; '.join(blind)}." if blind else " It is flooded, and whoever has the address takes it."
        return f"{wanted[walk.wanted_arrives]} Whether it really does cannot be said.{why}{_differing(walk)}"
    if walk.real_arrives:
        return f"It arrives.{_differing(walk) or ' Every step is as the inventory wants it.'}"
    ends = next((f" {_sentence(step.real_end)} (step {number})." for number, step in enumerate(walk.steps, 1) if step.status == ENDS), "")
    return f"It does not arrive.{ends}{' The inventory does not want it to.' if walk.wanted_arrives is False else ''}{_differing(walk)}"


def _sentence(text: str) -> str:
    return f"It ends because {text}"


def _differing(walk: Walk) -> str:
    numbers = [str(number) for number, step in enumerate(walk.steps, 1) if step.findings and step.status != NOT_REACHED]
    if not numbers:
        return ""
    return f" Not as the inventory wants it: step {', '.join(numbers)}."
