"""`openapi/problems.md`: every problem a client can meet, by code."""

from collections.abc import Iterable
from typing import Any

from app.kernel.problems import Problem, catalogue
from app.web.declare import CODES
from app.web.openapi.problem_schema import example_of

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_HEAD = """\
# Problems

Every refusal is `application/problem+json` (RFC 9457) with one of the codes below; branch on
`code`, show `title` and `detail`, which come in the caller's language. Its `type` is
`urn:skranke:problem:<code>`. This file is written by `skranke openapi`.

| code | status | what it says |
|---|---|---|
"""


def catalogue_text(document: dict[str, Any]) -> str:
    """The catalogue as Markdown: a table to look in, then a section for each code."""
    kinds = [kind for kind in catalogue() if not kind.__module__.startswith("tests.")]
    answered = _operations_by_code(document)
    rows = "".join(f"| [`{k.code}`](#{k.code}) | {k.status} | {k.title} |\n" for k in kinds)
    return _HEAD + rows + "".join(_section(kind, answered.get(kind.code, [])) for kind in kinds)


def _section(kind: type[Problem], operations: Iterable[str]) -> str:
    lines = [f"\n## {kind.code}\n", f"{kind.status}. {kind.title}."]
    if kind.detail:
        lines.append(example_of(kind)["value"]["detail"])
    by = ", ".join(f"`{name}`" for name in operations)
    return "\n".join(lines) + (f"\n\nAnswered by {by}.\n" if by else "\n")


def _operations_by_code(document: dict[str, Any]) -> dict[str, list[str]]:
    """Code → the operations that declare it; those that nearly all declare are said in words."""
    found: dict[str, list[str]] = {}
    count = 0
    for item in document["paths"].values():
        for method in _METHODS:
            if method not in item:
                continue
            count += 1
            for response in item[method]["responses"].values():
                for code in _resolved(document, response).get(CODES, ()):
                    found.setdefault(code, []).append(item[method]["operationId"])
    return {code: names for code, names in found.items() if len(names) < max(count, 8) / 2}


def _resolved(document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["responses"][name] if name else response
    return found
