"""Every change of files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.attachments.events import (
    AttachmentAdded,
    AttachmentScanned,
    UploadDiscarded,
    UploadHeld,
)
from app.domain.attachments.lifecycle import (
    MOST_UPLOADS,
    SWEEP_UPLOAD,
    UPLOAD_LIVES,
    State,
    first_state,
)
from app.domain.attachments.policy import may_upload
from app.domain.attachments.problems import (
    AttachmentsUnusable,
    TooManyUploads,
    UploadForbidden,
)
from app.domain.attachments.queries import count_uploads, upload_for
from app.journal import TicketPlace, cancel_timer, record, set_timer
from app.journal.events import AUDIENCE_OF
from app.kernel import clock, ids
from app.kernel.problems import Fault
from app.models.attachments import Attachment


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file whose bytes are stored already, and what is known of it."""

    id: UUID
    object_key: str
    name: str
    media_type: str
    size: int
    sha256: str


class CommentPlace(Protocol):
    """What a file takes over from the comment it hangs on; a comment row has it."""

    @property
    def id(self) -> UUID: ...
    @property
    def visibility(self) -> str: ...


async def begin_upload(session: AsyncSession, actor: Actor) -> UUID:
    """The id of an upload that is about to come, in a transaction before its bytes.

    A timer is set at once: whatever happens to the upload or to this process, after a day it is
    deleted unless it is attached. Raises `UploadForbidden`, `TooManyUploads`."""
    if not may_upload(actor):
        raise UploadForbidden
    if await count_uploads(session, actor) >= MOST_UPLOADS:
        raise TooManyUploads(limit=MOST_UPLOADS)
    upload_id = ids.new_id()
    await set_timer(session, actor, SWEEP_UPLOAD, upload_id, clock.now() + UPLOAD_LIVES)
    return upload_id


async def withdraw_upload(session: AsyncSession, actor: Actor, upload_id: UUID) -> None:
    """Cancel the timer of an upload that failed and left nothing."""
    await cancel_timer(session, actor, SWEEP_UPLOAD, upload_id)


async def store_upload(
    session: AsyncSession, actor: Actor, received: ReceivedFile, *, scanned: bool
) -> Attachment:
    """Make a row of a file whose bytes have arrived; `scanned` says that a scanner is at work."""
    attachment = Attachment(
        tenant_id=actor.tenant_id,
        id=received.id,
        visibility="public",
        uploaded_by=actor.person_id,
        uploader_side=actor.side,
        name=received.name,
        media_type=received.media_type,
        size=received.size,
        sha256=received.sha256,
        state=first_state(scanned=scanned),
        object_key=received.object_key,
        created_at=clock.now(),
    )
    session.add(attachment)
    await session.flush()
    if scanned:
        await record(session, actor, UploadHeld(subject_id=attachment.id))
    return attachment


async def attach(
    session: AsyncSession,
    actor: Actor,
    attachment_ids: Sequence[UUID],
    *,
    ticket: TicketPlace,
    comment: CommentPlace | None = None,
) -> Sequence[Attachment]:
    """Attach the actor's own uploads to a ticket, or to a comment of it, for good (S3-19, S1-9).

    The caller has checked that the actor may write there. One conditional UPDATE decides, so that a
    file is never attached twice. Raises `AttachmentsUnusable` with a fault for each id that cannot
    be attached; then none is."""
    wanted = list(dict.fromkeys(attachment_ids))
    if not wanted:
        return ()
    place = {
        "ticket_id": ticket.id,
        "organization_id": ticket.organization_id,
        "department": ticket.department,
        "requester_id": ticket.requester_id,
        "comment_id": comment.id if comment else None,
        "visibility": comment.visibility if comment else "public",
    }
    attached = await _put_there(session, actor, wanted, place)
    if len(attached) < len(wanted):
        faults = await _faults(session, actor, attachment_ids, attached.keys())
        raise AttachmentsUnusable(faults=faults)
    for attachment_id in wanted:
        await cancel_timer(session, actor, SWEEP_UPLOAD, attachment_id)
    for attachment_id in wanted:
        added = AttachmentAdded(
            ticket=ticket,
            subject_id=attachment_id,
            comment_id=comment.id if comment else None,
            audience=AUDIENCE_OF[attached[attachment_id].visibility],
        )
        await record(session, actor, added)
    return [attached[attachment_id] for attachment_id in wanted]


async def _put_there(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID], place: Mapping[str, Any]
) -> Mapping[UUID, Attachment]:
    """Those of the actor's own uploads that could be attached, by id."""
    attached = await session.scalars(
        update(Attachment)
        .where(
            Attachment.tenant_id == actor.tenant_id,
            Attachment.id.in_(wanted),
            Attachment.uploaded_by.is_not_distinct_from(actor.person_id),
            Attachment.ticket_id.is_(None),
            Attachment.state != State.INFECTED,
        )
        .values(place)
        .returning(Attachment)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return {attachment.id: attachment for attachment in attached}


async def _faults(
    session: AsyncSession,
    actor: Actor,
    attachment_ids: Sequence[UUID],
    usable: Collection[UUID],
) -> tuple[Fault, ...]:
    """Why ids cannot be attached; only of one's own files more is said than that there is none."""
    own = await session.execute(
        select(Attachment.id, Attachment.state).where(
            Attachment.tenant_id == actor.tenant_id,
            Attachment.id.in_(attachment_ids),
            Attachment.uploaded_by.is_not_distinct_from(actor.person_id),
        )
    )
    states = {row.id: row.state for row in own}
    faults = []
    for index, attachment_id in enumerate(attachment_ids):
        if attachment_id in usable:
            continue
        if attachment_id not in states:
            code, detail = "attachment-not-found", "There is no such file of yours."
        elif states[attachment_id] == State.INFECTED:
            code, detail = "attachment-infected", "The scanner found a virus in this file."
        else:
            code, detail = "already-attached", "This file hangs on something already."
        faults.append(Fault(code=code, detail=detail, pointer=f"/attachment_ids/{index}"))
    return tuple(faults)


async def discard_upload(session: AsyncSession, actor: Actor, reference: str | UUID) -> None:
    """Delete an upload of one's own that is not attached. Raises `AttachmentNotFound`."""
    upload = await upload_for(session, actor, reference)
    await session.delete(upload)
    await cancel_timer(session, actor, SWEEP_UPLOAD, upload.id)
    await record(session, actor, UploadDiscarded(subject_id=upload.id))


async def sweep_unattached_upload(session: AsyncSession, actor: Actor, upload_id: UUID) -> None:
    """Timer, a day after an upload began: delete it unless it is attached.

    Also when there is no row: then the upload broke off, or the process died before it answered,
    and bytes that nobody knows of may lie in the storage."""
    upload = await session.get(Attachment, (actor.tenant_id, upload_id), with_for_update=True)
    if upload is not None:
        if upload.ticket_id is not None:
            return
        await session.delete(upload)
    await record(session, actor, UploadDiscarded(subject_id=upload_id))


async def settle_scan(
    session: AsyncSession, actor: Actor, attachment_id: UUID, state: State
) -> None:
    """Note the result of the scanner for a `pending` file; later results change nothing."""
    settled = await session.scalar(
        update(Attachment)
        .where(
            Attachment.tenant_id == actor.tenant_id,
            Attachment.id == attachment_id,
            Attachment.state == State.PENDING,
        )
        .values(state=state)
        .returning(Attachment.id)
    )
    if settled is not None:
        await record(session, actor, AttachmentScanned(subject_id=attachment_id, state=state))


async def note_thumbnail(
    session: AsyncSession, actor: Actor, attachment_id: UUID, thumbnail_key: str
) -> bool:
    """Note where a file's thumbnail is stored; whether the file still exists."""
    noted = await session.scalar(
        update(Attachment)
        .where(Attachment.tenant_id == actor.tenant_id, Attachment.id == attachment_id)
        .values(thumbnail_key=thumbnail_key)
        .returning(Attachment.id)
    )
    return noted is not None
