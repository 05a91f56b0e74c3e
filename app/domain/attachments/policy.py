"""Who may see and download files. Whether the *ticket* may be read is decided by the tickets'
rules, which `queries` asks."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.access.actor import Actor
from app.database.conditions import Condition
from app.domain.attachments.lifecycle import State
from app.domain.attachments.problems import (
    AttachmentInfected,
    AttachmentNotScannedYet,
    AttachmentUnscanned,
)
from app.domain.tenants.definition.portal import Attachments
from app.kernel.problems import Problem
from app.models.attachments import Attachment

_WRITING = ("tickets:create", "tickets:open_on_behalf", "tickets:comment:", "tickets:update:")


def may_upload(actor: Actor) -> bool:
    """Whether `actor` may write anywhere: open tickets, comment on or change them."""
    return actor.is_system or any(
        permission.startswith(_WRITING) for permission in actor.permissions
    )


def visible_to(actor: Actor) -> Condition:
    """The files `actor` may see, as far as files go: own uploads, and on tickets those whose
    comment is readable (for agents all, for customers public ones and their own private notes)."""
    if actor.is_system:
        return Condition(true)
    if actor.person_id is None:
        return Condition(false)
    notes = actor.is_agent and actor.may("comments:internal")
    return Condition(_own_or_on_tickets if notes else _own_or_readable, (actor.person_id,))


def _own_or_on_tickets(person: Any) -> ColumnElement[bool]:
    return or_(
        and_(Attachment.ticket_id.is_(None), Attachment.uploaded_by == person),
        Attachment.ticket_id.is_not(None),
    )


def _own_or_readable(person: Any) -> ColumnElement[bool]:
    mine = Attachment.uploaded_by == person
    readable = or_(
        Attachment.visibility == "public", and_(Attachment.visibility == "private", mine)
    )
    return or_(
        and_(Attachment.ticket_id.is_(None), mine),
        and_(Attachment.ticket_id.is_not(None), readable),
    )


def download_refusal(
    actor: Actor, state: str, rules: Attachments, *, scanner_at_work: bool
) -> type[Problem] | None:
    """Why `actor` may not download a file that is visible to them; `None` if they may.

    With a scanner at work customers get clean files only; without one the tenant decides."""
    if state == State.INFECTED:
        return AttachmentInfected
    if not actor.is_customer or state == State.CLEAN:
        return None
    if state == State.PENDING:
        return AttachmentNotScannedYet
    if scanner_at_work or not rules.allow_unscanned_download:
        return AttachmentUnscanned
    return None
