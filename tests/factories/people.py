"""People and organizations for a test alone: made by the product's own verbs, with a password.

Tests that sign people in, out and down must not do it to the demo people, whom others share.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import httpx2
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.tenancy import ByPortal, entered
from app.domain.organizations.actions import create_organization
from app.domain.people.actions import create_person
from app.domain.people.memberships import grant_membership
from app.domain.sign_in.password_changes import set_first_password
from app.kernel import clock
from tests.desk import Desk

Client = httpx2.AsyncClient
PORTAL = "crm-service"
PASSWORD = "seven wet dogs on a tram"
OTHER_PASSWORD = "nine dry cats under a bus"
_networks = count(1)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody made for a test."""

    id: str
    email: str
    organization: str | None
    password: str = PASSWORD


def new_address(noun: str = "newcomer") -> str:
    """An address that nobody has yet."""
    return f"{noun}-{uuid4().hex[:10]}@people.example"


def new_network() -> str:
    """An address (RFC 2544) that nobody has called from yet."""
    number = next(_networks)
    return f"198.18.{number // 250}.{number % 250 + 1}"


class Clock:
    """Time as a test sets it."""

    def __init__(self) -> None:
        self._moment = datetime.now(UTC)
        clock.set_source(lambda: self._moment)

    @property
    def now(self) -> datetime:
        """What they show."""
        return self._moment

    def forward(self, *, seconds: float = 0, **more: float) -> None:
        """Let so much time pass."""
        self._moment += timedelta(seconds=seconds, **more)

    def back(self, *, seconds: float = 0, **more: float) -> None:
        """Put them back by so much."""
        self._moment -= timedelta(seconds=seconds, **more)


@asynccontextmanager
async def as_system(desk: Desk, portal: str = PORTAL) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """A transaction as the system of a portal's tenant."""
    async with desk.app.state.database.transaction(ByPortal(portal)) as session:
        await session.connection()
        row = entered(session)
        yield session, Actor.system(UUID(row["tenant"]), row["definition_version"])


async def new_organization(desk: Desk, name: str = "Newcomers Oy") -> str:
    """An organization nobody belongs to."""
    async with as_system(desk) as (session, system):
        return str((await create_organization(session, system, name=name)).id)


async def new_organization_at(desk: Desk, portal: str, name: str = "Acme AS") -> str:
    """An organization of a portal that nobody belongs to."""
    async with as_system(desk, portal) as (session, system):
        return str((await create_organization(session, system, name=name)).id)


async def newcomer(
    desk: Desk,
    *,
    role: str = "perus",
    organization: str | None = None,
    side: str = "customer",
    name: str = "Newcomer",
    must_change: bool = False,
    portal: str = PORTAL,
) -> Newcomer:
    """Somebody who can sign in with `PASSWORD`; a customer in `organization` or in a new one."""
    address = new_address()
    async with as_system(desk, portal) as (session, system):
        agents_role = role if side == "agent" else None
        made = await create_person(
            session, system, name=name, email=address, side=side, role=agents_role
        )
        if side == "customer":
            if organization is None:
                organization = str((await create_organization(session, system, name="Own Oy")).id)
            await grant_membership(session, system, organization, made.id, role=role)
        await set_first_password(session, system, made, PASSWORD, must_change=must_change)
        return Newcomer(str(made.id), address, organization)


async def signed_in(desk: Desk, who: Newcomer, password: str | None = None) -> Client:
    """A client of theirs, newly signed in."""
    return await desk.sign_in(who.email, password or who.password)


async def signed_in_at(desk: Desk, who: Newcomer, portal: str) -> Client:
    """A client of theirs, newly signed in at a portal."""
    return await desk.sign_in(who.email, who.password, portal)


async def try_to_sign_in(
    client: Client, email: str, password: str = PASSWORD, **more: str
) -> httpx2.Response:
    """The answer to an attempt to sign in."""
    sent = {"email": email, "password": password, **more}
    return await client.post(f"/v1/portals/{PORTAL}/sessions", json=sent)


def bearer(answer: httpx2.Response) -> dict[str, str]:
    """The header that carries the access token of an answer."""
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def changed(client: Client, person: str, **changes: object) -> httpx2.Response:
    """The answer to a change of a person as he is now."""
    path = f"/v1/people/{person}"
    tag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=changes, headers={"If-Match": tag})
