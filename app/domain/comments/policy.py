"""Who writes which comments, and who reads which."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, true

from app.access.actor import Actor
from app.database.conditions import Condition
from app.domain.tenants.definition.document import Definition
from app.domain.tickets import policy as tickets
from app.domain.tickets.lifecycle import reopens_to
from app.domain.tickets.queries import TicketInSight
from app.kernel import clock
from app.models.comments import Comment
from app.models.tickets import Ticket

Visibility = Literal["public", "internal", "private"]


def may_comment(actor: Actor, sight: TicketInSight) -> bool:
    """Whether `actor` may comment on a ticket that is visible to them."""
    return tickets.may(actor, "comment", sight.ticket, participates=sight.participates)


def visibilities(actor: Actor) -> tuple[Visibility, ...]:
    """The visibilities that `actor` may give a comment, if they may comment at all."""
    if actor.is_customer:
        return ("public", "private")
    return ("public", "internal") if tickets.may_note(actor) else ("public",)


def is_closed_to(definition: Definition, ticket: Ticket, visibility: Visibility) -> bool:
    """Whether a closed ticket takes no such comment any more: a public one reopens it within its
    days, agents may always add notes, and a customer's private note would be seen by nobody."""
    if ticket.status_category != "closed" or visibility == "internal":
        return False
    if visibility == "private":
        return True
    return reopens_to(definition, closed_at=ticket.closed_at, now=clock.now()) is None


def visible_to(actor: Actor) -> Condition:
    """The comments of a readable ticket that `actor` may read: agents all, customers the public
    ones and their own private notes."""
    if actor.is_system or tickets.may_note(actor):
        return Condition(true)
    return Condition(_public_or_by, (actor.person_id,))


def _public_or_by(person: Any) -> ColumnElement[bool]:
    own_note = (Comment.visibility == "private") & (Comment.author_id == person)
    return or_(Comment.visibility == "public", own_note)
