"""What can be refused about signing in with somebody else's word."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem, Unavailable


class ProviderNotFound(NotFound):
    code = "provider-not-found"
    title = "This portal has no such way to sign in"
    detail = "GET /v1/portals/{portal} lists the ways there are."


class ProviderOutOfReach(Unavailable):
    code = "provider-out-of-reach"
    title = "The sign-in service does not answer"
    detail = "Nothing was changed. Try again in a moment, or sign in another way."


class ReturnAddressRefused(Invalid):
    code = "return-address-refused"
    title = "People are not sent back to that address"
    detail = "Give a path of this service, or an address of an origin that the portal names."


class SignInNotYours(Problem):
    code = "sign-in-not-yours"
    status = 400
    title = "This sign-in cannot be finished"
    detail = "It was begun elsewhere, took too long, or was finished before. Begin anew."


class SignInDeclined(Forbidden):
    code = "sign-in-declined"
    title = "You were not signed in"
    detail = "It was cancelled at the sign-in service, or something is missing there. Begin anew."


class IdentityNotProven(Problem):
    code = "identity-not-proven"
    status = 401
    title = "The sign-in service did not prove who you are"
    detail = "Begin anew. If it happens again, tell the people behind this portal."


class LogoutTokenRefused(Problem):
    code = "logout-token-refused"
    status = 400
    title = "This logout token is not taken"
    detail = "It is not the provider's, not for this portal, too old, or was taken before."


class InvitationNeeded(Forbidden):
    code = "invitation-needed"
    title = "This account is not known here"
    detail = "Ask your contact at the provider, or your company's administrator, for an invitation."
    keeps_writes = True


class InvitationOpen(Forbidden):
    code = "invitation-open"
    title = "Your invitation waits for you"
    detail = "Follow the link in the mail with your invitation; after that you sign in here."
    keeps_writes = True


class AccessEnded(Forbidden):
    code = "access-ended"
    title = "Your access has ended"
    detail = "Ask your contact at the provider if you should have it again."
    keeps_writes = True


class IdentityTaken(Problem):
    code = "identity-taken"
    status = 409
    title = "This account belongs to somebody else here"
    detail = "An account signs one person in. Use another one, or ask for help."


class IdentityNotFound(NotFound):
    code = "identity-not-found"
    title = "There is no such account of yours"


class ProgramNotFound(NotFound):
    code = "program-not-found"
    title = "There is no such program"


class ProgramUnfit(Invalid):
    code = "program-unfit"
    title = "The program cannot be bound like that"


class ProgramTaken(Problem):
    code = "program-taken"
    status = 409
    title = "This program is bound already"
    detail = "A program acts as one service account. Remove its binding first."


class LastWayIn(Problem):
    code = "last-way-in"
    status = 409
    title = "Without this account you could not sign in any more"
    detail = "Set a password or add another account first."
