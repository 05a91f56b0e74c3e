"""Passes over schemas: what is closed, what may grow, how large things are.

Inputs refuse what they do not know; answers grow by addition, so their schemas never forbid it.
Bounds are written only where they are true whatever a schema says: an id has 36 characters.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.web.openapi.parts import JSONObject

LONGEST_TEXT = 4 * 1024 * 1024
LONGEST_LIST = 10_000
LARGEST_INTEGER = 2**53 - 1
WITHOUT_NUL = r"^[^\u0000]*$"
_TOLERATE = "More values may come: clients must tolerate those they do not know."
_LENGTH_OF_FORMAT = {
    "uuid": 36,
    "date": 10,
    "date-time": 35,
    "time": 21,
    "duration": 64,
    "email": 320,
    "uri": 8192,
    "uri-reference": 8192,
    "ipv4": 15,
    "ipv6": 45,
}
_PREFIX = "#/components/schemas/"
_ONE = ("items", "additionalProperties", "not", "contentSchema", "propertyNames", "contains")
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs")


def inside(schema: JSONObject) -> Iterator[JSONObject]:
    """The schemas directly inside `schema`."""
    for word in _ONE:
        if isinstance(schema.get(word), dict):
            yield schema[word]
    for word in _MANY:
        yield from schema.get(word, ())
    for word in _NAMED:
        yield from (inner for inner in schema.get(word, {}).values() if isinstance(inner, dict))


def walk(schema: JSONObject) -> Iterator[JSONObject]:
    """`schema` and every schema in it, without following references."""
    yield schema
    for inner in inside(schema):
        yield from walk(inner)


def each(roots: Iterable[JSONObject], *passes: Callable[[JSONObject], None]) -> None:
    """Lead every schema that stands in `roots` through `passes`."""
    for root in roots:
        for schema in walk(root):
            for step in passes:
                step(schema)


def reachable(roots: list[JSONObject], shelf: dict[str, JSONObject]) -> set[str]:
    """The names on `shelf` that `roots` lead to."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for schema in walk(waiting.pop()):
            name = schema.get("$ref", "").removeprefix(_PREFIX)
            if name in shelf and name not in found:
                found.add(name)
                waiting.append(shelf[name])
    return found


def contents(message: JSONObject) -> Iterator[JSONObject]:
    """The schemas of a request body's or a response's media types."""
    for media in message.get("content", {}).values():
        for word in ("schema", "x-item-schema"):
            if word in media:
                yield media[word]


def named_as_types(document: JSONObject) -> JSONObject:
    """The document with its schemas under the names that people make types of. Pydantic derives
    keys such as `Listing_Person_`; the title is the name that the class gives itself. What we call
    `StatusShape`, beside a table or a part of the definition, is simply `Status` to a client.

    :raises LookupError: two schemas want the same name.
    """
    shelf = document.get("components", {}).get("schemas", {})
    titles = {name: shelf[name].get("title", name).replace("Shape", "") for name in shelf}
    names = {name: title for name, title in titles.items() if name != title}
    if clash := sorted({*names.values()} & shelf.keys()) or len({*names.values()}) < len(names):
        raise LookupError(f"two schemas want the same name: {clash or names}")
    text = json.dumps(document)
    for name, title in names.items():
        text = text.replace(f'"{_PREFIX}{name}"', f'"{_PREFIX}{title}"')
    renamed: JSONObject = json.loads(text)
    if names:
        settled = renamed["components"]["schemas"]
        for name, title in names.items():
            settled[title] = settled.pop(name)
    return renamed


def roots(document: JSONObject) -> tuple[list[JSONObject], list[JSONObject]]:
    """The schemas at which requests begin, and those at which answers begin."""
    inputs: list[JSONObject] = []
    answers: list[JSONObject] = []
    for item in document["paths"].values():
        for operation in item.values():
            inputs += [
                each["schema"] for each in operation.get("parameters", ()) if "schema" in each
            ]
            inputs += contents(operation.get("requestBody", {}))
            for response in operation["responses"].values():
                answers += contents(response)
    return inputs, answers


def quiet(schema: JSONObject) -> None:
    """Take out the titles that pydantic derives from names; generators make types of them."""
    for inner in inside(schema):
        for each in walk(inner):
            each.pop("title", None)
    if "properties" not in schema and "enum" not in schema:
        schema.pop("title", None)


def describe_enum(schema: JSONObject) -> None:
    """Say in every enumeration that it may grow (the contract's conventions)."""
    if "enum" in schema and "olerate" not in schema.get("description", ""):
        said = schema.get("description", "").strip()
        schema["description"] = f"{said}\n\n{_TOLERATE}" if said else _TOLERATE


def bound(schema: JSONObject) -> None:
    """Write the bounds that hold whatever the schema says: lengths of formats, sizes of numbers."""
    kinds = schema.get("type")
    if "enum" in schema or "const" in schema:
        if kinds == "integer":
            schema.setdefault("format", "int32")
    elif kinds == "string" and schema.get("format") in _LENGTH_OF_FORMAT:
        schema.setdefault("maxLength", _LENGTH_OF_FORMAT[schema["format"]])
    elif kinds == "integer":
        size = max(abs(schema.get(word, 2**62)) for word in ("minimum", "maximum"))
        schema.setdefault("format", "int32" if size < 2**31 else "int64")


def bound_answer(schema: JSONObject) -> None:
    """The bounds every answer keeps: no text beyond `LONGEST_TEXT`, no list beyond `LONGEST_LIST`,
    no integer a double cannot hold exactly."""
    kind = schema.get("type")
    if kind == "array":
        schema.setdefault("maxItems", LONGEST_LIST)
    if "enum" in schema or "const" in schema:
        return
    if kind == "string":
        schema.setdefault("maxLength", LONGEST_TEXT)
    if kind == "integer" and "exclusiveMinimum" not in schema:
        schema.setdefault("minimum", -LARGEST_INTEGER)
    if kind == "integer" and "exclusiveMaximum" not in schema:
        schema.setdefault("maximum", LARGEST_INTEGER)


def bound_input(schema: JSONObject) -> None:
    """What every input keeps: no text with a NUL, which no door of ours lets in."""
    free = {"pattern", "format", "enum", "const", "contentMediaType"}.isdisjoint(schema)
    if schema.get("type") == "string" and free:
        schema["pattern"] = WITHOUT_NUL


#: In a schema's `json_schema_extra`: fields that are not there where there is nothing to say.
LEFT_OUT = "x-left-out"


def always_there(schema: JSONObject) -> None:
    """An answer carries each of its fields: what has a default is written out all the same, but
    for what a protocol leaves out (`LEFT_OUT`)."""
    if schema.get("properties"):
        out = schema.get(LEFT_OUT, ())
        schema["required"] = [name for name in schema["properties"] if name not in out]


def open_up(schema: JSONObject) -> None:
    """Let an answer's object grow: what is not named is not forbidden."""
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]


def never_null(schema: JSONObject) -> JSONObject:
    """A schema of a query parameter without its `null`, which no query can spell."""
    left = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if len(left) != 1:
        return schema
    around = {word: said for word, said in schema.items() if word != "anyOf"}
    return {**left[0], **around}


def event_stream_in_3_1(media: dict[str, Any]) -> None:
    """Say an event stream in words of OpenAPI 3.1: `itemSchema` came with 3.2."""
    if "itemSchema" in media:
        media["x-item-schema"] = media.pop("itemSchema")
        media.setdefault("schema", {"type": "string", "description": "Server-sent events."})
