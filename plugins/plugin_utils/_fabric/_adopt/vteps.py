# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What belongs to one host: its VTEP addresses, its device, its underlay."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import family_of, is_link_local
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.seen import SeenHost, Tunnel, most_frequent
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import OVERHEAD

Addresses = Mapping[tuple[str, str], str]


def vtep_addresses(hosts: Sequence[SeenHost]) -> dict[tuple[str, str], str]:
    """By host and name of the interface: its `local`; else the address of the host that others send to, or that its device has."""
    called = {address for host in hosts for tunnel in host.tunnels for address in (*tunnel.flood, *tunnel.machines.values())}
    found = {}
    for host in hosts:
        own = [tunnel.local for tunnel in host.tunnels if tunnel.local]
        for tunnel in host.tunnels:
            address = tunnel.local or _address_without_local(host, tunnel, own, called)
            if address is not None:
                found[host.name, tunnel.name] = address
    return found


def _address_without_local(host: SeenHost, tunnel: Tunnel, own: Sequence[str], called: set[str]) -> str | None:
    """What the kernel would take in its place, as far as one can tell: it looks up the route to the destination."""
    card = host.card(tunnel.device)
    candidates = [address for address in host.addresses if address in called]
    candidates += card.addresses if card is not None else ()
    others = [ipaddress.ip_address(address) for address in tunnel.flood]
    candidates += [address for near in host.cards for address, subnet in near.subnets.items() if any(other in subnet for other in others)]
    candidates += [*host.default_addresses, *own]
    usable = [address for address in candidates if family_of(address) == tunnel.family and not is_link_local(address) and not address.startswith("127.")]
    return usable[0] if usable else None


def usual_device(tunnels: Iterable[Tunnel]) -> str | None:
    """That of the host. None where an interface has none: for a network the inventory can add a device, and not take one away."""
    devices = [tunnel.device for tunnel in tunnels]
    return None if None in devices else most_frequent(str(device) for device in devices)


def ordered_addresses(addresses: Sequence[str]) -> list[str]:
    """Of each network one; without doubles, for each family the one that most networks use first."""
    counts = Counter(addresses)
    return sorted(counts, key=lambda address: (family_of(address), -counts[address], address))


def underlay_mtu(host: SeenHost, tunnels: Iterable[Tunnel], addresses: Addresses) -> int | None:
    """What facts say of the way to the others; None where they do not, or say several."""
    found = {_mtu_below(host, tunnel, addresses) for tunnel in tunnels}
    return found.pop() if len(found) == 1 else None


def _mtu_below(host: SeenHost, tunnel: Tunnel, addresses: Addresses) -> int | None:
    if tunnel.device is not None:
        card = host.card(tunnel.device)
        return card.mtu if card is not None else None
    address = addresses.get((tunnel.host, tunnel.name))
    card = host.addresses.get(str(address))
    return card.mtu if card is not None and address in card.subnets else None


def fits(tunnel: Tunnel, mtu: int) -> bool:
    """Whether its frames get through an underlay of this MTU."""
    return int(tunnel.link["mtu"]) + OVERHEAD[tunnel.family] <= mtu
