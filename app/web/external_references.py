"""External references over HTTP: in paths, in filters and in bodies."""

from typing import Annotated

from fastapi import Path

from app.kernel.external_references import Reference
from app.schemas.base import SentExternalReference

SourcePath = Annotated[
    str,
    Path(
        max_length=60,
        pattern=r"^[A-Za-z0-9._-]{1,60}$",
        description="A name for the other system, always the same.",
        examples=["jira"],
    ),
]
KeyPath = Annotated[
    str,
    Path(
        max_length=200,
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="The id in the other system.",
        examples=["OPS-4711"],
    ),
]


def sent(reference: SentExternalReference | None) -> Reference | None:
    """The reference that a body gives."""
    return Reference(reference.source, reference.key) if reference else None


def asked(written: str | None) -> Reference | None:
    """The reference that a filter names, as `source:key` (no source has a colon)."""
    return Reference(*written.split(":", 1)) if written else None
