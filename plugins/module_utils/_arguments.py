# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Argument specs of the modules, built from the attribute tables, and the way from parameters to what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import argument_spec, parse_values
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import VXLAN
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ArgumentListError
from ansible_collections.vxlan.fabric.plugins.module_utils._model import values
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link, Neighbour
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import MTU_AUTO, WantedLink, WantedRows, WantedVlans, WantedVnis

Spec = dict[str, dict[str, Any]]

_Parsed = TypeVar("_Parsed")
_Sortable = TypeVar("_Sortable", str, Neighbour)

MTU_LOW, MTU_HIGH = 68, 65535
VRF_MTU = 65575  # of a new VRF: IP6_MAX_MTU (vrf_setup, drivers/net/vrf.c)
QUEUE_HIGH = 0x7FFFFFFF

# What every module has.
COMMON: Spec = {"netns": {"type": "str"}}
CHANGING: Spec = {
    "lock_timeout": {"type": "float", "default": 30.0},
    "report_rows": {"type": "int", "default": 1000},
    "timeout": {"type": "float", "default": 0.0},
}

NEIGHBOUR: Spec = {
    "address": {"type": "str", "required": True, "aliases": ["dst"]},
    "mac": {"type": "str", "required": True, "aliases": ["lladdr"]},
    "state": {"type": "str", "choices": ["permanent", "noarp", "reachable", "stale"], "default": "permanent", "aliases": ["nud"]},
    "router": {"type": "bool", "default": False},
    "extern_learn": {"type": "bool", "default": False},
}

# Fields of any link.
LINK: Spec = {
    "name": {"type": "str", "required": True, "aliases": ["ifname", "interface"]},
    "state": {"type": "str", "choices": ["present", "up", "down", "absent"], "default": "present"},
    "mtu": {"type": "str"},
    "mac": {"type": "str", "aliases": ["address", "lladdr"]},
    "alias": {"type": "str", "aliases": ["ifalias"]},
    "addresses": {"type": "list", "elements": "str"},
    "neighbours": {"type": "list", "elements": "dict", "options": NEIGHBOUR, "aliases": ["neighbors"]},
    "addrgenmode": {"type": "str", "choices": ["eui64", "none", "stable_secret", "random"]},
    "txqueuelen": {"type": "int", "aliases": ["txqlen", "qlen"]},
    "master": {"type": "str"},
}


# VLANs of a bridge itself, of its ports, and the VNIs that a port maps them to.
VLAN: Spec = {
    "vlan": {"type": "str", "required": True, "aliases": ["vid"]},
    "pvid": {"type": "bool", "default": False},
    "untagged": {"type": "bool", "default": False},
}
PORT_VLAN: Spec = {
    **VLAN,
    "state": {"type": "str", "choices": ["disabled", "listening", "learning", "forwarding", "blocking"]},
    "neigh_suppress": {"type": "bool"},
}
VNI: Spec = {"vni": {"type": "str", "required": True}, "remote": {"type": "str"}, "group": {"type": "str"}}
TUNNEL: Spec = {"vlan": {"type": "str", "required": True, "aliases": ["vid"]}, "vni": {"type": "str", "required": True, "aliases": ["id"]}}
RECREATE: Spec = {"recreate": {"type": "str", "choices": ["when_needed", "never", "always"], "default": "when_needed"}}
# A VRF is no member of anything, and has neither neighbours nor link-local addresses (vrf_setup, drivers/net/vrf.c).
_NOT_OF_VRFS = ("master", "neighbours", "addrgenmode")


def interface_spec() -> Spec:
    """Arguments of the interface module."""
    return {
        **LINK,
        **argument_spec(VXLAN),
        **RECREATE,
        "missing_local": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        **CHANGING,
        **COMMON,
    }


def port_spec() -> Spec:
    """Options of a port of a bridge."""
    return {
        "name": {"type": "str", "required": True, "aliases": ["ifname", "interface"]},
        **argument_spec(table_of("bridge_slave")),
        "vlans": {"type": "list", "elements": "dict", "options": PORT_VLAN},
        "tunnels": {"type": "list", "elements": "dict", "options": TUNNEL},
    }


def bridge_spec() -> Spec:
    """Arguments of the bridge module."""
    return {
        **LINK,
        **argument_spec(table_of("bridge")),
        "ports": {"type": "list", "elements": "dict", "options": port_spec()},
        "purge": {"type": "str", "choices": ["none", "managed", "all"], "default": "none"},
        "vlans": {"type": "list", "elements": "dict", "options": VLAN},
        "vlan_lists": {"type": "str", "choices": ["exact", "extend"], "default": "exact"},
        **CHANGING,
        **COMMON,
    }


def vlan_interface_spec() -> Spec:
    """Arguments of the vlan_interface module."""
    return {**LINK, **argument_spec(table_of("vlan")), **RECREATE, **CHANGING, **COMMON}


def vrf_spec() -> Spec:
    """Arguments of the vrf module."""
    fields = {key: value for key, value in LINK.items() if key not in _NOT_OF_VRFS}
    return {**fields, **argument_spec(table_of("vrf")), **RECREATE, **CHANGING, **COMMON}


def vni_spec() -> Spec:
    """Arguments of the vni module."""
    return {
        "interface": {"type": "str", "required": True, "aliases": ["dev", "device", "name"]},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "vnis": {"type": "list", "elements": "dict", "options": VNI},
        "vni_lists": {"type": "str", "choices": ["exact", "extend"], "default": "exact"},
        "tunnels": {"type": "list", "elements": "dict", "options": TUNNEL},
        "vlan_lists": {"type": "str", "choices": ["exact", "extend"], "default": "exact"},
        "statistics": {"type": "bool", "default": False},
        **CHANGING,
        **COMMON,
    }


def parse_vni(given: Mapping[str, Any]) -> tuple[tuple[WantedVnis, ...], tuple[WantedVlans, ...]]:
    """The VNI filter of an interface and the VLANs that it maps to VNIs as a port, as far as they are given; every mistake at once."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import parse_tunnels, parse_vnis

    mistakes: list[str] = []
    name = _checked(mistakes, values.parse_name, given["interface"], "interface") or ""
    present = given["state"] == "present"
    vnis, tunnels = given.get("vnis"), given.get("tunnels")
    if vnis is None and tunnels is None and not given["statistics"]:
        mistakes.append("vnis: one of vnis and tunnels is needed, if it is not for the statistics; an empty list says that there are none")
    filters = () if vnis is None else (WantedVnis(name, parse_vnis(vnis, "vnis", mistakes), given["vni_lists"] == "exact", present),)
    lists: tuple[WantedVlans, ...] = ()
    if tunnels is not None:
        exact = given["vlan_lists"] == "exact"
        lists = (WantedVlans(name, tunnels=parse_tunnels(tunnels, "tunnels", mistakes), exact=exact, present=present),)
    if mistakes:
        raise ArgumentListError(mistakes)
    return filters, lists


def parse_interface(given: Mapping[str, Any]) -> WantedLink:
    """A VXLAN interface from its options; every mistake at once."""
    mistakes: list[str] = []
    attributes_given = dict(given)
    local_from = None
    local = given.get("local")
    if local is not None and values.canonical_address(str(local)) is None and local not in ("none", ""):
        local_from = attributes_given.pop("local")
    if given.get("remote") is not None and given.get("group") is not None:
        mistakes.append("remote and group are mutually exclusive: one destination, unicast or multicast")
    attributes, wrong = parse_values(VXLAN, attributes_given)
    link = _parse_link(given, "vxlan", mistakes)
    mistakes += wrong
    if local_from is not None:
        _checked(mistakes, values.parse_name, str(local_from), "local")
    if mistakes:
        raise ArgumentListError(mistakes)
    return WantedLink(
        replace(link, attributes=attributes),
        present=given["state"] != "absent",
        recreate=given["recreate"],
        local_from=local_from,
        missing_local=given["missing_local"],
    )


def parse_bridge(given: Mapping[str, Any]) -> WantedLink:
    """A bridge and its ports from their options; every mistake at once."""
    mistakes: list[str] = []
    attributes, wrong = parse_values(table_of("bridge"), given)
    mistakes += wrong
    link = _parse_link(given, "bridge", mistakes)
    ports = []
    names: set[str] = set()
    for position, port in enumerate(given.get("ports") or ()):
        path = f"ports[{position}]."
        flags, wrong = parse_values(table_of("bridge_slave"), port, path)
        mistakes += wrong
        name = _checked(mistakes, values.parse_name, port["name"], path + "name") or ""
        if name in names:
            mistakes.append(f"{path}name: {name} is listed twice")
        names.add(name)
        ports.append(Link(name, port=flags))
    vlans = _parse_vlan_lists(given, link.name, mistakes)
    if mistakes:
        raise ArgumentListError(mistakes)
    return WantedLink(
        replace(link, attributes=attributes),
        present=given["state"] != "absent",
        ports=tuple(ports),
        purge=given["purge"] if given.get("ports") is not None else "none",
        vlans=vlans,
    )


def _parse_vlan_lists(given: Mapping[str, Any], name: str, mistakes: list[str]) -> tuple[WantedVlans, ...]:
    """The VLANs of a bridge and of its ports, as far as any are given."""
    own = given.get("vlans")
    ports = [(position, port) for position, port in enumerate(given.get("ports") or ()) if port.get("vlans") is not None or port.get("tunnels") is not None]
    if own is None and not ports:
        return ()
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.vlans import parse_tunnels, parse_vlans

    exact = given["vlan_lists"] == "exact"
    found = [] if own is None else [WantedVlans(name, parse_vlans(own, "vlans", mistakes), exact=exact)]
    for position, port in ports:
        path = f"ports[{position}]"
        vlans = None if port.get("vlans") is None else parse_vlans(port["vlans"], f"{path}.vlans", mistakes)
        tunnels = None if port.get("tunnels") is None else parse_tunnels(port["tunnels"], f"{path}.tunnels", mistakes)
        if tunnels and port.get("vlan_tunnel") is False:
            mistakes.append(f"{path}.tunnels: a port maps VLANs to VNIs with 'vlan_tunnel: true' only, it is false")
        found.append(WantedVlans(port["name"], vlans, tunnels, exact))
    return tuple(found)


def parse_vlan_interface(given: Mapping[str, Any]) -> WantedLink:
    """An 802.1Q interface from its options; every mistake at once."""
    return _parse_plain(given, "vlan")


def parse_vrf(given: Mapping[str, Any]) -> WantedLink:
    """A VRF from its options; every mistake at once."""
    return _parse_plain(given, "vrf")


def _parse_plain(given: Mapping[str, Any], kind: str) -> WantedLink:
    mistakes: list[str] = []
    attributes, wrong = parse_values(table_of(kind), given)
    link = _parse_link(given, kind, mistakes)
    mistakes += wrong
    if mistakes:
        raise ArgumentListError(mistakes)
    return WantedLink(replace(link, attributes=attributes), present=given["state"] != "absent", recreate=given["recreate"])


def _checked(mistakes: list[str], parse: Callable[..., _Parsed], *arguments: object) -> _Parsed | None:
    try:
        return parse(*arguments)
    except ArgumentError as error:
        mistakes.append(error.message)
        return None


def _parse_link(given: Mapping[str, Any], kind: str, mistakes: list[str]) -> Link:
    """Fields of any link. Mistakes are collected, what is wrong is left out."""

    def optional(option: str, parse: Callable[[str, str], _Parsed]) -> _Parsed | None:
        value = given.get(option)
        return None if value is None else _checked(mistakes, parse, str(value), option)

    master = given.get("master")
    return Link(
        name=_checked(mistakes, values.parse_name, given["name"], "name") or "",
        kind=kind,
        mac=optional("mac", values.parse_interface_mac),
        mtu=optional("mtu", _parse_vrf_mtu if kind == "vrf" else _parse_mtu),
        alias=optional("alias", values.parse_alias),
        master="" if master in ("", "none") else optional("master", values.parse_name),
        up={"up": True, "down": False}.get(given["state"]),
        txqueuelen=optional("txqueuelen", _parse_queue_length),
        addrgenmode=given.get("addrgenmode"),
        addresses=_each(mistakes, given.get("addresses"), "addresses", values.parse_prefix),
        neighbours=_each(mistakes, given.get("neighbours"), "neighbours", parse_neighbour),
    )


def _each(mistakes: list[str], given: list[Any] | None, option: str, parse: Callable[..., _Sortable]) -> tuple[_Sortable, ...] | None:
    if given is None:
        return None
    found = [_checked(mistakes, parse, item, f"{option}[{position}]") for position, item in enumerate(given)]
    return tuple(sorted({item for item in found if item is not None}))


def parse_neighbour(given: Mapping[str, Any], path: str) -> Neighbour:
    if given["state"] in ("reachable", "stale") and not given["extern_learn"]:
        raise ArgumentError(f"{path}.state: an entry that is {given['state']} ages and goes by itself; such a state needs 'extern_learn: true'")
    return Neighbour(
        values.parse_address(given["address"], f"{path}.address"),
        values.parse_mac(given["mac"], f"{path}.mac"),
        given["state"],
        given["router"],
        given["extern_learn"],
    )


def _parse_mtu(text: str, path: str, high: int = MTU_HIGH) -> int:
    if text == "auto":
        return MTU_AUTO
    if not text.isdigit() or not MTU_LOW <= int(text) <= high:
        raise ArgumentError(f"{path}: {text!r} is neither 'auto' nor a number of bytes within {MTU_LOW}..{high}")
    return int(text)


def _parse_vrf_mtu(text: str, path: str) -> int:
    return _parse_mtu(text, path, VRF_MTU)


def _parse_queue_length(text: str, path: str) -> int:
    if not 0 <= int(text) <= QUEUE_HIGH:
        raise ArgumentError(f"{path}: {text} is not within 0..{QUEUE_HIGH}")
    return int(text)


ROW: Spec = {
    "mac": {"type": "str", "required": True, "aliases": ["lladdr"]},
    "dst": {"type": "list", "elements": "str", "aliases": ["destination", "remote"]},
    "port": {"type": "int"},
    "vni": {"type": "int"},
    "src_vni": {"type": "int"},
    "via": {"type": "str"},
    "nexthop_group": {"type": "int", "aliases": ["nhid"]},
    "vlan": {"type": "int"},
    "state": {"type": "str", "choices": ["permanent", "static", "dynamic"], "default": "permanent"},
    "table": {"type": "str", "choices": ["self", "master"], "default": "self"},
    "router": {"type": "bool", "default": False},
    "sticky": {"type": "bool", "default": False},
    "extern_learn": {"type": "bool", "default": False},
    "owner": {"type": "str"},
}


def fdb_spec() -> Spec:
    """Arguments of the fdb module."""
    return {
        "interface": {"type": "str", "required": True, "aliases": ["dev", "device", "name"]},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "rows": {"type": "list", "elements": "dict", "options": ROW},
        "lines": {"type": "str"},
        "purge": {"type": "str", "choices": ["none", "managed", "static", "all"], "default": "none"},
        "flood_lists": {"type": "str", "choices": ["exact", "extend"], "default": "exact"},
        **CHANGING,
        **COMMON,
    }


def parse_fdb(given: Mapping[str, Any]) -> WantedRows:
    """Rows of one interface from the options of the fdb module. Rows that the kernel learned are facts, not wishes: an entry
    whose owner is 'learned', as vtep_info may show it, is not asked for."""
    from ansible_collections.vxlan.fabric.plugins.module_utils._model.rows import parse_row_lines, parse_row_list

    listed = [row for row in given.get("rows") or () if row.get("owner") not in ("learned", "kernel")]
    rows = parse_row_list(listed) + parse_row_lines(given.get("lines") or "")
    return WantedRows(
        values.parse_name(given["interface"], "interface"),
        rows,
        present=given["state"] == "present",
        purge=given["purge"] if given["state"] == "present" else "none",
        flood_lists=given["flood_lists"],
    )
