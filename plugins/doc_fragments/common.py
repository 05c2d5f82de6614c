# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every module has, or every one that changes something; see module_utils/_arguments.py."""

from __future__ import annotations


class ModuleDocFragment:
    """DOCUMENTATION: every module. CHANGING: modules that change the host. LINKS: modules that change interfaces."""

    DOCUMENTATION = r"""
options:
  netns:
    description:
      - Network namespace to work in, a name that C(ip netns) knows or a path such as V(/proc/4711/ns/net). Needs CAP_SYS_ADMIN.
      - Not given, it is the namespace that the module is run in.
    type: str
"""

    CHANGING = r"""
options:
  lock_timeout:
    description:
      - Seconds to wait while another run changes the same network namespace. Runs do not interleave.
    type: float
    default: 30.0
  report_rows:
    description:
      - Most forwarding rows that the results and the diff write out. Of a longer list they hold the rows that changed, and its size.
    type: int
    default: 1000
  timeout:
    description:
      - Seconds for the whole run. When they are over, what was done is undone and the run fails. The same holds for C(SIGTERM), C(SIGINT) and
        C(SIGHUP). V(0) is no limit.
      - The clock is looked at while the run waits for the lock and between its writes. A run that has written everything is verified and ends
        well.
    type: float
    default: 0.0
requirements:
  - The capability CAP_NET_ADMIN in the network namespace. C(become) gives it.
notes:
  - A run is all or nothing. When an operation fails, those before it are undone, or the error says what is not as before.
  - A run that is killed while it creates an interface anew is completed by the next one in the network namespace.
  - After a change everything is read back. What the kernel acknowledged and did not do is an error that names it, and the change is undone.
"""

    LINKS = r"""
options: {}
requirements:
  - The Python library pyroute2 0.7.2 or newer on the managed host, as soon as something has to be changed. A run of 32 operations or more
    does without.
"""
