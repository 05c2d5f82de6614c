# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection plugin without a namespace: the dialogue with a become command, and the names it refuses."""

from __future__ import annotations

import pty
import subprocess

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.playbook.play_context import PlayContext
from ansible.plugins.become import BecomeBase
from ansible.plugins.loader import become_loader

from ansible_collections.vxlan.fabric.plugins.connection.netns import BecomeDialogue, Connection, find_ip, require_namespace


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> BecomeBase:
    plugin = become_loader.get("su")
    assert isinstance(plugin, BecomeBase)
    plugin.set_options(direct={"become_pass": "secret", "prompt_l10n": []})
    monkeypatch.setattr(plugin, "success", "BECOME-SUCCESS-abc")
    monkeypatch.setattr(plugin, "prompt", True)
    return plugin


def start(script: str, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sh", "-c", script], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_password_is_sent_once_and_output_kept(become: BecomeBase) -> None:
    process = start("printf 'Password: ' >&2; read -r word; echo BECOME-SUCCESS-abc; echo got $word; cat")
    stdout, _stderr = BecomeDialogue(become, process, None).hold(5)
    rest, _nothing = process.communicate(b"module")
    assert stdout + rest == b"got secret\nmodule"


def test_password_goes_to_the_terminal_where_there_is_one(become: BecomeBase) -> None:
    near, far = pty.openpty()
    process = start("printf 'Password: ' >&2; read -r word </dev/stdin; echo BECOME-SUCCESS-abc; echo $word", far)
    stdout, _stderr = BecomeDialogue(become, process, near).hold(5)
    rest, _nothing = process.communicate()
    assert (stdout + rest).strip() == b"secret"


def test_no_prompt_is_fine(become: BecomeBase) -> None:
    process = start("echo BECOME-SUCCESS-abc; echo done")
    stdout, _stderr = BecomeDialogue(become, process, None).hold(5)
    rest, _nothing = process.communicate()
    assert stdout + rest == b"done\n"


def test_a_refusal_is_told_in_its_own_words(become: BecomeBase) -> None:
    process = start("printf 'Password: ' >&2; read -r word; echo 'su: Authentication failure' >&2; exit 1")
    with pytest.raises(AnsibleError, match=r"ended before it had succeeded.*Authentication failure"):
        BecomeDialogue(become, process, None).hold(5)
    process.communicate()


def test_silence_is_unreachable(become: BecomeBase) -> None:
    process = start("exec sleep 30")
    with pytest.raises(AnsibleConnectionFailure, match="timed out"):
        BecomeDialogue(become, process, None).hold(1)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "-x", "a/b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(AnsibleConnectionFailure, match="ansible_netns"):
        require_namespace(name)


def test_a_missing_namespace_says_what_to_do() -> None:
    with pytest.raises(AnsibleConnectionFailure, match=r"no network namespace 'nobody-has-this'.*ip netns list"):
        require_namespace("nobody-has-this")


def test_a_missing_ip_is_named() -> None:
    with pytest.raises(AnsibleConnectionFailure, match="ansible_netns_ip_command"):
        find_ip("no-such-ip")


def test_the_remote_user_does_not_matter() -> None:
    context = PlayContext()
    context.remote_user = "admin-of-the-real-host"
    connection = Connection(context, task_uuid="", ansible_playbook_pid="")
    assert connection._play_context.remote_user is None
