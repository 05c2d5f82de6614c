# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Property tests are judged by what they find, not by how busy the machine is."""

from __future__ import annotations

import hypothesis

hypothesis.settings.register_profile("engine", deadline=None)
hypothesis.settings.load_profile("engine")
