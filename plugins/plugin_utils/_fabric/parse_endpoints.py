# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is behind the access ports, and the gateways: the machines of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key, parse_interface_mac, parse_name
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys, words
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import EVPN, NONE, Endpoint, Gateway, Network, Trunk, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse_networks import Draft
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import Section, suggest

# What gets a namespace of its own on a twin, FABRIC-NAME: hosts, endpoints, the underlay.
_NAMES = "name of a namespace"

Ports = dict[str, dict[str, set[str]]]


@dataclass(frozen=True)
class _Hosts:
    """What endpoints refer to. ports: by host and network, those of the VTEPs and, as they are read, of the endpoints."""

    vteps: Mapping[str, Vtep]
    ports: Ports


def parse_endpoints(drafts: Sequence[Draft], vteps: Mapping[str, Vtep], mistakes: Mistakes) -> tuple[list[Network], dict[str, Vtep]]:
    """The networks with their gateways and endpoints, and the VTEPs with the ports that endpoints name as well."""
    ports: Ports = {host: {key: set(value) for key, value in vtep.ports.items()} for host, vtep in vteps.items()}
    hosts = _Hosts(vteps, ports)
    mistakes.claim(_NAMES, "underlay", Place(None, "vxlan_fabric.underlay"))
    for host in vteps:
        mistakes.claim(_NAMES, host, Place(host, "inventory"), f"the name {host}")
    complete = [replace(draft.network, gateway=_gateway(draft), endpoints=_endpoints(draft, hosts)) for draft in drafts]
    return complete, {host: replace(vtep, ports=_sorted_ports(ports[host])) for host, vtep in vteps.items()}


def _sorted_ports(ports: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {network: tuple(sorted(ports[network], key=natural_key)) for network in sorted(ports, key=natural_key)}


def _gateway(draft: Draft) -> Gateway | None:
    raw = draft.section.raw.get("gateway")
    if raw is None:
        return None
    network = draft.network
    section = Section(raw, draft.section.place.at("gateway"), draft.section.mistakes, keys.GATEWAY.names())
    section.require("address")
    addresses = _claimed_addresses(section, network)
    mac = section.parsed("mac", parse_interface_mac) or draft.defaults.gateway_mac
    if mac is not None:
        _claim_mac(section, network, mac)
    hosts = _gateway_hosts(section, draft)
    if mac is None and not section.given("mac") and (len(hosts) > 1 or network.flooding == NONE):
        section.wrong("mac", "is required, it has to be the same on " + ", ".join(hosts), "gateway-mac-missing")
    return Gateway(addresses, mac, hosts)


def _gateway_hosts(section: Section, draft: Draft) -> tuple[str, ...]:
    """Those that it names, as hosts or groups; of a group, the members of the network."""
    members = draft.network.members
    if not section.given("members"):
        return members
    found: set[str] = set()
    for place, word in section.texts("members", words.parse_word):
        named = draft.roster.expand(section, place, word)
        if named is not None and draft.named.complete and not set(named).intersection(members):
            section.mistakes.add(place, f"{word} is not a member of network {draft.network.name}", "not-a-member")
        found.update(named or ())
    return tuple(host for host in members if host in found)


def _endpoints(draft: Draft, hosts: _Hosts) -> tuple[Endpoint, ...]:
    entries = [Section(item, where, draft.section.mistakes, keys.ENDPOINT.names()) for where, item in draft.section.entries("endpoints")]
    found = [_endpoint(entry, draft, hosts) for entry in entries]
    if draft.network.flooding == NONE and not entries:
        draft.section.wrong("endpoints", "there are none, and nothing floods: no machine of this network is ever found", "endpoint-unknown")
    return tuple(sorted(found, key=lambda endpoint: natural_key(endpoint.name)))


def _endpoint(section: Section, draft: Draft, hosts: _Hosts) -> Endpoint:
    mistakes, place, network = section.mistakes, section.place, draft.network
    section.require("name", "host")
    name = section.parsed("name", words.parse_label) or ""
    if name:
        mistakes.claim(_NAMES, name, place.at("name"), f"the name {name}")
    host = section.parsed("host", words.parse_word) or ""
    if host and draft.is_no_member(host):
        section.wrong("host", f"{host} is not a member of network {network.name}{suggest(host, network.members)}", "not-a-member")
    mac = section.parsed("mac", parse_interface_mac)
    if mac is not None:
        _claim_mac(section, network, mac)
    addresses = _claimed_addresses(section, network)
    _check_what_is_known(section, network)
    port = _endpoint_port(section, network, host, hosts)
    return Endpoint(name, network.name, host, port, mac, addresses)


def _check_what_is_known(section: Section, network: Network) -> None:
    if network.flooding == NONE:
        for key in ("mac", "address"):
            if not section.given(key):
                section.wrong(key, f"is required: nothing floods in network {network.name}, so nobody can ask for it", "endpoint-unknown")
    if network.flooding == EVPN and section.given("mac"):
        section.wrong("mac", f"is a static row on every other host, and network {network.name} leaves rows to BGP EVPN", "evpn-static")


def _claim_mac(section: Section, network: Network, mac: str) -> None:
    section.mistakes.claim(f"MAC of network {network.name}", mac, section.place.at("mac"), kind="duplicate-mac")


def _claimed_addresses(section: Section, network: Network) -> tuple[str, ...]:
    addresses = section.texts("address", words.parse_endpoint_address)
    for where, address in addresses:
        section.mistakes.claim(f"address of network {network.name}", address.partition("/")[0], where, kind="duplicate-address")
    return tuple(address for _where, address in addresses)


def _carries(trunk: Trunk, network: Network) -> bool:
    return network.name == trunk.native or network.name in trunk.networks


def _endpoint_port(section: Section, network: Network, host: str, hosts: _Hosts) -> str | None:
    """The port that the endpoint names, else the only one that its host lists for the network."""
    port = section.parsed("port", parse_name, "name-too-long")
    if host not in hosts.vteps:
        return port
    trunks = hosts.vteps[host].trunks
    if port is None:
        listed = [*hosts.vteps[host].ports.get(network.name, ()), *(name for name, trunk in trunks.items() if _carries(trunk, network))]
        return listed[0] if len(listed) == 1 else None
    if port in trunks:
        if not _carries(trunks[port], network):
            section.wrong("port", f"{port} of {host} is a trunk that does not carry network {network.name}", "trunk-conflict")
        return port
    of_host = hosts.ports[host]
    if port not in of_host.get(network.name, ()):
        section.mistakes.claim(f"link of {host}", port, section.place.at("port"), kind="loop")
        of_host.setdefault(network.name, set()).add(port)
    return port
