"""Certificates: who decided what, when, and on which text."""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.approvals.problems import NotDecided
from app.domain.approvals.queries import approval_for
from app.domain.approvals.sights import ApprovalInSight
from app.models.approvals import Approval
from app.models.comments import Comment
from app.models.tickets import Ticket

#: What a digest (SHA-256, hex) is made of, in words that its reader can follow.
COVERS = (
    "JSON in UTF-8, keys sorted, no spaces: number (without its prefix), subject, description,"
    " fields, question (its words, or the policy's key), comments (every public one as"
    " [id, Markdown], the oldest first)"
)


async def digest_of(session: AsyncSession, actor: Actor, approval: Approval, ticket: Ticket) -> str:
    """The digest of the text that a decision would be made on now."""
    said = await session.execute(
        select(Comment.id, Comment.body)
        .where(
            Comment.tenant_id == actor.tenant_id,
            Comment.ticket_id == ticket.id,
            Comment.visibility == "public",
        )
        .order_by(Comment.created_at, Comment.id)
    )
    about: dict[str, Any] = {
        "number": ticket.number,
        "subject": ticket.subject,
        "description": ticket.description,
        "fields": ticket.fields,
        "question": approval.question or approval.policy,
        "comments": [[str(comment_id), body] for comment_id, body in said],
    }
    written = json.dumps(about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


async def certified(session: AsyncSession, actor: Actor, reference: str) -> ApprovalInSight:
    """An approval that was granted or refused, with all that its certificate states.

    Raises `ApprovalNotFound`, `NotDecided`."""
    sight = await approval_for(session, actor, reference)
    if sight.approval.state not in {"granted", "refused"}:
        raise NotDecided
    return sight
