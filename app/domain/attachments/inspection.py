"""Inspecting a file while it streams in: its size, digest and type, refused as early as
possible."""

import hashlib
from collections.abc import AsyncIterator, Collection
from uuid import UUID

from app.domain.attachments.actions import ReceivedFile
from app.domain.attachments.media_types import HEAD_BYTES, TAIL_BYTES, is_allowed, sniff
from app.domain.attachments.names import clean_name
from app.domain.attachments.problems import (
    AttachmentEmpty,
    AttachmentTooLarge,
    AttachmentTypeRefused,
)


class Inspection:
    """One file on its way in. `limit` is in bytes, `types` the tenant's own list, if any."""

    def __init__(self, name: str, *, limit: int, types: Collection[str] = ()) -> None:
        self.name = clean_name(name)
        self.size = 0
        self._limit = limit
        self._types = types
        self._digest = hashlib.sha256()
        self._head = bytearray()
        self._tail = b""

    @property
    def digest(self) -> str:
        """SHA-256 of what has passed, in hexadecimal."""
        return self._digest.hexdigest()

    async def through(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """`stream` unchanged, inspected piece by piece.

        Raises `AttachmentTooLarge` at the first byte too many, `AttachmentTypeRefused` as soon as
        the first bytes tell (at the end at the latest), `AttachmentEmpty`."""
        async for piece in stream:
            self.size += len(piece)
            if self.size > self._limit:
                raise AttachmentTooLarge(limit=self._limit)
            self._digest.update(piece)
            self._tail = (self._tail + piece)[-TAIL_BYTES:]
            if len(self._head) < HEAD_BYTES:
                self._head += piece[: HEAD_BYTES - len(self._head)]
                if len(self._head) == HEAD_BYTES:
                    self._refuse_unless_allowed(sniff(bytes(self._head), name=self.name))
            yield piece
        if not self.size:
            raise AttachmentEmpty
        self._refuse_unless_allowed(self._media_type())

    def _media_type(self) -> str | None:
        return sniff(bytes(self._head), self._tail, self.name)

    def _refuse_unless_allowed(self, media_type: str | None) -> None:
        if not is_allowed(media_type, self._types):
            raise AttachmentTypeRefused(media_type=media_type or "application/octet-stream")

    def received(self, file_id: UUID, object_key: str) -> ReceivedFile:
        """What is known of the file, once all of it has passed and is stored under that key."""
        media_type = self._media_type()
        assert media_type is not None  # noqa: S101 (`through` refused it otherwise)
        return ReceivedFile(
            id=file_id,
            object_key=object_key,
            name=self.name,
            media_type=media_type,
            size=self.size,
            sha256=self.digest,
        )
