# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Debian's ifupdown, and ifupdown2: a stanza for each interface, whose commands are those of ip(8) and bridge(8), interfaces(5). Pure.

Both run the same lines. ifupdown2 has words of its own for VXLAN interfaces, which say less, and of which some make something else than the kernel's
default.
"""

from __future__ import annotations

import shlex

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Table
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot, commands_of
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import Carries, Loss, Setting, carried, losses_of, plain_text
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.networkd import Around
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, checked, text_file

FOLDER = "/etc/network/interfaces.d"
# Newer words than those of this iproute2, Debian 12's, would fail on many hosts and leave the interface half made.
_IPROUTE2 = (6, 1)


def _words(table: Table) -> dict[str, Setting]:
    return {attribute.option: Setting(attribute.word) for attribute in table if attribute.word and attribute.since <= _IPROUTE2}


def _setting(word: str) -> Setting:
    return Setting(word)


CARRIES = Carries(
    kinds={"vxlan": _words(table_of("vxlan")), "bridge": _words(table_of("bridge")), "port": _words(table_of("bridge_slave"))},
    fields={
        **{word: _setting(word) for word in ("mac", "mtu", "master", "up", "txqueuelen", "addrgenmode", "addresses")},
        "alias": Setting("alias", plain_text, limits="other than printable ASCII, and with quotes or any of `\\#;%$`"),
    },
    row={
        word: _setting(word) for word in ("dst", "port", "vni", "src_vni", "via", "nexthop_group", "vlan", "state", "table", "router", "sticky", "extern_learn")
    },
    neighbour={word: _setting(word) for word in ("state", "router", "extern_learn")},
    ports=True,
    vnis=True,
)


def render_ifupdown(boot: Boot, fabric: str, _around: Around) -> tuple[list[File], list[Loss]]:
    """The file, and what is not in it."""
    return _render("ifupdown", boot, fabric)


def render_ifupdown2(boot: Boot, fabric: str, _around: Around) -> tuple[list[File], list[Loss]]:
    """As the other. ifupdown2 takes away addresses, MTU and alias that its file does not state in words of its own: these it gets as well, and
    the commands run when it is done."""
    return _render("ifupdown2", boot, fabric)


def _render(name: str, boot: Boot, fabric: str) -> tuple[list[File], list[Loss]]:
    losses = losses_of(CARRIES, boot, name)
    kept = carried(CARRIES, boot, losses)
    lines = commands_of(kept)
    # A bridge first: VXLAN interfaces name it as their master, and lines about the ports of others stand with it.
    stanzas = []
    for link in kept.links:
        of_ports = [line for port in kept.ports.get(link.name, ()) for line in lines.get(port.name, ())]
        stanzas.append(_stanza(link, lines.get(link.name, []), of_ports, name == "ifupdown2"))
    return ([text_file(f"{FOLDER}/vxlan-fabric-{fabric}", fabric, "\n".join(stanzas))] if stanzas else []), losses


def _stanza(link: Link, lines: list[str], of_ports: list[str], second: bool) -> str:
    """Lines may run a second time, at a reload. A port of others may not be there yet. second: for ifupdown2."""
    found = [f"auto {link.name}", f"iface {link.name}" if second else f"iface {link.name} inet manual"]
    if second:
        found += [f"    mtu {link.mtu}"] if link.mtu else []
        found += [f"    address {address}" for address in link.addresses or ()]
    device = str(link.attributes.get("device") or "")
    if device and not second:  # its MTU bounds that of what is stacked on it, and this file is often read before the lines about it
        found.append(f"    pre-up ifup {device} || :")
    there = f"ip link show dev {shlex.quote(link.name)} >/dev/null 2>&1"
    for line in lines:
        if line.startswith("ip link add "):
            found.append(f"    pre-up {there} || {line}")
        else:
            found.append(f"    {'post-up' if second else 'up'} {_again(line)}")
    found += [f"    {'post-up' if second else 'up'} {line} || :" for line in of_ports]
    found.append(f"    post-down ip link delete dev {shlex.quote(link.name)} || :")
    return "".join(f"{checked(line)}\n" for line in found)


def _again(line: str) -> str:
    """A line that does no harm and does not fail when its work is done already."""
    if line.startswith("bridge vni add "):
        return f"{line} || :"
    return line.replace("ip address add ", "ip address replace ", 1)
