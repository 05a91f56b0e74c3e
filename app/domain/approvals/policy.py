"""Who reads, asks for and answers approvals. An approval is readable with its ticket.

The rules of tickets stand in one place (`tickets/policy.py`) and are asked here; what is added only
narrows, so that a list reads an index of approvals and not every ticket."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from app.access.actor import Actor
from app.domain.tickets import policy as tickets
from app.domain.tickets.queries import TicketInSight
from app.models.approvals import Approval, Approver, Decision, Substitute
from app.models.tickets import Participant, Ticket


def may_ask(actor: Actor, sight: TicketInSight) -> bool:
    """Whether `actor` may request an approval of a ticket that is visible to them."""
    return actor.is_system or (
        actor.is_agent
        and actor.may("approvals:ask")
        and tickets.may(actor, "update", sight.ticket, participates=sight.participates)
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The approvals of tickets that `actor` may read."""
    readable = exists().where(
        Ticket.tenant_id == Approval.tenant_id,
        Ticket.id == Approval.ticket_id,
        tickets.visible_to(actor).clause,
    )
    return readable.correlate(Approval)


def branches(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """The ways in which `actor` may read approvals, each with an index behind it."""
    if not actor.is_customer:
        return [visible_to(actor)]
    taking_part = select(Participant.ticket_id).where(
        Participant.tenant_id == actor.tenant_id, Participant.person_id == actor.person_id
    )
    ways = (
        Approval.requester_id == actor.person_id,
        Approval.organization_id.in_(actor.organizations_where("tickets:read:organization")),
        Approval.ticket_id.in_(taking_part),
    )
    return [way & visible_to(actor) for way in ways]


def asked_of(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The approvals in which `actor`, or somebody `actor` substitutes for, is asked."""
    asked = select(Approver.approval_id).where(
        Approver.tenant_id == actor.tenant_id, _seats(actor, now)
    )
    return Approval.id.in_(asked)


def waiting_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Of the pending approvals, those that wait for an answer of `actor`."""
    waiting = select(Approver.approval_id).where(
        Approver.tenant_id == actor.tenant_id, _seats(actor, now), ~has_answered()
    )
    return Approval.id.in_(waiting)


def unanswered_by(person_id: UUID) -> ColumnElement[bool]:
    """The approvals that wait for the answer of a person."""
    waiting = select(Approver.approval_id).where(
        Approver.tenant_id == Approval.tenant_id, Approver.person_id == person_id, ~has_answered()
    )
    return Approval.id.in_(waiting.correlate(Approval))


def has_answered() -> ColumnElement[bool]:
    """The approvers for whom there is a decision, their own or a substitute's."""
    given = exists().where(
        Decision.tenant_id == Approver.tenant_id,
        Decision.approval_id == Approver.approval_id,
        Decision.for_person_id == Approver.person_id,
    )
    return given.correlate(Approver)


def _seats(actor: Actor, now: datetime) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    return or_(
        Approver.person_id == actor.person_id, Approver.person_id.in_(stood_in_for(actor, now))
    )


def stood_in_for(actor: Actor, now: datetime) -> Select[UUID]:
    """The people for whom `actor` is the substitute now."""
    return select(Substitute.person_id).where(
        Substitute.tenant_id == actor.tenant_id,
        and_(Substitute.substitute_id == actor.person_id, in_force(now)),
    )


def in_force(now: datetime) -> ColumnElement[bool]:
    """The substitutions that are in force now."""
    return (Substitute.starts_at <= now) & (Substitute.ends_at > now)
