"""The two hooks that a door ties to a session: what follows at once, and what follows later.

The journal lies below the rooms that react, so it cannot name them; `app/reactions.py` does.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.journal.events import Recorded

#: Runs inside the event's own transaction, as the system. May fail its cause: use it only for
#: what the next GET must already show.
SameBreath = Callable[[AsyncSession, Actor, Recorded], Awaitable[None]]
#: Puts a job into the queue, inside the transaction: (session, tenant, event, reaction).
Defer = Callable[[AsyncSession, UUID, UUID, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reactions:
    """Event name → what is done in its transaction, and the names of what the worker does."""

    in_the_same_breath: Mapping[str, Sequence[SameBreath]] = field(default_factory=dict)
    afterwards: Mapping[str, Sequence[str]] = field(default_factory=dict)
    defer: Defer | None = None


NONE = Reactions()


def reactions_of(session: AsyncSession) -> Reactions:
    """The reactions a door tied to this session; none where it tied none."""
    found = session.info.get("reactions", NONE)
    assert isinstance(found, Reactions)  # noqa: S101 (narrows the type for the reader and mypy)
    return found
