# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what a state needs of a kernel, and what of it is not there."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import (
    Capabilities,
    Need,
    doubtful_rows,
    is_doubtful,
    missing,
    needs_of_values,
    release_of,
)
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.capabilities import lacking

FACTS: dict[str, Any] = {
    "kernel": "6.1.0-39-amd64",
    "kinds": {"vxlan": True, "bridge": True, "vrf": False},
    "options": {
        "vxlan": {"vnifilter": True, "localbypass": False},
        "bridge": {"vlan_filtering": False, "priority": True},
        "bridge_slave": {"isolated": True, "neigh_vlan_suppress": False},
    },
}
FOUND = Capabilities(FACTS["kernel"], FACTS["kinds"], FACTS["options"])


@pytest.mark.parametrize(("text", "release"), [("6.1.0-39-amd64", (6, 1)), ("6.18.44-fc", (6, 18)), ("4.18.0-553.el8", (4, 18)), ("", (0, 0))])
def test_release(text: str, release: tuple[int, int]) -> None:
    assert release_of(text) == release


def test_a_value_that_the_kernel_has_by_itself_needs_nothing() -> None:
    assert list(needs_of_values("vx0", "vxlan", {"localbypass": True, "learning": False}, VXLAN)) == [Need("vx0", "vxlan", "learning")]
    assert list(needs_of_values("vx0", "vxlan", {"localbypass": False, "learning": False}, doubtful_rows("vxlan", "6.4"))) == [
        Need("vx0", "vxlan", "localbypass")
    ]


@pytest.mark.parametrize(
    ("need", "release", "doubtful"),
    [
        (Need("vx0", "vxlan", "localbypass"), "6.1.0", True),
        (Need("vx0", "vxlan", "localbypass"), "6.5.0", False),
        (Need("vx0", "vxlan", "learning"), "6.1.0", False),
        (Need("br0", "bridge", "vlan_filtering"), "6.18.0", True),  # whatever the version, it may be built without
        (Need("br0", "bridge"), "6.1.0", False),
        (Need("red", "vrf"), "6.1.0", True),
    ],
)
def test_what_is_tried(need: Need, release: str, doubtful: bool) -> None:
    assert is_doubtful(need, release) is doubtful


def test_sentences_name_object_option_and_kernel() -> None:
    needs = [Need("vx0", "vxlan", "localbypass"), Need("br0", "bridge", "vlan_filtering"), Need("red", "vrf"), Need("br0", "bridge", "priority")]
    assert missing(needs, FOUND) == [
        "vx0.localbypass: this kernel (6.1.0-39-amd64) lacks it: it came with Linux 6.5",
        "br0.vlan_filtering: this kernel (6.1.0-39-amd64) lacks it: it was built without CONFIG_BRIDGE_VLAN_FILTERING",
        "red: this kernel (6.1.0-39-amd64) has no VRF (CONFIG_NET_VRF)",
    ]


def test_what_was_not_asked_for_counts_as_there() -> None:
    assert missing([Need("vx0", "vxlan", "gbp"), Need("v5", "vlan", "vlan")], FOUND) == []


def test_state_and_its_defaults() -> None:
    state = {
        "defaults": {"interface": {"localbypass": False}, "bridge": {"vlan_filtering": True}},
        "interfaces": [{"name": "vx1", "vnifilter": True}, {"name": "vx2", "localbypass": True}, {"name": "vx3", "state": "absent"}],
        "bridges": [{"name": "br0", "ports": [{"name": "vx1", "isolated": True, "vlans": [{"vlan": 5, "neigh_suppress": True}]}]}],
        "vrfs": [{"name": "red", "table": 10}, {"name": "blue", "state": "absent"}],
    }
    assert [sentence.partition(":")[0] for sentence in lacking(state, FACTS)] == [
        "vx1.localbypass",
        "br0.vlan_filtering",
        "br0.ports.vx1.neigh_vlan_suppress",
        "red",
    ]


def test_a_kernel_that_has_everything_lacks_nothing() -> None:
    assert lacking({"bridges": [{"name": "br0", "vlan_filtering": True}]}, {"kernel": "6.12", "kinds": {"bridge": True}, "options": {}}) == []
