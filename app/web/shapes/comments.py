"""Comments as they are shown to each side."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request

from app.access.actor import Actor
from app.domain.attachments.queries import FileInSight
from app.domain.tenants.definition.document import Definition
from app.models.comments import Comment
from app.schemas.base import PersonReference
from app.schemas.comments import CommentForAgent, CommentForCustomer, StatusStep
from app.web.shapes.attachments import summary as file_shape
from app.web.shapes.labels import status_shape


def whole(
    request: Request,
    actor: Actor,
    definition: Definition,
    comment: Comment,
    author_name: str | None,
    files: Sequence[FileInSight],
) -> CommentForCustomer | CommentForAgent:
    """A comment with its files."""
    step = None
    if comment.status_from and comment.status_to:
        step = StatusStep(
            before=status_shape(actor, definition, comment.status_from),
            after=status_shape(actor, definition, comment.status_to),
        )
    author = None
    if comment.author_id:
        author = PersonReference(id=comment.author_id, name=author_name or "")
    values: dict[str, Any] = {
        "id": comment.id,
        "author": author,
        "author_side": comment.author_side,
        "visibility": comment.visibility,
        "body": "" if comment.withdrawn_at else comment.body,
        "body_html": "" if comment.withdrawn_at else comment.body_html,
        "status_change": step,
        "attachments": [file_shape(request, actor, definition, file) for file in files],
        "is_solution": comment.is_solution,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
    }
    if actor.is_customer:
        return CommentForCustomer(**values)
    return CommentForAgent(**values, channel=comment.channel, withdrawn_at=comment.withdrawn_at)
