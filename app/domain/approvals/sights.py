"""An approval with everything that is shown of it: its ticket, approvers, decisions and names."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.access.actor import Actor
from app.database.joins import equal_in_tenant
from app.domain.approvals import policy
from app.kernel import clock
from app.models.approvals import Approval, Approver, Decision
from app.models.people import Person
from app.models.tickets import Ticket

_Asker = aliased(Person)
_Deputy = aliased(Person)


@dataclass(frozen=True, slots=True)
class DecisionInSight:
    """A decision, who made it, and for whom. Names are empty where silence decided."""

    decision: Decision
    person_name: str | None
    for_name: str | None


@dataclass(frozen=True, slots=True)
class ApprovalInSight:
    """An approval with its ticket and the names that go with it.

    `stands_for` are the people whose substitute the actor is."""

    approval: Approval
    ticket: Ticket
    asked_by_name: str | None
    approvers: Sequence[tuple[Approver, str]]
    decisions: Sequence[DecisionInSight]
    stands_for: frozenset[UUID]

    def seats_of(self, actor: Actor) -> list[UUID]:
        """The people whose answers the actor may give: the actor first, then those they substitute
        for."""
        asked = [approver.person_id for approver, _ in self.approvers]
        mine = [person for person in asked if person == actor.person_id]
        return mine + [person for person in asked if person in self.stands_for]

    def empty_seats_of(self, actor: Actor) -> list[UUID]:
        """Those of `seats_of` who have not answered."""
        given = {each.decision.for_person_id for each in self.decisions}
        return [person for person in self.seats_of(actor) if person not in given]


async def shown(
    session: AsyncSession, actor: Actor, approval_ids: Sequence[UUID]
) -> list[ApprovalInSight]:
    """These approvals with what is shown of them, in this order. Rights are not checked here."""
    if not approval_ids:
        return []
    rows = await session.execute(
        select(Approval, Ticket, _Asker.name)
        .join(Ticket, equal_in_tenant(Ticket.id, Approval.ticket_id))
        .outerjoin(_Asker, equal_in_tenant(_Asker.id, Approval.asked_by))
        .where(Approval.tenant_id == actor.tenant_id, Approval.id.in_(approval_ids))
    )
    approvers = await _approvers(session, actor, approval_ids)
    decisions = await _decisions(session, actor, approval_ids)
    stands_for = frozenset[UUID]()
    if actor.person_id is not None:
        found = await session.scalars(policy.stood_in_for(actor, clock.now()))
        stands_for = frozenset(found)
    by_id = {
        approval.id: ApprovalInSight(
            approval, ticket, name, approvers[approval.id], decisions[approval.id], stands_for
        )
        for approval, ticket, name in rows
    }
    return [by_id[approval_id] for approval_id in approval_ids if approval_id in by_id]


async def _approvers(
    session: AsyncSession, actor: Actor, approval_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[Approver, str]]]:
    rows = await session.execute(
        select(Approver, Person.name)
        .join(Person, equal_in_tenant(Person.id, Approver.person_id))
        .where(Approver.tenant_id == actor.tenant_id, Approver.approval_id.in_(approval_ids))
        .order_by(Person.sort_name, Person.id)
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[tuple[Approver, str]]] = defaultdict(list)
    for approver, name in rows:
        found[approver.approval_id].append((approver, name))
    return found


async def _decisions(
    session: AsyncSession, actor: Actor, approval_ids: Sequence[UUID]
) -> dict[UUID, list[DecisionInSight]]:
    rows: Any = await session.execute(
        select(Decision, Person.name, _Deputy.name)
        .outerjoin(Person, equal_in_tenant(Person.id, Decision.person_id))
        .outerjoin(_Deputy, equal_in_tenant(_Deputy.id, Decision.for_person_id))
        .where(Decision.tenant_id == actor.tenant_id, Decision.approval_id.in_(approval_ids))
        .order_by(Decision.decided_at, Decision.id)
    )
    found: dict[UUID, list[DecisionInSight]] = defaultdict(list)
    for decision, person_name, for_name in rows:
        found[decision.approval_id].append(DecisionInSight(decision, person_name, for_name))
    return found
