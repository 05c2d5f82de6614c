# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A plan while it is being made: operations in order, and the state that they lead to."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.operations import Operation
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.predict import predict


@dataclass
class Draft:
    """Collects operations; C(state) is always what the host will be after them."""

    state: HostState
    operations: list[Operation] = field(default_factory=list)
    recreated: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def do(self, operation: Operation) -> None:
        self.operations.append(operation)
        self.state = predict(self.state, operation)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


@dataclass(frozen=True)
class Plan:
    """The finished plan. recreated: interface -> the attributes that force it."""

    operations: tuple[Operation, ...]
    before: HostState
    after: HostState
    recreated: dict[str, list[str]]
    warnings: tuple[str, ...]
