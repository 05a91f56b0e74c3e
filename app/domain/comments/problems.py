"""What can be refused about comments."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


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


class CommentNotYours(Forbidden):
    code = "comment-not-yours"
    title = "Only who wrote a comment may change or withdraw it"
    detail = "Write another one in its place; a withdrawn one stays as it is."


class CommentWindowOver(Problem):
    code = "comment-window-over"
    status = 409
    title = "It is too late to change this comment"
    detail = "That is possible for {minutes} minutes here. Write another comment."


class SolutionNotPublic(Invalid):
    code = "solution-not-public"
    title = "Only a public comment can be the solution"
    detail = "Write the solution where the customer can read it."
