# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each test has a namespace of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.vxlan.fabric.tests.support.namespaces import Namespace, namespace


@pytest.fixture
def ns() -> Iterator[Namespace]:
    """A namespace with an underlay: eth0, 192.0.2.1/24, 2001:db8::1/64, MTU 1600."""
    with namespace() as made:
        yield made


@pytest.fixture
def other() -> Iterator[Namespace]:
    """A second one, just like the first."""
    with namespace() as made:
        yield made
