"""What can be refused about approvals."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class ApprovalNotFound(NotFound):
    code = "approval-not-found"
    title = "There is no such approval"


class NotAnApprover(Forbidden):
    code = "not-an-approver"
    title = "You are not asked"
    detail = "Others answer this question; you may read it."


class NotPending(Problem):
    code = "not-pending"
    status = 409
    title = "The question was taken back"
    detail = "It needs no answer any more."


class AlreadyDecided(Problem):
    code = "already-decided"
    status = 409
    title = "This is decided"
    detail = "Decisions are final; GET the approval to see who decided what."


class TicketMovedOn(Problem):
    code = "ticket-moved-on"
    status = 409
    title = "The ticket has moved on"
    detail = "It is not where it was when this was asked, so the question fell away."


class NotDecided(Problem):
    code = "not-decided"
    status = 409
    title = "Nothing is decided yet"
    detail = "There is a certificate once the approval is granted or refused."


class ApproversNotFitting(Invalid):
    code = "approvers-not-fitting"
    title = "Too few of these people can be asked"
    detail = "Whoever is asked must be able to read the ticket, and as many as must say yes."


class ApproversAmbiguous(Invalid):
    code = "approvers-ambiguous"
    title = "Say in one way who is asked"
    detail = "Name people, a role or a team: exactly one of them."


class SubstituteNotFitting(Invalid):
    code = "substitute-not-fitting"
    title = "This person cannot answer for you"
    detail = "Name an active colleague of yours."


class SubstituteNotFound(NotFound):
    code = "substitute-not-found"
    title = "Nobody answers for you"


class SubstituteAmbiguous(Invalid):
    code = "substitute-ambiguous"
    title = "Say in one way who answers for you"
    detail = "Name a person or an address: exactly one of them."


class AbsenceOver(Invalid):
    code = "absence-over"
    title = "This absence is over before it begins"
    detail = "Choose an end that lies ahead, and after the beginning."
