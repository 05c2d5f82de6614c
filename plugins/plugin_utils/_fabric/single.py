# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The state of a host of style single: one VXLAN interface for all networks, and a VLAN-aware bridge that gives each VLAN its VNI.

Of each family and UDP port there is one interface, because an interface sends to one port, and its list of destinations has one family.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import Entry, HostState, compacted, defaults_of, without
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, MULTICAST, NONE, Network, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.peers import Shared, neighbours_of, vrfs_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.ranges import runs

# The bridge port of a VXLAN interface is the fabric's own: its flags are said, so that a changed one is found.
# Access ports belong to the machines behind them: only that they are in the bridge is said, and in which VLANs.
TUNNEL_PORT_FLAGS = {
    "flood": True,
    "mcast_flood": True,
    "bcast_flood": True,
    "hairpin": False,
    "isolated": False,
}


@dataclass
class _Device:
    """A VXLAN interface, as networks are added."""

    port: int
    family: int
    networks: list[Network] = field(default_factory=list)
    floods: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    rows: list[Entry] = field(default_factory=list)


class SingleDraft:
    """What one host gets, network by network."""

    def __init__(self, shared: Shared, vtep: Vtep) -> None:
        self._shared = shared
        self._vtep = vtep
        self._devices: dict[str, _Device] = {}
        self._peers: dict[str, list[str]] = {}
        self._vlan_interfaces: list[Entry] = []
        self._inside: list[int] = []
        self._bridge = ""
        self._mac: str | None = None

    def add(self, network: Network) -> None:
        fabric, host = self._shared.fabric, self._vtep.host
        vlan = network.vlan or 0  # lint refuses a network without one
        self._bridge = fabric.bridge(host, network)
        device = self._devices.setdefault(fabric.interface(host, network), _Device(network.port, network.family))
        device.networks.append(network)
        flood = self._shared.flood_with_line(network)
        for label in flood:
            self._peers[label] = self._shared.carriers[network.name].peers_of(host)
        if flood:
            device.floods.setdefault(tuple(flood), []).append(network.vni)
        for machine in self._shared.elsewhere(network, host):
            device.rows.append({"mac": machine.mac, "dst": machine.dst, "src_vni": network.vni})
            if network.flooding == NONE:
                # The bridge answers ARP only for whom it knows to be behind the port (br_do_proxy_suppress_arp of br_arp_nd_proxy.c).
                device.rows.append({"mac": machine.mac, "vlan": vlan, "table": "master", "state": "static"})
        if fabric.is_in_host(host, network):
            self._inside.append(vlan)
        if network.gateway is not None and network.has_gateway(host):
            self._mac = self._mac or network.gateway.mac
        if network.has_gateway(host) or network.flooding == NONE or network.is_transit:
            self._vlan_interfaces.append(self._vlan_interface(network, vlan))

    def _vlan_interface(self, network: Network, vlan: int) -> Entry:
        """What is routed enters and leaves the VLAN here, and ARP is answered from its neighbours. Its MAC address is that of the bridge."""
        fabric, host = self._shared.fabric, self._vtep.host
        has_gateway = network.has_gateway(host)
        arguments: dict[str, Any] = {
            "name": fabric.routed_link(host, network),
            "state": "up",
            "device": self._bridge,
            "vlan": vlan,
            "mtu": network.mtu,
            "master": ((network.vrf if has_gateway or network.is_transit else None) or "none") if fabric.vrfs else None,
            "addresses": list(network.gateway.addresses) if network.gateway is not None and has_gateway else [],
            "addrgenmode": "none",
        }
        if network.flooding == NONE or fabric.routes_to_others(host, network):
            arguments["neighbours"] = neighbours_of(self._shared.elsewhere(network, host))
        elif network.flooding != EVPN:
            arguments["neighbours"] = []
        return {key: value for key, value in arguments.items() if value is not None}

    def state(self) -> HostState:
        fabric = self._shared.fabric
        if not self._devices:
            return compacted(fabric.name, {}, {}, [], [], [])
        defaults = {"vlan_interface": defaults_of(self._vlan_interfaces)}
        return compacted(
            fabric.name,
            defaults,
            self._peers,
            [self._interface(name, device) for name, device in self._devices.items()],
            [self._bridge_entry()],
            [_fdb(name, device) for name, device in self._devices.items()],
            vnis={name: _vnis(device.networks) for name, device in self._devices.items()},
            vlan_interfaces=[without(entry, defaults["vlan_interface"]) for entry in self._vlan_interfaces],
            vrfs=vrfs_of(fabric, self._vtep.host),
        )

    def _interface(self, name: str, device: _Device) -> Entry:
        arguments = {
            "name": name,
            "state": "up",
            "external": True,
            "vnifilter": True,
            "port": device.port,
            "local": self._vtep.addresses[device.family],
            "learning": device.networks[0].learning,
            "mtu": _mtu(device.networks) or ("auto" if self._vtep.device is not None else None),
            "addrgenmode": "none",
            "device": self._vtep.device,
        }
        return {key: value for key, value in arguments.items() if value is not None}

    def _bridge_entry(self) -> Entry:
        tunnels = [_tunnel_port(name, device.networks, self._vtep.host) for name, device in self._devices.items()]
        arguments = {
            "name": self._bridge,
            "state": "up",
            "stp": False,
            "mcast_snooping": False,
            "vlan_filtering": True,
            # 0: a port that is added is in no VLAN until something says so (br_vlan_set_default_pvid).
            "vlan_default_pvid": 0,
            "mtu": _mtu([network for device in self._devices.values() for network in device.networks]),
            "mac": self._mac,
            "addresses": [],
            "addrgenmode": "none",
            "vlans": _members(self._inside),
            "ports": [*tunnels, *self._access_ports()],
            "purge": "managed",
        }
        return {key: value for key, value in arguments.items() if value is not None}

    def _access_ports(self) -> list[Entry]:
        networks, vtep = self._shared.fabric.networks, self._vtep
        found: dict[str, list[Entry]] = {port: [_native(networks[name])] for name, ports in vtep.ports.items() for port in ports}
        for port, trunk in vtep.trunks.items():
            native = [_native(networks[trunk.native])] if trunk.native is not None else []
            found[port] = [*_members(networks[name].vlan or 0 for name in trunk.networks), *native]
        return [{"name": port, "vlans": found[port]} for port in sorted(found, key=natural_key)]


def _native(network: Network) -> Entry:
    return {"vlan": network.vlan, "pvid": True, "untagged": True}


def _members(vlans: Iterable[int]) -> list[Entry]:
    """VLANs whose frames are tagged."""
    return [{"vlan": word} for (word,) in runs([vlan] for vlan in vlans)]


def _mtu(networks: Iterable[Network]) -> int | None:
    """The largest: an interface that several networks share cannot have the MTU of each. None: that of one is left to the host."""
    found = [network.mtu for network in networks]
    return None if None in found else max(mtu for mtu in found if mtu is not None)


def _tunnel_port(name: str, networks: list[Network], host: str) -> Entry:
    """neigh_suppress is said for the whole port, as the kernel has it for single VLANs only from 6.4 on (neigh_vlan_suppress). A network that needs
    it: one with a gateway, whose address other hosts have as well; one that BGP EVPN or the inventory knows all machines of."""
    suppress = any(network.has_gateway(host) or network.flooding in (EVPN, NONE) for network in networks)
    return {
        "name": name,
        **TUNNEL_PORT_FLAGS,
        "learning": all(network.flooding != EVPN for network in networks),
        "neigh_suppress": suppress,
        "vlan_tunnel": True,
        "vlans": _members(network.vlan or 0 for network in networks),
        "tunnels": [{"vlan": vlan, "vni": vni} for vlan, vni in runs((network.vlan or 0, network.vni) for network in networks)],
    }


def _vnis(networks: list[Network]) -> list[Entry]:
    """The VNI filter: what is not in it is not received."""
    plain = [{"vni": word} for (word,) in runs([network.vni] for network in networks if network.flooding != MULTICAST)]
    groups: dict[str, list[int]] = {}
    for network in networks:
        if network.flooding == MULTICAST and network.group is not None:
            groups.setdefault(network.group, []).append(network.vni)
    return [*plain, *({"vni": word, "group": group} for group, vnis in groups.items() for (word,) in runs([vni] for vni in vnis))]


def _fdb(name: str, device: _Device) -> Entry:
    floods = [{"src_vni": word, "flood": list(labels)} for labels, vnis in device.floods.items() for (word,) in runs([vni] for vni in vnis)]
    return {"interface": name, "floods": floods, "rows": device.rows, "purge": "managed"}
