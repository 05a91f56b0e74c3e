"""What the worker does with files after a commit. Each is safe to repeat.

Read in one transaction, work in none, note the result in another: scanning a gigabyte holds no
connection."""

from collections.abc import AsyncIterator
from typing import Protocol

from app.access.actor import Actor
from app.database.session import HasDatabase
from app.database.tenancy import AsSystem
from app.domain.attachments.actions import note_thumbnail, settle_scan
from app.domain.attachments.lifecycle import State
from app.gateways.pictures import MOST_BYTES, PICTURES, thumbnail
from app.gateways.scanner import Scanner, Verdict
from app.gateways.storage import Storage, object_key
from app.journal import Recorded
from app.models.attachments import Attachment

_STATE = {
    Verdict.CLEAN: State.CLEAN,
    Verdict.INFECTED: State.INFECTED,
    Verdict.TOO_LARGE: State.UNSCANNED,
}


class FileTools(HasDatabase, Protocol):
    """What the worker needs to work on files; its workbench has it."""

    @property
    def storage(self) -> Storage: ...
    @property
    def scanner(self) -> Scanner | None: ...


async def scan_file(tools: FileTools, event: Recorded) -> None:
    """After `upload.held`: let the scanner check the file.

    Raises `ScannerUnavailable` or `StorageUnavailable`; the queue tries again. Where the scanner
    was removed meanwhile, the file is `unscanned`."""
    file = await _file(tools, event)
    if file is None or file.state != State.PENDING:
        return
    state = State.UNSCANNED
    if tools.scanner is not None:
        state = _STATE[await tools.scanner.scan(await tools.storage.get(file.object_key))]
    async with tools.database.transaction(AsSystem(event.tenant_id)) as session:
        await settle_scan(session, Actor.system(event.tenant_id), file.id, state)


async def make_thumbnail(tools: FileTools, event: Recorded) -> None:
    """After `attachment.added` and `attachment.scanned`: make the thumbnail of an attached picture
    that the scanner has not refused."""
    file = await _file(tools, event)
    if (
        file is None
        or file.ticket_id is None
        or file.thumbnail_key is not None
        or file.state in {State.PENDING, State.INFECTED}
        or file.media_type not in PICTURES
        or file.size > MOST_BYTES
    ):
        return
    made = await thumbnail(await tools.storage.get(file.object_key, end=file.size))
    if made is None:
        return
    key = object_key(event.tenant_id, file.id, "thumbnail")
    await tools.storage.put(key, _one(made))
    async with tools.database.transaction(AsSystem(event.tenant_id)) as session:
        await note_thumbnail(session, Actor.system(event.tenant_id), file.id, key)


async def forget_file(tools: FileTools, event: Recorded) -> None:
    """After `upload.discarded`: delete the bytes."""
    if event.subject_id is None or await _file(tools, event) is not None:
        return
    await tools.storage.delete(object_key(event.tenant_id, event.subject_id))


async def _file(tools: FileTools, event: Recorded) -> Attachment | None:
    async with tools.database.transaction(AsSystem(event.tenant_id)) as session:
        return await session.get(Attachment, (event.tenant_id, event.subject_id))


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data
