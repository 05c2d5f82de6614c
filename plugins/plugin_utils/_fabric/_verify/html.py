# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""A report as one page in HTML that stands alone: nothing is loaded, and no script is needed to read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.vxlan.fabric.plugins.module_utils._model.values import natural_key
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._document.blocks import Block, gather
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify import matrix
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.areas import AREAS, OVERLAY, UNDERLAY, UNITS
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.elements import bullets, folded, page, section, table, tag, wrap
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.matrix import Cell, Look, draw_matrix, pair_cell
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.report import Report, list_commands, list_notes, verdict
from ansible_collections.vxlan.fabric.plugins.plugin_utils._fabric._verify.texts import pair_rows, state_table

_MOST_ROWS = 48  # of a matrix that shows everything
_MOST_FINDINGS = 40
_MOST_OPEN = 12  # hosts or networks that are shown unfolded
_ENDPOINT_LOOKS = {
    "pass": matrix.WELL,
    "blocked": matrix.BLOCKED,
    "fail": matrix.FAILED,
    "breach": matrix.BREACH,
    "unreachable": matrix.ABSENT,
    "not_tested": matrix.UNTRIED,
}


def report_html(report: Report) -> str:
    """Ends with a newline."""
    found = {"findings": _findings(report), "state": _state(report), "underlay": _underlay(report), "overlay": _overlay(report)}
    found |= {"endpoints": _endpoints(report), "drift": _drift(report), "untested": _untested(report), "notes": _notes(report)}
    shown = [part for part in found.values() if part]
    links = "".join(f'<a href="#{anchor}">{escape(_TITLES[anchor])}</a>' for anchor, part in found.items() if part)
    badge = tag("span", "as its inventory says" if report["ok"] else "NOT as its inventory says", "verdict" if report["ok"] else "verdict bad")
    head = "\n".join([f"<h1>{escape('Fabric ' + report['fabric'])}</h1>", f"<p>{badge}</p>", wrap("nav", links), _tiles(report)])
    return page(f"Fabric {report['fabric']} {verdict(report)}", head, "\n".join(shown), f"vxlan.fabric.verify: {report['summary']}")


_TITLES = {
    "findings": "What is wrong",
    "state": "VTEPs and networks",
    "underlay": "Underlay",
    "overlay": "Overlay",
    "endpoints": "Endpoints",
    "drift": "What would mend it",
    "untested": "Not tested",
    "notes": "Besides",
}


def _section(anchor: str, parts: Iterable[str]) -> str:
    return section(anchor, _TITLES[anchor], parts)


def _tiles(report: Report) -> str:
    hosts = report["hosts"]
    tiles = [_tile("hosts as wanted", sum(host["ok"] for host in hosts), len(hosts))]
    for name in AREAS:
        if name in report:
            area = report[name]
            tiles.append(_tile(f"{AREAS[name]}: {UNITS[name]}", area["tried"] - area["failed"], area["tried"], area["of"], area["reason"], area["ok"]))
    plane = report["data_plane"]
    pairs = [(item["passed"], item["pairs"]) for item in [*plane["networks"], plane["routed"]]] if plane["tested"] else []
    tiles.append(_tile("endpoints: pairs that pass", sum(good for good, _all in pairs), sum(each for _good, each in pairs), reason=plane["reason"]))
    blocked = plane["isolation"] if plane["tested"] else {"blocked": 0, "pairs": 0}
    tiles.append(_tile("endpoints: pairs kept apart", blocked["blocked"], blocked["pairs"], reason=plane["reason"]))
    return wrap("div", "\n".join(tiles), "tiles")


def _tile(words: str, good: int, tried: int, every: int = 0, reason: str = "", is_ok: bool = True) -> str:
    if not tried and is_ok:
        return wrap("div", tag("b", "not tested" if reason else "none") + tag("span", f"{words}{': ' if reason else ''}{reason}"), "tile none")
    more = f" (there are {every:,})" if every > tried else ""
    return wrap("div", tag("b", f"{good:,} of {tried:,}") + tag("span", f"{words}{more}"), "tile" if is_ok and good == tried else "tile bad")


def _findings(report: Report) -> str:
    """A table of everything that is wrong; of each area the first."""
    areas: dict[str, list[tuple[str, str, str]]] = {"host": [], "state": []}
    for host in report["hosts"]:
        areas["host"] += [(host["host"], host["error"], "")] if host["error"] else []
        areas["state"] += [(host["host"], problem, "deploy would mend it" if host["drift"] else "") for problem in host["problems"]]
    for name in AREAS:
        areas[AREAS[name]] = [(found["host"], found["sentence"], found["cause"]) for found in (report[name]["findings"] if name in report else ())]
    areas["endpoints"] = _endpoint_findings(report["data_plane"])
    rows: list[tuple[str, str, str, str]] = []
    for area, found in areas.items():
        rows += [(area, *line) for line in found[:_MOST_FINDINGS]]
        rows += [(area, "", f"... and {len(found) - _MOST_FINDINGS:,} more, all of them in verify.json", "")] if len(found) > _MOST_FINDINGS else []
    return _section("findings", [table(("area", "host", "what", "why"), rows, ("area", "area", "", "cause"))]) if rows else ""


def _endpoint_findings(plane: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if not plane["tested"]:
        return [] if plane["ok"] else [("", plane["reason"], "")]
    wrong = [row for row in plane["matrix"] if not row["ok"]]
    return [(row["source"], f"{row['source']} -> {row['target']}: {row['result']}, not {row['expected']}", row["detail"]) for row in wrong]


def _state(report: Report) -> str:
    """The matrix of VTEPs and networks, and all lines behind it."""
    looks = _state_looks(report)
    vnis = {line["network"]: line["vni"] for host in report["hosts"] for line in host["networks"]}
    if not vnis:
        return ""
    by_network: dict[str, list[tuple[str, Look]]] = {}
    for (host, network), (look, _tip) in looks.items():
        by_network.setdefault(network, []).append((host, look))
    by_host: dict[str, list[tuple[str, Look]]] = {}
    for (host, network), (look, _tip) in looks.items():
        by_host.setdefault(host, []).append((network, look))
    rows = gather(by_host, lambda host: tuple(sorted(by_host[host])), _MOST_ROWS)
    columns = gather(by_network, lambda network: tuple(sorted(by_network[network])), _MOST_ROWS)

    def cell(row: Block, column: Block) -> Cell | None:
        found = looks.get((row.names[0], column.names[0]))
        return Cell(found[0], f"{row.label}, {column.label}: {found[1]}") if found else None

    named = [Block((f"{column.label} {vnis[column.names[0]]}",)) if len(column.names) == 1 else column for column in columns]
    shown = dict(zip(named, columns))
    picture = draw_matrix(f"VTEPs and networks of fabric {report['fabric']}", rows, named, lambda row, column: cell(row, shown[column]))
    parts = [_legend(matrix.WELL, matrix.DIFFERS, matrix.DRIFTS, matrix.UNKNOWN), wrap("div", picture, "scroll")]
    parts += [_alike(len(by_host), len(rows), "VTEPs", len(by_network), len(columns), "networks")]
    header, lines = state_table(report)
    return _section("state", [*parts, folded("What was read, line by line", table(header, lines), False)])


def _state_looks(report: Report) -> dict[tuple[str, str], tuple[Look, str]]:
    """By host and network."""
    found: dict[tuple[str, str], tuple[Look, str]] = {}
    for host in report["hosts"]:
        drift = {entry["network"] for entry in host["drift"]}
        for line in host["networks"]:
            if host["error"] and line["flooding"] == "-" and line["interface"].endswith(" unknown"):
                look = matrix.UNKNOWN
            elif not line["ok"]:
                look = matrix.DIFFERS
            else:
                look = matrix.DRIFTS if line["network"] in drift else matrix.WELL
            told = [problem.partition(": ")[2] for problem in host["problems"] if problem.startswith(f"{line['network']}: ")]
            found[host["host"], line["network"]] = (look, "; ".join(told) or look.words)
    return found


def _legend(*looks: Look) -> str:
    items = [f'<span><i style="background:{look.fill};color:{look.ink}">{escape(look.letter)}</i>{escape(look.words)}</span>' for look in looks]
    return wrap("div", "".join(items), "legend")


def _alike(hosts: int, rows: int, words: str, networks: int, columns: int, other: str) -> str:
    told = [
        f"{count:,} {what} in {lines} {where}"
        for count, lines, what, where in ((hosts, rows, words, "rows"), (networks, columns, other, "columns"))
        if lines < count
    ]
    return tag("p", f"{', '.join(told)}: those that are alike share one.") if told else ""


def _underlay(report: Report) -> str:
    area = report.get(UNDERLAY)
    if not area or not area["tested"]:
        return ""
    text = "Each source sends packets that must not be fragmented, as large as a full frame of the overlay makes them, to the VTEP addresses of the others."
    looks = (matrix.WELL, matrix.TOO_SMALL, matrix.NO_ANSWER, matrix.NO_ROUTE, matrix.UNTRIED)
    return _section("underlay", [tag("p", text), *_pairs_matrix(report, UNDERLAY, matrix.PATH_LOOKS, looks)])


def _overlay(report: Report) -> str:
    area = report.get(OVERLAY)
    if not area or not area["tested"]:
        return ""
    text = (
        "Each source sends frames from its bridges: small ones, full ones, ARP requests and ICMP echo requests of both families as broadcasts, and full frames "
        "to machines that are known. A square is red if any of them does not arrive in any network that both carry."
    )
    rows = [(item["network"], f"{item['of']:,}", f"{item['tried']:,}", f"{item['tried'] - item['failed']:,}") for item in area["networks"]]
    numbers = folded("By network", table(("network", "directions", "tried", "well"), rows, ("", "number", "number", "number")), len(rows) <= _MOST_OPEN)
    looks = (matrix.WELL, matrix.FAILED, matrix.UNTRIED)
    return _section("overlay", [tag("p", text), *_pairs_matrix(report, OVERLAY, matrix.FRAME_LOOKS, looks), numbers])


def _pairs_matrix(report: Report, name: str, results: Mapping[str, Look], looks: Sequence[Look]) -> list[str]:
    """Of many hosts only those that failures come from have a row and a column of their own; without any failure there is nothing to be drawn."""
    area, pairs = report[name], report[name]["pairs"]
    names = sorted({*pairs, *(target for row in pairs.values() for target in row)}, key=natural_key)
    count = f"{area['tried'] - area['failed']:,} of {area['tried']:,} {UNITS[name]} are well"
    parts = [tag("p", f"{count}; there are {area['of']:,}, see what was not tested." if area["of"] > area["tried"] else f"{count}.")]
    blocks = [Block((host,)) for host in names]
    if len(names) > _MOST_ROWS:
        if not area["failed"]:
            return [*parts, tag("p", f"None of the {len(names)} VTEPs has a failure, so there is no matrix of them.")]
        blocks = _failing_blocks(names, pairs)
        told = f"Of {len(names)} VTEPs those that account for the failures have a row and a column of their own, and the others share one."
        parts.append(tag("p", told))
    carried = {host["host"]: {line["network"] for line in host["networks"]} for host in report["hosts"]}

    def exists(source: str, target: str) -> bool:
        return target in pairs.get(source, {}) or source not in carried or target not in carried or bool(carried[source] & carried[target])

    picture = draw_matrix(f"{AREAS[name]}: sources in rows, targets in columns", blocks, blocks, pair_cell(pairs, results, exists))
    return [*parts, _legend(*looks), tag("p", "Sources are rows, targets are columns."), wrap("div", picture, "scroll")]


def _failing_blocks(names: Sequence[str], pairs: Mapping[str, Mapping[str, str]]) -> list[Block]:
    """Hosts that together have an end in every failure, those with the most first, as far as there is room; all others as one."""
    failures: dict[str, set[tuple[str, str]]] = {name: set() for name in names}
    for source, row in pairs.items():
        for target, result in row.items():
            if result != "ok":
                failures[source].add((source, target))
                failures[target].add((source, target))
    own: list[str] = []
    while len(own) < _MOST_ROWS - 1:
        worst = min(names, key=lambda name: (-len(failures[name]), natural_key(name)))
        if not failures[worst]:
            break
        own.append(worst)
        covered = set(failures[worst])
        failures = {name: found - covered for name, found in failures.items()}
    others = [name for name in names if name not in set(own)]
    return [*(Block((name,)) for name in sorted(own, key=natural_key)), *([Block(tuple(others))] if others else [])]


def _endpoints(report: Report) -> str:
    plane = report["data_plane"]
    if not plane["tested"]:
        return ""
    rows = [(name, f"{pairs:,}", f"{well:,}") for name, pairs, well in pair_rows(plane)]
    parts = [table(("network", "pairs", "as expected"), rows, ("", "number", "number"))]
    pairs: dict[str, dict[str, str]] = {}
    for row in plane["matrix"]:
        pairs.setdefault(row["source"], {})[row["target"]] = row["result"]
    if len(pairs) <= _MOST_ROWS:
        order = list(dict.fromkeys([*pairs, *(row["target"] for row in plane["matrix"])]))
        blocks = [Block((name,)) for name in order]
        picture = draw_matrix(
            "Endpoints: sources in rows, targets in columns", blocks, blocks, pair_cell(pairs, _ENDPOINT_LOOKS, lambda _source, _target: True)
        )
        looks = [matrix.WELL, matrix.BLOCKED, matrix.FAILED, matrix.BREACH, matrix.ABSENT]
        parts += [_legend(*looks), tag("p", "Sources are rows, targets are columns."), wrap("div", picture, "scroll")]
    return _section("endpoints", parts)


def _drift(report: Report) -> str:
    hosts = list_commands(report)
    if not hosts:
        return ""
    text = "Deploy would run these commands, in this order. They can be typed as well."
    is_open = len(hosts) <= _MOST_OPEN
    blocks = [folded(f"{host} ({len(commands)})", tag("pre", "\n".join(commands)), is_open) for host, commands in hosts]
    return _section("drift", [tag("p", text), *blocks])


def _untested(report: Report) -> str:
    return _section("untested", [bullets(report["untested"])]) if report["untested"] else ""


def _notes(report: Report) -> str:
    notes = list_notes(report)
    return _section("notes", [bullets(notes)]) if notes else ""
