# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook twin and the connection plugin netns, by whole runs of Ansible."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent

INVENTORY = """
all:
  vars:
    # Of the real hosts: nothing of it may matter on the twin.
    ansible_user: nobody-has-this-name
    ansible_become: true
    vxlan_fabric:
      name: {name}
      underlay: {{mtu: 1600}}
      networks:
        blue:
          vni: 10100
          members: [hypervisors]
          endpoints:
            - {{name: blue1, host: hv1, port: tap-blue, mac: "02:00:00:00:00:01", address: 10.0.0.1/24}}
            - {{name: blue2, host: hv2, port: tap-blue, mac: "02:00:00:00:00:02", address: 10.0.0.2/24}}
    vxlan_twin: {{mode: {mode}}}
  children:
    hypervisors:
      hosts:
        hv1:
          ansible_host: 203.0.113.1
          vxlan_vtep: {{address: [192.0.2.11, "2001:db8::11"], device: eth0, ports: {{blue: [tap-blue]}}}}
        hv2:
          ansible_host: 203.0.113.2
          vxlan_vtep: {{address: [192.0.2.12, "2001:db8::12"], device: eth0, ports: {{blue: [tap-blue]}}}}
    switches: {{}}
"""


class Site:
    """A directory of a user with an inventory, and the commands that are typed there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.name = f"zp{uuid.uuid4().hex[:8]}"
        self.overlay = directory / ".vxlan-twin" / f"{self.name}.yml"
        self.write("segment")

    def write(self, mode: str) -> None:
        (self.directory / "hosts.yml").write_text(INVENTORY.format(name=self.name, mode=mode))

    def run(self, *words: str, before: tuple[str, ...] = (), **environment: str) -> subprocess.CompletedProcess[str]:
        surroundings = {
            **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{BIN}:{os.environ['PATH']}",
            **environment,
        }
        return subprocess.run([*before, *words], cwd=self.directory, env=surroundings, capture_output=True, text=True, check=False)

    def twin(self, *words: str) -> int:
        """Run the playbook; the number of changes."""
        done = self.run("ansible-playbook", "-i", "hosts.yml", "vxlan.fabric.twin", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARNING" not in done.stderr
        recap = re.search(r"changed=(\d+)", done.stdout)
        assert recap
        return int(recap.group(1))

    def ad_hoc(self, pattern: str, module: str, arguments: str = "", *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = ("-a", arguments) if arguments else ()
        command = ("ansible", "-i", "hosts.yml", "-i", str(self.overlay), pattern, "-m", module, *given, *words)
        return self.run(*command, before=(), **environment)

    def namespaces(self) -> list[str]:
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout.split()
        return sorted(name for name in listed if name.startswith(self.name))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    site = Site(tmp_path)
    yield site
    for name in site.namespaces():
        subprocess.run(["ip", "netns", "delete", name], check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One twin for all tests that only use it."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    site = Site(tmp_path_factory.mktemp("built"))
    site.twin()
    yield site
    for name in site.namespaces():
        subprocess.run(["ip", "netns", "delete", name], check=False)


def test_from_nothing_to_packets_and_back(site: Site) -> None:
    assert site.twin("--check", "--diff") == 2
    assert not site.overlay.exists()
    assert site.namespaces() == []

    assert site.twin() == 3
    assert site.namespaces() == [f"{site.name}-{short}" for short in ("blue1", "blue2", "hv1", "hv2", "underlay")]
    assert yaml.safe_load(site.overlay.read_text())["all"]["hosts"]["hv1"] == {
        "ansible_connection": "vxlan.fabric.netns",
        "ansible_netns": f"{site.name}-hv1",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "ansible_become": False,
    }
    assert site.twin() == 0
    ping = site.ad_hoc("all", "ansible.builtin.command", "ping -c1 -W2 2001:db8::12")
    assert ping.returncode == 0, ping.stdout + ping.stderr

    subprocess.run(["ip", "-n", f"{site.name}-hv1", "address", "flush", "dev", "eth0"], check=True)
    assert site.twin("--check") == 1
    assert site.twin() == 1

    assert site.twin("-e", "twin_state=absent", "--check") == 3
    assert site.overlay.exists()
    assert site.twin("-e", "twin_state=absent") == 3
    assert site.namespaces() == []
    assert sorted(path.name for path in site.directory.iterdir()) == ["hosts.yml"]
    assert site.twin("-e", "twin_state=absent") == 0


def test_a_routed_underlay_comes_from_the_inventory(site: Site) -> None:
    site.write("routed")
    assert site.twin() == 3
    assert site.twin() == 0
    ping = site.ad_hoc("all", "ansible.builtin.command", "ping -c1 -W2 192.0.2.12")
    assert ping.returncode == 0, ping.stdout + ping.stderr
    assert "ttl=63" in ping.stdout  # through the router


def test_the_overlays_of_other_twins_stay(site: Site) -> None:
    other = site.overlay.with_name("other.yml")
    other.parent.mkdir()
    other.write_text("all: {}\n")
    site.twin()
    site.twin("-e", "twin_state=absent")
    assert [path.name for path in other.parent.iterdir()] == ["other.yml"]


def test_mistakes_are_told_all_at_once(site: Site) -> None:
    topology = '{"twin_topologies": [{"name": "zpx", "hosts": [{"name": "a", "addresses": ["192.0.2.1", "x/24"]}]}]}'
    done = site.run("ansible-playbook", "-i", "hosts.yml", "vxlan.fabric.twin", "-e", topology)
    assert done.returncode == 2
    assert "hosts[0].addresses[0]: '192.0.2.1' lacks a prefix length" in done.stdout + done.stderr
    assert "hosts[0].addresses[1]: 'x/24' is not an address" in done.stdout + done.stderr


@pytest.mark.parametrize("pipelining", ["0", "1"])
def test_modules_run_in_the_namespace(built: Site, pipelining: str) -> None:
    done = built.ad_hoc("all", "ansible.builtin.ping", ANSIBLE_PIPELINING=pipelining)
    assert done.stdout.count("pong") == 2, done.stdout + done.stderr
    seen = built.ad_hoc("hv1", "ansible.builtin.shell", "ip -brief link; ls /sys/class/net; echo oops >&2; exit 3", ANSIBLE_PIPELINING=pipelining)
    assert seen.returncode == 2
    assert "rc=3" in seen.stdout
    assert "oops" in seen.stdout
    assert seen.stdout.count("tap-blue") == 2  # interfaces and /sys agree


@pytest.mark.parametrize("pipelining", ["0", "1"])
def test_become_happens_inside(built: Site, pipelining: str) -> None:
    method = next((method for method in ("sudo", "su") if shutil.which(method)), None)
    if method is None:
        pytest.skip("neither sudo nor su is installed")
    if not os.access("/usr/bin/python3", os.X_OK):
        pytest.skip("user nobody needs /usr/bin/python3")
    words = ["-e", "ansible_become=true", "--become-method", method, "--become-user", "nobody", "-e", "ansible_python_interpreter=/usr/bin/python3"]
    if method == "su":
        words += ["-e", "ansible_become_flags='-s /bin/sh'"]  # nobody has no shell of his own
    done = built.ad_hoc("hv1", "ansible.builtin.shell", "id -un; ls /sys/class/net", *words, ANSIBLE_PIPELINING=pipelining)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split("\n")[1:] == ["nobody", "eth0", "lo", "tap-blue", ""]


def test_files_go_there_and_back(built: Site) -> None:
    source = built.directory / "source with space"
    source.write_bytes(bytes(range(256)) * 4096)
    target = built.directory / "target 'quoted'"
    done = built.ad_hoc("hv1", "ansible.builtin.copy", f'src="{source}" dest="{target}" mode=0600')
    assert done.returncode == 0, done.stdout + done.stderr
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600
    back = built.directory / "back"
    done = built.ad_hoc("hv1", "ansible.builtin.fetch", f'src="{target}" dest="{back}" flat=true')
    assert done.returncode == 0, done.stdout + done.stderr
    assert back.read_bytes() == source.read_bytes()


def test_the_namespace_has_its_own_files_of_etc_netns(built: Site) -> None:
    """fetch sees what a task sees."""
    own = Path("/etc/netns") / f"{built.name}-hv1"
    existed = own.parent.is_dir()
    own.mkdir(parents=True)
    try:
        (own / "hosts").write_text("# of the twin\n")
        back = built.directory / "hosts-of-hv1"
        done = built.ad_hoc("hv1", "ansible.builtin.fetch", f"src=/etc/hosts dest={back} flat=true")
        assert done.returncode == 0, done.stdout + done.stderr
        assert back.read_text() == "# of the twin\n"
    finally:
        shutil.rmtree(own)
        if not existed:
            own.parent.rmdir()


def test_a_missing_namespace_is_unreachable(built: Site) -> None:
    done = built.ad_hoc("all", "ansible.builtin.ping", "", "-e", "ansible_netns=zp-nobody-has-this")
    assert done.returncode == 4
    assert "UNREACHABLE" in done.stdout
    assert "there is no network namespace 'zp-nobody-has-this'" in done.stdout
    assert "ip netns list" in done.stdout


def test_the_namespace_is_called_like_the_host_by_default(built: Site) -> None:
    (built.directory / "plain.yml").write_text(
        f"all: {{hosts: {{{built.name}-hv1: {{ansible_connection: vxlan.fabric.netns, ansible_python_interpreter: '{sys.executable}'}}}}}}\n"
    )
    done = built.run("ansible", "-i", "plain.yml", "all", "-m", "ansible.builtin.command", "-a", "ip netns identify")
    assert f"{built.name}-hv1" in done.stdout.split("\n")[1], done.stdout + done.stderr


def test_delegation_enters_the_other_namespace(built: Site) -> None:
    play = [
        {
            "hosts": "hv1",
            "gather_facts": False,
            "tasks": [
                {"ansible.builtin.command": "ip netns identify", "delegate_to": "hv2", "register": "seen"},
                {"ansible.builtin.assert": {"that": [f"seen.stdout == '{built.name}-hv2'"]}},
            ],
        }
    ]
    (built.directory / "play.yml").write_text(yaml.safe_dump(play))
    done = built.run("ansible-playbook", "-i", "hosts.yml", "-i", str(built.overlay), "play.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_asynchronous_task_runs_there(built: Site) -> None:
    done = built.ad_hoc("hv1", "ansible.builtin.command", "ip netns identify", "-B", "20", "-P", "1")
    assert f'"stdout": "{built.name}-hv1"' in done.stdout, done.stdout + done.stderr


def test_a_user_without_privileges(site: Site) -> None:
    """As in any shell: unshare, a /run of its own, and then everything as root has it."""
    if subprocess.run(["unshare", "-Urnm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let users make user namespaces (unshare -Urnm)")
    script = f"""
    set -e
    mount -t tmpfs tmpfs /run
    ansible-playbook -i hosts.yml vxlan.fabric.twin
    ansible -i hosts.yml -i {site.overlay} hv1 -m ansible.builtin.command -a 'ping -c1 -W2 192.0.2.12'
    ansible-playbook -i hosts.yml vxlan.fabric.twin -e twin_state=absent
    test -z "$(ip netns list)"
    """
    done = site.run("sh", "-c", script, before=("unshare", "-Urnm"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 received" in done.stdout


@pytest.mark.parametrize("page", ["twin.md", "netns-connection.md"])
def test_the_example_of_the_page_works_as_it_stands(site: Site, page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```shell\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    script = "set -e\n" + "\n".join(blocks).replace("rehearsal", site.name)
    done = site.run("bash", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.namespaces() == []
