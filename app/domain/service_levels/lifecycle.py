"""Clocks, computed from their log. Pure: state, time used, time left and deadline are derived, and
none of them is stored ("SLA clocks", rule 3)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from app.domain.calendars.arithmetic import after_business, business_between
from app.domain.calendars.hours import Hours

Metric = Literal["first_response", "next_response", "resolution"]
Kind = Literal[
    "activated",
    "paused",
    "resumed",
    "fulfilled",
    "target_changed",
    "warned",
    "breached",
    "cancelled",
]
State = Literal["running", "paused", "fulfilled", "cancelled"]
#: Why a clock was cancelled: its ticket ended, what it waited for was withdrawn, nothing is
#: promised any more.
Because = Literal["ended", "withdrawn", "unpromised"]
#: How a ticket stands to its promise, the most urgent first.
Standing = Literal["breached", "warned", "running", "paused", "missed", "met"]

METRICS: tuple[Metric, ...] = get_args(Metric)
#: The name of the timer that looks at a ticket's clocks.
LOOK = "look_at_clocks"
_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a clock. Two are equal when they promise the same, in whatever version."""

    policy: str
    version: int = field(compare=False)
    target: timedelta
    hours: Hours
    warn_percent: int
    pauses_in: frozenset[str]

    @property
    def warned_after(self) -> timedelta:
        """How much may be consumed before people are warned."""
        return self.target * self.warn_percent / 100

    def due_after(self, start: datetime) -> datetime:
        """The deadline of a clock that starts then and is never paused."""
        return after_business(start, self.target, self.hours)


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a log. `clock` is the clock's number: the position of its first line.

    `terms` come with `activated` and `target_changed`; `status` says what paused or ended a clock,
    `comment_id` which comment waits for an answer, or was withdrawn."""

    clock: int
    metric: Metric
    kind: Kind
    at: datetime
    terms: Terms | None = None
    status: str | None = None
    comment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The state of a clock after its log. `spent` is what was used before `running_since`."""

    number: int
    metric: Metric
    terms: Terms
    started_at: datetime
    state: State = "running"
    spent: timedelta = _NOTHING
    running_since: datetime | None = None
    paused_in: str | None = None
    ended_at: datetime | None = None
    cancelled_because: Because | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    comment_id: UUID | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is running or paused: neither fulfilled nor cancelled."""
        return self.state in {"running", "paused"}

    @property
    def may_come_back(self) -> bool:
        """Whether it continues when the ticket is reopened: resolutions, and responses that nobody
        gave."""
        if self.state == "fulfilled":
            return self.metric == "resolution"
        return self.cancelled_because == "ended"

    def consumed(self, now: datetime) -> timedelta:
        """Business time used by `now`; none was used while it was paused."""
        if self.running_since is None:
            return self.spent
        return self.spent + business_between(self.running_since, now, self.terms.hours)

    @property
    def due_at(self) -> datetime | None:
        """The deadline: `add_business(now, target - consumed)`, the same at whatever moment one
        asks. None unless it is running."""
        return self._reaches(self.terms.target)

    @property
    def warn_at(self) -> datetime | None:
        """When the warning is due. None unless it is running."""
        return self._reaches(self.terms.warned_after)

    def _reaches(self, consumed: timedelta) -> datetime | None:
        if self.running_since is None:
            return None
        left = max(consumed - self.spent, _NOTHING)
        return after_business(self.running_since, left, self.terms.hours)


def after(clock: Clock | None, happening: Happening) -> Clock:
    """The clock after one more line of its log."""
    if clock is not None:
        return _AFTER[happening.kind](clock, happening)
    if happening.kind != "activated" or happening.terms is None:
        raise ValueError("a log begins with an activation")
    return Clock(
        number=happening.clock,
        metric=happening.metric,
        terms=happening.terms,
        started_at=happening.at,
        running_since=happening.at,
        comment_id=happening.comment_id,
    )


def _paused(clock: Clock, happening: Happening) -> Clock:
    halted = _halted(clock, "paused", happening.at)
    return replace(halted, paused_in=happening.status, ended_at=None)


def _resumed(clock: Clock, happening: Happening) -> Clock:
    running = replace(clock, state="running", running_since=happening.at, paused_in=None)
    return replace(running, ended_at=None, cancelled_because=None)


def _fulfilled(clock: Clock, happening: Happening) -> Clock:
    return _halted(clock, "fulfilled", happening.at)


def _cancelled(clock: Clock, happening: Happening) -> Clock:
    halted = _halted(clock, "cancelled", happening.at)
    return replace(halted, cancelled_because=_because(happening))


def _because(happening: Happening) -> Because:
    if happening.comment_id is not None:
        return "withdrawn"
    return "ended" if happening.status is not None else "unpromised"


def _halted(clock: Clock, state: State, at: datetime) -> Clock:
    halted = replace(clock, state=state, spent=clock.consumed(at), running_since=None)
    return replace(halted, ended_at=at, paused_in=None, cancelled_because=None)


def _held_to(clock: Clock, happening: Happening) -> Clock:
    """Time used is kept. A warning and a breach are taken back when the new target is not used
    up."""
    terms, spent = happening.terms or clock.terms, clock.consumed(happening.at)
    return replace(
        clock,
        terms=terms,
        spent=spent,
        running_since=None if clock.running_since is None else happening.at,
        warned_at=clock.warned_at if spent >= terms.warned_after else None,
        breached_at=clock.breached_at if spent >= terms.target else None,
    )


def _warned(clock: Clock, happening: Happening) -> Clock:
    return replace(clock, warned_at=happening.at)


def _breached(clock: Clock, happening: Happening) -> Clock:
    return replace(clock, breached_at=happening.at)


def _begun_twice(clock: Clock, happening: Happening) -> Clock:
    raise ValueError(f"clock {clock.number} began already, not at {happening.at}")


_AFTER: Mapping[Kind, Callable[[Clock, Happening], Clock]] = {
    "activated": _begun_twice,
    "paused": _paused,
    "resumed": _resumed,
    "fulfilled": _fulfilled,
    "target_changed": _held_to,
    "warned": _warned,
    "breached": _breached,
    "cancelled": _cancelled,
}


class Log:
    """The log of all clocks of a ticket, to read and to add to (`added`)."""

    def __init__(self, happenings: Iterable[Happening] = ()) -> None:
        self._clocks: dict[int, Clock] = {}
        self.happenings: list[Happening] = []
        for happening in happenings:
            self.add(happening)
        self.known = len(self.happenings)

    @property
    def added(self) -> Sequence[Happening]:
        """The lines added since the log was read."""
        return self.happenings[self.known :]

    @property
    def clocks(self) -> Sequence[Clock]:
        """All clocks, in the order they began."""
        return tuple(self._clocks.values())

    def latest(self, metric: Metric) -> Clock | None:
        """The last clock of a metric that was not withdrawn."""
        return next(
            (
                clock
                for clock in reversed(self.clocks)
                if clock.metric == metric and clock.cancelled_because != "withdrawn"
            ),
            None,
        )

    def start(
        self, metric: Metric, at: datetime, terms: Terms, comment_id: UUID | None = None
    ) -> None:
        """Start a new clock."""
        number = len(self.happenings)
        self.add(Happening(number, metric, "activated", at, terms, comment_id=comment_id))

    def note(
        self,
        clock: Clock,
        kind: Kind,
        at: datetime,
        *,
        terms: Terms | None = None,
        status: str | None = None,
        comment_id: UUID | None = None,
    ) -> None:
        """Write down what happened to a clock."""
        self.add(Happening(clock.number, clock.metric, kind, at, terms, status, comment_id))

    def add(self, happening: Happening) -> None:
        """Add a line, and bring its clock up to date."""
        self.happenings.append(happening)
        before = self._clocks.get(happening.clock)
        self._clocks[happening.clock] = after(before, happening)


def standing_of(clocks: Iterable[Clock]) -> Standing | None:
    """The state of the service level of a ticket; `None` where there is none."""
    counted = [
        clock for clock in clocks if clock.cancelled_because not in {"withdrawn", "unpromised"}
    ]
    waiting = [clock for clock in counted if clock.is_open]
    if not waiting:
        if not counted:
            return None
        return "missed" if any(clock.breached_at for clock in counted) else "met"
    if any(clock.breached_at for clock in waiting):
        return "breached"
    if any(clock.warned_at for clock in waiting):
        return "warned"
    return "running" if any(clock.state == "running" for clock in waiting) else "paused"


def next_due(clocks: Iterable[Clock]) -> datetime | None:
    """The next deadline of a running clock."""
    return min((clock.due_at for clock in clocks if clock.due_at is not None), default=None)


def next_look(clocks: Iterable[Clock]) -> datetime | None:
    """When the next warning or breach is due."""
    moments = [
        moment
        for clock in clocks
        for moment, said in ((clock.warn_at, clock.warned_at), (clock.due_at, clock.breached_at))
        if moment is not None and said is None
    ]
    return min(moments, default=None)
