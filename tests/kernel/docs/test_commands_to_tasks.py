# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/commands-to-tasks.md is true: each command in one namespace, its task by ansible-playbook in a second one, the same state in both."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.vxlan.fabric.tests.kernel.docs.pages import DOCS, Section, read_sections
from ansible_collections.vxlan.fabric.tests.support.kernel import has_vlans, without_kind
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace

SECTIONS = {section.title: section for section in read_sections("commands-to-tasks.md")}
# Kinds of interfaces that not every kernel has, and what a section that needs one says.
KINDS = {"vrf": "type vrf", "vlan": "type vlan "}
SHOWN = [title for title, section in SECTIONS.items() if " show " in section.text("sh")]
CHANGED = [title for title in SECTIONS if title not in SHOWN]

# What issue 2 lists; each has to stand on the page.
PROMISED = (
    r"ip link add vxlan0 type vxlan id 4100 remote \S+ local \S+ dstport 4789 dev eth0",
    r"ip link add vxlan0 type vxlan id 4100 group \S+ local \S+ dstport 4789 dev eth0",
    r"ip link delete vxlan0",
    r"ip -d link show vxlan0",
    r"bridge fdb add \S+ dst \S+ dev vxlan0",
    r"bridge fdb delete \S+ dev vxlan0",
    r"bridge fdb replace \S+ dst \S+ dev vxlan0",
    r"bridge fdb show dev vxlan0",
    r"ip link add vxlan0 type vxlan id 1000 local \S+ dstport 4789 learning",
    r"bridge fdb append 00:00:00:00:00:00 dst \S+ dev vxlan0",
    r"ip neigh add \S+ lladdr \S+ dev vxlan0",
)
UNDERLAY = ("address add 192.0.2.11/24 dev eth0", "address add 2001:db8::11/64 dev eth0 nodad")


@dataclass(frozen=True)
class Pair:
    """Two namespaces that were the same: what was typed in one, and the task ran in the other."""

    typed: Namespace
    tasked: Namespace


def _play(title: str, pair: Pair, folder: Path) -> list[dict[str, Any]]:
    """The tasks of a section, and one that keeps what vtep_info said."""
    tasks = SECTIONS[title].tasks()
    if any("register" in task for task in tasks):
        copy = {"content": "{{ vtep | to_json }}", "dest": str(folder / f"{pair.tasked.name}.json"), "mode": "0600"}
        tasks.append({"name": "Keep it", "ansible.builtin.copy": copy})
    return [{"name": title, "hosts": pair.tasked.name, "gather_facts": False, "tasks": tasks}]


def _run_playbook(plays: list[dict[str, Any]], folder: Path) -> None:
    hosts: dict[str, dict[str, str]] = {play["hosts"]: {} for play in plays}
    variables = {"ansible_connection": "vxlan.fabric.netns", "ansible_python_interpreter": sys.executable}
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": variables}}))
    (folder / "page.yml").write_text(yaml.safe_dump(plays, sort_keys=False))
    collections = DOCS.parent / ".cache" / "collections"
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(folder), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "inventory.yml", "page.yml"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def _lacking(section: Section) -> str:
    """Why a section cannot be followed on this kernel; empty when it can."""
    text = section.text("sh given") + section.text("sh") + "\n"
    if "bridge vlan " in text and not has_vlans():
        return "the kernel lacks vlan_filtering of bridges"
    return next((without_kind(kind) for kind, words in KINDS.items() if words in text and without_kind(kind)), "")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the playbook puts what vtep_info said."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def pairs(answers: Path) -> Iterator[dict[str, Pair]]:
    """All commands typed, and all tasks run in one ansible-playbook run over one play per section."""
    with ExitStack() as stack:
        made: dict[str, Pair] = {}
        for title, section in SECTIONS.items():
            if _lacking(section):
                continue
            pair = Pair(stack.enter_context(namespace("vfd")), stack.enter_context(namespace("vfd")))
            for one in (pair.typed, pair.tasked):
                one.ip(*UNDERLAY)
                one.sh(section.text("sh given"))
            pair.typed.sh(section.text("sh"))
            made[title] = pair
        _run_playbook([play for title, pair in made.items() for play in _play(title, pair, answers)], answers)
        yield made


def _comparable(one: Namespace, stated: str) -> dict[str, Any]:
    """The state, with each MAC that the kernel made up replaced by the name of its interface."""
    text = json.dumps(one.state())
    for link in one.json("ip", "link", "show"):
        mac = link.get("address", "")
        if mac not in stated and not mac.startswith(("00:00", "02:00")):
            text = text.replace(mac, f"MAC of {link['ifname']}")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("title", CHANGED)
def test_task_does_what_the_command_does(pairs: dict[str, Pair], title: str) -> None:
    section = SECTIONS[title]
    if _lacking(section):
        pytest.skip(_lacking(section))
    pair = pairs[title]
    stated = section.text("sh") + section.text("sh given")
    assert _comparable(pair.tasked, stated) == _comparable(pair.typed, stated)


def test_interface_is_shown_with_the_values_of_ip(pairs: dict[str, Pair], answers: Path) -> None:
    (title,) = [title for title in SHOWN if "link show" in SECTIONS[title].text("sh")]
    (shown,) = _said(answers, pairs[title])["interfaces"]
    link, data = pairs[title].typed.link("vxlan0"), pairs[title].typed.data("vxlan0")
    assert (shown["name"], shown["mtu"], shown["state"]) == (link["ifname"], link["mtu"], "up" if "UP" in link["flags"] else "down")
    same = {
        "vni": data["id"],
        "remote": data["remote"],
        "local": data["local"],
        "device": data["link"],
        "port": data["port"],
        "ageing": data["ageing"],
        "learning": data["learning"],
        "udp_checksum": data["udp_csum"],
        "udp6_zero_checksum_rx": data["udp_zero_csum6_rx"],
        "txqueuelen": link["txqlen"],
    }
    assert {option: shown[option] for option in same} == same


def test_rows_are_shown_with_the_values_of_bridge(pairs: dict[str, Pair], answers: Path) -> None:
    (title,) = [title for title in SHOWN if "fdb show" in SECTIONS[title].text("sh")]
    (shown,) = _said(answers, pairs[title])["fdb"]
    rows = [(row["mac"], row["dst"], row.get("port"), row.get("vni"), row["state"]) for row in shown["rows"]]
    found = [(row["mac"], row["dst"], row.get("port"), row.get("vni"), row["state"] or "dynamic") for row in pairs[title].typed.fdb("vxlan0")]
    assert len(rows) == 3
    assert sorted(rows, key=str) == sorted(found, key=str)


def _said(answers: Path, pair: Pair) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((answers / f"{pair.tasked.name}.json").read_text())
    return said


@pytest.mark.parametrize("promised", PROMISED)
def test_promised_commands_are_on_the_page(promised: str) -> None:
    lines = [line for section in SECTIONS.values() for line in section.text("sh").splitlines()]
    assert any(re.fullmatch(promised, line) for line in lines)


def test_every_pair_is_complete() -> None:
    for section in SECTIONS.values():
        _check_complete(section)


def _check_complete(section: Section) -> None:
    assert len(section.blocks["sh"]) == len(section.blocks["yaml"]) == len(section.tasks()) == 1, section.title
    assert section.tasks()[0]["name"] == section.title
