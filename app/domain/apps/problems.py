"""What can be refused about apps: as problems to people, as RFC 6749 (5.2) words it to programs."""

from app.kernel.problems import Invalid, NotFound, Problem, ProtocolRefusal


class AppNotFound(NotFound):
    code = "app-not-found"
    title = "There is no such app"


class AppUnknown(Problem):
    code = "app-unknown"
    status = 400
    title = "This app is not known here"
    detail = "Nothing was allowed. Tell whoever made it that its client_id is not right."


class RedirectNotRegistered(Problem):
    code = "redirect-not-registered"
    status = 400
    title = "This app may not be answered at that address"
    detail = "Nothing was allowed. Tell whoever made it to register its redirect_uri."


class AppUnfit(Invalid):
    code = "app-unfit"
    title = "The app cannot be registered like this"
    detail = "See errors for each place and what to do about it."


class AuthorizationNotFound(NotFound):
    code = "authorization-not-found"
    title = "This question is of no use any more"
    detail = "It was answered, has run out, or is somebody else's. Begin anew in the app."


class ConsentNotFound(NotFound):
    code = "consent-not-found"
    title = "You have allowed this app nothing"


class InvalidRequest(ProtocolRefusal):
    error = "invalid_request"


class InvalidClient(ProtocolRefusal):
    error = "invalid_client"
    status = 401


class InvalidGrant(ProtocolRefusal):
    error = "invalid_grant"
    keeps_writes = True


class UnauthorizedClient(ProtocolRefusal):
    error = "unauthorized_client"


class UnsupportedGrantType(ProtocolRefusal):
    error = "unsupported_grant_type"


class InvalidScope(ProtocolRefusal):
    error = "invalid_scope"
