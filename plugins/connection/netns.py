# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: netns
short_description: Run tasks in a network namespace of this machine
version_added: 0.1.0
author:
  - The vxlan.fabric authors (@vxlan-fabric)
description:
  - Runs tasks in a named network namespace, as C(ip netns exec) enters it. The task sees the interfaces, addresses, routes and firewall of
    that namespace, a C(/sys) that matches, and the files of C(/etc/netns/NAME) in place of those in C(/etc).
  - Everything else is shared with the controller, its files, processes, users and Python.
  - Works as root, as a user who may use C(sudo) without a password, and without any privilege inside C(unshare -Urnm).
options:
  namespace:
    description:
      - Name of the network namespace. By default the address or name of the host in the inventory.
    type: str
    vars:
      - name: ansible_netns
    env:
      - name: ANSIBLE_NETNS
    ini:
      - section: netns_connection
        key: namespace
  privilege_command:
    description:
      - Words that are put before C(ip netns exec), because entering a namespace is a privilege.
      - With V(auto) nothing for root, also for the root of a user namespace, and C(sudo -n) for everybody else. Tasks then run as root, also
        without become.
      - An empty string for nothing at all, when the capabilities CAP_SYS_ADMIN and CAP_NET_ADMIN come from elsewhere.
    type: str
    default: auto
    vars:
      - name: ansible_netns_privilege_command
    env:
      - name: ANSIBLE_NETNS_PRIVILEGE_COMMAND
    ini:
      - section: netns_connection
        key: privilege_command
  ip_command:
    description:
      - Path or name of C(ip) of iproute2. C(/usr/sbin) and C(/sbin) are searched too.
    type: str
    default: ip
    vars:
      - name: ansible_netns_ip_command
    env:
      - name: ANSIBLE_NETNS_IP_COMMAND
    ini:
      - section: netns_connection
        key: ip_command
  executable:
    description:
      - Shell that starts the commands in the namespace.
    type: str
    default: /bin/sh
    vars:
      - name: ansible_netns_executable
    env:
      - name: ANSIBLE_NETNS_EXECUTABLE
    ini:
      - section: netns_connection
        key: executable
  become_timeout:
    description:
      - Seconds to wait for a become command to ask for its password or to succeed.
    type: int
    default: 10
    vars:
      - name: ansible_netns_become_timeout
    ini:
      - section: netns_connection
        key: become_timeout
extends_documentation_fragment:
  - connection_pipelining
notes:
  - The user of the inventory (C(ansible_user)) does not matter. Use C(become_user) to be another one.
  - Become happens inside the namespace. C(sudo) and C(su) keep it.
  - Every command has a mount namespace of its own, that ends with it. A file system that a task mounts is not there for the next task, and
    C(ip netns add) in a task makes a name without a namespace.
  - A namespace that does not exist makes the host unreachable.
seealso:
  - module: vxlan.fabric.twin
  - name: ip-netns(8)
    description: What entering a namespace means.
    link: https://man7.org/linux/man-pages/man8/ip-netns.8.html
"""

EXAMPLES = r"""
# inventory: two hosts that are namespaces of this machine
all:
  hosts:
    hv1:
      ansible_connection: vxlan.fabric.netns
      ansible_netns: demo-hv1
      ansible_python_interpreter: "{{ ansible_playbook_python }}"
    # without ansible_netns the namespace is called like the host
    demo-hv2:
      ansible_connection: vxlan.fabric.netns
      ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""

import os
import pty
import selectors
import shlex
import shutil
import subprocess
import time
from typing import IO, TYPE_CHECKING, cast

from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.plugins.become import BecomeBase
from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display
from ansible.utils.path import unfrackpath

if TYPE_CHECKING:
    from typing import Unpack

    from ansible.playbook.play_context import PlayContext
    from ansible.plugins.connection import ConnectionKwargs

display = Display()

NETNS_DIR = "/var/run/netns"  # NETNS_RUN_DIR of iproute2; /var/run is /run


class Connection(ConnectionBase):
    """A process per command, nothing in between: there is no state to keep."""

    transport = "vxlan.fabric.netns"
    has_pipelining = True

    def __init__(self, play_context: PlayContext, *args: object, **kwargs: Unpack[ConnectionKwargs]) -> None:
        super().__init__(play_context, *args, **kwargs)
        # The user of the real host need not exist here: `~` is the home of who runs the commands.
        self._play_context.remote_user = None

    @property
    def namespace(self) -> str:
        return self._option("namespace") or str(self._play_context.remote_addr)

    def _option(self, name: str) -> str:
        value = ConnectionBase.get_option(self, name)
        return "" if value is None else str(value)

    def _connect(self) -> Connection:
        if not self._connected:
            require_namespace(self.namespace)
            display.vvv(f"ENTER NETWORK NAMESPACE {self.namespace}", host=self._play_context.remote_addr)
            self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        self._connect()
        display.vvv(f"EXEC {to_text(cmd)}", host=self._play_context.remote_addr)
        # `_id` is set by build_become_command: a command that was not wrapped has nothing to succeed in.
        become = self.become if sudoable and self.become and self.become._id else None
        prompts = become is not None and become.expect_prompt()
        # su and sudo want a terminal for a password; with pipelining stdin carries the module.
        terminal = pty.openpty() if prompts and not ConnectionBase.get_option(self, "pipelining") else None
        process = self._start(to_text(cmd), terminal[1] if terminal else subprocess.PIPE)
        try:
            if terminal:
                os.close(terminal[1])
            told = (b"", b"")
            if become is not None:
                told = BecomeDialogue(become, process, terminal[0] if terminal else None).hold(self._timeout)
            stdout, stderr = process.communicate(in_data)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            if terminal:
                os.close(terminal[0])
        if process.returncode:
            # Entered or not, the exit status does not tell: look whether it is still there.
            require_namespace(self.namespace)
        return process.returncode, told[0] + stdout, told[1] + stderr

    @property
    def _timeout(self) -> int:
        return max(1, int(self._option("become_timeout")))

    def _start(self, command: str, stdin: int) -> subprocess.Popen[bytes]:
        argv = [*self._enter_words(), self._option("executable"), "-c", command]
        try:
            return subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise AnsibleConnectionFailure(f"{argv[0]} cannot be started: {error.strerror}. It enters {self.namespace}") from error

    def _enter_words(self) -> list[str]:
        privilege = self._option("privilege_command")
        if privilege == "auto":
            privilege = "" if os.geteuid() == 0 else "sudo -n"
        return [*shlex.split(privilege), find_ip(self._option("ip_command")), "netns", "exec", self.namespace]

    def put_file(self, in_path: str, out_path: str) -> None:
        self._connect()
        source = unfrackpath(in_path)
        if not os.path.exists(to_bytes(source, errors="surrogate_or_strict")):
            raise AnsibleFileNotFound(f"file or module does not exist: {source}")
        display.vvv(f"PUT {source} TO {out_path}", host=self._play_context.remote_addr)
        with open(to_bytes(source, errors="surrogate_or_strict"), "rb") as file:
            self._transfer(f"cat > {shlex.quote(out_path)}", stdin=file)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        self._connect()
        display.vvv(f"FETCH {in_path} TO {out_path}", host=self._play_context.remote_addr)
        with open(to_bytes(unfrackpath(out_path), errors="surrogate_or_strict"), "wb") as file:
            self._transfer(f"cat < {shlex.quote(in_path)}", stdout=file)

    def _transfer(self, command: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
        """Through the namespace, not past it: what writes has the rights and sees the files that a task there has."""
        argv = [*self._enter_words(), self._option("executable"), "-c", command]
        done = subprocess.run(argv, stdin=stdin or subprocess.DEVNULL, stdout=stdout or subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            require_namespace(self.namespace)
            raise AnsibleError(f"transfer in the network namespace {self.namespace} failed ({command}): {to_text(done.stderr).strip()}")

    def reset(self) -> None:
        """Nothing persists between commands."""
        self._connected = False

    def close(self) -> None:
        self._connected = False


class BecomeDialogue:
    """What is said until the become command has succeeded: the password, once, and what must not be lost."""

    def __init__(self, become: BecomeBase, process: subprocess.Popen[bytes], terminal: int | None) -> None:
        self.become = become
        self.process = process
        self.terminal = terminal
        self.heard: dict[IO[bytes], bytes] = {stream: b"" for stream in (process.stdout, process.stderr) if stream}
        self.password_sent = False

    def hold(self, timeout: int) -> tuple[bytes, bytes]:
        """Return what came after the success on stdout, and on stderr."""
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for stream in self.heard:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            while not self._succeeded():
                self._answer()
                events = selector.select(max(0.0, deadline - time.monotonic()))
                if not events:
                    raise AnsibleConnectionFailure(self._complaint("timed out"))
                for key, _mask in events:
                    stream = cast("IO[bytes]", key.fileobj)
                    chunk = stream.read()
                    self.heard[stream] += chunk or b""
                    if not chunk:
                        selector.unregister(stream)
                if not selector.get_map() and not self._succeeded():
                    raise AnsibleError(self._complaint("ended"))
        for stream in self.heard:
            os.set_blocking(stream.fileno(), True)
        stdout, stderr = self.heard.values()
        return stdout.partition(self._success)[2], stderr.partition(self._success)[2] or stderr

    @property
    def _success(self) -> bytes:
        """The line that the become command prints when it has become the user."""
        return str(self.become.success).encode() + b"\n"

    def _succeeded(self) -> bool:
        return any(self._success in heard for heard in self.heard.values())

    def _answer(self) -> None:
        asked = self.become.expect_prompt() and any(self.become.check_password_prompt(heard) for heard in self.heard.values())
        if not asked or self.password_sent:
            return
        secret = to_bytes(BecomeBase.get_option(self.become, "become_pass") or "") + b"\n"
        if self.terminal is not None:
            os.write(self.terminal, secret)
        elif self.process.stdin:
            self.process.stdin.write(secret)
            self.process.stdin.flush()
        self.password_sent = True

    def _complaint(self, what: str) -> str:
        said = " / ".join(to_text(heard).strip() for heard in self.heard.values() if heard.strip())
        return f"become {what} before it had succeeded: {said or 'it said nothing'}"


def find_ip(command: str) -> str:
    """sbin is not on every user's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    found = shutil.which(command, path=path)
    if found is None:
        raise AnsibleConnectionFailure(f"{command} is not there: install iproute2, or name it with ansible_netns_ip_command")
    return found


def require_namespace(name: str) -> None:
    """Unreachable, with what to do, when there is no such namespace."""
    if not name or "/" in name or name.startswith("-") or name in (".", ".."):
        raise AnsibleConnectionFailure(f"{name!r} is not the name of a network namespace: set ansible_netns")
    path = os.path.join(NETNS_DIR, name)
    if not os.path.lexists(path):
        raise AnsibleConnectionFailure(
            f"there is no network namespace '{name}' on this machine ({path}). "
            "Build the twin (ansible-playbook vxlan.fabric.twin), or set ansible_netns to one that 'ip netns list' shows"
        )
    if not os.path.ismount(path):
        raise AnsibleConnectionFailure(
            f"'{name}' is a name without a network namespace: nothing is mounted at {path}. Remove it (ip netns delete {name}) and build it again"
        )
