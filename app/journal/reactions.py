"""The reactions to events: what is called in the transaction, and what the worker does later.

The journal lies below the rooms that react, so it cannot name them: `app/reactions.py` does, and
the API, the worker and the commands put the result into `session.info["reactions"]`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import TextualSelect
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.journal.events import Recorded

#: Runs inside the event's own transaction, as the system. May fail its cause: use it only for
#: what the next GET must already show.
InTransaction = Callable[[AsyncSession, Actor, Recorded], Awaitable[None]]
#: Whether there may be anything to do, asked as the caller.
Concerned = Callable[[AsyncSession, Actor, Recorded], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Sometimes:
    """A reaction that declares when it is concerned. Switching to the system and back takes two
    statements, and most events concern no reaction."""

    concerned: Concerned
    react: InTransaction

    async def __call__(self, session: AsyncSession, actor: Actor, event: Recorded, /) -> None:
        await self.react(session, actor, event)


def where(concerned: Concerned) -> Callable[[InTransaction], Sometimes]:
    """Decorator: call the reaction only where `concerned` answers true. It is asked as the caller,
    so it may read nothing that he may not see, and best reads nothing at all."""
    return lambda react: Sometimes(concerned, react)


@dataclass(frozen=True, slots=True)
class Reactions:
    """By event name: what is called in its transaction, and the names of what the worker does."""

    in_the_transaction: Mapping[str, Sequence[InTransaction]] = field(default_factory=dict)
    afterwards: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Puts jobs into the queue, in the statement that writes the event: `:reactions` about the
    #: event `:id` of `:tenant_id`.
    defer: TextualSelect | None = None


NONE = Reactions()


def reactions_of(session: AsyncSession) -> Reactions:
    """The reactions of this session; none where none were set."""
    found = session.info.get("reactions", NONE)
    assert isinstance(found, Reactions)  # noqa: S101 (narrows the type for the reader and mypy)
    return found
