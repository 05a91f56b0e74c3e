"""Identifiers: UUIDv7, made in the application so that a row knows its id before it is written."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562, 5.7): sortable by the moment it was made."""
    return compat.uuid7()


def parse_id(text: str) -> UUID | None:
    """The id that `text` spells in its canonical form, or `None` where it spells none."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
