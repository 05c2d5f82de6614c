# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each test has a namespace of its own; what a run imports only when it writes is imported once, here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from ansible_collections.vxlan.fabric.plugins import module_utils
from ansible_collections.vxlan.fabric.tests.support import inject
from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace


@pytest.fixture(scope="session", autouse=True)
def imported() -> None:
    """Hundreds of children shall not each import the same."""
    for module in pkgutil.walk_packages(module_utils.__path__, module_utils.__name__ + "."):
        importlib.import_module(module.name)


@pytest.fixture(scope="session")
def strace() -> None:
    """Skip where strace(1) cannot be had."""
    reason = inject.available()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def ns() -> Iterator[Namespace]:
    """A namespace with an underlay: eth0, 192.0.2.1/24, 2001:db8::1/64, MTU 1600."""
    with namespace("vff") as made:
        yield made
