# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Reading a piece of the inventory: every value is checked where it is read, what is wrong becomes a mistake and None.

Values come from YAML, from templates and from the command line (C(-e)), so that a number may arrive as text.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import Mistakes, Place

T = TypeVar("T")

_WORDS_OF_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def suggest(word: str, known: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {', '.join(choices)}" if choices else ""


def is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


class Section:
    """A mapping of the inventory, where it stands, and which keys it may have."""

    def __init__(self, raw: object, place: Place, mistakes: Mistakes, known: Sequence[str]) -> None:
        self.place = place
        self.mistakes = mistakes
        self.names = tuple(known)
        self.raw: Mapping[Any, Any] = {}
        if isinstance(raw, Mapping):
            self.raw = raw
        elif raw is not None:
            mistakes.add(place, f"{raw!r} is not a mapping of {', '.join(known)}")
        for key in self.raw:
            if key not in known:
                mistakes.add(place.at(str(key)), f"unknown key{suggest(str(key), known)}", "unknown-key")

    def given(self, key: str) -> bool:
        return self.raw.get(key) is not None

    def wrong(self, key: str, sentence: str, kind: str = "invalid-value") -> None:
        self.mistakes.add(self.place.at(key), sentence, kind)

    def require(self, *keys: str) -> None:
        for key in keys:
            if not self.given(key):
                self.wrong(key, "is required", "missing")

    def number(self, key: str, of: tuple[int, int], what: str = "a number", kind: str = "invalid-value") -> int | None:
        """An int of low..high."""
        low, high = of
        value = self.raw.get(key)
        if value is None:
            return None
        number = _to_int(value)
        if number is None or not low <= number <= high:
            self.wrong(key, f"{value!r} is not {what} of {low}..{high}", kind)
            return None
        return number

    def switch(self, key: str, default: bool) -> bool:
        value = self.raw.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = _WORDS_OF_TRUTH.get(str(value).lower())
        if word is None:
            self.wrong(key, f"{value!r} is neither true nor false")
            return default
        return word

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if str(value) not in choices:
            self.wrong(key, f"{value!r} is not one of {', '.join(choices)}{_near(str(value), choices)}")
            return None
        return str(value)

    def parsed(self, key: str, parse: Callable[[str, str], T], kind: str = "invalid-value") -> T | None:
        """A text, by one of the functions of _model.values: parse(text, path)."""
        value = self.raw.get(key)
        return None if value is None else self.parse_one(value, self.place.at(key), parse, kind)

    def texts(self, key: str, parse: Callable[[str, str], T], kind: str = "invalid-value") -> tuple[tuple[Place, T], ...]:
        """One text or a list of texts, each with its place."""
        value = self.raw.get(key)
        if value is None:
            return ()
        place = self.place.at(key)
        pairs = [(place.at(index), item) for index, item in enumerate(value)] if is_list(value) else [(place, value)]
        found = ((where, self.parse_one(item, where, parse, kind)) for where, item in pairs)
        return tuple((where, item) for where, item in found if item is not None)

    def parse_one(self, value: object, place: Place, parse: Callable[[str, str], T], kind: str = "invalid-value") -> T | None:
        if isinstance(value, (Mapping, bool)) or is_list(value):
            self.mistakes.add(place, f"{value!r} is not a text")
            return None
        try:
            return parse(str(value), place.path)
        except ArgumentError as error:
            self.mistakes.add(place, error.message.removeprefix(f"{place.path}: "), kind)
            return None

    def items(self, key: str) -> tuple[tuple[str, Any], ...]:
        """The entries of a mapping whose keys are names that the user chose."""
        value = self.raw.get(key)
        if value is None:
            return ()
        if not isinstance(value, Mapping):
            self.wrong(key, f"{value!r} is not a mapping")
            return ()
        return tuple((str(name), item) for name, item in value.items())

    def entries(self, key: str) -> tuple[tuple[Place, Any], ...]:
        """The entries of a list, each with its place."""
        value = self.raw.get(key)
        if value is None:
            return ()
        place = self.place.at(key)
        if not is_list(value):
            self.mistakes.add(place, f"{value!r} is not a list")
            return ()
        return tuple((place.at(index), item) for index, item in enumerate(value))


def _to_int(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = str(value).strip()
    return int(text) if text.isascii() and text.lstrip("-").isdigit() else None


def _near(word: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
