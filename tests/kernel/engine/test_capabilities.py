# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kernel has is found out by trying, leaves nothing behind, and is refused before the first write where it lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS, table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.capabilities import probe
from ansible_collections.vxlan.fabric.tests.support import raw
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, refused, run, run_process
from ansible_collections.vxlan.fabric.tests.support.namespaces import CommandError, Namespace


def capabilities(ns: Namespace) -> dict[str, Any]:
    found: dict[str, Any] = good(run(ns, "vtep_facts", {}))["ansible_facts"]["vxlan_capabilities"]
    return found


def makes(ns: Namespace, words: str) -> bool:
    """Whether ip(8) can make such a link, with what it was told."""
    try:
        ns.ip(f"link add probe type {words}")
    except CommandError:
        return False
    data = ns.data("probe")
    ns.ip("link delete probe")
    given = words.split()[1:]
    return all(str(data.get(key)) == value for key, value in zip(given[::2], given[1::2]))


def test_every_row_of_every_table_is_answered(ns: Namespace) -> None:
    found = capabilities(ns)
    assert found["kernel"] == os.uname().release
    assert set(found["options"]) == {kind for kind in KINDS if found["kinds"].get(kind, True)}
    for kind, options in found["options"].items():
        assert list(options) == [row.option for row in table_of(kind)]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("vlan_filtering", "bridge vlan_filtering 1"),
        ("vlan_default_pvid", "bridge vlan_default_pvid 7"),
        ("nf_call_iptables", "bridge nf_call_iptables 1"),
        ("mcast_snooping", "bridge mcast_snooping 0"),
    ],
)
def test_iproute2_has_the_same_experience_with_bridges(ns: Namespace, option: str, words: str) -> None:
    assert capabilities(ns)["options"]["bridge"][option] is makes(ns, words)


@pytest.mark.parametrize(("option", "number"), [("label_policy", 32), ("localbypass", 31), ("reserved_bits", 33), ("df", 29)])
def test_what_the_kernel_reports_of_a_vxlan_interface_it_has(ns: Namespace, option: str, number: int) -> None:
    ns.ip("link add vx9 type vxlan id 9 dstport 4789")
    assert capabilities(ns)["options"]["vxlan"][option] is (number in raw.kind_data(ns, "vx9"))


@pytest.mark.parametrize(("option", "words"), [("vnifilter", "external vnifilter"), ("gbp", "id 7 gbp"), ("gpe", "external gpe nolearning")])
def test_what_is_reported_only_where_it_is_on(ns: Namespace, option: str, words: str) -> None:
    try:
        ns.ip(f"link add vx9 type vxlan dstport 4789 {words}")
        there = bool(ns.data("vx9").get(option))
    except CommandError:
        there = False
    assert capabilities(ns)["options"]["vxlan"][option] is there


def test_nothing_is_left_behind(ns: Namespace) -> None:
    ns.ip("link add br0 type bridge")
    before = ns.state()
    good(run(ns, "vtep_info", {"capabilities": True}))
    assert ns.state() == before
    assert os.stat("/proc/self/ns/net").st_ino != 0
    own = os.readlink("/proc/self/ns/net")
    probe()
    assert os.readlink("/proc/self/ns/net") == own
    with pytest.raises(ChildProcessError):  # none was left to be waited for
        os.waitpid(-1, os.WNOHANG)


def test_vtep_info_tells_the_same_when_asked_and_nothing_otherwise(ns: Namespace) -> None:
    assert good(run(ns, "vtep_info", {"capabilities": True}))["capabilities"] == capabilities(ns)
    assert "capabilities" not in good(run(ns, "vtep_info", {}))


@pytest.mark.skipif(not shutil.which("setpriv"), reason="no setpriv here (util-linux)")
def test_without_the_right_it_says_which_one(tmp_path: Path) -> None:
    prefix = ("setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin")
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no right to give up a capability here")
    text = bad(run_process(None, "vtep_facts", {}, tmp_path, prefix=prefix))
    assert "CAP_SYS_ADMIN" in text
    assert "become" in text


WANTED: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("bridge", "vlan_filtering"): ("bridge", {"name": "br0", "vlan_filtering": True}),
    ("bridge", "fdb_max_learned"): ("bridge", {"name": "br0", "fdb_max_learned": 50}),
    ("bridge_slave", "neigh_vlan_suppress"): ("bridge", {"name": "br0", "ports": [{"name": "eth0", "neigh_vlan_suppress": True}]}),
    ("vxlan", "localbypass"): ("interface", {"name": "vx0", "vni": 7, "localbypass": False}),
    ("vxlan", "multicast_route"): ("interface", {"name": "vx0", "vni": 7, "multicast_route": True}),
    ("vxlan", "vnifilter"): ("interface", {"name": "vx0", "external": True, "vnifilter": True}),
}


@pytest.mark.parametrize(("kind", "option"), sorted(WANTED))
def test_what_is_missing_is_refused_before_the_first_write(ns: Namespace, kind: str, option: str) -> None:
    module, wanted = WANTED[kind, option]
    if capabilities(ns)["options"][kind][option]:
        good(run(ns, module, wanted))
        return
    refused(ns, module, wanted, f".{option}: this kernel ({os.uname().release}) lacks it")
    assert run(ns, module, wanted)["writes"] == 0


def test_of_a_whole_host_everything_that_is_missing_is_named_at_once(ns: Namespace) -> None:
    has = capabilities(ns)["options"]
    wanted = {
        "interfaces": [{"name": "vx0", "vni": 7, "localbypass": False}],
        "bridges": [{"name": "br0", "vlan_filtering": True, "fdb_max_learned": 50, "ports": [{"name": "vx0", "neigh_vlan_suppress": True}]}],
    }
    lacks = [
        name
        for name, there in {
            "vx0.localbypass": has["vxlan"]["localbypass"],
            "br0.vlan_filtering": has["bridge"]["vlan_filtering"],
            "br0.fdb_max_learned": has["bridge"]["fdb_max_learned"],
            "vx0.neigh_vlan_suppress": has["bridge_slave"]["neigh_vlan_suppress"],
        }.items()
        if not there
    ]
    if not lacks:
        good(run(ns, "vtep", wanted))
        return
    refused(ns, "vtep", wanted, *lacks)
    assert run(ns, "vtep", wanted)["writes"] == 0
