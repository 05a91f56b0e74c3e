"""The committed documents say what the code says, and keep the contract's habits everywhere."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from app.commands.openapi import stale
from app.kernel.problems import catalogue
from app.web.openapi import schemas, text_of
from tests.contract.document import Document
from tests.contract.exchanges import PROTOCOLS

JSONObject = dict[str, Any]
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PERMISSION = re.compile(
    r"`[a-z_]+:[a-z_]+`|needs\s+(no\s+permission|to\s+be)|open to everybody", re.IGNORECASE
)


def test_the_committed_documents_are_what_the_code_builds(
    folder: Path, built: dict[str, str]
) -> None:
    outdated = stale(folder, built)
    assert not outdated, f"run `skranke openapi`; not up to date: {', '.join(outdated)}"


def test_building_twice_gives_the_same_bytes(built: dict[str, str], raw: JSONObject) -> None:
    assert text_of(raw) == built["openapi.json"]


def test_nothing_of_the_framework_speaks_for_us(built: dict[str, str]) -> None:
    text = built["openapi.json"]
    for word in ("HTTPValidationError", "ValidationError", '"x-traits"', "itemSchema"):
        assert word not in text


def test_every_operation_is_named_summed_up_and_says_what_it_needs(document: Document) -> None:
    lacking = []
    for operation in document.operations():
        said = operation.said
        if not _SNAKE.fullmatch(operation.id):
            lacking.append(f"{operation.id}: not the name of a function")
        if not said.get("summary") or not said.get("tags"):
            lacking.append(f"{operation.id}: no summary or no tag")
        if not _PERMISSION.search(said.get("description", "")):
            lacking.append(f"{operation.id}: its description names no permission")
    assert not lacking, "\n".join(lacking)


def test_every_refusal_is_a_problem_with_declared_codes(document: Document) -> None:
    for operation in document.operations():
        for status in operation.said["responses"]:
            if status.startswith(("2", "3")):
                continue
            response = operation.response(int(status)) or {}
            if operation.path.startswith(PROTOCOLS) and status in {"400", "401"}:
                continue  # as RFC 6749 (5.2) has it
            assert list(response["content"]) == ["application/problem+json"], operation.id
            assert response["x-problem-codes"], operation.id


def test_every_example_of_a_problem_is_whole(raw: JSONObject, document: Document) -> None:
    for name, example in raw["components"]["examples"].items():
        problem = example["value"]
        assert list(document.faults_of_problem(problem)) == []
        assert problem["code"] == name
        assert not set("{}") & set(problem["detail"]), name
        HTTPStatus(problem["status"])


def test_codes_are_unique_and_slugs() -> None:
    codes = [kind.code for kind in catalogue() if not kind.__module__.startswith("test")]
    twice = {code for code in codes if codes.count(code) > 1}
    assert not twice, f"two problems share a code: {sorted(twice)}"
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) for code in codes)


def test_every_problem_stands_in_the_catalogue(built: dict[str, str], raw: JSONObject) -> None:
    page = built["problems.md"]
    for code in raw["components"]["examples"]:
        assert f"\n## {code}\n" in page


def test_inputs_refuse_what_they_do_not_know(raw: JSONObject) -> None:
    open_ones = [
        name
        for name, schema in _objects(raw, of_inputs=True)
        if "properties" in schema and schema.get("additionalProperties") is not False
    ]
    assert not open_ones, f"these inputs take unknown fields: {sorted(set(open_ones))}"


def test_what_must_be_sent_is_shown_by_an_example(raw: JSONObject) -> None:
    lacking = [
        f"{name}.{field}"
        for name, schema in _objects(raw, of_inputs=True)
        for field in schema.get("required", ())
        if {"examples", "enum", "$ref", "format"}.isdisjoint(schema["properties"][field])
    ]
    assert not lacking, f"a required input without an example: {lacking}"


def test_answers_may_grow(raw: JSONObject) -> None:
    closed = [
        name
        for name, schema in _objects(raw, of_inputs=False)
        if schema.get("additionalProperties") is False
    ]
    assert not closed, f"these answers forbid new fields (or are inputs too): {sorted(set(closed))}"


def test_enumerations_may_grow_and_say_so(raw: JSONObject) -> None:
    for name, schema in _objects(raw, of_inputs=False):
        for inner in schemas.walk(schema):
            if "enum" in inner:
                assert "olerate" in inner["description"], name


def test_names_of_schemas_are_names_of_types(raw: JSONObject) -> None:
    odd = [n for n in raw["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", n)]
    assert not odd, f"generated clients would carry these names: {odd}"


def test_versioned_operations_can_answer_that_a_version_is_stale(document: Document) -> None:
    for operation in document.operations():
        names = {parameter["name"] for parameter in operation.parameters}
        if "If-Match" in names:
            assert "412" in operation.said["responses"], operation.id


def test_lists_are_paged_bounded_and_sorted_by_an_enumeration(document: Document) -> None:
    for operation in document.operations():
        parameters = {parameter["name"]: parameter["schema"] for parameter in operation.parameters}
        if "cursor" in parameters:
            assert parameters["limit"]["maximum"] == 100, operation.id
            assert parameters["limit"]["default"] == 25, operation.id
            # A feed has no last page: it says in its body where to go on.
            if operation.id != "list_changes":
                assert "Link" in (operation.response(200) or {})["headers"], operation.id


def test_where_two_paths_fit_a_request_the_more_exact_one_is_met(raw: JSONObject) -> None:
    """The first route that fits answers, so a fixed word must come before a parameter."""
    for former, latter in combinations(raw["paths"].items(), 2):
        shared = {*former[1]} & {*latter[1]}
        pairs = list(zip(former[0].split("/"), latter[0].split("/"), strict=False))
        fits = all(a == b or "{" in a + b for a, b in pairs)
        if shared and fits and former[0].count("/") == latter[0].count("/"):
            exact = next(a for a, b in pairs if a != b)
            assert "{" not in exact, f"{former[0]} hides {latter[0]}"


def test_every_path_of_the_api_stands_under_v1(raw: JSONObject) -> None:
    """But for protocols, which stand where their RFCs have clients look."""
    assert all(path.startswith(("/v1/", *PROTOCOLS)) for path in raw["paths"])


def _objects(raw: JSONObject, *, of_inputs: bool) -> Iterator[tuple[str, JSONObject]]:
    """Each object schema that requests (or answers) lead to, with the name it stands under."""
    inputs, answers = schemas.roots(raw)
    shelf = raw["components"]["schemas"]
    for name in schemas.reachable(inputs if of_inputs else answers, shelf):
        for schema in schemas.walk(shelf[name]):
            if schema.get("type") == "object":
                yield name, schema


@pytest.mark.parametrize("name", ["openapi.json", "problems.md"])
def test_no_address_of_a_machine_stands_in_the_documents(name: str, built: dict[str, str]) -> None:
    for word in ("localhost", "127.0.0.1", "/home/", "/root/"):
        assert word not in json.dumps(built[name])
