# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the modules says what the argument specs and the attribute tables say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.vxlan.fabric.plugins.module_utils import _arguments, _vtep
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.routed import VLAN, VRF
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._render.report import _OPERATION_NAMES
from ansible_collections.vxlan.fabric.tests.unit.docs.attribute_texts import PAGE, footer, kernel_page
from ansible_collections.vxlan.fabric.tests.unit.docs.documents import SPECS, descriptions, read_document

MODULES = sorted(SPECS)
CHANGING = [module for module in MODULES if module not in ("underlay_info", "vtep_info", "vtep_facts")]
PARSERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "interface": _arguments.parse_interface,
    "bridge": _arguments.parse_bridge,
    "fdb": _arguments.parse_fdb,
    "vlan_interface": _arguments.parse_vlan_interface,
    "vrf": _arguments.parse_vrf,
    "vni": _arguments.parse_vni,
    "vtep": _vtep.parse_vtep,
}
KEYS = ("type", "elements", "choices", "default", "required", "aliases")
TABLES: dict[str, tuple[Table, str, tuple[str, ...]]] = {
    "interface": (VXLAN, "interface", ()),
    "bridge": (BRIDGE, "bridge", ()),
    "port": (PORT, "bridge", ("ports",)),
    "vlan": (VLAN, "vlan_interface", ()),
    "vrf": (VRF, "vrf", ()),
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
# ip/iplink_vlan.c (without the priority maps) and ip/iplink_vrf.c
VLAN_WORDS = "id protocol proto reorder_hdr gvrp mvrp loose_binding bridge_binding link"
VRF_WORDS = "table"
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
        ("bridge", (), f"{BRIDGE_WORDS} {LINK_WORDS} master"),
        ("vlan_interface", (), f"{VLAN_WORDS} {LINK_WORDS} master"),
        ("vrf", (), f"{VRF_WORDS} address mtu alias txqueuelen"),
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


# "{{ found.interfaces }}", "{{ vtep.interfaces[0] }}": what comes out of vtep_info. The kernel tests execute these.
_FROM_INFO = re.compile(r"\{\{ \w+\.(\w+)(?:\[(\d+)\])? \}\}")


def _with_samples(value: Any) -> Any:
    """Arguments in which what comes out of vtep_info is the sample of its RETURN."""
    if isinstance(value, dict):
        return {key: _with_samples(entry) for key, entry in value.items()}
    found = _FROM_INFO.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    sample = read_document("vtep_info").returns[found[1]]["sample"]
    return sample if found[2] is None else sample[int(found[2])]


@pytest.mark.parametrize(("module", "arguments"), _all_tasks())
def test_examples_are_what_the_argument_spec_takes(module: str, arguments: dict[str, Any] | str) -> None:
    validated = ArgumentSpecValidator(SPECS[module]()).validate(_with_samples(arguments))
    assert validated.error_messages == []
    texts = [str(validated.validated_parameters.get(key)) for key in ("lines", "host_state")]
    if module in PARSERS and not any("{{" in text for text in texts):
        PARSERS[module](validated.validated_parameters)


def _whole(state: dict[str, Any]) -> dict[str, Any]:
    """The parameters of vtep with their defaults."""
    validated = ArgumentSpecValidator(SPECS["vtep"]()).validate(state)
    assert validated.error_messages == []
    return dict(validated.validated_parameters)


def test_samples_of_vtep_info_fit_vtep() -> None:
    returns = read_document("vtep_info").returns
    state = {key: returns[key]["sample"] for key in ("interfaces", "bridges", "fdb", "vnis", "vlan_interfaces", "vrfs")}
    wanted = _vtep.parse_vtep(_whole(state))
    assert (len(wanted.links), len(wanted.rows), len(wanted.vnis)) == (4, 1, 1)


@pytest.mark.parametrize("side", ["before", "after"])
def test_samples_of_vtep_fit_vtep(side: str) -> None:
    returns = read_document("vtep").returns
    for sample in (returns[side]["sample"], returns["diff"]["sample"][side]):
        assert _vtep.parse_vtep(_whole(sample)).links


@pytest.mark.parametrize("module", CHANGING)
def test_results_name_every_operation(module: str) -> None:
    (told,) = [text for text in descriptions(read_document(module).returns["operations"]) if "C(operation) is" in text]
    assert set(re.findall(r"V\((\w+)\)", told)) == set(_OPERATION_NAMES.values())


@pytest.mark.parametrize("module", MODULES)
def test_modules_name_each_other(module: str) -> None:
    named = {entry["module"] for entry in read_document(module).text["seealso"] if "module" in entry}
    others = {"vxlan.fabric.vtep", "vxlan.fabric.vtep_info", "vxlan.fabric.interface"} - {f"vxlan.fabric.{module}"}
    assert named >= others


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


@pytest.mark.parametrize("module", CHANGING)
def test_results_of_changing_modules_have_one_shape(module: str) -> None:
    of_all = {"after", "before", "commands", "diff", "operations", "recreated", "warnings"}
    more = {"vtep": {"counts", "deferred"}, "vni": {"statistics"}}
    assert set(read_document(module).returns) == of_all | more.get(module, set())


def test_options_of_one_name_say_one_thing_in_every_module() -> None:
    """Options that come from a fragment are told once: interface and bridge share the fields of a link."""
    interface, bridge = read_document("interface").options, read_document("bridge").options
    for name in ("name", "state", "mtu", "mac", "alias", "addresses", "neighbours", "addrgenmode", "txqueuelen", "netns"):
        assert interface[name] == bridge[name]
    for module in CHANGING:
        for name in ("netns", "lock_timeout", "report_rows", "timeout"):
            assert read_document(module).options[name] == interface[name]
    assert read_document("vtep").options["recreate"]["choices"] == interface["recreate"]["choices"]
