# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EXAMPLES of the modules, and those of docs/modules.md, run in order and a second time each without a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.vxlan.fabric.tests.kernel.docs.pages import read_sections
from ansible_collections.vxlan.fabric.tests.support.engine import run
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace
from ansible_collections.vxlan.fabric.tests.unit.docs.documents import read_document

Task = dict[str, Any]

ROWS = "".join(f"02:00:00:{n >> 8:02x}:{n & 255:02x}:05 dst 192.0.2.12\n" for n in range(2000))

# What the examples of each module take for granted.
HOST = ("address add 192.0.2.11/24 dev eth0", "address add 2001:db8::11/64 dev eth0 nodad")
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
    "vtep_info": (VX10200,),
    "modules.md": (),
}
# `netns: blue` of the examples needs what its task changes.
IN_BLUE = {"interface": ("address add 192.0.2.21/24 dev eth0",), "fdb": (VX10200,)}


class Reader:
    """Runs tasks one after the other as ansible-playbook would, with what the examples use of it."""

    def __init__(self, here: Namespace, blue: Namespace) -> None:
        self.here, self.blue = here, blue
        self.variables: dict[str, Any] = {"lookup": self._lookup}

    @staticmethod
    def _lookup(plugin: str, name: str) -> str:
        assert (plugin, name) == ("ansible.builtin.file", "rows.txt")
        return ROWS

    def render(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: self.render(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.render(part) for part in value]
        if not isinstance(value, str) or "{" not in value:
            return value
        return NativeEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(value).render(self.variables)

    def run(self, task: Task) -> None:
        """One task, and once more: a second run changes nothing."""
        (name,) = [key for key in task if key.count(".") == 2]
        arguments = self.render(task[name] or {})
        assert isinstance(arguments, dict)
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
            assert run(where, module, arguments)["changed"] is False
        if "register" in task:
            self.variables[task["register"]] = first


@pytest.fixture
def reader() -> Iterator[Callable[[str], Reader]]:
    with namespace("vfd") as here, namespace("vfd") as blue:

        def prepare(what: str) -> Reader:
            here.ip(*HOST, *GIVEN[what])
            blue.ip(*IN_BLUE.get(what, ()))
            return Reader(here, blue)

        yield prepare


@pytest.mark.parametrize("module", ["interface", "bridge", "fdb", "vtep_info"])
def test_examples_of_a_module(reader: Callable[[str], Reader], module: str) -> None:
    host = reader(module)
    for task in read_document(module).examples:
        host.run(task)


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


def test_examples_of_the_index(reader: Callable[[str], Reader]) -> None:
    host = reader("modules.md")
    sections = read_sections("modules.md")
    for section in sections:
        for task in section.tasks():
            assert f"vxlan.fabric.{section.title}" in task
            host.run(task)
    assert host.here.destinations("vx10200") == ["192.0.2.12", "192.0.2.13"]
    assert {section.title for section in sections} == {"interface", "bridge", "fdb", "vtep_info"}
