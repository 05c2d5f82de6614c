#!/usr/bin/python
# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: file_set
short_description: Have a directory hold a set of text files
version_added: 0.1.0
description:
  - Writes many text files in one task, which the playbooks C(vxlan.fabric.document), C(vxlan.fabric.verify) and others do with their results.
  - Files are replaced at once, so that nobody sees half of one. What is as it should be is not written.
  - The names and digests of the files are kept in the directory as C(.made-by-vxlan-fabric). Files of an earlier run that are no longer in the
    set are removed. Other files are left alone.
author:
  - The vxlan.fabric authors (@vxlan-fabric)
options:
  path:
    description: The directory. It is made if it is not there.
    type: path
    required: true
  files:
    description: The texts by path below the directory.
    type: dict
    required: true
  overwrite:
    description:
      - Whether to replace a file that differs, and that somebody else has written or edited. If not, that is an error, and nothing is written.
    type: bool
    default: true
  remove:
    description: Whether to remove files that this module has written and that are not in O(files).
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    support: full
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
  platform:
    support: full
    description: Target OS/families that can be operated against.
    platforms: posix
seealso:
  - module: ansible.builtin.copy
    description: One file, with owner and mode.
"""

EXAMPLES = r"""
- name: Two pages
  vxlan.fabric.file_set:
    path: documents/dc1
    files:
      README.md: "# dc1\n"
      hosts/hv1.md: "# hv1\n"
  delegate_to: localhost

- name: Never replace what somebody has written
  vxlan.fabric.file_set:
    path: adopted
    files: "{{ inventory_files }}"
    overwrite: false
    remove: false
  delegate_to: localhost
"""

RETURN = r"""
written:
  description: Files that were, or in check mode would be, written.
  returned: success
  type: list
  elements: str
  sample: [README.md]
removed:
  description: Files that were, or in check mode would be, removed.
  returned: success
  type: list
  elements: str
  sample: [hosts/hv9.md]
path:
  description: The directory.
  returned: success
  type: str
  sample: /home/me/documents/dc1
diff:
  description: Each of these files before and after.
  returned: success
  type: list
  elements: dict
  sample:
    - before_header: README.md
      after_header: README.md
      before: ""
      after: "# dc1\n"
"""

import os
import tempfile

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.vxlan.fabric.plugins.module_utils._door import fail
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.vxlan.fabric.plugins.module_utils._files import MANIFEST, carry_out, plan_files


def main() -> None:
    module = AnsibleModule(
        {
            "path": {"type": "path", "required": True},
            "files": {"type": "dict", "required": True},
            "overwrite": {"type": "bool", "default": True},
            "remove": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    directory = os.path.abspath(module.params["path"])

    def write(path: str, text: str) -> None:
        handle, temporary = tempfile.mkstemp(dir=module.tmpdir)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        module.atomic_move(temporary, path)

    try:
        changes = plan_files(
            directory, {str(path): str(text) for path, text in module.params["files"].items()}, module.params["overwrite"], module.params["remove"]
        )
        if not module.check_mode:
            carry_out(directory, changes, write)
    except FabricError as error:
        fail(module, error)
    shown = [change for change in changes if change.path != MANIFEST]
    module.params["files"] = f"({len(module.params['files'])} files)"
    module.exit_json(
        changed=bool(changes),
        path=directory,
        written=[change.path for change in shown if change.after is not None],
        removed=[change.path for change in shown if change.after is None],
        diff=[{"before_header": change.path, "after_header": change.path, "before": change.before or "", "after": change.after or ""} for change in shown],
    )


if __name__ == "__main__":
    main()
