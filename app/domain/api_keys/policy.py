"""Who sees and ends API keys: whoever a key acts as, and those who keep everybody's."""

from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.models.api_keys import ApiKey


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The keys `actor` may see, as a condition; nothing by default."""
    if actor.may("api_keys:manage"):
        return true()
    return ApiKey.person_id == actor.person_id if actor.in_person else false()
