# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of keys, the JSON Schema, the options of roles and the parser: what one takes, the others take."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.keys import Key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.schema import json_schema, role_option
from ansible_collections.vxlan.fabric.tests.unit.docs.fabric_texts import ROOT, all_keys
from ansible_collections.vxlan.fabric.tests.unit.fabric.inventories import Inventory, inventories, mixed_inventories, small

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def _without_description(option: Any) -> Any:
    """As ArgumentSpecValidator wants it: `description` belongs to documentation."""
    inner = {name: _without_description(value) for name, value in option.get("options", {}).items()}
    return {key: value for key, value in option.items() if key not in ("description", "options")} | ({"options": inner} if inner else {})


SPECIFICATION = ArgumentSpecValidator({key.name: _without_description(role_option(key)) for key in (keys.FABRIC, keys.VTEP)})


def _judgements(inventory: Inventory) -> dict[str, bool]:
    """Who takes the variables of this inventory."""
    variables = [{"vxlan_fabric": inventory.fabric, "vxlan_vtep": vtep} for vtep in inventory.vteps.values()]
    return {
        "schema": all(VALIDATOR.is_valid(value) for value in variables),
        "roles": not any(SPECIFICATION.validate(copy.deepcopy(value)).error_messages for value in variables),
        "parser": not inventory.mistakes(),
    }


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@given(st.one_of(inventories(), mixed_inventories()))
def test_valid_inventories_are_taken_by_all(inventory: Inventory) -> None:
    assert _judgements(inventory) == {"schema": True, "roles": True, "parser": True}


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/**/*.yml")), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_examples_are_taken_by_the_schema(path: Any) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_templates_are_taken_by_the_schema() -> None:
    VALIDATOR.validate({"vxlan_fabric": {"name": "x", "networks": {"a": {"vni": "{{ base + 1 }}", "members": ["{{ group }}"], "mtu": "{{ mtu }}"}}}})
    VALIDATOR.validate({"vxlan_fabric": "{{ fabrics.east }}", "something_else": 1})


# What is wrong by itself, whatever stands beside it. Roles cannot look under keys that the user chose.
WRONG: dict[str, tuple[Any, Any]] = {
    "unknown key": (("fabric", "flodding"), "static"),
    "flooding": (("fabric", "flooding"), "statik"),
    "port": (("fabric", "port"), "many"),
    "underlay": (("fabric", "underlay", "mtus"), 1),
    "name missing": (("fabric", "name"), None),
    "device": (("vteps", "hv1", "devise"), "eth0"),
    "address": (("vteps", "hv1", "address"), None),
}
WRONG_UNDER_NAMES: dict[str, tuple[Any, Any]] = {
    "key of a network": (("fabric", "networks", "blue", "vnis"), 1),
    "VNI": (("fabric", "networks", "blue", "vni"), 0),
    "VLAN": (("fabric", "networks", "blue", "vlan"), 4095),
    "endpoint": (("fabric", "networks", "blue", "endpoints", 0, "ip"), "10.0.0.1"),
    "gateway": (("fabric", "networks", "blue", "gateway"), {"adress": "10.0.0.1/24"}),
    "seat": (("vteps", "hv1", "networks"), {"blue": {"mtuu": 1}}),
}


@pytest.mark.parametrize(
    ("name", "judges"), [*((name, {"schema", "roles", "parser"}) for name in WRONG), *((name, {"schema", "parser"}) for name in WRONG_UNDER_NAMES)]
)
def test_what_is_wrong_is_refused_by_all_who_can_see_it(name: str, judges: set[str]) -> None:
    inventory = small()
    (*steps, last), value = {**WRONG, **WRONG_UNDER_NAMES}[name]
    place: Any = inventory._asdict()
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    assert {judge for judge, takes in _judgements(inventory).items() if not takes} == judges


def _lists_of_keys() -> Iterator[Key]:
    for variable in keys.VARIABLES:
        yield from (key for key in all_keys(variable) if key.keys)


@pytest.mark.parametrize("key", _lists_of_keys(), ids=lambda key: key.name)
def test_names_are_there_once_and_every_key_says_what_it_means(key: Key) -> None:
    assert len(set(key.names())) == len(key.keys)
    for inner in key.keys:
        assert inner.text
        assert not (inner.required and (inner.default is not None or inner.shown)), inner.name
        assert inner.kind != keys.NUMBER or inner.of, inner.name
