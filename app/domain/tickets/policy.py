"""The rules of tickets: who may read, comment on and change which.

Each rule exists twice, built from the same parts: as a question about one ticket, and as conditions
for lists. To those who may not read a ticket, it does not exist."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, select, true

from app.access.actor import Actor
from app.database.conditions import AnyCondition, Condition, either, every
from app.models.tickets import Participant, Ticket

Verb = Literal["read", "comment", "update"]


def may(actor: Actor, verb: Verb, ticket: Ticket, *, participates: bool) -> bool:
    """Whether `actor` may do `verb` with `ticket`; False by default.

    A participant reads and comments, of whatever organization."""
    if actor.is_system:
        return True
    if actor.is_agent:
        return _may_in(actor, verb, ticket.department)
    if not actor.is_customer:
        return False
    if participates and verb != "update" and actor.carries(f"tickets:{verb}"):
        return True
    home = ticket.organization_id
    if ticket.requester_id == actor.person_id and actor.may(f"tickets:{verb}:own", home):
        return home in actor.organizations
    return (
        home in actor.organizations_where(f"tickets:{verb}:organization")
        and not ticket.private
        and ticket.department not in actor.closed_departments
    )


def _may_in(actor: Actor, verb: Verb, department: str) -> bool:
    """Whether an agent may do `verb` with the tickets of a department."""
    return department not in actor.closed_departments and (
        actor.may(f"tickets:{verb}:tenant")
        or (department in actor.departments and actor.may(f"tickets:{verb}:department"))
    )


def unseen(actor: Actor, departments: Iterable[str]) -> frozenset[str]:
    """The departments whose tickets an agent may not read: he opens none there, because he would
    not see them. A customer reads his own tickets, wherever they are."""
    if not actor.is_agent:
        return frozenset()
    return frozenset(each for each in departments if not _may_in(actor, "read", each))


def branches(actor: Actor) -> Sequence[AnyCondition]:
    """The ways in which `actor` may read tickets, each with an index behind it."""
    if actor.is_system:
        return [_ALL]
    if actor.is_agent:
        return [_departments_of_agent(actor)]
    if actor.is_customer:
        return _of_customer(actor)
    return [_NONE]


def visible_to(actor: Actor) -> AnyCondition:
    """The tickets `actor` may read, as one condition."""
    return either(*branches(actor))


_ALL, _NONE = Condition(true), Condition(false)
_in_departments = Ticket.department.in_
_not_in_departments = Ticket.department.not_in


def _departments_of_agent(actor: Actor) -> AnyCondition:
    if actor.may("tickets:read:tenant"):
        closed = actor.closed_departments
        return Condition(_not_in_departments, (tuple(sorted(closed)),)) if closed else _ALL
    if actor.may("tickets:read:department") and actor.departments:
        return Condition(_in_departments, (tuple(sorted(actor.departments)),))
    return _NONE


def _of_customer(actor: Actor) -> Sequence[AnyCondition]:
    ways: list[AnyCondition] = []
    if actor.carries("tickets:read"):
        ways.append(_participating(actor))
    if own := actor.organizations_where("tickets:read:own"):
        ways.append(Condition(_asked_for_in, (actor.person_id, tuple(own))))
    if all_of := actor.organizations_where("tickets:read:organization"):
        shared: AnyCondition = Condition(_shared_in, (tuple(all_of),))
        if closed := actor.closed_departments:
            shared = every(shared, Condition(_not_in_departments, (tuple(sorted(closed)),)))
        ways.append(shared)
    return ways or [_NONE]


def _participating(actor: Actor) -> Condition:
    return Condition(_takes_part, (actor.tenant_id, actor.person_id))


def _takes_part(tenant: Any, person: Any) -> ColumnElement[bool]:
    return Ticket.id.in_(
        select(Participant.ticket_id).where(
            Participant.tenant_id == tenant, Participant.person_id == person
        )
    )


def _asked_for_in(person: Any, organizations: Any) -> ColumnElement[bool]:
    return and_(Ticket.requester_id == person, Ticket.organization_id.in_(organizations))


def _shared_in(organizations: Any) -> ColumnElement[bool]:
    return and_(Ticket.organization_id.in_(organizations), Ticket.private.is_(False))


_asked_for_by = Ticket.requester_id.__eq__
_assigned_to = Ticket.assignee_id.__eq__


def mine(actor: Actor) -> Sequence[AnyCondition]:
    """One's own tickets: for a customer those he requested or takes part in, for an agent those
    assigned to him."""
    if actor.is_agent:
        return [Condition(_assigned_to, (actor.person_id,))]
    return [Condition(_asked_for_by, (actor.person_id,)), _participating(actor)]


def comes_from_elsewhere(actor: Actor, ticket: Ticket) -> bool:
    """Whether `actor` is a participant from another organization: he is told who takes part, but
    not who else sees the ticket, nor when people were added."""
    return actor.is_customer and ticket.organization_id not in actor.organizations


def may_note(actor: Actor) -> bool:
    """Whether `actor` may write internal notes."""
    return actor.is_system or (actor.is_agent and actor.may("comments:internal"))
