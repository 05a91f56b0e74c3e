"""Which of our constraints a write ran into: the last word where two writers raced."""

import psycopg
from sqlalchemy.exc import IntegrityError


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint, where the server said so."""
    cause = error.orig
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
