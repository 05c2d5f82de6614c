# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces for tests, and their complete state as ip(8) and bridge(8) report it: judges that share no code with the engine."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .kernel import has_vlans

Json = dict[str, Any]

_VLANS = {"vlans": "vlan show", "tunnels": "vlan tunnelshow"}
_counter = itertools.count(1)

UNDERLAY = (
    "link add eth0 address 02:00:00:00:00:01 mtu 1600 type veth peer name far0 address 02:00:00:00:00:02 mtu 1600",
    "link set lo up",
    "address add 192.0.2.1/24 dev eth0",
    "address add 2001:db8::1/64 dev eth0 nodad",
    "link set eth0 up",
    "link set far0 up",
)
# Duplicate address detection and router solicitation would make states depend on the clock.
_QUIET = "for f in accept_dad router_solicitations; do echo 0 >/proc/sys/net/ipv6/conf/default/$f; done"
# What changes by itself, or says nothing about configuration.
_VOLATILE = {
    "ifindex", "hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "hold_timer", "message_age_timer", "forward_delay_timer",
    "operstate", "qdisc", "fdb_n_learned", "valid_life_time", "preferred_life_time", "updated", "used", "expires",
    "tso_max_size", "tso_max_segs",  # of a bridge: of the ports it has had
}  # fmt: skip
# Link-local addresses come when the carrier does.
_BY_ITSELF = ("fe80:", "ff00:", "multicast")
_CARRIER = {"LOWER_UP", "NO-CARRIER", "linkdown"}
# A bridge port walks from listening to forwarding in its own time; its number depends on who came first.
_VOLATILE_PORT = {"state", "id", "no", "designated_port", "topology_change_ack", "config_pending"}


class CommandError(AssertionError):
    """A command of the judges failed."""


def execute(words: list[str], text: str = "") -> str:
    """Run a program; its standard output."""
    run = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if run.returncode:
        raise CommandError(f"{' '.join(words)} <<< {text!r}: {run.stderr.strip()}")
    return run.stdout


class Namespace:
    """A named network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name

    def ip(self, *lines: str) -> None:
        """Lines for `ip -batch`."""
        execute(["ip", "-n", self.name, "-batch", "-"], "".join(f"{line}\n" for line in lines))

    def bridge(self, *lines: str) -> None:
        """Lines for `bridge -batch`."""
        execute(["bridge", "-n", self.name, "-batch", "-"], "".join(f"{line}\n" for line in lines))

    def sh(self, script: str) -> str:
        """A shell script inside the namespace."""
        return execute(["ip", "netns", "exec", self.name, "sh", "-euc", script])

    def json(self, program: str, *words: str) -> list[Json]:
        found: list[Json] = json.loads(execute([program, "-n", self.name, "-j", "-d", *words]) or "[]")
        return [entry for entry in found if entry]

    def link(self, name: str) -> Json:
        (found,) = self.json("ip", "link", "show", "dev", name)
        return found

    def data(self, name: str) -> Json:
        """The attributes of a link's kind."""
        found: Json = self.link(name)["linkinfo"].get("info_data", {})
        return found

    def slave_data(self, name: str) -> Json:
        found: Json = self.link(name)["linkinfo"].get("info_slave_data", {})
        return found

    def index(self, name: str) -> int:
        return int(self.link(name)["ifindex"])

    def has(self, name: str) -> bool:
        return any(entry["ifname"] == name for entry in self.json("ip", "link"))

    def fdb(self, name: str) -> list[Json]:
        return sorted(self.json("bridge", "fdb", "show", "dev", name), key=_order)

    def destinations(self, name: str, mac: str = "00:00:00:00:00:00") -> list[str]:
        """Destinations of a MAC, in order."""
        return sorted(row["dst"] for row in self.fdb(name) if row["mac"] == mac and "dst" in row)

    def addresses(self, name: str) -> set[str]:
        (entry,) = self.json("ip", "address", "show", "dev", name)
        return {f"{a['local']}/{a['prefixlen']}" for a in entry["addr_info"] if a.get("protocol") != "kernel_ll" and a["scope"] != "link"}

    def neighbours(self, name: str) -> list[Json]:
        return [entry for entry in self.json("ip", "neighbour", "show", "nud", "all", "dev", name) if _configured(entry)]

    def state(self) -> dict[str, list[Json]]:
        """Everything that can be seen, without what moves by itself. Comparable between namespaces and moments."""
        # Few processes: tests look thousands of times.
        links, addresses, neighbours, routes = self._batch("ip", "link show", "address show", "neighbour show nud all", "route show table all")
        # A kernel that has not loaded its vxlan module yet has no list of VNIs.
        kinds = {link.get("linkinfo", {}).get("info_kind") for link in links}
        shown = {"fdb": "fdb show", **({"vnis": "vni show"} if "vxlan" in kinds else {}), **(_VLANS if has_vlans() else {})}
        lists = dict(zip(shown, self._batch("bridge", *shown.values())))
        return {
            "links": _tidy(links),
            "addresses": _tidy({"ifname": e["ifname"], "of": [a for a in e["addr_info"] if not a["local"].startswith("fe80:")]} for e in addresses),
            "neighbours": _tidy(entry for entry in neighbours if _configured(entry)),
            "routes": _tidy(r for r in routes if "pref" not in r),
            "routes6": _tidy(r for r in routes if "pref" in r and not r["dst"].startswith(_BY_ITSELF)),  # which IPv6 alone has
            "fdb": _tidy(row for row in lists["fdb"] if not row["mac"].startswith("33:33:") or "dst" in row),
            **{key: _tidy(lists.get(key, ())) for key in ("vnis", *_VLANS)},
        }

    def _batch(self, program: str, *lines: str) -> list[list[Json]]:
        """What each of several commands shows; one array on each line."""
        text = execute([program, "-n", self.name, "-j", "-d", "-batch", "-"], "".join(f"{line}\n" for line in lines))
        arrays: list[list[Json]] = [json.loads(line) for line in text.splitlines()]
        assert len(arrays) == len(lines), text
        return [[entry for entry in array if entry] for array in arrays]


def _configured(entry: Json) -> bool:
    """Without what the kernel keeps for multicast and the unspecified address."""
    if entry.get("dev") == "lo" or entry["dst"].startswith(("ff0", "224.", "239.", "::", "0.")):
        return False
    return bool({"PERMANENT", "NOARP"} & set(entry.get("state", ()))) or "extern_learn" in entry


def _order(entry: Json) -> str:
    return json.dumps(entry, sort_keys=True)


def _tidy(entries: Iterable[Json]) -> list[Json]:
    return sorted((_without(entry, _VOLATILE) for entry in entries), key=_order)


def _without(value: Any, keys: set[str]) -> Any:
    if isinstance(value, dict):
        kept = {key: _without(part, keys | _VOLATILE_PORT if key == "info_slave_data" else keys) for key, part in value.items() if key not in keys}
        if "bridge_id" in kept:  # timers of the spanning tree
            kept.pop("topology_change", None)
            kept.pop("topology_change_detected", None)
        return kept
    if isinstance(value, list):
        return [_without(part, keys) for part in value if not (isinstance(part, str) and part in _CARRIER)]
    return value


@contextmanager
def namespace(prefix: str = "vfe", underlay: bool = True) -> Iterator[Namespace]:
    """A new namespace, gone afterwards. underlay: with eth0 (192.0.2.1/24, 2001:db8::1/64, MTU 1600), its other end far0 beside it."""
    name = f"{prefix}-{os.getpid()}-{next(_counter)}"
    execute(["ip", "netns", "add", name])
    made = Namespace(name)
    try:
        made.sh(_QUIET)
        if underlay:
            made.ip(*UNDERLAY)
            _wait_for_routes(made)
        yield made
    finally:
        execute(["ip", "netns", "delete", name])


def _wait_for_routes(made: Namespace) -> None:
    """The kernel adds the routes of IPv6 addresses behind our back (addrconf_dad_work); on a busy machine later than a test looks."""
    for _try in range(250):
        if {"::1", "2001:db8::1"} <= {route["dst"] for route in made.json("ip", "-6", "route", "show", "table", "local")}:
            return
        time.sleep(0.02)
    raise CommandError(f"{made.name}: no routes of its IPv6 addresses after 5 s")
