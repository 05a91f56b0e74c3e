"""Which tickets the figures of an actor count: only those that the actor may read."""

from collections.abc import Sequence
from uuid import UUID

from app.access.actor import Actor
from app.kernel.problems import Forbidden

_WHOLE = "tickets:read:organization"
_OF_AGENTS = ("tickets:read:tenant", "tickets:read:department")


def reads_as_agent(actor: Actor) -> bool:
    """Whether `actor` reads other people's tickets from the provider's side."""
    return actor.is_agent and any(map(actor.may, _OF_AGENTS))


def organizations_counted(actor: Actor, asked: Sequence[UUID] = ()) -> Sequence[UUID] | None:
    """The organizations whose tickets `actor` counts, of those `asked` for (none means all). An
    empty result means every organization, `None` that he counts no organization's tickets."""
    if reads_as_agent(actor):
        return asked
    whole = actor.organizations_where(_WHOLE) if actor.is_customer else []
    counted = [home for home in whole if not asked or home in asked]
    return counted or None


def require_organizations(actor: Actor, asked: Sequence[UUID] = ()) -> Sequence[UUID]:
    """As `organizations_counted`; raises `Forbidden` where it is `None`."""
    counted = organizations_counted(actor, asked)
    if counted is None:
        raise Forbidden(permission=_OF_AGENTS[-1] if actor.is_agent else _WHOLE)
    return counted


def require_desk(actor: Actor) -> None:
    """Raises `Forbidden` unless `actor` works at the provider's desk."""
    if not reads_as_agent(actor):
        raise Forbidden(permission=_OF_AGENTS[-1])
