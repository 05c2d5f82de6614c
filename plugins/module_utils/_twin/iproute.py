# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Running iproute2: one process per namespace and direction. The only room of the twin that starts processes."""

from __future__ import annotations

import json
import os
import re
import subprocess  # nosec: arguments are lists, names are checked in topology.py
from collections.abc import Sequence
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.operations import Command

NETNS_DIR = "/var/run/netns"
"""Where ip-netns(8) keeps names (NETNS_RUN_DIR in include/namespace.h of iproute2); /var/run is /run."""

_FAILED_LINE = re.compile(r"Command failed [^:]*:(\d+)")


class IpError(FabricError):
    """iproute2 refused. `stderr` is its own sentence, `done` how many commands of the batch were carried out."""

    def __init__(self, command: str, stderr: str, done: int = 0) -> None:
        sentence = _FAILED_LINE.sub("", stderr).strip() or "no message"
        hint = ""
        if "not permitted" in sentence or "Permission denied" in sentence:
            hint = ". CAP_SYS_ADMIN and CAP_NET_ADMIN are needed: use 'become: true', or run in 'unshare -Urnm'"
        super().__init__(f"'{command}' failed: {sentence}{hint}", command=command, stderr=stderr)
        self.stderr = stderr
        self.done = done


class Iproute:
    """`path` is that of ip(8)."""

    def __init__(self, path: str) -> None:
        self.path = path

    def names(self) -> dict[str, bool]:
        """The names under /run/netns; True where a namespace is really mounted there."""
        try:
            entries = sorted(os.listdir(NETNS_DIR))
        except FileNotFoundError:
            return {}
        return {name: os.path.ismount(os.path.join(NETNS_DIR, name)) for name in entries}

    def read(self, netns: str, lines: Sequence[str]) -> list[Any]:
        """What `ip -json -details` answers to each line, in the namespace."""
        argv = [self.path, "-n", netns, "-json", "-details", "-batch", "-"]
        done = self._run(argv, "\n".join(lines) + "\n")
        if done.returncode:
            raise IpError(f"ip -n {netns} {' / '.join(lines)}", done.stderr)
        return _parse_documents(done.stdout)

    def read_files(self, netns: str, paths: Sequence[str]) -> list[str]:
        """The first line of each file below /proc/sys, as the namespace has it."""
        argv = [self.path, "netns", "exec", netns, "cat", *(f"/proc/sys/{path}" for path in paths)]
        done = self._run(argv, "")
        if done.returncode:
            raise IpError(" ".join(argv), done.stderr)
        return done.stdout.split("\n")[: len(paths)]

    def write(self, commands: Sequence[Command]) -> None:
        """Carry the commands out in order; those in a row for the same namespace share one process."""
        start = 0
        while start < len(commands):
            end = start + 1
            while end < len(commands) and _shares_process(commands[start], commands[end]):
                end += 1
            try:
                self._write_batch(commands[start:end])
            except IpError as error:
                error.done += start
                raise
            start = end

    def _write_batch(self, commands: Sequence[Command]) -> None:
        first = commands[0]
        if first.program != "ip":
            argv = [self.path, "netns", "exec", first.netns, "sh", "-c", first.program]
            done = self._run(argv, "")
        else:
            argv = [self.path, *(("-n", first.netns) if first.netns else ()), "-batch", "-"]
            done = self._run(argv, "".join(f"{command.line}\n" for command in commands))
        if done.returncode:
            match = _FAILED_LINE.search(done.stderr)
            index = min(int(match.group(1)), len(commands)) - 1 if match else 0
            raise IpError(str(commands[index]), done.stderr, index)

    def _run(self, argv: list[str], stdin: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, env=environment)


def _shares_process(first: Command, second: Command) -> bool:
    return first.program == second.program == "ip" and first.netns == second.netns


def _parse_documents(text: str) -> list[Any]:
    """JSON documents one after the other, as `ip -json -batch` writes them."""
    decoder = json.JSONDecoder()
    documents = []
    rest = text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    return documents
