"""Checks of keys: each is unique, and every reference finds one."""

from collections.abc import Iterator
from typing import Any

from app.domain.tenants.definition import STANDARD, Definition, Flaw, Path

#: Where a key is named, and the section in which it must stand. `*` is each item of a list; the
#: place holds one key, several, or an object whose members are keys.
REFERENCES = (
    ("sign_in.local.self_registration.role", "roles"),
    ("departments.*.default_team", "teams"),
    ("teams.*.department", "departments"),
    ("types.*.departments", "departments"),
    ("types.*.form", "forms"),
    ("types.*.default_severity", "severities"),
    ("types.*.default_priority", "priorities"),
    ("types.*.initial_status", "statuses"),
    ("services.*.departments", "departments"),
    ("workflow.initial_status", "statuses"),
    ("workflow.taken_status", "statuses"),
    ("workflow.customer_comments.*.statuses", "statuses"),
    ("workflow.customer_comments.*.to", "statuses"),
    ("workflow.reopening.to", "statuses"),
    ("transitions.*.from", "statuses"),
    ("transitions.*.to", "statuses"),
    ("transitions.*.who", "roles"),
    ("transitions.*.types", "types"),
    ("transitions.*.needs_fields", "fields"),
    ("forms.*.department", "departments"),
    ("forms.*.types", "types"),
    ("forms.*.roles", "roles"),
    ("forms.*.fields.*.required_on", "statuses"),
    ("sla_policies.*.calendar", "calendars"),
    ("sla_policies.*.types", "types"),
    ("sla_policies.*.severities", "severities"),
    ("sla_policies.*.priorities", "priorities"),
    ("sla_policies.*.services", "services"),
    ("sla_policies.*.entitlements", "entitlement_templates"),
    ("entitlement_templates.*.services", "services"),
    ("entitlement_templates.*.service_names", "services"),
    ("entitlement_templates.*.sla_policy", "sla_policies"),
    ("approval_policies.*.asked_in", "statuses"),
    ("approval_policies.*.types", "types"),
    ("approval_policies.*.approvers.role", "roles"),
    ("approval_policies.*.approvers.team", "teams"),
    ("approval_policies.*.approvers.field", "fields"),
    ("approval_policies.*.verbs.*.transition", "transitions"),
    ("approval_policies.*.presumption.calendar", "calendars"),
    ("retention.by_type_days", "types"),
)


def reference_flaws(definition: Definition) -> Iterator[Flaw]:
    """Duplicate keys, references to nothing, and references to retired things."""
    document = definition.model_dump(by_alias=True)
    yield from _doubles(document, ())
    standing = _standing(document)
    for pattern, section in REFERENCES:
        for path, named, kept in _places(document, tuple(pattern.split(".")), (), kept=False):
            for place, key in _keys(path, named):
                if key not in standing[section]:
                    yield Flaw(place, f"there is no {key!r} in {section}")
                elif standing[section][key] and not kept:
                    yield Flaw(place, f"{key!r} in {section} is retired; name another")


def _doubles(value: Any, path: Path) -> Iterator[Flaw]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _doubles(inner, (*path, name))
    elif isinstance(value, list | tuple):
        seen: set[str] = set()
        for place, item in enumerate(value):
            key = item if isinstance(item, str) else None
            if isinstance(item, dict):
                key = item.get("key")
                yield from _doubles(item, (*path, place))
            if key is not None and key in seen:
                at = (*path, place) if isinstance(item, str) else (*path, place, "key")
                yield Flaw(at, f"{key!r} stands here twice")
            elif key is not None:
                seen.add(key)


def _standing(document: dict[str, Any]) -> dict[str, dict[str, bool]]:
    """For each section its keys, and whether they are retired."""
    sections: dict[str, dict[str, bool]] = {
        name: {item["key"]: item["retired"] for item in items}
        for name, items in document.items()
        if isinstance(items, tuple)
    }
    fields = dict.fromkeys(STANDARD, False)
    for form in document["forms"]:
        for field in form["fields"]:
            gone = field["retired"] or form["retired"]
            fields[field["key"]] = gone and fields.get(field["key"], True)
    return {**sections, "fields": fields}


def _places(
    value: Any, pattern: tuple[str, ...], path: Path, *, kept: bool
) -> Iterator[tuple[Path, Any, bool]]:
    if value is None:
        return
    if not pattern:
        yield path, value, kept
    elif pattern[0] == "*":
        for place, item in enumerate(value):
            gone = kept or item.get("retired", False)
            yield from _places(item, pattern[1:], (*path, place), kept=gone)
    else:
        yield from _places(value[pattern[0]], pattern[1:], (*path, pattern[0]), kept=kept)


def _keys(path: Path, named: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(named, str):
        yield path, named
    elif isinstance(named, dict):
        for key in named:
            yield (*path, key), key
    else:
        for place, key in enumerate(named):
            yield (*path, place), key
