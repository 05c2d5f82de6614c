# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fabric with hosts of both styles, trunk ports and a VRF on its twin: deployed, proved, changed, and a host that changes its style."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._probe.probe import probe
from ansible_collections.vxlan.fabric.plugins.module_utils._twin import run
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.iproute import Iproute
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import parse_topology
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import compile as compiler
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.expectations import list_endpoints
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import make_topology
from ansible_collections.vxlan.fabric.tests.support import engine, on_twin
from ansible_collections.vxlan.fabric.tests.support import stream as stream_support
from ansible_collections.vxlan.fabric.tests.support.kernel import needs_vlans, without_kind
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace
from ansible_collections.vxlan.fabric.tests.support.report import write_report
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory
from ansible_collections.vxlan.fabric.tests.unit.fabric.mixed import mixed

NAME = f"zs{uuid.uuid4().hex[:8]}"

pytestmark = needs_vlans


def inventory() -> Inventory:
    """With machines in lab as well: behind an access port, and in the native network of a trunk port."""
    found = mixed()
    found.fabric["name"] = NAME
    found.network("lab")["endpoints"] = [
        {"name": "l1", "host": "leaf1", "port": "swp8", "mac": "02:00:00:00:03:01", "address": "10.0.3.1/24"},
        {"name": "l2", "host": "hv1", "port": "eth5", "mac": "02:00:00:00:03:02", "address": "10.0.3.2/24"},
    ]
    return found


@pytest.fixture(scope="module")
def twin() -> Iterator[Inventory]:
    """Built once: a guest kernel takes its time for namespaces."""
    for kind in ("vlan", "vrf"):
        if reason := without_kind(kind):
            pytest.skip(reason)
    fabric = inventory().parse()
    with on_twin.twin(fabric):
        topology = make_topology(fabric)
        parsed = parse_topology(topology["name"], topology["underlay"], topology["hosts"])
        assert not run.run_twin(NAME, parsed, Iproute("ip"), True)["changed"]
        yield inventory()


def space(name: str) -> Namespace:
    return Namespace(f"{NAME}-{name}")


def arguments(changed: Inventory) -> dict[str, dict[str, Any]]:
    return {host: {"host_state": text, "purge": "managed"} for host, text in compiler.texts_of(compiler.host_states(changed.parse())).items()}


def deploy(changed: Inventory) -> None:
    for host, told in arguments(changed).items():
        engine.good(engine.run(space(host), "vtep", told))
        engine.unchanged(space(host), "vtep", told)


def prove(changed: Inventory, routed: int) -> None:
    found = probe({"endpoints": list_endpoints(changed.parse()), "timeout": 10, "parallel": 8}, "ping", "ip", check=False)
    assert found["missing"] == []
    assert [row for row in found["matrix"] if not row["ok"]] == []
    assert found["routed"] == {"pairs": routed, "passed": routed}


def vlans(host: str, bridge: str = "brs") -> dict[str, list[tuple[int, int, tuple[str, ...]]]]:
    """By port, as bridge(8) has them: ranges with their flags."""
    shown = space(host).json("bridge", "-compressvlans", "vlan", "show")
    return {
        entry["ifname"]: [(item["vlan"], item.get("vlanEnd", item["vlan"]), tuple(item.get("flags", ()))) for item in entry["vlans"]]
        for entry in shown
        if entry["ifname"] != bridge
    }


def test_hosts_of_both_styles_trunk_ports_and_a_vrf(twin: Inventory) -> None:
    deploy(twin)
    native = ("PVID", "Egress Untagged")
    assert vlans("leaf1") == {"vxs4": [(100, 101, ()), (300, 300, ())], "swp1": [(100, 100, native)], "swp8": [(300, 300, native)]}
    assert vlans("leaf2") == {"vxs4": [(100, 101, ())], "swp9": [(100, 101, ())]}
    assert {link["ifname"] for link in space("hv1").json("ip", "link", "show", "type", "vlan")} == {"eth5.100", "eth5.101"}
    (web,) = space("leaf1").json("ip", "-details", "address", "show", "dev", "vlan100")
    assert (web["master"], web["address"], web["addr_info"][0]["local"]) == ("red", "02:00:5e:00:01:01", "10.0.0.254")
    prove(twin, routed=8)
    # What was learned and asked for meanwhile is nobody's change.
    for host, told in arguments(twin).items():
        engine.unchanged(space(host), "vtep", told)


def test_where_nothing_floods_a_bridge_that_knows_vlans_answers_for_machines_elsewhere(twin: Inventory) -> None:
    """What is flooded besides is judged by ping_matrix: a broadcast that arrives at another host is a failure."""
    changed = inventory()
    for name in ("web", "app"):
        changed.network(name)["flooding"] = "none"
    changed.network("lab")["port"] = 4790
    deploy(changed)
    assert not [row for row in space("leaf1").json("bridge", "fdb", "show", "dev", "vxs4") if row["mac"] == "00:00:00:00:00:00"]
    prove(changed, routed=8)
    deploy(twin)
    prove(twin, routed=8)


def test_a_host_changes_its_style_in_one_run_and_back(twin: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both styles want the UDP port, so what the host has goes before the other comes: its networks are silent once, or not at all where the kernel
    was not interrupted in between. How long is in the report."""
    monkeypatch.setattr(stream_support, "INTERVAL", 0.005)  # a guest has one processor, for the streams as well
    deploy(twin)
    other = inventory()
    other.vteps["leaf1"]["style"] = "per_vni"
    silences: dict[str, dict[str, float]] = {}
    for way, told in (("to per_vni", arguments(other)["leaf1"]), ("to single", arguments(twin)["leaf1"])):
        check = engine.good(engine.run(space("leaf1"), "vtep", told, check=True))
        with stream_support.streams(space("w2"), space("w1"), "10.0.0.1") as measured:
            changed = engine.good(engine.run(space("leaf1"), "vtep", told))
        assert changed["commands"] == check["commands"]
        engine.unchanged(space("leaf1"), "vtep", told)
        for name, stream in measured.streams.items():
            assert len(stream.silences) <= 1, f"{name}: {stream.silences}"
            assert len(stream.lost) < stream.sent, f"{name}: nothing arrived at all"
            silences[f"{way}, {name}"] = {"sent": stream.sent, "lost": len(stream.lost), "ms": round(1000 * sum(s for s, _datagrams in stream.silences), 1)}
        prove(twin if way == "to single" else other, routed=8)
    write_report("migration", "migration", {"silences": silences})
