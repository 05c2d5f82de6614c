# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors to the walk of a frame. Each filter is documented in the YAML file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.question import Question, parse_question
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.reading import ends_of, next_reading, readings_of
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.render import walk_markdown, walk_text
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.values import as_dict
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._explain.walk import make_walk
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars, read_fabrics

Groups = Mapping[str, Sequence[str]]
Words = Mapping[str, str]


def _question(hostvars: HostVars, groups: Groups, words: Words) -> Question:
    """words: fabric, network, source, destination, source_host as the user gave them."""
    try:
        texts = {name: str(words.get(name) or "") for name in ("network", "source", "destination", "source_host")}
        return parse_question(read_fabrics(hostvars, groups), str(words.get("fabric") or "") or None, **texts)
    except FabricError as error:
        raise AnsibleFilterError(error.message) from error


def explain_ends(hostvars: HostVars, groups: Groups, words: Words, hosts: Sequence[str]) -> list[str]:
    return [host for host in ends_of(_question(hostvars, groups, words)) if host in hosts]


def explain_reading(hostvars: HostVars, groups: Groups, words: Words, hosts: Sequence[str], receivers: int = 4) -> dict[str, Any]:
    question = _question(hostvars, groups, words)
    ends = [host for host in ends_of(question) if host in hosts]
    return next_reading(question, readings_of(question, hostvars, ends), hosts, receivers)


def explain_walk(hostvars: HostVars, groups: Groups, words: Words, hosts: Sequence[str], receivers: int = 4) -> dict[str, Any]:
    question = _question(hostvars, groups, words)
    return as_dict(make_walk(question, readings_of(question, hostvars, hosts), receivers, bool(hosts)))


class FilterModule:
    """Filters of the walk of a frame."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "explain_ends": explain_ends,
            "explain_markdown": walk_markdown,
            "explain_reading": explain_reading,
            "explain_text": walk_text,
            "explain_walk": explain_walk,
        }
