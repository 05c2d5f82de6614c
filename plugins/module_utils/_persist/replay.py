# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What the service does at boot: the engine brings this network namespace to a saved state. Needs Python and nothing else.

    python3 engine.pyz [--check] [--wait SECONDS] STATE.json

Ends with 0 when the host is as it is to be, with 1 when --check finds that it is not, with 2 when it cannot be.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection
from typing import TextIO

from ansible_collections.vxlan.fabric.plugins.module_utils import _engine
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import writer
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.ethtool import interface_names
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import saved, settings
from ansible_collections.vxlan.fabric.plugins.module_utils._render.commands import all_command_lines

_POLL_SECONDS = 0.5
_SHOWN_ROWS = 100


def main() -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(prog="vxlan-fabric", description="Bring this host to a saved state of the Ansible collection vxlan.fabric.")
    parser.add_argument("state", help="the file with the saved state")
    parser.add_argument("--check", action="store_true", help="change nothing, say what would be")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="how long to wait for what the state builds on, such as the underlay")
    given = parser.parse_args()
    # The lane that needs no library.
    writer.PACK_FROM = 1
    try:
        with open(given.state, encoding="utf-8") as file:
            state = saved.load(file.read(), given.state)
        return replay(state, given.check, given.wait, lambda line: _write(sys.stdout, line))
    except (FabricError, OSError) as error:
        _write(sys.stderr, f"vxlan-fabric: {error}")
        return 2


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")


def replay(state: saved.Saved, check: bool, wait: float, tell: Callable[[str], None]) -> int:
    """The exit status. wait: seconds until what the state builds on has to be there."""
    wanted = state.wanted()
    until = time.monotonic() + wait
    _wait_for(set(state.comes_first), until)
    outcome, absent = _run(wanted, check, until)
    changes = settings.changes(state.settings, settings.vxlan_names(wanted), check)
    for line in (*all_command_lines(outcome.plan.operations, _SHOWN_ROWS), *settings.commands(changes)):
        tell(line)
    for name in sorted(absent):
        tell(f"# {name} is not there: it becomes a port when it comes")
    if check:
        return int(bool(outcome.plan.operations or changes))
    settings.apply(changes)
    return 0


def _wait_for(names: Collection[str], until: float) -> None:
    """Interfaces that another backend makes. Without them everything is made here, when the time is over."""
    while not interface_names().issuperset(names) and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)


def _run(wanted: Wanted, check: bool, until: float) -> tuple[_engine.Outcome, set[str]]:
    """Each try is a transaction, so that what is missing at first (the underlay, its address) may come in the meantime."""
    while True:
        possible, absent = without_absent(wanted, interface_names())
        try:
            return _engine.run(possible, check), absent
        except (FabricError, OSError):
            if time.monotonic() >= until:
                raise
        time.sleep(_POLL_SECONDS)


def without_absent(wanted: Wanted, present: Collection[str]) -> tuple[Wanted, set[str]]:
    """Without ports of others that are not there, such as those of virtual machines that start later; and their names."""
    own = {asked.link.name for asked in wanted.links}
    absent = {port.name for asked in wanted.links for port in asked.ports} - own - set(present)
    links = tuple(
        asked._replace(
            ports=tuple(port for port in asked.ports if port.name not in absent),
            vlans=tuple(lists for lists in asked.vlans if lists.interface not in absent),
        )
        for asked in wanted.links
    )
    rows = tuple(entry for entry in wanted.rows if entry.interface not in absent)
    return wanted._replace(links=links, rows=rows, vlans=tuple(lists for lists in wanted.vlans if lists.interface not in absent)), absent


if __name__ == "__main__":
    raise SystemExit(main())
