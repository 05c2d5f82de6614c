# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""An adopted fabric as files of an inventory, as data for a template, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import OWNER_MARK, natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.adopt import Adopted
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._adopt.notes import TITLES, as_data, few, note_lines
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.drift import reason_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.changes import show_changes
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.compile import texts_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.lint import lint_text, make_lint
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.tables import text_table

_HEAD = "# Written by vxlan.fabric.adopt from what runs. NOTES.md has what is not in it.\n---\n"
_WIDTH = 140


def adoption(adopted: Adopted, group: str = "all", hosts_file: bool = False) -> dict[str, Any]:
    """group: whose variables hold vxlan_fabric. hosts_file: whether to write the hosts and their groups as well."""
    lint = make_lint(adopted.reading)
    result = {
        "fabric": adopted.fabric["name"],
        "networks": _networks(adopted),
        "hosts": sorted(adopted.vteps, key=natural_key),
        "notes": [as_data(told) for told in adopted.notes],
        "lint": lint,
        "states": texts_of(adopted.states),
    }
    return {**result, "files": inventory_files(adopted, result, group, hosts_file)}


def inventory_files(adopted: Adopted, result: Mapping[str, Any], group: str, hosts_file: bool) -> dict[str, str]:
    """Texts by path. Of no host, nothing but the notes: an inventory without networks is none."""
    files = {"NOTES.md": _notes_page(result)}
    if adopted.vteps:
        files[f"group_vars/{group}/vxlan_fabric.yml"] = _HEAD + dump({"vxlan_fabric": adopted.fabric})
        files.update({f"host_vars/{host}/vxlan_vtep.yml": _HEAD + dump({"vxlan_vtep": section}) for host, section in adopted.vteps.items()})
        if hosts_file:
            children: dict[str, Any] = {name: {"hosts": {host: {} for host in hosts}} for name, hosts in adopted.groups.items() if hosts}
            files["hosts.yml"] = _HEAD + dump({"all": {"children": children}})
    return files


def dump(value: object) -> str:
    """YAML as a person would write it: small mappings and lists of words in one line."""
    return yaml.dump(_plain(value), Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=_WIDTH, allow_unicode=True)


def _plain(value: object) -> object:
    """YAML's own kinds: values that come by way of Ansible are subclasses of them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool) else int(value) if isinstance(value, int) else str(value)


class _Dumper(yaml.SafeDumper):
    """With lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless and flow)


def _networks(adopted: Adopted) -> list[dict[str, Any]]:
    return [
        {"name": network.name, "vni": network.vni, "flooding": network.flooding, "members": list(network.members), "endpoints": len(network.endpoints)}
        for fabric in adopted.reading.fabrics.values()
        for network in fabric.networks.values()
    ]


def _notes_page(result: Mapping[str, Any]) -> str:
    """Everything that was noted, in full. Ansible does not take files of this ending for an inventory."""
    lines = [f"# Adoption of {result['fabric']}", "", *_summary(result)]
    for level, title in TITLES.items():
        entries = [note for note in result["notes"] if note["level"] == level]
        if entries:
            lines += ["", f"## {title.rstrip(':')}", "", *(f"- {_whole(entry)}" for entry in entries)]
    lint = lint_text(result["lint"])
    return "\n".join([*lines, "", "## Lint", "", "```text", *lint, "```"]) + "\n"


def _whole(note: Mapping[str, Any]) -> str:
    hosts = f"{', '.join(note['hosts'])}: " if note["hosts"] else ""
    return f"{hosts}{', '.join(note['about'])}: {note['sentence']}"


def _summary(result: Mapping[str, Any]) -> list[str]:
    return [f"{len(result['networks'])} networks on {len(result['hosts'])} hosts."]


def adoption_text(result: Mapping[str, Any], checks: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """Lines for a terminal. checks: by host what the module vtep returned in check mode, None where it did not run."""
    rows = [(net["name"], net["vni"], net["flooding"], few(net["members"]), net["endpoints"]) for net in result["networks"]]
    lines = [f"Fabric {result['fabric']}: {_summary(result)[0]}"]
    lines += ["", *text_table(("network", "VNI", "flooding", "hosts", "endpoints"), rows)] if rows else []
    for level, title in TITLES.items():
        entries = [note for note in result["notes"] if note["level"] == level]
        lines += ["", title, *(f"  {note_lines(entry)}" for entry in entries)] if entries else []
    lines += ["", *lint_text(result["lint"])]
    return [*lines, "", "deploy --check with this inventory:", *(f"  {line}" for line in _changes(result, checks))]


def _changes(result: Mapping[str, Any], checks: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    if not result["states"]:
        return ["not tried, the inventory has errors" if result["lint"]["errors"] else "nothing to deploy"]
    tried = {host: check for host, check in checks.items() if host in result["states"] and check is not None}
    failed = [f"{host}: {reason}" for host, check in tried.items() if (reason := reason_of(check))]
    marks, others = {}, {}
    for host, check in tried.items():
        if not reason_of(check):
            operations = check.get("operations") or ()
            marks[host] = sum(1 for operation in operations if is_mark(operation))
            others[host] = {"commands": _commands(operation for operation in operations if not is_mark(operation))}
    marked = [host for host, count in marks.items() if count]
    told = [f"the owner mark on {sum(marks.values())} interfaces and bridges of {few(marked)}"] if marked else []
    return [*failed, *told, *show_changes(others)]


def is_mark(operation: Mapping[str, Any]) -> bool:
    """It puts the owner mark on an interface that had no alias."""
    return (
        operation.get("operation") == "set_link"
        and operation.get("field") == "alias"
        and str(operation.get("value")).startswith(OWNER_MARK)
        and not operation.get("before")
    )


def _commands(operations: Iterable[Mapping[str, Any]]) -> list[str]:
    found: list[str] = []
    for operation in operations:
        found += operation.get("commands") or ()
    return found
