"""What events mean for a ticket's clocks. Pure: each rule reads a log and adds to it ("SLA clocks",
rules 2 to 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.service_levels.lifecycle import METRICS, Clock, Kind, Log, Metric
from app.domain.service_levels.promises import Promise

#: Categories in which a ticket has come to its end, perhaps to be reopened.
ENDS = frozenset({"resolved", "closed"})
_RESPONSES: tuple[Metric, ...] = ("first_response", "next_response")


@dataclass(frozen=True, slots=True)
class StatusSince:
    """A status of a ticket, its category, and since when."""

    at: datetime
    status: str
    category: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The oldest comment of the customer that is not answered."""

    comment_id: UUID
    at: datetime


def catch_up(log: Log, now: datetime) -> None:
    """Note what has fallen due until `now`, at the time at which it did: each clock's warning once,
    and its breach once."""
    for clock in log.clocks:
        warn_at, due_at = clock.warn_at, clock.due_at
        if warn_at is not None and clock.warned_at is None and warn_at <= now:
            log.note(clock, "warned", warn_at)
        if due_at is not None and clock.breached_at is None and due_at <= now:
            log.note(clock, "breached", due_at)


def apply_status(log: Log, where: StatusSince, metrics: Sequence[Metric] = METRICS) -> None:
    """Pause, resume, end or reopen clocks as the ticket's status requires. A first response is
    never paused: there is nothing yet that the customer could answer."""
    for metric in metrics:
        clock = log.latest(metric)
        if clock is None:
            continue
        if where.category in ENDS:
            if clock.is_open:
                kind: Kind = "fulfilled" if metric == "resolution" else "cancelled"
                log.note(clock, kind, where.at, status=where.status)
        elif clock.is_open or clock.may_come_back:
            _rest_or_run(log, clock, where)


def _rest_or_run(log: Log, clock: Clock, where: StatusSince) -> None:
    rests = clock.metric != "first_response" and where.category in clock.terms.pauses_in
    if rests and clock.paused_in != where.status:
        log.note(clock, "paused", where.at, status=where.status)
    elif not rests and clock.state != "running":
        log.note(clock, "resumed", where.at)


def apply_promise(log: Log, promise: Promise | None, where: StatusSince) -> None:
    """Give open clocks the targets of `promise`, keeping the time they have used. Cancel those
    without a target in it; resume those that an earlier promise had none for."""
    for metric in METRICS:
        clock = log.latest(metric)
        if clock is None:
            continue
        gone = clock.cancelled_because == "unpromised"
        terms = promise.terms(metric) if promise else None
        if terms is None:
            if clock.is_open:
                log.note(clock, "cancelled", where.at)
        elif clock.is_open or gone:
            if terms != clock.terms:
                log.note(clock, "target_changed", where.at, terms=terms)
            if gone and where.category not in ENDS:
                log.note(clock, "resumed", where.at)
    apply_status(log, where)


def start(log: Log, promise: Promise, metric: Metric, stands: Sequence[StatusSince]) -> None:
    """Start the clock of a metric that has none, from the first of `stands` on (the ticket's
    statuses, oldest first), and apply the others."""
    terms = promise.terms(metric)
    if terms is not None and log.latest(metric) is None:
        log.start(metric, stands[0].at, terms)
        for where in stands:
            catch_up(log, where.at)
            apply_status(log, where, (metric,))


def await_response(log: Log, promise: Promise | None, said: Unanswered, where: StatusSince) -> None:
    """Start the clock of the next response for a comment of the customer, unless an earlier comment
    is waiting already."""
    waiting = log.latest("next_response")
    terms = promise.terms("next_response") if promise else None
    if terms is not None and not (waiting and waiting.is_open):
        log.start("next_response", said.at, terms, said.comment_id)
        apply_status(log, where, ("next_response",))


def note_response(log: Log, at: datetime) -> None:
    """End the clocks of responses: an agent has answered in public."""
    for metric in _RESPONSES:
        clock = log.latest(metric)
        if clock is not None and (clock.is_open or clock.may_come_back):
            log.note(clock, "fulfilled", at)


def awaits_answer(log: Log) -> bool:
    """Whether a public comment of an agent would end the clock of a response."""
    clocks = (log.latest(metric) for metric in _RESPONSES)
    return any(clock and (clock.is_open or clock.may_come_back) for clock in clocks)


def withdraw(
    log: Log, comment_id: UUID, instead: Unanswered | None, now: datetime, where: StatusSince
) -> None:
    """Cancel the clock of a comment that was withdrawn, and start one for `instead`, the next
    comment that waits, from when it was written."""
    clock = log.latest("next_response")
    if clock is None or clock.comment_id != comment_id or not clock.is_open:
        return
    log.note(clock, "cancelled", now, comment_id=comment_id)
    if instead is not None:
        log.start("next_response", instead.at, clock.terms, instead.comment_id)
        apply_status(log, where, ("next_response",))
