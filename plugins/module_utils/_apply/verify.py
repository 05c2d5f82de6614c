# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Compare what the kernel has with what was predicted: the kernel acknowledges what it does not know, and ignores it (F1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import (
    Table,
    Values,
    alike,
    attribute_for,
    default_of,
    present_value,
    version_text,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, HostState, Link, expanded, row_key, row_quality
from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import VlanRow, expanded_tunnels, expanded_vlans
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Plan
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import row_words, vlan_words, vni_words

_FIELDS = ("kind", "mac", "mtu", "alias", "master", "up", "txqueuelen", "addrgenmode", "group", "altnames", "addresses", "neighbours")
_SHOWN = 10


def deviations(plan: Plan, found: HostState, release: str) -> list[str]:
    """Sentences for everything that a plan touched and that is not as it predicted. release: the kernel's, for the advice."""
    wrong: list[str] = []
    written = _Written(plan)
    for name in touched_links(plan):
        expected = plan.after.links.get(name)
        actual = found.links.get(name)
        if expected is None:
            wrong += [f"{name} is still there"] if actual is not None else []
        elif actual is None:
            wrong.append(f"{name} is not there")
        else:
            wrong += _link(_without_followed(expected, written), actual, release)
    for name, writes in written.rows.items():
        if name in plan.after.links:
            wrong += _rows(plan, name, writes, found)
    for name, fields in written.fields.items():
        if "master" in fields and name in plan.after.fdb and name not in written.rows:
            wrong += _absent_rows(name, {row for row in plan.after.fdb[name] if row.table == "master" and row.state == "static"} - set(found.fdb.get(name, ())))
    wrong += [sentence for name in written.vlans for sentence in _vlans(plan, name, found, release)]
    for name in written.vnis:
        if name in plan.after.vnis and expanded(plan.after.vnis[name]) != expanded(found.vnis.get(name, ())):
            wrong.append(f"{name}: the VNI filter is {vni_words(found.vnis.get(name, ()))}, {vni_words(plan.after.vnis[name])} was set")
    return wrong


class _Written:
    """What a plan writes, by interface."""

    def __init__(self, plan: Plan) -> None:
        self.fields: dict[str, set[str]] = {}
        self.rows: dict[str, list[ops.WriteRows | ops.DeleteRows]] = {}
        self.vnis: dict[str, None] = {}
        self.vlans: dict[str, None] = {}
        for operation in plan.operations:
            if isinstance(operation, (ops.WriteRows, ops.DeleteRows)):
                self.rows.setdefault(operation.name, []).append(operation)
            elif isinstance(operation, (ops.WriteVnis, ops.DeleteVnis)):
                self.vnis[operation.name] = None
            elif isinstance(operation, (ops.WriteVlans, ops.DeleteVlans, ops.WriteTunnels, ops.DeleteTunnels, ops.DeleteLink)):
                self.vlans[operation.name] = None
            elif isinstance(operation, ops.SetLink):
                if operation.field == "master":
                    self.vlans[operation.name] = None
                self.fields.setdefault(operation.name, set()).add(operation.field)
            elif isinstance(operation, ops.CreateLink) and operation.link.mac:
                self.fields.setdefault(operation.link.name, set()).add("mac")


def as_before(plan: Plan) -> Plan:
    """The same plan with the state before it as what has to be found; what it set and had not been set is stated as unset."""
    links = dict(plan.before.links)
    for op in plan.operations:
        if isinstance(op, ops.SetAttributes) and op.name in links:
            unset = {key: value for key, value in op.before.items() if value is None}
            links[op.name] = replace(links[op.name], attributes={**unset, **links[op.name].attributes})
    return plan._replace(after=replace(plan.before, links=links))


def unrestored(plan: Plan, found: HostState) -> list[str]:
    """What undoing may leave otherwise, beside what the plan set: the order of IPv4 addresses, of which the first of a subnet is the source
    address of what is sent there, and the MTU of a bridge that had followed a port and now has none."""
    wrong = []
    before = plan.before
    masters = {str(op.value) for op in plan.operations if isinstance(op, ops.SetLink) and op.field == "master" and op.value}
    for name in sorted(masters & before.links.keys() & found.links.keys()):
        old, new = before.links[name].mtu, found.links[name].mtu
        if old != new and not any(link.master == name for link in before.links.values()):
            wrong.append(f"{name}: mtu is {new}, it was {old} before a port came and went")
    for name in before.kept_addresses.keys() & found.kept_addresses.keys():
        first, then = ([kept.address for kept in state.kept_addresses[name] if ":" not in kept.address] for state in (before, found))
        if first != then and sorted(first) == sorted(then):
            wrong.append(f"{name}: the order of its addresses is {', '.join(then)}, it was {', '.join(first)}")
    return wrong


def _without_followed(link: Link, written: _Written) -> Link:
    """A bridge whose MAC and MTU nobody sets takes them from its ports, a VLAN interface from its device: not ours to judge."""
    if link.kind not in ("bridge", "vlan"):
        return link
    said = written.fields.get(link.name, set())
    return replace(link, mac=link.mac if "mac" in said else None, mtu=link.mtu if "mtu" in said else None)


def touched_links(plan: Plan) -> list[str]:
    """Names of the links that a plan writes to, in order."""
    return list(dict.fromkeys(ops.target_of(operation) for operation in plan.operations))


def _link(expected: Link, actual: Link, release: str) -> list[str]:
    wrong = []
    for field in _FIELDS:
        want, have = getattr(expected, field), getattr(actual, field)
        if want is not None and have is not None and want != have:
            wrong.append(f"{expected.name}: {field} is {have!r}, {want!r} was set")
    wrong += _values(expected.name, table_of(expected.kind), expected.attributes, actual.attributes, release)
    wrong += _values(expected.name, PORT, expected.port or {}, actual.port or {}, release)
    return wrong


def _values(name: str, table: Table, expected: Values, actual: Values, release: str) -> Iterable[str]:
    for key, want in expected.items():
        attribute = attribute_for(table, key, want)
        have = actual.get(key, default_of(table, key))
        if attribute.write_only and want != attribute.default and _is_older(release, attribute.since):
            # It cannot be read back, and this kernel acknowledges what it does not know (F1).
            yield f"{name}: {attribute.option} needs Linux {version_text(attribute.since)}, this is {release}"
        if attribute.write_only or alike(attribute, want, have):
            continue
        since = f" ({attribute.option} needs Linux {version_text(attribute.since)}, this is {release})" if key not in actual or attribute.quiet else ""
        yield (
            f"{name}: {attribute.option} is {present_value(attribute, have)}, {present_value(attribute, want)} was set and acknowledged by the kernel{since}"
        )


def _is_older(release: str, version: tuple[int, int]) -> bool:
    """release: as uname(2) says it; empty when nobody asked."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return found is not None and (int(found[1]), int(found[2])) < version


def _vlans(plan: Plan, name: str, found: HostState, release: str) -> list[str]:
    """VLANs of an interface, and their VNIs, that are otherwise than predicted."""
    if plan.after.vlans is None or found.vlans is None or name not in plan.after.vlans:
        return []
    wrong = []
    expected, actual = expanded_vlans(plan.after.vlans[name]), expanded_vlans(found.vlans.get(name, ()))
    for vlan in sorted(vlan for vlan in expected.keys() | actual.keys() if expected.get(vlan) != actual.get(vlan))[:_SHOWN]:
        want, have = ((VlanRow(vlan, vlan, *side[vlan]) if vlan in side else None) for side in (expected, actual))
        since = f" (neigh_suppress of a VLAN needs Linux 6.4, this is {release})" if want and have and want.neigh_suppress and not have.neigh_suppress else ""
        wrong.append(f"{name}: VLAN {vlan} is {vlan_words(have)}, {vlan_words(want)} was set{since}")
    mapped, there = expanded_tunnels((plan.after.tunnels or {}).get(name, ())), expanded_tunnels((found.tunnels or {}).get(name, ()))
    differing = sorted(vlan for vlan in mapped.keys() | there.keys() if mapped.get(vlan) != there.get(vlan))
    return wrong + [f"{name}: VLAN {vlan} is mapped to VNI {there.get(vlan, 'none')}, {mapped.get(vlan, 'none')} was set" for vlan in differing[:_SHOWN]]


def _absent_rows(name: str, rows: Iterable[FdbRow]) -> list[str]:
    return [f"{name}: row {' '.join(row_words(row))} is not there" for row in sorted(rows, key=str)[:_SHOWN]]


def _rows(plan: Plan, name: str, writes: list[ops.WriteRows | ops.DeleteRows], found: HostState) -> list[str]:
    """Rows that were written must be there, rows that were deleted must not; what others do meanwhile is theirs."""
    actual = set(found.fdb.get(name, ()))
    concerned: set[FdbRow] = {row for op in writes for row in op.rows}
    after = plan.after.fdb.get(name, ())
    # A long list that was just written is the end of the predicted table: no need to look for each row in it.
    just_written = isinstance(writes[-1], ops.WriteRows) and len(writes) == 1 and after[-len(writes[-1].rows) :] == writes[-1].rows
    there = concerned if just_written else concerned & set(after)
    absent = there - actual
    extra = (concerned - there) & actual if len(there) < len(concerned) else set()
    if absent:
        link = found.links.get(name)
        device = link.attributes.get("device") if link else None
        alike = {(row_key(row, str(device)), row_quality(row)) for row in actual}
        absent = {row for row in absent if (row_key(row, str(device)), row_quality(row)) not in alike}
    shown = _absent_rows(name, absent)
    shown += [f"{name}: row {' '.join(row_words(row))} is still there" for row in sorted(extra, key=str)[:_SHOWN]]
    hidden = len(absent) + len(extra) - len(shown)
    return shown + ([f"{name}: and {hidden} more rows"] if hidden > 0 else [])
