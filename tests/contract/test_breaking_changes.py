"""The check for breaking changes names what breaks clients, and only that."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from app.commands.contract_changes import breaking_changes
from app.commands.openapi import RELEASED

JSONObject = dict[str, Any]

RELEASED_ONE: JSONObject = {
    "paths": {
        "/v1/tickets/{ticket}": {
            "patch": {
                "operationId": "update_ticket",
                "security": [{"bearer": []}],
                "parameters": [
                    {"name": "include", "in": "query", "schema": {"type": "string"}},
                    {"name": "ticket", "in": "path", "required": True, "schema": {}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Changes"}}
                    }
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Ticket"}}
                        },
                    },
                    "404": {},
                },
            }
        },
        "/v1/me": {
            "get": {"operationId": "read_me", "security": [{}], "responses": {"200": {}}},
        },
    },
    "components": {
        "schemas": {
            "Changes": {
                "type": "object",
                "properties": {
                    "subject": {"type": "string", "maxLength": 200},
                    "severity": {"enum": ["low", "high"], "type": "string"},
                    "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            },
            "Ticket": {
                "type": "object",
                "required": ["subject", "children"],
                "properties": {
                    "subject": {"type": "string"},
                    "status": {"type": "string", "enum": ["new", "open"]},
                    "children": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/Ticket"},
                    },
                },
            },
        }
    },
}


@pytest.fixture
def current() -> JSONObject:
    return copy.deepcopy(RELEASED_ONE)


def changes(current: JSONObject) -> list[str]:
    return breaking_changes(RELEASED_ONE, current)


def update(current: JSONObject) -> JSONObject:
    operation: JSONObject = current["paths"]["/v1/tickets/{ticket}"]["patch"]
    return operation


def schema(current: JSONObject, name: str) -> JSONObject:
    found: JSONObject = current["components"]["schemas"][name]
    return found


def test_the_same_document_breaks_nothing(current: JSONObject) -> None:
    assert changes(current) == []


def test_a_removed_operation_is_named(current: JSONObject) -> None:
    del current["paths"]["/v1/me"]
    assert changes(current) == ["GET /v1/me: the operation is gone"]


def test_a_renamed_path_parameter_breaks_nothing(current: JSONObject) -> None:
    paths = current["paths"]
    paths["/v1/tickets/{id}"] = paths.pop("/v1/tickets/{ticket}")
    paths["/v1/tickets/{id}"]["patch"]["parameters"].pop()
    assert changes(current) == []


def test_a_renamed_operation_is_named(current: JSONObject) -> None:
    update(current)["operationId"] = "change_ticket"
    assert changes(current) == [
        "PATCH /v1/tickets/{ticket}: operationId update_ticket is now change_ticket"
    ]


def test_an_operation_that_closes_to_the_public_is_named(current: JSONObject) -> None:
    current["paths"]["/v1/me"]["get"]["security"] = [{"bearer": []}]
    assert "now needs a caller" in changes(current)[0]


def test_a_renamed_field_of_an_answer_is_named(current: JSONObject) -> None:
    fields = schema(current, "Ticket")["properties"]
    fields["title"] = fields.pop("subject")
    schema(current, "Ticket")["required"] = ["title", "children"]
    assert changes(current) == ["PATCH /v1/tickets/{ticket}: 200: /subject is gone"]


def test_a_field_that_may_now_be_absent_or_null_is_named(current: JSONObject) -> None:
    ticket = schema(current, "Ticket")
    ticket["required"].remove("subject")
    ticket["properties"]["status"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    said = "\n".join(changes(current))
    assert "/subject may now be absent" in said
    assert "/status may now be null" in said


def test_a_removed_field_of_an_input_is_named(current: JSONObject) -> None:
    del schema(current, "Changes")["properties"]["note"]
    assert changes(current) == ["PATCH /v1/tickets/{ticket}: the body: /note is gone"]


def test_a_narrowed_enumeration_of_an_input_is_named(current: JSONObject) -> None:
    schema(current, "Changes")["properties"]["severity"]["enum"] = ["low"]
    assert "no longer takes 'high'" in changes(current)[0]


def test_a_narrowed_text_and_a_lost_null_are_named(current: JSONObject) -> None:
    fields = schema(current, "Changes")["properties"]
    fields["subject"]["maxLength"] = 100
    fields["note"] = {"type": "string"}
    said = "\n".join(changes(current))
    assert "/subject: maxLength came down from 200 to 100" in said
    assert "/note may no longer be null" in said


def test_new_required_inputs_are_named(current: JSONObject) -> None:
    schema(current, "Changes")["required"] = ["subject"]
    update(current)["requestBody"]["required"] = True
    update(current)["parameters"].append(
        {"name": "If-Match", "in": "header", "required": True, "schema": {}}
    )
    said = "\n".join(changes(current))
    assert "/subject is now required" in said
    assert "a body is now required" in said
    assert "the header parameter 'if-match' is now required" in said


def test_a_removed_parameter_status_and_header_are_named(current: JSONObject) -> None:
    operation = update(current)
    del operation["parameters"][0]
    del operation["responses"]["200"]["headers"]
    del current["paths"]["/v1/me"]["get"]["responses"]["200"]
    said = "\n".join(changes(current))
    assert "the query parameter 'include' is gone" in said
    assert "200 no longer carries ETag" in said
    assert "200 is no longer answered" in said


def test_additions_break_nothing(current: JSONObject) -> None:
    fields = schema(current, "Ticket")["properties"]
    fields["number"] = {"type": "string"}
    fields["status"]["enum"].append("closed")
    schema(current, "Changes")["properties"]["tags"] = {"type": "array"}
    schema(current, "Changes")["properties"]["severity"]["enum"].append("none")
    schema(current, "Changes")["properties"]["subject"]["maxLength"] = 300
    update(current)["responses"]["409"] = {}
    update(current)["parameters"].append({"name": "q", "in": "query", "schema": {}})
    current["paths"]["/v1/roles"] = {"get": {"operationId": "list_roles", "responses": {}}}
    assert changes(current) == []


def test_nothing_breaks_clients_of_the_released_document(folder: Path, raw: JSONObject) -> None:
    released = folder / RELEASED
    if not released.exists():
        # Nothing was released yet, so nothing can break; `skranke openapi --release` begins it.
        return
    broken = breaking_changes(json.loads(released.read_text()), raw)
    assert not broken, "\n".join(broken)
