# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Tables for spreadsheets: RFC 4180 with a line of titles, but for line ends, which are those of Unix."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import networks_of_hosts
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import FAMILY_NAMES, HEAD_END, MULTICAST, POINT_TO_POINT, Fabric

_SIGNS = ("=", "+", "-", "@", "\t")


def _csv(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """Spreadsheets take some texts for formulas; a quotation mark before them makes them texts."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_SIGNS) else "" if value is None else value


def vteps_csv(fabric: Fabric) -> str:
    carried = networks_of_hosts(fabric)
    rows = (
        (
            vtep.host,
            vtep.addresses.get(4),
            vtep.addresses.get(6),
            " ".join(vtep.others),
            vtep.device,
            vtep.mtu or fabric.underlay_mtu,
            " ".join(carried[vtep.host]),
            vtep.style,
        )
        for vtep in fabric.vteps.values()
    )
    return _csv(("vtep", "ipv4", "ipv6", "more_addresses", "device", "underlay_mtu", "networks", "style"), rows)


def networks_csv(fabric: Fabric) -> str:
    titles = (
        "network",
        "vni",
        "vlan",
        "description",
        "flooding",
        "group",
        "family",
        "learning",
        "port",
        "mtu",
        "interface",
        "bridge",
        "gateway",
        "members",
        "endpoints",
        "vrf",
    )
    rows = (
        (
            *(network.name, network.vni, network.vlan, network.description, network.flooding, network.group, FAMILY_NAMES[network.family]),
            *("yes" if network.learning else "no", network.port, network.mtu, network.interface, network.bridge),
            *(" ".join(network.gateway.addresses) if network.gateway else None, " ".join(network.members), len(network.endpoints), network.vrf),
        )
        for network in fabric.networks.values()
    )
    return _csv(titles, rows)


def flood_csv(fabric: Fabric) -> str:
    """Where each VTEP sends the broadcasts of each network."""
    return _csv(("vtep", "network", "vni", "interface", "destination", "destination_vtep"), _flood_rows(fabric))


def _flood_rows(fabric: Fabric) -> Iterable[Sequence[object]]:
    for network in fabric.networks.values():
        addresses = [(host, fabric.address(host, network)) for host in network.members]
        for host in network.members:
            start = (host, network.name, network.vni, fabric.interface(host, network))
            if network.flooding == MULTICAST:
                yield (*start, network.group, None)
            elif network.flooding in (*HEAD_END, POINT_TO_POINT):
                yield from ((*start, address, other) for other, address in addresses if other != host)
