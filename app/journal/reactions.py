"""The two hooks that a door ties to a session: what follows at once, and what follows later.

The journal lies below the rooms that react, so it cannot name them; `app/reactions.py` does.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import TextualSelect
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.journal.events import Recorded

#: Runs inside the event's own transaction, as the system. May fail its cause: use it only for
#: what the next GET must already show.
SameBreath = Callable[[AsyncSession, Actor, Recorded], Awaitable[None]]
#: Whether there may be anything to do, asked as whoever acts.
Concerned = Callable[[AsyncSession, Actor, Recorded], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Sometimes:
    """A reaction that says beforehand whether it is concerned: to become the system and whoever
    acts again are two statements, and most events concern nobody."""

    concerned: Concerned
    react: SameBreath

    async def __call__(self, session: AsyncSession, actor: Actor, event: Recorded, /) -> None:
        await self.react(session, actor, event)


def where(concerned: Concerned) -> Callable[[SameBreath], Sometimes]:
    """Make a reaction one that is asked first. `concerned` may ask the database nothing that
    whoever acts may not see, and best asks it nothing at all."""
    return lambda react: Sometimes(concerned, react)


@dataclass(frozen=True, slots=True)
class Reactions:
    """Event name → what is done in its transaction, and the names of what the worker does."""

    in_the_same_breath: Mapping[str, Sequence[SameBreath]] = field(default_factory=dict)
    afterwards: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Puts jobs into the queue, in the statement that writes the event: `:reactions` about the
    #: event `:id` of `:tenant_id`.
    defer: TextualSelect | None = None


NONE = Reactions()


def reactions_of(session: AsyncSession) -> Reactions:
    """The reactions a door tied to this session; none where it tied none."""
    found = session.info.get("reactions", NONE)
    assert isinstance(found, Reactions)  # noqa: S101 (narrows the type for the reader and mypy)
    return found
