"""Which constraint a write violated: the last word when two writers race."""

import psycopg
from sqlalchemy.exc import IntegrityError


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint, where the server said so."""
    cause = error.orig
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
