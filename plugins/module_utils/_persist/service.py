# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The service: a oneshot unit of systemd that replays the saved state with the engine, at boot and when a port of somebody else comes."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.vxlan.fabric.plugins.module_utils._persist import saved
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.bundle import bundle
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import Carries
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, sections, text_file

NAME = "service"
LIBRARY = "/var/lib/vxlan-fabric"
ENGINE = f"{LIBRARY}/engine.pyz"
UNITS = "/etc/systemd/system"
CARRIES = Carries(everything=True)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.")


def unit_name(fabric: str) -> str:
    return f"vxlan-fabric-{fabric}.service"


def state_path(fabric: str) -> str:
    return f"{LIBRARY}/{fabric}.json"


def render(state: saved.Saved, ports: Iterable[str], python: str, wait: int) -> list[File]:
    """ports: interfaces of others, with each of which the unit starts again. wait: seconds for the underlay."""
    unit = unit_name(state.fabric)
    wants = ["multi-user.target.wants", *(f"sys-subsystem-net-devices-{escape(port)}.device.wants" for port in sorted(ports))]
    return [
        File(ENGINE, bundle()),
        File(state_path(state.fabric), saved.dump(state).encode(), 0o600),
        text_file(f"{UNITS}/{unit}", state.fabric, _unit(state.fabric, python, wait)),
        *(File(f"{UNITS}/{folder}/{unit}", link=f"{UNITS}/{unit}") for folder in wants),
    ]


def _unit(fabric: str, python: str, wait: int) -> str:
    """No RemainAfterExit: what starts it a second time, a port that comes, has to run it again. It waits for the underlay itself, so that it
    needs no network-online.target, which is late on some hosts and empty on others."""
    return sections(
        [
            (
                "Unit",
                [
                    ("Description", f"VXLAN fabric {fabric}"),
                    ("After", "network-pre.target systemd-udevd.service systemd-networkd.service NetworkManager.service networking.service"),
                    ("RequiresMountsFor", LIBRARY),
                    ("ConditionPathExists", state_path(fabric)),
                    ("StartLimitIntervalSec", "0"),
                ],
            ),
            (
                "Service",
                [
                    ("Type", "oneshot"),
                    ("ExecStart", f"{python} {ENGINE} --wait {wait} {state_path(fabric)}"),
                    ("TimeoutStartSec", str(wait + 60)),
                ],
            ),
            ("Install", [("WantedBy", "multi-user.target")]),
        ]
    )


def escape(name: str) -> str:
    """A part of a path as systemd writes it into the name of a unit (unit_name_escape, systemd.unit(5))."""
    found = []
    for position, byte in enumerate(name.encode()):
        character = chr(byte)
        plain = character in _PLAIN and not (position == 0 and character == ".")
        found.append(character if plain else "-" if character == "/" else f"\\x{byte:02x}")
    return "".join(found)
