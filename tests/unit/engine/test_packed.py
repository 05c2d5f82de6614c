# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links in the packed lane against pyroute2's encoder, over every plan that the random desired states lead to; and the journal."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

from ansible_collections.vxlan.fabric.plugins.module_utils._apply import journal
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import packed, pyroute, wire
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.encode import encode_values
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.tests.support.strategies import Step, steps
from ansible_collections.vxlan.fabric.tests.unit.engine.test_planner import walked

INDEXES = {"eth0": 7, "br0": 8, "br1": 9, "vx0": 10, "vx1": 11, "p0": 12}
# linux/if_link.h: what holds attributes itself
NESTS: dict[int, Any] = {18: {2: {}, 5: {}}, 26: {10: {}}}


def opened(body: bytes, nests: dict[int, Any]) -> dict[int, Any]:
    """Attributes of a message, nested ones opened, so that their order is no matter."""
    return {number: opened(payload, nests[number]) if number in nests else payload for number, payload in wire.split_attributes(body).items()}


def oracle(operation: ops.Operation) -> dict[int, Any] | None:
    """The attributes as pyroute2 encodes them; None for what is not about a link's kind."""
    if isinstance(operation, ops.CreateLink):
        link = operation.link
        data = [("IFLA_INFO_KIND", link.kind), ("IFLA_INFO_DATA", {"attrs": encode_values(table_of(link.kind), link.attributes, INDEXES.__getitem__)})]
        plain = [("IFLA_ADDRESS", link.mac), ("IFLA_MTU", link.mtu), ("IFLA_TXQLEN", link.txqueuelen)]
        attributes: list[tuple[str, Any]] = [(name, value) for name, value in plain if value is not None]
    elif isinstance(operation, ops.SetAttributes):
        encoded = encode_values(table_of(operation.kind), operation.values, INDEXES.__getitem__)
        data, attributes = [("IFLA_INFO_KIND", operation.kind), ("IFLA_INFO_DATA", {"attrs": encoded})], []
    elif isinstance(operation, ops.SetPort):
        encoded = encode_values(PORT, operation.values, INDEXES.__getitem__)
        data, attributes = [("IFLA_INFO_SLAVE_KIND", "bridge"), ("IFLA_INFO_SLAVE_DATA", {"attrs": encoded})], []
    else:
        return None
    message = ifinfmsg()
    message["attrs"] = [("IFLA_IFNAME", ops.target_of(operation)), *attributes, ("IFLA_LINKINFO", {"attrs": data})]
    message.encode()
    return opened(bytes(message.data)[32:], NESTS)


@settings(max_examples=60)
@given(steps)
def test_links_are_packed_as_pyroute2_does(listed: list[Step]) -> None:
    pyroute.open_iproute().close()  # its classes learn our attributes
    for _step, plan in walked(listed):
        for operation in plan.operations:
            expected = oracle(operation)
            if expected is not None:
                ((_type, _flags, body),) = packed.encode(operation, INDEXES.__getitem__)
                assert opened(body[16:], NESTS) == expected, operation


def look_up(asked: list[str], name: str) -> int:
    asked.append(name)
    return INDEXES[name]


@settings(max_examples=30)
@given(steps)
def test_what_a_message_needs_is_known_beforehand(listed: list[Step]) -> None:
    """needed_links says which links have to exist when the message is built: exactly those whose index is looked up."""
    for _step, plan in walked(listed):
        for operation in plan.operations:
            asked: list[str] = []
            packed.encode(operation, functools.partial(look_up, asked))
            assert set(asked) == set(packed.needed_links(operation)), operation


@settings(max_examples=60)
@given(steps)
def test_the_journal_gives_back_what_was_written(listed: list[Step]) -> None:
    for _step, plan in walked(listed):
        for operation in plan.operations:
            kept = operation._replace(rebuild=()) if isinstance(operation, ops.DeleteLink) else operation
            assert journal._unpack(journal._pack(kept)) == kept


@pytest.fixture
def plan() -> Any:
    ((_step, found),) = walked([("interface", {"name": "vx0", "vni": 5, "remote": "192.0.2.2", "master": "br0"})])
    return found


def test_a_journal_is_for_its_namespace_and_its_owner(tmp_path: Path, plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "journal")
    assert journal.read(path) == []
    assert journal.write(path, plan)
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600
    assert journal.read(path) == list(plan.operations)
    monkeypatch.setattr(journal, "namespace_identity", lambda: "another")
    assert journal.read(path) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"namespace": 1}', '{"namespace": "%s", "operations": [{"Unknown": {}}]}', '{"namespace": "%s", "operations": [5]}']
)
def test_a_journal_that_is_not_whole_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal"
    path.write_text(text.replace("%s", str(journal.namespace_identity())), encoding="utf-8")
    assert journal.read(str(path)) == []


def test_a_journal_that_is_a_link_is_not_followed(tmp_path: Path, plan: Any) -> None:
    journal.write(str(tmp_path / "real"), plan)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert journal.read(str(tmp_path / "link")) == []
