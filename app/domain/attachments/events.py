"""What happens to files."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent, TicketEvent


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(TicketEvent):
    """A file was hung on a ticket or on one of its comments; `subject_id` is the file."""

    name: ClassVar[str] = "attachment.added"
    comment_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class UploadHeld(AuditEvent):
    """An upload waits for the scanner."""

    name: ClassVar[str] = "upload.held"


@dataclass(frozen=True, kw_only=True)
class AttachmentScanned(AuditEvent):
    """The scanner has spoken; `state` is what the file is now."""

    name: ClassVar[str] = "attachment.scanned"
    state: str


@dataclass(frozen=True, kw_only=True)
class UploadDiscarded(AuditEvent):
    """An upload that hangs on nothing was deleted or swept; its bytes are to be forgotten."""

    name: ClassVar[str] = "upload.discarded"
