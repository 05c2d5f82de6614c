# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a whole run of a fault family counted, in files that scripts/reliability.py makes docs/reliability.md of."""

from __future__ import annotations

import functools
import os
import subprocess
from typing import Any

from ansible_collections.vxlan.fabric.tests.support.engine import ROOT
from ansible_collections.vxlan.fabric.tests.support.report import write_report

# Everything, not only the short selection.
ALL = os.environ.get("VXLAN_FABRIC_ALL", "") == "1"


@functools.cache
def _circumstances() -> dict[str, str]:
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    version = subprocess.run(["ip", "-V"], capture_output=True, text=True, check=False).stdout.partition("iproute2-")[2].partition(",")[0]
    return {"iproute2": version, "commit": commit or "unknown"}


def record(family: str, part: str, counts: dict[str, Any]) -> None:
    """Write the counts of a part of a family; those of a short selection or of single points are not kept."""
    if ALL and "VXLAN_FABRIC_POINT" not in os.environ:
        write_report(f"{family}-{part}", family, {"part": part, "counts": counts, **_circumstances()})
