"""Operations whose bodies are files: what FastAPI cannot see, said by hand."""

from copy import deepcopy

from app.web.declare import Trait
from app.web.openapi.parts import ANYTHING, JSONObject, ref

LARGEST_FILE = 2**31 - 1
_BYTES = {"type": "string", "format": "binary", "maxLength": LARGEST_FILE}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": _BYTES | {"description": "The file; its name is kept."}},
    "additionalProperties": False,
}
_BODY: JSONObject = {
    "description": "The file itself, its name in `Content-Disposition: attachment; filename=…`;"
    " or a form with one part named `file`. What it is, is told from its bytes; the file's own"
    " Content-Type in place of `application/octet-stream` does no harm.",
    "required": True,
    "content": {
        "application/octet-stream": {"schema": _BYTES},
        "multipart/form-data": {"schema": _FORM},
    },
}
_DISPOSITION: JSONObject = {
    "name": "Content-Disposition",
    "in": "header",
    "description": "Names a file that is sent as the body itself (RFC 6266).",
    "required": False,
    "schema": ANYTHING,
}
_WHOLE = ("Accept-Ranges", "Content-Disposition", "ETag")
_PART = (*_WHOLE, "Content-Range")


def describe(operation: JSONObject, traits: frozenset[Trait]) -> None:
    """Write the file bodies of an operation that takes or sends one."""
    if Trait.TAKES_FILE in traits:
        operation["requestBody"] = deepcopy(_BODY)
        operation["parameters"] = [*operation.get("parameters", ()), _DISPOSITION]
    if Trait.SENDS_FILE in traits:
        _describe_sent(operation)


def _describe_sent(operation: JSONObject) -> None:
    responses = operation["responses"]
    whole = responses["200"]
    # Of several descriptions the route's own wins; "application/json" is FastAPI's guess.
    content = {
        kind: media
        for kind, media in whole.get("content", {}).items()
        if kind != "application/json"
    } or {"application/octet-stream": {}, "*/*": {}}
    for media in content.values():
        media["schema"] = dict(_BYTES)
    whole |= {"content": content, "headers": {name: ref("headers", name) for name in _WHOLE}}
    responses["206"] = {
        "description": "The part of the file that `Range` asked for.",
        "content": content,
        "headers": {name: ref("headers", name) for name in _PART},
    }
    responses["304"] = {
        "description": "It is what you have.",
        "headers": {"ETag": ref("headers", "ETag")},
    }
    operation["parameters"] = [
        *operation.get("parameters", ()),
        ref("parameters", "Range"),
        ref("parameters", "If-None-Match"),
    ]
