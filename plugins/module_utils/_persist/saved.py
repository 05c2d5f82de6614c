# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The saved state that the service replays at boot, and reading those that earlier versions wrote.

Format 1: C(format), C(fabric), C(state) as the option C(host_state) of the module vtep takes it, C(recreate), C(comes_first), C(sysctls) and
C(tx_checksum). Later versions get a number of their own and a way from the one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import parse_vtep

FORMAT = 1


class Settings(NamedTuple):
    """What is set beside the interfaces. sysctls: by name. tx_checksum: of all VXLAN interfaces; None: left alone."""

    sysctls: Mapping[str, str] = {}
    tx_checksum: bool | None = None


class Saved(NamedTuple):
    """comes_first: interfaces that another backend makes, which are waited for."""

    fabric: str
    state: Mapping[str, Any]
    recreate: str = "when_needed"
    comes_first: tuple[str, ...] = ()
    settings: Settings = Settings()

    def wanted(self) -> Wanted:
        """Of the host. Nothing is purged: what is there at boot belongs to somebody else."""
        return parse_vtep({"host_state": json.dumps(self.state), "purge": "none", "recreate": self.recreate})


def dump(saved: Saved) -> str:
    """Byte for byte the same for the same content."""
    found = {
        "format": FORMAT,
        "fabric": saved.fabric,
        "comes_first": list(saved.comes_first),
        "recreate": saved.recreate,
        "sysctls": dict(saved.settings.sysctls),
        "tx_checksum": saved.settings.tx_checksum,
        "state": saved.state,
    }
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def load(text: str, path: str) -> Saved:
    """path: where it was found, for the error."""
    try:
        found = json.loads(text)
        number = found["format"]
    except (ValueError, KeyError, TypeError):
        raise ArgumentError(f"{path}: this is no saved state of vxlan.fabric: JSON with a 'format' is expected") from None
    if number not in _READERS:
        known = ", ".join(map(str, sorted(_READERS)))
        raise ArgumentError(f"{path}: its format is {number!r}, this version of vxlan.fabric knows {known}. Run vxlan.fabric.persist of a newer one")
    try:
        return _READERS[number](found)
    except (KeyError, TypeError, ValueError) as error:
        raise ArgumentError(f"{path}: the saved state is damaged: {error!r}. Run vxlan.fabric.persist again") from None


def _read_1(found: Mapping[str, Any]) -> Saved:
    return Saved(
        fabric=str(found["fabric"]),
        state=dict(found["state"]),
        recreate=str(found["recreate"]),
        comes_first=tuple(found["comes_first"]),
        settings=Settings({str(name): str(value) for name, value in found["sysctls"].items()}, found["tx_checksum"]),
    )


_READERS = {1: _read_1}
