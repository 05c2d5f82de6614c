# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forked process that stays in one namespace and runs modules there, one after the other: a run costs what the engine costs, and
no fork. Its runs can be made to fail at any of their writes."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any, ClassVar

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import pyroute, transport, writer

from .engine import Result, through_the_door
from .namespaces import Namespace

# The engine switches it off for the short life of a module; here it has to be cleaned up after many.
_COLLECT_EVERY = 50


class _Writes:
    """Counts what may change the kernel, and refuses the one whose turn it is as a kernel without memory would: nothing is sent."""

    def __init__(self) -> None:
        self.count = self.sends = self.refused_at = 0
        send_all, call = transport.NetlinkSocket.send_all, pyroute.call

        def counted_send(netlink: transport.NetlinkSocket, requests: Any, doing: str) -> Any:
            self._step(len(requests), doing)
            return send_all(netlink, requests, doing)

        def counted_call(doing: str, method: Any, *arguments: Any, **keywords: Any) -> Any:
            self._step(1, doing)
            return call(doing, method, *arguments, **keywords)

        setattr(transport.NetlinkSocket, "send_all", counted_send)  # noqa: B010 - a method, as far as mypy knows
        pyroute.call = counted_call

    def reset(self, refused_at: int) -> None:
        self.count = self.sends = 0
        self.refused_at = refused_at

    def _step(self, messages: int, doing: str) -> None:
        self.count += messages
        self.sends += 1
        if self.sends == self.refused_at:
            raise KernelError(errno.ENOMEM, "refused by the test", doing)


def _serve(pipe: Connection, netns: str) -> None:
    """The child's life: (module, arguments, check, refused_at, packed) -> (True, result) or (False, traceback)."""
    writes = _Writes()
    usual = writer.PACK_FROM
    runs = 0
    while True:
        try:
            name, arguments, check, refused_at, packed = pipe.recv()
        except EOFError:
            os._exit(0)
        writes.reset(refused_at)
        writer.PACK_FROM = 1 if packed else usual
        try:
            pipe.send((True, {**through_the_door(name, {**arguments, "netns": netns}, check), "writes": writes.count}))
        except BaseException:
            pipe.send((False, traceback.format_exc()))
        runs += 1
        if runs % _COLLECT_EVERY == 0:
            gc.collect()


class Worker:
    """Runs modules in a namespace."""

    _open: ClassVar[set[Connection]] = set()
    packed = False  # every plan in the packed lane, which otherwise only long ones take

    def __init__(self, ns: Namespace) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._open.add(self._pipe)
        self._child = os.fork()
        if not self._child:
            for inherited in self._open:  # while a child holds another's pipe that one never sees its end
                inherited.close()
            try:
                _serve(theirs, ns.name)
            finally:
                os._exit(1)
        theirs.close()

    def run(self, name: str, arguments: Mapping[str, Any], check: bool = False, refused_at: int = 0) -> Result:
        """As engine.run. refused_at: the number of the write (1 is the first) that fails without having been sent; 0 for none."""
        self._pipe.send((name, dict(arguments), check, refused_at, self.packed))
        try:
            good, value = self._pipe.recv()
        except EOFError:
            raise AssertionError(f"the process ended during {name} {arguments}") from None
        assert good, value
        result: Result = value
        return result

    def close(self) -> None:
        self._open.discard(self._pipe)
        self._pipe.close()
        os.waitpid(self._child, 0)
