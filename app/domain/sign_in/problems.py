"""What can be refused about signing in. Known and unknown accounts are answered alike."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class SignInRefused(Problem):
    code = "sign-in-refused"
    status = 401
    title = "Address or password is not right"
    detail = "Check both for a slip, or ask for a new password."
    keeps_writes = True


class TooManyAttempts(Problem):
    code = "too-many-attempts"
    status = 429
    title = "Too many attempts"
    detail = "Wait as long as Retry-After says before trying again."
    keeps_writes = True


class LocalSignInClosed(Forbidden):
    code = "local-sign-in-closed"
    title = "This portal does not sign people in with a password"
    detail = "GET /v1/portals/{portal} lists the ways to sign in."


class RefreshRefused(Problem):
    code = "refresh-refused"
    status = 401
    title = "This refresh token is of no use any more"
    detail = "The session has ended, or the token was used before. Sign in anew."
    keeps_writes = True


class LinkOfNoUse(NotFound):
    code = "link-of-no-use"
    title = "This link is of no use any more"
    detail = "It was used, has run out, or is incomplete. Ask for a new one."


class SessionNotFound(NotFound):
    code = "session-not-found"
    title = "There is no such session of yours"


class ChallengeOfNoUse(NotFound):
    code = "challenge-of-no-use"
    title = "This sign-in can no longer be gone on with"
    detail = "It was gone on with already, or ten minutes have passed. Begin with the password."


class CodeRefused(Invalid):
    code = "code-refused"
    title = "This code is not right"
    detail = "Give the six digits the app shows now; each is taken once. Check the phone's clock."
    keeps_writes = True


class SecondFactorNeeded(Invalid):
    code = "second-factor-needed"
    title = "The portal asks you for a second factor"
    detail = "Add another one before you remove the last."


class FactorNotFound(NotFound):
    code = "factor-not-found"
    title = "There is no such second factor of yours"


class FactorConfirmed(Problem):
    code = "factor-confirmed"
    status = 409
    title = "This second factor counts already"


class TooManyFactors(Invalid):
    code = "too-many-factors"
    title = "There are enough second factors"
    detail = "Remove one of the {most} before you add another."


class PasswordWrong(Invalid):
    code = "password-wrong"
    title = "The present password is not right"
    detail = "Give the password you signed in with."
    keeps_writes = True


class PasswordNeeded(Invalid):
    code = "password-needed"
    title = "Give your password once more"
    detail = "This changes what opens your account, which takes the password you sign in with."


class PasswordTooShort(Invalid):
    code = "password-too-short"
    title = "The password is too short"
    detail = "Use at least {least} characters; a sentence is easy to remember."


class PasswordTooLong(Invalid):
    code = "password-too-long"
    title = "The password is too long"
    detail = "Use at most {most} characters."


class PasswordTooEasy(Invalid):
    code = "password-too-easy"
    title = "The password is too easy to guess"
    detail = "Avoid well-known words, rows, repetition, your own name and this portal's."


class PasswordUnchanged(Invalid):
    code = "password-unchanged"
    title = "This is the password you have"
    detail = "Choose another one."


class NoPassword(Invalid):
    code = "no-password"
    title = "This person signs in without a password"
    detail = "There is none that could be asked to be changed."


class CannotSignIn(Invalid):
    code = "cannot-sign-in"
    title = "This person cannot be let in"
    detail = (
        "Someone inactive, or a customer without an organization, has nothing to sign in to; a"
        " service account never signs in."
    )
