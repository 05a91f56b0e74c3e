"""What can be refused about invitations. Whoever holds a link is told what became of it."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class InvitationNotFound(NotFound):
    code = "invitation-not-found"
    title = "There is no such invitation"
    detail = "Check that the link is whole, or ask whoever invited you to send it again."


class InvitationRedeemed(Problem):
    code = "invitation-redeemed"
    status = 409
    title = "This invitation has been accepted"
    detail = "It works once. If that was you, sign in as you chose then; else ask for a new one."


class InvitationExpired(Problem):
    code = "invitation-expired"
    status = 410
    title = "This invitation has run out"
    detail = "Ask whoever invited you to send it again."


class InvitationReplaced(Problem):
    code = "invitation-replaced"
    status = 410
    title = "This link was replaced by a newer one"
    detail = "Use the link in the latest mail, or ask for the invitation to be sent again."


class InvitationTakenBack(Problem):
    code = "invitation-withdrawn"
    status = 410
    title = "This invitation was withdrawn"
    detail = "Ask your contact at the provider, or your company's administrator, for a new one."


class AnotherAccount(Forbidden):
    code = "another-account"
    title = "This is not the account that was invited"
    detail = "Begin anew and choose the account that the invitation was sent to."


class WayNotOffered(Invalid):
    code = "way-not-offered"
    title = "This invitation is not accepted that way"
    detail = "Reading the invitation lists the ways there are."


class TermsNotAccepted(Invalid):
    code = "terms-not-accepted"
    title = "Every step of the terms must be accepted"
    detail = "Send the keys of all steps in accepted."


class TermsChanged(Problem):
    code = "terms-changed"
    status = 409
    title = "The terms have another version now"
    detail = "Read them anew, then accept the version they have now."


class PersonAlreadyIn(Problem):
    code = "person-already-in"
    status = 409
    title = "This person can sign in already"
    detail = "Nobody is invited who is in, or who was shut out."


class PersonAlreadyInvited(Problem):
    code = "person-already-invited"
    status = 409
    title = "This person has been invited already"
    detail = "Send that invitation again, or withdraw it first."


class InvitationOver(Problem):
    code = "invitation-over"
    status = 409
    title = "This invitation is over"
    detail = "It was accepted or withdrawn. Invite the person anew."


class InvitationIncomplete(Invalid):
    code = "invitation-incomplete"
    title = "It is not clear who is invited"
    detail = "Give either a person, or name and email of a new one; customers belong to somewhere."
