# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""pyroute2, the library that writes links, addresses and neighbours. Imported only by runs that change something.

Its VXLAN and bridge attribute classes end before the kernel's do (and drop unknown keywords silently), so they are extended
here from our own tables.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.bridge import BRIDGE, PORT
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.routed import VLAN, VRF
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import KernelError, LibraryError
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.encode import pyroute2_types

MINIMUM = (0, 7, 2)


def open_iproute() -> Any:
    """An IPRoute socket of the namespace that the process is in, with attribute classes that know all we send."""
    ifinfmsg, iproute = _import()
    tables: tuple[tuple[str, Table], ...] = (("vxlan", VXLAN), ("bridge", BRIDGE), ("bridge_slave", PORT), ("vrf", VRF), ("vlan", VLAN))
    for kind, table in tables:
        _extend(ifinfmsg.ifinfo, kind, table)
    try:
        return iproute(ext_ack=True)
    except TypeError:
        return iproute()


def _import() -> tuple[Any, Any]:
    try:
        import pyroute2
        from pyroute2 import IPRoute
        from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
    except ImportError as error:
        raise LibraryError(
            f"the Python library pyroute2 >= {_text(MINIMUM)} is needed on the target and cannot be imported by its Python: {error}. "
            "Install the distribution's package python3-pyroute2, or pyroute2 with pip"
        ) from None
    found = _version(pyroute2)
    if found and found < MINIMUM:
        raise LibraryError(f"pyroute2 {_text(found)} at {pyroute2.__file__} is too old: >= {_text(MINIMUM)} is needed on the target")
    return ifinfmsg, IPRoute


def _version(module: Any) -> tuple[int, ...]:
    text = getattr(module, "__version__", "")
    if not text:
        from importlib import metadata

        try:
            text = metadata.version("pyroute2")
        except metadata.PackageNotFoundError:
            return ()
    return tuple(int(part) for part in re.findall(r"\d+", str(text))[:3])


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _extend(ifinfo: Any, kind: str, table: Table) -> None:
    base = ifinfo.data_map[kind]
    if getattr(base, "extended_by_vxlan_fabric", False):
        return
    known = _numbered(base.nla_map)
    known.update(pyroute2_types(table))
    # Positions are the numbers, in all versions: fill the gaps.
    rows = tuple(known.get(number, (f"IFLA_UNKNOWN_{number}", "hex")) for number in range(max(known) + 1))
    extended = type(kind, (base,), {"nla_map": rows, "extended_by_vxlan_fabric": True, "prefix": "IFLA_", "__slots__": ()})
    ifinfo.data_map[kind] = extended
    if kind == "bridge_slave":  # 0.7 and 0.8 look it up by this name
        ifinfo.bridge_slave_data = extended


def _numbered(nla_map: Any) -> dict[int, tuple[str, str]]:
    """pyroute2 writes its tables with or without numbers."""
    numbered = {}
    for position, row in enumerate(nla_map):
        if isinstance(row[0], int):
            numbered[row[0]] = (row[1], row[2])
        else:
            numbered[position] = (row[0], row[1])
    return numbered


def call(doing: str, method: Any, *arguments: Any, **keywords: Any) -> Any:
    """Call pyroute2 and turn its error into ours, with the kernel's sentence."""
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        return method(*arguments, **keywords)
    except NetlinkError as error:
        sentence = str(error.args[1]) if len(error.args) > 1 else ""
        raise KernelError(int(error.code), sentence, doing) from None
    except OSError as error:
        raise KernelError(error.errno or 5, "", doing, uncertain=True) from error
