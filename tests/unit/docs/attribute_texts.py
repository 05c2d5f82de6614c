# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the attribute tables say, in words: docs/kernel.md, and the last line of each option's description.

Write docs/kernel.md anew, from the top of the checkout:
PYTHONPATH=.cache/collections .venv/bin/python -m ansible_collections.vxlan.fabric.tests.unit.docs.attribute_texts
"""

from __future__ import annotations

from pathlib import Path

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.routed import VLAN, VRF
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Attribute, Table, present_value, version_text
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN

PAGE = Path(__file__).resolve().parents[3] / "docs" / "kernel.md"

# Kernels up to this one are not worth a word: nothing older is in use.
OLDEST = (4, 0)

# What changes live only in part.
PARTLY_LIVE = {
    "remote": "yes, within one IP version, but `none` is not",
    "group": "yes, within one IP version, but `none` is not",
    "local": "yes, within one IP version, but `none` is not",
    "device": "yes, but `none` is not",
    "ttl": "yes, but neither to nor from `inherit`",
}

_INTRODUCTION = """\
# What the kernel can do, and how iproute2 spells it

<!-- Written from the tables in plugins/module_utils/_attributes by tests/unit/docs/attribute_texts.py; a test compares. Do not edit. -->

`live` says whether an attribute may change on an interface that exists. Where it may not, the modules delete the interface and create
it again with everything that hung on it, or refuse, as `recreate` says. `default` is what a new interface has when nobody says
anything. `since` is the first Linux with the attribute, where that is newer than 4.0, and the option of the kernel's configuration that it
hangs on, where kernels are built without. An older kernel acknowledges the attribute and ignores it. So what this kernel may lack is tried
before the first write, in a network namespace that is gone afterwards, and refused by name where it is missing;
[`vtep_facts`](modules.md#vtep_facts) tells all of it beforehand, and [kernel-matrix.md](kernel-matrix.md) what happened on some kernels.
Whatever else is ignored is found when the state is read back, and is an error.
"""

_REMARKS = """\
Three rules stand beside the table.

- On an interface with `gbp`, `gpe` or remote checksums nothing changes live from Linux 6.14 on: any change would reset its reserved bits,
  and what it then receives would be dropped. The modules re-create such an interface instead.
- The same holds for an interface with `reserved_bits` of its own, which the kernel would forget.
- `multicast_route` is not reported by the kernel. It is set when an interface is created, and neither compared nor verified later.
"""


_ROUTED_REMARKS = """\
What the kernel does to an interface that joins a VRF or leaves it, measured on Linux 6.1:

- One that is up goes down and comes up again, and VLAN interfaces on it with it, also those that were down. A bridge forgets what it learned.
- Its IPv6 addresses go, unless the sysctl `keep_addr_on_down` is set for it, and its neighbour entries and routes, configured ones too. So they
  do for the VLAN interfaces on it. IPv4 addresses stay, with their connected routes in the table of the VRF.
- Deleting the VRF does the same to all its members.
- Two VRFs with one table are allowed, unless the sysctl `net.vrf.strict_mode` is set. The modules refuse it.

The modules put back what was configured, and the routes into the table that the interface is now in.
"""


def words(attribute: Attribute) -> str:
    """How iproute2 spells an attribute; empty where it cannot."""
    word = attribute.word
    if not word:
        return ""
    if attribute.style == "switch":
        return f"[no]{word}"
    if attribute.style == "onoff":
        return f"{word} on|off"
    if attribute.style == "one":
        return f"{word} 0|1"
    return word


def shown_default(attribute: Attribute) -> str:
    """The kernel's default as the option is written; empty where it has none, or none that is the same everywhere."""
    if attribute.default is None:
        return ""
    value = present_value(attribute, attribute.default)
    return str(value).lower() if isinstance(value, bool) else str(value)


def footer(attribute: Attribute, table: Table) -> str:
    """The last line of an option's description."""
    parts = [f"iproute2 writes C({words(attribute)})." if words(attribute) else "iproute2 has no word for it."]
    if shown_default(attribute):
        parts.append(f"The kernel's default is V({shown_default(attribute)}).")
    if attribute.write_only:
        parts.append("The kernel does not report it, so it is set at creation, and neither compared nor verified later.")
    elif _is_mixed(table):
        partly = ", but for what is said above" if table is VXLAN and attribute.option in PARTLY_LIVE else ""
        parts.append(f"Changes live{partly}." if attribute.live else "Cannot change live, see O(recreate).")
    if attribute.since > OLDEST:
        parts.append(f"Linux {version_text(attribute.since)} or newer.")
    return " ".join(parts)


def _is_mixed(table: Table) -> bool:
    """Whether an attribute of it cannot change live."""
    return not all(attribute.live for attribute in table)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def _live(attribute: Attribute, table: Table) -> str:
    if attribute.write_only:
        return "not reported, see below"
    known = "yes" if attribute.live else "no"
    return PARTLY_LIVE.get(attribute.option, known) if table is VXLAN else known


def _since(attribute: Attribute) -> str:
    parts = [version_text(attribute.since)] if attribute.since > OLDEST else []
    return ", ".join(parts + ([_code(f"CONFIG_{attribute.config}")] if attribute.config else []))


def _table(table: Table) -> list[str]:
    head = ["option", "other spellings", "iproute2", "netlink", "default", "since"]
    if _is_mixed(table):
        head.insert(5, "live")
    rows = [_row(head), _row(["---"] * len(head))]
    for attribute in table:
        cells = [
            _code(attribute.option),
            ", ".join(_code(alias) for alias in attribute.aliases),
            _code(words(attribute)),
            _code(attribute.name) + (f", {_code(attribute.name6)}" if attribute.name6 else ""),
            _code(shown_default(attribute)),
            _since(attribute),
        ]
        if _is_mixed(table):
            cells.insert(5, _live(attribute, table))
        rows.append(_row(cells))
    return rows


def kernel_page() -> str:
    """The text of docs/kernel.md."""
    parts = [_INTRODUCTION, "## VXLAN interfaces: `vxlan.fabric.interface`\n", *_table(VXLAN), "", _REMARKS]
    parts += ["## Bridges: `vxlan.fabric.bridge`\n", "Everything changes live.\n", *_table(BRIDGE), ""]
    parts += ["## Ports of bridges: `ports` of `vxlan.fabric.bridge`\n", "Everything changes live.\n", *_table(PORT), ""]
    parts += ["## VLAN interfaces: `vxlan.fabric.vlan_interface`\n", *_table(VLAN), ""]
    parts += ["## VRFs: `vxlan.fabric.vrf`\n", *_table(VRF), "", _ROUTED_REMARKS]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(kernel_page(), encoding="utf-8")
