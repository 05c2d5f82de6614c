# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What is set beside the interfaces: sysctls, and the checksum offload of VXLAN interfaces. Read, compare, set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError, KernelError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import ethtool
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.saved import Settings
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import checked

_PROC = "/proc/sys"
_NAME = re.compile(r"net/[A-Za-z0-9_.@-]+(?:/[A-Za-z0-9_.@-]+)*\Z")


class Change(NamedTuple):
    """kind: sysctl or tx_checksum. name: of the sysctl with slashes, or of the interface."""

    kind: str
    name: str
    before: str
    after: str


def parse(sysctls: Mapping[str, object], tx_checksum: bool | None) -> Settings:
    """Names of sysctls as sysctl(8) takes them: the first separator decides whether dots or slashes separate."""
    return Settings({_parse_name(str(name)): _parse_value(str(name), value) for name, value in sorted(sysctls.items())}, tx_checksum)


def _parse_name(text: str) -> str:
    first = re.search(r"[./]", text)
    name = text.translate({ord("."): "/", ord("/"): "."}) if first and first[0] == "." else text
    if not _NAME.match(name) or any(part in (".", "..") for part in name.split("/")):
        raise ArgumentError(f"sysctls: {text!r} is no name of a setting of the network, such as net.ipv4.conf.all.rp_filter")
    return name


def _parse_value(name: str, value: object) -> str:
    text = str(int(value) if isinstance(value, bool) else value).strip()
    if not text:
        raise ArgumentError(f"sysctls.{name}: a value is needed")
    return " ".join(checked(text.replace("\t", " ")).split(" "))


def vxlan_names(wanted: Wanted) -> list[str]:
    return [asked.link.name for asked in wanted.links if asked.present and asked.link.kind == "vxlan"]


def changes(settings: Settings, interfaces: Iterable[str], check: bool) -> list[Change]:
    """What differs from what is wanted in this network namespace. check: interfaces may be missing that a real run would have made."""
    found = [Change("sysctl", name, "" if check and not os.path.exists(_path(name)) else _read(name), value) for name, value in settings.sysctls.items()]
    if settings.tx_checksum is not None:
        present = ethtool.interface_names()
        wanted = _word(settings.tx_checksum)
        found += [Change("tx_checksum", name, _word(ethtool.tx_checksum(name)) if name in present else "", wanted) for name in interfaces]
    return [change for change in found if change.before != change.after]


def _path(name: str) -> str:
    return os.path.join(_PROC, name)


def _word(value: bool) -> str:
    return "on" if value else "off"


def _read(name: str) -> str:
    try:
        with open(_path(name), encoding="ascii") as file:
            return " ".join(file.read().split())
    except FileNotFoundError:
        raise ArgumentError(f"sysctls: this host has no {name.replace('/', '.')}: the kernel lacks it, or there is no such interface") from None
    except PermissionError as error:
        raise KernelError(error.errno or 0, "", f"reading the sysctl {name}") from None


def apply(wanted: Iterable[Change]) -> None:
    """Set, and read back: the kernel takes some values and changes them."""
    for change in wanted:
        if change.kind == "tx_checksum":
            ethtool.set_tx_checksum(change.name, change.after == "on")
            found = _word(ethtool.tx_checksum(change.name))
        else:
            try:
                with open(_path(change.name), "w", encoding="ascii") as file:
                    file.write(change.after)
            except OSError as error:
                raise KernelError(error.errno or 0, "", f"setting the sysctl {change.name} to {change.after!r}") from None
            found = _read(change.name)
        if found != change.after:
            raise ConflictError(f"{change.kind} {change.name}: {change.after!r} was set, and the kernel made {found!r} of it")


def commands(wanted: Iterable[Change]) -> list[str]:
    """The same as a person would type it."""
    return [f"ethtool -K {change.name} tx {change.after}" if change.kind == "tx_checksum" else f"sysctl -w {change.name}='{change.after}'" for change in wanted]
