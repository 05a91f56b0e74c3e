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


@dataclass(frozen=True, kw_only=True)
class CommentEdited(TicketEvent):
    name: ClassVar[str] = "comment.edited"


@dataclass(frozen=True, kw_only=True)
class CommentWithdrawn(TicketEvent):
    name: ClassVar[str] = "comment.withdrawn"


@dataclass(frozen=True, kw_only=True)
class SolutionMarked(TicketEvent):
    name: ClassVar[str] = "comment.marked_as_solution"


@dataclass(frozen=True, kw_only=True)
class SolutionUnmarked(TicketEvent):
    name: ClassVar[str] = "comment.unmarked_as_solution"
