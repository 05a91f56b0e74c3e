"""What can be refused about comments."""

from app.kernel.problems import Forbidden, NotFound


class CommentNotFound(NotFound):
    code = "comment-not-found"
    title = "There is no such comment"


class CommentForbidden(Forbidden):
    code = "comment-forbidden"
    title = "You may not comment on this ticket"
    detail = "Your role lets you read it. Ask whoever opened it, or your company admin, to write."


class VisibilityForbidden(Forbidden):
    code = "visibility-forbidden"
    title = "You may not write this kind of comment"
    detail = "Agents write public and internal comments, customers public and private ones."
