"""An example of each body: made of what its fields show, so that "Try it out" begins with sense.

Without one the reference fills in every field at random. Fields without an example of their own
stand in it only where they are required.
"""

from typing import Any

from app.web.openapi.parts import JSONObject

_OF_FORMAT = {
    "uuid": "01990a5c-7c1e-7bb0-8d55-0c7a4f1f2a10",
    "date": "2027-01-31",
    "date-time": "2027-01-31T12:00:00Z",
}
_PREFIX = "#/components/schemas/"


def add_example(body: JSONObject, shelf: dict[str, JSONObject]) -> None:
    """Give the JSON of a request body an example, where it has none."""
    media = body.get("content", {}).get("application/json")
    if media is not None and not {"example", "examples"} & media.keys():
        media["example"] = _example(media["schema"], shelf)


def _example(schema: JSONObject, shelf: dict[str, JSONObject]) -> Any:
    schema = _plain(schema, shelf)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {
            name: _example(field, shelf)
            for name, field in schema.get("properties", {}).items()
            if name in required or _plain(field, shelf).get("examples")
        }
    return _of_type(schema)


def _plain(schema: JSONObject, shelf: dict[str, JSONObject]) -> JSONObject:
    """`schema`, or what it points at, or the first of what it may be; examples around it count."""
    while "$ref" in schema or "anyOf" in schema:
        if schema.get("examples"):
            break
        inner = schema["anyOf"][0] if "anyOf" in schema else _target(schema, shelf)
        schema = inner
    return schema


def _target(schema: JSONObject, shelf: dict[str, JSONObject]) -> JSONObject:
    return shelf[schema["$ref"].removeprefix(_PREFIX)]


def _of_type(schema: JSONObject) -> Any:
    match schema.get("type"):
        case "array":
            return []
        case "boolean":
            return False
        case "integer" | "number":
            return schema.get("minimum", 1)
        case _:
            return _OF_FORMAT.get(schema.get("format", ""), "…")
