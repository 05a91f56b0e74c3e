"""Finds the changes between two versions of the OpenAPI document that break clients.

Requests may accept more and answers may contain more; the opposite breaks clients of the older
version. Enumerations in answers may grow: the contract tells clients to tolerate new values.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from app.commands.schema_changes import Shelves, answer_changes, input_changes

JSONObject = dict[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def breaking_changes(released: JSONObject, current: JSONObject) -> list[str]:
    """A sentence for each change from `released` to `current` that breaks clients."""
    return list(_Comparison(released, current).changes())


def _operations(document: JSONObject) -> dict[str, tuple[str, JSONObject]]:
    """Method and path, the names of its parameters left out → (as written, operation)."""
    return {
        f"{method} {re.sub(r'{[^}]*}', '{}', path)}": (f"{method.upper()} {path}", item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    }


class _Comparison:
    def __init__(self, released: JSONObject, current: JSONObject) -> None:
        self.old, self.new = _operations(released), _operations(current)
        self.shelves = Shelves(released, current)

    def changes(self) -> Iterator[str]:
        for key, (name, old) in self.old.items():
            if key not in self.new:
                yield f"{name}: the operation is gone"
                continue
            _, new = self.new[key]
            for part in (_renamed, _closed_to_the_public, self._parameters, self._body):
                yield from (f"{name}: {said}" for said in part(old, new))
            yield from (f"{name}: {said}" for said in self._answers(old, new))

    def _parameters(self, old: JSONObject, new: JSONObject) -> Iterator[str]:
        before = {_place(each): each for each in self.shelves.all_old(old.get("parameters", []))}
        after = {_place(each): each for each in self.shelves.all_new(new.get("parameters", []))}
        for place, each in after.items():
            if each.get("required") and not before.get(place, {}).get("required"):
                yield f"{_spoken(place)} is now required"
        for place, each in before.items():
            if place in after:
                changes = input_changes(self.shelves, each["schema"], after[place]["schema"])
                yield from (f"{_spoken(place)}: {said}" for said in changes)
            elif place[0] != "path":
                yield f"{_spoken(place)} is gone"

    def _body(self, old: JSONObject, new: JSONObject) -> Iterator[str]:
        before = self.shelves.old(old.get("requestBody", {}))
        after = self.shelves.new(new.get("requestBody", {}))
        if after.get("required") and not before.get("required"):
            yield "a body is now required"
        yield from self._contents(before, after, "the body", "is no longer taken", input_changes)

    def _answers(self, old: JSONObject, new: JSONObject) -> Iterator[str]:
        for status, said in old["responses"].items():
            if not status.startswith(("2", "3")):
                continue
            if status not in new["responses"]:
                yield f"{status} is no longer answered"
                continue
            before, after = self.shelves.old(said), self.shelves.new(new["responses"][status])
            for header in before.get("headers", {}):
                if header not in after.get("headers", {}):
                    yield f"{status} no longer carries {header}"
            yield from self._contents(
                before, after, status, "is no longer answered", answer_changes
            )

    def _contents(
        self,
        before: JSONObject,
        after: JSONObject,
        place: str,
        gone: str,
        changes: Callable[[Shelves, JSONObject, JSONObject], Iterator[str]],
    ) -> Iterator[str]:
        for kind, media in before.get("content", {}).items():
            if kind not in after.get("content", {}):
                yield f"{place}: {kind} {gone}"
                continue
            there = after["content"][kind].get("schema", {})
            yield from (
                f"{place}: {said}" for said in changes(self.shelves, media.get("schema", {}), there)
            )


def _renamed(old: JSONObject, new: JSONObject) -> Iterator[str]:
    if old["operationId"] != new["operationId"]:
        yield f"operationId {old['operationId']} is now {new['operationId']}"


def _closed_to_the_public(old: JSONObject, new: JSONObject) -> Iterator[str]:
    if {} in old.get("security", ()) and {} not in new.get("security", ()):
        yield "it now needs a caller who is signed in"


def _place(parameter: JSONObject) -> tuple[str, str]:
    return parameter["in"], parameter["name"].lower()


def _spoken(place: tuple[str, str]) -> str:
    return f"the {place[0]} parameter {place[1]!r}"
