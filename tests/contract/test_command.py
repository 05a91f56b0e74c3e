"""`skranke openapi` writes the documents, notices stale ones and names what breaks clients."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import skranke


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    assert openapi(tmp_path).exit_code == 0
    return tmp_path


def openapi(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(skranke, ["openapi", "--folder", str(folder), *options])


def test_what_was_just_written_is_up_to_date(documents: Path) -> None:
    told = openapi(documents, "--check")
    assert told.exit_code == 0
    assert "No released document yet" in told.output


def test_a_stale_document_is_named_and_not_touched(documents: Path) -> None:
    file = documents / "openapi.json"
    file.write_text(file.read_text() + " ")
    told = openapi(documents, "--check")
    assert told.exit_code == 1
    assert "openapi.json" in told.output
    assert "problems.md" not in told.output
    assert "Run `skranke openapi`" in told.output
    assert file.read_text().endswith(" ")


def test_what_breaks_clients_of_a_release_is_named(documents: Path) -> None:
    assert openapi(documents, "--release").exit_code == 0
    assert "Nothing breaks" in openapi(documents, "--check").output
    released = json.loads((documents / "released.json").read_text())
    released["paths"]["/v1/gone"] = {"get": {"operationId": "gone", "responses": {}}}
    (documents / "released.json").write_text(json.dumps(released))
    assert "GET /v1/gone: the operation is gone" in openapi(documents, "--check").output
