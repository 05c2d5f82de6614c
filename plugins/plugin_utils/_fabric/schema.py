# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The table of keys in three other forms: JSON Schema for editors, options of roles, and tables for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.keys import Key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import markdown_table

Form = dict[str, Any]

# What a variable holds may come out of a template, which an editor cannot look into.
_TEMPLATE = {"type": "string", "pattern": r"\{[{%]"}
_TEXT = {"type": ["string", "number"]}


def json_schema() -> Form:
    """For files of variables: what belongs to others in them is left alone. Draft 7, which editors know."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Variables of a fabric (vxlan.fabric)",
        "type": "object",
        "properties": {key.name: _schema(key) for key in keys.VARIABLES},
    }


def _schema(key: Key) -> Form:
    return {"description": _plain(key.text), **_default(key), **_KINDS_OF_SCHEMA[key.kind](key)}


def _default(key: Key) -> Form:
    return {} if key.default is None else {"default": key.default}


def _plain(text: str) -> str:
    """Without the marks of Markdown; a link becomes its text."""
    words = text.replace("`", "")
    while "](" in words:
        before, _bracket, rest = words.partition("[")
        shown, _middle, rest = rest.partition("](")
        words = before + shown + rest.partition(")")[2]
    return words[:1].upper() + words[1:]


def _optional_template(form: Form) -> Form:
    return {"anyOf": [form, _TEMPLATE]}


def _number(key: Key) -> Form:
    low, high = key.of or (None, None)
    return _optional_template({"type": "integer", "minimum": low, "maximum": high})


def _text(key: Key) -> Form:
    return _optional_template({"enum": list(key.choices)}) if key.choices else dict(_TEXT)


def _section(key: Key) -> Form:
    found: Form = {"type": "object", "properties": {inner.name: _schema(inner) for inner in key.keys}, "additionalProperties": False}
    required = [inner.name for inner in key.keys if inner.required]
    return _optional_template({**found, **({"required": required} if required else {})})


_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_KINDS_OF_SCHEMA: dict[str, Callable[[Key], Form]] = {
    keys.TEXT: _text,
    keys.TEXTS: lambda _key: dict(_TEXTS),
    keys.NUMBER: _number,
    keys.SWITCH: lambda _key: _optional_template({"type": "boolean"}),
    keys.MTU: lambda _key: _optional_template({"anyOf": [{"type": "integer", "minimum": keys.MTU_MIN - 70, "maximum": keys.MTU_MAX}, {"const": "auto"}]}),
    keys.SECTION: _section,
    keys.BY_NAME: lambda key: _optional_template({"type": "object", "additionalProperties": _section(key)}),
    keys.LIST: lambda key: _optional_template({"type": "array", "items": _section(key)}),
    keys.PORTS: lambda key: _optional_template({"type": "object", "additionalProperties": {"anyOf": [*_TEXTS["anyOf"], _section(key)]}}),
}

_TYPES = {
    keys.TEXT: {"type": "str"},
    keys.TEXTS: {"type": "list", "elements": "str"},
    keys.NUMBER: {"type": "int"},
    keys.SWITCH: {"type": "bool"},
    keys.MTU: {"type": "str"},
    keys.SECTION: {"type": "dict"},
    keys.BY_NAME: {"type": "dict"},
    keys.LIST: {"type": "list", "elements": "dict"},
    keys.PORTS: {"type": "dict"},
}


def role_option(key: Key) -> Form:
    """As meta/argument_specs.yml has it. Ansible knows no keys that the user chooses, so that what is under these is told and not specified;
    lint judges it."""
    option: Form = {"description": [_sentence(key), *_sentences_of_names(key)], **_TYPES[key.kind]}
    if key.required:
        option["required"] = True
    if key.choices:
        option["choices"] = list(key.choices)
    if key.default is not None:
        option["default"] = key.default
    if key.keys and key.kind not in (keys.BY_NAME, keys.PORTS):
        option["options"] = {inner.name: role_option(inner) for inner in key.keys}
    return option


def _sentence(key: Key) -> str:
    if "](#" in key.text:  # a link of its page
        return "See C(docs/fabric.md)."
    text = _plain(key.text).replace(": ", " - ")
    return text if text.endswith(".") else f"{text}."


def _sentences_of_names(key: Key) -> list[str]:
    return [f"Each has {', '.join(inner.name for inner in key.keys)}, see C(docs/fabric.md)."] if key.kind == keys.BY_NAME else []


def table_of(key: Key) -> list[str]:
    """Lines of a Markdown table with one row per key below this one."""
    return markdown_table(("Key", "Default", "Meaning"), [(f"`{inner.name}`", _shown_default(inner), inner.text) for inner in key.keys])


def _shown_default(key: Key) -> str:
    if key.required:
        return "required"
    if key.shown:
        return key.shown
    return "" if key.default is None else f"`{str(key.default).lower()}`"


def sections() -> Sequence[tuple[str, Key]]:
    """The tables of docs/fabric.md: title and what is under it."""
    return (
        ("`vxlan_fabric`", keys.FABRIC),
        ("`vxlan_fabric.underlay`", keys.UNDERLAY),
        ("`vxlan_fabric.underlay.links[]`", keys.LINK),
        ("`vxlan_fabric.networks.NAME`", keys.NETWORK),
        ("`vxlan_fabric.networks.NAME.endpoints[]`", keys.ENDPOINT),
        ("`vxlan_fabric.networks.NAME.gateway`", keys.GATEWAY),
        ("`vxlan_fabric.vrfs.NAME`", keys.VRF),
        ("`vxlan_vtep`", keys.VTEP),
        ("`vxlan_vtep.ports.PORT`", keys.PORT_OF_HOST),
        ("`vxlan_vtep.networks.NAME`", keys.SEAT),
        ("`vxlan_twin`", keys.TWIN),
    )
