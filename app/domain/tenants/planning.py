"""From one version of a definition to the next: what vanished is retired, what changed is told.

Pure. Nothing is ever deleted: tickets keep the version they were decided under, and keys in use
must go on having labels, colours and a place in the order.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.tenants.definition import Definition, Flaw

_SINGULAR = {
    "departments": "department",
    "teams": "team",
    "types": "type",
    "severities": "severity",
    "priorities": "priority",
    "services": "service",
    "statuses": "status",
    "transitions": "transition",
    "roles": "role",
    "forms": "form",
    "pages": "page",
    "fields": "field",
    "choices": "choice",
    "links": "link",
    "calendars": "calendar",
    "sla_policies": "SLA policy",
    "entitlement_templates": "entitlement template",
    "approval_policies": "approval policy",
    "verbs": "verb",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: something added, changed, or retired."""

    sign: Literal["+", "~", "-"]
    text: str

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


def merge(previous: Definition | None, new: Definition) -> Definition:
    """`new`, with everything keyed that only `previous` has kept in its place as retired."""
    if previous is None:
        return new
    document = _merged(previous.as_document(), new.as_document())
    return Definition.model_validate(document)


def diff(previous: Definition | None, new: Definition) -> list[Change]:
    """What applying `new` after `previous` would change, in the order of the document."""
    after = merge(previous, new).as_document()
    if previous is None:
        return list(_additions(after))
    return list(_differences(previous.as_document(), after, ()))


def _keyed(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "key" in item for item in value)
    )


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        merged = {name: _merged(old.get(name), value) for name, value in new.items()}
        for name, value in old.items():
            # A list that is missing now has lost all it held.
            if name not in new and _keyed(value):
                merged[name] = [_retired(item) for item in value]
        return merged
    if _keyed(old) and (_keyed(new) or new == []):
        return _merged_list(old, new)
    return new


def _merged_list(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    before = {item["key"]: item for item in old}
    merged = {item["key"]: _merged(before.get(item["key"]), item) for item in new}
    order = list(merged)
    behind = -1
    for key, item in before.items():
        if key not in merged:
            # Behind what it stood behind: tickets that hold it keep their place in lists.
            order.insert(behind + 1, key)
            merged[key] = _retired(item)
        behind = order.index(key)
    return [merged[key] for key in order]


def _retired(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "retired": True}


def _additions(document: dict[str, Any]) -> Iterator[Change]:
    portal = document["portal"]
    yield Change("+", f"portal {portal['slug']}: {portal['name']}")
    for section, items in document.items():
        if _keyed(items):
            for item in items:
                yield Change("+", f"{_SINGULAR[section]} {item['key']}")


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*new, *old)):
            yield from _differences(old.get(name), new.get(name), (*path, name))
    elif (_keyed(old) or not old) and (_keyed(new) or not new) and (_keyed(old) or _keyed(new)):
        yield from _items(old or [], new or [], path)
    else:
        yield Change("~", f"{_spell(path)}: {_show(old)} -> {_show(new)}")


def _items(old: list[Any], new: list[Any], path: tuple[str, ...]) -> Iterator[Change]:
    before = {item["key"]: item for item in old}
    for item in new:
        key = item["key"]
        here = (*path[:-1], f"{_SINGULAR.get(path[-1], path[-1])} {key}")
        was = before.get(key)
        if was is None:
            yield Change("+", _spell(here))
        elif item.get("retired") and not was.get("retired"):
            yield Change("-", f"{_spell(here)} (retired, kept for what uses it)")
        else:
            if was.get("retired") and not item.get("retired"):
                yield Change("+", f"{_spell(here)} (taken back)")
            yield from _differences(_unmarked(was), _unmarked(item), here)
    places = [item["key"] for item in new if item["key"] in before and not item.get("retired")]
    former = [item["key"] for item in old if item["key"] in places]
    if places != former:
        yield Change("~", f"{_spell(path)}: order {_list(former)} -> {_list(places)}")


def _unmarked(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "retired"}


def _spell(path: tuple[str, ...]) -> str:
    """Keyed things are told by name, the rest by their path below: `severity sev10: labels.fi`."""
    named = [place for place, step in enumerate(path) if " " in step]
    if not named:
        return ".".join(path)
    last = named[-1]
    things = ", ".join(path[place] for place in named)
    rest = ".".join(path[last + 1 :])
    return f"{things}: {rest}" if rest else things


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def _list(keys: list[str]) -> str:
    return ", ".join(keys)


def obstacles(previous: Definition | None, new: Definition) -> list[Flaw]:
    """What in `new` cannot follow `previous`, because it would tear at what people have."""
    if previous is None:
        return []
    return [
        Flaw(
            ("roles", place, "side"),
            f"the role {role.key!r} is held on the {previous.role_of[role.key].side}'s side;"
            " make another role",
        )
        for place, role in enumerate(new.roles)
        if role.key in previous.role_of and previous.role_of[role.key].side != role.side
    ]
