# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Validate mappings by an argument spec as AnsibleModule does, many of them at a time and with the path of every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._convert import CONVERSIONS

Spec = Mapping[str, Mapping[str, Any]]

# Values of these types need no conversion.
_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (float, int), "bool": (bool,), "list": (list,), "dict": (dict,)}
_EXPECTED = {"str": "text", "int": "a number", "float": "a number", "bool": "true or false", "list": "a list", "dict": "options and their values"}


class Entry:
    """A spec, prepared for many mappings. defaults: options of those that do not say them, themselves validated when they are used."""

    def __init__(self, kind: str, spec: Spec, defaults: Mapping[str, Any] | None = None, children: Mapping[str, Entry] | None = None) -> None:
        self.kind = kind
        self.spec = spec
        self.names = {name: name for name in spec} | {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
        self.built_in = {name: option["default"] for name, option in spec.items() if "default" in option}
        self.required = [name for name, option in spec.items() if option.get("required")]
        self.children = dict(children or {})
        for name, option in spec.items():
            if "options" in option and name not in self.children:
                self.children[name] = Entry(name, option["options"])
        self.mistakes: list[str] = []
        self.defaults = _converted(self, defaults or {}, f"defaults.{kind}", self.mistakes)


def fill(entry: Entry, given: object, path: str, mistakes: list[str]) -> dict[str, Any]:
    """The options of one mapping, converted, with aliases resolved and defaults filled in."""
    if not isinstance(given, dict):
        mistakes.append(f"{path}: options and their values are expected, not {given!r}")
        return {}
    said = _converted(entry, given, path, mistakes)
    found = {**entry.built_in, **entry.defaults, **said}
    for name in [name for name, value in said.items() if value is None]:  # 'null' takes a default away
        found[name] = entry.built_in.get(name)
    mistakes += [f"{path}.{name}: is required" for name in entry.required if found.get(name) is None]
    return found


def _converted(entry: Entry, given: Mapping[str, Any], path: str, mistakes: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = entry.names.get(key)
        if name is None:
            mistakes.append(f"{path}.{key}: unknown option{_nearest(key, entry)}")
        elif name in found:
            mistakes.append(f"{path}.{key}: {name} is given twice, under two names")
        else:
            found[name] = None if value is None else _value(entry, name, value, f"{path}.{key}", mistakes)
    return found


def _value(entry: Entry, name: str, given: object, path: str, mistakes: list[str]) -> object:
    value: Any = given
    option = entry.spec[name]
    kind = option.get("type", "str")
    if not isinstance(value, _PLAIN[kind]) or (kind in ("int", "float") and isinstance(value, bool)):
        try:
            value = CONVERSIONS[kind](value)
        except (TypeError, ValueError):
            mistakes.append(f"{path}: {_EXPECTED[kind]} is expected, not {value!r}")
            return None
    choices = option.get("choices")
    if choices is not None and value not in choices:
        mistakes.append(f"{path}: {value!r} is none of {', '.join(map(str, choices))}")
        return None
    if kind == "list":
        return _elements(entry, name, value, path, mistakes)
    return value


def _elements(entry: Entry, name: str, value: list[Any], path: str, mistakes: list[str]) -> list[Any]:
    child = entry.children.get(name)
    if child is not None:
        filled = [fill(child, item, f"{path}[{position}]", mistakes) for position, item in enumerate(value)]
        # One of which nobody knows what it is about is a mistake already, and nothing to look at further.
        return [item for item in filled if all(item.get(name) is not None for name in child.required)]
    if entry.spec[name].get("elements") == "str":
        return [item if isinstance(item, str) else str(item) for item in value]
    return value


def _nearest(key: str, entry: Entry) -> str:
    import difflib

    close = difflib.get_close_matches(str(key), list(entry.names), 1)
    return f"; did you mean '{close[0]}'?" if close else f" of {entry.kind}"
