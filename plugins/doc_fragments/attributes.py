# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every module."""

from __future__ import annotations


class ModuleDocFragment:
    """DOCUMENTATION: modules that change the host. INFO: modules that read. FACTS: modules that set facts."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - The plan is the one that a real run carries out, so C(operations), C(commands) and C(after) are the same.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    support: full
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
  platform:
    support: full
    description: Target OS/families that can be operated against.
    platforms: linux
  action_group:
    support: full
    description: Use C(group/vxlan.fabric.fabric) in C(module_defaults) to set defaults for this module.
    membership:
      - vxlan.fabric.fabric
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - This action does not modify state.
  idempotent:
    support: N/A
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - This action does not modify state.
  platform:
    support: full
    description: Target OS/families that can be operated against.
    platforms: linux
  action_group:
    support: full
    description: Use C(group/vxlan.fabric.fabric) in C(module_defaults) to set defaults for this module.
    membership:
      - vxlan.fabric.fabric
"""

    FACTS = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - This action does not modify state.
  idempotent:
    support: N/A
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - This action does not modify state.
  facts:
    support: full
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
  platform:
    support: full
    description: Target OS/families that can be operated against.
    platforms: linux
  action_group:
    support: full
    description: Use C(group/vxlan.fabric.fabric) in C(module_defaults) to set defaults for this module.
    membership:
      - vxlan.fabric.fabric
"""
