# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples as fabrics: their inventories read by Ansible, without a run of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.documents import make_documents
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import read_fabrics
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.model import Fabric

ROOT = Path(__file__).resolve().parents[2]
# Not beside the inventories: Ansible would take them for parts of these.
GOLDEN = ROOT / "docs" / "examples"
DOCUMENTED = [ROOT / "examples" / name for name in ("demo", "homelab", "leaf-spine", "ipv6-only", "tenants")]


def fabrics_of(inventory: Path) -> Mapping[str, Fabric]:
    loader = DataLoader()
    manager = InventoryManager(loader=loader, sources=[str(inventory)])
    hostvars = HostVars(manager, VariableManager(loader=loader, inventory=manager), loader)
    return read_fabrics(hostvars, manager.get_groups_dict())


def render(example: Path) -> dict[str, str]:
    """The documents of an example, which has one fabric."""
    (fabric,) = fabrics_of(example).values()
    return make_documents(fabric)
