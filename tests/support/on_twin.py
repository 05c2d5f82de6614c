# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fabric on its twin, by the library and the engine themselves: a playbook would take ten times as long and prove the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ansible_collections.vxlan.fabric.plugins.module_utils._twin import run
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.iproute import Iproute
from ansible_collections.vxlan.fabric.plugins.module_utils._twin.topology import parse_topology
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric import compile as compiler
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.topology import make_topology, netns_of

from .engine import finish_child, good, start, unchanged
from .namespaces import Namespace


@contextmanager
def twin(fabric: Fabric) -> Iterator[None]:
    """The twin of a fabric, not deployed, and nothing of it left afterwards."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    topology = make_topology(fabric)
    ip = Iproute("ip")
    try:
        run.run_twin(fabric.name, parse_topology(fabric.name, topology["underlay"], topology["hosts"]), ip, False)
        yield
    finally:
        run.run_twin(fabric.name, None, ip, False)


def deploy(fabric: Fabric) -> None:
    """All hosts at once, as a play does, and again."""
    arguments = {host: {"host_state": text, "purge": "managed"} for host, text in compiler.texts_of(compiler.host_states(fabric)).items()}
    spaces = {host: Namespace(netns_of(fabric, host)) for host in arguments}
    started = [start(spaces[host], "vtep", told) for host, told in arguments.items()]
    for child in started:
        good(finish_child(child))
    for host, told in arguments.items():
        unchanged(spaces[host], "vtep", told)
        assert json.loads(told["host_state"])["fabric"] == fabric.name
