#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = ""
EXAMPLES = ""
RETURN = ""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._arguments import fdb_spec, parse_fdb
from ansible_collections.vxlan.fabric.plugins.module_utils._door import run_module
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import Wanted
from ansible_collections.vxlan.fabric.plugins.module_utils._objects import rows_sides


def parse(parameters: Mapping[str, Any], check: bool) -> Wanted:
    return Wanted(rows=(parse_fdb(parameters),), assume=check)


def main() -> None:
    module = AnsibleModule(fdb_spec(), supports_check_mode=True)
    run_module(module, parse, rows_sides)


if __name__ == "__main__":
    main()
