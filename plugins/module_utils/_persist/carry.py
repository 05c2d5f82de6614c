# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a backend says about itself, as data, and what follows from it: what it cannot carry of a host.

An option that a backend has no row for cannot be carried, so that a new one is never forgotten. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Value, attribute_for, present_value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import is_plain_text

# Names that no format of any backend reads as anything but a name.
_PLAIN_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")

# Fields of links that are no attributes of a kind and that somebody states. What is not among them is described elsewhere, or is a fact.
LINK_FIELDS = ("mac", "mtu", "alias", "master", "up", "txqueuelen", "addrgenmode", "addresses", "neighbours")
_FACTS = ("name", "kind", "index", "attributes", "port", "lower", "altnames", "group", "foreign_namespace", "statistics")
_UNSTATED: tuple[object, ...] = (None, "", ())


class Setting(NamedTuple):
    """How a backend spells one option.

    key      its word, with the section before a dot where it has sections
    form     value -> text; None where it has no word for that value
    own      what the backend makes when nobody says anything, where that is not the kernel's default
    limits   which values it has no word for, in words
    """

    key: str
    form: Callable[[Any], str | None] = str
    own: Value = None
    limits: str = ""


Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Carries:
    """What a backend can carry. Kinds of links are keys of C(kinds): a kind that is missing cannot be carried at all.

    kinds      settings by option, by kind of link: vxlan, bridge, ...; port is that of bridge ports
    fields     settings of LINK_FIELDS
    row        settings of fields of a forwarding row beside its MAC
    neighbour  settings of fields of a neighbour beside its address and MAC
    ports      that interfaces of others are ports of a bridge
    vnis       VNI filters
    vlans      VLANs of bridges and ports, and their VNIs
    everything  it is the engine itself
    """

    kinds: Mapping[str, Settings] = field(default_factory=dict)
    fields: Settings = field(default_factory=dict)
    row: Settings = field(default_factory=dict)
    neighbour: Settings = field(default_factory=dict)
    ports: bool = False
    vnis: bool = False
    vlans: bool = False
    everything: bool = False


class Loss(NamedTuple):
    """Something that a backend cannot carry. fatal: the interface would be another one without it, so it is left out as a whole."""

    name: str
    option: str
    reason: str
    fatal: bool = False


def losses_of(carries: Carries, boot: Boot, backend: str) -> list[Loss]:
    """Everything of what a boot has to make that the backend cannot carry, in order."""
    if carries.everything:
        return []
    found: list[Loss] = []
    for link in boot.links:
        found += _of_link(carries, link, backend)
        if link.master and link.master not in boot.bridges:
            found.append(Loss(link.name, "master", f"{backend} is told of bridges only, and {link.master} is none"))
        for port in boot.ports.get(link.name, ()):
            found += _of_port(carries, port, backend) if carries.ports else [Loss(port.name, "master", f"{backend} would have to own {port.name}", fatal=True)]
    for name, rows in boot.fdb.items():
        found += _of_rows(carries, name, rows, backend)
    if not carries.vnis:
        found += [Loss(name, "vnis", f"{backend} knows no VNI filter") for name in boot.vnis]
    if not carries.vlans:
        found += [Loss(name, "vlans", f"{backend} is not asked to set them") for name in boot.vlans]
        found += [Loss(name, "tunnels", f"{backend} knows no VNIs of VLANs") for name in boot.tunnels]
    return list(dict.fromkeys(found))


def _of_link(carries: Carries, link: Link, backend: str) -> list[Loss]:
    if not _PLAIN_NAME.issuperset(link.name):
        return [Loss(link.name, "name", f"{backend} would not read it as a plain name", fatal=True)]
    settings = carries.kinds.get(link.kind)
    if settings is None:
        return [Loss(link.name, "kind", f"{backend} makes no {link.kind} interfaces", fatal=True)]
    found = [loss for key, value in link.attributes.items() if (loss := _of_attribute(settings, link.kind, link.name, key, value, backend))]
    found += _of_port(carries, link, backend)
    for name in (described.name for described in fields(Link)):
        value = getattr(link, name)
        if name not in _FACTS and name != "neighbours" and value not in _UNSTATED:
            found += _of_value(carries.fields.get(name), link.name, name, value, backend)
    for neighbour in link.neighbours or ():
        found += _of_tuple(carries.neighbour, link.name, "neighbours", neighbour, Neighbour("", ""), ("address", "mac"), backend)
    return found


def _of_port(carries: Carries, link: Link, backend: str) -> list[Loss]:
    settings = carries.kinds.get("port", {})
    return [loss for key, value in (link.port or {}).items() if (loss := _of_attribute(settings, "bridge_slave", link.name, key, value, backend, "port "))]


def _of_attribute(settings: Settings, kind: str, name: str, key: str, value: Value, backend: str, prefix: str = "") -> Loss | None:
    attribute = attribute_for(table_of(kind), key, value)
    setting = settings.get(attribute.option)
    if value == given_by(attribute, setting) or (setting is not None and setting.form(value) is not None):
        return None
    # An attribute that cannot change on a live interface, and its lower device, make it another interface.
    fatal = kind == "vxlan" and (not attribute.live or attribute.kind == "interface")
    shown = present_value(attribute, value)
    return Loss(name, f"{prefix}{attribute.option}", f"{backend} has no word for {str(shown).lower() if isinstance(shown, bool) else shown}", fatal)


def given_by(attribute: Attribute, setting: Setting | None) -> Value:
    """What an interface has when the backend says nothing."""
    if setting is not None and setting.own is not None:
        return setting.own
    return attribute.default


def _of_value(setting: Setting | None, name: str, option: str, value: object, backend: str) -> list[Loss]:
    if setting is not None and setting.form(value) is not None:
        return []
    return [Loss(name, option, f"{backend} has no word for {value}")]


def _of_rows(carries: Carries, name: str, rows: Iterable[FdbRow], backend: str) -> list[Loss]:
    """One loss for each field, however many rows have it."""
    found: dict[str, Loss] = {}
    for row in rows:
        for loss in _of_tuple(carries.row, name, "fdb", row, FdbRow(""), ("mac",), backend):
            found.setdefault(loss.option, loss)
    return list(found.values())


def _of_tuple(settings: Settings, name: str, option: str, value: Any, plain: Any, known: tuple[str, ...], backend: str) -> list[Loss]:  # noqa: ANN401 - rows and neighbours
    """Of a row or neighbour the fields that are not as in a plain one."""
    if not settings:
        return [Loss(name, option, f"{backend} has no word for them")]
    found = []
    for part in value._fields:
        given = getattr(value, part)
        if part in known or given == getattr(plain, part):
            continue
        setting = settings.get(part)
        if setting is None or setting.form(given) is None:
            found.append(Loss(name, f"{option}.{part}", f"{backend} has no word for {str(given).lower() if isinstance(given, bool) else given}"))
    return found


def carried(carries: Carries, boot: Boot, losses: Iterable[Loss]) -> Boot:
    """What is left for the backend: without interfaces that it would make others, and their rows; the rest without what it has no word for."""
    listed = list(losses)
    gone = {loss.name for loss in listed if loss.fatal}
    lost: dict[str, set[str]] = {}
    for loss in listed:
        lost.setdefault(loss.name, set()).add(loss.option)
    return boot._replace(
        links=tuple(_without(carries, link, lost.get(link.name, set())) for link in boot.links if link.name not in gone),
        ports={
            bridge: tuple(_without(carries, port, lost.get(port.name, set())) for port in ports if port.name not in gone)
            for bridge, ports in boot.ports.items()
            if bridge not in gone
        },
        fdb={name: kept for name, rows in boot.fdb.items() if name not in gone and (kept := tuple(row for row in rows if row_fits(carries, row)))},
        vnis={name: rows for name, rows in boot.vnis.items() if name not in gone and "vnis" not in lost.get(name, ())},
        vlans={name: rows for name, rows in boot.vlans.items() if name not in gone and "vlans" not in lost.get(name, ())},
        tunnels={name: rows for name, rows in boot.tunnels.items() if name not in gone and "tunnels" not in lost.get(name, ())},
    )


def _without(carries: Carries, link: Link, lost: Collection[str]) -> Link:
    """A link without options."""
    if not lost:
        return link
    left: dict[str, Any] = {name: "" if name == "master" else None for name in LINK_FIELDS if name in lost and name != "neighbours"}
    return replace(
        link,
        **left,
        attributes=_kept(link.kind, link.attributes, lost, ""),
        port=None if link.port is None or "master" in lost else _kept("bridge_slave", link.port, lost, "port "),
        neighbours=tuple(neighbour for neighbour in link.neighbours or () if neighbour_fits(carries, neighbour)),
    )


def _kept(kind: str, given: Mapping[str, Value], lost: Collection[str], prefix: str) -> dict[str, Value]:
    return {key: value for key, value in given.items() if f"{prefix}{attribute_for(table_of(kind), key, value).option}" not in lost}


def row_fits(carries: Carries, row: FdbRow) -> bool:
    return carries.everything or not _of_tuple(carries.row, "", "fdb", row, FdbRow(""), ("mac",), "")


def neighbour_fits(carries: Carries, neighbour: Neighbour) -> bool:
    return carries.everything or not _of_tuple(carries.neighbour, "", "neighbours", neighbour, Neighbour("", ""), ("address", "mac"), "")


def attribute_lines(settings: Settings, kind: str, given: Mapping[str, Value]) -> Iterable[tuple[str, str]]:
    """(key, text) of each attribute that is stated, or that the backend would make another than the kernel does."""
    for attribute in table_of(kind):
        setting = settings.get(attribute.option)
        if setting is None:
            continue
        stated = attribute.key in given
        value = given[attribute.key] if stated else attribute.default
        if attribute_for(table_of(kind), attribute.key, value) is not attribute or (not stated and setting.own is None):
            continue
        text = setting.form(value) if value is not None else None
        if text is not None:
            yield setting.key, text


def plain_text(value: object) -> str | None:
    """A form for free text."""
    return str(value) if is_plain_text(str(value)) else None


def seconds(low: int, high: int) -> Callable[[Any], str | None]:
    """A form for whole seconds within a range; the value is in hundredths."""
    return lambda value: str(value // 100) if value % 100 == 0 and low * 100 <= value <= high * 100 else None


def by_section(lines: Iterable[tuple[str, str]], leave: Collection[str] = ()) -> dict[str, list[tuple[str, str]]]:
    """Lines of keys with a section, by section. leave: sections that are written elsewhere."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, text in lines:
        section, _dot, word = key.partition(".")
        if section not in leave:
            found.setdefault(section, []).append((word, text))
    return found


def yes_no(value: Value) -> str:
    return "yes" if value else "no"


def only(*known: Value) -> Callable[[Any], str | None]:
    """A form for a few values, which are spelt as they are."""
    return lambda value: str(value) if value in known else None


def words(**known: str) -> Callable[[Any], str | None]:
    """A form for a few values with a word each."""
    return lambda value: known.get(str(value))
