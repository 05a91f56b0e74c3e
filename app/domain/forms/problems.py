"""What can be refused about forms."""

from app.domain.tenants.definition import STANDARD
from app.domain.tenants.definition.answers import Refusal
from app.kernel.problems import Fault, NotFound


class FormNotFound(NotFound):
    """There is no form of this key, or it is not offered to the caller."""

    code = "form-not-found"


def pointer_to(key: str) -> str:
    """The pointer to a field in input: standard fields at the top, all others inside `fields`."""
    return f"/{key}" if key in STANDARD else f"/fields/{key}"


def refused(key: str, refusal: Refusal) -> Fault:
    """An answer that the field does not accept."""
    return Fault(refusal.code, refusal.detail, pointer_to(key), values=refusal.values)


def missing(key: str) -> Fault:
    """A field that must be answered and is not."""
    return Fault("required", "This must be given.", pointer_to(key))


def not_asked(key: str) -> Fault:
    """An answer to what is not asked: not on the form, or not with these answers."""
    return Fault("not-asked", "This is not asked here: leave it out.", pointer_to(key))


def not_yours(key: str) -> Fault:
    """An answer to a field that only the other side may fill in."""
    return Fault("not-yours-to-set", "This is not yours to set: leave it out.", pointer_to(key))


def forced(key: str) -> Fault:
    """A change of a value that the other answers decide."""
    return Fault("decided-by-the-form", "The other answers decide this value.", pointer_to(key))
