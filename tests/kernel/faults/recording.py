# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a whole run of a fault family counted, in files that scripts/reliability.py makes docs/reliability.md of."""

from __future__ import annotations

import datetime
import functools
import json
import os
import platform
import subprocess
from importlib import metadata
from typing import Any

from ansible_collections.vxlan.fabric.tests.support.engine import ROOT

FOLDER = ROOT / ".cache" / "reports" / "reliability"

# Everything, not only the short selection.
ALL = os.environ.get("VXLAN_FABRIC_ALL", "") == "1"


@functools.cache
def circumstances() -> dict[str, str]:
    """Where the counts are from. Nothing that names a machine or a user."""
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    version = subprocess.run(["ip", "-V"], capture_output=True, text=True, check=False).stdout.partition("iproute2-")[2].partition(",")[0]
    return {
        "date": datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat(),
        "kernel": os.uname().release,
        "python": platform.python_version(),
        "pyroute2": metadata.version("pyroute2"),
        "iproute2": version,
        "commit": commit or "unknown",
    }


def record(family: str, part: str, counts: dict[str, Any]) -> None:
    """Write the counts of a part of a family; those of a short selection or of single points are not kept."""
    if not ALL or os.environ.get("VXLAN_FABRIC_POINT"):
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"family": family, "part": part, "circumstances": circumstances(), "counts": counts}, indent=1, sort_keys=True)
    (FOLDER / f"{family}-{part}.json").write_text(text + "\n", encoding="utf-8")
