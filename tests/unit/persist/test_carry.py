# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backend cannot carry is told, whatever it is: nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, Value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link, Neighbour, VniRow
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import carry
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.backends import BACKENDS
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import checked, mark_of
from ansible_collections.vxlan.fabric.tests.unit.persist.hosts import AROUND, HOST, boot

TABLES: dict[str, Table] = {"vxlan": table_of("vxlan"), "bridge": table_of("bridge"), "port": table_of("bridge_slave")}
RENDERING = sorted(name for name, backend in BACKENDS.items() if backend.render is not None)


def another(attribute: Attribute) -> Value:
    """A value that is not the kernel's default."""
    named: dict[str, Value] = {
        "remote": "192.0.2.9", "group": "239.1.1.1", "local": "192.0.2.1", "device": "eth0", "source_port": (40000, 50000), "backup_port": "eth0",
        "group_address": "01:80:c2:00:00:05", "vlan_protocol": "802.1ad", "ttl": 17, "tos": 16,
    }  # fmt: skip
    if attribute.option in named:
        return named[attribute.option]
    if attribute.kind == "bool":
        return not attribute.default
    if attribute.choices:
        return next(choice for choice in reversed(attribute.choices) if choice != attribute.default)
    return next(number for number in (attribute.low + 1, attribute.low + 2) if number != attribute.default)


# What else an interface needs to have an option, or must not have.
NEEDS: dict[str, dict[str, Value]] = {
    "group": {"device": "eth0"}, "flow_label": {"destination": "2001:db8::9"}, "label_policy": {"destination": "2001:db8::9"},
    "external": {"vni": None}, "vnifilter": {"vni": None, "external": True}, "gpe": {"vni": None, "external": True, "learning": False},
}  # fmt: skip


def made(*links: Link, **lists: Any) -> Boot:
    """On a host with an underlay."""
    return Boot(links, bridges=frozenset(link.name for link in links if link.kind == "bridge"), host=HOST, **lists)


def texts(name: str, booted: Boot) -> tuple[str, list[carry.Loss]]:
    render = BACKENDS[name].render
    assert render is not None
    files, losses = render(booted, "dc1", AROUND)
    return "\n".join(file.content.decode() for file in files), losses


def one_attribute() -> Iterator[tuple[str, str, Attribute]]:
    for backend in RENDERING:
        for kind, table in TABLES.items():
            for attribute in table:
                yield backend, kind, attribute


@pytest.mark.parametrize(("backend", "kind", "attribute"), list(one_attribute()), ids=lambda part: part.option if isinstance(part, Attribute) else part)
def test_an_attribute_is_written_or_told(backend: str, kind: str, attribute: Attribute) -> None:
    """The files change with it, or it is among what the backend cannot carry."""
    value = another(attribute)
    bridge: tuple[Link, ...] = ()
    plain: dict[str, Value] = {"vni": 7, "port": 4789, **NEEDS.get(attribute.option, {})} if kind == "vxlan" else {}
    base = {key: given for key, given in plain.items() if given is not None}
    if kind == "port":
        bridge = (Link("br7", "bridge"),)
        with_it = Link("vx7", "vxlan", attributes={"vni": 7, "port": 4789}, master="br7", port={attribute.key: value})
        without = replace(with_it, port={})
    else:
        name = {"vxlan": "vx7", "bridge": "br8"}[kind]
        with_it, without = (
            Link(name, kind, attributes={**base, attribute.key: value}),
            Link(name, kind, attributes={"vni": 7, **base} if attribute.option == "external" else base),
        )
    text, losses = texts(backend, made(*bridge, with_it))
    told = [loss for loss in losses if loss.option.split()[-1] == attribute.option]
    setting = BACKENDS[backend].carries.kinds.get(kind, {}).get(attribute.option)
    assert bool(told) is (setting is None or setting.form(value) is None)
    if not told:
        assert text != texts(backend, made(*bridge, without))[0]
    for loss in told:
        assert loss.fatal is (kind == "vxlan" and (not attribute.live or attribute.kind == "interface"))


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_tables_name_options_that_there_are(backend: str) -> None:
    carries = BACKENDS[backend].carries
    for kind, settings in carries.kinds.items():
        if kind in TABLES:
            assert set(settings) <= {attribute.option for attribute in TABLES[kind]}
    assert set(carries.fields) <= set(carry.LINK_FIELDS)
    assert set(carries.row) <= set(FdbRow._fields)
    assert set(carries.neighbour) <= set(Neighbour._fields)


def test_every_field_of_a_link_is_stated_by_somebody_or_a_fact() -> None:
    """One that is neither would be lost without a word."""
    assert {*carry.LINK_FIELDS, *carry._FACTS} == {field.name for field in fields(Link)}
    assert {"links", "fdb", "vnis", "vlans", "tunnels", "routes", "kept_addresses"} == {field.name for field in fields(HostState)}
    assert {"links", "rows", "vnis", "vlans", "assume", "mark", "in_the_way", "warnings"} == set(Wanted._fields)


def test_vlans_and_masters_of_other_kinds_are_told() -> None:
    booted = boot(
        {
            "bridges": [
                {"name": "br7", "vlan_filtering": True, "vlans": [{"vlan": "7-9"}], "ports": [{"name": "vx7", "vlans": [{"vlan": 7, "pvid": True}]}]},
            ],
            "interfaces": [{"name": "vx7", "vni": 7, "local": "192.0.2.1", "device": "none"}],
        }
    )
    assert {name: [(row.start, row.end) for row in rows] for name, rows in booted.vlans.items()} == {"br7": [(7, 9)], "vx7": [(7, 7)]}
    _text, losses = texts("networkd", booted)
    assert {(loss.name, loss.option) for loss in losses} == {("br7", "vlans"), ("vx7", "vlans")}
    alone = Boot((Link("br8", "bridge", master="red"),), bridges=frozenset({"br8"}))
    text, losses = texts("networkd", alone)
    assert [(loss.name, loss.option) for loss in losses] == [("br8", "master")]
    assert "Bridge=" not in text


@pytest.mark.parametrize("backend", RENDERING)
@pytest.mark.parametrize(
    ("change", "option"),
    [
        ({"port": 8472}, "fdb.port"), ({"src_vni": 9}, "fdb.src_vni"), ({"nexthop_group": 3}, "fdb.nexthop_group"), ({"state": "static"}, "fdb.state"),
        ({"sticky": True}, "fdb.sticky"), ({"router": True}, "fdb.router"), ({"extern_learn": True}, "fdb.extern_learn"), ({"vni": 9}, "fdb.vni"),
        ({"via": "eth0"}, "fdb.via"), ({"vlan": 5}, "fdb.vlan"), ({"table": "master"}, "fdb.table"), ({}, ""),
    ],
)  # fmt: skip
def test_a_row_is_written_or_told(backend: str, change: dict[str, Any], option: str) -> None:
    row = FdbRow("02:00:00:00:00:02", None if {"nexthop_group", "table"} & set(change) else "192.0.2.2")._replace(**change)
    kind: dict[str, Value] = {"external": True} if "src_vni" in change else {"vni": 7}
    text, losses = texts(backend, made(Link("vx7", "vxlan", attributes={**kind, "port": 4789}), fdb={"vx7": (row,)}))
    told = {loss.option for loss in losses} & {option, "fdb"}
    assert bool(told) is (row.mac not in text)


@pytest.mark.parametrize("backend", RENDERING)
def test_other_kinds_and_filters_are_told(backend: str) -> None:
    filtered = Link("vx7", "vxlan", attributes={"external": True, "vnifilter": True, "port": 4789})
    _text, losses = texts(backend, made(Link("odd0", "geneve"), filtered, vnis={"vx7": (VniRow(5, 6),)}))
    assert [(loss.name, loss.option, loss.fatal) for loss in losses if loss.name == "odd0"] == [("odd0", "kind", True)]
    assert (("vx7", "vnis") in {(loss.name, loss.option) for loss in losses}) is not BACKENDS[backend].carries.vnis


@pytest.mark.parametrize("backend", RENDERING)
@pytest.mark.parametrize("alias", ["a\nup touch /pwned", "a\\", "$(reboot)", "%n", "'; reboot", " blank", "naïve", "# none", "vxlan.fabric:dc1"])
def test_a_text_is_written_as_it_is_or_not_at_all(backend: str, alias: str) -> None:
    """F43: a text never becomes a line, a command or a variable of what it is written to."""
    text, losses = texts(backend, made(Link("vx7", "vxlan", alias=alias, attributes={"vni": 7, "port": 4789})))
    if "alias" in {loss.option for loss in losses}:
        assert not any(alias.strip() in line for line in text.splitlines() if mark_of("dc1") not in line)
    else:
        assert "\n" not in alias


@pytest.mark.parametrize("backend", RENDERING)
@pytest.mark.parametrize("name", ["vx*", "vx[7]", "vx$x", "vx'7", "vx;7", "vx#7", "vx\\7", "vx%n", "-vx"])
def test_a_name_that_could_be_read_as_something_else_is_left_out(backend: str, name: str) -> None:
    text, losses = texts(backend, made(Link(name, "vxlan", attributes={"vni": 7, "port": 4789})))
    if name != "-vx":
        assert [(loss.option, loss.fatal) for loss in losses] == [("name", True)]
        assert name not in text


def test_control_characters_are_refused_before_anything_is_rendered() -> None:
    with pytest.raises(ArgumentError, match="control characters"):
        boot({"interfaces": [{"name": "vx7", "vni": 7, "alias": "a\npost-up reboot"}]})
    with pytest.raises(ArgumentError, match="control characters"):
        checked("a\nb")
