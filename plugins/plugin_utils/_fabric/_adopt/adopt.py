# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From running hosts to an inventory: what vtep_info read, as vxlan_fabric and vxlan_vtep, judged and compiled again.

Nothing is dropped in silence: what the inventory has no words for is a note, with host and object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import DEFAULT_PORT, natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt import describe, vteps
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.differences import compare_host
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.flooding import Flooding, deduce_flooding
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.names import name_networks
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.networks import Group, group_tunnels, pick_fabric_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import DEDUCED, OUT, Note, Told, gather
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.routing import describe_ports, describe_vrfs, split_transits, vrf_of_gateway
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import Found, SeenHost, Tunnel, most_frequent, see
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import HostState, compacted, expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import states_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import Reading, read_inventory
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILIES, FLOODING, GROUPS_OF_VTEPS, LEARNING, OVERHEAD

_Section = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """What was read of a host. found: of vtep_info, None where it failed. facts: ansible_facts. error: why it failed."""

    found: Found | None
    facts: Found = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Adopted:
    """fabric: the value of vxlan_fabric, vteps: of vxlan_vtep by host. groups: of VTEPs, with the hosts that were read. reading: of this
    inventory. states: what it comes to by host, empty where it has an error."""

    fabric: _Section
    vteps: Mapping[str, _Section]
    groups: Mapping[str, list[str]]
    reading: Reading
    states: Mapping[str, HostState]
    notes: Sequence[Told]


def adopt(read: Mapping[str, Read], groups: Mapping[str, Sequence[str]], fabric: str | None = None, names: Mapping[int, str] | None = None) -> Adopted:
    """groups: of the inventory that the hosts come from. fabric: its name; by default that of the marks. names: of networks, by VNI."""
    hosts = [see(name, read[name].found or {}, read[name].facts) for name in sorted(read, key=natural_key) if read[name].found is not None]
    notes = [Note(OUT, name, "host", f"not read: {entry.error}") for name, entry in read.items() if entry.found is None]
    addresses = vteps.vtep_addresses(hosts)
    name = pick_fabric_name(hosts, fabric)
    found, reasons = group_tunnels(hosts, name, addresses)
    networks, transits = split_transits(found, {group.vni: deduce_flooding(group.tunnels) for group in found})
    labels = name_networks(networks, names or {})
    by_name = {labels[group.vni]: group for group in networks}
    notes += reasons
    adopted = [host for host in hosts if any(host.name in group.hosts for group in networks)]
    notes += [Note(DEDUCED, host.name, "host", "has no network in the inventory, so it gets no vxlan_vtep") for host in hosts if host not in adopted]
    of_groups = _groups(groups, [host.name for host in adopted], notes)
    section, sections = _Draft(name, by_name, adopted, addresses, groups, notes).write(transits)
    hostvars = {host.name: {"vxlan_fabric": section, "vxlan_vtep": sections.get(host.name)} for host in adopted}
    reading = read_inventory(hostvars, of_groups) if adopted else Reading({}, [])
    states = states_of(reading.fabrics) if not reading.errors else {}
    for host in hosts if not reading.errors else ():
        notes += compare_host(expand(states.get(host.name, compacted(name, {}, {}, [], [], []))), host)
    return Adopted(section, sections, of_groups, reading, states, gather(notes))


def _groups(groups: Mapping[str, Sequence[str]], hosts: Sequence[str], notes: list[Note]) -> dict[str, list[str]]:
    """The groups of VTEPs. Hosts of none of them are taken for hypervisors."""
    first, *_others = GROUPS_OF_VTEPS
    found = {group: [host for host in hosts if host in groups.get(group, ())] for group in GROUPS_OF_VTEPS}
    homeless = [host for host in hosts if not any(host in members for members in found.values())]
    notes += [
        Note(DEDUCED, host, "host", f"is in none of the groups {', '.join(GROUPS_OF_VTEPS)}; deploy reaches it only in one, here it is in {first}")
        for host in homeless
    ]
    found[first] = sorted({*found[first], *homeless}, key=natural_key)
    return found


class _Draft:
    """The two sections, while they are made."""

    def __init__(
        self,
        name: str,
        groups: Mapping[str, Group],
        hosts: Sequence[SeenHost],
        addresses: Mapping[tuple[str, str], str],
        of_groups: Mapping[str, Sequence[str]],
        notes: list[Note],
    ) -> None:
        self._name, self._groups, self._addresses, self._of_groups, self._notes = name, groups, addresses, of_groups, notes
        self._hosts = {host.name: host for host in hosts}
        self._tunnels: dict[str, dict[str, Tunnel]] = {host.name: {} for host in hosts}
        for network, group in groups.items():
            for tunnel in group.tunnels:
                self._tunnels[tunnel.host][network] = tunnel
        self._flooding = {network: deduce_flooding(group.tunnels) for network, group in groups.items()}
        self._devices = {host: vteps.usual_device(tunnels.values()) for host, tunnels in self._tunnels.items()}
        self._own_addresses = {
            host: vteps.ordered_addresses([addresses[host, tunnel.name] for tunnel in tunnels.values()]) for host, tunnels in self._tunnels.items()
        }

    def write(self, transits: Mapping[str, int]) -> tuple[_Section, dict[str, _Section]]:
        """transits: L3VNI by VRF."""
        underlay = self._underlay()
        networks = {network: self._network(network, underlay) for network in self._groups}
        self._notes += describe.add_vlans(networks, self._groups)
        vrfs = describe_vrfs(self._hosts.values(), [network["vrf"] for network in networks.values() if "vrf" in network], transits)
        section: _Section = {"name": self._name}
        if networks:
            port = most_frequent(network["port"] for network in networks.values())
            flooding = most_frequent((network["flooding"] for network in networks.values()), order=FLOODING.index)
            section.update({"port": port} if port != DEFAULT_PORT else {}, **({"flooding": flooding} if flooding != LEARNING else {}))
            for network in networks.values():
                _drop(network, port=port, flooding=flooding)
        if underlay:
            section["underlay"] = {"mtu": min(underlay.values())}
        section.update({"vrfs": vrfs} if vrfs else {})
        section["networks"] = networks
        return section, {host: self._vtep(host, networks, underlay) for host in self._hosts}

    def _underlay(self) -> dict[str, int]:
        """The MTU below each host. Empty where it is not known of all, or where something runs that does not fit through it."""
        found = {host: vteps.underlay_mtu(self._hosts[host], tunnels.values(), self._addresses) for host, tunnels in self._tunnels.items()}
        known = {host: mtu for host, mtu in found.items() if mtu is not None}
        if not known or len(known) < len(found):
            return {}
        large = [(tunnel, known[host]) for host, tunnels in self._tunnels.items() for tunnel in tunnels.values() if not vteps.fits(tunnel, known[host])]
        for tunnel, mtu in large:
            takes = OVERHEAD[tunnel.family]
            sentence = f"MTU {tunnel.link['mtu']} and {takes} bytes of headers do not fit through the {mtu} of the underlay; its MTU is not in the inventory"
            self._notes.append(Note(DEDUCED, tunnel.host, tunnel.name, sentence))
        return {} if large else known

    def _network(self, name: str, underlay: Mapping[str, int]) -> _Section:
        group, flooding = self._groups[name], self._flooding[name]
        self._tell_votes(group, flooding)
        network = describe.describe_network(name, group, flooding, describe.word_members(group.hosts, self._of_groups))
        mtu = most_frequent(int(tunnel.link["mtu"]) for tunnel in group.tunnels)
        if not underlay or mtu != min(underlay[host] for host in group.hosts) - OVERHEAD[group.family]:
            network["mtu"] = mtu
        gateway = describe.describe_gateway(group, flooding)
        if gateway is not None:
            vrf = vrf_of_gateway(group)
            network.update({"vrf": vrf} if vrf else {})
            network["gateway"] = gateway
        endpoints, notes = describe.list_endpoints(name, group, flooding, gateway)
        self._notes += notes
        if endpoints:
            network["endpoints"] = endpoints
        return network

    def _tell_votes(self, group: Group, flooding: Flooding) -> None:
        for tunnel, vote in zip(group.tunnels, flooding.votes):
            if vote != flooding.word:
                sentence = f"looks like flooding: {vote}, while most hosts of VNI {group.vni} have {flooding.word}"
                self._notes.append(Note(DEDUCED, tunnel.host, tunnel.name, sentence))

    def _vtep(self, host: str, networks: Mapping[str, _Section], underlay: Mapping[str, int]) -> _Section:
        addresses, device = self._own_addresses[host], self._devices[host]
        vtep: _Section = {"address": addresses if len(addresses) > 1 else addresses[0]}
        if device is not None:
            vtep["device"] = device
        if underlay and underlay[host] != min(underlay.values()):
            vtep["mtu"] = underlay[host]
        ports = describe_ports(self._tunnels[host], {name: network.get("vlan") for name, network in networks.items()})
        if ports:
            vtep["ports"] = ports
        seats = {network: seat for network, tunnel in self._tunnels[host].items() if (seat := self._seat(network, networks[network], tunnel, underlay))}
        if seats:
            vtep["networks"] = seats
        self._tell_local(host)
        return vtep

    def _seat(self, name: str, network: _Section, tunnel: Tunnel, underlay: Mapping[str, int]) -> _Section:
        """What this host says differently."""
        group = self._groups[name]
        first = next(address for address in self._own_addresses[tunnel.host] if (":" in address) == (group.family == FAMILIES["ipv6"]))
        budget = min(underlay[host] for host in group.hosts) - OVERHEAD[group.family] if underlay else None
        usual = {
            "address": first,
            "device": self._devices[tunnel.host],
            "mtu": network.get("mtu", budget),
            "interface": network.get("interface", f"vx{group.vni}"),
            "bridge": network.get("bridge", f"br{group.vni}"),
        }
        own = {
            "address": self._addresses[tunnel.host, tunnel.name],
            "device": tunnel.device,
            "mtu": int(tunnel.link["mtu"]),
            "interface": tunnel.name,
            "bridge": tunnel.bridge_name,
        }
        return {key: value for key, value in own.items() if value is not None and value != usual[key]}

    def _tell_local(self, host: str) -> None:
        for tunnel in self._tunnels[host].values():
            if tunnel.local is None:
                sentence = f"has no 'local'; {self._addresses[host, tunnel.name]} is taken for its VTEP address"
                self._notes.append(Note(DEDUCED, host, tunnel.name, sentence))


def _drop(section: _Section, **usual: object) -> None:
    for key, value in usual.items():
        if section.get(key) == value:
            del section[key]
