"""What the contract's tests share: the document as the code builds it."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.commands.openapi import FOLDER, documents
from tests.contract.document import Document

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def built() -> dict[str, str]:
    """File name → text of what is generated from the code."""
    return documents()


@pytest.fixture
def raw(built: dict[str, str]) -> dict[str, Any]:
    """The document as JSON; each test gets its own and may spoil it."""
    document: dict[str, Any] = json.loads(built["openapi.json"])
    return document


@pytest.fixture
def document(raw: dict[str, Any]) -> Document:
    return Document(raw)


@pytest.fixture
def folder() -> Path:
    """Where the committed documents live."""
    return ROOT / FOLDER
