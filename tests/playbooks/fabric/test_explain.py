# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of a frame on the twin of the demo, by whole runs of Ansible, as docs/explain.md shows it.

Faults one by one are in tests/kernel/explain and tests/unit/explain, without the price of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.vxlan.fabric.tests.support.site import ROOT, Done, Site

PAGE = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
BLUE2 = "02:00:00:01:00:02"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo, deployed on its twin; blue1 and blue2 have spoken."""
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        done = made.play("twin", twin=False)
        assert done.returncode == 0, done.stdout + done.stderr
        made.changed("deploy")
        made.host("blue1").sh("ping -c 1 -W 3 10.0.0.2")
        yield made
    finally:
        made.remove()


def _blocks() -> list[list[str]]:
    """What the page shows of the output."""
    return [block.splitlines() for block in re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]


def _explain(site: Site, *words: str, **variables: object) -> Done:
    given = {"network": "blue", "source": "blue1", "destination": "blue2", **variables}
    return site.play("explain", "-e", json.dumps(given), *words)


def _lines(done: Done) -> list[str]:
    """Of the walk."""
    shown = re.search(r'"msg": (\[\n.*?\n    \])', done.stdout, re.DOTALL)
    assert shown, done.stdout + done.stderr
    lines: list[str] = json.loads(shown[1])
    return lines


def _walk(site: Site, folder: str) -> dict[str, Any]:
    (file,) = (site.directory / folder / site.name).glob("*.json")
    walk: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return walk


def test_1_the_walk_of_the_page(site: Site) -> None:
    done = _explain(site, explain_report_dir="walks", explain_strict=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"changed=[1-9]", done.stdout)
    whole, _fault = _blocks()
    assert _lines(done) == whole
    walk = _walk(site, "walks")
    assert (walk["ok"], walk["arrives"], walk["summary"]) == (True, {"wanted": True, "real": True}, whole[-1])
    (page,) = (site.directory / "walks" / site.name).glob("*.md")
    assert page.name == "explain-blue-blue1-blue2.md"
    assert page.read_text(encoding="utf-8").startswith(f"# Network blue: {walk['title']}\n\n{walk['summary']}\n")


def test_2_the_fault_of_the_page(site: Site) -> None:
    site.host("hv1").bridge(f"fdb replace {BLUE2} dst 192.0.2.21 dev vx10100")
    done = _explain(site, explain_strict=True)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = _lines(done)
    _whole, fault = _blocks()
    place = 0
    for line in fault:  # in this order, with others between them where the page has dots
        if line != "...":
            assert line in lines[place:], line
            place = lines.index(line, place) + 1
    assert fault[-1] == lines[-1]
    site.changed("deploy", "-e", "target=hv1")
    assert _explain(site, explain_strict=True).returncode == 0


def test_3_a_broadcast_to_all_members(site: Site) -> None:
    done = _explain(site, destination="broadcast", explain_strict=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in _lines(done) if line.startswith("On ")] == ["On hv1", "On hv2", "On leaf1", "On leaf2"]


def test_4_what_is_outside_of_the_limit_is_not_asked(site: Site) -> None:
    done = _explain(site, "--limit", "hv1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert _lines(done)[-1] == "By the inventory it arrives. Whether it really does cannot be said. Not known: hv2: it was not looked at."


def test_4_a_host_that_does_not_answer(site: Site) -> None:
    overlay = site.directory / ".vxlan-twin" / f"{site.name}.yml"
    kept = overlay.read_text(encoding="utf-8")
    overlay.write_text(kept.replace(f"{site.name}-hv2", f"{site.name}-gone"), encoding="utf-8")
    try:
        done = _explain(site, "--limit", "hv1,hv2", explain_report_dir="lost")
    finally:
        overlay.write_text(kept, encoding="utf-8")
    assert done.returncode in (0, 4), done.stdout + done.stderr
    walk = _walk(site, "lost")
    assert walk["arrives"] == {"wanted": True, "real": None}
    assert f"{site.name}-gone" in walk["legs"][-1]["error"]


def test_5_from_the_inventory_alone(site: Site) -> None:
    done = _explain(site, "--check", explain_real=False, explain_report_dir="alone")
    assert done.returncode == 0, done.stdout + done.stderr
    assert _walk(site, "alone")["real"] is False
    assert _lines(done)[-1] == "By the inventory it arrives. No host was looked at."


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"network": "bleu"}, "network: there is no network 'bleu' in fabric {name}; did you mean 'blue'?"),
        ({"destination": "red1"}, "destination: red1 is an endpoint of network red, not of blue"),
    ],
)
def test_5_words_that_are_not_known(site: Site, variables: dict[str, str], sentence: str) -> None:
    done = _explain(site, **variables)
    assert done.returncode == 2
    assert sentence.format(name=site.name) in done.stdout + done.stderr
