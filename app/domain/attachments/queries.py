"""Every look at files. Fetching is checking."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.conditions import AnyCondition, Condition, every, kept
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, count, fetch_page
from app.domain.attachments.addresses import DownloadGrant
from app.domain.attachments.lifecycle import State
from app.domain.attachments.policy import visible_to
from app.domain.attachments.problems import (
    AttachmentInfected,
    AttachmentNotFound,
    DownloadAddressEnded,
)
from app.kernel.ids import parse_id
from app.kernel.problems import NotFound
from app.models.attachments import Attachment
from app.models.people import Person

#: The tickets' own fetch, which raises `NotFound` for what the actor may not read. Tickets lie
#: above files, so whoever asks for a file brings it along; nobody can forget it.
TicketFor = Callable[[AsyncSession, Actor, UUID], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class FileInSight:
    """A file (in a list the columns of one), and the name of whoever uploaded it."""

    file: Attachment
    uploader_name: str | None


async def attachment_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, ticket_for: TicketFor
) -> FileInSight:
    """The file with this id: the actor's own upload, or one on a ticket visible to them.

    Raises `AttachmentNotFound`, alike for unknown ids and for files they may not see."""
    statement = _SHOWN.where(
        Attachment.tenant_id == actor.tenant_id,
        Attachment.id == _parsed(reference),
        visible_to(actor).clause,
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise AttachmentNotFound
    found = FileInSight(row[0], row.uploader_name)
    if found.file.ticket_id is not None:
        try:
            await ticket_for(session, actor, found.file.ticket_id)
        except NotFound as hidden:
            raise AttachmentNotFound from hidden
    return found


async def files_attached(
    session: AsyncSession, actor: Actor, attachment_ids: Sequence[UUID]
) -> Sequence[FileInSight]:
    """What `attach` has just hung somewhere, in the order it was named."""
    statement = _SHOWN.where(
        Attachment.tenant_id == actor.tenant_id,
        Attachment.id.in_(attachment_ids),
        visible_to(actor).clause,
    )
    found = {row[0].id: FileInSight(row[0], row[1]) for row in await session.execute(statement)}
    return [found[each] for each in attachment_ids]


def _parsed(reference: str | UUID) -> UUID:
    attachment_id = parse_id(str(reference))
    if attachment_id is None:
        raise AttachmentNotFound
    return attachment_id


_SHOWN: AnySelect = select(Attachment, Person.name.label("uploader_name")).outerjoin(
    Person, equal_in_tenant(Person.id, Attachment.uploaded_by)
)


async def upload_for(session: AsyncSession, actor: Actor, reference: str | UUID) -> Attachment:
    """The actor's own upload that hangs on nothing, locked. Raises `AttachmentNotFound`."""
    statement = (
        select(Attachment)
        .where(
            Attachment.tenant_id == actor.tenant_id,
            Attachment.id == _parsed(reference),
            Attachment.uploaded_by == actor.person_id,
            Attachment.ticket_id.is_(None),
        )
        .with_for_update()
    )
    found: Attachment | None = await session.scalar(statement)
    if found is None:
        raise AttachmentNotFound
    return found


SORTS = {"created_at": SortKey(Attachment.created_at, datetime)}


async def attachments_of(
    session: AsyncSession,
    actor: Actor,
    ticket_id: UUID,
    *,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[FileInSight]:
    """A page of the files of a ticket that was fetched with the tickets' own check; those of its
    comments too, as far as the actor reads the comment."""
    page = await fetch_page(
        session,
        branches=[_on(actor, ticket_id)],
        source=Attachment,
        sort=SORTS["created_at"],
        descending=descending,
        after=after,
        limit=limit,
        rows=_rows,
        bound={"tenant": actor.tenant_id},
    )
    return Page([FileInSight(row, row.uploader_name) for row in page.rows], page.next)


def _rows(hits: Subquery) -> AnySelect:
    found = _SHOWN.join(hits, hits.c.id == Attachment.id)
    return found.where(Attachment.tenant_id == bindparam("tenant"))


async def attachments_counted(session: AsyncSession, actor: Actor, ticket_id: UUID) -> int:
    """How many files such a list has in all."""
    return await count(session, branches=[_on(actor, ticket_id)], source=Attachment)


def _on(actor: Actor, ticket_id: UUID) -> AnyCondition:
    return every(Condition(_of_ticket, (actor.tenant_id, ticket_id)), visible_to(actor))


def _of_ticket(tenant: Any, ticket: Any) -> ColumnElement[bool]:
    return and_(Attachment.tenant_id == tenant, Attachment.ticket_id == ticket)


async def attachments_of_comments(
    session: AsyncSession, actor: Actor, comment_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[FileInSight]]:
    """The files of comments that were fetched with their own check, by comment, in their order."""
    by_comment: dict[UUID, list[FileInSight]] = defaultdict(list)
    if comment_ids:
        of_comments = Condition(_of_comments, (actor.tenant_id, list(comment_ids)))
        question, values = kept(_in_order, _in_order, [of_comments, visible_to(actor)])
        for row in await question.rows(session, values):
            by_comment[row.comment_id].append(FileInSight(row, row.uploader_name))
    return by_comment


def _of_comments(tenant: Any, comments: Any) -> ColumnElement[bool]:
    one_of_them = Attachment.comment_id == any_(cast(comments, ARRAY(Uuid)))
    return and_(Attachment.tenant_id == tenant, one_of_them)


def _in_order(conditions: Sequence[ColumnElement[bool]]) -> AnySelect:
    return _SHOWN.where(*conditions).order_by(Attachment.created_at, Attachment.id)


async def granted_file(session: AsyncSession, system: Actor, grant: DownloadGrant) -> Attachment:
    """The file a signed address grants; whether its holder may have it was settled when it was
    made. Raises `DownloadAddressEnded` where the file is gone, `AttachmentInfected`."""
    found: Attachment | None = await session.get(
        Attachment, (system.tenant_id, grant.attachment_id)
    )
    if found is None:
        raise DownloadAddressEnded
    if found.state == State.INFECTED:
        raise AttachmentInfected
    return found


async def count_uploads(session: AsyncSession, actor: Actor) -> int:
    """How many files of the actor's hang on nothing."""
    count: int | None = await session.scalar(
        select(func.count())
        .select_from(Attachment)
        .where(
            Attachment.tenant_id == actor.tenant_id,
            Attachment.uploaded_by == actor.person_id,
            Attachment.ticket_id.is_(None),
        )
    )
    return count or 0
