"""The committed document passes the linters its readers use, and these would notice."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.contract.programs import npm_program, run

pytestmark = pytest.mark.slow


def spectral(folder: Path, file: Path) -> tuple[int, str]:
    ruleset = folder / ".spectral.yaml"
    ended = run(
        [npm_program("spectral"), "lint", "--fail-severity=warn", "--ruleset", ruleset, file],
        cwd=folder,
    )
    return ended.returncode, ended.stdout


def redocly(folder: Path, file: Path) -> tuple[int, str]:
    ended = run(
        [npm_program("redocly"), "lint", "--config", folder / "redocly.yaml", file], cwd=folder
    )
    return ended.returncode, ended.stdout


def written(document: dict[str, Any], folder: Path) -> Path:
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return file


def test_spectral_with_the_owasp_rules_finds_nothing(folder: Path) -> None:
    code, said = spectral(folder, folder / "openapi.json")
    assert code == 0, said


def test_redocly_finds_nothing(folder: Path) -> None:
    code, said = redocly(folder, folder / "openapi.json")
    assert code == 0, said


def test_the_document_is_valid_openapi_3_1(raw: dict[str, Any]) -> None:
    assert raw["openapi"].startswith("3.1")
    validate(raw)


def test_spectral_would_notice_an_unbounded_input_and_a_missing_401(
    folder: Path, raw: dict[str, Any], tmp_path: Path
) -> None:
    # One path is enough to see that the rules are asked; all of them take half a minute.
    raw["paths"] = {"/v1/me": raw["paths"]["/v1/me"]}
    me = raw["paths"]["/v1/me"]["get"]
    del me["responses"]["401"]
    me.setdefault("parameters", []).append(
        {"name": "planted", "in": "query", "description": "A.", "schema": {"type": "string"}}
    )
    code, said = spectral(folder, written(raw, tmp_path))
    assert code != 0
    assert "define-error-responses-401" in said
    assert "string-limit" in said
    assert "string-restricted" in said


def test_redocly_would_notice_an_example_that_does_not_fit(
    folder: Path, raw: dict[str, Any], tmp_path: Path
) -> None:
    raw["components"]["examples"]["unauthenticated"]["value"]["status"] = "401"
    code, said = redocly(folder, written(raw, tmp_path))
    assert code != 0
    assert "no-invalid-media-type-examples" in said
