# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the documents of the examples anew: `make documents`. A test compares them."""

from __future__ import annotations

import shutil

from ansible_collections.vxlan.fabric.tests.support.examples import DOCUMENTED, GOLDEN, render

if __name__ == "__main__":
    for example in DOCUMENTED:
        shutil.rmtree(GOLDEN / example.name, ignore_errors=True)
        for path, text in render(example).items():
            target = GOLDEN / example.name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
