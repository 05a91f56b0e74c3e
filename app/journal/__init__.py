"""What happened and what is due. The only writer of events; the keeper of timers.

`record` writes an event where the change was made: one row that is history, audit and outbox at
once. What follows from it is not said here but in `app/reactions.py`.
"""

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
