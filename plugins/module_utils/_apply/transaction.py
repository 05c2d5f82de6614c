# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Carry out a plan as a transaction: all of it, or nothing of it and an error that says what is not as before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops


class Writes(Protocol):
    """What the transaction needs of a writer."""

    def write(self, operation: ops.Operation) -> None: ...


def apply_operations(writer: Writes, operations: tuple[ops.Operation, ...]) -> None:
    """Write in order. On any error everything done is undone, the latest first, and the error is raised again with the
    operation that failed in its details.

    Whether undoing was complete is not for here to say: the caller reads the host again and compares.
    """
    done: list[ops.Operation] = []
    for operation in operations:
        try:
            writer.write(operation)
        except BaseException as error:
            part = getattr(error, "done", None)
            undo(writer, [*done, part] if part is not None else done)
            if isinstance(error, FabricError):
                error.details["operation"] = operation
            raise
        done.append(operation)


def undo(writer: Writes, done: Sequence[ops.Operation]) -> None:
    """Undo operations, the latest first. One that is refused, or that trips over a mistake of ours, does not stop the others:
    what it was to remove may have gone along with something else, and the host is read and judged afterwards."""
    for operation in reversed(done):
        for backwards in ops.inverse(operation):
            with suppress(Exception):
                writer.write(backwards)
