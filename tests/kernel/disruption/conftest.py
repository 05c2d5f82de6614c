# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One overlay for the tests of a module, brought to the same state before each; and the measurements, which become a report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.vxlan.fabric.tests.support.overlay import Overlay, overlay
from ansible_collections.vxlan.fabric.tests.support.report import write_report

from .document import write_page
from .measuring import ALL, Measurements, reset


@pytest.fixture(scope="module")
def built() -> Iterator[Overlay]:
    with overlay() as made:
        yield made


@pytest.fixture
def lab(built: Overlay) -> Overlay:
    reset(built)
    return built


@pytest.fixture(scope="session")
def measurements() -> Iterator[Measurements]:
    """What all tests measured. With VXLAN_FABRIC_ALL=1 the report, and the page in docs/ that is made of it, are written at the end."""
    found = Measurements()
    yield found
    if ALL and found.complete():
        write_page(write_report("disruption", "disruption", found.report()))
