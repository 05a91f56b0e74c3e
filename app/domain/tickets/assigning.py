"""Who has a ticket: a team, an agent, or nobody yet."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.people.actors import actor_for
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import person_for
from app.domain.tenants.definition.document import Definition
from app.domain.tickets import lifecycle, policy
from app.domain.tickets.events import TicketAssigned
from app.domain.tickets.moving import follow
from app.domain.tickets.problems import AssigneeNotFitting, TeamNotInDepartment
from app.journal import record
from app.models.portals import Team
from app.models.tickets import Ticket


async def assign(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    *,
    team: str | None,
    assignee_id: UUID | None,
    given: frozenset[str],
) -> bool:
    """Give a ticket to a team or an agent (`given` names which was said; `None` clears). A new
    ticket that an agent has is new no more. Answers whether anything changed."""
    before = (ticket.team, ticket.assignee_id)
    if "team" in given:
        if team is not None:
            await _fitting_team(session, actor, ticket, team)
        ticket.team = team
        ticket.team_rank = definition.rank("teams", team)
    if "assignee" in given:
        if assignee_id is not None:
            await _fitting_assignee(session, actor, ticket, assignee_id)
        ticket.assignee_id = assignee_id
    if before == (ticket.team, ticket.assignee_id):
        return False
    happened = TicketAssigned(
        ticket=ticket,
        # Customers see who has their ticket; which team is the provider's own matter.
        audience="agents" if ticket.assignee_id == before[1] else "everyone",
        team=ticket.team,
        assignee=ticket.assignee_id,
        team_before=before[0],
        assignee_before=before[1],
    )
    await record(session, actor, happened)
    if ticket.assignee_id is not None:
        taken = lifecycle.status_after_assignment(definition, status=ticket.status)
        await follow(session, actor, definition, ticket, taken, cause="assignment")
    return True


async def _fitting_team(session: AsyncSession, actor: Actor, ticket: Ticket, team: str) -> None:
    found = await session.scalar(
        select(Team.key).where(
            Team.tenant_id == actor.tenant_id,
            Team.key == team,
            Team.department == ticket.department,
            Team.retired_at.is_(None),
        )
    )
    if found is None:
        raise TeamNotInDepartment.at("/team", TeamNotInDepartment.title)


async def _fitting_assignee(
    session: AsyncSession, actor: Actor, ticket: Ticket, assignee_id: UUID
) -> None:
    not_fitting = AssigneeNotFitting.at("/assignee", AssigneeNotFitting.title)
    try:
        person = await person_for(session, actor, assignee_id)
    except PersonNotFound as error:
        raise not_fitting from error
    if person.side != "agent" or person.state != "active":
        raise not_fitting
    assignee = await actor_for(session, actor, person)
    if not policy.may(assignee, "read", ticket, participates=False):
        raise not_fitting
