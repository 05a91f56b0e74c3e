"""What can be refused about tickets."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class TicketNotFound(NotFound):
    code = "ticket-not-found"
    title = "There is no such ticket"


class ChannelNotOffered(Forbidden):
    code = "channel-not-offered"
    title = "Tickets are not opened this way here"
    detail = "GET /v1/portals/{portal} lists the ways; this department takes: {channels}."


class TicketReferenceTaken(Problem):
    code = "ticket-reference-taken"
    status = 409
    title = "Another ticket has this external reference"
    detail = "A source and key name one ticket. Change that one, or use another key."


class OrganizationRequired(Invalid):
    code = "organization-required"
    title = "Say for which organization"
    detail = "You belong to several; name one of them."


class NoOrganization(Forbidden):
    code = "no-organization"
    title = "You do not belong to an organization that may open tickets"
    detail = "Ask the people who run this portal to add you to one."


class RequesterRequired(Invalid):
    code = "requester-required"
    title = "Say for whom the ticket is"
    detail = "An agent opens a ticket on behalf of a customer: name one in on_behalf_of."


class NotForCustomers(Invalid):
    code = "not-for-customers"
    title = "This can only be said by agents"
    detail = "Leave it out."


class AlreadyTaken(Problem):
    code = "already-taken"
    status = 409
    title = "Somebody else has the ticket"
    detail = "Ask for it, or hand it over to yourself."


class TicketClosed(Problem):
    code = "ticket-closed"
    status = 409
    title = "The ticket is closed"
    detail = "It cannot be changed any more. Open a new one and name this one in it."


class FilesForbidden(Forbidden):
    code = "files-forbidden"
    title = "You may not add files to this ticket"
    detail = (
        "Your role lets you read it. Ask whoever opened it, or your company admin, to add them."
    )


class TicketGated(Problem):
    code = "ticket-gated"
    status = 409
    title = "The ticket waits for an approval"
    detail = "Until it is decided, nothing else closes the ticket."


class TransitionNotOffered(Problem):
    code = "transition-not-offered"
    status = 409
    title = "The ticket cannot be moved that way now"
    detail = "Its status, its type or your role does not allow it; see allowed_actions."


class CommentNeeded(Invalid):
    code = "comment-needed"
    title = "This step needs a comment"
    detail = "Say in a comment what the other side needs to know."


class TeamNotInDepartment(Invalid):
    code = "team-not-in-department"
    title = "This team does not work in the ticket's department"
    detail = "GET /v1/catalogue lists each department's teams."


class AssigneeNotFitting(Invalid):
    code = "assignee-not-fitting"
    title = "This person cannot have the ticket"
    detail = "The assignee must be an active agent who may read it."


class ParticipantNotFitting(Invalid):
    code = "participant-not-fitting"
    title = "This person cannot take part in the ticket"
    detail = "Name an active customer other than the requester; customers name colleagues."


class ParticipantNotFound(NotFound):
    code = "participant-not-found"
    title = "This person does not take part in the ticket"


class TooManyParticipants(Invalid):
    code = "too-many-participants"
    title = "The ticket has as many participants as it can"
    detail = "At most {most} people take part in a ticket."
