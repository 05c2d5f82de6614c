# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""From the variables of Ansible's hosts to fabrics: the values that the library starts from.

All hosts are read at once: reading those of all peers in every host's task would be quadratic.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import canonical_address, is_link_local, natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import keys
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.capabilities import lacking
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import host_states
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.mistakes import InventoryError, Mistake, Mistakes, Place
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import GROUPS_OF_VTEPS, Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.parse import hosts_of_groups, read_fabric_value
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.roster import Groups, Roster
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.section import is_list

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.@:-]{0,14}\Z")

HostVars = Mapping[str, Mapping[str, Any]]


class Reading(NamedTuple):
    """The fabrics of an inventory by name, and everything that is wrong or doubtful in it."""

    fabrics: Mapping[str, Fabric]
    mistakes: Sequence[Mistake]

    @property
    def errors(self) -> list[Mistake]:
        return [mistake for mistake in self.mistakes if mistake.level == "error"]

    def judged(self) -> Mapping[str, Fabric]:
        """The fabrics, or InventoryError with every error."""
        if self.errors:
            raise InventoryError(self.errors)
        return self.fabrics

    def fabric_of(self, host: str) -> Fabric | None:
        return next((fabric for fabric in self.fabrics.values() if host in fabric.vteps), None)


class _Part(NamedTuple):
    """One value of vxlan_fabric and the hosts that have it."""

    value: object
    hosts: list[str]


def read_inventory(hostvars: HostVars, groups: Groups) -> Reading:
    """hostvars: variables by host, of which C(vxlan_fabric) and C(vxlan_vtep) are read, and facts where a VTEP address is the name of an
    interface. Raises nothing: what is wrong is in the reading."""
    hosts = sorted(hosts_of_groups(groups), key=natural_key)
    mistakes = Mistakes()
    if not hosts:
        mistakes.add(Place(None, "groups"), f"there is no host in any of {', '.join(GROUPS_OF_VTEPS)}", "no-vtep")
        return Reading({}, mistakes.all)
    variables = _Variables(hostvars)
    vteps = {host: _vtep(variables, host) for host in hosts}
    parts = _parts(variables, hosts, vteps, mistakes)
    found = list(mistakes.all)
    fabrics = {}
    for name, part in parts.items():
        of_part = Mistakes()
        elsewhere = frozenset(hosts).difference(part.hosts)
        roster = Roster(groups, part.hosts, elsewhere)
        fabrics[name] = read_fabric_value(part.value, {host: vteps[host] for host in part.hosts}, roster, of_part)
        if not of_part:
            _check_kernels(fabrics[name], variables, of_part)
        found += [_with_fabric(mistake, name) for mistake in of_part.all] if len(parts) > 1 else of_part.all
    return Reading(fabrics, found)


def _check_kernels(fabric: Fabric, variables: _Variables, mistakes: Mistakes) -> None:
    """What a host is to have and its kernel lacks, of hosts whose facts tell (module vtep_facts)."""
    facts = {host: found for host in fabric.vteps if (found := _capabilities(variables, host))}
    for host, state in host_states(fabric, facts).items() if facts else ():
        for sentence in lacking(state, facts[host]):
            mistakes.add(Place(host, keys.VTEP.name), sentence, "kernel-lacks")


def _capabilities(variables: _Variables, host: str) -> Mapping[str, Any] | None:
    facts = variables.raw(host, "ansible_facts")
    found = facts.get("vxlan_capabilities") if isinstance(facts, Mapping) else None
    return found if isinstance(found, Mapping) else None


def read_fabrics(hostvars: HostVars, groups: Groups) -> Mapping[str, Fabric]:
    """By name, or InventoryError with every mistake of the inventory."""
    return read_inventory(hostvars, groups).judged()


def pick_fabric(fabrics: Mapping[str, Fabric], name: str | None = None) -> Fabric:
    """The fabric of that name; without a name, the only one."""
    if name is not None and name in fabrics:
        return fabrics[name]
    if name is None and len(fabrics) == 1:
        return next(iter(fabrics.values()))
    there = ", ".join(fabrics)
    raise ArgumentError(f"there is no fabric {name!r}; there are {there}" if name is not None else f"the inventory has several fabrics, say which: {there}")


def _with_fabric(mistake: Mistake, name: str) -> Mistake:
    """With several fabrics, a path in a shared variable says whose it is."""
    if mistake.host is not None:
        return mistake
    return mistake._replace(path=mistake.path.replace(keys.FABRIC.name, f"{keys.FABRIC.name}({name})", 1))


def _parts(variables: _Variables, hosts: Sequence[str], vteps: Mapping[str, object], mistakes: Mistakes) -> dict[str, _Part]:
    """By the name of the fabric. Hosts share a value by way of their groups, so that it is the same object for all of them: each is
    templated once."""
    by_identity: dict[int, _Part] = {}
    homeless = []
    for host in hosts:
        raw = variables.raw(host, keys.FABRIC.name)
        if raw is None:
            homeless.append(host)
        elif id(raw) in by_identity:
            by_identity[id(raw)].hosts.append(host)
        else:
            by_identity[id(raw)] = _Part(variables.value(host, keys.FABRIC.name), [host])
    parts: dict[str, _Part] = {}
    for part in by_identity.values():
        name = str(part.value.get("name", "unnamed")) if isinstance(part.value, Mapping) else "unnamed"
        first = parts.setdefault(name, _Part(part.value, []))
        if first.value != part.value:
            sentence = f"is another value than that of {first.hosts[0]}, and both have the name {name}"
            mistakes.add(Place(part.hosts[0], keys.FABRIC.name), sentence, "several-fabrics")
        first.hosts.extend(part.hosts)
    _house(homeless, parts, vteps, mistakes)
    return parts


def _house(homeless: Sequence[str], parts: Mapping[str, _Part], vteps: Mapping[str, object], mistakes: Mistakes) -> None:
    """Hosts that do not say their fabric belong to the only one."""
    if not parts:
        mistakes.add(Place(homeless[0], keys.FABRIC.name), "is not defined; it belongs into group_vars/all.yml", "several-fabrics")
    elif len(parts) == 1:
        next(iter(parts.values())).hosts.extend(homeless)
    else:
        for host in homeless:
            if vteps[host] is not None:
                mistakes.add(Place(host, keys.FABRIC.name), f"is not defined, and there are several: {', '.join(parts)}", "several-fabrics")


class _Variables:
    """The variables of hosts, read once. Values are templated only where there is something to be templated, which takes as long as reading."""

    def __init__(self, hostvars: HostVars) -> None:
        self._hostvars = hostvars
        self._raw: dict[str, Mapping[str, Any]] = {}

    def raw(self, host: str, name: str) -> object:
        """As it is written: the same object for hosts that have it of the same group (ansible.vars.hostvars.HostVars)."""
        if host not in self._raw:
            raw_get = getattr(self._hostvars, "raw_get", None)
            self._raw[host] = self._hostvars[host] if raw_get is None else raw_get(host)
        return self._raw[host].get(name)

    def value(self, host: str, name: str) -> object:
        raw = self.raw(host, name)
        return raw if _is_plain(raw) else self._hostvars[host].get(name)


def _is_plain(value: object) -> bool:
    """Whether it is what it will be: nothing of it is a template, nor anything else than YAML's own kinds, such as a secret."""
    if isinstance(value, str):
        return "{{" not in value and "{%" not in value and "{#" not in value
    if isinstance(value, Mapping):
        return all(_is_plain(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (int, float))


def _vtep(variables: _Variables, host: str) -> object:
    """vxlan_vtep of a host, with addresses in place of names of interfaces."""
    value = variables.value(host, keys.VTEP.name)
    if not isinstance(value, Mapping):
        return value
    given = value.get("address")
    words = list(given) if isinstance(given, Sequence) and is_list(given) else [given]
    if all(canonical_address(str(word)) is not None for word in words):
        return value
    facts = variables.value(host, "ansible_facts")
    found = [address for word in words for address in addresses_of(word, facts if isinstance(facts, Mapping) else {})]
    return {**value, "address": found if len(found) != 1 else found[0]}


def hosts_without_addresses(hostvars: HostVars, groups: Groups) -> list[str]:
    """Hosts that name an interface as a VTEP address and have no facts yet. Only what is written is looked at, without templates."""
    variables = _Variables(hostvars)
    named = [host for host in sorted(hosts_of_groups(groups), key=natural_key) if _names_an_interface(variables.raw(host, keys.VTEP.name))]
    return [host for host in named if not variables.value(host, "ansible_facts")]


def _names_an_interface(raw: object) -> bool:
    given = raw.get("address") if isinstance(raw, Mapping) else None
    words = given if isinstance(given, Sequence) and is_list(given) else [given]
    texts = [str(word) for word in words if word is not None]
    return any(canonical_address(text) is None and is_interface_name(text) for text in texts)


def is_interface_name(text: str) -> bool:
    """A word that the kernel would take as a name, and that is no number, prefix or template."""
    return bool(_NAME.match(text))


def addresses_of(word: object, facts: Mapping[str, Any]) -> list[object]:
    """A word of vxlan_vtep.address: the first IPv4 and the first global IPv6 address of the interface of this name, as facts have it.
    What is no name of an interface stays as it is."""
    name = str(word)
    interface = facts.get(name.replace("-", "_").replace(".", "_").replace(":", "_"))
    if canonical_address(name) is not None or not isinstance(interface, Mapping):
        return [word]
    four = [entry["address"] for entry in [interface.get("ipv4") or {}] if "address" in entry]
    more = interface.get("ipv4_secondaries") or []
    six = [entry["address"] for entry in interface.get("ipv6") or [] if not is_link_local(entry["address"])]
    usable = [address for address in [*four, *(entry["address"] for entry in more)] if not ipaddress.ip_address(address).is_loopback]
    return [*usable[:1], *[address for address in six if not ipaddress.ip_address(address).is_loopback][:1]] or [word]
