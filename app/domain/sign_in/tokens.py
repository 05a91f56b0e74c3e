"""Sessions and their tokens: started, refreshed in generations, ended.

A token knows the refresh token it was issued for. When one of a pair is first used (`use` here,
`wall.enter` for requests), that refresh token is marked as succeeded, and is no longer valid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.joins import equal_in_tenant
from app.domain.sign_in.events import SessionEnded, SignedIn
from app.domain.sign_in.lifecycle import ACCESS_TOKEN, SESSION, lasting_until
from app.domain.sign_in.statements import START, start_values
from app.journal import record
from app.kernel import clock, ids
from app.kernel.devices import device_of
from app.kernel.networks import neighbourhood
from app.kernel.secrets import fingerprint, new_token
from app.models.people import Person
from app.models.sign_in import SessionToken, SignedInSession

#: What a token begins with says what it is to whoever finds one.
_PREFIX = {"access": "ska", "refresh": "skf", "cookie": "skc"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as far as a session stores it."""

    network: str
    device: str | None = None

    @property
    def neighbourhood(self) -> str:
        """The network as the journal stores it for good."""
        return neighbourhood(self.network)

    @property
    def device_code(self) -> str | None:
        """The device as the journal stores it for good: a code, not the client's own text."""
        return device_of(self.device)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens given to a client, once: a cookie's value, or an access and a refresh token."""

    session_id: UUID
    expires_at: datetime
    cookie: str | None = None
    access: str | None = None
    refresh: str | None = None
    access_seconds: int = int(ACCESS_TOKEN.total_seconds())


@dataclass(frozen=True, slots=True)
class AppAccess:
    """The app and scopes of a session. One that is not `renewed` has no refresh token, and ends
    with its first access token."""

    app_id: UUID
    scopes: Sequence[str]
    renewed: bool = True


async def start_session(
    session: AsyncSession,
    system: Actor,
    person: Person,
    *,
    delivery: str,
    origin: Origin,
    way: str,
    app: AppAccess | None = None,
    vouched_for: bool = False,
) -> Tokens:
    """A new session of `person`, delivered as `cookie` or as `tokens`; perhaps an app's, or one
    that a provider vouches for."""
    now = clock.now()
    brief = app is not None and not app.renewed
    started = SignedInSession(
        tenant_id=system.tenant_id,
        id=ids.new_id(),
        person_id=person.id,
        delivery=delivery,
        device=(origin.device or "")[:200] or None,
        network=origin.network,
        created_at=now,
        last_used_at=now,
        idle_seconds=int(SESSION[person.side].idle.total_seconds()),
        expires_at=now + ACCESS_TOKEN if brief else lasting_until(now, person.side),
        ended_at=None,
        vouched_for=vouched_for,
        app_id=app.app_id if app else None,
        scopes=list(app.scopes) if app else None,
    )
    tokens, made = _made(started, renewed=not brief)
    await session.flush()
    await session.execute(START, start_values(started, made))
    came = SignedIn(
        subject_id=person.id,
        session=started.id,
        way=way,
        network=origin.neighbourhood,
        device=origin.device_code,
        app=started.app_id,
    )
    await record(session, system, came)
    return tokens


def issue(session: AsyncSession, of: SignedInSession, *, after: SessionToken) -> Tokens:
    """New tokens of a session, given for the refresh token `after`."""
    tokens, made = _made(of, after=after)
    session.add_all(made)
    return tokens


def _made(
    of: SignedInSession, *, after: SessionToken | None = None, renewed: bool = True
) -> tuple[Tokens, list[SessionToken]]:
    """Tokens as the client is given them, and as they are kept."""
    if of.delivery == "cookie":
        ends = {"cookie": of.expires_at}
    else:
        ends = {"access": min(clock.now() + ACCESS_TOKEN, of.expires_at)}
        if renewed:
            ends["refresh"] = of.expires_at
    told = {kind: new_token(_PREFIX[kind]) for kind in ends}
    kept = [
        SessionToken(
            tenant_id=of.tenant_id,
            fingerprint=fingerprint(token),
            session_id=of.id,
            kind=kind,
            given_for=after.fingerprint if after else None,
            expires_at=ends[kind],
        )
        for kind, token in told.items()
    ]
    cookie, access, refresh = (told.get(kind) for kind in ("cookie", "access", "refresh"))
    return Tokens(of.id, of.expires_at, cookie, access, refresh), kept


async def refreshable(
    session: AsyncSession, system: Actor, token: str
) -> tuple[SessionToken, SignedInSession] | None:
    """The refresh token and its session, locked; `None` for one nobody has."""
    row = (
        await session.execute(
            select(SessionToken, SignedInSession)
            .join(SignedInSession, equal_in_tenant(SignedInSession.id, SessionToken.session_id))
            .where(
                SessionToken.tenant_id == system.tenant_id,
                SessionToken.fingerprint == fingerprint(token),
                SessionToken.kind == "refresh",
            )
            .with_for_update()
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def use(session: AsyncSession, token: SessionToken) -> None:
    """Note the first use of a token: the refresh token it was issued for is no longer valid."""
    if token.first_used_at is None:
        token.first_used_at = clock.now()
        await session.execute(
            update(SessionToken)
            .where(
                SessionToken.tenant_id == token.tenant_id,
                SessionToken.fingerprint == token.given_for,
                SessionToken.succeeded_at.is_(None),
            )
            .values(succeeded_at=token.first_used_at),
            execution_options={"synchronize_session": False},
        )


async def end_session(
    session: AsyncSession, system: Actor, of: SignedInSession, *, reason: str
) -> None:
    """End a session with all its tokens; nothing happens to one that has ended."""
    if of.ended_at is None:
        of.ended_at = clock.now()
        ended = SessionEnded(subject_id=of.person_id, session=of.id, reason=reason)
        await record(session, system, ended)


async def end_sessions_of(
    session: AsyncSession, system: Actor, person_id: UUID, *, reason: str
) -> None:
    """End all sessions of a person at once, those of apps too."""
    await _end(session, system, SignedInSession.person_id == person_id, reason)


async def end_other_sessions_of(
    session: AsyncSession, system: Actor, person_id: UUID, *, besides: UUID | None, reason: str
) -> None:
    """End all sessions of a person but one, those of apps too."""
    others = (SignedInSession.person_id == person_id) & (SignedInSession.id != besides)
    await _end(session, system, others, reason)


async def end_sessions_through(
    session: AsyncSession,
    system: Actor,
    app_id: UUID,
    *,
    person_id: UUID | None = None,
    reason: str,
) -> None:
    """End all sessions of an app, of everybody or of one person."""
    whose = SignedInSession.app_id == app_id
    if person_id is not None:
        whose &= SignedInSession.person_id == person_id
    await _end(session, system, whose, reason)


async def _end(
    session: AsyncSession, system: Actor, which: ColumnElement[bool], reason: str
) -> None:
    ended = await session.execute(
        update(SignedInSession)
        .where(
            SignedInSession.tenant_id == system.tenant_id,
            which,
            SignedInSession.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
        .returning(SignedInSession.id, SignedInSession.person_id),
        execution_options={"synchronize_session": False},
    )
    for session_id, person_id in ended.all():
        over = SessionEnded(subject_id=person_id, session=session_id, reason=reason)
        await record(session, system, over)
