# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Plan what takes an interface down: its removal and its re-creation. Pure."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.table import Value, attribute_for, default_of, present_value
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.tables import table_of
from ansible_collections.vxlan.fabric.plugins.module_utils._attributes.vxlan import default_reserved_bits
from ansible_collections.vxlan.fabric.plugins.module_utils._errors import ConflictError, UnsupportedError
from ansible_collections.vxlan.fabric.plugins.module_utils._model.state import Link
from ansible_collections.vxlan.fabric.plugins.module_utils._model.wanted import WantedLink
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import checks, conflicts, rebuild
from ansible_collections.vxlan.fabric.plugins.module_utils._plan import operations as ops
from ansible_collections.vxlan.fabric.plugins.module_utils._plan.draft import Draft


def remove_link(draft: Draft, current: Link) -> None:
    """Delete a link; refused when other interfaces stand on it, because the kernel would take them along."""
    standing = draft.state.standing_on(current.name)
    if standing:
        raise ConflictError(f"{current.name}: {', '.join(standing)} stand on it and would be deleted with it; remove them first")
    draft.do(ops.DeleteLink(current.name, current.kind, rebuild.rebuild_link(draft.state, current)))


def recreate_link(draft: Draft, wanted: WantedLink, current: Link, forced: list[str]) -> None:
    shown = ", ".join(_explain(key, wanted.link.attributes.get(key), current) for key in forced if key != "recreate")
    if wanted.recreate == "never":
        raise UnsupportedError(f"{current.name}: cannot be changed on a live interface: {shown}; and 'recreate' is 'never'")
    standing = draft.state.standing_on(current.name)
    if standing:
        raise ConflictError(f"{current.name}: has to be re-created ({shown}), but {', '.join(standing)} stand on it and would be deleted with it")
    bridge = draft.state.links.get(current.master or "")
    if bridge is not None and bridge.attributes.get("vlan_filtering") and draft.state.vlans is None:
        raise UnsupportedError(
            f"{current.name}: has to be re-created ({shown}), but bridge {bridge.name} filters VLANs, and this kernel, older than Linux 5.7, "
            "does not tell those of its ports, so that they could not be put back; take the port out of the bridge first"
        )
    merged = rebuild.carried_over(draft.state, current, wanted.link)
    _check_claims(draft, merged, current)
    if bridge is not None and bridge.kind == "bridge":
        conflicts.check_loop(draft.state, merged, bridge.name)
    draft.recreated[current.name] = [_option(key, wanted, current) for key in forced]
    rebuilt = rebuild.rebuild_link(draft.state, current)
    built = rebuild.build_link(draft.state, merged, skip_default=current.attributes.get("destination"))
    members = draft.state.ports_of(current.name) if current.kind == "vrf" else []
    draft.do(ops.DeleteLink(current.name, current.kind, rebuilt))
    for operation in built:
        draft.do(operation)
    for member in members:
        draft.do(ops.SetLink(member.name, "master", current.name, ""))


def _check_claims(draft: Draft, merged: Link, current: Link) -> None:
    if merged.kind != "vxlan":
        checks.check_routed(merged)
        conflicts.check_claim_free(draft.state, merged)
        if merged.kind == "vlan":
            conflicts.check_device(draft.state, merged)
    elif any(merged.attributes.get(k) != current.attributes.get(k) for k in ("vni", "port")) or merged.family != current.family:
        conflicts.check_vni_free(draft.state, merged)


def _option(key: str, wanted: WantedLink, current: Link) -> str:
    """The option that a person would look for: 'group' when it is a group that goes or comes."""
    if key == "recreate":
        return key
    value = wanted.link.attributes.get(key)
    return attribute_for(table_of(current.kind), key, value if value is not None else current.attributes.get(key)).option


def _explain(key: str, value: Value, current: Link) -> str:
    table = table_of(current.kind)
    now = current.attributes.get(key, default_of(table, key))
    attribute = attribute_for(table, key, value if value is not None else now)
    return f"{attribute.option} {present_value(attribute, now)} -> {present_value(attribute, value)}"


def with_defaults(made: Link, before: Link) -> Link:
    """A re-created link with every attribute that its predecessor reported: what was not sent is the default."""
    table = table_of(made.kind)
    attributes = {key: default_of(table, key) for key in before.attributes}
    if "reserved_bits" in attributes:
        attributes["reserved_bits"] = default_reserved_bits(made.attributes)
    known = {key: value for key, value in {**attributes, **made.attributes}.items() if value is not None}
    return replace(made, attributes=known, index=before.index)
