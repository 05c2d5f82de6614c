# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What really goes wrong with VXLAN on Linux, one test or more for each known fault."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import attributes, encode, links, writer
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import namespace as namespaces
from ansible_collections.vxlan.fabric.tests.support.engine import Result, bad, finish_child, good, judged, refused, run, run_process, start, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

MAC, MAC2 = "02:00:00:00:11:11", "02:00:00:00:22:22"
ZERO = "00:00:00:00:00:00"
VX0: dict[str, Any] = {"name": "vx0", "mac": MAC, "vni": 100, "remote": "192.0.2.2", "local": "192.0.2.1"}


def deaf_to(option: str, mute: bool) -> Callable[[], None]:
    """A kernel that acknowledges an option and ignores it; mute: and does not report it either, as those that do not know it."""

    def patch() -> None:
        encode_values, decode = encode.encode_values, attributes.decode_values

        def encode_less(table: Any, wanted: Any, index_of: Any) -> Any:
            return encode_values(table, {k: v for k, v in wanted.items() if k != option}, index_of)

        def decode_less(table: Any, raw: Any, name_of: Any) -> Any:
            return {k: v for k, v in decode(table, raw, name_of).items() if k != option}

        setattr(writer, "encode_values", encode_less)  # noqa: B010 - not exported, as far as mypy knows
        encode.encode_values = encode_less  # what the packed lane uses
        if mute:
            setattr(links, "decode_values", decode_less)  # noqa: B010

    return patch


def test_f1_ignored_attribute_at_creation_is_an_error_and_undone(ns: Namespace) -> None:
    refused(ns, "interface", {**VX0, "ageing": 77}, "vx0", "ageing is 300", "77 was set", check=False, patch=deaf_to("ageing", False))


def test_f1_ignored_attribute_of_a_live_interface_is_an_error_and_undone(ns: Namespace) -> None:
    good(run(ns, "interface", {**VX0, "ttl": "5", "state": "up"}))
    wanted = {**VX0, "ageing": 77, "ttl": "6", "alias": "new", "mtu": "1400"}
    refused(ns, "interface", wanted, "ageing is 300", "77 was set", check=False, patch=deaf_to("ageing", False))


def test_f1_attribute_that_the_kernel_does_not_know_is_named_with_the_kernel(ns: Namespace) -> None:
    words = ("localbypass", "needs Linux 6.5", os.uname().release)
    refused(ns, "interface", {**VX0, "localbypass": False}, *words, check=False, patch=deaf_to("localbypass", True))
    words = ("vnifilter", "needs Linux 5.18", os.uname().release)
    refused(ns, "interface", {"name": "vx0", "external": True, "vnifilter": True}, *words, check=False, patch=deaf_to("vnifilter", True))


def test_f1_ignored_attribute_of_a_re_creation_is_undone(ns: Namespace) -> None:
    good(run(ns, "interface", {**VX0, "state": "up", "addresses": ["10.0.0.1/24"]}))
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": "192.0.2.7"}]}))
    refused(ns, "interface", {**VX0, "limit": 50}, "limit is 0, 50 was set", check=False, patch=deaf_to("limit", False))


@pytest.mark.parametrize(
    ("module", "given", "word"),
    [
        ("interface", {**VX0, "agening": 5}, "agening"),
        ("bridge", {"name": "br0", "ports": [{"name": "vx0", "lerning": False}]}, "ports.lerning"),
        ("fdb", {"interface": "vx0", "rows": [{"mac": MAC, "dst": "192.0.2.7", "vnid": 5}]}, "rows.vnid"),
    ],
)
def test_f2_unknown_option_is_an_error(ns: Namespace, module: str, given: dict[str, Any], word: str) -> None:
    refused(ns, module, given, f"{word}. Supported parameters")


def test_f3_ageing_0_is_refused_with_advice(ns: Namespace) -> None:
    refused(ns, "interface", {**VX0, "ageing": 0}, "ageing: 0 is not within", "the kernel turns 0 into 300")


def test_f4_only_differences_are_sent(ns: Namespace) -> None:
    """The kernel refuses immutable attributes even with the value they have."""
    everything = {**VX0, "limit": 5, "source_port": "1000-2000", "proxy": True, "udp_checksum": False, "ttl": "64"}
    good(run(ns, "interface", everything))
    result = judged(ns, "interface", {**everything, "ageing": 77})
    assert result["commands"] == ["ip link set vx0 type vxlan ageing 77"]


def test_f5_live_changes_keep_the_ifindex(ns: Namespace) -> None:
    good(run(ns, "interface", VX0))
    index = ns.index("vx0")
    judged(ns, "interface", {**VX0, "remote": "192.0.2.3", "ageing": 77, "ttl": "9", "mtu": "1300", "learning": False, "state": "up"})
    assert ns.index("vx0") == index


def test_f6_changed_device_leaves_one_default_row(ns: Namespace) -> None:
    given = {**VX0, "device": "eth0", "state": "up"}
    good(run(ns, "interface", given))
    judged(ns, "interface", {**given, "device": "far0"})
    (row,) = (row for row in ns.fdb("vx0") if row["mac"] == ZERO)
    assert row.get("via", "far0") == "far0"
    judged(ns, "interface", {**given, "device": "far0", "remote": "192.0.2.3"})
    assert ns.destinations("vx0") == ["192.0.2.3"]


def test_f6_device_and_remote_at_once_leave_one_default_row(ns: Namespace) -> None:
    given = {**VX0, "device": "eth0"}
    good(run(ns, "interface", given))
    judged(ns, "interface", {**given, "device": "far0", "remote": "192.0.2.3"})
    assert [(row["dst"], row.get("via", "far0")) for row in ns.fdb("vx0") if row["mac"] == ZERO] == [("192.0.2.3", "far0")]


def test_f6_somebody_elses_double_is_mended(ns: Namespace) -> None:
    good(run(ns, "interface", {**VX0, "device": "eth0"}))
    ns.ip("link set vx0 type vxlan id 100 dev far0", "link set vx0 type vxlan id 100 remote 192.0.2.3")
    assert len(ns.destinations("vx0")) == 2
    good(run(ns, "interface", {**VX0, "device": "far0", "remote": "192.0.2.3"}))
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.3"]}]}))
    assert ns.destinations("vx0") == ["192.0.2.3"]


def test_f7_deleted_default_row_comes_back(ns: Namespace) -> None:
    good(run(ns, "interface", VX0))
    ns.bridge(f"fdb del {ZERO} dev vx0 dst 192.0.2.2")
    assert ns.data("vx0")["remote"] == "192.0.2.2"
    assert ns.destinations("vx0") == []
    judged(ns, "interface", VX0)
    assert ns.destinations("vx0") == ["192.0.2.2"]


def test_f8_one_of_many_is_removed(ns: Namespace) -> None:
    good(run(ns, "interface", {"name": "vx0", "vni": 100}))
    rows = [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3", "192.0.2.4"]}]
    good(run(ns, "fdb", {"interface": "vx0", "rows": rows}))
    judged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": ZERO, "dst": "192.0.2.3"}]})
    assert ns.destinations("vx0") == ["192.0.2.2", "192.0.2.4"]


def test_f8_destination_that_is_not_there_removes_nothing(ns: Namespace) -> None:
    good(run(ns, "interface", {"name": "vx0", "vni": 100}))
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"]}]}))
    unchanged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [{"mac": ZERO, "dst": "192.0.2.9"}]})
    assert len(ns.destinations("vx0")) == 2


def test_f9_unicast_is_replaced_and_never_appended(ns: Namespace) -> None:
    good(run(ns, "interface", {"name": "vx0", "vni": 100}))
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": "192.0.2.2"}]}))
    result = judged(ns, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": "192.0.2.3"}]})
    assert ns.destinations("vx0", MAC2) == ["192.0.2.3"]
    assert result["commands"] == [f"bridge fdb replace {MAC2} dev vx0 dst 192.0.2.3 self permanent"]
    refused(ns, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": ["192.0.2.2", "192.0.2.3"]}]}, MAC2, "192.0.2.2", "192.0.2.3", "nexthop group")


@pytest.mark.parametrize("other", [{}, {"local": "192.0.2.99", "missing_local": "warn"}, {"remote": "192.0.2.77"}])
def test_f10_vni_clash_names_the_holder(ns: Namespace, other: dict[str, Any]) -> None:
    good(run(ns, "interface", VX0))
    refused(ns, "interface", {**VX0, "name": "vx1", **other}, "vx1", "VNI 100", "port 4789", "'vx0'")


def test_f10_the_other_family_and_the_other_port_are_free(ns: Namespace) -> None:
    good(run(ns, "interface", VX0))
    judged(ns, "interface", {"name": "vx1", "mac": MAC, "vni": 100, "remote": "2001:db8::2", "local": "2001:db8::1"})
    judged(ns, "interface", {**VX0, "name": "vx2", "port": 4790})


def test_f10_clash_of_a_re_creation_is_found_before(ns: Namespace) -> None:
    good(run(ns, "interface", VX0))
    good(run(ns, "interface", {"name": "vx1", "vni": 101}))
    refused(ns, "interface", {"name": "vx1", "vni": 100}, "VNI 100", "'vx0'")


def test_f11_vni_held_by_a_moved_interface_names_candidates(ns: Namespace, other: Namespace) -> None:
    good(run(ns, "interface", VX0))
    ns.ip(f"link set vx0 netns {other.name}")
    text = refused(ns, "interface", {**VX0, "name": "vx1"}, "VNI 100", other.name, "not touched", check=False)
    assert "vx0 in network namespace" in text
    assert other.has("vx0")


@contextmanager
def bound_port(ns: Namespace, port: int) -> Iterator[int]:
    """A process with a UDP socket on a port; its pid."""
    code = f"import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', {port})); print('bound', flush=True); sys.stdin.read()"
    words = ["ip", "netns", "exec", ns.name, sys.executable, "-c", code]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "bound\n"
        yield process.pid
        process.stdin.close()


def test_f12_busy_port_rolls_back_and_names_the_holder(ns: Namespace) -> None:
    with bound_port(ns, 4789) as pid:
        wanted = {**VX0, "state": "up", "addresses": ["10.0.0.1/24"]}
        refused(ns, "interface", wanted, "UDP port 4789", f"process {pid}", "python", check=False)
    judged(ns, "interface", wanted)


def test_f12_re_creation_onto_a_busy_port_brings_everything_back(ns: Namespace) -> None:
    good(run(ns, "interface", {**VX0, "state": "up", "addresses": ["10.0.0.1/24"], "alias": "mine"}))
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": ZERO, "dst": ["192.0.2.2", "192.0.2.3"]}, {"mac": MAC2, "dst": "192.0.2.3"}]}))
    with bound_port(ns, 4790) as pid:
        refused(ns, "interface", {**VX0, "port": 4790}, "UDP port 4790", f"process {pid}", check=False)


def test_f12_what_cannot_be_put_back_is_said(ns: Namespace) -> None:
    """A first destination cannot be taken away again from a live interface."""
    good(run(ns, "interface", {"name": "vx0", "mac": MAC, "vni": 100}))
    with bound_port(ns, 4789):
        text = bad(run(ns, "interface", {"name": "vx0", "remote": "192.0.2.2", "ageing": 77, "state": "up"}))
    assert "UDP port 4789" in text
    assert "Putting things back was incomplete: vx0: remote is 192.0.2.2" in text
    assert ns.data("vx0")["ageing"] == 300


def test_f13_renamed_interface_is_reported_under_its_other_name(ns: Namespace) -> None:
    good(run(ns, "interface", VX0))
    ns.ip("link set vx0 name old")
    refused(ns, "interface", VX0, "'old'", "ip link set old name vx0")


@pytest.mark.parametrize("module", ["interface", "bridge"])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_f14_foreign_kind_is_never_touched(ns: Namespace, module: str, state: str) -> None:
    ns.ip("link add foreign address 02:00:00:00:00:33 type ifb")
    given: dict[str, Any] = {"name": "foreign", "state": state}
    if module == "interface" and state == "present":
        given["vni"] = 5
    refused(ns, module, given, "foreign", "'ifb'", "not touched")


def test_f15_port_is_4789_and_always_sent(ns: Namespace) -> None:
    result = judged(ns, "interface", {"name": "vx0", "mac": MAC, "vni": 1})
    assert ns.data("vx0")["port"] == 4789
    assert "dstport 4789" in result["commands"][0]


def test_f16_mtu_that_does_not_fit_is_a_warning_and_auto_fits(ns: Namespace) -> None:
    result = good(run(ns, "interface", {**VX0, "mtu": "1600"}))
    (warning,) = result["warnings"]
    assert "1600" in warning
    assert "'mtu: auto' would set 1550" in warning
    judged(ns, "interface", {**VX0, "mtu": "auto"})
    assert ns.link("vx0")["mtu"] == 1550
    ns.ip("link set far0 mtu 1500", "link set eth0 mtu 1500")
    judged(ns, "interface", {**VX0, "mtu": "auto"})
    assert ns.link("vx0")["mtu"] == 1450


def test_f17_local_of_another_host_is_refused_or_a_warning(ns: Namespace) -> None:
    refused(ns, "interface", {**VX0, "local": "192.0.2.50"}, "vx0.local", "192.0.2.50", "missing_local")
    result = good(run(ns, "interface", {**VX0, "local": "192.0.2.50", "missing_local": "warn"}))
    assert "192.0.2.50" in result["warnings"][0]
    unchanged(ns, "interface", {**VX0, "local": "192.0.2.50", "missing_local": "warn"})
    unchanged(ns, "interface", {**VX0, "local": "192.0.2.50"})  # what is there, as vtep_info gives it, is no error


def test_f23_two_runs_at_once_both_succeed(ns: Namespace) -> None:
    for vni in range(1, 11):
        given = {"name": f"vx{vni}", "vni": vni, "state": "up", "addresses": [f"10.0.{vni}.1/24"]}
        results: list[Result] = [finish_child(child) for child in [start(ns, "interface", given) for _run in range(2)]]
        assert [result["failed"] for result in results] == [False, False], results
        unchanged(ns, "interface", given)


def test_f23_two_processes_at_once_both_succeed(ns: Namespace, tmp_path: Path) -> None:
    given = {"name": "vx0", "vni": 1, "state": "up"}
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda folder: run_process(ns, "interface", given, folder), folders))
    assert [result["failed"] for result in results] == [False, False], results
    assert sorted(result["changed"] for result in results) in ([False, True], [True, True])
    unchanged(ns, "interface", given)


def test_f23_a_held_lock_is_a_clear_error(ns: Namespace) -> None:
    started: list[Any] = []

    def hold() -> None:
        """In the child: let a grandchild hold the lock first."""
        namespaces.enter_namespace(ns.name)
        reader, writer_end = os.pipe()
        pid = os.fork()
        if not pid:
            with namespaces.namespace_lock(1):
                os.write(writer_end, b"x")
                time.sleep(1.5)
            os._exit(0)
        started.append(pid)
        os.read(reader, 1)

    text = bad(run(ns, "interface", {"name": "vx0", "vni": 1, "lock_timeout": 0.2}, patch=hold))
    assert "another run" in text
    assert "lock_timeout" in text
    assert not ns.has("vx0")


def test_f26_interface_that_went_with_its_device_is_rebuilt(ns: Namespace) -> None:
    ns.ip("link add under type ifb", "link set under up", "address add 198.51.100.1/24 dev under")
    given = {"name": "vx0", "mac": MAC, "vni": 1, "remote": "198.51.100.2", "local": "198.51.100.1", "device": "under", "state": "up"}
    good(run(ns, "interface", given))
    ns.ip("link delete under")
    assert not ns.has("vx0")
    refused(ns, "interface", given, "vx0.device", "'under'")
    ns.ip("link add under type ifb", "link set under up", "address add 198.51.100.1/24 dev under")
    judged(ns, "interface", given)
    assert ns.data("vx0")["link"] == "under"


def test_f31_one_mac_in_several_rows_is_kept_apart(ns: Namespace) -> None:
    good(run(ns, "interface", {"name": "vx0", "mac": MAC, "external": True}))
    rows = [
        {"mac": MAC2, "dst": "192.0.2.2", "src_vni": 10},
        {"mac": MAC2, "dst": "192.0.2.2", "src_vni": 20},
        {"mac": MAC2, "dst": "192.0.2.3", "src_vni": 30},
    ]
    judged(ns, "fdb", {"interface": "vx0", "rows": rows})
    judged(ns, "fdb", {"interface": "vx0", "state": "absent", "rows": [rows[0]]})
    assert sorted(row["src_vni"] for row in ns.fdb("vx0")) == [20, 30]


@pytest.mark.parametrize("check", [True, False])
def test_f36_no_capability_is_a_clear_error_in_check_mode_too(ns: Namespace, tmp_path: Path, check: bool) -> None:
    before = ns.state()
    less = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")
    text = bad(run_process(ns, "interface", VX0, tmp_path, check, prefix=less))
    assert "CAP_NET_ADMIN" in text
    assert "become" in text
    assert ns.state() == before


def test_f36_reading_needs_no_capability(ns: Namespace, tmp_path: Path) -> None:
    good(run(ns, "interface", VX0))
    less = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")
    assert good(run_process(ns, "interface", VX0, tmp_path, prefix=less))["changed"] is False
    assert good(run_process(ns, "vtep_info", {}, tmp_path, prefix=less))["interfaces"][0]["name"] == "vx0"


def test_f41_full_table_says_how_many_and_which_limit(ns: Namespace) -> None:
    good(run(ns, "interface", {"name": "vx0", "mac": MAC, "vni": 1, "limit": 3}))
    rows = [{"mac": f"02:00:00:00:00:{i:02x}", "dst": "192.0.2.2"} for i in range(10)]
    message = refused(ns, "fdb", {"interface": "vx0", "rows": rows}, "7 of 10 rows", "ENOSPC", "'limit'", "is 3", check=False)
    assert "incomplete" not in message  # the three that fitted are gone again, and nothing else is claimed
    good(run(ns, "fdb", {"interface": "vx0", "rows": rows[:3]}))
    assert len([row for row in ns.fdb("vx0") if "dst" in row]) == 3


@pytest.mark.parametrize("text", ["a\npost-up x", "a\rb", "\x00", "a\x7f"])
def test_f43_control_characters_are_refused_in_an_alias(ns: Namespace, text: str) -> None:
    refused(ns, "interface", {**VX0, "alias": text}, "alias", "control characters")


def test_f43_addresses_are_written_in_their_one_form(ns: Namespace) -> None:
    given = {**VX0, "mac": "02-00-00-00-AB-CD", "addresses": ["2001:DB8:0:0::9/64"]}
    result = judged(ns, "interface", given)
    assert result["after"]["mac"] == "02:00:00:00:ab:cd"
    assert result["after"]["addresses"] == ["2001:db8::9/64"]
    refused(ns, "interface", {**VX0, "addresses": ["10.0.0.1/24\npost-up x"]}, "addresses[0]")


def test_f11_rows_of_a_moved_interface_are_read(ns: Namespace, other: Namespace) -> None:
    """Its rows carry an attribute more, before the MAC."""
    good(run(ns, "interface", {"name": "vx0", "mac": MAC, "vni": 100}))
    good(run(ns, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": "192.0.2.7", "port": 4790}]}))
    ns.ip(f"link set vx0 netns {other.name}")
    (entry,) = good(run(other, "vtep_info", {}))["fdb"]
    (row,) = (row for row in entry["rows"] if row["mac"] == MAC2)
    assert (row["dst"], row["port"]) == ("192.0.2.7", 4790)
    unchanged(other, "fdb", {"interface": "vx0", "rows": [{"mac": MAC2, "dst": "192.0.2.7", "port": 4790}]})
