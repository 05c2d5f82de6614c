# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""States of hosts, and what configures their underlay."""

from __future__ import annotations

from typing import Any

ZERO = "00:00:00:00:00:00"

# What the inventory compiles to for a host with two networks, one with a gateway.
TYPICAL: dict[str, Any] = {
    "fabric": "dc1",
    "peers": {"blue": ["192.0.2.2", "192.0.2.3"]},
    "defaults": {
        "interface": {
            "state": "up", "local": "192.0.2.1", "device": "eth0", "learning": False, "proxy": False, "mtu": "auto", "addrgenmode": "none",
            "neighbours": [], "remote": "none",
        },
        "bridge": {"state": "up", "mcast_snooping": False, "stp": False, "addrgenmode": "none", "mtu": 1550},
        "port": {},
        "fdb": {"flood": ["blue"], "purge": "managed"},
    },
    "interfaces": [{"name": "vx10100", "vni": 10100, "port": 4789}, {"name": "vx10200", "vni": 10200, "port": 4790}],
    "bridges": [
        {
            "name": "br10100",
            "addresses": ["10.0.0.1/24"],
            "mac": "02:00:00:00:01:00",
            "neighbours": [{"address": "10.0.0.9", "mac": "02:00:00:00:00:09"}],
            "ports": [{"name": "vx10100", "learning": False, "neigh_suppress": True, "isolated": False}, {"name": "tap0"}],
        },
        {"name": "br10200", "addresses": [], "ageing": 60, "ports": [{"name": "vx10200", "hairpin": False, "cost": 7}]},
    ],
    "fdb": [{"interface": "vx10100", "rows": [{"mac": "02:00:00:00:00:02", "dst": ["192.0.2.2"]}]}, {"interface": "vx10200"}],
}  # fmt: skip

# With what only the kernel and the engine know.
EVERYTHING: dict[str, Any] = {
    **TYPICAL,
    "interfaces": [
        *TYPICAL["interfaces"],
        {"name": "vxsvd", "port": 4791, "external": True, "vnifilter": True, "alias": "vxlan.fabric:dc1", "remote": None, "device": None, "mtu": 1500},
        {"name": "vxgroup", "vni": 10300, "remote": None, "group": "239.1.1.30", "port": 4792, "ttl": "8", "localbypass": False},
    ],
    "bridges": [
        *TYPICAL["bridges"][:1],
        {**TYPICAL["bridges"][1], "ports": [{"name": "vx10200", "bcast_flood": False, "locked": True}]},
    ],
    "fdb": [
        {"interface": "vx10100", "rows": [{"mac": "02:00:00:00:00:02", "dst": ["192.0.2.2"], "port": 8472}]},
        {"interface": "vx10200", "rows": [{"mac": "02:00:00:00:00:03", "dst": ["192.0.2.3"], "state": "static"}]},
        {"interface": "vxsvd", "flood": None, "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"], "src_vni": 101}]},
    ],
    "vnis": {"vxsvd": [{"vni": "100-110"}, {"vni": "120", "remote": "192.0.2.3"}]},
}

STATES = {"typical": TYPICAL, "everything": EVERYTHING}

_NETWORK = """
[Match]
Name=eth0
[Network]
Address=192.0.2.1/24
LinkLocalAddressing=no
IPv6AcceptRA=no
"""
_UNIT = """
[Unit]
After=network.target
[Service]
Type=oneshot
ExecStart=ip link set eth0 up
ExecStart=ip address add 192.0.2.1/24 dev eth0
"""

_INTERFACES = """source /etc/network/interfaces.d/*

auto eth0
iface eth0 inet static
    address 192.0.2.1/24
    mtu 1600
"""
_PROFILE = """
[connection]
id=eth0
uuid=0a2b6b9a-5a3e-4f0e-8f3e-6a1a7c0c9a01
type=ethernet
interface-name=eth0
[ipv4]
method=manual
address1=192.0.2.1/24
[ipv6]
method=disabled
"""
_NETPLAN = """
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0:
      addresses: [192.0.2.1/24]
      link-local: []
"""

# Files on the disk of the host by what reads them at boot; without a manager a unit that comes late.
UNDERLAYS: dict[str, dict[str, str]] = {
    "networkd": {"/etc/systemd/network/20-eth0.network": _NETWORK},
    "ifupdown": {
        "/etc/network/interfaces": "source /etc/network/interfaces.d/*\n\nauto eth0\niface eth0 inet static\n    address 192.0.2.1/24\n    mtu 1600\n"
    },
    "networkmanager": {
        "/etc/NetworkManager/conf.d/veth.conf": "[device-eth0]\nmatch-device=interface-name:eth0\nmanaged=1\n",  # it leaves veth alone by default
        "/etc/NetworkManager/system-connections/eth0.nmconnection": _PROFILE,
    },
    "netplan": {"/etc/netplan/01-eth0.yaml": _NETPLAN},
    "": {
        "/etc/systemd/system/underlay.service": _UNIT,
        "/etc/systemd/system/multi-user.target.wants/underlay.service": "/etc/systemd/system/underlay.service",
    },
}
