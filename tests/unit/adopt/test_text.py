# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an adoption says on a terminal and in its files, and the options of the user."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Read, adopt
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import CHANGES, OUT, Note, gather, note_lines
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.options import parse_fabric, parse_group, parse_names
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.write import adoption, adoption_text, dump
from ansible_collections.vxlan.fabric.tests.unit.adopt.showing import read, show
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import small

MARK = {"operation": "set_link", "field": "alias", "value": "vxlan.fabric:t", "before": "", "commands": ["ip link set dev vx100 alias vxlan.fabric:t"]}
STP = {"operation": "set_attributes", "commands": ["ip link set dev br100 type bridge stp_state 0"]}


def _result(hosts_file: bool = False) -> dict[str, Any]:
    inventory = small()
    return adoption(adopt(read(inventory.parse()), inventory.groups), hosts_file=hosts_file)


def test_marks_are_counted_and_all_else_is_shown() -> None:
    lines = adoption_text(_result(), {"hv1": {"operations": [MARK, STP]}, "hv2": {"operations": [MARK]}, "leaf1": {"operations": []}})
    start = lines.index("deploy --check with this inventory:")
    assert lines[start + 1 :] == [
        "  the owner mark on 2 interfaces and bridges of hv1, hv2",
        "  hv1:",
        "    ip link set dev br100 type bridge stp_state 0",
        "  nothing on hv2, leaf1",
    ]


def test_a_mark_in_place_of_another_alias_is_a_change() -> None:
    lines = adoption_text(_result(), {"hv1": {"operations": [{**MARK, "before": "customer 7"}]}})
    assert "    ip link set dev vx100 alias vxlan.fabric:t" in lines


def test_a_check_that_failed_is_told() -> None:
    lines = adoption_text(_result(), {"hv1": {"failed": True, "msg": "no rights"}, "hv2": None})
    assert lines[-1] == "  hv1: no rights"


def test_hosts_that_were_not_read_are_told_and_the_others_adopted() -> None:
    inventory = small()
    hosts = {**read(inventory.parse()), "leaf1": Read(None, error="unreachable")}
    result = adoption(adopt(hosts, inventory.groups))
    assert {"level": OUT, "hosts": ["leaf1"], "about": ["host"], "sentence": "not read: unreachable"} in result["notes"]
    assert result["hosts"] == ["hv1", "hv2"]
    assert [network["vni"] for network in result["networks"]] == [100, 200, 300]
    assert any(note["level"] == CHANGES and "dst 192.0.2.3 goes" in note["sentence"] for note in result["notes"])


def test_without_any_network_there_are_only_notes() -> None:
    result = adoption(adopt({"hv1": Read({"interfaces": [], "bridges": [], "fdb": [], "owners": {}})}, {"hypervisors": ["hv1"]}))
    assert list(result["files"]) == ["NOTES.md"]
    assert adoption_text(result, {"hv1": None})[-1] == "  nothing to deploy"


def test_an_inventory_with_errors_is_written_and_not_tried() -> None:
    inventory = small()
    found = show(inventory.parse())
    found["hv2"]["interfaces"][0]["local"] = "192.0.2.1"  # as hv1 has it
    result = adoption(adopt({host: Read(entry) for host, entry in found.items()}, inventory.groups))
    assert "duplicate-vtep-address" in {entry["kind"] for entry in result["lint"]["mistakes"]}
    assert "group_vars/all/vxlan_fabric.yml" in result["files"]
    assert adoption_text(result, {})[-1] == "  not tried, the inventory has errors"


def test_hosts_of_no_group_are_hypervisors_here_and_told() -> None:
    inventory = small()
    result = adoption(adopt(read(inventory.parse()), {"hypervisors": ["hv1"], "web": ["hv2", "leaf1"]}), hosts_file=True)
    told = [note for note in result["notes"] if "is in none of the groups" in note["sentence"]]
    assert [note["hosts"] for note in told] == [["hv2", "leaf1"]]
    assert "hosts:" in result["files"]["hosts.yml"]
    assert result["lint"]["errors"] == 0


def test_every_note_is_in_the_page_in_full() -> None:
    inventory = small()
    found = show(inventory.parse())
    for number in range(12):
        found["hv1"]["bridges"].append({"name": f"extra{number}", "state": "up", "ports": []})
    result = adoption(adopt({host: Read(entry) for host, entry in found.items()}, inventory.groups))
    page = result["files"]["NOTES.md"]
    assert all(f"extra{number}" in page for number in range(12))
    (line,) = [line for line in adoption_text(result, {}) if "extra0" in line]
    assert line == "  hv1: extra0, extra1, extra2, extra3, extra4, extra5, extra6, extra7 and 4 more: a bridge without a VXLAN interface"


def test_the_same_sentence_is_told_once() -> None:
    notes = [Note(CHANGES, host, about, "stp on becomes off") for host in ("hv10", "hv9") for about in ("br2", "br10")]
    (told,) = gather(notes)
    assert (told.hosts, told.about) == (("hv9", "hv10"), ("br2", "br10"))
    assert note_lines({"hosts": told.hosts, "about": told.about, "sentence": told.sentence}) == "hv9, hv10: br2, br10: stp on becomes off"


def test_yaml_as_a_person_writes_it() -> None:
    assert dump({"a": {"list": [{"mac": "02:00:00:00:00:01", "on": True}], "words": ["x", "y"], "none": {}}}) == (
        "a:\n  list:\n    - {mac: '02:00:00:00:00:01', 'on': true}\n  words: [x, y]\n  none: {}\n"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"x": "blue"}, "adopt_names: 'x' is not a VNI"),
        ({0: "blue"}, "adopt_names: 0 is not a VNI"),
        ({1: "a b"}, "adopt_names[1]: 'a b' is not a name"),
        ({1: "blue", 2: "blue"}, "adopt_names[2]: blue is the name of another network as well"),
    ],
)
def test_names_that_cannot_be_meant_are_refused(given: dict[Any, str], sentence: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_names(given)
    assert sentence in caught.value.message


def test_options() -> None:
    assert parse_names({"100": "blue", 200: "red"}) == {100: "blue", 200: "red"}
    assert parse_fabric("") is None
    with pytest.raises(ArgumentError, match="adopt_fabric"):
        parse_fabric("A B")
    with pytest.raises(ArgumentError, match="adopt_group"):
        parse_group("../x")
