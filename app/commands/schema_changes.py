"""What breaks clients between two versions of one schema, as an input and as an answer."""

import math
from collections.abc import Callable, Iterator
from typing import Any

JSONObject = dict[str, Any]
Variant = tuple[str, str]
_REF = "#/components/"
# An input breaks when a ceiling comes down or a floor goes up.
_CEILINGS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_FLOORS = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_FORMS = ("pattern", "format", "multipleOf", "uniqueItems")


class Shelves:
    """The components of both documents, and which pairs of schemas are being compared."""

    def __init__(self, released: JSONObject, current: JSONObject) -> None:
        self._released = released.get("components", {})
        self._current = current.get("components", {})
        self.walking: set[tuple[str, str, str]] = set()

    def old(self, thing: JSONObject) -> JSONObject:
        """`thing` of the released document, or what it points at."""
        return _follow(thing, self._released)

    def new(self, thing: JSONObject) -> JSONObject:
        """`thing` of the current document, or what it points at."""
        return _follow(thing, self._current)

    def all_old(self, things: list[JSONObject]) -> list[JSONObject]:
        """`old` of each."""
        return [self.old(thing) for thing in things]

    def all_new(self, things: list[JSONObject]) -> list[JSONObject]:
        """`new` of each."""
        return [self.new(thing) for thing in things]


def _follow(thing: JSONObject, shelves: JSONObject) -> JSONObject:
    while "$ref" in thing:
        shelf, name = thing["$ref"].removeprefix(_REF).split("/")
        thing = shelves[shelf][name]
    return thing


def input_changes(shelves: Shelves, old: JSONObject, new: JSONObject) -> Iterator[str]:
    """What a client may no longer send, or must now send."""
    yield from _pairs(shelves, old, new, "", taken=True)


def answer_changes(shelves: Shelves, old: JSONObject, new: JSONObject) -> Iterator[str]:
    """What a client can no longer read, or must now be ready for."""
    yield from _pairs(shelves, old, new, "", taken=False)


def _pairs(
    shelves: Shelves, old: JSONObject, new: JSONObject, place: str, *, taken: bool
) -> Iterator[str]:
    """Compare two places where a schema stands; what points at itself is compared once."""
    names = (old.get("$ref", ""), new.get("$ref", ""), str(taken))
    if names in shelves.walking:
        return
    if all(names):
        shelves.walking.add(names)
    yield from _variants_compared(shelves, old, new, place, taken=taken)
    shelves.walking.discard(names)


def _variants_compared(
    shelves: Shelves, old: JSONObject, new: JSONObject, place: str, *, taken: bool
) -> Iterator[str]:
    """Match the variants of both (`anyOf`, `oneOf`, several types) and compare the matches."""
    before, after = dict(_variants(old, shelves.old)), dict(_variants(new, shelves.new))
    if [kind for kind, _ in before] == [kind for kind, _ in after] and len(before) == 1:
        # One shape on either side: the same thing, whatever tells it apart now.
        after = dict(zip(before, after.values(), strict=True))
    here = place or "/"
    if taken:
        gone = sorted(before.keys() - after.keys())
        yield from (f"{here} may no longer be {_named(key)}" for key in gone)
    else:
        come = sorted(after.keys() - before.keys())
        yield from (f"{here} may now be {_named(key)}" for key in come)
    for key in sorted(before.keys() & after.keys()):
        if taken:
            yield from _narrowed(before[key], after[key], here)
        yield from _inside(shelves, before[key], after[key], place, taken=taken)


def _named(key: Variant) -> str:
    return " ".join(part for part in key if part) or "anything"


def _variants(
    schema: JSONObject, follow: Callable[[JSONObject], JSONObject]
) -> Iterator[tuple[Variant, JSONObject]]:
    """(type, which of that type) → schema. Objects are told apart by their constant fields."""
    schema = follow(schema)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        for choice in choices:
            yield from _variants(choice, follow)
        return
    kinds = schema.get("type", "")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        fixed = [
            f"{name}={field['const']}"
            for name, field in sorted(schema.get("properties", {}).items())
            if "const" in field
        ]
        which = ",".join(fixed) or (schema.get("format", "") if kind == "string" else "")
        yield (kind, which), schema


def _narrowed(old: JSONObject, new: JSONObject, place: str) -> Iterator[str]:
    for word in _CEILINGS:
        if word in new and new[word] < old.get(word, math.inf):
            yield f"{place}: {word} came down from {old.get(word, 'none')} to {new[word]}"
    for word in _FLOORS:
        if word in new and new[word] > old.get(word, -math.inf):
            yield f"{place}: {word} went up from {old.get(word, 'none')} to {new[word]}"
    for word in _FORMS:
        if word in new and new[word] != old.get(word):
            yield f"{place}: {word} is now {new[word]!r}"
    yield from _choices_lost(_choices(old), _choices(new), place)


def _choices(schema: JSONObject) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _choices_lost(before: list[Any] | None, after: list[Any] | None, place: str) -> Iterator[str]:
    if after is None:
        return
    if before is None:
        yield f"{place} now takes only {after}"
        return
    yield from (f"{place} no longer takes {value!r}" for value in before if value not in after)


def _inside(
    shelves: Shelves, old: JSONObject, new: JSONObject, place: str, *, taken: bool
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        here = f"{place}/{name}"
        if name not in after:
            yield f"{here} is gone"
        else:
            yield from _pairs(shelves, before[name], after[name], here, taken=taken)
    if taken:
        yield from (f"{place}/{name} is now required" for name in sorted(needed - needed_before))
    else:
        missing = sorted((needed_before - needed) & after.keys())
        yield from (f"{place}/{name} may now be absent" for name in missing)
    for word, step in (("items", "*"), ("additionalProperties", "*")):
        if isinstance(old.get(word), dict) and isinstance(new.get(word), dict):
            yield from _pairs(shelves, old[word], new[word], f"{place}/{step}", taken=taken)
