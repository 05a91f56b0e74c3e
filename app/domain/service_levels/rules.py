"""What follows for a ticket's clocks from what happens to it. Pure: each rule reads a log and adds
to it ("SLA clocks", rules 2 to 5)."""

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
class Stand:
    """Where a ticket stands, and since when."""

    at: datetime
    status: str
    category: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The oldest comment of the customer that nobody has answered."""

    comment_id: UUID
    at: datetime


def look(log: Log, now: datetime) -> None:
    """People are warned once, and a promise is broken once, at the moment it was, however late
    somebody looks."""
    for clock in log.clocks:
        warn_at, due_at = clock.warn_at, clock.due_at
        if warn_at is not None and clock.warned_at is None and warn_at <= now:
            log.note(clock, "warned", warn_at)
        if due_at is not None and clock.breached_at is None and due_at <= now:
            log.note(clock, "breached", due_at)


def stand(log: Log, where: Stand, metrics: Sequence[Metric] = METRICS) -> None:
    """Clocks rest and go on with the ticket's status, end with it, and are taken up again where it
    is reopened. A first response never rests: nobody has said anything that could be waited for."""
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


def _rest_or_run(log: Log, clock: Clock, where: Stand) -> None:
    rests = clock.metric != "first_response" and where.category in clock.terms.pauses_in
    if rests and clock.paused_in != where.status:
        log.note(clock, "paused", where.at, status=where.status)
    elif not rests and clock.state != "running":
        log.note(clock, "resumed", where.at)


def hold_to(log: Log, promise: Promise | None, where: Stand) -> None:
    """Clocks that wait are held to the promise as it is now, keeping what they have consumed. What
    is promised no more is cancelled, and taken up again where it is promised anew."""
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
    stand(log, where)


def start(log: Log, promise: Promise, metric: Metric, stands: Sequence[Stand]) -> None:
    """A metric that has no clock gets one, from the first of `stands` on, through the others."""
    terms = promise.terms(metric)
    if terms is not None and log.latest(metric) is None:
        log.start(metric, stands[0].at, terms)
        for where in stands:
            look(log, where.at)
            stand(log, where, (metric,))


def hear_customer(log: Log, promise: Promise | None, said: Unanswered, where: Stand) -> None:
    """The oldest comment that nobody has answered opens a clock; those after it wait with it."""
    waiting = log.latest("next_response")
    terms = promise.terms("next_response") if promise else None
    if terms is not None and not (waiting and waiting.is_open):
        log.start("next_response", said.at, terms, said.comment_id)
        stand(log, where, ("next_response",))


def hear_agent(log: Log, at: datetime) -> None:
    """A public word of an agent is the answer, also where it comes with the ticket's end."""
    for metric in _RESPONSES:
        clock = log.latest(metric)
        if clock is not None and (clock.is_open or clock.may_come_back):
            log.note(clock, "fulfilled", at)


def awaits_answer(log: Log) -> bool:
    """Whether a word of an agent would answer something."""
    clocks = (log.latest(metric) for metric in _RESPONSES)
    return any(clock and (clock.is_open or clock.may_come_back) for clock in clocks)


def withdraw(
    log: Log, comment_id: UUID, instead: Unanswered | None, now: datetime, where: Stand
) -> None:
    """What waited for an answer was taken back: the next comment waits, from when it was said."""
    clock = log.latest("next_response")
    if clock is None or clock.comment_id != comment_id or not clock.is_open:
        return
    log.note(clock, "cancelled", now, comment_id=comment_id)
    if instead is not None:
        log.start("next_response", instead.at, clock.terms, instead.comment_id)
        stand(log, where, ("next_response",))
