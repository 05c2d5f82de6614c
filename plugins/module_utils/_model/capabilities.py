# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What a kernel has, and what of it a plan or a compiled state needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Value, version_text
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import KINDS, OPTIONAL_KINDS, table_of

# A port of a bridge is no kind of link of its own.
LINK_KINDS = tuple(kind for kind in KINDS if kind != "bridge_slave")
# No host of a fabric is without these; what the others need is asked for before anything is written.
_EVERYWHERE = ("vxlan", "bridge")


class Capabilities(NamedTuple):
    """What was found on a host. kinds: of links. options: by kind (bridge_slave: of a port), True where the kernel has it.

    The same words as in the attribute tables; an option that was not asked for is not in it.
    """

    release: str
    kinds: Mapping[str, bool]
    options: Mapping[str, Mapping[str, bool]]

    def as_facts(self) -> dict[str, Any]:
        return {"kernel": self.release, "kinds": dict(self.kinds), "options": {kind: dict(found) for kind, found in self.options.items()}}


class Need(NamedTuple):
    """What a desired state needs of the kernel. option: empty for the kind itself. name: path of who needs it."""

    name: str
    kind: str
    option: str = ""

    @property
    def path(self) -> str:
        return f"{self.name}.{self.option}" if self.option else self.name


def release_of(text: str) -> tuple[int, int]:
    """'6.1.0-39-amd64' as (6, 1); (0, 0) where there is no number."""
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def row_of(kind: str, option: str) -> Attribute:
    """The row of an option in the table of its kind."""
    return next(row for row in table_of(kind) if row.option == option)


def doubtful_rows(kind: str, release: str) -> tuple[Attribute, ...]:
    """Attributes in which kernels of this version differ, or that are newer: a few. They are to be tried."""
    return tuple(row for row in table_of(kind) if row.config or row.since > release_of(release))


def needs_of_values(name: str, kind: str, values: Mapping[str, Value], rows: Iterable[Attribute]) -> Iterator[Need]:
    """What canonical values need of these rows: a value that is the kernel's own when nobody speaks needs nothing."""
    for row in rows:
        value = values.get(row.key)
        if value is not None and value != row.default:
            yield Need(name, kind, row.option)


def is_doubtful(need: Need, release: str) -> bool:
    """Kernels differ in it, and this one's version does not tell: it is to be tried."""
    if not need.option:
        return need.kind not in _EVERYWHERE
    return row_of(need.kind, need.option) in doubtful_rows(need.kind, release)


def missing(needs: Iterable[Need], found: Capabilities) -> list[str]:
    """One sentence for each need that the kernel does not meet. What was not asked for counts as there."""
    sentences = []
    for need in needs:
        if not found.kinds.get(need.kind, True):
            sentences.append(f"{need.path}: this kernel ({found.release}) has no {_called(need.kind)}")
        elif need.option and not found.options.get(need.kind, {}).get(need.option, True):
            sentences.append(f"{need.path}: this kernel ({found.release}) lacks it{why_missing(row_of(need.kind, need.option), found.release)}")
    return list(dict.fromkeys(sentences))


def _called(kind: str) -> str:
    """A kind of links, and what a kernel without it was built without."""
    name, config = OPTIONAL_KINDS.get(kind, (f"interfaces of kind {kind}", ""))
    return f"{name} (CONFIG_{config})" if config else name


def why_missing(row: Attribute, release: str) -> str:
    """What is known of the reason, as the end of a sentence; empty where nothing is."""
    if row.since > release_of(release):
        return f": it came with Linux {version_text(row.since)}"
    return f": it was built without CONFIG_{row.config}" if row.config else ""
