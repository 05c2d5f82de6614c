# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody else does to a host with ip(8) and bridge(8), and what of a host is not the fabric's at all."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from .namespaces import Json, Namespace

ZERO = "00:00:00:00:00:00"
# Rows of a routing daemon on interfaces of ours; no other test data has these addresses.
DAEMON_MACS = tuple(f"02:00:00:00:ee:0{number}" for number in range(3))

_SETTLING_SECONDS = 30.0

# Interfaces of another administrator: a VXLAN interface in a bridge with all kinds of rows, one of another fabric, a bridge, a plain port.
FOREIGN = ("fx0", "fx1", "fbr0", "fp0")
_FOREIGN_LINKS = (
    "link add fbr0 address 02:00:00:00:f0:00 mtu 1400 type bridge ageing_time 4200 mcast_snooping 0",
    "link add fp0 address 02:00:00:00:f0:01 mtu 1400 type ifb",
    "link add fx0 address 02:00:00:00:f0:02 type vxlan id 9000 remote 192.0.2.9 local 192.0.2.1 dstport 4799 ageing 7777 dev eth0",
    "link add fx1 address 02:00:00:00:f0:03 type vxlan id 9001 group 239.9.9.9 dstport 4798 dev eth0",
    "link set fx1 alias vxlan.fabric:other",
    "link set fx0 alias somebodys master fbr0 mtu 1400",
    "link set fp0 master fbr0",
    "address add 172.16.0.1/24 dev fbr0",
    "address add 2001:db8:f0::1/64 dev fbr0 nodad",
    "link set fp0 up",
    "link set fx0 up",
    "link set fbr0 up",
    "neighbour add 172.16.0.9 lladdr 02:00:00:00:f0:09 dev fbr0 nud permanent",
    "neighbour add 2001:db8:f0::9 lladdr 02:00:00:00:f0:09 dev fbr0 nud noarp router",
)
_FOREIGN_ROWS = (
    f"fdb append {ZERO} dev fx0 dst 192.0.2.19",
    "fdb add 02:00:00:00:f1:01 dev fx0 dst 192.0.2.19 static",
    "fdb add 02:00:00:00:f1:02 dev fx0 dst 192.0.2.18 extern_learn",
    "fdb add 02:00:00:00:f1:03 dev fx0 dst 192.0.2.18 port 5000 vni 77 dynamic",
    "fdb add 02:00:00:00:f1:04 dev fx0 master static",
    "fdb add 02:00:00:00:f1:05 dev fp0 master static sticky",
    "fdb add 02:00:00:00:f1:06 dev fp0 master extern_learn",
    "fdb add 02:00:00:00:f1:07 dev fx1 dst 192.0.2.17 permanent",
    "link set dev fx0 learning off neigh_suppress on isolated on",
)
# The other administrator's later work: lines for ip(8), and for bridge(8).
FOREIGN_CHANGES = (
    ("ip", "link set fx0 mtu 1390"),
    ("ip", "link set fx0 mtu 1400"),
    ("ip", "link set fx0 type vxlan id 9000 remote 192.0.2.8"),
    ("ip", "link set fx0 type vxlan id 9000 ageing 8888"),
    ("ip", "link set fx1 txqueuelen 77"),
    ("ip", "address replace 172.16.1.1/24 dev fbr0"),
    ("bridge", f"fdb append {ZERO} dev fx0 dst 192.0.2.21"),
    ("bridge", "fdb replace 02:00:00:00:f1:08 dev fx0 dst 192.0.2.21 extern_learn"),
    ("bridge", "fdb replace 02:00:00:00:f1:08 dev fx0 dst 192.0.2.22"),
    ("bridge", "fdb replace 02:00:00:00:f1:09 dev fp0 master static"),
    ("bridge", "link set dev fp0 hairpin on"),
    ("bridge", "link set dev fp0 hairpin off"),
)  # fmt: skip

VXLAN_DRIFT = (
    "ip link set {name} mtu 1290",
    "ip link set {name} down",
    "ip link set {name} up",
    "ip link set {name} nomaster",
    "ip link set {name} alias drifted",
    "ip link set {name} address 02:00:00:00:dd:01",
    "ip link set {name} txqueuelen 7",
    "ip link set {name} addrgenmode none",
    "ip link set {name} type vxlan ageing 999",
    "ip link set {name} type vxlan nolearning",
    "ip link set {name} type vxlan tos 8",
    "ip link set {name} type vxlan ttl 9",
    "ip address replace 10.0.0.77/24 dev {name}",
    "ip address flush dev {name}",
    "ip neighbour replace 10.0.0.88 lladdr 02:00:00:00:dd:02 dev {name} nud permanent",
    "ip neighbour flush dev {name} nud permanent",
    "bridge fdb append " + ZERO + " dev {name} dst {destination}",
    "bridge fdb del " + ZERO + " dev {name}",
    "bridge fdb replace 02:00:00:00:aa:01 dev {name} dst {destination}",
    "bridge fdb replace 02:00:00:00:aa:09 dev {name} dst {destination} static",
    "bridge fdb del 02:00:00:00:aa:02 dev {name}",
    "ip link delete {name}",
)
PORT_DRIFT = (
    "bridge link set dev {name} learning off",
    "bridge link set dev {name} isolated on",
    "bridge link set dev {name} neigh_suppress on",
    "bridge link set dev {name} cost 55",
    "bridge fdb replace 02:00:00:00:aa:0a dev {name} master static",
    "ip link set {name} nomaster",
)
BRIDGE_DRIFT = (
    "ip link set {name} down",
    "ip link set {name} up",
    "ip link set {name} alias drifted",
    "ip link set {name} txqueuelen 7",
    "ip link set {name} type bridge ageing_time 7700",
    "ip link set {name} type bridge stp_state 1",
    "ip link set {name} type bridge priority 77",
    "ip address replace 10.1.0.77/24 dev {name}",
    "ip link set p0 master {name}",
    "ip link delete {name}",
)
# A kind of drift and which of the fitting interfaces it befalls.
drifts = st.tuples(st.sampled_from((*VXLAN_DRIFT, *PORT_DRIFT, *BRIDGE_DRIFT)), st.integers(0, 1))


def build_foreign(ns: Namespace) -> None:
    """Make them, and wait until the kernel has noticed that they have a carrier: up to a second, after which nothing moves by itself."""
    ns.ip(*_FOREIGN_LINKS)
    ns.bridge(*_FOREIGN_ROWS)
    until = time.monotonic() + _SETTLING_SECONDS
    while ns.link("fbr0")["operstate"] != "UP" or not _has_link_local(ns, "fbr0"):
        assert time.monotonic() < until, "the foreign bridge does not get its carrier"
        time.sleep(0.02)


def _has_link_local(ns: Namespace, name: str) -> bool:
    (entry,) = ns.json("ip", "address", "show", "dev", name)
    return any(address["scope"] == "link" for address in entry["addr_info"])


def six(link: Json) -> bool:
    """Whether a VXLAN interface, as vtep_info shows it, sends IPv6."""
    return ":" in str(link.get("remote") or link.get("group") or link.get("local"))


def drift_line(kind: str, which: int, interfaces: list[Json], bridges: list[Json]) -> str | None:
    """The command, for one of the present interfaces; None when there is none it could befall. What would be refused anyway
    (a row on an interface with other keys) counts as none too."""
    if kind in BRIDGE_DRIFT:
        fitting = bridges
    elif kind in PORT_DRIFT:
        fitting = [link for link in interfaces if link.get("master", "none") != "none"]
    else:
        fitting = interfaces
    if not fitting:
        return None
    chosen = fitting[which % len(fitting)]
    return kind.format(name=chosen["name"], destination="2001:db8::6" if six(chosen) else "192.0.2.66")


def foreign_text(ns: Namespace) -> str:
    """Everything about the foreign interfaces as ip(8) and bridge(8) print it, byte for byte but for the bridge's clocks."""
    links = [_still(entry) for entry in ns.json("ip", "link", "show") if entry["ifname"] in FOREIGN]
    addresses = [_still(entry) for entry in ns.json("ip", "address", "show") if entry["ifname"] in FOREIGN]
    neighbours = [entry for entry in ns.json("ip", "neighbour", "show", "nud", "all") if entry["dev"] in FOREIGN and _settled(entry)]
    rows = [entry for entry in ns.json("bridge", "fdb", "show") if entry["ifname"] in FOREIGN]
    return "\n".join(json.dumps(entry) for entry in (*links, *addresses, *neighbours, *rows))


def text_difference(before: str, after: str) -> str:
    return "\n".join(line for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0) if not line.startswith("@@"))


def _settled(entry: Json) -> bool:
    """Configured: neither what the kernel resolves by itself nor its memberships."""
    return not entry["dst"].startswith("ff") and bool({"PERMANENT", "NOARP"} & set(entry.get("state", ())))


def _still(value: Any) -> Any:
    """Without the bridge's running timers."""
    if isinstance(value, dict):
        return {key: _still(part) for key, part in value.items() if not key.endswith("_timer")}
    return [_still(part) for part in value] if isinstance(value, list) else value


def daemon_rows(ns: Namespace, names: Iterable[str]) -> dict[str, list[str]]:
    """The rows of the routing daemon on interfaces of ours, as bridge(8) prints them."""
    found: dict[str, list[str]] = {name: [] for name in names}
    for row in ns.json("bridge", "fdb", "show"):
        if row["mac"] in DAEMON_MACS and row["ifname"] in found:
            found[row["ifname"]].append(json.dumps(row))
    return {name: sorted(rows) for name, rows in found.items()}
