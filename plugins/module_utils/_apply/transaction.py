# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Carry out a plan as a transaction: all of it, or nothing of it and an error that says what is not as before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError, KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops


class Writes(Protocol):
    """What the transaction needs of a writer."""

    def batch_end(self, operations: Sequence[ops.Operation], first: int) -> int: ...

    def write_batch(self, operations: Sequence[ops.Operation]) -> None: ...

    def renew(self) -> None: ...


def apply_operations(writer: Writes, operations: Sequence[ops.Operation], check_stop: Callable[[], None]) -> None:
    """Write in order. On any error everything done is undone, the latest first, and the error is raised again with the
    operation that failed in its details.

    check_stop: called where the run may stop; raises when it has to. Whether undoing was complete is not for here to say: the
    caller reads the host again and compares.
    """
    done: list[ops.Operation] = []
    position = 0
    batch: Sequence[ops.Operation] = ()
    try:
        while position < len(operations):
            batch = ()
            check_stop()
            end = writer.batch_end(operations, position)
            batch = operations[position:end]
            writer.write_batch(batch)
            done += batch
            position = end
    except BaseException as error:
        undo(writer, done + _maybe_done(error, batch))
        if isinstance(error, FabricError) and batch:
            error.details["operation"] = getattr(error, "operation", batch[0])
        raise


def _maybe_done(error: BaseException, batch: Sequence[ops.Operation]) -> list[ops.Operation]:
    """What of a failed batch the kernel may have carried out. A refusal is an answer; after a failed call there is none."""
    part = getattr(error, "done", None)
    if part is not None:
        return list(part)
    if isinstance(error, FabricError) and not getattr(error, "uncertain", False):
        return []
    return list(batch)


def repeat(writer: Writes, operations: Sequence[ops.Operation]) -> None:
    """Carry out operations of which some, or all, may have been carried out already; what is refused is passed over."""
    position = 0
    while position < len(operations):
        end = writer.batch_end(operations, position)
        try:
            _write_again(writer, operations[position:end])
        except Exception as error:  # whatever it is, the rest is not to be left
            if getattr(error, "done", None) is None:  # nothing of the batch was sent: one by one, as far as it goes
                for operation in operations[position:end] if end > position + 1 else ():
                    with suppress(Exception):
                        writer.write_batch([operation])
        position = end


def undo(writer: Writes, done: Sequence[ops.Operation]) -> None:
    """Undo operations, the latest first. One that is refused, or that trips over a mistake of ours, does not stop the others:
    what it was to remove may have gone along with something else, and the host is read and judged afterwards."""
    if not done:
        return
    with suppress(Exception):
        writer.renew()
    repeat(writer, inverses(done))


def _write_again(writer: Writes, batch: Sequence[ops.Operation]) -> None:
    """Write, and once more on new sockets when there was no answer: to undo twice does no harm."""
    try:
        writer.write_batch(batch)
    except KernelError as error:
        if not error.uncertain:
            raise
        writer.renew()
        writer.write_batch(batch)


def inverses(done: Sequence[ops.Operation]) -> list[ops.Operation]:
    """The operations that undo others, in order. What was done to a link that was made on the way goes with it."""
    needed = []
    made: set[str] = set()
    for operation in done:
        name = ops.target_of(operation)
        if isinstance(operation, ops.CreateLink):
            made.add(name)
        elif isinstance(operation, ops.DeleteLink):
            made.discard(name)
        elif name in made:
            continue
        needed.append(operation)
    return [backwards for operation in reversed(needed) for backwards in ops.inverse(operation)]
