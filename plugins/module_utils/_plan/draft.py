# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A plan while it is being made: operations in order, and the state that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Link
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.working import Working

if TYPE_CHECKING:  # a run that finds nothing to do has no operations
    from ansible_collections.vxlan.fabric.plugins.module_utils._plan.operations import Operation


class Draft:
    """Collects operations; C(state) is always what the host will be after them."""

    def __init__(self, state: HostState) -> None:
        self.before = state
        self.state = Working(state)
        self.operations: list[Operation] = []
        self.recreated: dict[str, list[str]] = {}
        self.warnings: dict[str, None] = {}
        self.joined: set[str] = set()  # bridges that got or lost a port
        self.forgotten: dict[str, None] = {}  # interfaces of which the plan has made the kernel forget something, see flushing
        self.leaving: frozenset[str] = frozenset()  # ports that this plan removes anyway
        self.assuming = False  # whether what is missing is taken as there

    def do(self, operation: Operation) -> None:
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.flushing import bringing_back, forgetful
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.operations import SetLink
        from ansible_collections.vxlan.fabric.plugins.module_utils._plan.predict import predict

        forgotten = {name: itself for name, itself in forgetful(self.state, operation).items() if name in self.before.links}
        self.forgotten.update(dict.fromkeys(forgotten))
        if forgotten and isinstance(operation, SetLink):
            operation = operation._replace(restore=(*operation.restore, *bringing_back(self.state, forgotten)))
        self.operations.append(operation)
        if isinstance(operation, SetLink) and operation.field == "master":
            self.joined.update(str(master) for master in (operation.value, operation.before) if master)
        predict(self.state, operation)

    def assume_missing(self, name: str, path: str, kind: str = "") -> None:
        """In a check of one object take an interface as there that another task would make before."""
        if self.assuming and name not in self.state.links:
            self.warn(f"{path}: {name} does not exist yet; taken as if it did, since this is a check")
            self.assume(Link(name, kind, master=""))

    def assume(self, link: Link) -> None:
        """Take an interface as there that is not (check mode)."""
        self.state.put(link)
        self.state.fdb[link.name] = ()

    def warn(self, text: str) -> None:
        self.warnings[text] = None


class Plan(NamedTuple):
    """The finished plan. recreated: interface -> the attributes that force it."""

    operations: tuple[Operation, ...]
    before: HostState
    after: HostState
    recreated: dict[str, list[str]]
    warnings: tuple[str, ...]
