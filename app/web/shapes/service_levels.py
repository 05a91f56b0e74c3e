"""Promises and clocks, as they are shown: both sides read the same."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from app.access.actor import Actor
from app.domain.service_levels.lifecycle import (
    METRICS,
    Clock,
    Happening,
    Log,
    Terms,
    next_due,
    standing_of,
)
from app.domain.service_levels.promises import Promise, policy_of
from app.domain.tenants.definition.document import Definition
from app.kernel import clock as time
from app.kernel.locale import label
from app.schemas.base import Colored, Labelled
from app.schemas.service_levels import (
    ClockEntry,
    ClockShape,
    LoggedClock,
    Promised,
    ServiceLevel,
    ServiceLevelLog,
    Target,
)
from app.web.shapes.labels import status_shape

_MINUTE = timedelta(minutes=1)


def service_level(actor: Actor, definition: Definition, log: Log) -> ServiceLevel | None:
    """How a ticket stands; nothing where nothing was ever promised."""
    latest = [clock for metric in METRICS if (clock := log.latest(metric)) is not None]
    if not latest:
        return None
    now = time.now()
    clocks = [ClockShape(**_clock(actor, definition, clock, now)) for clock in latest]
    return ServiceLevel(**_standing(definition, log.clocks), clocks=clocks)


def whole_log(actor: Actor, definition: Definition, log: Log) -> ServiceLevelLog:
    """How a ticket stands, with every clock there was and all that happened to it."""
    now = time.now()
    clocks = [
        LoggedClock(
            **_clock(actor, definition, clock, now),
            log=[
                _entry(actor, definition, each)
                for each in log.happenings
                if each.clock == clock.number
            ],
        )
        for clock in log.clocks
    ]
    return ServiceLevelLog(**_standing(definition, log.clocks), clocks=clocks)


def promised(promise: Promise | None) -> Promised | None:
    """What would be promised for a ticket opened now."""
    if promise is None:
        return None
    now = time.now()
    return Promised(
        policy=Labelled(key=promise.policy.key, label=label(promise.policy.labels)),
        targets=[
            Target(
                metric=metric,
                target_seconds=_seconds(terms.target),
                due_at=None if metric == "next_response" else terms.due_after(now),
            )
            for metric, terms in promise.targets.items()
        ],
    )


def _standing(definition: Definition, clocks: Iterable[Clock]) -> dict[str, Any]:
    held = [clock for clock in clocks if clock.cancelled_because != "unpromised"]
    waiting = [clock for clock in held if clock.is_open] or held
    return {
        "policy": _policy(definition, waiting[-1].terms) if waiting else None,
        "state": standing_of(held),
        "due_at": next_due(held),
    }


def _clock(actor: Actor, definition: Definition, clock: Clock, now: datetime) -> dict[str, Any]:
    consumed = clock.consumed(now) // _MINUTE * _MINUTE
    return {
        "metric": clock.metric,
        "state": clock.state,
        "policy": _policy(definition, clock.terms),
        "target_seconds": _seconds(clock.terms.target),
        "consumed_seconds": _seconds(consumed),
        "remaining_seconds": _seconds(clock.terms.target - consumed),
        "due_at": clock.due_at,
        "paused_by": _status(actor, definition, clock.paused_in),
        "started_at": clock.started_at,
        "ended_at": clock.ended_at,
        "warned_at": clock.warned_at,
        "breached_at": clock.breached_at,
    }


def _entry(actor: Actor, definition: Definition, happening: Happening) -> ClockEntry:
    terms = happening.terms
    return ClockEntry(
        event=happening.kind,
        at=happening.at,
        status=_status(actor, definition, happening.status),
        policy=_policy(definition, terms) if terms else None,
        target_seconds=_seconds(terms.target) if terms else None,
    )


def _policy(definition: Definition, terms: Terms) -> Labelled:
    held = policy_of(definition, terms.policy)
    return Labelled(key=terms.policy, label=label(held.labels) if held else terms.policy)


def _status(actor: Actor, definition: Definition, key: str | None) -> Colored | None:
    if key is None:
        return None
    shown = status_shape(actor, definition, key)
    return Colored(key=shown.key, label=shown.label, color=shown.color)


def _seconds(time_: timedelta) -> int:
    return int(time_.total_seconds())
