# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vtep made comes back when a host boots: a whole Debian with systemd, udev and a network manager, before and after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import Result, good, run, run_process, unchanged
from ansible_collections.vxlan.fabric.tests.support.machines import Machine, machine
from ansible_collections.vxlan.fabric.tests.support.managers import ifupdown2
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

from .states import STATES, UNDERLAYS


@pytest.fixture
def bare() -> Iterator[Namespace]:
    """With eth0, which has no address and is down, and tap0, the port of somebody else."""
    with namespace("vfp", underlay=False) as made:
        made.ip("link add eth0 address 02:00:00:00:00:01 mtu 1600 type veth peer name far0 mtu 1600", "link set lo up", "link set far0 up")
        made.ip("link add tap0 type veth peer name vm0")
        yield made


class Case(NamedTuple):
    """manager: what configures the underlay. state: of STATES. left: options that are left to the service, which docs/persistence.md tells."""

    manager: str
    state: str
    left: frozenset[str]


def persist(host: Machine, folder: Path, arguments: dict[str, Any], check: bool = False) -> Result:
    return good(run_process(host.ns, "persist", {**arguments, "root": host.root}, folder, check=check))


def proof(host: Machine, folder: Path, state: dict[str, Any], backend: str, manager: str) -> Result:
    """Made, persisted, powered off, started: no change, and all that can be read is as it was."""
    host.start()
    host.wait_for(lambda: "192.0.2.1/24" in host.ns.addresses("eth0"), lambda: f"the underlay does not come up: {host.journal()}")
    good(run(host.ns, "vtep", state))
    host.run("udevadm", "settle")
    before = seen(host.ns)
    predicted = persist(host, folder, {**state, "backend": backend}, check=True)
    real = persist(host, folder, {**state, "backend": backend})
    assert {**predicted, "invocation": 0} == {**real, "invocation": 0}
    assert real["owner"] == manager
    assert changed(before, seen(host.ns)) == {}, "writing the files touched the interfaces"
    again = persist(host, folder, {**state, "backend": backend})
    assert (again["changed"], again["diff"]) == (False, [])
    if manager == "networkd":
        reload_changes_nothing(host)
    power_off(host)
    host.start()
    host.wait_for(lambda: not left_to_do(host.ns, state), lambda: f"not all comes back: {left_to_do(host.ns, state)}\n{host.journal()}")
    unchanged(host.ns, "vtep", state)
    host.run("udevadm", "settle")
    ignored = REPORTED_OTHERWISE.get(manager, ())
    assert {path: both for path, both in changed(before, seen(host.ns)).items() if not path.endswith(ignored)} == {}
    return real


def reload_changes_nothing(host: Machine) -> None:
    """We do not ask for it; somebody may, and then networkd reads our files about interfaces that are there already."""
    before, indexes = seen(host.ns), {link["ifname"]: link["ifindex"] for link in host.ns.json("ip", "link")}
    host.run("networkctl", "reload")
    host.wait_for(lambda: "vx10200: Reconfiguring" in host.journal(), lambda: f"networkd does not look at it: {host.journal()}")
    host.run("networkctl", "reload")  # answered when the first one is done
    assert {link["ifname"]: link["ifindex"] for link in host.ns.json("ip", "link")} == indexes
    assert changed(before, seen(host.ns)) == {}


def left_to_do(ns: Namespace, state: dict[str, Any]) -> list[str]:
    """What vtep would do, or why it cannot."""
    result = run(ns, "vtep", state, check=True)
    return [result["msg"]] if result["failed"] else list(result["commands"])


def seen(ns: Namespace) -> dict[str, Any]:
    found = good(run(ns, "vtep_info", {}))
    return {key: found[key] for key in ("interfaces", "bridges", "fdb", "vnis", "owners")}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs, by the place where it is."""
    flat = [dict(_flat("", side)) for side in (before, after)]
    return {path: (flat[0].get(path), flat[1].get(path)) for path in sorted(flat[0] | flat[1]) if flat[0].get(path) != flat[1].get(path)}


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield path, value
    for key, part in parts or ():
        yield from _flat(f"{path}.{key}", part)


def power_off(host: Machine) -> None:
    """The interfaces of a machine go with it; those of a namespace have to be deleted. What is hardware stays, without what was set."""
    host.stop()
    host.ns.ip(*(f"link delete {link['ifname']}" for link in host.ns.json("ip", "link") if link.get("linkinfo", {}).get("info_kind") in ("vxlan", "bridge")))
    host.ns.ip("address flush dev eth0", "link set eth0 down", "link set tap0 down")
    assert not {"vxlan", "bridge"} & {link.get("linkinfo", {}).get("info_kind") for link in host.ns.json("ip", "link")}


# What is reported otherwise after a boot, and nobody asked for: networkd says that remote checksums are off, where others say nothing, and
# Linux 6.14 and newer report the bits that this leaves; it chooses MAC addresses itself where netplan cannot say that it should not;
# NetworkManager gives every port of a bridge the cost 100.
REPORTED_OTHERWISE: dict[str, tuple[str, ...]] = {
    "networkd": (".reserved_bits",),
    "netplan": (".reserved_bits", ".mac"),
    "networkmanager": (".cost",),
}

ROWS = ("fdb.port", "fdb.src_vni", "fdb.state")
_NETPLAN = frozenset({"alias", "master", "neighbours", "fdb", "mcast_snooping", "port learning"})
CASES = [
    Case("networkd", "typical", frozenset()),
    Case("networkd", "everything", frozenset({"external", "vnifilter", "vnis", "localbypass", "port bcast_flood", "port locked", *ROWS})),
    Case("", "everything", frozenset()),
    Case("ifupdown", "typical", frozenset()),
    Case("networkmanager", "typical", _NETPLAN - {"mcast_snooping"} | {"addrgenmode", "port neigh_suppress"}),
    Case("netplan", "typical", _NETPLAN),
]


# One for each way of booting; all with VXLAN_FABRIC_ALL=1, `make persistence`.
SHORT = ("networkd-typical", "service-everything")


def chosen() -> list[Case]:
    return [case for case in CASES if os.environ.get("VXLAN_FABRIC_ALL") == "1" or f"{case.manager or 'service'}-{case.state}" in SHORT]


@pytest.mark.parametrize("case", chosen(), ids=lambda case: f"{case.manager or 'service'}-{case.state}")
def test_reboot(bare: Namespace, tmp_path: Path, case: Case) -> None:
    with machine(bare, tmp_path, case.manager, UNDERLAYS[case.manager]) as host:
        result = proof(host, tmp_path, STATES[case.state], "auto", case.manager)
        assert result["backend"] == (case.manager or "service")
        assert {entry["option"] for entry in result["cannot_carry"]} == case.left
        assert result["service"] is (bool(case.left) or not case.manager)


def test_ifupdown2(bare: Namespace, tmp_path: Path) -> None:
    """Without systemd: its file, and `ifup -a` as at boot; and once more, as at a reload."""
    state, interfaces = STATES["typical"], UNDERLAYS["ifupdown"]["/etc/network/interfaces"]
    bare.ip("address add 192.0.2.1/24 dev eth0", "link set eth0 up")
    good(run(bare, "vtep", state))
    before = seen(bare)
    (tmp_path / "etc/network").mkdir(parents=True)
    (tmp_path / "etc/network/interfaces").write_text(interfaces, encoding="utf-8")
    result = good(run_process(bare, "persist", {**state, "backend": "ifupdown2", "missing": "fail", "root": str(tmp_path)}, tmp_path))
    assert result["written"] == ["/etc/network/interfaces.d/vxlan-fabric-dc1"]
    bare.ip(*(f"link delete {entry['name']}" for key in ("interfaces", "bridges") for entry in state[key]))
    for _run in range(2):
        ifupdown2(bare, interfaces, tmp_path)
        assert not (left := left_to_do(bare, state)), "; ".join(left)
        found = changed(before, seen(bare))
        assert {path for path in found if not path.endswith(".mac")} == set(), "without udev a new interface has another random address"
