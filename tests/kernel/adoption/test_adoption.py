# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host that somebody else set up: what vtep_info says about it is a state that vtep accepts as it is, takes over and then owns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import good, judged, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.managers import ifupdown2, networkd
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

from .adopting import MARK, STATE, adopt, read_and_give_back
from .forms import FORMS, Form


@pytest.fixture
def ns() -> Iterator[Namespace]:
    with namespace("vfa") as made:
        yield made


@pytest.fixture
def bare() -> Iterator[Namespace]:
    """With eth0, which has no address and is down."""
    with namespace("vfa", underlay=False) as made:
        made.ip("link add eth0 address 02:00:00:00:00:01 mtu 1600 type veth peer name far0 mtu 1600", "link set lo up", "link set far0 up")
        yield made


def build(ns: Namespace, form: Form) -> None:
    ns.ip(*form.ip)
    ns.bridge(*form.bridge)
    ns.ip(*form.later)


@pytest.mark.parametrize("form", FORMS)
def test_typed_by_hand(ns: Namespace, form: str) -> None:
    build(ns, FORMS[form])
    adopt(ns)


def test_all_forms_of_a_host_at_once_but_only_some_are_taken_over(ns: Namespace) -> None:
    """What is not listed is nobody's of this fabric, and stays whatever `purge` says."""
    build(ns, FORMS["head-end list"])
    wanted = read_and_give_back(ns)
    mine = {
        "interfaces": [entry for entry in wanted["interfaces"] if entry["name"] == "vx-keep"],
        "bridges": [entry for entry in wanted["bridges"] if entry["name"] == "br-keep"],
        "fabric": "dc1",
        "purge": "managed",
    }
    judged(ns, "vtep", mine)
    assert ns.link("vx-keep")["ifalias"] == MARK
    assert "ifalias" not in ns.link("vx-drop")
    judged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    assert not ns.has("vx-keep")
    assert ns.has("vx-drop")
    assert ns.has("br-drop")


def test_an_alias_that_says_something_else_stays_and_is_not_owned(ns: Namespace) -> None:
    ns.ip("link add vx-keep type vxlan id 10 remote 192.0.2.2 dstport 4789", "link set vx-keep alias 'customer 7'")
    ns.ip("link add vx-other type vxlan id 11 remote 192.0.2.2 dstport 4789", "link set vx-other alias vxlan.fabric:other")
    seen = good(run(ns, "vtep_info", {}))
    unchanged(ns, "vtep", {**{key: seen[key] for key in STATE}, "fabric": "dc1"})
    unchanged(ns, "vtep", {"fabric": "dc1", "purge": "managed"})
    assert ns.link("vx-keep")["ifalias"] == "customer 7"
    (kept,) = (entry for entry in seen["interfaces"] if entry["name"] == "vx-keep")
    judged(ns, "vtep", {"interfaces": [{**kept, "alias": ""}], "fabric": "dc1"})
    assert ns.link("vx-keep")["ifalias"] == MARK


INTERFACES = """
auto eth0
iface eth0
    address 192.0.2.1/24
    mtu 1600

auto vx-keep
iface vx-keep
    vxlan-id 10
    vxlan-local-tunnelip 192.0.2.1
    vxlan-remoteip 192.0.2.2
    vxlan-remoteip 192.0.2.3
    vxlan-learning off
    bridge-learning off
    bridge-arp-nd-suppress on
    mtu 1550

auto vx-drop
iface vx-drop
    vxlan-id 11
    vxlan-local-tunnelip 192.0.2.1
    vxlan-svcnodeip 239.1.1.11
    vxlan-physdev eth0
    vxlan-ageing 60

auto br-keep
iface br-keep
    bridge-ports vx-keep
    bridge-stp off
    bridge-fd 0
    bridge-mcsnoop 0
    address 10.0.0.1/24

auto br-drop
iface br-drop
    bridge-ports vx-drop
    bridge-ageing 60
"""


def test_ifupdown2(bare: Namespace, tmp_path: Path) -> None:
    ifupdown2(bare, INTERFACES, tmp_path)
    assert bare.destinations("vx-keep") == ["192.0.2.2", "192.0.2.3"]
    assert bare.link("vx-drop")["master"] == "br-drop"
    adopt(bare)


UNITS = {
    "10-eth0.network": """
[Match]
Name=eth0
[Network]
Address=192.0.2.1/24
LinkLocalAddressing=no
IPv6AcceptRA=no
VXLAN=vx-keep
VXLAN=vx-drop
""",
    "20-vx-keep.netdev": """
[NetDev]
Name=vx-keep
Kind=vxlan
[VXLAN]
VNI=10
Local=192.0.2.1
DestinationPort=4789
MacLearning=false
""",
    "20-vx-keep.network": """
[Match]
Name=vx-keep
[Network]
Bridge=br-keep
[Bridge]
Learning=false
NeighborSuppression=true
[BridgeFDB]
MACAddress=00:00:00:00:00:00
Destination=192.0.2.2
[BridgeFDB]
MACAddress=00:00:00:00:00:00
Destination=192.0.2.3
[BridgeFDB]
MACAddress=02:00:00:00:01:02
Destination=192.0.2.2
""",
    "20-vx-drop.netdev": """
[NetDev]
Name=vx-drop
Kind=vxlan
MTUBytes=1400
[VXLAN]
VNI=11
Group=239.1.1.11
DestinationPort=4790
TTL=8
FDBAgeingSec=60
""",
    "20-vx-drop.network": """
[Match]
Name=vx-drop
[Network]
Bridge=br-drop
""",
    "30-br-keep.netdev": """
[NetDev]
Name=br-keep
Kind=bridge
[Bridge]
MulticastSnooping=no
AgeingTimeSec=60
""",
    "30-br-keep.network": """
[Match]
Name=br-keep
[Network]
Address=10.0.0.1/24
IPv6AcceptRA=no
ConfigureWithoutCarrier=yes
[Neighbor]
Address=10.0.0.9
LinkLayerAddress=02:00:00:00:00:09
""",
    "30-br-drop.netdev": """
[NetDev]
Name=br-drop
Kind=bridge
""",
    "30-br-drop.network": """
[Match]
Name=br-drop
[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
ConfigureWithoutCarrier=yes
""",
}


def test_systemd_networkd(bare: Namespace, tmp_path: Path) -> None:
    """While the daemon runs: it has nothing against the mark, and does not bring back what was removed."""

    def settled() -> bool:
        return (
            bare.has("vx-keep") and bare.has("br-drop") and "10.0.0.1/24" in bare.addresses("br-keep")
            and bool(bare.neighbours("br-keep")) and len(bare.fdb("vx-keep")) >= 4
            and all("UP" in bare.link(name)["flags"] and "master" in bare.link(name) for name in ("vx-keep", "vx-drop"))
            and "neigh_suppress" in bare.slave_data("vx-keep") and bare.slave_data("vx-keep")["neigh_suppress"]
        )  # fmt: skip

    with networkd(bare, UNITS, tmp_path, settled):
        adopt(bare)
