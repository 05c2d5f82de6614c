# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Two runs on the same twin do not interleave."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import LockError


@contextmanager
def hold_lock(name: str, timeout: float) -> Iterator[None]:
    """Wait up to `timeout` seconds for the twin `name`.

    An abstract UNIX address (unix(7)) belongs to one socket, is gone with its process and leaves no file. It is the
    caller's network namespace that it lives in: that of everybody who could build a twin of this name here.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as holder:
        deadline = time.monotonic() + timeout
        while True:
            try:
                holder.bind(f"\0vxlan.fabric.twin:{name}")
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            if time.monotonic() >= deadline:
                raise LockError(f"another run is at work on the twin '{name}' since more than {timeout:g} s: try again")
            time.sleep(0.1)
        yield
