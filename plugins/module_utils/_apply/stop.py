# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The wish that a run ends: a signal, or its time limit. It is only noted when it comes; the run looks for it where stopping is safe."""

from __future__ import annotations

import signal
import time

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import InterruptedRunError

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopRequest:
    """What was asked for, if anything."""

    def __init__(self) -> None:
        self._reason = ""
        self._end = 0.0
        self._limit = 0.0

    def listen(self, seconds: float | None) -> None:
        """Note signals from now on, and the end of the time limit; None or 0 is no limit. Only for a process's main thread."""
        self._reason = ""
        self._limit = seconds or 0.0
        self._end = time.monotonic() + seconds if seconds else 0.0
        for number in _SIGNALS:
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        self._reason = self._reason or f"signal {signal.Signals(number).name}"

    def check(self) -> None:
        """Raise when somebody wants the run to end."""
        if not self._reason and self._end and time.monotonic() >= self._end:
            self._reason = f"its time limit of {self._limit:g} s ('timeout')"
        if self._reason:
            raise InterruptedRunError(f"the run was ended by {self._reason}")


STOP = StopRequest()
