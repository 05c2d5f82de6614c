# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Pages in Markdown: one of the fabric, and one of each host."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import networks_of_hosts
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.replication import describe
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compact import HostState, expand
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, OVERHEAD, Fabric, Network, Vtep, subinterface
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.slices import Slice, slices_of
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
    lines += _vrf_section(fabric)
    lines += ["![Members](membership.svg)", "", "![Replication](replication.svg)", ""]
    for network in fabric.networks.values():
        lines += _network_section(fabric, network)
    lines += ["## Other forms", "", *_OTHER_FORMS]
    return "\n".join(lines) + "\n"


def _vrf_section(fabric: Fabric) -> list[str]:
    """Which networks are routed to each other, and where."""
    if not fabric.vrfs:
        return []
    rows = []
    for vrf in fabric.vrfs.values():
        networks = [network for network in fabric.networks.values() if network.vrf == vrf.name and network.gateway is not None]
        hosts = [host for host in fabric.vteps if vrf.name in fabric.routed.get(host, {})]
        rows.append((plain(vrf.name), vrf.table, _or_dash(vrf.vni), _joined([network.name for network in networks]), _joined(hosts)))
    return ["## VRFs", "", *_table(("VRF", "Table", "L3VNI", "Networks", "On"), rows)]


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
        vrf = f", in VRF {plain(network.vrf)}" if network.vrf else ""
        lines += [f"Gateway {_joined(network.gateway.addresses)}{mac}{vrf}, on {where}.", ""]
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
    networks = {network.vni: network for network in fabric.carried}
    slices = [(networks[cut.vni], cut) for cut in slices_of(full)]
    if vtep.is_single:
        slices.sort(key=lambda pair: (pair[0].is_transit, natural_key(pair[0].name)))
    lines = [
        f"# {plain(vtep.host)}",
        "",
        f"A VTEP of fabric [{plain(fabric.name)}](../README.md) with the addresses {_joined([*vtep.addresses.values(), *vtep.others])}.",
        *(_style(full) if vtep.is_single and slices else ()),
        "",
    ]
    header = ("Network", "VNI", *(("VLAN",) if vtep.is_single else ()), "Interface", "Bridge", "MTU", "Access ports", "Gateway")
    rows = [_host_row(fabric, vtep, network, cut) for network, cut in slices]
    lines += ["## Networks", "", *_table(header, rows), *_trunks(fabric, vtep), *_vrfs(full)]
    lines += ["## Where broadcasts go", ""]
    by_address = {address: other.host for other in fabric.vteps.values() for address in (*other.addresses.values(), *other.others)}
    lines += [f"- {plain(network.name)}: {_destinations(cut, by_address)}" for network, cut in slices]
    known = [(network, row) for network, cut in slices for row in cut.machines]
    if known:
        machines = [(plain(network.name), row["mac"], row["dst"], _or_dash(by_address.get(row["dst"]))) for network, row in known]
        lines += ["", "## Machines elsewhere that are known", "", *_table(("Network", "MAC address", "VTEP address", "VTEP"), machines)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _style(full: HostState) -> list[str]:
    names = _joined([interface["name"] for interface in full["interfaces"]])
    return ["", f"It has one VXLAN interface for all networks ({names}), in the VLAN-aware bridge {plain(full['bridges'][0]['name'])}."]


def _host_row(fabric: Fabric, vtep: Vtep, network: Network, cut: Slice) -> Row:
    trunks = {name for port in vtep.trunks for name in (port, subinterface(port, network.vlan or 0))}
    shown = (_joined([port for port in cut.ports if port not in trunks]), _joined(cut.routed["addresses"] if cut.routed else ()))
    mtu = fabric.mtu(vtep.host, network) if vtep.is_single else cut.interface.get("mtu")
    vlan = (_or_dash(cut.vlan),) if vtep.is_single else ()
    return (plain(network.name), network.vni, *vlan, plain(cut.interface["name"]), plain(cut.bridge["name"]), _or_dash(mtu), *shown)


def _trunks(fabric: Fabric, vtep: Vtep) -> list[str]:
    if not vtep.trunks:
        return []
    rows = [
        (plain(port), _joined([f"{name} ({fabric.networks[name].vlan})" for name in trunk.networks]), _or_dash(trunk.native))
        for port, trunk in vtep.trunks.items()
    ]
    return ["## Trunk ports", "", *_table(("Port", "Networks with their VLANs as tags", "Without a tag"), rows)]


def _vrfs(full: HostState) -> list[str]:
    if not full.get("vrfs"):
        return []
    masters = [(entry["name"], entry.get("master")) for key in ("bridges", "vlan_interfaces") for entry in full.get(key, ())]
    rows = [(plain(vrf["name"]), vrf["table"], _joined([name for name, master in masters if master == vrf["name"]])) for vrf in full["vrfs"]]
    return ["## VRFs", "", *_table(("VRF", "Table", "Interfaces"), rows)]


def _destinations(cut: Slice, by_address: dict[str, str]) -> str:
    listed = cut.destinations
    shown = [f"{address} ({plain(by_address[address])})" if address in by_address else str(address) for address in listed[:_MOST_LINKED]]
    more = f", and {len(listed) - len(shown)} more (flood.csv has all)" if len(listed) > len(shown) else ""
    return (", ".join(shown) + more) if shown else "nowhere"
