"""Optimistic locking: whoever changes something says which version of it he has read."""

from app.kernel.problems import Problem


class Stale(Problem):
    """Somebody else changed it meanwhile (412)."""

    code = "stale"
    status = 412
    title = "Somebody has changed this since you read it"
    detail = "Read it again, look at what changed, then send yours with the new ETag."


def expect(version: int, expected: int | None) -> None:
    """Raise `Stale` unless `version` is the `expected` one (`None` expects nothing)."""
    if expected is not None and expected != version:
        raise Stale
