"""The wall: what a transaction must state before PostgreSQL shows it a row.

Every table of a tenant has row-level security that reads transaction-local settings (`app.tenant`,
`app.side`, `app.person`, `app.organizations`, `app.closed_departments`, `app.organization`).
`session.info` says how they are set; without that, no transaction begins. The settings end with the
transaction, so that a pooled connection carries nothing to the next one."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.database.asking import CONNECTION, Question

_ENTER = Question(text("SELECT wall.enter(:kind, :fingerprint, :moment, :network)"))
_ENTER_DIRECTORY = text(
    "SELECT wall.enter('directory', NULL, :moment, NULL, jsonb_build_object('portal',"
    " CAST(:portal AS text), 'audience', CAST(:audience AS text), 'issuer', CAST(:issuer AS text),"
    " 'subject', CAST(:subject AS text), 'client', CAST(:client AS text)))"
)
_ENTER_PORTAL = text("SELECT wall.enter_portal(:slug)")
_ENTER_SECRET = text("SELECT wall.enter_by_secret(:fingerprint)")
_ENTER_ATTEMPT = text("SELECT wall.enter_by_attempt(:state)")
_ENTER_APP = text("SELECT wall.enter_by_app(:app)")
_ENTER_REGISTRATION = text("SELECT wall.enter_by_registration(:fingerprint)")
_ENTER_SYSTEM = Question(text("SELECT wall.enter_as_system(:tenant)"))
_SIDE = Question(
    text(
        "WITH before AS MATERIALIZED (SELECT current_setting('app.side', true) AS side)"
        " SELECT side, set_config('app.side', :side, true) FROM before"
    )
)
#: Under which name a session's `info` holds the transaction for which the wall was raised.
_BEHIND = "behind"


class WallNotRaised(RuntimeError):
    """A transaction was begun without saying for whom: a mistake in our own code."""


class Wall(Protocol):
    """A way to set the wall on a connection whose transaction has just begun."""

    def raise_on(self, connection: Connection) -> Any: ...


@dataclass(frozen=True, slots=True)
class ByToken:
    """As whoever holds a session's token, or an API key; answers the actor's row, or `None` for a
    stranger. `network` is where a key's use is noted to come from."""

    kind: str
    fingerprint: bytes
    moment: Any
    network: str | None = None

    def raise_on(self, connection: Connection) -> Any:
        asked = {
            "kind": self.kind,
            "fingerprint": self.fingerprint,
            "moment": self.moment,
            "network": self.network,
        }
        return _ENTER.value_on(connection, asked)


@dataclass(frozen=True, slots=True)
class ByDirectory:
    """As whoever a directory's access token names at a portal, or as the service account that
    the program `client` is bound to; answers as `ByToken`. The token must have been seen to be
    good."""

    portal: str
    audience: str
    issuer: str
    subject: str
    client: str | None
    moment: Any

    def raise_on(self, connection: Connection) -> Any:
        asked = {
            "portal": self.portal,
            "audience": self.audience,
            "issuer": self.issuer,
            "subject": self.subject,
            "client": self.client,
            "moment": self.moment,
        }
        return connection.execute(_ENTER_DIRECTORY, asked).scalar()


@dataclass(frozen=True, slots=True)
class ByPortal:
    """As the system of the tenant whose portal has this slug; its row, or `None`."""

    slug: str

    def raise_on(self, connection: Connection) -> Any:
        return connection.execute(_ENTER_PORTAL, {"slug": self.slug}).scalar()


@dataclass(frozen=True, slots=True)
class BySecret:
    """As the system of the tenant that gave out a one-time or refresh token; its row, or `None`."""

    fingerprint: bytes

    def raise_on(self, connection: Connection) -> Any:
        return connection.execute(_ENTER_SECRET, {"fingerprint": self.fingerprint}).scalar()


@dataclass(frozen=True, slots=True)
class ByAttempt:
    """As the system of the tenant that sent somebody to a provider with this state; its row, or
    `None`."""

    state: bytes

    def raise_on(self, connection: Connection) -> Any:
        return connection.execute(_ENTER_ATTEMPT, {"state": self.state}).scalar()


@dataclass(frozen=True, slots=True)
class ByApp:
    """As the system of the tenant that an app is registered with; its row, or `None`."""

    app_id: UUID

    def raise_on(self, connection: Connection) -> Any:
        return connection.execute(_ENTER_APP, {"app": str(self.app_id)}).scalar()


@dataclass(frozen=True, slots=True)
class ByRegistration:
    """As the system of the tenant that mailed somebody this secret to confirm his address; its
    row, or `None`."""

    fingerprint: bytes

    def raise_on(self, connection: Connection) -> Any:
        asked = {"fingerprint": self.fingerprint}
        return connection.execute(_ENTER_REGISTRATION, asked).scalar()


@dataclass(frozen=True, slots=True)
class AsSystem:
    """As the system, in one tenant: the worker, the operator's command, data that is applied."""

    tenant_id: UUID

    def raise_on(self, connection: Connection) -> Any:
        return _ENTER_SYSTEM.value_on(connection, {"tenant": str(self.tenant_id)})


@dataclass(frozen=True, slots=True)
class Nowhere:
    """In no tenant: every table of tenants is empty. For what belongs to the installation."""

    def raise_on(self, connection: Connection) -> Any:  # noqa: ARG002 (as every wall)
        return None


def stand_behind(session: AsyncSession, wall: Wall) -> None:
    """Say how the session's next transactions set the wall."""
    session.info["wall"] = wall


def entered(session: AsyncSession) -> Any:
    """What setting the wall returned in the open transaction."""
    return session.info.get("entered")


def raise_wall(session: Session, connection: Connection) -> None:
    """Raise the session's wall on a connection whose transaction has just begun. Raises
    `WallNotRaised` where it has none."""
    wall = session.info.get("wall")
    if wall is None:
        raise WallNotRaised("say `stand_behind(session, …)` before the session is used")
    session.info[CONNECTION] = connection
    session.info[_BEHIND] = connection.get_transaction()
    session.info["entered"] = wall.raise_on(connection)


@event.listens_for(Session, "after_begin")
def _after_begin(session: Session, transaction: Any, connection: Connection) -> None:
    raised = session.info.get(_BEHIND) is connection.get_transaction()
    if not transaction.nested and not raised:
        raise_wall(session, connection)


async def change_side(session: AsyncSession, side: str) -> str:
    """Switch to another side for the rest of the transaction; returns the previous one. Only
    `access/system.py` calls this."""
    left: str = (await _SIDE.row(session, {"side": side})).side or ""
    return left
