"""The one place where a refusal becomes `application/problem+json` (RFC 9457)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.kernel.locale import translate
from app.kernel.problems import Fault, Problem, ProtocolRefusal
from app.web.allowed_methods import allowed_methods
from app.web.problems import (
    BodyTooLarge,
    HeadersTooLarge,
    InternalError,
    InvalidInput,
    MalformedBody,
    MethodNotAllowed,
    RouteNotFound,
    UnsupportedMediaType,
)

MEDIA_TYPE = "application/problem+json"

#: pydantic's name of an error → our code and sentence (a message id of the catalogues). With `:1`
#: where the least is one.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "This is needed."),
    "extra_forbidden": ("unknown", "There is no such field or parameter."),
    "string_type": ("not-a-text", "This must be a text."),
    "string_unicode": ("not-a-text", "This text holds characters that cannot be stored."),
    "string_too_long": ("too-long", "This may have at most {max_length} characters."),
    "string_too_short:1": ("too-short", "This must not be empty."),
    "string_too_short": ("too-short", "This needs at least {min_length} characters."),
    "string_pattern_mismatch": ("wrong-form", "This does not have the expected form."),
    "int_parsing": ("not-a-number", "This must be a whole number."),
    "int_type": ("not-a-number", "This must be a whole number."),
    "int_from_float": ("not-a-number", "This must be a whole number."),
    "greater_than_equal": ("too-small", "This must be at least {ge}."),
    "less_than_equal": ("too-large", "This may be at most {le}."),
    "bool_type": ("not-yes-or-no", "This must be true or false."),
    "bool_parsing": ("not-yes-or-no", "This must be true or false."),
    "uuid_parsing": ("not-an-id", "This is not an id."),
    "uuid_type": ("not-an-id", "This is not an id."),
    "datetime_from_date_parsing": ("not-a-time", "This must be a time as in RFC 3339."),
    "datetime_parsing": ("not-a-time", "This must be a time as in RFC 3339."),
    "datetime_type": ("not-a-time", "This must be a time as in RFC 3339."),
    "timezone_aware": ("not-a-time", "This must be a time with its offset, as in RFC 3339."),
    "literal_error": ("not-a-choice", "This must be one of: {expected}."),
    "enum": ("not-a-choice", "This must be one of: {expected}."),
    "list_type": ("not-a-list", "This must be a list."),
    "too_long": ("too-many", "This may have at most {max_length} entries."),
    "too_short:1": ("too-few", "This must not be empty."),
    "too_short": ("too-few", "This needs at least {min_length} entries."),
    "model_attributes_type": ("not-an-object", "This must be an object."),
    "model_type": ("not-an-object", "This must be an object."),
    "dict_type": ("not-an-object", "This must be an object."),
}
OTHERWISE = ("invalid-value", "This value cannot be used here.")


def respond(request: Request, problem: Problem) -> Response:
    """The answer for a refusal, in the language of the request; pages have answers of their own."""
    answer: Callable[[Problem], Response] | None = getattr(request.state, "answer_problem", None)
    if answer is not None:
        return answer(problem)
    if isinstance(problem, ProtocolRefusal):
        request.state.problem_code = problem.error
        said = {"error": problem.error, "error_description": problem.description}
        return Response(
            orjson.dumps(said),
            status_code=problem.status,
            media_type="application/json",
            headers=problem.headers,
        )
    language = getattr(request.state, "language", None)
    request.state.problem_code = problem.code
    return Response(
        orjson.dumps(body_of(request, problem)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language or "en", **problem.headers},
    )


def body_of(request: Request, problem: Problem) -> dict[str, Any]:
    """What a refusal says, in the language of the request; also where it is one of many."""
    language = getattr(request.state, "language", None)
    request_id = getattr(request.state, "request_id", "")
    values = {"request_id": request_id, **problem.values}
    if "reason" in values:  # a sentence of the catalogues itself
        values["reason"] = translate(values["reason"], language)
    body: dict[str, Any] = {
        "type": f"urn:skranke:problem:{problem.code}",
        "title": translate(problem.title, language),
        "status": problem.status,
        "detail": translate(problem.detail, language, **values),
        "instance": request_id,
        "code": problem.code,
    }
    if problem.faults:
        body["errors"] = [_fault(fault, language) for fault in problem.faults]
    return body


def _fault(fault: Fault, language: str | None) -> dict[str, str]:
    told = {"code": fault.code, "detail": translate(fault.detail, language, **fault.values)}
    if fault.pointer is not None:
        told["pointer"] = fault.pointer
    if fault.parameter is not None:
        told["parameter"] = fault.parameter
    return told


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def from_validation(error: RequestValidationError) -> Problem:
    """What pydantic found, in our words: unknown ids in a path are simply not found."""
    faults = []
    for found in error.errors()[:50]:
        place, *rest = found["loc"]
        if found["type"] == "json_invalid":
            return MalformedBody(reason="The JSON cannot be read.")
        if place == "path":
            return RouteNotFound()
        values = {key: value for key, value in found.get("ctx", {}).items() if key != "error"}
        code, sentence = SENTENCES.get(found["type"], OTHERWISE)
        if values.get("min_length") == 1:
            code, sentence = SENTENCES.get(f"{found['type']}:1", (code, sentence))
        if found["type"] == "value_error" and isinstance(
            cause := found.get("ctx", {}).get("error"), SpokenError
        ):
            code, sentence, values = cause.code, cause.sentence, cause.values
        faults.append(
            Fault(
                code=code,
                detail=sentence,
                values=values,
                pointer=pointer(rest) if place == "body" else None,
                parameter=None if place == "body" else str(rest[0] if rest else place),
            )
        )
    return InvalidInput(faults=tuple(faults))


class SpokenError(ValueError):
    """A schema's own refusal of a value: `code` and a sentence that reach the person."""

    def __init__(self, code: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.values = values


_BY_STATUS: Mapping[int, type[Problem]] = {
    404: RouteNotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    431: HeadersTooLarge,
}


def install(app: FastAPI) -> None:
    """Let every refusal of the framework reach people as a problem too. What nobody foresaw is
    caught in `web/internal_errors.py`."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101
        return respond(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return respond(request, from_validation(error))

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        kind = _BY_STATUS.get(error.status_code)
        if kind is None:
            kind = InternalError if error.status_code >= 500 else MalformedBody
        headers = dict(error.headers or {})
        if kind is MethodNotAllowed:
            headers["Allow"] = allowed_methods(request.app, request.url.path)
        problem = kind(
            headers=headers,
            limit=request.app.state.settings.body_limit_bytes,
            expected="application/json",
            reason="The body cannot be read.",
        )
        return respond(request, problem)

    app.add_exception_handler(Problem, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
