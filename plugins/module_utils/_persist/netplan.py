# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""netplan: one YAML file for all interfaces, netplan-generate(8) of 0.106 with systemd-networkd behind it. Pure.

It has few words for bridges and none for forwarding rows. JSON is YAML (YAML 1.2, section 1.3), and needs no library to be written.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import (
    Carries,
    Loss,
    Setting,
    attribute_lines,
    carried,
    losses_of,
    only,
    seconds,
    words,
)
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.networkd import Around
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, text_file

NAME = "netplan"
FOLDER = "/etc/netplan"


def _json(value: Any) -> str:  # noqa: ANN401 - a value of an option
    return json.dumps(value)


def _number(value: Any) -> str | None:  # noqa: ANN401 - a number, or a word that there is none for
    return _json(value) if isinstance(value, int) else None


def _range(value: Any) -> str | None:  # noqa: ANN401 - a pair of ports
    return _json(list(value)) if value[0] else None


def _flag(word: str) -> Any:  # noqa: ANN401 - a form: an element of a list, which is there or not
    return lambda value: _json([word] if value else [])


_VXLAN = {
    "vni": Setting("id", _json),
    "remote": Setting("remote", _json),
    "group": Setting("remote", _json),
    "local": Setting("local", _json),
    "device": Setting("link", _json, limits="needs the lower device in a file of netplan, under its own name"),
    "port": Setting("port", _json),
    "source_port": Setting("port-range", _range),
    "tos": Setting("type-of-service", _number, limits="`inherit`"),
    "df": Setting("do-not-fragment", words(unset="false", set="true"), limits="`inherit`"),
    "flow_label": Setting("flow-label", _json),
    "learning": Setting("mac-learning", _json),
    "ageing": Setting("ageing", _json),
    "limit": Setting("limit", _json),
    "proxy": Setting("arp-proxy", _json),
    "rsc": Setting("short-circuit", _json),
    "l2miss": Setting("notifications", _flag("l2-miss")),
    "l3miss": Setting("notifications", _flag("l3-miss")),
    "udp_checksum": Setting("checksums", _flag("udp"), own=False),
    "udp6_zero_checksum_tx": Setting("checksums", _flag("zero-udp6-tx")),
    "udp6_zero_checksum_rx": Setting("checksums", _flag("zero-udp6-rx")),
    "remote_checksum_tx": Setting("checksums", _flag("remote-tx")),
    "remote_checksum_rx": Setting("checksums", _flag("remote-rx")),
    "gbp": Setting("extensions", _flag("group-policy")),
}

_BRIDGE = {
    "stp": Setting("stp", _json, own=True),
    "priority": Setting("priority", _json),
    "forward_delay": Setting("forward-delay", seconds(0, 1 << 30), limits="fractions of seconds"),
    "hello_time": Setting("hello-time", seconds(0, 1 << 30), limits="fractions of seconds"),
    "max_age": Setting("max-age", seconds(0, 1 << 30), limits="fractions of seconds"),
    "ageing": Setting("ageing-time", seconds(0, 1 << 30), limits="fractions of seconds"),
}

_PORT = {"neigh_suppress": Setting("neigh-suppress", _json), "cost": Setting("path-cost", _json), "priority": Setting("port-priority", _json)}

CARRIES = Carries(
    kinds={"vxlan": _VXLAN, "bridge": _BRIDGE, "port": _PORT},
    fields={
        "mac": Setting("macaddress", _json),
        "mtu": Setting("mtu", _json),
        "master": Setting("interfaces", _json),
        "up": Setting("", only(True), limits="other than `up`"),
        "addrgenmode": Setting("link-local", only("none", "eui64"), limits="other than `none` and `eui64`"),
        "addresses": Setting("addresses", lambda value: _json(list(value))),
    },
)


def render(boot: Boot, fabric: str, around: Around) -> tuple[list[File], list[Loss]]:
    """The file, and what is not in it."""
    losses = losses_of(CARRIES, boot, NAME)
    losses += [loss for link in boot.links if (loss := _device_loss(link, around))]
    kept = carried(CARRIES, boot, losses)
    network: dict[str, Any] = {"version": 2, "renderer": "networkd"}
    for link in kept.links:
        kind, content = ("tunnels", _tunnel(link)) if link.kind == "vxlan" else ("bridges", _bridge(link, kept))
        network.setdefault(kind, {})[link.name] = content
    # Only root may read it: netplan warns of others.
    text = json.dumps({"network": network}, indent=2) + "\n"
    return ([text_file(f"{FOLDER}/90-vxlan-fabric-{fabric}.yaml", fabric, text, 0o600)] if kept.links else []), losses


def _device_loss(link: Link, around: Around) -> Loss | None:
    device = link.attributes.get("device")
    if not device or device in around.netplan:
        return None
    return Loss(link.name, "device", f"no file of {NAME} has {device}", fatal=True)


def _common(link: Link) -> dict[str, Any]:
    told = {"macaddress": link.mac, "mtu": link.mtu, "addresses": list(link.addresses or ())}
    local = ["ipv6"] if (link.addrgenmode or "eui64") == "eui64" else []
    return {"link-local": local, "accept-ra": False, **{key: value for key, value in told.items() if value}}


def _options(link: Link, kind: str, settings: str) -> dict[str, Any]:
    """Options by word; those that are elements of a list are put together."""
    found: dict[str, Any] = {}
    for word, text in attribute_lines(CARRIES.kinds[settings], kind, (link.port or {}) if settings == "port" else link.attributes):
        value = json.loads(text)
        found[word] = [*found.get(word, []), *value] if isinstance(value, list) else value
    return {word: value for word, value in found.items() if value != []}


def _tunnel(link: Link) -> dict[str, Any]:
    flags = {word: value for word, value in _options(link, "bridge_slave", "port").items() if word == "neigh-suppress"}
    return {"mode": "vxlan", **_options(link, "vxlan", "vxlan"), **flags, **_common(link)}


def _bridge(link: Link, boot: Boot) -> dict[str, Any]:
    """With the flags of its ports that netplan has there."""
    parameters = _options(link, "bridge", "bridge")
    ports = [port for port in boot.links if port.master == link.name]
    for word in ("path-cost", "port-priority"):
        told = {port.name: options[word] for port in ports if word in (options := _options(port, "bridge_slave", "port"))}
        if told:
            parameters[word] = told
    return {"interfaces": [port.name for port in ports], "parameters": parameters, **_common(link)}
