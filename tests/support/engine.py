# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the modules: as a real process, or through the same door in a forked child, which costs a twentieth."""

from __future__ import annotations

import importlib
import json
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.vxlan.fabric.plugins.module_utils import _arguments, _door, _info, _objects, _vtep
from ansible_collections.vxlan.fabric.plugins.module_utils._netlink import pyroute, transport, writer

from .namespaces import Namespace

importlib.import_module("pyroute2")  # once here, not in every child

Result = dict[str, Any]
Patch = Callable[[], None]

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"

# The same tests judge both lanes: with VXLAN_FABRIC_LANE=packed every plan is one for the packed lane (make packed).
if os.environ.get("VXLAN_FABRIC_LANE") == "packed":
    writer.PACK_FROM = 1

# What must not depend on whether a run is a check.
PREDICTED = ("changed", "operations", "commands", "diff", "before", "after", "recreated")

_SPECS = {
    "interface": _arguments.interface_spec,
    "bridge": _arguments.bridge_spec,
    "fdb": _arguments.fdb_spec,
    "vlan_interface": _arguments.vlan_interface_spec,
    "vrf": _arguments.vrf_spec,
    "vni": _arguments.vni_spec,
    "vtep": _vtep.vtep_spec,
    "vtep_info": _info.info_spec,
    "vtep_facts": _info.facts_spec,
}
_GATHER = {"vtep_info": _info.gather, "vtep_facts": _info.gather_facts}
_SIDES = {
    "interface": _objects.interface_sides,
    "bridge": _objects.bridge_sides,
    "fdb": _objects.rows_sides,
    "vni": _objects.vni_sides,
    "vlan_interface": _objects.vlan_interface_sides,
    "vrf": _objects.vrf_sides,
    "vtep": _vtep.vtep_sides,
}
_BESIDE = {"vni": _objects.vni_statistics}


class _Ended(BaseException):
    """exit_json or fail_json was called."""


class FakeModule:
    """As much of AnsibleModule as the door needs; parameters are validated by Ansible's own validator."""

    def __init__(self, name: str, arguments: Mapping[str, Any], check: bool) -> None:
        self.check_mode = check
        self.result: Result = {}
        self.warnings: list[str] = []
        exclusive = [["remote", "group"]] if name == "interface" else None
        validated = ArgumentSpecValidator(_SPECS[name](), mutually_exclusive=exclusive).validate(arguments)
        self.params: dict[str, Any] = validated.validated_parameters
        if validated.error_messages:
            self.fail_json(msg="; ".join(validated.error_messages))

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> NoReturn:
        self.result = {**result, "failed": False, "warnings": self.warnings}
        raise _Ended

    def fail_json(self, **result: Any) -> NoReturn:
        self.result = {**result, "failed": True, "warnings": self.warnings}
        raise _Ended


class Writes:
    """Counts messages that may change the kernel: what the packed lane sends, and every call of pyroute2."""

    def __init__(self) -> None:
        self.count = 0
        send_all = transport.NetlinkSocket.send_all
        call = pyroute.call

        def counted_send(netlink: transport.NetlinkSocket, requests: Any, doing: str) -> Any:
            self.count += len(requests)
            return send_all(netlink, requests, doing)

        def counted_call(*arguments: Any, **keywords: Any) -> Any:
            self.count += 1
            return call(*arguments, **keywords)

        setattr(transport.NetlinkSocket, "send_all", counted_send)  # noqa: B010 - a method, as far as mypy knows
        pyroute.call = counted_call


def through_the_door(name: str, arguments: Mapping[str, Any], check: bool) -> Result:
    module: Any = None
    try:
        module = FakeModule.__new__(FakeModule)
        module.__init__(name, arguments, check)
        if name in _GATHER:
            _door.run_info(module, _GATHER[name])
        else:
            parse = importlib.import_module(f"ansible_collections.vxlan.fabric.plugins.modules.{name}").parse
            _door.run_module(module, parse, _SIDES[name], _BESIDE.get(name))
    except _Ended:
        pass
    return json_form(module.result)


def json_form(result: Result) -> Result:
    """What is left of a result after JSON, as a playbook gets it."""
    found: Result = json.loads(json.dumps(result))
    return found


def start_child(work: Callable[[], Any]) -> tuple[int, int]:
    """Begin something in a forked child; what it changes in this process is gone with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = pickle.dumps((True, work()))
        except BaseException:
            answer = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writer)
    return child, reader


def finish_child(started: tuple[int, int]) -> Any:
    """The (picklable) value of what a child does."""
    child, reader = started
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    good, value = pickle.loads(text)  # noqa: S301 - from our own child
    if not good:
        raise AssertionError(value)
    return value


def in_child(work: Callable[[], Any]) -> Any:
    """Do something in a forked child and return its value."""
    return finish_child(start_child(work))


def run(ns: Namespace, name: str, arguments: Mapping[str, Any], check: bool = False, patch: Patch | None = None) -> Result:
    """Run a module in a forked child. The result has `writes` too, the number of messages that may change the kernel.

    patch: called in the child beforehand, for simulated faults.
    """

    result: Result = finish_child(start(ns, name, arguments, check, patch))
    return result


def start(ns: Namespace, name: str, arguments: Mapping[str, Any], check: bool = False, patch: Patch | None = None) -> tuple[int, int]:
    """Begin what run does; finish_child gives the result."""

    def work() -> Result:
        writes = Writes()
        if patch is not None:
            patch()
        return {**through_the_door(name, {**arguments, "netns": ns.name}, check), "writes": writes.count}

    return start_child(work)


def run_process(
    ns: Namespace | None,
    name: str,
    arguments: Mapping[str, Any],
    folder: Path,
    check: bool = False,
    prefix: tuple[str, ...] = (),
    python: str = sys.executable,
    path: tuple[Path, ...] = (),
) -> Result:
    """Run a module as Ansible does: a process of its own. folder: for its arguments. prefix: words before the interpreter.

    path: folders for PYTHONPATH, before the collection.
    """
    given = {**arguments, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": str(folder)}
    if ns is not None:
        given["netns"] = ns.name
    file = folder / f"{name}-{os.getpid()}-{len(list(folder.iterdir()))}.json"
    file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
    words = [*prefix, python, "-m", f"ansible_collections.vxlan.fabric.plugins.modules.{name}", str(file)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(p) for p in (*path, COLLECTIONS))}
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    try:
        found: Result = json.loads(ran.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise AssertionError(f"{words}: {ran.stdout}{ran.stderr}") from None
    found.setdefault("failed", False)
    return found


def good(result: Result) -> Result:
    assert not result["failed"], result["msg"]
    return result


def bad(result: Result) -> str:
    """The message of a run that must have failed."""
    assert result["failed"], result
    return str(result["msg"])


def judged(ns: Namespace, name: str, arguments: Mapping[str, Any], changed: bool = True) -> Result:
    """Run as a check, for real, and again. The check changes nothing and says exactly what the run does; the second run does nothing
    and writes nothing. Returns the real run's result."""
    before = ns.state()
    predicted = good(run(ns, name, arguments, check=True))
    assert predicted["writes"] == 0
    assert ns.state() == before, "a check changed the kernel"
    real = good(run(ns, name, arguments))
    assert real["changed"] is changed, real
    assert {key: predicted[key] for key in PREDICTED} == {key: real[key] for key in PREDICTED}
    unchanged(ns, name, arguments)
    return real


def unchanged(ns: Namespace, name: str, arguments: Mapping[str, Any]) -> Result:
    """A run that must find nothing to do, and writes nothing."""
    again = good(run(ns, name, arguments))
    assert again["operations"] == [], again["operations"]
    assert again["changed"] is False
    assert again["commands"] == []
    assert again["diff"] == {"before": {}, "after": {}}
    assert again["before"] == again["after"]
    assert again["writes"] == 0
    return again


def refused(ns: Namespace, name: str, arguments: Mapping[str, Any], *words: str, check: bool | None = None, patch: Patch | None = None) -> str:
    """A run that must fail, say these words, and leave everything as it was. check: None for both ways."""
    before = ns.state()
    text = ""
    for mode in (True, False) if check is None else (check,):
        text = bad(run(ns, name, arguments, check=mode, patch=patch))
        missing = [word for word in words if word not in text]
        assert not missing, f"{missing} not in: {text}"
        assert ns.state() == before, "a failed run left something behind"
    return text
