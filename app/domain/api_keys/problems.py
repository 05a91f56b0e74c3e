"""What can be refused about API keys."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class ApiKeyNotFound(NotFound):
    code = "api-key-not-found"
    title = "There is no such API key"


class ScopesAboveOnesOwn(Invalid):
    code = "scopes-above-ones-own"
    title = "The key would be allowed more than it may"
    detail = "Scopes are permissions that its owner has himself, and that can be handed on."


class NotAServiceAccount(Forbidden):
    code = "not-a-service-account"
    title = "Nobody makes a key in somebody else's name"
    detail = "Make it for yourself, or for a service account."


class RotationUnderWay(Problem):
    code = "rotation-under-way"
    status = 409
    title = "Two secrets of this key are good already"
    detail = "Wait until the earlier one ends, or rotate with overlap_seconds 0 to end both."


class ApiKeyEnded(Problem):
    code = "api-key-ended"
    status = 409
    title = "This key was revoked"
    detail = "Make a new one."


class OwnerInactive(Forbidden):
    code = "owner-inactive"
    title = "The key's owner is not active"
    detail = "A key acts as its owner, and he may do nothing now."
