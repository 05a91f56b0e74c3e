"""How a problem looks in the document: its schema, and a real example of each code."""

from collections.abc import Mapping
from typing import Any

from app.kernel.problems import Invalid, Problem
from app.web.openapi.parts import JSONObject, ref
from app.web.problem_json import SENTENCES

_REQUEST_ID = "01990a5c-7c1e-7bb0-8d55-0c7a4f1f2a10"
_SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"

SCHEMAS: dict[str, JSONObject] = {
    "Problem": {
        "type": "object",
        "title": "Problem",
        "description": "A refusal (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri",
                "maxLength": 200,
                "description": "A URI that stays the same for this kind of problem.",
            },
            "title": {
                "type": "string",
                "maxLength": 500,
                "description": "What is wrong, in the caller's language.",
            },
            "status": {
                "type": "integer",
                "format": "int32",
                "minimum": 400,
                "maximum": 599,
                "description": "The status of the answer.",
            },
            "detail": {
                "type": "string",
                "maxLength": 4000,
                "description": "What is wrong here and what to do, in the caller's language.",
            },
            "instance": {
                "type": "string",
                "maxLength": 200,
                "description": "The id of this request, as in `X-Request-Id`.",
            },
            "code": {
                "type": "string",
                "pattern": _SLUG,
                "maxLength": 64,
                "description": "A stable word to branch on; all stand in `openapi/problems.md`."
                " Clients must tolerate codes they do not know.",
            },
            "errors": {
                "type": "array",
                "maxItems": 100,
                "items": ref("schemas", "ProblemError"),
                "description": "Each place that is wrong; absent where it is the whole.",
            },
        },
    },
    "ProblemError": {
        "type": "object",
        "title": "ProblemError",
        "description": "One thing wrong with the request: where, and what to do about it.",
        "required": ["code", "detail"],
        "properties": {
            "code": {
                "type": "string",
                "pattern": _SLUG,
                "maxLength": 64,
                "description": "A stable word for what is wrong.",
            },
            "detail": {
                "type": "string",
                "maxLength": 4000,
                "description": "What is wrong, in the caller's language.",
            },
            "pointer": {
                "type": "string",
                "format": "json-pointer",
                "maxLength": 2000,
                "description": "Where in the body (RFC 6901).",
            },
            "parameter": {
                "type": "string",
                "maxLength": 200,
                "description": "Which query parameter, header or part of the path.",
            },
        },
    },
}

# What stands in braces in the sentences of problems, as an example shows it.
_VALUES: Mapping[str, Any] = {
    "expected": "application/json",
    "limit": 1048576,
    "permission": "tickets:update",
    "reason": "The JSON cannot be read.",
    "request_id": _REQUEST_ID,
}
_CODE, _SENTENCE = SENTENCES["extra_forbidden"]
_UNKNOWN_FIELD = {"code": _CODE, "detail": _SENTENCE, "pointer": "/colour"}


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        return _VALUES.get(name, name)


def example_of(kind: type[Problem]) -> JSONObject:
    """What an answer with this problem looks like, as an entry of `components.examples`."""
    return {
        "summary": kind.title,
        "value": {
            "type": f"urn:skranke:problem:{kind.code}",
            "title": kind.title,
            "status": kind.status,
            "detail": kind.detail.format_map(_Values()),
            "instance": _REQUEST_ID,
            "code": kind.code,
        }
        | ({"errors": [_UNKNOWN_FIELD]} if issubclass(kind, Invalid) else {}),
    }
