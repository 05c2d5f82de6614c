# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Files as values, and the ways to write texts that cannot become anything else than what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError

Lines = Sequence[tuple[str, str]]
Parts = list[tuple[str, list[tuple[str, str]]]]


class File(NamedTuple):
    """A file as it is to be. path: absolute, below the root of the host. link: where a symbolic link points to; then it has no content."""

    path: str
    content: bytes = b""
    mode: int = 0o644
    link: str = ""


def mark_of(fabric: str) -> str:
    """The line that says whose file it is; the first one, after a comment sign."""
    return f"vxlan.fabric:{fabric}, written by Ansible (vxlan.fabric.persist), do not edit"


def text_file(path: str, fabric: str, text: str, mode: int = 0o644) -> File:
    return File(path, f"# {mark_of(fabric)}\n{text}".encode(), mode)


def sections(parts: Iterable[tuple[str, Lines]]) -> str:
    """Sections of an INI file; those without lines are left out."""
    return "\n".join(f"[{name}]\n" + "".join(f"{key}={checked(value)}\n" for key, value in lines) for name, lines in parts if lines)


def checked(text: str) -> str:
    """The last guard, whatever came before: nothing in a file begins a line of its own (F43)."""
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise ArgumentError(f"control characters are refused in what is written to files: {text!r}")
    return text


def is_plain_text(text: str) -> bool:
    """A free text that every format with one value per line reads as it is: printable ASCII, no space at its ends, no backslash, no quotes,
    no sign that begins a comment, a variable or a specifier."""
    return text.isascii() and text.isprintable() and text == text.strip() and not set(text) & set("\\\"'#;%$`")
