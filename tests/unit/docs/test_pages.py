# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages about the modules name the numbers, keys, files and targets that there are, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.vxlan.fabric.plugins.module_utils import _vtep
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import make
from ansible_collections.vxlan.fabric.tests.unit.docs.documents import ROOT, SPECS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What `make help` lists and no reader of the page needs: the parts of others, and what README tells.
UNTOLD = {"help", "demo", "demo-down", "system", "venv", "lint-python", "lint-shell", "lint-ansible"}


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _section(page: str, title: str) -> str:
    """What stands under a heading, without deeper ones."""
    _before, _title, rest = page.partition(f"## {title}\n")
    assert rest, title
    return re.split(r"^#", rest, maxsplit=1, flags=re.MULTILINE)[0]


def _first_cells(text: str) -> set[str]:
    """The words in code of the first column of the tables."""
    return {word for line in text.splitlines() if line.startswith("| ") for word in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_keys_of_a_whole_host_are_told() -> None:
    assert _first_cells(_section(_page("semantics.md"), "A whole host")) == {*_vtep.STATE, "host_state"}


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Two lanes", (f"A plan of {writer.PACK_FROM} operations or more", f"some {writer._BATCH} messages", f"{writer._GROUP_FROM} removals in a row")),
        ("What is read", (f"Lists of {make.LOOKUP_FROM:,} unicast rows",)),
        (
            "What results hold",
            (f"`report_objects` ({_vtep.vtep_spec()['report_objects']['default']})", f"`report_rows` ({_vtep.vtep_spec()['report_rows']['default']:,})"),
        ),
    ],
)
def test_numbers_are_those_of_the_code(title: str, words: tuple[str, ...]) -> None:
    text = " ".join(_section(_page("semantics.md"), title).split())
    assert [word for word in words if word not in text] == []


def test_options_of_a_run_are_told() -> None:
    """Options of vtep that entries do not have."""
    (line,) = [line for line in _section(_page("semantics.md"), "A whole host").splitlines() if line.startswith("Options that are about a run")]
    told = set(re.findall(r"`(\w+)`", line))
    assert told == set(SPECS["interface"]()) & set(SPECS["bridge"]()) & set(SPECS["fdb"]()) & set(SPECS["vtep"]()) - {"state", "purge"}


def test_every_target_is_told() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE)) | set(re.findall(r"^STAGES := (.*)$", makefile, flags=re.MULTILINE)[0].split())
    told = set(re.findall(r"^\| `make ([a-z-]+)` \|", _page("development.md"), flags=re.MULTILINE))
    assert told | UNTOLD >= targets
    assert told <= targets | set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))


def test_files_of_the_engine_are_there() -> None:
    told = _first_cells(_section(_page("development.md"), "The engine"))
    folder = ROOT / "plugins" / "module_utils"
    found = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")}
    for name in told:
        assert name.endswith("/*") or any(path == name or path.endswith(f"/{name}") for path in found), name


def test_index_names_every_module() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert {f"vxlan.fabric.{name}" for name in modules} <= set(re.findall(r"`(vxlan\.fabric\.\w+)`", _page("modules.md")))


def test_action_group_is_told() -> None:
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]["fabric"]
    assert sorted(group) == sorted(SPECS)


def _anchors(page: Path) -> set[str]:
    """Of headings, as hosts of repositories make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _hash, anchor = target.partition("#")
        led = (page.parent / path) if path else page
        assert led.exists(), target
        assert not anchor or anchor in _anchors(led), target
