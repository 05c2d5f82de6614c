# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fenced blocks of the pages in docs/, so that what a reader sees is what is executed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parents[3] / "docs"

_HEADING = re.compile(r"^#{2,4} (.*)$")
_FENCE = re.compile(r"^```(.*)$")


@dataclass
class Section:
    """What stands under one heading: blocks by the words after the three backticks ("sh", "sh given", "yaml")."""

    title: str
    blocks: dict[str, list[str]] = field(default_factory=dict)

    def text(self, kind: str) -> str:
        return "\n".join(self.blocks.get(kind, []))

    def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load(self.text("yaml"))
        return found


def read_sections(name: str) -> list[Section]:
    """The sections of a page that hold a task, in order."""
    sections = [Section("")]
    kind = None
    lines: list[str] = []
    for line in (DOCS / name).read_text(encoding="utf-8").splitlines():
        heading, fence = _HEADING.match(line), _FENCE.match(line)
        if fence and kind is None:
            kind, lines = fence[1].strip(), []
        elif fence and kind is not None:
            sections[-1].blocks.setdefault(kind, []).append("\n".join(lines))
            kind = None
        elif kind is not None:
            lines.append(line)
        elif heading:
            sections.append(Section(heading[1]))
    return [section for section in sections if "yaml" in section.blocks]
