"""Every look at comments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.conditions import AnyCondition, Condition, every
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, count, fetch_page
from app.domain.comments.policy import visible_to
from app.domain.comments.problems import CommentNotFound
from app.domain.tickets.queries import TicketInSight
from app.kernel.ids import parse_id
from app.models.attachments import Attachment
from app.models.comments import Comment, CommentRevision
from app.models.people import Person

SORTS = {"created_at": SortKey(Comment.created_at, datetime)}


_SHOWN: AnySelect = select(Comment, Person.name.label("author_name")).outerjoin(
    Person, equal_in_tenant(Person.id, Comment.author_id)
)
#: Looked up once for all comments: a question less where nobody has attached anything.
_WITH_FILES = (
    exists()
    .where(
        Attachment.tenant_id == bindparam("tenant"),
        Attachment.ticket_id == bindparam("ticket"),
        Attachment.comment_id.is_not(None),
    )
    .label("with_files")
)


async def comments_of(
    session: AsyncSession,
    actor: Actor,
    sight: TicketInSight,
    *,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Any]:
    """A page of the conversation on a ticket fetched with `ticket_for`: columns of comments, with
    their author's name, and whether there are files on any comment of the ticket (`with_files`)."""
    return await fetch_page(
        session,
        branches=[_of(actor, sight)],
        source=Comment,
        sort=SORTS["created_at"],
        descending=descending,
        after=after,
        limit=limit,
        rows=_rows,
        bound={"tenant": actor.tenant_id, "ticket": sight.ticket.id},
    )


def _rows(hits: Subquery) -> AnySelect:
    found = _SHOWN.join(hits, hits.c.id == Comment.id).add_columns(_WITH_FILES)
    return found.where(Comment.tenant_id == bindparam("tenant"))


async def comments_counted(session: AsyncSession, actor: Actor, sight: TicketInSight) -> int:
    """How many comments of a ticket the actor may read."""
    return await count(session, branches=[_of(actor, sight)], source=Comment)


async def comment_for(
    session: AsyncSession, actor: Actor, sight: TicketInSight, reference: str | UUID
) -> Row[Any]:
    """One comment of a ticket, with its author's name. Raises `CommentNotFound`."""
    comment_id = parse_id(str(reference))
    if comment_id is None:
        raise CommentNotFound
    statement = _SHOWN.where(_of(actor, sight).clause, Comment.id == comment_id)
    row: Row[Any] | None = (await session.execute(statement)).one_or_none()
    if row is None:
        raise CommentNotFound
    return row


async def revisions_of(
    session: AsyncSession, actor: Actor, comment: Comment
) -> Sequence[CommentRevision]:
    """What a comment fetched with its check said before, the oldest first."""
    found = await session.scalars(
        select(CommentRevision)
        .where(
            CommentRevision.tenant_id == actor.tenant_id,
            CommentRevision.comment_id == comment.id,
        )
        .order_by(CommentRevision.version)
    )
    return found.all()


def _of(actor: Actor, sight: TicketInSight) -> AnyCondition:
    place = Condition(_on_ticket, (actor.tenant_id, sight.ticket.id))
    return every(place, visible_to(actor))


def _on_ticket(tenant: Any, ticket: Any) -> ColumnElement[bool]:
    return and_(Comment.tenant_id == tenant, Comment.ticket_id == ticket)
