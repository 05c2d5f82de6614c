# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Canonical forms of the values of the field.

Everything is parsed once, here, so that equality is idempotency: a MAC is lower-case text with colons, an IP address the
text of inet_ntop(3), a VNI an int of 1..16777215 (RFC 7348, section 5: 24 bits; 0 is refused although Linux accepts it).
"""

from __future__ import annotations

import re
import socket

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError

ZERO_MAC = "00:00:00:00:00:00"
VNI_MAX = (1 << 24) - 1
IFNAMSIZ = 16
GROUP_DIGITS = frozenset("13579bdf")  # second hexadecimal digit of a group MAC (IEEE 802: lowest bit of the first octet)
OWNER_MARK = "vxlan.fabric:"
DEFAULT_PORT = 4789

_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}\Z")
_MAC_DASHES = re.compile(r"[0-9a-f]{2}(?:-[0-9a-f]{2}){5}\Z")
_MAC_DOTS = re.compile(r"([0-9a-f]{4})\.([0-9a-f]{4})\.([0-9a-f]{4})\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parse_mac(text: str, path: str) -> str:
    """Accept aa:bb:cc:dd:ee:ff, aa-bb-cc-dd-ee-ff and aabb.ccdd.eeff in any case; return the first form in lower case."""
    mac = text.strip().lower()
    if _MAC.match(mac):
        return mac
    if _MAC_DASHES.match(mac):
        return mac.replace("-", ":")
    dots = _MAC_DOTS.match(mac)
    if dots:
        digits = "".join(dots.groups())
        return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
    raise ArgumentError(f"{path}: {text!r} is not a MAC address such as 52:54:00:12:34:56")


def parse_interface_mac(text: str, path: str) -> str:
    """A MAC that an interface can carry: unicast and not zero."""
    mac = parse_mac(text, path)
    if mac == ZERO_MAC or is_group_mac(mac):
        raise ArgumentError(f"{path}: {mac} is not a unicast address, an interface cannot carry it")
    return mac


def is_group_mac(mac: str) -> bool:
    """True for multicast and broadcast addresses (IEEE 802: lowest bit of the first octet)."""
    return mac[1] in GROUP_DIGITS


def takes_flood_list(mac: str) -> bool:
    """True where the kernel keeps a list of destinations: the zero MAC and group MACs (vxlan_fdb_update, drivers/net/vxlan)."""
    return mac == ZERO_MAC or is_group_mac(mac)


def canonical_address(text: str) -> str | None:
    """The text of inet_ntop(3) for an IPv4 or IPv6 address, None when it is neither."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, text))
    except (OSError, ValueError):
        return None


def parse_address(text: str, path: str) -> str:
    """An IPv4 or IPv6 address without prefix length or zone."""
    address = canonical_address(text.strip())
    if address is None:
        advice = ""
        if "%" in text:
            advice = "; name the interface of a link-local address with 'device' instead of a zone"
        elif "/" in text:
            advice = "; without a prefix length"
        raise ArgumentError(f"{path}: {text!r} is not an IP address{advice}")
    return address


def family_of(address: str) -> int:
    """4 or 6 for a canonical address."""
    return 6 if ":" in address else 4


def pack_address(address: str) -> bytes:
    """4 or 16 bytes in network order."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def is_multicast(address: str) -> bool:
    """224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291)."""
    first = pack_address(address)[0]
    return first == 0xFF if ":" in address else first >> 4 == 0xE


def is_unspecified(address: str) -> bool:
    return not any(pack_address(address))


def is_link_local(address: str) -> bool:
    """fe80::/10 (RFC 4291)."""
    if ":" not in address:
        return False
    packed = pack_address(address)
    return packed[0] == 0xFE and packed[1] & 0xC0 == 0x80


def parse_prefix(text: str, path: str) -> str:
    """An interface address: ADDRESS or ADDRESS/LENGTH; without a length a host address, as ip-address(8) takes it."""
    address, slash, length = text.strip().partition("/")
    canonical = canonical_address(address)
    bits = 128 if ":" in address else 32
    size = bits if not slash else int(length) if length.isdigit() else -1
    if canonical is None or not 0 <= size <= bits:
        raise ArgumentError(f"{path}: {text!r} is not an address with a prefix length such as 10.0.0.1/24")
    return f"{canonical}/{size}"


def subnet_of(prefix: str) -> tuple[int, int]:
    """Network and length of a canonical IPv4 ADDRESS/LENGTH."""
    address, _slash, length = prefix.partition("/")
    return int.from_bytes(pack_address(address), "big") >> (32 - int(length)), int(length)


def parse_vni(value: int, path: str) -> int:
    """RFC 7348: 24 bits. 0 is accepted by the kernel and means nothing, so it is refused."""
    if not 1 <= value <= VNI_MAX:
        raise ArgumentError(f"{path}: {value} is not a VNI (1..{VNI_MAX})")
    return value


def parse_range(given: object, high: int, what: str, path: str) -> tuple[int, int]:
    """First and last of 100 or 100-199. what: VLAN or VNI."""
    first, dash, last = str(given).replace(" ", "").partition("-")
    numbers = [int(part) if part.isdecimal() else 0 for part in (first, last if dash else first)]
    if not 1 <= numbers[0] <= numbers[1] <= high:
        raise ArgumentError(f"{path}: {given!r} is neither a {what} (1..{high}) nor a range such as 100-199")
    return numbers[0], numbers[1]


def parse_name(text: str, path: str) -> str:
    """An interface name as the kernel takes it (dev_valid_name, net/core/dev.c): at most 15 bytes, no '/', ':' or white space."""
    size = len(text.encode())
    if not text or size >= IFNAMSIZ:
        raise ArgumentError(f"{path}: {text!r} is not an interface name: 1 to {IFNAMSIZ - 1} bytes are allowed, it has {size}")
    if text in (".", "..") or any(c in "/:" or c.isspace() for c in text) or _CONTROL.search(text):
        raise ArgumentError(f"{path}: {text!r} is not an interface name: no '/', ':', white space or control characters")
    return text


def parse_alias(text: str, path: str) -> str:
    """Free text of an interface, at most 255 bytes (IFALIASZ); control characters would become lines in boot-time files."""
    if _CONTROL.search(text):
        raise ArgumentError(f"{path}: control characters are refused in an alias")
    if len(text.encode()) > 255:
        raise ArgumentError(f"{path}: an alias has at most 255 bytes")
    return text


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sort key that puts vx9 before vx10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part]
