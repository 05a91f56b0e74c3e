"""From routes to the document: FastAPI's own, then a pass for each thing that holds everywhere."""

import json
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.web.declare import CODES, Trait, traits_of, without_declarations
from app.web.openapi import files, parts, problem_schema, problems, schemas
from app.web.openapi.body_examples import add_example
from app.web.openapi.parts import JSONObject, ref
from app.web.openapi.words import CONVENTIONS, TAGS

OURS = "/v1/"
"""Paths that follow the contract's conventions; others (protocols) follow their own."""

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_READS = frozenset({"get", "head", "options"})
_SUCCESS = {
    "201": "Made; this is what came of it.",
    "202": "Taken; it will be done.",
    "204": "Done; there is nothing to show.",
    "302": "Go on there.",
}
_SERVERS = [
    {
        "url": "/",
        "description": "The installation that serves this document, local or production.",
        "x-internal": False,
    }
]


def build(app: FastAPI) -> JSONObject:
    """The OpenAPI 3.1 document of `app`; equal for equal code.

    :raises LookupError: an operation declares a problem or a tag that nobody defines.
    """
    document = get_openapi(
        title=app.title,
        version=version(),
        summary=app.summary,
        description=CONVENTIONS,
        routes=app.routes,
        servers=_SERVERS,
        separate_input_output_schemas=app.separate_input_output_schemas,
    )
    document = schemas.named_as_types(document)
    shelf = problems.Shelf()
    names = {route.unique_id: route.name for route in _routes(app)}
    for path, method, operation in _operations(document):
        operation["operationId"] = names[operation["operationId"]]
        _complete(path, method, operation, shelf)
    _furnish(document, shelf)
    _settle_schemas(document)
    return _in_order(document)


def text_of(document: JSONObject) -> str:
    """The document as it is committed: indented, one key a line, a line end at its end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def version() -> str:
    """The version of the product: of the checkout this code stands in, else as installed."""
    project = Path(__file__).parents[3] / "pyproject.toml"
    if project.exists():
        found: str = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
        return found
    return metadata.version("skranke")


def _routes(app: FastAPI) -> Iterator[RouteContext]:
    return (
        route
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.include_in_schema
    )


def _operations(document: JSONObject) -> Iterator[tuple[str, str, JSONObject]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _complete(path: str, method: str, operation: JSONObject, shelf: problems.Shelf) -> None:
    traits = traits_of(operation)
    without_declarations(operation)
    files.describe(operation, traits)
    responses = {
        status: response
        for status, response in operation["responses"].items()
        if "HTTPValidationError" not in json.dumps(response)
    }
    answered = {status: said for status, said in responses.items() if CODES not in said}
    for status, response in answered.items():
        if response["description"] == "Successful Response":
            response["description"] = _SUCCESS.get(status, "As asked.")
        for media in response.get("content", {}).values():
            schemas.event_stream_in_3_1(media)
    codes = problems.declared_codes(responses)
    if Trait.PUBLIC in traits:
        operation["description"] = _public(operation.get("description", ""))
    if path.startswith(OURS):
        codes |= problems.common_codes(
            traits=traits,
            reads=method in _READS,
            body="requestBody" in operation and Trait.TAKES_FILE not in traits,
            path_parameters="{" in path,
            paged=_is_paged(operation),
        )
        operation["security"] = parts.security_of(method, public=Trait.PUBLIC in traits)
        _add_parameters(method, operation, traits)
        if method in _READS and Trait.TAGGED in traits:
            answered["304"] = {"description": "It is what you have."}
    else:
        codes |= {kind.code for kind in problems.OF_PROTOCOLS}
        operation["security"] = parts.security_of(method, public=True)
    for status, response in answered.items():
        _add_headers(status, response, operation, traits)
    answered |= shelf.responses_for(codes)
    operation["responses"] = dict(sorted(answered.items()))


def _public(description: str) -> str:
    return f"{description}\n\nOpen to everybody: needs no sign-in.".strip()


def _add_parameters(method: str, operation: JSONObject, traits: frozenset[Trait]) -> None:
    wanted = {"Accept-Language": True}
    wanted["Idempotency-Key"] = Trait.IDEMPOTENT in traits
    wanted["If-Match-Required"] = Trait.VERSIONED in traits
    wanted["If-Match"] = Trait.MATCHED in traits
    wanted["If-None-Match"] = method in _READS and Trait.TAGGED in traits
    chosen = [name for name, holds in wanted.items() if holds]
    ours = {name.lower() for name in parts.PARAMETERS}
    own = [
        parameter
        for parameter in operation.get("parameters", ())
        if parameter.get("in") != "header" or parameter["name"].lower() not in ours
    ]
    for parameter in own:
        if parameter.get("in") == "query":
            parameter["schema"] = schemas.never_null(parameter["schema"])
    operation["parameters"] = [*own, *(ref("parameters", name) for name in chosen)]


def _add_headers(
    status: str, response: JSONObject, operation: JSONObject, traits: frozenset[Trait]
) -> None:
    succeeded = status.startswith("2")
    sets_cookie = succeeded or status == "302"
    names = set(parts.ALWAYS)
    names |= {"ETag"} if Trait.TAGGED in traits and (succeeded or status == "304") else set()
    names |= {"Location"} if Trait.LOCATED in traits and status == "201" else set()
    names |= {"Location"} if status == "302" else set()
    names |= {"Idempotent-Replayed"} if Trait.IDEMPOTENT in traits and succeeded else set()
    names |= {"Set-Cookie"} if Trait.SETS_COOKIE in traits and sets_cookie else set()
    names |= {"Link"} if succeeded and _is_paged(operation) else set()
    names |= {"Deprecation", "Sunset"} if operation.get("deprecated") else set()
    own = response.get("headers", {})
    response["headers"] = dict(sorted(({n: ref("headers", n) for n in names} | own).items()))


def _is_paged(operation: JSONObject) -> bool:
    return any(
        parameter.get("name") == "cursor" and parameter.get("in") == "query"
        for parameter in operation.get("parameters", ())
    )


def _furnish(document: JSONObject, shelf: problems.Shelf) -> None:
    """Put on the shelves of `components` what the operations point at."""
    document["components"] = {
        "examples": shelf.examples,
        "headers": parts.HEADERS,
        "parameters": parts.PARAMETERS,
        "responses": shelf.responses,
        "schemas": document.get("components", {}).get("schemas", {}),
        "securitySchemes": parts.SECURITY_SCHEMES,
    }
    for unwanted in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unwanted, None)
    document["security"] = parts.security_of("get", public=False)
    used = {tag for _, _, operation in _operations(document) for tag in operation.get("tags", ())}
    if unknown := sorted(used - TAGS.keys()):
        raise LookupError(f"the tags {unknown} have no description in app/web/openapi/words.py")
    document["tags"] = [
        {"name": tag, "description": said} for tag, said in TAGS.items() if tag in used
    ]


def _settle_schemas(document: JSONObject) -> None:
    """Make the schemas of inputs and answers true and quiet; those of problems are so already."""
    shelf = document["components"]["schemas"]
    inputs, answers = schemas.roots(document)
    asked, answered = schemas.reachable(inputs, shelf), schemas.reachable(answers, shelf)
    inputs += [shelf[name] for name in sorted(asked)]
    answers += [shelf[name] for name in sorted(answered - asked)]
    schemas.each(answers, schemas.open_up, schemas.always_there)
    schemas.each([*inputs, *answers], schemas.describe_enum, schemas.bound)
    for schema in shelf.values():
        schema.pop(schemas.LEFT_OUT, None)
    _bound_pages(document)
    schemas.each(answers, schemas.bound_answer)
    schemas.each(inputs, schemas.bound_input)
    for root in [*inputs, *answers]:
        schemas.quiet(root)
    for _, _, operation in _operations(document):
        add_example(operation.get("requestBody", {}), shelf)
    shelf |= problem_schema.SCHEMAS


def _bound_pages(document: JSONObject) -> None:
    """A page holds no more than `limit` may ask for."""
    shelf = document["components"]["schemas"]
    for _, _, operation in _operations(document):
        most = [
            each["schema"]["maximum"]
            for each in operation.get("parameters", ())
            if each.get("name") == "limit" and "maximum" in each["schema"]
        ]
        for schema in schemas.contents(operation["responses"].get("200", {})):
            page = shelf.get(schema.get("$ref", "").rpartition("/")[2], {})
            if most and "items" in page.get("properties", {}):
                page["properties"]["items"]["maxItems"] = most[0]


def _in_order(document: JSONObject) -> JSONObject:
    """The document with its keys in one order, and nothing on its shelves that nobody uses."""
    text = json.dumps([document["paths"], document["components"]])
    for kind in ("headers", "parameters", "responses", "examples"):
        document["components"][kind] = {
            name: thing
            for name, thing in sorted(document["components"][kind].items())
            if f'"#/components/{kind}/{name}"' in text
        }
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    order = ("openapi", "info", "servers", "security", "tags", "paths", "components")
    return {word: document[word] for word in order}
