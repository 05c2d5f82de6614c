# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of options times kernels is that of what was recorded, and every option was tried on each kernel."""

from __future__ import annotations

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import version_text
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS, OPTIONAL_KINDS, table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.capabilities import row_of
from ansible_collections.vxlan.fabric.tests.unit.docs.matrix_texts import FOLDER, PAGE, Report, matrix_page, read_reports, versions

REPORTS = read_reports()


def test_page_is_made_of_the_reports() -> None:
    assert PAGE.read_text(encoding="utf-8") == matrix_page(REPORTS), "make kernel-matrix"


def test_an_old_and_a_new_kernel_are_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} >= {"6.1", "6.12"}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["kernel"])
def test_every_row_was_tried(report: Report) -> None:
    for kind in KINDS:
        assert list(report["rows"].get(kind, ())) == [row.option for row in table_of(kind)], f"{kind}: make test-kernels, make kernel-matrix"


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["kernel"])
def test_versions_of_the_tables_are_those_of_the_kernels(report: Report) -> None:
    """An option that a kernel of upstream's version has came with it or before, and one that it lacks after it, unless it was built without."""
    for kind, rows in report["rows"].items():
        for option, found in rows.items():
            row = row_of(kind, option)
            old = row.since > versions(report)[:2]
            if found["result"] == "refused":
                assert old or row.config or kind in OPTIONAL_KINDS, f"{kind}.{option}"
                assert f"Linux {version_text(row.since)}" in found["why"] or "CONFIG_" in found["why"]
            else:
                assert not old, f"{kind}.{option}"
