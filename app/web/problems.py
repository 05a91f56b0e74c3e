"""Refusals that HTTP itself knows, before or around any room of the trade."""

from app.kernel.problems import Invalid, NotFound, Problem


class RouteNotFound(NotFound):
    code = "route-not-found"
    title = "There is no such address"
    detail = "No route of this API matches the path. The reference stands at /docs."


class MethodNotAllowed(Problem):
    code = "method-not-allowed"
    status = 405
    title = "This address does not take that method"
    detail = "The Allow field names the methods it takes."


class Unauthenticated(Problem):
    code = "unauthenticated"
    status = 401
    title = "You are not signed in"
    detail = "Send a bearer token or the session cookie; what was sent is unknown or has ended."


class PasswordChangeRequired(Problem):
    code = "password-change-required"
    status = 403
    title = "The password must be changed first"
    detail = "Set a new one with POST /v1/me/password; until then nothing else is open."


class SecondFactorRequired(Problem):
    code = "second-factor-required"
    status = 403
    title = "A second factor must be added first"
    detail = (
        "The portal asks you for one. Add it with POST /v1/me/factors, or sign in anew; until then"
        " nothing else is open."
    )


class TermsAcceptanceRequired(Problem):
    code = "terms-acceptance-required"
    status = 403
    title = "The portal's terms must be accepted first"
    detail = (
        "Read them with GET /v1/me/terms and accept them, in person, with POST /v1/me/terms; until"
        " then nothing else is open."
    )


class DirectoryScopeMissing(Problem):
    code = "directory-scope-missing"
    status = 403
    title = "The access token lacks what the portal asks for"
    detail = "Ask the directory for one with the scope {scope}, and for the role if there is one."


class DirectoryRoleMissing(Problem):
    code = "directory-role-missing"
    status = 403
    title = "The directory has not given this program the role it needs"
    detail = (
        "Assign it the app role {role} in the directory, with an administrator's consent, and ask"
        " for a new token."
    )


class CrossSiteRefused(Problem):
    code = "cross-site-refused"
    status = 403
    title = "The request came from another site"
    detail = (
        "With a session cookie, requests that change something need the header"
        " X-Skranke-Request and an Origin that this installation allows. A page elsewhere must be"
        " one that the portal names."
    )


class OnlyInPerson(Problem):
    code = "only-in-person"
    status = 403
    title = "Only a person can do this"
    detail = "No API key and no app does this for somebody: sign in yourself."


class OutsideOrganization(Problem):
    code = "outside-organization"
    status = 403
    title = "This reaches beyond the organization of this API key"
    detail = "Nothing was changed. Use a key that is not bound to one organization."


class MalformedBody(Problem):
    code = "malformed-body"
    status = 400
    title = "The body is not valid JSON"
    detail = "{reason}"


class UnsupportedMediaType(Problem):
    code = "unsupported-media-type"
    status = 415
    title = "The body is of a kind this address does not take"
    detail = "Send it as {expected}."


class BodyTooLarge(Problem):
    code = "body-too-large"
    status = 413
    title = "The body is too large"
    detail = "At most {limit} bytes are taken here."


class HeadersTooLarge(Problem):
    code = "headers-too-large"
    status = 431
    title = "The header fields are too large"
    detail = "Send fewer or shorter ones."


class InvalidInput(Invalid):
    code = "invalid-input"
    title = "Something in the request is not right"
    detail = "See errors for each place and what to do about it."


class InvalidCursor(Invalid):
    code = "invalid-cursor"
    title = "The cursor does not fit this list"
    detail = "Use next_cursor as it came, with the same sort and filters; or begin without it."


class PreconditionRequired(Problem):
    code = "precondition-required"
    status = 428
    title = "Say which version you are changing"
    detail = "Send If-Match with the ETag that came with what you read."


class InvalidPrecondition(Problem):
    code = "invalid-precondition"
    status = 400
    title = "If-Match is not an entity tag of ours"
    detail = "Send the ETag exactly as it came, in its quotes."


class IdempotencyKeyInvalid(Invalid):
    code = "idempotency-key-invalid"
    title = "The Idempotency-Key cannot be used"
    detail = "It must be 1 to 255 visible ASCII characters, bare or in double quotes."


class IdempotencyKeyReused(Invalid):
    code = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"
    detail = "The body differs from the one first sent with it. Use a new key."


class IdempotencyInProgress(Problem):
    code = "idempotency-in-progress"
    status = 409
    title = "The first request with this Idempotency-Key is still running"
    detail = "Ask again in a moment."


class AlreadyCreated(Problem):
    code = "already-created"
    status = 409
    title = "This was already made"
    detail = "Its answer carried a secret, so it is not shown again."


class TooManyRequests(Problem):
    code = "too-many-requests"
    status = 429
    title = "Too many requests"
    detail = "Wait as long as Retry-After says."


class Overloaded(Problem):
    code = "overloaded"
    status = 503
    title = "The service is busier than it can be"
    detail = "Nothing was changed. Try again as Retry-After says."


class OutcomeUnknown(Problem):
    code = "outcome-unknown"
    status = 503
    title = "It is not certain whether this was done"
    detail = (
        "The connection to the database broke while it was being kept. Look before you ask again,"
        " or ask again with the same Idempotency-Key."
    )


class InternalError(Problem):
    code = "internal-error"
    status = 500
    title = "Something went wrong on our side"
    detail = "Nothing was changed. The operator finds the cause under the request id {request_id}."
