# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The files that a report is written as."""

from __future__ import annotations

import json

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.html import report_html
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.junit import report_junit
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import Report
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.texts import report_markdown


def report_files(report: Report) -> dict[str, str]:
    """By name. The same findings give the same bytes."""
    return {
        "verify.md": report_markdown(report),
        "verify.html": report_html(report),
        "verify.xml": report_junit(report),
        "verify.json": json.dumps(report, indent=2, sort_keys=True) + "\n",
    }
