"""Reading sessions, and the people who sign in."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.joins import equal_in_tenant
from app.domain.sign_in.problems import SessionNotFound
from app.kernel import clock
from app.kernel.ids import parse_id
from app.models.factors import TotpFactor
from app.models.people import ContactDetails, Person
from app.models.sign_in import Credential, SignedInSession

_MOST = 100


def is_alive() -> ColumnElement[bool]:
    """The sessions that are valid now: not ended, not expired, not idle for too long."""
    now = clock.now()
    idle = func.make_interval(0, 0, 0, 0, 0, 0, SignedInSession.idle_seconds)
    return and_(
        SignedInSession.ended_at.is_(None),
        SignedInSession.expires_at > now,
        SignedInSession.last_used_at + idle > now,
    )


def _own(actor: Actor) -> Select[SignedInSession]:
    return select(SignedInSession).where(
        SignedInSession.tenant_id == actor.tenant_id,
        SignedInSession.person_id == actor.person,
        is_alive(),
    )


async def own_sessions(session: AsyncSession, actor: Actor) -> Sequence[SignedInSession]:
    """The actor's sessions, most recently used first (at most a hundred)."""
    statement = _own(actor).order_by(SignedInSession.last_used_at.desc(), SignedInSession.id)
    return (await session.scalars(statement.limit(_MOST))).all()


async def own_session_for(session: AsyncSession, actor: Actor, reference: str) -> SignedInSession:
    """One of the actor's own sessions. Raises `SessionNotFound`."""
    session_id = parse_id(reference)
    if session_id is None:
        raise SessionNotFound
    found: SignedInSession | None = await session.scalar(
        _own(actor).where(SignedInSession.id == session_id)
    )
    if found is None:
        raise SessionNotFound
    return found


class Candidate(NamedTuple):
    """Somebody who tries to sign in: the person, the credential, and whether a second factor is
    needed."""

    person: Person
    credential: Credential | None
    has_factor: bool


_CANDIDATE = (
    select(
        Person,
        Credential,
        exists()
        .where(
            TotpFactor.tenant_id == Person.tenant_id,
            TotpFactor.person_id == Person.id,
            TotpFactor.confirmed_at.is_not(None),
        )
        .label("has_factor"),
    )
    .outerjoin(Credential, equal_in_tenant(Credential.person_id, Person.id))
    .where(Person.tenant_id == bindparam("tenant"))
)
_BY_ADDRESS = _CANDIDATE.join(
    ContactDetails, equal_in_tenant(ContactDetails.person_id, Person.id)
).where(ContactDetails.email_key == bindparam("key"))
_BY_ID = _CANDIDATE.where(Person.id == bindparam("person"))
_HOLD = (
    select(Person.id)
    .where(Person.tenant_id == bindparam("tenant"), Person.id == bindparam("person"))
    .with_for_update(read=True)
)
_AS_IT_IS = {"populate_existing": True}


async def candidate_by_address(session: AsyncSession, system: Actor, key: str) -> Candidate | None:
    """The person with this address, with what decides whether they may sign in."""
    asked = {"tenant": system.tenant_id, "key": key}
    found = (await session.execute(_BY_ADDRESS, asked, execution_options=_AS_IT_IS)).one_or_none()
    return Candidate(*found) if found else None


async def candidate_held(session: AsyncSession, system: Actor, person_id: UUID) -> Candidate | None:
    """The person with this id, locked (shared) until the transaction ends and read after the lock.
    Takes as long for an id that nobody has."""
    asked = {"tenant": system.tenant_id, "person": person_id}
    # Two statements: one that waited for the lock would show the password from before the wait.
    await session.execute(_HOLD, asked)
    found = (await session.execute(_BY_ID, asked, execution_options=_AS_IT_IS)).one_or_none()
    return Candidate(*found) if found else None


async def person_held(
    session: AsyncSession, system: Actor, person_id: UUID, *, read: bool = False
) -> Person | None:
    """A person as he is now, locked until the transaction ends; `read` shares the lock with others
    who only read. Rows that refer to him can still be written."""
    found: Person | None = await session.scalar(
        select(Person)
        .where(Person.tenant_id == system.tenant_id, Person.id == person_id)
        .with_for_update(read=read, key_share=not read),
        execution_options={"populate_existing": True},
    )
    return found


async def credential_of(session: AsyncSession, system: Actor, person_id: UUID) -> Credential | None:
    """A person's password as it is now; asked alike for somebody there is not."""
    found: Credential | None = await session.scalar(
        select(Credential).where(
            Credential.tenant_id == system.tenant_id, Credential.person_id == person_id
        ),
        execution_options={"populate_existing": True},
    )
    return found
