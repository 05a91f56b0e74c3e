"""Every look at files. Fetching is checking."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.attachments.policy import visible_to
from app.domain.attachments.problems import AttachmentNotFound
from app.kernel.ids import parse_id
from app.kernel.problems import NotFound
from app.models.attachments import Attachment

#: The tickets' own fetch, which raises `NotFound` for what the actor may not read. Tickets lie
#: above files, so whoever asks for a file brings it along; nobody can forget it.
TicketFor = Callable[[AsyncSession, Actor, UUID], Awaitable[Any]]


async def attachment_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, ticket_for: TicketFor
) -> Attachment:
    """The file with this id: the actor's own upload, or one on a ticket he may read.

    Raises `AttachmentNotFound`, alike for unknown ids and for what he may not see."""
    attachment = await _attachment(session, actor, reference, lock=False)
    if attachment.ticket_id is not None:
        try:
            await ticket_for(session, actor, attachment.ticket_id)
        except NotFound as hidden:
            raise AttachmentNotFound from hidden
    return attachment


async def upload_for(session: AsyncSession, actor: Actor, reference: str | UUID) -> Attachment:
    """The actor's own upload that hangs on nothing, locked. Raises `AttachmentNotFound`."""
    attachment = await _attachment(session, actor, reference, lock=True)
    if attachment.ticket_id is not None:
        raise AttachmentNotFound
    return attachment


async def _attachment(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool
) -> Attachment:
    attachment_id = parse_id(str(reference))
    if attachment_id is None:
        raise AttachmentNotFound
    statement = select(Attachment).where(
        Attachment.tenant_id == actor.tenant_id,
        Attachment.id == attachment_id,
        visible_to(actor),
    )
    if lock:
        statement = statement.with_for_update()
    found: Attachment | None = await session.scalar(statement)
    if found is None:
        raise AttachmentNotFound
    return found


def attachments_of(actor: Actor, ticket_id: UUID) -> Select[Attachment]:
    """The files of a ticket that was fetched with the tickets' own check, comments' files too."""
    return select(Attachment).where(
        Attachment.tenant_id == actor.tenant_id,
        Attachment.ticket_id == ticket_id,
        visible_to(actor),
    )


async def attachments_of_comments(
    session: AsyncSession, actor: Actor, comment_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Attachment]]:
    """The files of comments that were fetched with their own check, by comment, in their order."""
    by_comment: dict[UUID, list[Attachment]] = defaultdict(list)
    if comment_ids:
        statement = (
            select(Attachment)
            .where(
                Attachment.tenant_id == actor.tenant_id,
                Attachment.comment_id.in_(comment_ids),
                visible_to(actor),
            )
            .order_by(Attachment.created_at, Attachment.id)
        )
        for attachment in await session.scalars(statement):
            assert attachment.comment_id is not None  # noqa: S101 (the condition says so)
            by_comment[attachment.comment_id].append(attachment)
    return by_comment


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
