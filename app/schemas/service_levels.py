"""Service levels: what is promised for a ticket, and how its clocks stand (S0-15)."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Colored, Labelled, Moment, Shape

Metric = Literal["first_response", "next_response", "resolution"]
SlaState = Literal["breached", "warned", "running", "paused", "missed", "met"]

STANDING = (
    "The most urgent of what is still awaited: `breached`, `warned`, `running`, `paused`; when"
    " nothing is, `met`, or `missed` where something came too late. Null where nothing is"
    " promised. Tolerate new values."
)
DUE = "The next deadline of a clock that runs; null while none does."


class ClockShape(Shape):
    """How long something has taken, in the hours of the promise."""

    metric: Metric = Field(
        description="Until somebody answers, until the oldest unanswered comment is answered, until"
        " it is resolved. Tolerate new values."
    )
    state: Literal["running", "paused", "fulfilled", "cancelled"] = Field(
        description="Tolerate new values."
    )
    policy: Labelled = Field(description="The promise it is held to.")
    target_seconds: int = Field(description="Business time promised.", examples=[14400])
    consumed_seconds: int = Field(
        description="Business time consumed, in whole minutes.", examples=[3600]
    )
    remaining_seconds: int = Field(
        description="What is left of the target; below zero when it is over.", examples=[10800]
    )
    due_at: Moment | None = Field(description="Its deadline while it runs.")
    paused_by: Colored | None = Field(description="The status that pauses it.")
    started_at: Moment
    ended_at: Moment | None
    warned_at: Moment | None = Field(description="When most of the target was consumed.")
    breached_at: Moment | None = Field(description="When the target was consumed.")


class _Standing(Shape):
    policy: Labelled | None = Field(description="The promise; null where nothing is promised.")
    state: SlaState | None = Field(description=STANDING)
    due_at: Moment | None = Field(description=DUE)


class ServiceLevel(_Standing):
    """How a ticket stands to what was promised for it."""

    clocks: list[ClockShape] = Field(description="The last clock of each metric.")


class ClockEntry(Shape):
    """Something that happened to a clock."""

    event: Literal[
        "activated",
        "paused",
        "resumed",
        "fulfilled",
        "target_changed",
        "warned",
        "breached",
        "cancelled",
    ] = Field(description="Tolerate new values.")
    at: Moment
    status: Colored | None = Field(description="The status that paused or ended it.")
    policy: Labelled | None = Field(description="The promise it is held to from then on.")
    target_seconds: int | None = Field(description="Its target from then on.")


class LoggedClock(ClockShape):
    """A clock with all that happened to it."""

    log: list[ClockEntry] = Field(description="The oldest first.")


class ServiceLevelLog(_Standing):
    """How a ticket stands to what was promised for it, and how it came to that."""

    clocks: list[LoggedClock] = Field(description="Every clock there was, in the order they began.")


class Target(Shape):
    """What is promised of one metric."""

    metric: Metric = Field(description="Tolerate new values.")
    target_seconds: int = Field(description="Business time promised.", examples=[14400])
    due_at: Moment | None = Field(
        description="The deadline if it were opened now; null where that depends on what happens."
    )


class Promised(Shape):
    """The promise that would hold."""

    policy: Labelled
    targets: list[Target] = Field(description="In the order they are awaited.")
