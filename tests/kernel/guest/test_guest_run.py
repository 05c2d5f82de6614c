# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/guest_run.py: what goes in and comes out, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.vxlan.fabric.tests.support.engine import ROOT

SCRIPT = ROOT / "scripts" / "guest_run.py"
UNAVAILABLE, TIMED_OUT, GUEST_FAILED = 69, 124, 125


def guest(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script; where this machine has no such kernel the test is skipped, with the script's own reason."""
    ran = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False, env={**os.environ, **variables})
    if ran.returncode == UNAVAILABLE and "--kernel" not in words:
        pytest.skip(ran.stderr.strip().splitlines()[0])
    return ran


def test_what_goes_in_and_comes_out(tmp_path: Path) -> None:
    script = """
    cd SHARE && echo "$VXLAN_FABRIC_WORD" >from-inside && cat from-outside && id -u && uname -r
    echo for-stderr >&2
    mkdir /etc/of-the-guest /root/of-the-guest && ls -d /etc/passwd >/dev/null
    ip link add name red type vrf table 10 && ip link add name br0 type bridge vlan_filtering 1 && ip -br link | wc -l
    seq 20000
    exit 7
    """.replace("SHARE", str(tmp_path))
    (tmp_path / "from-outside").write_text("hello\n", encoding="utf-8")
    ran = guest("--share", str(tmp_path), "--", "bash", "-c", script, VXLAN_FABRIC_WORD="it's a 'word'")
    assert ran.returncode == 7, ran.stderr
    assert ran.stderr == "for-stderr\n"
    greeting, user, release, links, *numbers = ran.stdout.splitlines()
    assert (greeting, user, links) == ("hello", "0", "3")
    assert release != os.uname().release
    assert [*map(int, numbers)] == list(range(1, 20001)), "output got lost"
    assert (tmp_path / "from-inside").read_text(encoding="utf-8") == "it's a 'word'\n"
    assert not Path("/etc/of-the-guest").exists()


def test_the_time_limit_ends_it() -> None:
    ran = guest("--limit", "8", "--", "sleep", "1000")
    assert ran.returncode == TIMED_OUT
    assert "ended after 8 s" in ran.stderr


@pytest.mark.parametrize("word", ["BUG: unable to handle", "WARNING: CPU: 0 PID: 1 at net/core/dev.c"])
def test_what_its_kernel_complains_of_fails_the_run(word: str) -> None:
    ran = guest("--", "sh", "-c", f"echo '<2>{word}' >/dev/kmsg; echo fine")
    assert ran.returncode == GUEST_FAILED
    assert ran.stdout == "fine\n"
    assert word in ran.stderr


def test_without_such_a_kernel_it_says_so() -> None:
    assert guest("--kernel", "no-such-kernel", "true").returncode == UNAVAILABLE
    ran = guest("--skip", "--kernel", "no-such-kernel", "true")
    assert ran.returncode == 0
    assert ran.stderr.startswith("SKIPPED: no no-such-kernel here")
