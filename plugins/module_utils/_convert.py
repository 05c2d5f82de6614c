# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Values as the types of an argument spec want them, as AnsibleModule converts them, without Ansible: a saved state is read at boot on a
host that may have none.

Each function raises TypeError or ValueError for what it cannot convert. A test compares with C(ansible.module_utils.common.validation).
"""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable
from typing import Any

_TRUE = frozenset(("y", "yes", "on", "1", "true", "t"))
_FALSE = frozenset(("n", "no", "off", "0", "false", "f"))


def to_int(value: Any) -> int:  # noqa: ANN401 - whatever a user wrote
    """A number without a fraction, also written as text."""
    if isinstance(value, int):
        return int(value)
    try:
        exact = decimal.Decimal(value)
        number = int(exact)
    except (decimal.DecimalException, TypeError, ValueError, OverflowError):
        raise TypeError(value) from None
    if exact != number:
        raise TypeError(value)
    return number


def to_bool(value: Any) -> bool:  # noqa: ANN401 - whatever a user wrote
    """True or false in the words of YAML 1.1, or 1 and 0."""
    word = value.lower().strip() if isinstance(value, str) else str(int(value)) if value in (0, 1) else ""
    if word not in _TRUE | _FALSE:
        raise TypeError(value)
    return word in _TRUE


def to_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever a user wrote
    """A list; a text is split at its commas, a number is a list of one text."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return list(value.split(","))
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError(value)


def to_dict(value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a user wrote
    """A mapping, also as JSON."""
    found = json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    if not isinstance(found, dict):
        raise TypeError(value)
    return found


CONVERSIONS: dict[str, Callable[[Any], Any]] = {"str": str, "int": to_int, "float": float, "bool": to_bool, "list": to_list, "dict": to_dict}
