# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""systemd-networkd: .netdev and .network files, and .link files of udev for what only they can say.

systemd.netdev(5), systemd.network(5), systemd.link(5) of systemd 252. What networkd sends for an interface of these files was read in
src/network/netdev/vxlan.c and compared with a running one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import (
    Carries,
    Loss,
    Setting,
    attribute_lines,
    by_section,
    carried,
    losses_of,
    only,
    plain_text,
    words,
    yes_no,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, Parts, sections, text_file

NAME = "networkd"
FOLDER = "/etc/systemd/network"


class Around(NamedTuple):
    """What others have configured.

    files    by interface the base name of the file in which networkd finds it, and whether it names this interface alone
    netplan  names that files of netplan have
    """

    files: Mapping[str, tuple[str, bool]] = {}
    netplan: frozenset[str] = frozenset()


def _seconds(value: Value) -> str:
    return f"{int(str(value)) / 100:g}"


def _range(value: Any) -> str | None:  # noqa: ANN401 - a pair of ports
    return f"{value[0]}-{value[1]}" if value[0] else None


_VXLAN: dict[str, Setting] = {
    "vni": Setting("VXLAN.VNI"),
    "remote": Setting("VXLAN.Remote"),
    "group": Setting("VXLAN.Group"),
    "local": Setting("VXLAN.Local"),
    "device": Setting("Network.VXLAN", limits="needs a .network file of its own for the lower device, to which a drop-in is added"),
    "port": Setting("VXLAN.DestinationPort"),
    "source_port": Setting("VXLAN.PortRange", _range),
    "ttl": Setting("VXLAN.TTL", lambda value: "inherit" if value == "inherit" else "0" if value == "auto" else str(value)),
    "tos": Setting("VXLAN.TOS", lambda value: None if value == "inherit" else str(value), limits="`inherit`"),
    "df": Setting("VXLAN.IPDoNotFragment", words(unset="no", set="yes", inherit="inherit")),
    "flow_label": Setting("VXLAN.FlowLabel"),
    "learning": Setting("VXLAN.MacLearning", yes_no),
    "ageing": Setting("VXLAN.FDBAgeingSec"),
    "limit": Setting("VXLAN.MaximumFDBEntries"),
    "proxy": Setting("VXLAN.ReduceARPProxy", yes_no),
    "rsc": Setting("VXLAN.RouteShortCircuit", yes_no),
    "l2miss": Setting("VXLAN.L2MissNotification", yes_no),
    "l3miss": Setting("VXLAN.L3MissNotification", yes_no),
    # networkd sends this one as off when nobody says anything.
    "udp_checksum": Setting("VXLAN.UDPChecksum", yes_no, own=False),
    "udp6_zero_checksum_tx": Setting("VXLAN.UDP6ZeroChecksumTx", yes_no),
    "udp6_zero_checksum_rx": Setting("VXLAN.UDP6ZeroChecksumRx", yes_no),
    "remote_checksum_tx": Setting("VXLAN.RemoteChecksumTx", yes_no),
    "remote_checksum_rx": Setting("VXLAN.RemoteChecksumRx", yes_no),
    # GenericProtocolExtension= is of no use: the kernel wants 'external' with it, for which there is no word.
    "gbp": Setting("VXLAN.GroupPolicyExtension", yes_no),
}

_BRIDGE: dict[str, Setting] = {
    "stp": Setting("Bridge.STP", yes_no),
    "priority": Setting("Bridge.Priority"),
    "forward_delay": Setting("Bridge.ForwardDelaySec", _seconds),
    "hello_time": Setting("Bridge.HelloTimeSec", _seconds),
    "max_age": Setting("Bridge.MaxAgeSec", _seconds),
    "ageing": Setting("Bridge.AgeingTimeSec", _seconds),
    "group_fwd_mask": Setting("Bridge.GroupForwardMask"),
    "vlan_filtering": Setting("Bridge.VLANFiltering", yes_no),
    "vlan_protocol": Setting("Bridge.VLANProtocol", words(**{"802.1Q": "802.1q", "802.1ad": "802.1ad"})),
    "vlan_default_pvid": Setting("Bridge.DefaultPVID", lambda value: "none" if value == 0 else str(value)),
    "mcast_snooping": Setting("Bridge.MulticastSnooping", yes_no),
    "mcast_querier": Setting("Bridge.MulticastQuerier", yes_no),
    "mcast_igmp_version": Setting("Bridge.MulticastIGMPVersion"),
}

_PORT: dict[str, Setting] = {
    "learning": Setting("Bridge.Learning", yes_no),
    "flood": Setting("Bridge.UnicastFlood", yes_no),
    "mcast_flood": Setting("Bridge.MulticastFlood", yes_no),
    "mcast_to_unicast": Setting("Bridge.MulticastToUnicast", yes_no),
    "neigh_suppress": Setting("Bridge.NeighborSuppression", yes_no),
    "isolated": Setting("Bridge.Isolated", yes_no),
    "hairpin": Setting("Bridge.HairPin", yes_no),
    "guard": Setting("Bridge.UseBPDU", lambda value: yes_no(not value)),
    "root_block": Setting("Bridge.AllowPortToBeRoot", lambda value: yes_no(not value)),
    "mcast_fast_leave": Setting("Bridge.FastLeave", yes_no),
    "proxy_arp": Setting("Bridge.ProxyARP", yes_no),
    "proxy_arp_wifi": Setting("Bridge.ProxyARPWiFi", yes_no),
    "cost": Setting("Bridge.Cost"),
    "priority": Setting("Bridge.Priority"),
    "mcast_router": Setting("Bridge.MulticastRouter", words(never="no", auto="query", always="permanent", temporary="temporary")),
}

_GENERATED = {"none": "no", "eui64": "eui64", "stable_secret": "stable-privacy", "random": "random"}

CARRIES = Carries(
    kinds={"vxlan": _VXLAN, "bridge": _BRIDGE, "port": _PORT},
    fields={
        "mac": Setting("NetDev.MACAddress"),
        "mtu": Setting("NetDev.MTUBytes"),
        "alias": Setting("Link.Alias", plain_text, limits="other than printable ASCII, and with quotes or any of `\\#;%$`"),
        "master": Setting("Network.Bridge"),
        "up": Setting("Link.ActivationPolicy"),
        "txqueuelen": Setting("Link.TransmitQueueLength"),
        "addrgenmode": Setting("Network.LinkLocalAddressing", _GENERATED.get),
        "addresses": Setting("Network.Address"),
    },
    ports=True,
    row={
        "dst": Setting("BridgeFDB.Destination"),
        "vni": Setting("BridgeFDB.VNI"),
        "vlan": Setting("BridgeFDB.VLANId"),
        "via": Setting("BridgeFDB.OutgoingInterface"),
        "state": Setting("", only("permanent"), limits="other than `permanent`"),
        "table": Setting("", only("self"), limits="other than `self`"),
    },
    neighbour={"state": Setting("", only("permanent"), limits="other than `permanent`")},
)


def render(boot: Boot, fabric: str, around: Around) -> tuple[list[File], list[Loss]]:
    """The files, and what is not in them."""
    losses = losses_of(CARRIES, boot, NAME)
    losses += [loss for link in boot.links if (loss := _device_loss(link, around))]
    kept = carried(CARRIES, boot, losses)
    files: list[File] = []
    for link in kept.links:
        stem = f"{FOLDER}/10-vxlan-fabric-{fabric}-{link.name}"
        files.append(text_file(f"{stem}.netdev", fabric, sections(_netdev(link))))
        files.append(text_file(f"{stem}.network", fabric, sections(_network(link, kept.fdb.get(link.name, ())))))
        files.append(text_file(f"{stem}.link", fabric, sections(_link(link))))
    for bridge, ports in kept.ports.items():
        files += [_port_file(port, bridge, fabric, kept.fdb.get(port.name, ()), around) for port in ports]
    return [*files, *_drop_ins(kept.links, fabric, around)], losses


def _device_loss(link: Link, around: Around) -> Loss | None:
    """networkd stacks an interface on those that a .network file with VXLAN= matches: it has to be a file of this one alone."""
    device = link.attributes.get("device")
    if not device:
        return None
    file, alone = around.files.get(str(device), ("", False))
    if alone:
        return None
    why = f"{file} matches others than {device} too" if file else f"it does not manage {device}"
    return Loss(link.name, "device", f"{NAME} would have to stack it on {device}, but {why}", fatal=True)


def _netdev(link: Link) -> Parts:
    head = [("Name", link.name), ("Kind", link.kind)]
    # Without a word networkd would choose one; now the kernel does, and udev makes it persistent as it does for an interface of the engine.
    head.append(("MACAddress", link.mac or "none"))
    head += [("MTUBytes", str(_first_mtu(link)))] if link.mtu else []
    lines = by_section(attribute_lines(CARRIES.kinds[link.kind], link.kind, link.attributes), leave={"Network"})
    if link.kind == "vxlan" and not link.attributes.get("device"):
        lines.setdefault("VXLAN", []).append(("Independent", "yes"))
    return [("NetDev", head), *lines.items()]


def _first_mtu(link: Link) -> int | None:
    """That of a new interface. A bridge keeps its MTU when ports come only if somebody has set it after creation (br_mtu_auto_adjust,
    net/bridge/br_if.c), and networkd sets what differs only: it is given another one to begin with."""
    return link.mtu - 1 if link.kind == "bridge" and link.mtu else link.mtu


def _network(link: Link, rows: Iterable[FdbRow]) -> Parts:
    generated = _GENERATED.get(link.addrgenmode or "eui64")
    basics = [("LinkLocalAddressing", "no" if generated == "no" else "ipv6")]
    if generated not in ("no", "eui64"):
        basics.append(("IPv6LinkLocalAddressGenerationMode", str(generated)))
    # Without a line networkd would ask for a router on an interface with link-local addresses, and the kernel would not.
    basics += [("IPv6AcceptRA", "no"), ("ConfigureWithoutCarrier", "yes")]
    basics += [("Bridge", link.master)] if link.master else []
    basics += [("Address", address) for address in link.addresses or ()]
    mtu = [("MTUBytes", str(link.mtu))] if link.mtu else []
    parts: Parts = [
        ("Match", [("Name", link.name)]),
        ("Link", [*mtu, ("RequiredForOnline", "no"), ("ActivationPolicy", _policy(link.up))]),
        ("Network", basics),
    ]
    parts += by_section(attribute_lines(_PORT, "bridge_slave", link.port or {})).items()
    parts += [("Neighbor", _neighbour_lines(neighbour)) for neighbour in link.neighbours or ()]
    return [*parts, *_row_sections(rows)]


def _policy(up: bool | None) -> str:
    return "manual" if up is None else "up" if up else "down"


def _neighbour_lines(neighbour: Neighbour) -> list[tuple[str, str]]:
    return [("Address", neighbour.address), ("LinkLayerAddress", neighbour.mac)]


def _row_sections(rows: Iterable[FdbRow]) -> Parts:
    found = []
    for row in rows:
        lines = [("MACAddress", row.mac)]
        for field, setting in CARRIES.row.items():
            value = getattr(row, field)
            if setting.key and value is not None:
                lines.append((setting.key.partition(".")[2], str(value)))
        found.append(("BridgeFDB", [*lines, ("AssociatedWith", "self")]))
    return found


def _link(link: Link) -> Parts:
    """What udev does. A .link file of our own stands in for 99-default.link: a MAC address that nobody stated is made as that one does, so
    that an interface keeps the one it had."""
    lines = [("MACAddressPolicy", "none" if link.mac else "persistent")]
    if link.alias:
        lines.append(("Alias", link.alias))
    if link.txqueuelen is not None:
        lines.append(("TransmitQueueLength", str(link.txqueuelen)))
    return [("Match", [("OriginalName", link.name)]), ("Link", lines)]


def _port_file(port: Link, bridge: str, fabric: str, rows: Iterable[FdbRow], around: Around) -> File:
    """Of a port that is not ours: a drop-in where networkd has a file of it alone, else a file that only says whose port it is."""
    parts = [("Network", [("Bridge", bridge)])]
    parts += by_section(attribute_lines(_PORT, "bridge_slave", port.port or {})).items()
    parts += _row_sections(rows)
    file, alone = around.files.get(port.name, ("", False))
    if alone:
        return text_file(f"{FOLDER}/{file}.d/10-vxlan-fabric-{fabric}-port.conf", fabric, sections(parts))
    head = [("Match", [("Name", port.name)]), ("Link", [("RequiredForOnline", "no")])]
    parts[0][1].extend([("LinkLocalAddressing", "no"), ("IPv6AcceptRA", "no")])
    return text_file(f"{FOLDER}/10-vxlan-fabric-{fabric}-{port.name}.network", fabric, sections([*head, *parts]))


def _drop_ins(links: Iterable[Link], fabric: str, around: Around) -> list[File]:
    """For each lower device the interfaces that are stacked on it."""
    stacked: dict[str, list[str]] = {}
    for link in links:
        if link.kind == "vxlan" and link.attributes.get("device"):
            stacked.setdefault(around.files[str(link.attributes["device"])][0], []).append(link.name)
    return [
        text_file(f"{FOLDER}/{file}.d/10-vxlan-fabric-{fabric}.conf", fabric, sections([("Network", [("VXLAN", name) for name in names])]))
        for file, names in sorted(stacked.items())
    ]
