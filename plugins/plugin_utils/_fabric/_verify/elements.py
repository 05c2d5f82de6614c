# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Elements of a page in HTML. Whatever goes into one is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light; --ink: #1b2733; --faint: #5b6b7b; --line: #d5dce3; --shade: #f4f6f8; --good: #0b6e4f; --bad: #b23c00; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main, header { max-width: 1400px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 26px; padding-bottom: 6px; }
h1 { margin: 0 0 4px; font-size: 27px; }
h2 { margin: 38px 0 8px; font-size: 20px; border-bottom: 2px solid var(--line); padding-bottom: 4px; }
h3 { margin: 20px 0 6px; font-size: 15px; }
p { margin: 6px 0 10px; max-width: 95ch; }
.verdict { display: inline-block; padding: 3px 14px; border-radius: 14px; color: #fff; font-weight: 600; background: var(--good); }
.verdict.bad { background: var(--bad); }
nav a { margin-right: 16px; color: #0b5394; text-decoration: none; white-space: nowrap; }
nav a:hover { text-decoration: underline; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 16px 0; }
.tile { min-width: 152px; padding: 10px 14px; border: 1px solid var(--line); border-left: 6px solid var(--good); border-radius: 6px; }
.tile.bad { border-left-color: var(--bad); }
.tile.none { border-left-color: var(--line); color: var(--faint); }
.tile b { display: block; font-size: 20px; font-weight: 600; line-height: 1.3; }
.tile span { font-size: 13px; color: var(--faint); }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll svg { display: block; }
table { border-collapse: collapse; margin: 8px 0 12px; font-size: 14px; }
th, td { padding: 4px 12px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.cause { color: var(--faint); }
td.area { white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0; font-size: 13px; color: var(--faint); }
.legend i { display: inline-block; width: 20px; height: 20px; margin-right: 6px; border-radius: 3px; text-align: center; vertical-align: middle; }
.legend i { font: bold 12px/20px monospace; }
pre { margin: 6px 0 12px; padding: 10px 14px; background: var(--shade); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; font-size: 13px; }
code { font-size: 13px; }
details { margin: 8px 0; }
summary { cursor: pointer; font-weight: 600; }
ul { margin: 6px 0 12px; padding-left: 22px; }
footer { max-width: 1400px; margin: 34px auto; padding: 12px 28px; color: var(--faint); font-size: 13px; border-top: 1px solid var(--line); }
@media print { nav { display: none; } main, header { max-width: none; } }
"""
# Nothing is loaded, and nothing runs, whatever a host has put into a name.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def tag(name: str, text: object, kind: str = "") -> str:
    """With text in it."""
    return wrap(name, escape(str(text)), kind)


def wrap(name: str, inner: str, kind: str = "") -> str:
    """With elements in it."""
    attribute = f' class="{escape(kind)}"' if kind else ""
    return f"<{name}{attribute}>{inner}</{name}>"


def table(header: Sequence[str], rows: Iterable[Sequence[object]], kinds: Sequence[str] = ()) -> str:
    """kinds: classes of the columns."""
    classes = [*kinds, *[""] * len(header)]
    head = wrap("tr", "".join(tag("th", text, "number" if kind == "number" else "") for text, kind in zip(header, classes)))
    body = "\n".join(wrap("tr", "".join(tag("td", cell, kind) for cell, kind in zip(row, classes))) for row in rows)
    return wrap("div", f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>", "scroll")


def bullets(items: Iterable[str]) -> str:
    return wrap("ul", "\n".join(tag("li", item) for item in items))


def section(anchor: str, title: str, parts: Iterable[str]) -> str:
    return f'<section id="{escape(anchor)}">\n{tag("h2", title)}\n' + "\n".join(parts) + "\n</section>"


def folded(title: str, inner: str, is_open: bool) -> str:
    return f"<details{' open' if is_open else ''}>{tag('summary', title)}{inner}</details>"


def page(title: str, head: str, body: str, foot: str) -> str:
    """All of it. Ends with a newline."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{tag("title", title)}
<style>{STYLE}</style>
</head>
<body>
<header>
{head}
</header>
<main>
{body}
</main>
{tag("footer", foot)}
</body>
</html>
"""
