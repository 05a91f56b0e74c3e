"""Service levels: the targets that apply to a ticket, and the state of its clocks (S0-15)."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Colored, Labelled, Moment, Shape

Metric = Literal["first_response", "next_response", "resolution"]
SlaState = Literal["breached", "warned", "running", "paused", "missed", "met"]

STANDING = (
    "State of the service level. While something is awaited, the most urgent of `breached`,"
    " `warned`, `running` and `paused`; afterwards `met`, or `missed` when something came too late."
    " Null when no service level applies. Tolerate new values."
)
DUE = "The next deadline; null while no clock is running."


class ClockShape(Shape):
    """A clock: how much of the time for one metric is used, in business hours."""

    metric: Metric = Field(
        description="`first_response`: until an agent first answers. `next_response`: until the"
        " oldest unanswered comment is answered. `resolution`: until the ticket is"
        " resolved. Tolerate new values."
    )
    state: Literal["running", "paused", "fulfilled", "cancelled"] = Field(
        description="Tolerate new values."
    )
    policy: Labelled = Field(description="The service-level policy it is measured by.")
    target_seconds: int = Field(description="The target, in business time.", examples=[14400])
    consumed_seconds: int = Field(
        description="Business time used so far, in whole minutes.", examples=[3600]
    )
    remaining_seconds: int = Field(
        description="What is left of the target; negative once it is exceeded.", examples=[10800]
    )
    due_at: Moment | None = Field(description="The deadline; null unless the clock is running.")
    paused_by: Colored | None = Field(description="The status that pauses it.")
    started_at: Moment
    ended_at: Moment | None
    warned_at: Moment | None = Field(
        description="When a warning was sent because most of the time was used."
    )
    breached_at: Moment | None = Field(description="When the target was exceeded.")


class _Standing(Shape):
    policy: Labelled | None = Field(
        description="The service-level policy that applies; null when there is none."
    )
    state: SlaState | None = Field(description=STANDING)
    due_at: Moment | None = Field(description=DUE)


class ServiceLevel(_Standing):
    """The service level of a ticket, and the state of its clocks."""

    clocks: list[ClockShape] = Field(description="The latest clock of each metric.")


class ClockEntry(Shape):
    """One entry in the log of a clock."""

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
    status: Colored | None = Field(description="The status that paused or ended the clock.")
    policy: Labelled | None = Field(description="The policy that applies from then on.")
    target_seconds: int | None = Field(description="The target that applies from then on.")


class LoggedClock(ClockShape):
    """A clock with its log."""

    log: list[ClockEntry] = Field(description="Oldest entry first.")


class ServiceLevelLog(_Standing):
    """The service level of a ticket, with the logs of all its clocks."""

    clocks: list[LoggedClock] = Field(
        description="Every clock the ticket has had, in the order they were started."
    )


class Target(Shape):
    """The target for one metric."""

    metric: Metric = Field(description="Tolerate new values.")
    target_seconds: int = Field(description="The target, in business time.", examples=[14400])
    due_at: Moment | None = Field(
        description="The deadline if the ticket were opened now; null when it depends on later"
        " events."
    )


class Promised(Shape):
    """The service level that would apply."""

    policy: Labelled
    targets: list[Target] = Field(description="The targets, in the order they fall due.")
