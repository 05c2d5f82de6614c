# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""F18 and F19: combinations and names that are judged before the first write."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import judged, refused
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace

MAC = "02:00:00:00:11:11"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"remote": "2001:db8::2", "local": "192.0.2.1"}, ("local 192.0.2.1", "2001:db8::2", "different IP versions")),
        ({"remote": "fe80::2"}, ("remote", "fe80::2", "device")),
        ({"local": "239.1.1.1"}, ("local", "239.1.1.1", "multicast")),
        ({"group": "239.1.1.1"}, ("group", "device")),
        ({"group": "192.0.2.9", "device": "eth0"}, ("group", "192.0.2.9", "'remote'")),
        ({"remote": "239.1.1.1", "device": "eth0"}, ("remote", "239.1.1.1", "'group'")),
        ({"remote": "192.0.2.2", "group": "239.1.1.1", "device": "eth0"}, ("mutually exclusive",)),
        ({"remote": "0.0.0.0"}, ("remote", "unspecified")),  # noqa: S104
        ({"remote": "192.0.2.2/24"}, ("remote", "without a prefix length")),
        ({"remote": "fe80::1%eth0", "device": "eth0"}, ("remote", "zone")),
        ({"device": "nowhere"}, ("device", "'nowhere'")),
        ({"master": "nowhere"}, ("master", "'nowhere'")),
        ({"flow_label": 5}, ("flow_label", "IPv6")),
        ({"label_policy": "inherit"}, ("label_policy", "IPv6")),
        ({"external": True}, ("'external'", "'vni'")),
        ({"vnifilter": True}, ("vnifilter", "external")),
        ({"source_port": "2000-1000"}, ("source_port", "49152-65535")),
        ({"mac": "01:00:5e:00:00:01"}, ("mac", "unicast")),
        ({"mtu": "12"}, ("mtu", "68..65535")),
        ({"txqueuelen": -1}, ("txqueuelen",)),
    ],
)
def test_f18_combinations_are_judged_before_the_first_write(ns: Namespace, given: dict[str, Any], words: tuple[str, ...]) -> None:
    refused(ns, "interface", {"name": "vx0", "vni": 100, **given}, *words)


@pytest.mark.parametrize("given", [{"addrgenmode": "none"}, {"addresses": ["2001:db8:7::1/64"]}])
def test_f18_mtu_below_ipv6s_smallest(ns: Namespace, given: dict[str, Any]) -> None:
    refused(ns, "interface", {"name": "vx0", "vni": 100, "mtu": "1200", **given}, "vx0.mtu", "1280", "1200")
    judged(ns, "interface", {"name": "vx0", "mac": MAC, "vni": 100, "mtu": "1200", "addresses": ["10.0.0.1/24"]})


def test_f18_all_mistakes_at_once(ns: Namespace) -> None:
    refused(ns, "interface", {"name": "vx0", "vni": 0, "ageing": 0, "remote": "x", "mtu": "y"}, "vni:", "ageing:", "remote:", "mtu:")


def test_f18_link_local_remote_with_device(ns: Namespace) -> None:
    given = {"name": "vx0", "mac": MAC, "vni": 1, "remote": "fe80::2", "device": "eth0"}
    refused(ns, "interface", given, "remote", "'local'", "link-local too")
    refused(ns, "interface", {**given, "remote": "2001:db8::2", "local": "fe80::1"}, "local", "'remote'", "link-local too")
    judged(ns, "interface", {**given, "local": "fe80::1"})


@pytest.mark.parametrize("vni", [0, 1 << 24, -1])
def test_f19_vni_out_of_range(ns: Namespace, vni: int) -> None:
    refused(ns, "interface", {"name": "vx0", "vni": vni}, "vni", str(vni), "1..16777215")


def test_f19_greatest_vni(ns: Namespace) -> None:
    judged(ns, "interface", {"name": "vx0", "mac": MAC, "vni": (1 << 24) - 1})


@pytest.mark.parametrize("name", ["", "a" * 16, "ä" * 8, "a b", "a/b", "a:b", ".", "..", "a\tb", "a\nb"])
def test_f19_names_that_the_kernel_refuses(ns: Namespace, name: str) -> None:
    refused(ns, "interface", {"name": name, "vni": 1}, "is not an interface name")


def test_f19_names_that_the_kernel_takes(ns: Namespace) -> None:
    for number, name in enumerate(("a" * 15, "ä" * 7, "a-b.c_d@e", "$(x);'"), 1):
        judged(ns, "interface", {"name": name, "mac": MAC, "vni": number})
        assert ns.has(name)
