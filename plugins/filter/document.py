# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors to the documents of a fabric. Each filter is documented in the YAML file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.documents import make_documents
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric.inventory import HostVars, read_fabrics


def documents(hostvars: HostVars, groups: Mapping[str, Sequence[str]], hosts: Sequence[str] | None = None) -> dict[str, str]:
    try:
        fabrics = read_fabrics(hostvars, groups)
    except FabricError as error:
        raise AnsibleFilterError(error.message) from error
    return {f"{name}/{path}": text for name, fabric in fabrics.items() for path, text in make_documents(fabric, hosts).items()}


class FilterModule:
    """Filters of documents."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"documents": documents}
