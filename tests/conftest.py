# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For all tests: every run says at its end what was skipped, and exactly why; properties are tried on the same examples each time."""

from __future__ import annotations

import collections
import os

import hypothesis
import pytest

# What judges a change has to give the same answer twice; what looks for new mistakes must not. See `make nightly`.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("searching", deadline=None, print_blob=True)
hypothesis.settings.load_profile("searching" if "VXLAN_FABRIC_EXAMPLES" in os.environ else "repeatable")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Group the skips by reason: a hundred tests that lack one feature are one line."""
    reasons: collections.Counter[str] = collections.Counter()
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report, (pytest.TestReport, pytest.CollectReport)) and isinstance(report.longrepr, tuple):
            reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section("skipped, and why")
        for reason, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{count:>5}  {reason}")
