# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pages in Markdown: one of the fabric, and one of each host."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import networks_of_hosts
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.replication import describe
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import HostState, expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, OVERHEAD, Fabric, Network, Vtep
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import Row, markdown_table

_MOST_LINKED = 60


def plain(text: object) -> str:
    """Of a name or a description, without what Markdown and HTML would make something of."""
    shown = str(text).replace("&", "&amp;").replace("<", "&lt;")
    for mark in ("\\", "`", "*", "_", "[", "]", "#"):
        shown = shown.replace(mark, f"\\{mark}")
    return shown


def _or_dash(value: object) -> str:
    return "-" if value is None or value in ("", ()) else plain(value)


def _joined(values: Sequence[object]) -> str:
    return ", ".join(plain(value) for value in values) or "-"


def _table(header: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """The cells are escaped already."""
    return [*markdown_table(header, rows), ""]


def fabric_page(fabric: Fabric) -> str:
    lines = [f"# Fabric {plain(fabric.name)}", "", _facts(fabric), "", "![Topology](topology.svg)", "", "## VTEPs", ""]
    carried = networks_of_hosts(fabric)
    lines += _table(
        ("VTEP", "Addresses", "Device", "Underlay MTU", "Networks"),
        [
            (
                f"[{plain(host)}](hosts/{host}.md)",
                _joined([*vtep.addresses.values(), *vtep.others]),
                _or_dash(vtep.device),
                _or_dash(vtep.mtu or fabric.underlay_mtu),
                _joined(carried[host]),
            )
            for host, vtep in fabric.vteps.items()
        ],
    )
    if fabric.idle:
        lines += [f"Without a VTEP: {_joined(fabric.idle)}.", ""]
    lines += ["## Networks", ""]
    lines += _table(
        ("Network", "VNI", "VLAN", "Flooding", "Family", "MTU", "Gateway", "Members"),
        [
            (
                *(plain(network.name), network.vni, _or_dash(network.vlan), plain(_flooding(network)), FAMILY_NAMES[network.family], _or_dash(network.mtu)),
                *(_joined(network.gateway.addresses) if network.gateway else "-", _joined(network.members)),
            )
            for network in fabric.networks.values()
        ],
    )
    lines += ["![Members](membership.svg)", "", "![Replication](replication.svg)", ""]
    for network in fabric.networks.values():
        lines += _network_section(fabric, network)
    lines += ["## Other forms", "", *_OTHER_FORMS]
    return "\n".join(lines) + "\n"


_OTHER_FORMS = (
    "- Tables: [vteps.csv](vteps.csv), [networks.csv](networks.csv), [flood.csv](flood.csv)",
    "- Pictures: [topology.svg](topology.svg), [membership.svg](membership.svg), [replication.svg](replication.svg)",
    "- The topology as text: [topology.mmd](topology.mmd) for Mermaid, [topology.dot](topology.dot) for Graphviz",
)


def _facts(fabric: Fabric) -> str:
    mtu = f"Its underlay has an MTU of {fabric.underlay_mtu}." if fabric.underlay_mtu else "The MTU of its underlay is not said."
    return f"{len(fabric.vteps)} VTEPs, {len(fabric.networks)} networks, UDP port {fabric.port}. {mtu}"


def _flooding(network: Network) -> str:
    return f"{network.flooding} {network.group}" if network.group else network.flooding


def _network_section(fabric: Fabric, network: Network) -> list[str]:
    lines = [f"## Network {plain(network.name)}", ""]
    if network.description:
        lines += [f"{plain(network.description)}.".replace("..", "."), ""]
    how, copies = describe(network)
    budget = f" MTU {network.mtu}: a full frame takes {network.mtu + OVERHEAD[network.family]} bytes of the underlay." if network.mtu else ""
    lines += [f"VNI {network.vni}, {how}; {copies}.{budget}", ""]
    if network.gateway is not None:
        where = _joined(network.gateway.hosts)
        mac = f", MAC address {network.gateway.mac}" if network.gateway.mac else ""
        lines += [f"Gateway {_joined(network.gateway.addresses)}{mac}, on {where}.", ""]
    if network.endpoints:
        rows = [
            (
                plain(endpoint.name),
                plain(endpoint.host),
                _or_dash(endpoint.port),
                _or_dash(endpoint.mac),
                _joined(endpoint.addresses),
                fabric.address(endpoint.host, network),
            )
            for endpoint in network.endpoints
        ]
        lines += _table(("Endpoint", "Host", "Port", "MAC address", "Addresses", "Behind VTEP"), rows)
    return lines


def host_page(fabric: Fabric, vtep: Vtep, state: HostState) -> str:
    """state: of compile.host_states."""
    full = expand(state)
    names = networks_of_hosts(fabric)[vtep.host]
    networks = [fabric.networks[name] for name in names]
    lines = [
        f"# {plain(vtep.host)}",
        "",
        f"A VTEP of fabric [{plain(fabric.name)}](../README.md) with the addresses {_joined([*vtep.addresses.values(), *vtep.others])}.",
        "",
    ]
    rows = [
        (
            *(plain(network.name), network.vni, plain(interface["name"]), plain(bridge["name"]), _or_dash(interface.get("mtu"))),
            *(_joined([port["name"] for port in bridge["ports"] if port["name"] != interface["name"]]), _joined(bridge["addresses"])),
        )
        for network, interface, bridge in zip(networks, full["interfaces"], full["bridges"])
    ]
    lines += ["## Networks", "", *_table(("Network", "VNI", "Interface", "Bridge", "MTU", "Access ports", "Gateway"), rows)]
    lines += ["## Where broadcasts go", ""]
    by_address = {address: other.host for other in fabric.vteps.values() for address in (*other.addresses.values(), *other.others)}
    for network, interface, fdb in zip(networks, full["interfaces"], full["fdb"]):
        lines.append(f"- {plain(network.name)}: {_destinations(interface, fdb, by_address)}")
    known = [(network, row) for network, fdb in zip(networks, full["fdb"]) for row in fdb["rows"] if row["mac"] != "00:00:00:00:00:00"]
    if known:
        machines = [(plain(network.name), row["mac"], row["dst"], _or_dash(by_address.get(row["dst"]))) for network, row in known]
        lines += ["", "## Machines elsewhere that are known", "", *_table(("Network", "MAC address", "VTEP address", "VTEP"), machines)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _destinations(interface: HostState, fdb: HostState, by_address: dict[str, str]) -> str:
    single = interface.get("group") or (interface.get("remote") if interface.get("remote") != "none" else None)
    listed = [single] if single else [address for row in fdb["rows"] if row["mac"] == "00:00:00:00:00:00" for address in row["dst"]]
    shown = [f"{address} ({plain(by_address[address])})" if address in by_address else str(address) for address in listed[:_MOST_LINKED]]
    more = f", and {len(listed) - len(shown)} more (flood.csv has all)" if len(listed) > len(shown) else ""
    return (", ".join(shown) + more) if shown else "nowhere"
