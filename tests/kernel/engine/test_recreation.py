# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""F25: what hangs on an interface survives its re-creation. Complete states are compared, as ip(8) and bridge(8) report them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.writer import Writer
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.tests.support.engine import bad, good, judged, refused, run, unchanged
from ansible_collections.vxlan.fabric.tests.support.namespaces import Json, Namespace

MAC = "02:00:00:00:11:11"
ZERO = "00:00:00:00:00:00"
State = dict[str, list[Json]]

BRIDGE = ("link add br0 address 02:00:00:00:00:b0 type bridge", "link set br0 up")


def changed_only(before: State, after: State, link: str, **attributes: object) -> None:
    """The states are equal but for these attributes of a link."""
    expected = copy.deepcopy(before)
    for entry in expected["links"]:
        if entry["ifname"] == link:
            data = entry["linkinfo"]["info_data"]
            for key, value in attributes.items():
                if value is None:
                    data.pop(key, None)
                else:
                    data[key] = value
    for part, entries in after.items():
        missing = [entry for entry in expected[part] if entry not in entries]
        extra = [entry for entry in entries if entry not in expected[part]]
        assert (missing, extra) == ([], []), part


def busy(ns: Namespace) -> None:
    """An interface on which everything hangs that can hang on one."""
    ns.ip(
        *BRIDGE,
        f"link add vx0 address {MAC} mtu 1444 txqueuelen 77 type vxlan id 100 remote 192.0.2.2 local 192.0.2.1 dev eth0 dstport 4789"
        " ttl 9 ageing 77 nolearning proxy",
        "link set vx0 alias 'vxlan.fabric:demo of mine'",
        "link set vx0 addrgenmode none",
        "link set vx0 master br0",
        "link set vx0 type bridge_slave learning off isolated on neigh_suppress on priority 20 cost 55 mcast_flood off group_fwd_mask 8 mcast_router 2",
        "link set vx0 up",
        "address add 10.0.0.1/24 dev vx0",
        "address add 10.0.0.2/24 dev vx0",
        "address add 2001:db8:7::1/64 dev vx0",
        "neighbour add 10.0.0.7 lladdr 02:00:00:00:00:07 dev vx0 nud permanent",
        "neighbour add 10.0.0.8 lladdr 02:00:00:00:00:08 dev vx0 nud noarp",
        "neighbour add 2001:db8:7::7 lladdr 02:00:00:00:00:07 dev vx0 nud permanent router",
        "route add 198.51.100.0/24 via 10.0.0.7 dev vx0 metric 5",
        "route add 203.0.113.0/24 dev vx0 table 77 src 10.0.0.2 mtu 1300",
        "route add 2001:db8:99::/64 via 2001:db8:7::7 dev vx0 metric 5",
    )
    ns.bridge(
        f"fdb append {ZERO} dev vx0 dst 192.0.2.3",
        f"fdb append {ZERO} dev vx0 dst 192.0.2.4 port 4790 vni 7 via far0",
        "fdb add 02:00:00:00:aa:01 dev vx0 dst 192.0.2.3 self permanent",
        "fdb add 02:00:00:00:aa:02 dev vx0 dst 192.0.2.3 self static",
        "fdb add 02:00:00:00:aa:03 dev vx0 dst 192.0.2.4 port 4790 vni 7 via far0",
        "fdb add 02:00:00:00:aa:04 dev vx0 dst 192.0.2.4 self router sticky",
        "fdb add 02:00:00:00:aa:05 dev vx0 dst 192.0.2.4 self extern_learn",
        "fdb add 02:00:00:00:aa:01 dev vx0 master static",
        "fdb add 02:00:00:00:aa:06 dev vx0 master static sticky",
        "fdb add 02:00:00:00:aa:07 dev vx0 master static extern_learn",
    )


def test_f25_everything_survives_a_re_creation(ns: Namespace) -> None:
    busy(ns)
    index, before = ns.index("vx0"), ns.state()
    result = good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    assert result["recreated"] == [{"interface": "vx0", "attributes": ["limit"]}]
    assert ns.index("vx0") != index
    changed_only(before, ns.state(), "vx0", limit=500)
    unchanged(ns, "interface", {"name": "vx0", "limit": 500})


def test_f25_everything_survives_a_new_vni(ns: Namespace) -> None:
    busy(ns)
    before = ns.state()
    predicted = good(run(ns, "interface", {"name": "vx0", "vni": 200}, check=True))
    result = good(run(ns, "interface", {"name": "vx0", "vni": 200}))
    assert {k: predicted[k] for k in ("operations", "commands", "diff", "before", "after")} == {
        k: result[k] for k in ("operations", "commands", "diff", "before", "after")
    }
    assert result["diff"] == {"before": {"vni": 100}, "after": {"vni": 200}}
    changed_only(before, ns.state(), "vx0", id=200)


def test_f25_down_stays_down(ns: Namespace) -> None:
    busy(ns)
    ns.ip("link set vx0 down")
    before = ns.state()
    good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    changed_only(before, ns.state(), "vx0", limit=500)


def test_f25_a_deleted_default_row_stays_deleted_when_nothing_is_said_of_it(ns: Namespace) -> None:
    busy(ns)
    ns.bridge(f"fdb del {ZERO} dev vx0 dst 192.0.2.2")
    before = ns.state()
    good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    changed_only(before, ns.state(), "vx0", limit=500)


def test_f25_details_of_addresses_survive(ns: Namespace) -> None:
    ns.ip(
        f"link add vx0 address {MAC} type vxlan id 100 dstport 4789",
        "link set vx0 up",
        "address add 10.0.0.9/24 brd 10.0.0.255 label vx0:a metric 7 dev vx0",
        "address add 10.0.0.1/24 dev vx0",
        "address add 2001:db8:7::1/64 dev vx0 noprefixroute",
    )
    before = ns.state()
    good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    changed_only(before, ns.state(), "vx0", limit=500)


def test_f25_altnames_and_group_survive(ns: Namespace) -> None:
    busy(ns)
    ns.ip("link property add dev vx0 altname another-name", "link set dev vx0 group 42")
    before = ns.state()
    good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    changed_only(before, ns.state(), "vx0", limit=500)


@pytest.mark.parametrize("option", ["udp_checksum", "proxy", "l2miss"])
def test_f25_ipv6_interface_survives(ns: Namespace, option: str) -> None:
    ns.ip(
        *BRIDGE,
        f"link add vx0 address {MAC} type vxlan id 100 remote 2001:db8::2 local 2001:db8::1 dev eth0 dstport 4789 flowlabel 77 udp6zerocsumrx",
        "link set vx0 master br0",
        "link set vx0 up",
    )
    ns.bridge(f"fdb append {ZERO} dev vx0 dst 2001:db8::3", "fdb add 02:00:00:00:aa:01 dev vx0 dst 2001:db8::3 port 4790")
    before = ns.state()
    value = option != "udp_checksum"
    good(run(ns, "interface", {"name": "vx0", option: value}))
    changed_only(before, ns.state(), "vx0", **{"udp_csum" if option == "udp_checksum" else option: value})


def test_f25_multicast_group_survives(ns: Namespace) -> None:
    ns.ip(f"link add vx0 address {MAC} type vxlan id 100 group 239.1.1.1 dev eth0 dstport 4789", "link set vx0 up")
    before, joined = ns.state(), ns.sh("cat /proc/net/igmp")
    good(run(ns, "interface", {"name": "vx0", "l2miss": True}))
    changed_only(before, ns.state(), "vx0", l2miss=True)
    assert "010101EF" in ns.sh("cat /proc/net/igmp")
    assert joined.count("010101EF") == ns.sh("cat /proc/net/igmp").count("010101EF")


def test_f25_vni_filter_and_rows_of_an_external_interface_survive(ns: Namespace) -> None:
    ns.ip(f"link add vx0 address {MAC} type vxlan external vnifilter dstport 4789 local 192.0.2.1 dev eth0", "link set vx0 up")
    # One at a time: bridge(8) 6.1 mixes lines of a batch up.
    for words in ("100", "200-300", "400 remote 192.0.2.9", "500-501 group 239.1.1.1"):
        ns.bridge(f"vni add dev vx0 vni {words}")
    ns.bridge(
        "fdb add 02:00:00:00:aa:01 dev vx0 dst 192.0.2.3 src_vni 100",
        "fdb add 02:00:00:00:aa:01 dev vx0 dst 192.0.2.4 src_vni 200",
        f"fdb append {ZERO} dev vx0 dst 192.0.2.3 src_vni 100 vni 77",
        f"fdb append {ZERO} dev vx0 dst 192.0.2.4 src_vni 100",
        "fdb add 02:00:00:00:aa:02 dev vx0 dst 192.0.2.4 src_vni 200 vni 201",
    )
    before = ns.state()
    assert len(before["vnis"][0]["vnis"]) >= 4
    good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    changed_only(before, ns.state(), "vx0", limit=500)


def test_f25_nexthop_group_rows_survive(ns: Namespace) -> None:
    ns.ip(
        "nexthop add id 1 via 192.0.2.7 fdb", "nexthop add id 2 via 192.0.2.8 fdb", "nexthop add id 10 group 1/2 fdb",
        f"link add vx0 address {MAC} type vxlan id 100 local 192.0.2.1 dstport 4789", "link set vx0 up",
    )  # fmt: skip
    ns.bridge("fdb add 02:00:00:00:aa:01 dev vx0 nhid 10")
    before = ns.state()
    good(run(ns, "interface", {"name": "vx0", "limit": 500}))
    changed_only(before, ns.state(), "vx0", limit=500)


def test_f25_more_changes_in_the_same_run(ns: Namespace) -> None:
    busy(ns)
    wanted: dict[str, Any] = {
        "name": "vx0", "vni": 200, "ttl": "33", "mtu": "1300", "mac": "02:00:00:00:22:22", "alias": "new", "master": "none",
        "addresses": ["10.0.0.2/24"], "neighbours": [], "remote": "192.0.2.9", "state": "down",
    }  # fmt: skip
    good(run(ns, "interface", wanted))
    link, data = ns.link("vx0"), ns.data("vx0")
    assert (link["address"], link["mtu"], link["ifalias"], link.get("master"), "UP" in link["flags"]) == ("02:00:00:00:22:22", 1300, "new", None, False)
    assert (data["id"], data["ttl"], data["remote"], data["ageing"], data["learning"]) == (200, 33, "192.0.2.9", 77, False)
    assert ns.addresses("vx0") == {"10.0.0.2/24"}
    assert ns.neighbours("vx0") == []
    assert "192.0.2.9" in ns.destinations("vx0")
    assert "192.0.2.2" not in ns.destinations("vx0")
    unchanged(ns, "interface", wanted)


def test_f25_change_of_family_keeps_what_fits(ns: Namespace) -> None:
    ns.ip(
        *BRIDGE,
        f"link add vx0 address {MAC} type vxlan id 100 remote 192.0.2.2 local 192.0.2.1 dev eth0 dstport 4789",
        "link set vx0 master br0",
        "link set vx0 up",
    )
    ns.bridge("fdb add 02:00:00:00:aa:01 dev vx0 dst 192.0.2.3", "fdb add 02:00:00:00:aa:01 dev vx0 master static")
    wanted = {"name": "vx0", "remote": "2001:db8::2", "local": "2001:db8::1"}
    result = good(run(ns, "interface", wanted))
    assert result["recreated"] == [{"interface": "vx0", "attributes": ["remote", "local"]}]
    assert ns.destinations("vx0") == ["2001:db8::2"]
    assert ns.destinations("vx0", "02:00:00:00:aa:01") == []
    assert ns.link("vx0")["mtu"] == 1530
    assert any(row.get("master") == "br0" and row["mac"] == "02:00:00:00:aa:01" for row in ns.fdb("vx0"))
    unchanged(ns, "interface", wanted)


def test_interface_that_others_stand_on_is_not_taken_down(ns: Namespace) -> None:
    ns.ip(f"link add vx0 address {MAC} type vxlan id 100 dstport 4789", "link add top address 02:00:00:00:33:33 link vx0 type macvlan")
    before = ns.state()
    for given in ({"name": "vx0", "vni": 200}, {"name": "vx0", "state": "absent"}):
        assert "top stand on it" in bad(run(ns, "interface", given))
    assert ns.state() == before


def test_failing_re_creation_brings_everything_back(ns: Namespace) -> None:
    """A range of source ports and everything else is fine, but the MTU is more than the kernel takes."""
    busy(ns)
    before = ns.state()
    bad(run(ns, "interface", {"name": "vx0", "limit": 500, "mtu": "9000"}))
    changed_only(before, ns.state(), "vx0")


def _nothing_comes_up() -> None:
    write = Writer.write_batch

    def failing(self: Writer, operations: Any) -> None:
        if any(isinstance(op, ops.SetLink) and op.field == "up" and op.name == "br9" for op in operations):
            raise KernelError(5, "", "simulated")
        write(self, operations)

    setattr(Writer, "write_batch", failing)  # noqa: B010 - a method, as far as mypy knows


def test_what_goes_down_keeps_what_is_configured(ns: Namespace) -> None:
    """The kernel takes the IPv6 addresses and the neighbours of an interface that goes down away (addrconf_ifdown, neigh_ifdown)."""
    six = ["2001:db8:5::2/64", "2001:db8:5::1/64", "2001:db8:6::1/64"]
    ns.ip("link add br0 address 02:00:00:00:b0:01 type bridge", "link set br0 up", "address add 10.5.0.1/24 dev br0")
    ns.ip(*(f"address add {address} dev br0 nodad" for address in six), "neighbour add 10.5.0.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent")
    ns.ip("neighbour add 2001:db8:5::9 lladdr 02:00:00:00:00:09 dev br0 nud permanent", "route add 10.9.0.0/16 via 10.5.0.9 dev br0")
    down = {"bridges": [{"name": "br0", "state": "down"}, {"name": "br9", "state": "up"}]}
    refused(ns, "vtep", down, "simulated", check=False, patch=_nothing_comes_up)
    judged(ns, "bridge", {"name": "br0", "state": "down"})
    assert ns.addresses("br0") == {"10.5.0.1/24", *six}
    assert sorted(entry["dst"] for entry in ns.neighbours("br0")) == ["10.5.0.9", "2001:db8:5::9"]
    judged(ns, "bridge", {"name": "br0", "state": "up"})
    assert ns.addresses("br0") == {"10.5.0.1/24", *six}
