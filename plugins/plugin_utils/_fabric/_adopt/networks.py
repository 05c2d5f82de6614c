# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Which VXLAN interfaces are one network, and whether the inventory has words for it.

A network is described on all of its hosts or on none: half of one would have deploy cut the other half off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import ZERO_MAC
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.flooding import deduce_flooding, has_no_address
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import OUT, Note
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import SeenHost, Tunnel, most_frequent
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, NONE


@dataclass(frozen=True)
class Group:
    """The VXLAN interfaces of one VNI, one on each host that carries it, in the order of the hosts. addresses: of the VTEPs, by host."""

    vni: int
    tunnels: tuple[Tunnel, ...]
    addresses: Mapping[str, str]

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(tunnel.host for tunnel in self.tunnels)

    @property
    def family(self) -> int:
        return self.tunnels[0].family

    @property
    def port(self) -> int:
        return self.tunnels[0].port


def pick_fabric_name(hosts: Iterable[SeenHost], wanted: str | None) -> str:
    """The name that is asked for, else that of the marks, else `adopted`."""
    marks = [tunnel.owner for host in hosts for tunnel in host.tunnels if tunnel.owner]
    return wanted or (most_frequent(marks) if marks else "adopted")


def group_tunnels(hosts: Sequence[SeenHost], fabric: str, addresses: Mapping[tuple[str, str], str]) -> tuple[list[Group], list[Note]]:
    """addresses: VTEP address by host and name of the interface. Networks that fit, by VNI, and why others do not."""
    notes: list[Note] = []
    by_vni: dict[int, list[Tunnel]] = {}
    for host in hosts:
        for tunnel in host.tunnels:
            if not _is_external(tunnel):
                by_vni.setdefault(tunnel.vni, []).append(tunnel)
            else:
                sentence = "one interface for many VNIs (external): its VNIs are not written down as networks"
                notes.append(Note(OUT, tunnel.host, tunnel.name, sentence))
    shared = _shared_bridges(hosts)
    external = {
        addresses[tunnel.host, tunnel.name]: tunnel.host
        for host in hosts
        for tunnel in host.tunnels
        if _is_external(tunnel) and (tunnel.host, tunnel.name) in addresses
    }
    groups = []
    for vni, tunnels in sorted(by_vni.items()):
        reasons = [*_reasons(tunnels, fabric, addresses, shared), *_behind_external(tunnels, external)]
        if reasons:
            notes += reasons
            told = {note.host for note in reasons}
            rest = f"VNI {vni} does not fit on {', '.join(sorted({str(note.host) for note in reasons}))}, so that it is left out here as well"
            notes += [Note(OUT, tunnel.host, tunnel.name, rest) for tunnel in tunnels if tunnel.host not in told]
        else:
            groups.append(Group(vni, tuple(tunnels), {tunnel.host: addresses[tunnel.host, tunnel.name] for tunnel in tunnels}))
    return groups, notes


def _is_external(tunnel: Tunnel) -> bool:
    return bool(tunnel.link.get("external")) or not tunnel.vni


def _behind_external(tunnels: Iterable[Tunnel], external: Mapping[str, str]) -> Iterator[Note]:
    """A host that has this VNI in an interface for many would be cut off."""
    for tunnel in tunnels:
        for address in sorted(tunnel.flood & external.keys()):
            yield Note(OUT, tunnel.host, tunnel.name, f"floods to {address}, {external[address]}, whose VNIs are in one interface (external)")


def _shared_bridges(hosts: Iterable[SeenHost]) -> set[tuple[str, str]]:
    """By host and name: bridges with more than one VXLAN interface."""
    names = Counter((tunnel.host, tunnel.bridge_name) for host in hosts for tunnel in host.tunnels if tunnel.bridge_name is not None)
    return {(host, str(name)) for (host, name), count in names.items() if count > 1}


def _reasons(tunnels: Sequence[Tunnel], fabric: str, addresses: Mapping[tuple[str, str], str], shared: set[tuple[str, str]]) -> Iterator[Note]:
    """Why the inventory has no words for this network."""
    family = most_frequent(tunnel.family for tunnel in tunnels)
    port = most_frequent(tunnel.port for tunnel in tunnels)
    seen: dict[str, str] = {}
    for tunnel in tunnels:
        for sentence in _of_one(tunnel, fabric, shared):
            yield Note(OUT, tunnel.host, tunnel.name, sentence)
        if tunnel.family != family:
            yield Note(
                OUT, tunnel.host, tunnel.name, f"tunnels over {FAMILY_NAMES[tunnel.family]}, while others of VNI {tunnel.vni} are over {FAMILY_NAMES[family]}"
            )
        if tunnel.port != port:
            yield Note(OUT, tunnel.host, tunnel.name, f"UDP port {tunnel.port}, while others of VNI {tunnel.vni} use {port}")
        if tunnel.host in seen:
            yield Note(OUT, tunnel.host, tunnel.name, f"VNI {tunnel.vni} a second time, {seen[tunnel.host]} has it as well")
        seen.setdefault(tunnel.host, tunnel.name)
        if (tunnel.host, tunnel.name) not in addresses:
            yield Note(OUT, tunnel.host, tunnel.name, f"no VTEP address is known: neither 'local' nor an address of {tunnel.device or 'the host'}")
    yield from _of_all(tunnels)


def _of_one(tunnel: Tunnel, fabric: str, shared: set[tuple[str, str]]) -> Iterator[str]:
    for owner, name in ((tunnel.owner, tunnel.name), (tunnel.bridge_owner, tunnel.bridge_name)):
        if owner and owner != fabric:
            yield f"{name} carries the mark of fabric {owner}; adopt that one with -e adopt_fabric={owner}"
    if tunnel.bridge_name is None:
        yield "it is in no bridge, and every network of the inventory is one"
    elif (tunnel.host, tunnel.bridge_name) in shared:
        yield f"its bridge {tunnel.bridge_name} has several VXLAN interfaces"


def _of_all(tunnels: Sequence[Tunnel]) -> Iterator[Note]:
    if len({tunnel.host for tunnel in tunnels}) == 1 and tunnels[0].flood:
        (tunnel, *_more) = tunnels
        yield Note(OUT, tunnel.host, tunnel.name, f"all of its other ends are hosts that were not read ({', '.join(sorted(tunnel.flood))})")
    gateways = {tunnel.host: tunnel.gateway for tunnel in tunnels if tunnel.gateway}
    if len(gateways) > 1 and len(set(gateways.values())) > 1:
        for tunnel in tunnels:
            if tunnel.gateway:
                sentence = f"{tunnel.bridge_name} has the addresses {', '.join(tunnel.gateway)}, other hosts have others; a gateway has the same on each host"
                yield Note(OUT, tunnel.host, tunnel.name, sentence)
    if deduce_flooding(tunnels).word == NONE:
        known = {mac for tunnel in tunnels for mac in tunnel.machines}
        for tunnel in tunnels:
            homeless = sorted(mac for mac in tunnel.machines if has_no_address(mac, tunnels))
            if homeless:
                yield Note(OUT, tunnel.host, tunnel.name, f"nothing floods, and no neighbour entry says the address of {', '.join(homeless)}")
            elif not known:
                yield Note(OUT, tunnel.host, tunnel.name, f"nothing floods, and no machine is known: neither rows of {ZERO_MAC} nor of others")
