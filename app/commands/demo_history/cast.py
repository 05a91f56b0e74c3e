"""The demo people as actors: what each of them may do, and his own wall around what he does."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.commands.demo import SOURCE
from app.domain.people.actors import actor_for
from app.domain.people.addresses import address_key
from app.domain.people.queries import person_by_email
from app.domain.tenants.demo import DemoPeople
from app.models.organizations import Organization

_STAND_IN = text(
    "SELECT set_config('app.side', :side, true), set_config('app.person', :person, true),"
    " set_config('app.organizations', :organizations, true),"
    " set_config('app.closed_departments', :closed, true)"
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody of a portal's demo people, by address."""

    actors: Mapping[str, Actor]

    def __getitem__(self, email: str) -> Actor:
        return self.actors[address_key(email)]

    @property
    def ids(self) -> dict[str, UUID]:
        """Their ids, by address."""
        return {email: actor.person for email, actor in self.actors.items()}


async def gather(session: AsyncSession, system: Actor, people: DemoPeople) -> Cast | None:
    """The demo people of a portal, asked for by the system; `None` where one is not there."""
    actors: dict[str, Actor] = {}
    for wanted in people.people:
        email = address_key(wanted.email)
        found = await person_by_email(session, system, email)
        if found is None or found[0].state != "active":
            return None
        actors[email] = await actor_for(session, system, found[0])
    return Cast(actors)


async def organization_of(session: AsyncSession, system: Actor, key: str) -> UUID:
    """The organization that the demo people of a portal name so."""
    found = await session.scalars(
        select(Organization.id).where(
            Organization.tenant_id == system.tenant_id,
            Organization.external_source == SOURCE,
            Organization.external_key == key,
        )
    )
    return found.one()


async def stand_in(session: AsyncSession, actor: Actor) -> None:
    """Until somebody else stands in, act behind the actor's own wall, as `wall.enter` would
    raise it for a token of his.

    The transaction was begun as the system of his tenant; nothing of this outlives it."""
    session.expunge_all()
    await session.execute(
        _STAND_IN,
        {
            "side": actor.side,
            "person": str(actor.person_id or ""),
            "organizations": "{" + ",".join(map(str, actor.organizations)) + "}",
            "closed": "{" + ",".join(sorted(actor.closed_departments)) + "}",
        },
    )
