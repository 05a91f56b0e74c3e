"""The pure rules of invitations: how many may be sent, and the state of one."""

from datetime import datetime, timedelta
from typing import Literal, Protocol

#: How many somebody sends in an hour: colleagues, not the phone book.
MOST_AN_HOUR = 60
#: How often one is sent again in an hour.
MOST_MAILS_AN_HOUR = 5
HOUR = timedelta(hours=1)

State = Literal["preparing", "open", "failed", "expired", "accepted", "withdrawn"]


class Standing(Protocol):
    """What decides the state of an invitation; its row has it."""

    @property
    def expires_at(self) -> datetime: ...
    @property
    def sent_at(self) -> datetime | None: ...
    @property
    def failure(self) -> str | None: ...
    @property
    def accepted_at(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


def state_of(invitation: Standing, now: datetime) -> State:
    """The state of an invitation."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    if invitation.failure is not None:
        return "failed"
    if invitation.expires_at <= now:
        return "expired"
    return "preparing" if invitation.sent_at is None else "open"
