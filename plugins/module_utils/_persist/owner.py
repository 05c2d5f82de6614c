# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Who owns the underlay of a host, and who else claims interfaces that are to be ours. Reads files below a root, asks no daemon."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import networkd
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.files import is_ours
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File

_NETWORK_FOLDERS = ("/usr/lib/systemd/network", "/run/systemd/network", networkd.FOLDER)  # what is in a later one wins (systemd.network(5))
_PROFILES = ("/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections")
_INTERFACES = ("/etc/network/interfaces", "/etc/network/interfaces.d/*")
_NETPLAN = ("/etc/netplan/*.yaml", "/run/netplan/*.yaml", "/lib/netplan/*.yaml")
_JUDGED = {"Name", "Kind", "Type", "Driver"}  # what a [Match] is judged by; with anything else it is taken as one for other interfaces
_NO_GLOB = re.compile(r"[^*?\[\]! ]+\Z")

Ini = list[tuple[str, str, str]]


class Claim(NamedTuple):
    """Somebody else's configuration of an interface that is to be ours. first: it comes before ours would, so that ours is not read."""

    name: str
    backend: str
    path: str
    first: bool = True


class Host(NamedTuple):
    """A host's files. root: '/' for this one. fabric: whose files are ours."""

    root: str
    fabric: str

    def path(self, path: str) -> str:
        return self.root.rstrip("/") + path

    def read(self, path: str) -> str:
        """Empty when it is not there."""
        with suppress(OSError), open(self.path(path), encoding="utf-8", errors="replace") as file:
            return file.read()
        return ""

    def glob(self, pattern: str) -> list[str]:
        prefix = self.root.rstrip("/")
        return sorted(name[len(prefix) :] for name in glob.glob(glob.escape(prefix) + pattern))

    def has(self, path: str) -> bool:
        return os.path.exists(self.path(path))

    def is_ours(self, path: str) -> bool:
        return is_ours(File(path, self.read(path).encode()), self.fabric)


def owner_of(host: Host, device: Link) -> str:
    """The backend that has configured an interface; empty when it is none of them."""
    link = _values(host.read(f"/run/systemd/netif/links/{device.index}"))
    if link.get("ADMIN_STATE") and link["ADMIN_STATE"] != "unmanaged":
        return "netplan" if "netplan" in os.path.basename(link.get("NETWORK_FILE", "")) else "networkd"
    if _values(host.read(f"/run/NetworkManager/devices/{device.index}")).get("managed") in ("true", "1"):
        return "netplan" if host.glob(f"{_PROFILES[1]}/netplan-{glob.escape(device.name)}*") else "networkmanager"
    if any(device.name in stanzas(host.read(path)) for path in interfaces_files(host)):
        return "ifupdown2" if host.has("/usr/share/ifupdown2") else "ifupdown"
    return ""


def _values(text: str) -> dict[str, str]:
    """KEY=VALUE, one on a line."""
    return {key: value.strip("'\"") for key, equals, value in (line.strip().partition("=") for line in text.splitlines()) if equals}


def underlays(links: Mapping[str, Link], wanted: Iterable[Link]) -> list[Link]:
    """The interfaces that carry the tunnels: the lower devices, and those that have the source addresses."""
    found: dict[str, Link] = {}
    own = {link.name for link in wanted}
    for link in wanted:
        device, local = link.attributes.get("device"), link.attributes.get("local")
        for candidate in links.values():
            has_address = local is not None and any(address.partition("/")[0] == local for address in candidate.addresses or ())
            if candidate.name not in own and (candidate.name == device if device else has_address):
                found[candidate.name] = candidate
    return list(found.values())


def interfaces_files(host: Host) -> list[str]:
    """The files of ifupdown that are not ours."""
    return [path for pattern in _INTERFACES for path in host.glob(pattern) if not host.is_ours(path)]


def stanzas(text: str) -> set[str]:
    """Names of interfaces that interfaces(5) gives a stanza."""
    return {words[1] for words in (line.split() for line in text.splitlines()) if len(words) > 1 and words[0] == "iface"}


def reads_interfaces_folder(host: Host) -> bool:
    """Whether /etc/network/interfaces includes the folder that our file is in."""
    lines = [line.split() for line in host.read(_INTERFACES[0]).splitlines()]
    names = {word.rstrip("/") for words in lines if len(words) > 1 and words[0] in ("source", "source-directory") for word in words[1:]}
    return bool({"/etc/network/interfaces.d", "/etc/network/interfaces.d/*", "interfaces.d", "interfaces.d/*"} & names)


def network_files(host: Host) -> list[tuple[str, Ini]]:
    """.network files that are not ours, in the order in which networkd reads them."""
    paths = {os.path.basename(path): path for folder in _NETWORK_FOLDERS for path in host.glob(f"{folder}/*.network")}
    return [(paths[name], parse_ini(host.read(paths[name]))) for name in sorted(paths) if not host.is_ours(paths[name])]


def parse_ini(text: str) -> Ini:
    """(section, key, value), in order."""
    found, section = [], ""
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and line[0] not in "#;" and "=" in line:
            key, _equals, value = line.partition("=")
            found.append((section, key.strip(), value.strip()))
    return found


def matches(ini: Ini, name: str, kind: str) -> bool:
    """Whether a .network file is one for this interface, as far as its name and kind tell. kind: empty for an Ethernet interface."""
    told = [(key, value) for section, key, value in ini if section == "Match"]
    if not told or not {key for key, _value in told} <= _JUDGED:
        return False
    types = {kind, "ether"} if kind != "bridge" else {kind}
    known = {"Name": {name}, "Kind": {kind}, "Type": types, "Driver": {kind}}
    return all(_matches_one(value, known[key]) for key, value in told)


def _matches_one(value: str, known: Collection[str]) -> bool:
    """Patterns with spaces between; with '!' before the first they are inverted (systemd.network(5))."""
    inverted = value.startswith("!")
    patterns = value.lstrip("!").split()
    return inverted != any(fnmatch.fnmatchcase(name, pattern) for name in known for pattern in patterns)


def around(host: Host, links: Iterable[Link]) -> networkd.Around:
    """Of interfaces of others the file in which networkd finds them."""
    files = network_files(host)
    found = {}
    for link in links:
        for path, ini in files:
            if matches(ini, link.name, link.kind):
                names = [value for section, key, value in ini if section == "Match" and key == "Name"]
                found[link.name] = (os.path.basename(path), len(names) == 1 and bool(_NO_GLOB.match(names[0])))
                break
    return networkd.Around(found, frozenset(key for _path, keys in netplan_keys(host) for key in keys))


def netplan_keys(host: Host) -> list[tuple[str, set[str]]]:
    """Keys of mappings in files of netplan that are not ours, as far as they stand on a line of their own."""
    paths = [path for pattern in _NETPLAN for path in host.glob(pattern) if not host.is_ours(path)]
    return [(path, {line.strip().rstrip(":").strip("'\"") for line in host.read(path).splitlines() if line.rstrip().endswith(":")}) for path in paths]


def claims(host: Host, links: Iterable[Link]) -> list[Claim]:
    """Configurations of others for interfaces that are to be ours, by backends that run on this host."""
    found: list[Claim] = []
    listed = list(links)
    if host.has("/run/systemd/netif"):
        for path, ini in network_files(host):
            if ("Link", "Unmanaged", "yes") not in ini:
                first = os.path.basename(path) < "10-vxlan-fabric-"
                found += [Claim(link.name, "networkd", path, first) for link in listed if matches(ini, link.name, link.kind)]
    names = {link.name for link in listed}
    if host.has("/run/NetworkManager"):
        for path in (path for folder in _PROFILES for path in host.glob(f"{folder}/*") if not host.is_ours(path)):
            profile = parse_ini(host.read(path))
            if (".nmmeta", "nm-generated", "true") in profile:  # its own note of an interface that somebody else made
                continue
            claimed = {value for section, key, value in profile if section == "connection" and key == "interface-name"}
            found += [Claim(name, "networkmanager", path) for name in sorted(names & claimed)]
    for path in interfaces_files(host):
        found += [Claim(name, "ifupdown", path) for name in sorted(names & stanzas(host.read(path)))]
    found += [Claim(name, "netplan", path) for path, keys in netplan_keys(host) for name in sorted(names & keys)]
    return found
