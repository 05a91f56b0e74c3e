"""What happens to files."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import Event, TicketEvent
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(TicketEvent):
    """A file was hung on a ticket or on one of its comments; `subject_id` is the file."""

    name: ClassVar[str] = "attachment.added"
    comment_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class UploadHeld(Event):
    """An upload waits for the scanner."""

    name: ClassVar[str] = "upload.held"
    audience: Audience = "system"


@dataclass(frozen=True, kw_only=True)
class AttachmentScanned(Event):
    """The scanner has spoken; `state` is what the file is now."""

    name: ClassVar[str] = "attachment.scanned"
    audience: Audience = "system"
    state: str


@dataclass(frozen=True, kw_only=True)
class UploadDiscarded(Event):
    """An upload that hangs on nothing was deleted or swept; its bytes are to be forgotten."""

    name: ClassVar[str] = "upload.discarded"
    audience: Audience = "system"
