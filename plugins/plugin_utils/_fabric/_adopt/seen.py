# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What vtep_info and facts say of the hosts, as values: one Tunnel for each VXLAN interface."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, Union

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, ZERO_MAC, family_of, is_group_mac, natural_key

Found = Mapping[str, Any]
Subnet = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Card:
    """An interface that facts know: name, MTU, usable addresses, and by address its subnet. Of a host address (/32, /128), as loopbacks have
    it, there is none: the MTU of such an interface says nothing about the way to the others."""

    name: str
    mtu: int | None
    addresses: tuple[str, ...]
    subnets: Mapping[str, Subnet]


class Trunk(NamedTuple):
    """An 802.1Q interface: the frames of a VLAN of a port."""

    port: str
    vlan: int


@dataclass(frozen=True)
class Tunnel:
    """A VXLAN interface of a host with what hangs on it. link: as vtep_info shows it. bridge: that it is in, the same way; None without.
    rows: of its forwarding table, those that somebody configured. trunks: those of its access ports that have one VLAN of another port. vrf: that
    the bridge is in."""

    host: str
    link: Found
    owner: str
    bridge: Found | None
    bridge_owner: str
    rows: tuple[Found, ...]
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    vrf: str | None = None

    @property
    def name(self) -> str:
        return str(self.link["name"])

    @property
    def vni(self) -> int:
        return int(self.link.get("vni") or 0)

    @property
    def port(self) -> int:
        return int(self.link["port"])

    @property
    def local(self) -> str | None:
        return self.link.get("local")

    @property
    def device(self) -> str | None:
        return self.link.get("device")

    @property
    def group(self) -> str | None:
        return self.link.get("group")

    @cached_property
    def flood(self) -> frozenset[str]:
        """Whom it floods to, without a group. Judged by the rows: the interface still names a remote when its row is gone."""
        return frozenset(str(row["dst"]) for row in self.rows if row["mac"] == ZERO_MAC and _is_plain(row) and row["dst"] != self.group)

    @cached_property
    def machines(self) -> dict[str, str]:
        """VTEP by MAC address, of rows that the model has words for."""
        return {row["mac"]: str(row["dst"]) for row in self.rows if _is_plain(row) and row["mac"] != ZERO_MAC and not is_group_mac(row["mac"])}

    @property
    def has_daemon_rows(self) -> bool:
        return any(row.get("extern_learn") for row in self.rows)

    @property
    def bridge_name(self) -> str | None:
        return None if self.bridge is None else str(self.bridge["name"])

    @property
    def bridge_port(self) -> Found:
        """Its flags in the bridge."""
        return next((port for port in (self.bridge or {}).get("ports", ()) if port["name"] == self.name), {})

    @property
    def access_ports(self) -> tuple[str, ...]:
        return tuple(sorted((port["name"] for port in (self.bridge or {}).get("ports", ()) if port["name"] != self.name), key=natural_key))

    @property
    def gateway(self) -> tuple[str, ...]:
        """Addresses of the bridge, ADDRESS/LENGTH."""
        return tuple(sorted((self.bridge or {}).get("addresses") or (), key=lambda address: (family_of(address), address)))

    @property
    def family(self) -> int:
        """Of its tunnels: what any of its addresses says, else IPv4 (as the kernel has it)."""
        return 6 if any(":" in address for address in (self.local, self.group, *sorted(self.flood)) if address) else 4

    @property
    def aliases(self) -> list[str]:
        """What somebody wrote at the interface and the bridge, without owner marks."""
        written = (self.link.get("alias"), (self.bridge or {}).get("alias"))
        return [str(alias) for alias in written if alias and not str(alias).startswith(OWNER_MARK)]


@dataclass(frozen=True)
class SeenHost:
    """A host that was read. found: what vtep_info returned."""

    name: str
    found: Found
    tunnels: tuple[Tunnel, ...]
    cards: tuple[Card, ...] = field(default=())
    tables: Mapping[str, int] = field(default_factory=dict)  # of VRFs
    default_addresses: tuple[str, ...] = ()  # those that packets to anywhere leave with

    @cached_property
    def addresses(self) -> dict[str, Card]:
        """The interface that has an address."""
        return {address: card for card in self.cards for address in card.addresses}

    def card(self, name: str | None) -> Card | None:
        return next((card for card in self.cards if card.name == name), None)


def see(name: str, found: Found, facts: Found) -> SeenHost:
    """found: of vtep_info. facts: ansible_facts of the host, empty when nobody asked."""
    bridges = {bridge["name"]: bridge for bridge in found.get("bridges", ())}
    rows = {entry["interface"]: tuple(entry["rows"]) for entry in found.get("fdb", ())}
    owners = found.get("owners", {})
    tables = {vrf["name"]: int(vrf["table"]) for vrf in found.get("vrfs", ())}
    trunks = {entry["name"]: Trunk(entry["device"], int(entry["vlan"])) for entry in found.get("vlan_interfaces", ()) if "device" in entry and "vlan" in entry}
    tunnels = []
    for link in sorted(found.get("interfaces", ()), key=lambda link: natural_key(link["name"])):
        bridge = bridges.get(link.get("master"))
        owner = str(owners.get(link["name"], ""))
        bridge_owner = str(owners.get(bridge["name"], "")) if bridge else ""
        within = {port["name"]: trunks[port["name"]] for port in (bridge or {}).get("ports", ()) if port["name"] in trunks}
        master = str((bridge or {}).get("master"))
        vrf = master if master in tables else None
        tunnels.append(Tunnel(name, link, owner, bridge, bridge_owner, rows.get(link["name"], ()), within, vrf))
    routes = [facts.get(key) or {} for key in ("default_ipv4", "default_ipv6")]
    return SeenHost(name, found, tuple(tunnels), _cards(facts), tables, tuple(str(route["address"]) for route in routes if "address" in route))


def _cards(facts: Found) -> tuple[Card, ...]:
    """Interfaces of the subset `network` of facts: mappings that name a device."""
    found = []
    for value in facts.values():
        if isinstance(value, Mapping) and "device" in value and "active" in value:
            four = [value.get("ipv4") or {}, *(value.get("ipv4_secondaries") or ())]
            six = [entry for entry in value.get("ipv6") or () if entry.get("scope") != "link"]
            addresses = [entry for entry in (*four, *six) if "address" in entry]
            subnets = {str(entry["address"]): subnet for entry in addresses if (subnet := _subnet(entry)) is not None}
            mtu = value.get("mtu")
            found.append(Card(str(value["device"]), None if mtu is None else int(mtu), tuple(str(entry["address"]) for entry in addresses), subnets))
    return tuple(sorted(found, key=lambda card: natural_key(card.name)))


def _subnet(entry: Found) -> Subnet | None:
    """Facts have a prefix length, those of old versions a netmask only."""
    length = entry.get("prefix") or entry.get("netmask") or 32
    subnet = ipaddress.ip_network(f"{entry['address']}/{length}", strict=False)
    return subnet if subnet.num_addresses > 1 else None


def most_frequent(values: Iterable[T], order: Callable[[T], Any] | None = None) -> T:
    """Of equally frequent ones the first in order, so that the sequence of hosts does not matter."""
    counts = Counter(values)
    key = order or (lambda value: natural_key(str(value)))
    return min(counts, key=lambda value: (-counts[value], key(value)))


def _is_plain(row: Found) -> bool:
    """One destination, nothing else said: what the inventory has words for. Rows of routing daemons are theirs."""
    return row.get("dst") is not None and row["table"] == "self" and not row.get("extern_learn") and not any(key in row for key in _ODD)


_ODD = ("port", "vni", "src_vni", "nexthop_group", "vlan", "router", "sticky")
