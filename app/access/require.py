"""How an action demands a permission (`require`), or a recent sign-in (`require_recent`)."""

from datetime import timedelta
from uuid import UUID

from app.access.actor import Actor
from app.kernel import clock
from app.kernel.problems import Forbidden

RECENT = timedelta(minutes=15)


class SignInAgain(Forbidden):
    """It is too long ago that somebody has signed in."""

    code = "sign-in-again"
    title = "Sign in again first"
    detail = (
        "This changes what opens your account: it takes a sign-in of the last {minutes} minutes."
    )


def require(actor: Actor, permission: str, organization_id: UUID | None = None) -> None:
    """Raise `Forbidden` unless `actor` holds `permission` (in that organization, where named).

    Only for what the actor may know to exist: what he may not read is refused as not found,
    before (404 before 403)."""
    if not actor.may(permission, organization_id):
        raise Forbidden(permission=permission)


def require_recent(actor: Actor) -> None:
    """Raise `SignInAgain` unless `actor` has signed in a moment ago, for what whoever finds his
    session open must not do. One that a clock has set since put back is none of a moment ago. The
    system may everything."""
    since = actor.signed_in_at
    if not actor.is_system and (since is None or abs(clock.now() - since) > RECENT):
        raise SignInAgain(minutes=int(RECENT.total_seconds() // 60))
