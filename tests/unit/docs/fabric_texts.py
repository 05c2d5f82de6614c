# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made of the table of keys and of the kinds of mistakes: the tables of docs/fabric.md and docs/lint.md, the JSON Schema, and the
options of the inventory in the argument specifications of the roles.

Write them anew, from the top of the checkout:
PYTHONPATH=.cache/collections .venv/bin/python -m ansible_collections.vxlan.fabric.tests.unit.docs.fabric_texts
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.keys import FABRIC, VTEP, Key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.kinds import KINDS
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.schema import json_schema, role_option, sections, table_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import markdown_table

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "docs" / "fabric.schema.json"
FABRIC_PAGE = ROOT / "docs" / "fabric.md"
LINT_PAGE = ROOT / "docs" / "lint.md"
BEGIN = "      # What the inventory holds: made of plugins/plugin_utils/_fabric/keys.py by tests/unit/docs/fabric_texts.py, not to be edited."
END = "      # End of what is made."


class _Dumper(yaml.SafeDumper):
    """Lists stand deeper than their key, as ansible-lint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless and flow)


def role_block() -> str:
    """The options vxlan_fabric and vxlan_vtep, as lines of a role's argument_specs.yml."""
    options = {key.name: role_option(key) for key in (FABRIC, VTEP)}
    text = yaml.dump(options, Dumper=_Dumper, sort_keys=False, width=130, allow_unicode=True)
    return "".join(f"      {line}\n" if line else "\n" for line in text.splitlines())


def _with_block(text: str) -> str:
    before, begin, rest = text.partition(BEGIN + "\n")
    _old, end, after = rest.partition(END)
    assert begin
    assert end
    return f"{before}{BEGIN}\n{role_block()}{END}{after}"


def _with_table(text: str, title: str, lines: list[str]) -> str:
    """The first table under a heading."""
    pattern = re.compile(rf"(\n## {re.escape(title)}\n(?:(?!\n## ).)*?\n)\| .*?(?=\n\n|\n\Z)", re.DOTALL)
    replaced, count = pattern.subn(lambda match: match[1] + "\n".join(lines), text, count=1)
    assert count == 1, f"no table under {title}"
    return replaced


def _fabric_page(text: str) -> str:
    for title, key in sections():
        text = _with_table(text, title, table_of(key))
    return text


def kinds_table(level: str) -> list[str]:
    return markdown_table(
        ("Kind", "What it means", "What to do"), [(f"`{name}`", kind.means, kind.advice) for name, kind in KINDS.items() if kind.level == level]
    )


def _lint_page(text: str) -> str:
    return _with_table(_with_table(text, "Errors", kinds_table("error")), "Warnings", kinds_table("warning"))


def specifications() -> list[Path]:
    """Of the roles that take the inventory as arguments."""
    return [path for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")) if BEGIN in path.read_text(encoding="utf-8")]


def texts() -> Iterator[tuple[Path, str]]:
    """Each file that is made, in whole or in part, as it should be."""
    yield SCHEMA, json.dumps(json_schema(), indent=2) + "\n"
    yield FABRIC_PAGE, _fabric_page(FABRIC_PAGE.read_text(encoding="utf-8"))
    yield LINT_PAGE, _lint_page(LINT_PAGE.read_text(encoding="utf-8"))
    for path in specifications():
        yield path, _with_block(path.read_text(encoding="utf-8"))


def all_keys(key: Key) -> Iterator[Key]:
    yield key
    for inner in key.keys:
        yield from all_keys(inner)


if __name__ == "__main__":
    for path, text in texts():
        path.write_text(text, encoding="utf-8")
