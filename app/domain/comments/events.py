"""What happens in the conversation."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import TicketEvent


@dataclass(frozen=True, kw_only=True)
class CommentAdded(TicketEvent):
    """`subject_id` is the comment. Heard by whoever may read it."""

    name: ClassVar[str] = "comment.added"
    visibility: str
    by: str
