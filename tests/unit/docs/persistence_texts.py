# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the backends of persist cannot carry, as tables of docs/persistence.md.

Write them anew, from the top of the checkout:
PYTHONPATH=.cache/collections .venv/bin/python -m ansible_collections.vxlan.fabric.tests.unit.docs.persistence_texts
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import FdbRow, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.backends import BACKENDS, Backend
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import LINK_FIELDS, Settings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "persistence.md"
BEGIN = "<!-- Made of the tables of plugins/module_utils/_persist by tests/unit/docs/persistence_texts.py. Do not edit. -->\n"
END = "<!-- End of what is made. -->\n"
# How options are called that a link has whatever its kind.
_WORDS = {"up": "state"}


def backends() -> list[Backend]:
    """Those that can miss something."""
    return [backend for backend in BACKENDS.values() if not backend.carries.everything]


def tables() -> str:
    """All of them, with their headings."""
    parts = [
        _table("VXLAN interfaces", [a.option for a in table_of("vxlan")], lambda carries: carries.kinds.get("vxlan")),
        _table("Bridges", [a.option for a in table_of("bridge")], lambda carries: carries.kinds.get("bridge")),
        _table("Ports of bridges", [a.option for a in table_of("bridge_slave")], lambda carries: carries.kinds.get("port")),
        _table("Any of them", LINK_FIELDS, lambda carries: {**carries.fields, **({"neighbours": None} if carries.neighbour else {})}),
        _table("Forwarding rows", [field for field in FdbRow._fields if field != "mac"], lambda carries: carries.row),
        _table("Neighbours", [field for field in Neighbour._fields if field not in ("address", "mac")], lambda carries: carries.neighbour),
    ]
    vnis = ", ".join(backend.title for backend in backends() if not backend.carries.vnis)
    vlans = ", ".join(backend.title for backend in backends() if not backend.carries.vlans)
    lists = f"VNI filters (`vnis`) cannot be carried by: {vnis}. VLANs of bridges and ports (`vlans`, `tunnels`) cannot be carried by: {vlans}.\n"
    return "\n".join([*parts, lists])


def _table(title: str, options: Iterable[str], settings_of: object) -> str:
    assert callable(settings_of)
    columns = [settings_of(backend.carries) or {} for backend in backends()]
    rows = [(option, [_cell(settings, option) for settings in columns]) for option in options]
    told = [f"| `{_WORDS.get(option, option)}` | {' | '.join(cells)} |" for option, cells in rows if any(cells)]
    all_of_them = [f"`{_WORDS.get(option, option)}`" for option, cells in rows if not any(cells)]
    head = f"| | {' | '.join(backend.title for backend in backends())} |\n|---|{'---|' * len(columns)}"
    carried = f"\nCarried by all: {', '.join(all_of_them)}.\n" if all_of_them else ""
    return "\n".join([f"### {title}\n", head, *told, carried])


def _cell(settings: Settings, option: str) -> str:
    if option not in settings:
        return "no"
    setting = settings[option]
    return f"not {setting.limits}" if setting is not None and setting.limits and not setting.limits.startswith("needs") else _needs(setting)


def _needs(setting: object) -> str:
    limits = getattr(setting, "limits", "")
    return limits if limits.startswith("needs") else ""


def written(page: str) -> str:
    """The page with the tables of now."""
    before, _begin, rest = page.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    assert rest, PAGE
    assert after, PAGE
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
