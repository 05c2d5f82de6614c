# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The errors of the engine.

A message names the object, what was wanted, what was found and what the user can do; the kernel's own sentence is kept.
They are turned into C(fail_json) in one place, the door (C(_door.run_module)).
"""

from __future__ import annotations

import errno
import os


class FabricError(Exception):
    """Base of everything that the engine raises on purpose."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class ArgumentError(FabricError):
    """What the user wrote cannot be meant; raised before anything is read from the kernel."""


class ArgumentListError(ArgumentError):
    """All mistakes of one call at once. C(mistakes) holds one sentence each, with its path."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes), mistakes=mistakes)
        self.mistakes = mistakes


class ConflictError(FabricError):
    """Something else holds what is wanted: a name, a VNI, a UDP port."""


class UnsupportedError(FabricError):
    """This kernel, or this combination, cannot do what is wanted."""


class LibraryError(FabricError):
    """A Python library is missing or too old."""


class LockError(FabricError):
    """Another run holds the lock of this network namespace."""


class VerificationError(FabricError):
    """The kernel acknowledged a change that did not happen."""


class InterruptedRunError(FabricError):
    """Somebody, or the time limit, ended the run."""


class KernelError(FabricError):
    """The kernel refused an operation. C(uncertain): it did not say so itself, the call failed, and what was sent may have been done."""

    def __init__(self, code: int, sentence: str, doing: str, uncertain: bool = False) -> None:
        name = errno.errorcode.get(code, str(code))
        text = f"{doing}: {sentence or os.strerror(code)} ({name})"
        if code in (errno.EPERM, errno.EACCES):
            text += ". CAP_NET_ADMIN is needed in this network namespace: use 'become: true'"
        super().__init__(text, errno=name, kernel=sentence)
        self.code = code
        self.sentence = sentence
        self.doing = doing
        self.uncertain = uncertain


class RollbackError(FabricError):
    """A run failed and not everything could be put back. C(leftovers) says what is not as before."""

    def __init__(self, cause: FabricError, leftovers: list[str]) -> None:
        super().__init__(
            f"{cause.message}. Putting things back was incomplete: " + "; ".join(leftovers),
            **cause.details,
            leftovers=leftovers,
        )
