# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the modules says what the argument specs and the attribute tables say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.tests.unit.docs.attribute_texts import PAGE, footer, kernel_page
from ansible_collections.vxlan.fabric.tests.unit.docs.documents import SPECS, descriptions, read_document

MODULES = sorted(SPECS)
KEYS = ("type", "elements", "choices", "default", "required", "aliases")
TABLES: dict[str, tuple[Table, str, tuple[str, ...]]] = {
    "interface": (VXLAN, "interface", ()),
    "bridge": (BRIDGE, "bridge", ()),
    "port": (PORT, "bridge", ("ports",)),
}

# Words of `ip link add type ...` and `bridge link set` of iproute2 7.1 that set something, as `strcmp(*argv, ...)` in
# ip/iplink_vxlan.c, ip/iplink_bridge.c, ip/iplink_bridge_slave.c and bridge/link.c knows them.
VXLAN_WORDS = """id vni group remote local dev ttl hoplimit tos dsfield df label flowlabel ageing maxaddress srcport dstport learning
proxy rsc l2miss l3miss udpcsum udp6zerocsumtx udp6zerocsumrx remcsumtx remcsumrx localbypass reserved_bits external gbp gpe vnifilter
mcroute"""
BRIDGE_WORDS = """forward_delay hello_time max_age ageing_time stp_state priority vlan_filtering vlan_protocol group_fwd_mask group_address
no_linklocal_learn mst_enabled fdb_max_learned vlan_default_pvid vlan_stats_enabled vlan_stats_per_port mcast_router mcast_snooping
mcast_vlan_snooping mcast_query_use_ifaddr mcast_querier mcast_hash_max mcast_last_member_count mcast_startup_query_count
mcast_last_member_interval mcast_membership_interval mcast_querier_interval mcast_query_interval mcast_query_response_interval
mcast_startup_query_interval mcast_stats_enabled mcast_igmp_version mcast_mld_version nf_call_iptables nf_call_ip6tables
nf_call_arptables"""
PORT_WORDS = """priority cost hairpin guard root_block fastleave learning flood mcast_flood bcast_flood mcast_to_unicast proxy_arp
proxy_arp_wifi mcast_router mcast_fast_leave mcast_max_groups neigh_suppress neigh_vlan_suppress group_fwd_mask vlan_tunnel isolated locked
mab backup_port backup_nhid"""
LINK_WORDS = "address mtu alias addrgenmode txqueuelen txqlen qlen"
ROW_WORDS = "dst port vni src_vni via nhid vlan router sticky extern_learn"


def _pairs(documented: dict[str, Any], spec: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(path, documented option, its spec), suboptions included; both sides have to name the same options."""
    assert sorted(documented) == sorted(spec), path or "options"
    for name, entry in spec.items():
        yield f"{path}{name}", documented[name], entry
        if "options" in entry:
            yield from _pairs(documented[name]["suboptions"], entry["options"], f"{path}{name}.")


@pytest.mark.parametrize("module", MODULES)
def test_options_are_those_of_the_argument_spec(module: str) -> None:
    for path, documented, entry in _pairs(read_document(module).options, SPECS[module](), ""):
        assert {key: documented[key] for key in KEYS if key in documented} == {key: entry[key] for key in KEYS if key in entry}, path


def _documented(table: str) -> list[tuple[Attribute, dict[str, Any]]]:
    attributes, module, path = TABLES[table]
    options = read_document(module).options
    for name in path:
        options = options[name]["suboptions"]
    return [(attribute, options[attribute.option]) for attribute in attributes]


@pytest.mark.parametrize("table", TABLES)
def test_every_attribute_is_documented_as_the_table_says(table: str) -> None:
    """The last line names iproute2's word, the default, whether it changes live and the first kernel."""
    for attribute, option in _documented(table):
        assert descriptions(option)[-1] == footer(attribute, TABLES[table][0]), attribute.option
        assert tuple(option.get("aliases", ())) == attribute.aliases
        assert tuple(option.get("choices", ())) == attribute.choices


def _spellings(options: dict[str, Any]) -> set[str]:
    return {spelling for name, option in options.items() for spelling in (name, *option.get("aliases", ()))}


@pytest.mark.parametrize(
    ("module", "path", "words"),
    [
        ("interface", (), f"{VXLAN_WORDS} {LINK_WORDS} master"),
        ("bridge", (), f"{BRIDGE_WORDS} {LINK_WORDS}"),
        ("bridge", ("ports",), PORT_WORDS),
        ("fdb", ("rows",), ROW_WORDS),
        ("interface", ("neighbours",), "lladdr nud router extern_learn"),
    ],
)
def test_what_iproute2_understands_is_an_option_or_an_alias(module: str, path: tuple[str, ...], words: str) -> None:
    spec: dict[str, Any] = SPECS[module]()
    for name in path:
        spec = spec[name]["options"]
    assert set(words.split()) <= _spellings(spec)


def test_kernel_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == kernel_page(), f"{PAGE.name} is stale; attribute_texts.py says how to write it anew"


def _tasks(module: str) -> list[Any]:
    """(module, arguments) of every task of this collection among a module's examples."""
    found = []
    for task in read_document(module).examples:
        found += [pytest.param(name.rpartition(".")[2], args or {}, id=f"{module}: {task['name']}") for name, args in task.items() if "vxlan.fabric." in name]
    return found


def _all_tasks() -> list[Any]:
    return [task for module in MODULES for task in _tasks(module)]


@pytest.mark.parametrize(("module", "arguments"), _all_tasks())
def test_examples_are_what_the_argument_spec_takes(module: str, arguments: dict[str, Any] | str) -> None:
    if isinstance(arguments, str):  # "{{ vtep.interfaces[0] }}": what comes out of vtep_info, executed by the kernel tests
        assert re.fullmatch(r"\{\{ vtep\.\w+\[0\] \}\}", arguments)
        return
    assert ArgumentSpecValidator(SPECS[module]()).validate(arguments).error_messages == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_shows_its_use(module: str) -> None:
    document = read_document(module)
    assert len(document.examples) >= 5
    assert any((arguments or {}).get("netns") for param in _tasks(module) for arguments in [param.values[1]] if isinstance(arguments, dict))
    assert document.text["version_added"] == "0.1.0"
    assert all("name" in task for task in document.examples)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)


@pytest.mark.parametrize("module", MODULES)
def test_references_to_options_name_options(module: str) -> None:
    """O(name), O(name=value) and O(name[].name); antsibull-docs judges the references to other modules."""
    document = read_document(module)
    for text in _texts([document.text, document.options, document.returns]):
        for path in re.findall(r"\bO\(([^)#]+)\)", text):
            options = document.options
            for name in path.partition("=")[0].split("."):
                entry = options[name.removesuffix("[]")]
                options = entry.get("suboptions", {})
            value = path.partition("=")[2]
            assert not value or not entry.get("choices") or value in entry["choices"], path


@pytest.mark.parametrize("module", ["interface", "bridge", "fdb"])
def test_results_of_changing_modules_have_one_shape(module: str) -> None:
    assert sorted(read_document(module).returns) == ["after", "before", "commands", "diff", "operations", "recreated", "warnings"]


def test_options_of_one_name_say_one_thing_in_every_module() -> None:
    """Options that come from a fragment are told once: interface and bridge share the fields of a link."""
    interface, bridge = read_document("interface").options, read_document("bridge").options
    for name in ("name", "state", "mtu", "mac", "alias", "addresses", "neighbours", "addrgenmode", "txqueuelen", "netns", "lock_timeout", "report_rows"):
        assert interface[name] == bridge[name]
