# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The order of the stages: parse -> read -> find the backend -> render -> compare -> write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.vxlan.fabric.plugins.module_utils import _arguments as arguments
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ArgumentError, ConflictError, FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import HostState, Scope
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.reader import read_host
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink.transport import NetlinkSocket
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import files, ifupdown, owner, service, settings
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.backends import BACKENDS, PATTERNS, SYSCTL_FOLDER
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.boot import Boot, boot_of
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.carry import Loss
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.saved import Saved, Settings
from ansible_collections.vxlan.fabric.plugins.module_utils._persist.text import File, text_file
from ansible_collections.vxlan.fabric.plugins.module_utils._vtep import STATE, joined, parse_vtep

Parameters = Mapping[str, Any]
_SYSTEM_PYTHON = "/usr/bin/python3"


class Rendering(NamedTuple):
    """backend: by whose files. owner: who has configured the underlay. losses: what these files cannot carry. beside: the service carries it."""

    backend: str
    owner: str
    files: list[File]
    losses: list[Loss]
    beside: bool
    warnings: list[str]


def persist_spec() -> arguments.Spec:
    """Arguments of the persist module."""
    return {
        **STATE,
        "host_state": {"type": "json"},
        "recreate": {"type": "str", "choices": ["when_needed", "never", "always"], "default": "when_needed"},
        "backend": {"type": "str", "choices": ["auto", *BACKENDS, "none"], "default": "auto"},
        "missing": {"type": "str", "choices": ["service", "fail", "warn"], "default": "service"},
        "wait": {"type": "int", "default": 120},
        "sysctls": {"type": "dict"},
        "tx_checksum": {"type": "bool"},
        "root": {"type": "path"},
        **arguments.COMMON,
    }


def persist(parameters: Parameters, check: bool) -> dict[str, Any]:
    """The result of the module, but for errors."""
    fabric, root = _fabric_of(parameters), parameters["root"] or "/"
    _check_place(parameters["root"])
    if parameters["backend"] == "none":
        return _result(Rendering("none", "", [], [], False, []), fabric, root, [], check)
    wanted = parse_vtep({**parameters, "purge": "none"})
    told = settings.parse(parameters["sysctls"] or {}, parameters["tx_checksum"])
    rendering = _render(parameters, owner.Host(root, fabric), wanted, told)
    names = settings.vxlan_names(wanted)
    # The files of another root are for another host, or for this one as it will be.
    changes = settings.changes(told, names, check) if root == "/" else []
    return _result(rendering, fabric, root, changes, check)


def _fabric_of(parameters: Parameters) -> str:
    return files.check_fabric(str(joined(parameters).get("fabric") or ""))


def _check_place(root: str | None) -> None:
    """A namespace of a machine has no /etc of its own: what is written there would set up the machine itself."""
    if root is not None:
        return
    try:
        own = os.stat("/proc/self/ns/net").st_ino == os.stat("/proc/1/ns/net").st_ino
    except OSError:
        own = False
    if not own:
        raise ArgumentError(
            "this is a network namespace inside a machine, which shares its files: what is written for it would set up the machine. "
            "Give 'root', a folder for the files of this host ('/' if the files are its own nevertheless)"
        )


def _render(parameters: Parameters, host: owner.Host, wanted: Wanted, told: Settings) -> Rendering:
    state = read_state()
    boot = boot_of(state, wanted)
    carrier = "" if parameters["backend"] == "service" and host.root != "/" else _owner(host, state, boot)
    backend = parameters["backend"] if parameters["backend"] != "auto" else carrier or service.NAME
    _refuse_claims(host, boot, backend)
    if backend in ("ifupdown", "ifupdown2") and not owner.reads_interfaces_folder(host):
        raise ConflictError(f"backend: /etc/network/interfaces of this host has no 'source {ifupdown.FOLDER}/*', so that files there are not read. Add it")
    ports = [port for listed in boot.ports.values() for port in listed]
    saved = Saved(host.fabric, joined(parameters), parameters["recreate"], settings=told)
    render = BACKENDS[backend].render
    found: list[File] = []
    losses: list[Loss] = []
    beside = backend == service.NAME
    if render is not None:
        found, losses = render(boot, host.fabric, owner.around(host, state.links.values()))
        losses += _offload_loss(told, backend)
        beside = bool(losses) and parameters["missing"] == "service"
        made = boot.names - {loss.name for loss in losses if loss.fatal}
        saved = saved._replace(comes_first=tuple(link.name for link in boot.links if link.name in made))
    if losses and parameters["missing"] == "fail":
        text = f"{backend} cannot carry all of it: {_listed(losses)}. 'missing: service' has the service carry the rest"
        raise FabricError(text, cannot_carry=_shown(losses))
    if beside:
        _check_systemd(host)
        found += service.render(saved, (port.name for port in ports), _python(host), parameters["wait"])
    if told.sysctls:
        lines = "".join(f"{name} = {value}\n" for name, value in told.sysctls.items())
        found.append(text_file(f"{SYSCTL_FOLDER}/60-vxlan-fabric-{host.fabric}.conf", host.fabric, lines))
    return Rendering(backend, carrier, found, losses, beside, _warnings(backend, carrier, losses if not beside else []))


def _warnings(backend: str, carrier: str, lost: list[Loss]) -> list[str]:
    found = [f"{backend} cannot carry {_listed(lost)}: that is gone after a reboot"] if lost else []
    if carrier and backend not in (carrier, service.NAME):
        found.append(f"the underlay of this host is configured by {carrier}. Files of {backend} have an effect only if it runs at boot too")
    return found


def read_state() -> HostState:
    with NetlinkSocket() as netlink:
        return read_host(netlink, Scope(addresses=True, neighbours=True, bridges=True))


def _owner(host: owner.Host, state: HostState, boot: Boot) -> str:
    """The one backend that owns all of the underlay; empty when there is none, or several."""
    owners = {owner.owner_of(host, device) for device in owner.underlays(state.links, boot.links)}
    return owners.pop() if len(owners) == 1 else ""


def _refuse_claims(host: owner.Host, boot: Boot, backend: str) -> None:
    """What another configuration claims would be fought over at every boot, and at every reload (F28)."""
    found = [claim for claim in owner.claims(host, boot.links) if claim.first or claim.backend != backend]
    if not found:
        return
    named = "; ".join(f"{claim.name} by {claim.path} of {claim.backend}" for claim in found[:10])
    advice = "Narrow or remove what is there"
    if all(claim.backend == "networkd" for claim in found):
        advice = "Narrow its [Match]"
        if backend != "networkd" and not any(claim.first for claim in found):
            advice += ", or choose 'backend: networkd', whose files come first"
    raise ConflictError(f"interfaces of the fabric are configured elsewhere too: {named}. {advice}", claims=[claim._asdict() for claim in found])


def _offload_loss(told: Settings, backend: str) -> list[Loss]:
    return [] if told.tx_checksum is None else [Loss("all VXLAN interfaces", "tx_checksum", f"{backend} is not asked to: the service sets it")]


def _check_systemd(host: owner.Host) -> None:
    if host.root == "/" and not host.has("/run/systemd/system"):
        raise FabricError("backend: the service is a unit of systemd, which does not run on this host")


def _python(host: owner.Host) -> str:
    """That of the system, which is there at boot, unless it is too old for the engine."""
    if host.root == "/" and sys.executable != _SYSTEM_PYTHON:
        asked = subprocess.run([_SYSTEM_PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 9))"], check=False) if host.has(_SYSTEM_PYTHON) else None
        if asked is None or asked.returncode:
            return sys.executable
    return _SYSTEM_PYTHON


def _listed(losses: Iterable[Loss]) -> str:
    found = [f"{loss.option} of {loss.name}" for loss in losses]
    return ", ".join(found[:10]) + (f" and {len(found) - 10} more" if len(found) > 10 else "")


def _shown(losses: Iterable[Loss]) -> list[dict[str, Any]]:
    return [{"name": loss.name, "option": loss.option, "reason": loss.reason, "left_out": loss.fatal} for loss in losses]


def _result(rendering: Rendering, fabric: str, root: str, changes: list[settings.Change], check: bool) -> dict[str, Any]:
    """Compare and, unless this is a check, write."""
    plan = files.plan(root, fabric, rendering.files, PATTERNS)
    commands = settings.commands(changes)
    reload = root == "/" and os.path.isdir("/run/systemd/system") and any(change.path.startswith(service.UNITS) for change in plan)
    if not check:
        settings.apply(changes)
        files.carry_out(root, plan)
        if reload:
            subprocess.run(["systemctl", "daemon-reload"], check=True)
    return {
        "changed": bool(plan or changes),
        "backend": rendering.backend,
        "owner": rendering.owner,
        "service": rendering.beside,
        "cannot_carry": _shown(rendering.losses),
        "files": [file.path for file in rendering.files],
        "written": [change.path for change in plan if change.after is not None],
        "removed": [change.path for change in plan if change.after is None],
        "commands": commands + (["systemctl daemon-reload"] if reload else []),
        "warnings": rendering.warnings,
        "diff": [_file_diff(change) for change in plan] + [_setting_diff(change) for change in changes],
    }


def _file_diff(change: files.Change) -> dict[str, str]:
    header = {"before_header": change.path, "after_header": change.path}
    return {**header, "before": files.show(change.before), "after": files.show(change.after)}


def _setting_diff(change: settings.Change) -> dict[str, str]:
    header = f"{change.kind} {change.name}"
    return {"before_header": header, "after_header": header, "before": f"{change.before}\n" if change.before else "", "after": f"{change.after}\n"}
