"""The JSON Schema of portal definitions, for editors: made from the models."""

import json
from pathlib import Path as File

from app.domain.tenants.definition import Definition

PORTALS = File(__file__).parent.parent.parent / "portals"
SCHEMA_FILE = PORTALS / "portal-definition.schema.json"


def schema() -> str:
    """The schema (JSON Schema 2020-12) as it stands in the repository."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Portal definition",
        **Definition.model_json_schema(by_alias=True),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
