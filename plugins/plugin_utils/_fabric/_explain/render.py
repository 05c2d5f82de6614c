# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A walk as lines for a terminal and as a page in Markdown. Sorted and without times: the same state gives the same bytes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import AS_WANTED, DIFFERS, ENDS, NOT_KNOWN, NOT_REACHED
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import Row, markdown_table, text_table

_WIDTH = 118
_MARKS = {AS_WANTED: "", DIFFERS: "  [DIFFERS]", ENDS: "  [ENDS HERE]", NOT_REACHED: "  [not reached]", NOT_KNOWN: "  [not known]"}
_INDENT = "     "

Told = Mapping[str, Any]


def walk_text(walk: Told) -> list[str]:
    """Lines for a terminal, ASCII and without quotation marks, which Ansible would write with a backslash. walk: of values.as_dict."""
    lines = [f"Network {walk['network']}: {walk['title']}", ""]
    for leg, steps in _numbered(walk):
        lines += [f"{leg['title']}{_blind(walk, leg)}", ""]
        for number, step in steps:
            lines += [*_step_text(walk, step, number), ""]
    for note in walk["notes"]:
        lines += _wrapped(note, "")
    return [*lines, walk["summary"]]


def _numbered(walk: Told) -> Iterator[tuple[Told, list[tuple[int, Told]]]]:
    """The legs with their steps. What the kernel does at a step is told at the first of its kind."""
    first: dict[str, int] = {}
    number = 0
    for leg in walk["legs"]:
        steps = []
        for step in leg["steps"]:
            number += 1
            before = first.setdefault(step["title"], number)
            steps.append((number, step if before == number else {**step, "text": [f"As in step {before}."]}))
        yield leg, steps


def _blind(walk: Told, leg: Told) -> str:
    return f" (not known how it really is: {leg['error']})" if leg["error"] and walk["real"] else ""


def _step_text(walk: Told, step: Told, number: int) -> list[str]:
    mark = _MARKS[step["status"]] if walk["real"] or step["status"] == ENDS else ""
    lines = [f"{number:3}. {step['title']}{mark}"]
    for sentence in step["text"]:
        lines += _wrapped(sentence, _INDENT)
    header, rows = _facts(walk, step)
    lines += [f"{_INDENT}{line}".rstrip() for line in text_table(header, rows)] if rows else []
    for command in step["look"]:
        lines.append(f"{_INDENT}look: {command}")
    for finding in step["findings"]:
        lines += _wrapped(f"! {finding['sentence']}", _INDENT)
        lines += [f"{_INDENT}  mend: {finding['mend']}"] if finding["mend"] else []
    for sentence in _ends(walk, step):
        lines += _wrapped(sentence, _INDENT)
    return lines


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _facts(walk: Told, step: Told) -> tuple[list[str], list[Row]]:
    """The table of a step. Without a look at the hosts, what only they would tell is left out."""
    if walk["real"]:
        rows: list[Row] = [[fact["what"], fact["wanted"] or "-", fact["real"] or "-", "<- differs" if fact["differs"] else ""] for fact in step["facts"]]
        return ["", "inventory", "host", ""], rows
    return ["", "inventory"], [[fact["what"], fact["wanted"]] for fact in step["facts"] if fact["wanted"]]


def _ends(walk: Told, step: Told) -> list[str]:
    """Why the walk ends here, on each side."""
    wanted, real = step["ends"]["wanted"], step["ends"]["real"]
    if step["status"] == ENDS and real:
        return [f"HERE THE WALK ENDS, because {real}."]
    if real and real == wanted:
        return [f"Here the walk ends: {real}."]
    told = [f"Here the walk ends: {real}."] if real else []
    if wanted:
        told.append(f"By the inventory it ends here: {wanted}." if walk["real"] else f"Here the walk ends: {wanted}.")
    return told


def walk_markdown(walk: Told) -> str:
    """A page. Ends with a newline."""
    lines = [f"# Network {walk['network']}: {walk['title']}", "", walk["summary"], ""]
    for leg, steps in _numbered(walk):
        lines += [f"## {leg['title']}", ""]
        lines += [f"Not known how it really is: {leg['error']}.", ""] if _blind(walk, leg) else []
        for number, step in steps:
            lines += _step_markdown(walk, step, number)
    lines += [f"- {note}" for note in walk["notes"]]
    return "\n".join(lines).rstrip("\n") + "\n"


def _step_markdown(walk: Told, step: Told, number: int) -> list[str]:
    mark = _MARKS[step["status"]].strip(" []") if walk["real"] or step["status"] == ENDS else ""
    lines = [f"### {number}. {step['title']}{f' ({mark.lower()})' if mark else ''}", "", " ".join(_escaped(step["text"])), ""]
    header, rows = _facts(walk, step)
    lines += [*markdown_table(header, rows), ""] if rows else []
    lines += ["```console", *step["look"], "```", ""] if step["look"] else []
    for finding in step["findings"]:
        lines.append(f"- **{_escaped([finding['sentence']])[0]}.**{_mend(finding)}")
    lines += [""] if step["findings"] else []
    for sentence in _ends(walk, step):
        lines += [f"**{_escaped([sentence])[0]}**", ""]
    return lines


def _escaped(sentences: Sequence[str]) -> list[str]:
    """Names of kernel functions have underscores, which are no emphasis."""
    return [sentence.replace("_", "\\_") for sentence in sentences]


def _mend(finding: Told) -> str:
    return f" Mend: `{finding['mend']}`" if finding["mend"] else ""
