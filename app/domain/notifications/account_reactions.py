"""Mails about the security of accounts, sent by the worker whether muted or not. Each is safe to
repeat; `app/reactions.py` says after which event each runs."""

from app.domain.notifications.actions import Template
from app.domain.notifications.delivery import PostOffice, tell
from app.journal import Recorded

#: Ways in which somebody else replaces a password. An operator tells the person personally.
_REPLACES = frozenset({"changed", "password_reset", "activation"})


async def warn_of_password(office: PostOffice, event: Recorded) -> None:
    """After `password.changed`, unless it is the first password."""
    if event.data["way"] in _REPLACES and not event.data.get("first"):
        await _warn(office, event, "password_changed")


async def warn_of_second_factor(office: PostOffice, event: Recorded) -> None:
    """After `second_factor.added` and `second_factor.removed`."""
    template: Template = "second_factor_added"
    if event.name == "second_factor.removed":
        reset = event.data["way"] == "reset"
        template = "second_factors_reset" if reset else "second_factor_removed"
    await _warn(office, event, template)


async def warn_of_address(office: PostOffice, event: Recorded) -> None:
    """After `person.changed` with a new address: to the previous one."""
    if "former_address" in event.data:
        await _warn(office, event, "address_changed")


async def _warn(office: PostOffice, event: Recorded, template: Template) -> None:
    if event.subject_id is not None:
        await tell(office, event, template, {event.subject_id: "account"})
