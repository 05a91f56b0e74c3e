"""Events and timers: the only writer of both.

`record` writes an event in the transaction of the change: one row that is history, audit and outbox
at once. What reacts to it is listed in `app/reactions.py`."""

from app.journal.events import AuditEvent, Event, Recorded, TicketEvent, TicketPlace
from app.journal.reactions import Reactions
from app.journal.record import record
from app.journal.timers import cancel_timer, set_timer

__all__ = [
    "AuditEvent",
    "Event",
    "Reactions",
    "Recorded",
    "TicketEvent",
    "TicketPlace",
    "cancel_timer",
    "record",
    "set_timer",
]
