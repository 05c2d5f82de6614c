# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""The engine as one file that Python runs on a host without Ansible: the modules that C(replay) imports, and those that they import.

The sources come from wherever this collection is imported from, which on a managed host is the archive that Ansible sent. The same sources give
the same bytes.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import zipfile
from collections.abc import Iterable

from ansible_collections.vxlan.fabric.plugins.module_utils._errors import LibraryError
from ansible_collections.vxlan.fabric.plugins.module_utils._persist import replay  # imported, so that Ansible sends it

_OURS = "ansible_collections.vxlan.fabric.plugins.module_utils"
_START = replay.__name__
_MAIN = f"from {_START} import main\n\nraise SystemExit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip archive knows
COMMENT = b"vxlan.fabric engine"


def bundle() -> bytes:
    """The archive."""
    files = {"__main__.py": _MAIN}
    for name, (source, is_package) in _closure(_START).items():
        files[name.replace(".", "/") + ("/__init__.py" if is_package else ".py")] = source
    for path in list(files):
        folder = path.rpartition("/")[0]
        while folder:
            files.setdefault(f"{folder}/__init__.py", "")
            folder = folder.rpartition("/")[0]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = COMMENT
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED  # what zlib makes of it depends on its version
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def _closure(start: str) -> dict[str, tuple[str, bool]]:
    """Source of each module, and whether it is a package, by name."""
    found: dict[str, tuple[str, bool]] = {}
    queue = [start]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        source = _source(name)
        if source is None:  # a name in a module, not a module
            continue
        found[name] = source
        queue += _imports(source[0])
        queue += [parent for parent in _parents(name) if parent not in found]
    if start not in found:
        raise LibraryError(f"the source of {start} is not to be had, so that there is no engine for the service")
    return found


def _parents(name: str) -> Iterable[str]:
    parent = name.rpartition(".")[0]
    while parent.startswith(_OURS) and parent != _OURS:
        yield parent
        parent = parent.rpartition(".")[0]


def _source(name: str) -> tuple[str, bool] | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # its parent is no package
        return None
    get_source = getattr(spec.loader, "get_source", None) if spec is not None else None
    if spec is None or get_source is None:
        return None
    return str(get_source(name) or ""), spec.submodule_search_locations is not None


def _imports(source: str) -> list[str]:
    """Ours, at the top of a module or in a function. What is imported from a package may be a module of it."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in found if name.startswith(f"{_OURS}.")]
