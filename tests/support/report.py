# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a family of tests counted or measured, as a file that the documentation is made from."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from .engine import ROOT

FOLDER = ROOT / ".cache" / "reports" / "reliability"


def write_report(name: str, family: str, found: Mapping[str, Any]) -> Path:
    """Write FOLDER/NAME.json, with what it was found on."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    surroundings = {
        "kernel": os.uname().release,
        "python": platform.python_version(),
        "pyroute2": metadata.version("pyroute2"),
        "date": datetime.datetime.now(tz=datetime.timezone.utc).strftime("%Y-%m-%d"),
    }
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps({"family": family, **found, **surroundings}, indent=2) + "\n", encoding="utf-8")
    return path
