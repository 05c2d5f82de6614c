# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that ip(8) and bridge(8) say about a namespace, read with four processes instead of one for each question."""

from __future__ import annotations

import json

from .namespaces import Json, Namespace, execute

# Words of a program, and the questions that one process of it answers (ip-batch).
_READS: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...] = (
    (("ip",), (("link", "show"), ("address", "show"), ("neighbour", "show", "nud", "all"))),
    (("ip", "-4"), (("route", "show", "table", "all"),)),
    (("ip", "-6"), (("route", "show", "table", "all"),)),
    (("bridge",), (("fdb", "show"), ("vni", "show"))),
)


class Snapshot(Namespace):
    """A moment of a namespace: questions about everything are answered from what was read when it was made."""

    def __init__(self, ns: Namespace) -> None:
        super().__init__(ns.name)
        self._seen: dict[tuple[str, ...], list[Json]] = {}
        for (program, *options), questions in _READS:
            text = "".join(f"{' '.join(words)}\n" for words in questions)
            answer = execute([program, "-n", ns.name, "-j", "-d", *options, "-batch", "-"], text)
            for words, found in zip(questions, _documents(answer, len(questions))):
                self._seen[(program, *options, *words)] = found

    def json(self, program: str, *words: str) -> list[Json]:
        found = self._seen.get((program, *words))
        return super().json(program, *words) if found is None else found


def _documents(text: str, count: int) -> list[list[Json]]:
    """JSON documents that follow one another."""
    decoder = json.JSONDecoder()
    found: list[list[Json]] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        entries, position = decoder.raw_decode(text, position)
        found.append([entry for entry in entries if entry])
    assert len(found) == count, text
    return found
