# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EXAMPLES of the modules, and those of docs/modules.md and README.md, run in order and a second time each without a change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.vxlan.fabric.tests.kernel.docs.pages import DOCS, read_sections
from ansible_collections.vxlan.fabric.tests.support.engine import run
from ansible_collections.vxlan.fabric.tests.support.kernel import needs_vlans, without_kind
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace
from ansible_collections.vxlan.fabric.tests.unit.docs.documents import read_document

Task = dict[str, Any]
Result = dict[str, Any]

ROWS = "".join(f"02:00:00:{n >> 8:02x}:{n & 255:02x}:05 dst 192.0.2.12\n" for n in range(2000))

# What the examples of each module take for granted.
HOST = ("address add 192.0.2.11/24 dev eth0", "address add 2001:db8::11/64 dev eth0 nodad")
VXSVD = "link add vxsvd type vxlan external vnifilter local 192.0.2.11 dev eth0 dstport 4790 nolearning"
VX10200 = "link add vx10200 type vxlan id 10200 local 192.0.2.11 dstport 4789 nolearning"
GIVEN = {
    "interface": ("link add br10200 type bridge",),
    "bridge": (
        "link add tap-blue type veth peer name far-blue",
        "link add tap-red type veth peer name far-red",
        "link add vx10100 type vxlan id 10100 local 192.0.2.11 dstport 4789",
    ),
    "fdb": (
        VX10200,
        "link add vxsvd type vxlan external local 192.0.2.11 dstport 4790 nolearning",
        "link add br10100 type bridge",
        "link add tap-blue master br10100 type veth peer name far-blue",
    ),
    "vtep": ("link add vx4200 mtu 1400 type vxlan id 4200 local 192.0.2.11 remote 192.0.2.14 dstport 4789", "link add br4200 type bridge"),
    "vni": (VXSVD,),
    "vtep_info": (VX10200,),
    "vtep_facts": ("link add vxsvd type vxlan external dstport 4790",),
    "vlan_interface": ("link add br0 type bridge", "link set br0 up", "link add vrf-blue type vrf table 1001"),
    "vrf": (),
    "modules.md": (),
    "README.md": (),
}
VLANS_GIVEN = {
    "bridge": (
        "link add eth4 type veth peer name far4",
        VXSVD,
    ),
    "vni": (
        "link add br0 type bridge vlan_filtering 1",
        "link set vxsvd master br0",
        "link set vxsvd type bridge_slave vlan_tunnel on",
    ),
    "vtep": ("link add tap-blue type veth peer name far-blue",),
}
# `netns: blue` of the examples needs what its task changes.
BLUE_ADDRESS = ("address add 192.0.2.21/24 dev eth0",)
IN_BLUE = {
    "vni": (VXSVD,),
    "interface": BLUE_ADDRESS,
    "vtep": BLUE_ADDRESS,
    "fdb": (VX10200,),
    "vlan_interface": ("link add br0 type bridge", "link set br0 up"),
}
# Kinds of interfaces that not every kernel has, by the module that makes them.
KINDS = {"vrf": "vrf", "vlan_interface": "vlan"}


def dict_to_items(mapping: dict[str, Any]) -> list[dict[str, Any]]:
    """As much of ansible.builtin.dict2items as the examples use."""
    return [{"key": key, "value": value} for key, value in mapping.items()]


class Reader:
    """Runs tasks one after the other as ansible-playbook would, with what the examples use of it."""

    def __init__(self, here: Namespace, blue: Namespace) -> None:
        self.here, self.blue = here, blue
        self.variables: dict[str, Any] = {"lookup": self._lookup, "inventory_hostname": "hv1"}
        self.results: dict[str, Result] = {}

    @staticmethod
    def _lookup(plugin: str, name: str) -> str:
        assert (plugin, name) == ("ansible.builtin.file", "rows.txt")
        return ROWS

    def render(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: self.render(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.render(part) for part in value]
        if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
            return value
        environment = NativeEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.filters["dict2items"] = dict_to_items
        return environment.from_string(value).render(self.variables)

    def run(self, task: Task) -> None:
        """One task, and once more: a second run changes nothing."""
        (name,) = [key for key in task if key.count(".") == 2]
        if "when" in task and not self.render(f"{{{{ {task['when']} }}}}"):
            return
        arguments = self.render(task[name] or {})
        assert isinstance(arguments, dict)
        if name == "ansible.builtin.assert":
            conditions = arguments["that"] if isinstance(arguments["that"], list) else [arguments["that"]]
            assert all(isinstance(self.render(f"{{{{ {condition} }}}}"), bool) for condition in conditions)  # kernels differ
            return
        if name.startswith("ansible.builtin."):
            assert arguments["msg"] is not None
            return
        where = self.blue if arguments.get("netns") == "blue" else self.here
        module = name.removeprefix("vxlan.fabric.")
        first = run(where, module, arguments)
        if "failed_when" in task:
            assert "'recreate' is 'never'" in first["msg"]
        else:
            assert not first["failed"], first["msg"]
            again = run(where, module, arguments)
            assert (again["changed"], again["writes"]) == (False, 0)
            for result in (first, again):
                check_keys(module, result)
            self.results[task.get("name", name)] = first
        self.variables.update(first.get("ansible_facts", {}))
        if "register" in task:
            self.variables[task["register"]] = first


def check_keys(module: str, result: Result) -> None:
    """A result has the keys that RETURN says. Beside them is what every module of Ansible has, and what our tests add."""
    documented = read_document(module).returns
    assert set(result) - {"changed", "failed", "writes", "warnings"} <= set(documented)
    assert {key for key, entry in documented.items() if entry["returned"] in ("always", "success")} <= set(result)
    types = {"list": list, "dict": dict, "int": int, "str": str, "bool": bool}
    for key in set(documented) & set(result):
        assert isinstance(result[key], types[documented[key]["type"]]), key


@pytest.fixture
def reader() -> Iterator[Callable[[str], Reader]]:
    with namespace("vfd") as here, namespace("vfd") as blue:

        def prepare(what: str) -> Reader:
            here.ip(*HOST, *GIVEN[what])
            blue.ip(*IN_BLUE.get(what, ()))
            return Reader(here, blue)

        yield prepare


@pytest.mark.parametrize("module", ["interface", "bridge", "fdb", "vni", "vtep_info", "vtep_facts", "vlan_interface", "vrf"])
def test_examples_of_a_module(reader: Callable[[str], Reader], module: str) -> None:
    for kind in KINDS.values() if module in KINDS else ():
        if without_kind(kind):
            pytest.skip(without_kind(kind))
    host = reader(module)
    for task in read_document(module).examples:
        if not _is_about_vlans(task):
            host.run(task)


def _is_about_vlans(task: Task) -> bool:
    return bool(re.search(r"'(vlans|tunnels|vlan_filtering)':", str(task)))


def _lacking(task: Task) -> str:
    """Why a task cannot be done on this kernel; empty when it can."""
    return next((without_kind(kind) for module, kind in KINDS.items() if f"'{module}s':" in str(task) and without_kind(kind)), "")


@needs_vlans
@pytest.mark.parametrize("module", ["bridge", "vni", "vtep"])
def test_examples_about_vlans(reader: Callable[[str], Reader], module: str) -> None:
    host = reader(module)
    host.here.ip(*VLANS_GIVEN[module])
    if module == "vni":
        host.here.bridge("vlan add dev vxsvd vid 100-199", "vlan add dev vxsvd vid 300")
    tasks = [task for task in read_document(module).examples if _is_about_vlans(task) and not _lacking(task)]
    assert tasks
    for task in tasks:
        host.run(task)
    assert next(entry for entry in host.here.state()["tunnels"] if entry["ifname"] == "vxsvd")["tunnels"][0]["tunid"] == 10100


def _a_host_adds_first_and_removes_later(host: Reader, examples: list[Task]) -> None:
    """vx10100 goes and vx10300 comes."""
    state = {"fabric": "dc1", "interfaces": [{"name": "vx10300", "vni": 10300, "local": "192.0.2.11", "learning": False}]}
    host.variables["states"] = {"hv1": json.dumps(state)}
    first, second = "All hosts learn of those that have come", "When all of them have, those that are gone are forgotten"
    _do(host, examples, first)
    assert host.results[first]["deferred"] > 0
    assert [host.here.has(name) for name in ("vx10100", "vx10300")] == [True, True]
    _do(host, examples, second)
    assert [host.here.has(name) for name in ("vx10100", "vx10300")] == [False, True]


def test_examples_of_vtep(reader: Callable[[str], Reader]) -> None:
    """Beside what the fabric makes stand an interface and a bridge that somebody made by hand."""
    host = reader("vtep")
    examples = read_document("vtep").examples
    _do(host, examples, "A host with two networks, flooding to the same VTEPs")
    for name in ("vx10100", "vx10200"):
        assert host.here.destinations(name) == ["192.0.2.12", "192.0.2.13"]
        assert host.here.link(name)["master"] == name.replace("vx", "br")
    _do(host, examples, "The first of them only, the other goes")
    assert [host.here.has(name) for name in ("vx10100", "br10100", "vx10200", "br10200")] == [True, True, False, False]
    _do(host, examples, "Read a host", "Give it back, which changes nothing")
    assert host.results["Give it back, which changes nothing"]["changed"] is False
    own = "Make what is there the fabric's own, which sets the owner mark"
    _do(host, examples, own)
    assert {name: host.here.link(name).get("ifalias") for name in ("vx4200", "br4200")} == dict.fromkeys(("vx4200", "br4200"), "vxlan.fabric:dc1")
    assert host.results[own]["counts"] == {"set_link": 2}
    _do(host, examples, "One interface for many VNIs, with a VNI filter", "A state as text, in the network namespace blue")
    assert [vni["vni"] for entry in host.here.state()["vnis"] for vni in entry["vnis"]] == [10100, 10200]
    assert host.blue.has("vx4100")
    _a_host_adds_first_and_removes_later(host, examples)
    assert set(host.results) == {task["name"] for task in examples if not _is_about_vlans(task)}
    _whole_host_is_taken_back(host)


def _do(host: Reader, examples: list[Task], *names: str) -> None:
    for name in names:
        (task,) = [task for task in examples if task["name"] == name]
        host.run(task)


def _whole_host_is_taken_back(host: Reader) -> None:
    """What vtep_info returns, as one task of vtep and as one text, with a VNI filter among it."""
    read = run(host.here, "vtep_info", {})
    state = {key: read[key] for key in ("interfaces", "bridges", "fdb", "vnis", "vlan_interfaces", "vrfs")}
    assert state["vnis"]["vxsvd"] == [{"vni": "10100-10199"}, {"vni": "10200", "remote": "192.0.2.12"}]
    for arguments in (state, {"host_state": json.dumps(state)}):
        result = run(host.here, "vtep", arguments)
        assert (result["changed"], result["operations"], result["counts"]) == (False, [], {})


def test_what_vtep_info_returns_is_taken_back_without_a_change(reader: Callable[[str], Reader]) -> None:
    """The examples of all modules together, read and given back."""
    host = reader("bridge")
    for task in read_document("interface").examples[:3] + read_document("bridge").examples[:3]:
        host.run(task)
    read = run(host.here, "vtep_info", {})
    for module, key in (("interface", "interfaces"), ("bridge", "bridges"), ("fdb", "fdb")):
        assert read[key]
        for arguments in read[key]:
            assert run(host.here, module, arguments)["changed"] is False
    assert run(host.here, "vtep", {key: read[key] for key in ("interfaces", "bridges", "fdb", "vnis")})["changed"] is False


def test_examples_of_the_index(reader: Callable[[str], Reader]) -> None:
    host = reader("modules.md")
    sections = read_sections("modules.md")
    for section in sections:
        tasks = section.tasks()
        assert any(f"vxlan.fabric.{section.title}" in task for task in tasks)
        for task in tasks:
            if section.title not in KINDS or not without_kind(KINDS[section.title]):
                host.run(task)
    for name in ("vx10100", "vx10200", "vx10300"):
        assert host.here.destinations(name) == ["192.0.2.12", "192.0.2.13"]
    assert [section.title for section in sections] == ["vtep", "interface", "bridge", "fdb", "vni", "vlan_interface", "vrf", "vtep_info", "vtep_facts"]


@needs_vlans
def test_examples_of_the_index_about_vlans(reader: Callable[[str], Reader]) -> None:
    host = reader("modules.md")
    (section,) = [section for section in read_sections("modules.md") if section.title == "vni"]
    for task in [*section.tasks(), *yaml.safe_load(section.text("yaml vlans"))]:
        host.run(task)
    (shown,) = host.here.state()["tunnels"]
    assert [(row["vlan"], row["tunid"]) for row in shown["tunnels"]] == [(100, 10100), (300, 10300)]


def test_example_of_the_readme(reader: Callable[[str], Reader]) -> None:
    host = reader("README.md")
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    (tasks,) = [
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL) if block.startswith("- vxlan.fabric.")
    ]
    for task in tasks:
        host.run(task)
    assert host.here.destinations("vx10200") == ["192.0.2.12", "192.0.2.13"]
    assert host.here.link("vx10200")["mtu"] == 1550
