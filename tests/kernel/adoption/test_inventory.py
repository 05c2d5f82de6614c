# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts set up by hand, as an inventory: what deploying it would change is what the notes say, and a network that it has no words for is left alone."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Adopted, Read, adopt
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import CHANGES, OUT
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.write import is_mark
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import texts_of
from ansible_collections.vxlan.fabric.tests.support.engine import good, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

from .forms import FORMS
from .test_adoption import build

HOST = "hv1"
# What of each form is described; of the others the inventory says why not.
DESCRIBED = {
    "head-end list": {"vx-keep", "vx-drop"},
    "multicast": {"vx-keep", "vx-drop"},
    "the kernel's old port": {"vx-keep", "vx-drop"},
    "IPv6": {"vx-keep", "vx-drop"},
    "external with a VNI filter": set(),
    "routed, with addresses and neighbours": set(),
    "several VTEPs behind one address": {"vx-keep"},
    "with other ports and another bridge": {"vx-keep", "vx-drop"},
}


@pytest.fixture
def ns() -> Iterator[Namespace]:
    with namespace("vfa") as made:
        yield made


def _peers(found: dict[str, Any]) -> dict[str, Read]:
    """Three hosts that have the same interfaces, each under its own address, and flood to nobody yet."""
    peers = {}
    for number in (2, 3, 4):
        other = copy.deepcopy(found)
        for link in other["interfaces"]:
            link.pop("remote", None)
            six = ":" in str(link.get("local")) or ":" in str(link.get("group")) or any(":" in str(row.get("dst")) for row in _rows(found, link["name"]))
            link["local"] = f"2001:db8::{number}" if six else f"192.0.2.{number}"
        for bridge in other["bridges"]:
            bridge["addresses"] = []
        for entry in other["fdb"]:
            entry["rows"] = []
        peers[f"hv{number}"] = Read(other)
    return peers


def _rows(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [row for entry in found["fdb"] if entry["interface"] == name for row in entry["rows"]]


FACTS = {
    "eth0": {
        "device": "eth0", "active": True, "mtu": 1600, "ipv4": {"address": "192.0.2.1", "prefix": "24"},
        "ipv6": [{"address": "2001:db8::1", "prefix": "64", "scope": "global"}],
    }
}  # fmt: skip


def _adopted(ns: Namespace) -> Adopted:
    found = good(run(ns, "vtep_info", {}))
    return adopt({HOST: Read(found, FACTS), **_peers(found)}, {"hypervisors": ["hv1", "hv2", "hv3", "hv4"]}, fabric="dc1")


def _deploy(ns: Namespace, adopted: Adopted, check: bool) -> dict[str, Any]:
    parameters = {"host_state": texts_of(adopted.states)[HOST], "fabric": None, "purge": "managed"}
    return good(run(ns, "vtep", {key: value for key, value in parameters.items() if value is not None}, check=check))


@pytest.mark.parametrize("form", FORMS)
def test_what_deploy_would_change_is_told(ns: Namespace, form: str) -> None:
    build(ns, FORMS[form])
    adopted = _adopted(ns)
    assert adopted.reading.errors == []
    described = {network.interface for fabric in adopted.reading.fabrics.values() for network in fabric.networks.values()}
    assert described == DESCRIBED[form]
    out = {name for told in adopted.notes if told.level == OUT and HOST in told.hosts for name in told.about}
    assert out == {"vx-keep", "vx-drop"} - described
    if not described:
        return
    before = ns.state()
    result = _deploy(ns, adopted, check=True)
    assert ns.state() == before
    told = {name for entry in adopted.notes if entry.level == CHANGES and HOST in entry.hosts for name in entry.about}
    changed = {operation["interface"] for operation in result["operations"] if not is_mark(operation)}
    assert changed == told, result["commands"]


@pytest.mark.parametrize("form", [form for form, described in DESCRIBED.items() if described])
def test_after_a_deploy_the_same_adoption_finds_nothing_to_change(ns: Namespace, form: str) -> None:
    """What has no words stays outside of it, whatever is deployed."""
    build(ns, FORMS[form])
    adopted = _adopted(ns)
    strangers = {name for told in adopted.notes if told.level == OUT and HOST in told.hosts for name in told.about}
    links = {name: ns.link(name) for name in strangers}
    _deploy(ns, adopted, check=False)
    assert {name: ns.link(name) for name in strangers} == links
    unchanged(ns, "vtep", {"host_state": texts_of(adopted.states)[HOST], "purge": "managed"})
    again = _adopted(ns)
    assert [entry for entry in again.notes if entry.level == CHANGES and HOST in entry.hosts] == []
