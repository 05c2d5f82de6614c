# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Words of the inventory that need more than one look: each function is parse(text, path) and raises ArgumentError."""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import (
    is_link_local,
    is_multicast,
    is_unspecified,
    parse_address,
    parse_prefix,
)

_FABRIC = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})\Z")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\Z")


def parse_fabric_name(text: str, path: str) -> str:
    """Part of owner marks, namespaces and file names."""
    if not _FABRIC.match(text):
        raise ArgumentError(f"{path}: {text!r} is not a name of a fabric: 1 to 63 of a-z, 0-9 and '-', not starting with '-'")
    return text


def parse_label(text: str, path: str) -> str:
    """Name of a network or endpoint: a file name that ip-netns(8) takes."""
    if not _NAME.match(text):
        raise ArgumentError(f"{path}: {text!r} is not a name: 1 to 63 letters, digits and _.-, starting with a letter, digit or _")
    return text


def parse_description(text: str, path: str) -> str:
    """A line for people."""
    if any(not character.isprintable() for character in text):
        raise ArgumentError(f"{path}: {text!r} is not one line of text")
    return text


def parse_word(text: str, _path: str) -> str:
    """Any text: it is looked up afterwards."""
    return text


def parse_vtep_address(text: str, path: str) -> str:
    """A unicast address that other hosts can send to."""
    address = parse_address(text, path)
    is_loopback = ipaddress.ip_address(address).is_loopback
    if is_loopback or is_multicast(address) or is_unspecified(address) or is_link_local(address):
        raise ArgumentError(f"{path}: {address} cannot be a VTEP's: not multicast, unspecified, loopback or link-local")
    return address


def parse_group(text: str, path: str) -> str:
    """A multicast address of either family."""
    address = parse_address(text, path)
    if not is_multicast(address):
        raise ArgumentError(f"{path}: {address} is not a multicast address (224.0.0.0/4, ff00::/8)")
    return address


def parse_endpoint_address(text: str, path: str) -> str:
    """ADDRESS/LENGTH of a unicast address."""
    if "/" not in text:
        raise ArgumentError(f"{path}: {text!r} lacks a prefix length such as 10.0.0.1/24")
    prefix = parse_prefix(text, path)
    address = prefix.partition("/")[0]
    if is_multicast(address) or is_unspecified(address):
        raise ArgumentError(f"{path}: {address} is not a unicast address")
    return prefix
