# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges of VLANs and VNIs, what changes between two sets of them, and their messages against pyroute2's classes."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.br_vlan import br_vlan_msg

from ansible_collections.vxlan.fabric.plugins.module_utils._apply.transaction import inverses
from ansible_collections.vxlan.fabric.plugins.module_utils._model import vlans as model
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import TunnelRow, VlanRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted, WantedVlans
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import constants as nl
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import vlans as wire_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.make import make_plan
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.predict import predict
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.vlans import settled_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working
from ansible_collections.vxlan.fabric.tests.unit.engine.test_planner import after

numbers = st.integers(1, 30)
states = st.sampled_from(["forwarding", "blocking"])
found_entries = st.tuples(st.just(False), st.booleans(), states, st.booleans())
wanted_entries = st.tuples(st.just(False), st.booleans(), st.none() | states, st.none() | st.booleans())


@st.composite
def sets(draw: st.DrawFn, entries: st.SearchStrategy[model.VlanEntry]) -> dict[int, model.VlanEntry]:
    """VLANs, one of which may be the PVID."""
    made = draw(st.dictionaries(numbers, entries))
    pvid = draw(st.none() | st.sampled_from(sorted(made))) if made else None
    return {vlan: (vlan == pvid, *entry[1:]) for vlan, entry in made.items()}


mappings = st.dictionaries(numbers, numbers).map(lambda made: {vlan: vni for vni, vlan in {vni: vlan for vlan, vni in made.items()}.items()})


@given(sets(found_entries))
def test_vlans_in_ranges_and_back(entries: dict[int, model.VlanEntry]) -> None:
    rows = model.collapsed_vlans(entries)
    assert model.expanded_vlans(rows) == entries
    assert all(row.start == row.end for row in rows if row.pvid), "the kernel takes no PVID with a range"
    for one, other in zip(rows, rows[1:]):
        assert one.end < other.start
        assert one.pvid or other.pvid or one.end + 1 < other.start or one[2:] != other[2:], "as few ranges as there can be"


@given(mappings)
def test_tunnels_in_ranges_and_back(entries: dict[int, int]) -> None:
    rows = model.collapsed_tunnels(entries)
    assert model.expanded_tunnels(rows) == entries
    for one, other in zip(rows, rows[1:]):
        assert one.end + 1 < other.start or one.vni + one.end + 1 - one.start != other.vni


@given(sets(found_entries), numbers | st.just(0), numbers | st.just(0))
def test_a_default_pvid_leaves_what_somebody_configured(entries: dict[int, model.VlanEntry], old: int, new: int) -> None:
    rows = model.collapsed_vlans(entries)
    moved = model.expanded_vlans(model.with_default_pvid(rows, old, new))
    assert sum(entry[0] for entry in moved.values()) <= 1
    kept = {vlan: entry[1:] for vlan, entry in entries.items() if vlan != old}
    assert {vlan: entry[1:] for vlan, entry in moved.items() if vlan in kept} == kept
    born = model.born_with(old)
    assert model.with_default_pvid(born, old, new) == model.born_with(new)


START = {
    "br0": Link("br0", "bridge", index=1, master="", attributes={"vlan_filtering": True}),
    "p0": Link("p0", "vxlan", index=2, master="br0", port={"vlan_tunnel": True}),
}


def host(vlans: dict[int, model.VlanEntry], tunnels: dict[int, int]) -> HostState:
    return HostState(START, vlans={"br0": (), "p0": model.collapsed_vlans(vlans)}, tunnels={"br0": (), "p0": model.collapsed_tunnels(tunnels)})


def content(state: HostState) -> tuple[object, object]:
    assert state.vlans is not None
    assert state.tunnels is not None
    return model.expanded_vlans(state.vlans["p0"]), model.expanded_tunnels(state.tunnels["p0"])


class Kernel:
    """What the kernel accepts, one VLAN after the other (br_vlan_process_options, __vlan_tunnel_info_add)."""

    def __init__(self, vlans: dict[int, model.VlanEntry], tunnels: dict[int, int]) -> None:
        self.vlans, self.tunnels = set(vlans), dict(tunnels)

    def run(self, operation: ops.Operation) -> None:
        if isinstance(operation, ops.WriteVlans):
            assert all(row.start == row.end for row in operation.rows if row.pvid)
            self.vlans |= set(model.expanded_vlans(operation.rows))
        elif isinstance(operation, ops.DeleteVlans):
            gone = set(model.expanded_vlans(operation.rows))
            assert gone <= self.vlans, "no such VLAN"
            assert not gone & set(self.tunnels), "a mapping would go unsaid"
            self.vlans -= gone
        elif isinstance(operation, ops.WriteTunnels):
            for vlan, vni in model.expanded_tunnels(operation.rows).items():
                assert vlan in self.vlans, "Vlan doesn't exist"
                assert vlan not in self.tunnels, "the VLAN is mapped"
                assert vni not in self.tunnels.values(), "the VNI is mapped"
                self.tunnels[vlan] = vni
        elif isinstance(operation, ops.DeleteTunnels):
            for vlan in model.expanded_tunnels(operation.rows):
                assert self.tunnels.pop(vlan, None) is not None


@given(sets(found_entries), mappings, st.none() | sets(wanted_entries), st.none() | mappings, st.booleans())
def test_from_any_set_to_any_other_and_back(
    vlans: dict[int, model.VlanEntry], tunnels: dict[int, int], wanted: dict[int, model.VlanEntry] | None, mapped: dict[int, int] | None, exact: bool
) -> None:
    tunnels = {vlan: vni for vlan, vni in tunnels.items() if vlan in vlans}
    there = set(vlans if wanted is None else wanted)
    mapped = None if mapped is None else {vlan: vni for vlan, vni in mapped.items() if vlan in there}
    before = host(vlans, tunnels)
    rows = None if wanted is None else model.collapsed_vlans(wanted)
    asked = WantedVlans("p0", rows, None if mapped is None else model.collapsed_tunnels(mapped), exact)
    plan = make_plan(before, Wanted(vlans=(asked,)))
    found_vlans, found_tunnels = content(plan.after)
    assert isinstance(found_vlans, dict)
    assert isinstance(found_tunnels, dict)
    for vlan, entry in (wanted or {}).items():
        has = found_vlans[vlan]
        assert has[:2] == entry[:2]
        assert entry[2] in (None, has[2])
        assert entry[3] in (None, has[3])
    if wanted is not None and exact:
        assert set(found_vlans) == set(wanted)
    if mapped is not None and exact:
        assert found_tunnels == mapped
    assert set(mapped or {}).issubset(found_tunnels)
    assert make_plan(plan.after, Wanted(vlans=(asked,))).operations == ()
    kernel = Kernel(vlans, tunnels)
    for operation in plan.operations:
        kernel.run(operation)
    for length in range(1, len(plan.operations) + 1):
        assert content(after(before, (*plan.operations[:length], *inverses(plan.operations[:length])))) == content(before)
    back = inverses(plan.operations)
    for operation in back:
        kernel.run(operation)


@given(sets(found_entries), mappings)
def test_a_port_that_is_made_anew_has_what_it_had(vlans: dict[int, model.VlanEntry], tunnels: dict[int, int]) -> None:
    tunnels = {vlan: vni for vlan, vni in tunnels.items() if vlan in vlans}
    born = model.expanded_vlans(model.born_with(1))
    working = Working(host(born, {}))
    kernel = Kernel(born, {})
    for operation in settled_vlans("p0", model.born_with(1), model.collapsed_vlans(vlans), model.collapsed_tunnels(tunnels)):
        kernel.run(operation)
        predict(working, operation)
    assert content(working.frozen()) == (vlans, tunnels)


def encoded(flags: int, start: int, end: int, attributes: list[tuple[str, Any]]) -> bytes:
    """The body as pyroute2 packs it."""
    message = br_vlan_msg()
    message["family"], message["ifindex"] = nl.AF_BRIDGE, 7
    extent = [("BRIDGE_VLANDB_ENTRY_RANGE", end)] if end != start else []
    entry = [("BRIDGE_VLANDB_ENTRY_INFO", {"flags": flags, "vid": start}), *extent, *attributes]
    message["attrs"] = [("BRIDGE_VLANDB_ENTRY", {"attrs": entry})]
    message.encode()
    return bytes(message.data)[16:]


@pytest.mark.parametrize(
    ("row", "flags", "attributes"),
    [
        (VlanRow(5, 5), 0, []),
        (VlanRow(5, 5, True, True), 6, []),
        (VlanRow(100, 199, untagged=True, state="blocking"), 4, [("BRIDGE_VLANDB_ENTRY_STATE", 4)]),
        (VlanRow(1, 4094, state="disabled", neigh_suppress=True), 0, [("BRIDGE_VLANDB_ENTRY_STATE", 0), ("BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS", 1)]),
    ],
)
def test_vlans_are_packed_as_pyroute2_does(row: VlanRow, flags: int, attributes: list[tuple[str, Any]]) -> None:
    assert wire_vlans.vlan_bodies(7, [row]) == [encoded(flags, row.start, row.end, attributes)]


def test_tunnels_are_packed_by_hand() -> None:
    """tunnel_info is a nest with the VNI of the first VLAN and a command; BRIDGE_VLAN_INFO_ONLY_OPTS (1 << 6) leaves the VLAN alone."""
    head = struct.pack("=BxxxI", 7, 7)
    info = struct.pack("=HHHH", 8, 1, 0x40, 100)
    extent = struct.pack("=HHHxx", 6, 2, 199)
    tunnel = struct.pack("=HH", 20, 0x8004) + struct.pack("=HHI", 8, 1, 10100) + struct.pack("=HHI", 8, 2, 19)
    entry = info + extent + tunnel
    assert wire_vlans.tunnel_bodies(7, [TunnelRow(100, 199, 10100)], nl.RTM_SETLINK) == [head + struct.pack("=HH", len(entry) + 4, 0x8001) + entry]


class Dumped:
    """A socket with one buffer: bodies of RTM_NEWVLAN."""

    def __init__(self, *bodies: bytes) -> None:
        self._buffer = b"".join(struct.pack("=IHHII", 16 + len(body), nl.RTM_NEWVLAN, 2, 1, 0) + body for body in bodies)

    def dump(self, *_unused: object) -> list[bytes]:
        return [self._buffer]


def test_a_dump_is_read() -> None:
    """As a kernel without neigh_suppress says it, and with attributes that are not ours (statistics, multicast)."""
    tunnel = ("BRIDGE_VLANDB_ENTRY_TUNNEL_INFO", {"attrs": [("BRIDGE_VLANDB_TINFO_ID", 10100)]})
    bodies = [
        encoded(6, 1, 1, [("BRIDGE_VLANDB_ENTRY_STATE", 3), ("BRIDGE_VLANDB_ENTRY_MCAST_ROUTER", 1)]),
        encoded(0, 100, 199, [("BRIDGE_VLANDB_ENTRY_STATE", 4), tunnel, ("BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS", 1)]),
    ]
    told = wire_vlans.dump_vlans(Dumped(*bodies))  # type: ignore[arg-type]
    assert told is not None
    rows, tunnels = told
    assert rows == {7: [VlanRow(1, 1, True, True, "forwarding", False), VlanRow(100, 199, False, False, "blocking", True)]}
    assert tunnels == {7: [TunnelRow(100, 199, 10100)]}


PATH = "ports[0].vlans"


@pytest.mark.parametrize(
    ("listed", "mistakes"),
    [
        ([{"vlan": "5"}, {"vlan": "4-6"}], [f"{PATH}: VLAN 5 is in two entries"]),
        ([{"vlan": "5-"}], [f"{PATH}[0].vlan: '5-' is neither a VLAN (1..4094) nor a range such as 100-199"]),
        ([{"vlan": "9-5"}], [f"{PATH}[0].vlan: '9-5' is neither a VLAN (1..4094) nor a range such as 100-199"]),
        ([{"vlan": "4095"}], [f"{PATH}[0].vlan: '4095' is neither a VLAN (1..4094) nor a range such as 100-199"]),
        ([{"vlan": "5-6", "pvid": True}], [f"{PATH}[0].pvid: one VLAN can be the PVID, not 5-6"]),
        ([{"vlan": "5", "pvid": True}, {"vlan": "6", "pvid": True}], [f"{PATH}: one VLAN can be the PVID, 5, 6 are given"]),
        ([{"vlan": " 1 - 4094 "}], []),
    ],
)
def test_mistakes_in_vlans(listed: list[dict[str, Any]], mistakes: list[str]) -> None:
    found: list[str] = []
    model.parse_vlans([{"pvid": False, "untagged": False, **entry} for entry in listed], PATH, found)
    assert found == mistakes


@pytest.mark.parametrize(
    ("listed", "mistakes"),
    [
        ([{"vlan": "1-3", "vni": "5-6"}], ["tunnels[0]: 3 VLANs (1-3) are mapped to 2 VNIs (5-6)"]),
        ([{"vlan": "1", "vni": "5"}, {"vlan": "2-3", "vni": "4-5"}], ["tunnels: VNI 5 is in two entries"]),
        ([{"vlan": "1-2", "vni": "5-6"}, {"vlan": "2", "vni": "9"}], ["tunnels: VLAN 2 is in two entries"]),
        ([{"vlan": "1", "vni": "16777216"}], ["tunnels[0].vni: '16777216' is neither a VNI (1..16777215) nor a range such as 100-199"]),
        ([{"vlan": "1", "vni": "16777215"}], []),
    ],
)
def test_mistakes_in_tunnels(listed: list[dict[str, Any]], mistakes: list[str]) -> None:
    found: list[str] = []
    model.parse_tunnels(listed, "tunnels", found)
    assert found == mistakes
