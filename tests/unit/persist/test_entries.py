# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our own conversions of values are those of AnsibleModule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.common import validation
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.vxlan.fabric.plugins.module_utils._convert import CONVERSIONS

THEIRS: dict[str, Callable[[Any], Any]] = {
    "str": validation.check_type_str,
    "int": validation.check_type_int,
    "float": validation.check_type_float,
    "bool": validation.check_type_bool,
    "list": validation.check_type_list,
    "dict": validation.check_type_dict,
}
WORDS = [
    "yes",
    "No",
    " on ",
    "OFF",
    "true",
    "F",
    "t",
    "n",
    "1",
    "0",
    "2",
    "-7",
    "1e3",
    "1.5",
    "4294967296",
    "inf",
    "nan",
    "",
    " ",
    "a,b",
    "{",
    '{"a": 1}',
    "[1]",
]
VALUES = st.one_of(
    st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5).filter(lambda text: "=" not in text), st.sampled_from(WORDS),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip


def outcome(convert: Callable[[Any], Any], value: object) -> tuple[str, object]:
    try:
        return "", convert(value)
    except (TypeError, ValueError, OverflowError):
        return "refused", None


@pytest.mark.parametrize("kind", sorted(THEIRS))
@given(value=VALUES)
def test_conversions(kind: str, value: object) -> None:
    assert outcome(CONVERSIONS[kind], value) == outcome(THEIRS[kind], value)
