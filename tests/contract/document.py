"""The document as tests ask it: which operation a request meets, and what is wrong with a body."""

import copy
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import jsonschema_rs

from app.web.openapi import schemas

JSONObject = dict[str, Any]
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_BASE = "https://contract.example/"


class Document:
    """An OpenAPI document, with its validators built as they are needed."""

    def __init__(self, document: JSONObject) -> None:
        self.raw = document
        self._templates = [
            (_template(path), path.count("{"), path) for path in sorted(document["paths"])
        ]
        self._operations: dict[tuple[str, str], Operation] = {}

    def operation(self, method: str, path: str) -> "Operation | None":
        """The operation that a request meets; a path without parameters goes first."""
        for template, _, name in sorted(self._templates, key=lambda entry: entry[1]):
            said = self.raw["paths"][name].get(method.lower())
            if template.fullmatch(path) and said is not None:
                key = (method, name)
                if key not in self._operations:
                    self._operations[key] = Operation(self, method, name, said)
                return self._operations[key]
        return None

    def operations(self) -> "Iterator[Operation]":
        """Every operation, in the order of the document."""
        for path, item in self.raw["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield Operation(self, method.upper(), path, item[method])

    def resolved(self, thing: JSONObject) -> JSONObject:
        """`thing`, or what it points at."""
        while "$ref" in thing:
            shelf, name = thing["$ref"].removeprefix("#/components/").split("/")
            thing = self.raw["components"][shelf][name]
        return thing

    @cached_property
    def _as_input(self) -> JSONObject:
        return {"components": {"schemas": self.raw["components"]["schemas"]}}

    @cached_property
    def _as_answer(self) -> JSONObject:
        """The schemas closed: in the suite, an answer may hold only what the document names."""
        shelf = copy.deepcopy(self.raw["components"]["schemas"])
        schemas.each(shelf.values(), close)
        return {"components": {"schemas": shelf}}

    def validator(self, schema: JSONObject, *, answer: bool) -> jsonschema_rs.Validator:
        """A validator for a schema of this document; in answers, unknown fields are faults."""
        base = self._as_answer if answer else self._as_input
        if answer:
            schema = copy.deepcopy(schema)
            schemas.each([schema], close)
        return jsonschema_rs.Draft202012Validator({**base, **schema}, validate_formats=True)

    @cached_property
    def _problem(self) -> jsonschema_rs.Validator:
        return self.validator({"$ref": "#/components/schemas/Problem"}, answer=True)

    def faults_of_problem(self, problem: Any) -> Iterator[str]:
        """What is wrong with a problem, whoever answered it."""
        return _faults(self._problem, problem)


class Operation:
    """One operation of a document."""

    def __init__(self, document: Document, method: str, path: str, said: JSONObject) -> None:
        self.document = document
        self.method = method
        self.path = path
        self.said = said
        self.id: str = said["operationId"]
        self._validators: dict[tuple[int | str, str], jsonschema_rs.Validator] = {}

    def response(self, status: int) -> JSONObject | None:
        """What the document says of an answer with `status`."""
        said = self.said["responses"].get(str(status))
        return None if said is None else self.document.resolved(said)

    def answer_faults(self, status: int, kind: str, content: Any) -> Iterator[str]:
        """What is wrong with an answer's JSON."""
        if (status, kind) not in self._validators:
            response = self.response(status) or {}
            schema = response["content"][kind].get("schema", {})
            self._validators[status, kind] = self.document.validator(schema, answer=True)
        return _faults(self._validators[status, kind], content)

    @property
    def parameters(self) -> list[JSONObject]:
        return [self.document.resolved(each) for each in self.said.get("parameters", ())]

    @cached_property
    def input_kinds(self) -> JSONObject:
        """Media type → what the document says of it as a body."""
        content: JSONObject = self.document.resolved(self.said.get("requestBody", {})).get(
            "content", {}
        )
        return content

    def input_faults(self, kind: str, content: Any) -> Iterator[str]:
        """What the document forbids of a request's JSON."""
        if kind not in self.input_kinds:
            yield f"is {kind}, which the document does not know here"
            return
        if ("input", kind) not in self._validators:
            schema = self.input_kinds[kind].get("schema", {})
            self._validators["input", kind] = self.document.validator(schema, answer=False)
        yield from _faults(self._validators["input", kind], content)

    def query_faults(self, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        """What the document forbids of a query: names it does not know, values that do not fit."""
        for name in {name for name, _ in query}:
            if name not in self._of_query:
                yield f"there is no parameter {name!r}"
                continue
            values = [value for key, value in query if key == name]
            validator = self._of_query[name]
            if not any(validator.is_valid(reading) for reading in _readings(values)):
                yield f"{name}={values} does not fit what the document says of it"

    @cached_property
    def _of_query(self) -> dict[str, jsonschema_rs.Validator]:
        return {
            each["name"]: self.document.validator(each["schema"], answer=False)
            for each in self.parameters
            if each["in"] == "query"
        }


def close(schema: JSONObject) -> None:
    """Let an object hold only the fields it names."""
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)


def _readings(values: list[str]) -> Iterator[Any]:
    """What a repeated parameter's text may mean: a list, a text, a number, yes or no."""
    yield values
    if len(values) == 1:
        text = values[0]
        yield text
        yield {"true": True, "false": False}.get(text, text)
        if re.fullmatch(r"-?\d+", text):
            yield int(text)


def _template(path: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(map(re.escape, pieces)))


def _faults(validator: jsonschema_rs.Validator, content: Any) -> Iterator[str]:
    for error in validator.iter_errors(content):
        place = "/".join(map(str, error.instance_path))
        yield f"at /{place}: {error.message[:500]}"
