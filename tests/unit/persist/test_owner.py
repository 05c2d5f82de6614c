# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who owns the underlay, and who claims interfaces of ours, from the files that managers leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import owner
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import text_file
from ansible_collections.vxlan.fabric.tests.unit.persist.hosts import ETH0, HOST

VX7 = Link("vx7", "vxlan", attributes={"vni": 7, "local": "192.0.2.1"})
BR7 = Link("br7", "bridge")
NETIF = "run/systemd/netif/links/2"


def written(root: Path, texts: dict[str, str]) -> owner.Host:
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return owner.Host(str(root), "dc1")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, ""),
        ({NETIF: "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/20-eth0.network\n"}, "networkd"),
        ({NETIF: "ADMIN_STATE=unmanaged\n"}, ""),
        ({NETIF: "ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/10-netplan-eth0.network\n"}, "netplan"),
        ({"run/NetworkManager/devices/2": "[device]\nmanaged=true\n"}, "networkmanager"),
        ({"run/NetworkManager/devices/2": "[device]\nmanaged=false\n"}, ""),
        ({"run/NetworkManager/devices/3": "[device]\nmanaged=true\n"}, ""),
        ({"run/NetworkManager/devices/2": "[device]\nmanaged=true\n", "run/NetworkManager/system-connections/netplan-eth0.nmconnection": ""}, "netplan"),
        ({"etc/network/interfaces": "auto eth0\niface eth0 inet static\n address 192.0.2.1/24\n"}, "ifupdown"),
        ({"etc/network/interfaces.d/up": "  iface eth0\n", "usr/share/ifupdown2/x": ""}, "ifupdown2"),
        ({"etc/network/interfaces": "# iface eth0 inet static\niface eth1 inet dhcp\n"}, ""),
    ],
)
def test_owner(tmp_path: Path, texts: dict[str, str], expected: str) -> None:
    assert owner.owner_of(written(tmp_path, texts), ETH0) == expected


def test_underlays_are_lower_devices_and_owners_of_source_addresses() -> None:
    links = {**HOST.links, "eth9": Link("eth9", addresses=("198.51.100.1/24",))}
    assert [link.name for link in owner.underlays(links, [VX7])] == ["eth0"]
    assert [link.name for link in owner.underlays(links, [Link("vx8", "vxlan", attributes={"device": "eth9", "local": "192.0.2.1"})])] == ["eth9"]
    assert owner.underlays(links, [Link("vx8", "vxlan", attributes={"external": True}), BR7]) == []


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("Name=vx7", ["vx7"]), ("Name=*", ["vx7", "br7"]), ("Name=eth* vx?", ["vx7"]), ("Name=!eth*", ["vx7", "br7"]), ("Name=!vx*", ["br7"]),
        ("Kind=bridge", ["br7"]), ("Type=bridge", ["br7"]), ("Type=vxlan", ["vx7"]), ("Driver=vxlan", ["vx7"]), ("Name=vx7\nMACAddress=02:00:00:00:00:01", []),
        ("Name=eth0", []), ("", []), ("Name=*\nKind=veth", []),
    ],
)  # fmt: skip
def test_network_files_of_others(tmp_path: Path, match: str, expected: list[str]) -> None:
    there = written(tmp_path, {NETIF: "", "etc/systemd/network/05-all.network": f"# by hand\n[Match]\n{match}\n[Network]\nDHCP=yes\n"})
    found = owner.claims(there, [VX7, BR7])
    assert [claim.name for claim in found] == expected
    assert all(claim.first and claim.path == "/etc/systemd/network/05-all.network" for claim in found)
    late = written(tmp_path / "b", {NETIF: "", "usr/lib/systemd/network/80-all.network": f"[Match]\n{match}\n[Network]\nDHCP=yes\n"})
    assert not any(claim.first for claim in owner.claims(late, [VX7, BR7]))


def test_files_that_claim_nothing(tmp_path: Path) -> None:
    mine = text_file("", "dc1", "[Match]\nName=vx7\n").content.decode()
    texts = {
        "etc/systemd/network/10-vxlan-fabric-dc1-vx7.network": mine,
        "etc/systemd/network/05-off.network": "[Match]\nName=*\n[Link]\nUnmanaged=yes\n",
        "etc/network/interfaces": "source /etc/network/interfaces.d/*\n",
        "etc/network/interfaces.d/vxlan-fabric-dc1": text_file("", "dc1", "iface vx7 inet manual\n").content.decode(),
    }
    assert owner.claims(written(tmp_path, {**texts, NETIF: ""}), [VX7]) == []
    all_of_them = {"etc/systemd/network/05-all.network": "[Match]\nName=*\n"}
    assert owner.claims(written(tmp_path / "b", all_of_them), [VX7]) == [], "networkd does not run"


@pytest.mark.parametrize(
    ("path", "text", "backend"),
    [
        ("etc/NetworkManager/system-connections/a.nmconnection", "[connection]\ninterface-name=vx7\n", "networkmanager"),
        ("etc/network/interfaces.d/a", "iface vx7 inet manual\n", "ifupdown"),
        ("etc/netplan/01.yaml", "network:\n  tunnels:\n    vx7:\n      mode: vxlan\n", "netplan"),
    ],
)
def test_claims_of_other_managers(tmp_path: Path, path: str, text: str, backend: str) -> None:
    there = written(tmp_path, {path: text, "run/NetworkManager/devices/2": ""})
    assert [(claim.name, claim.backend, claim.path) for claim in owner.claims(there, [VX7, BR7])] == [("vx7", backend, f"/{path}")]


@pytest.mark.parametrize(("match", "alone"), [("Name=eth0", True), ("Name=eth*", False), ("Name=eth0 eth1", False), ("Type=ether", False)])
def test_whether_a_file_is_for_one_interface(tmp_path: Path, match: str, alone: bool) -> None:
    there = written(tmp_path, {"etc/systemd/network/20-eth0.network": f"[Match]\n{match}\n"})
    assert owner.around(there, [ETH0]).files == {"eth0": ("20-eth0.network", alone)}
