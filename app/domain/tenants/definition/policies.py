"""Promises and questions: calendars, SLA policies, entitlement templates, approval policies."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from app.domain.tenants.definition.base import (
    Days,
    Key,
    Labels,
    Named,
    Number,
    Part,
    PerLanguage,
    Zone,
)
from app.domain.tenants.definition.catalogue import Category

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Interval(Part):
    """A time of day at which somebody is there."""

    opens: TimeOfDay = Field(description="When it begins, HH:MM.")
    closes: TimeOfDay = Field(description="When it ends, HH:MM; up to 24:00.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Interval":
        if self.closes <= self.opens:
            raise ValueError("closes must be later than opens")
        return self


def _one_after_the_other(intervals: tuple[Interval, ...]) -> bool:
    return all(earlier.closes <= later.opens for earlier, later in pairwise(intervals))


class DatedException(Part):
    """A day on which other hours hold."""

    date_: date = Field(alias="date", description="The day.")
    open: tuple[Interval, ...] = Field((), description="Its hours; none where it is a day off.")


class Calendar(Named):
    """Business hours."""

    time_zone: Zone = Field(description="IANA zone its hours are in.")
    weekdays: dict[Weekday, tuple[Interval, ...]] = Field(
        description="Hours of each weekday, several where there is a break; days left out are off."
    )
    holidays: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        None, description="Country whose public holidays are days off (ISO 3166-1)."
    )
    exceptions: tuple[DatedException, ...] = Field((), description="Days with other hours.")

    @model_validator(mode="after")
    def _is_open_at_times(self) -> "Calendar":
        if not any(self.weekdays.values()):
            raise ValueError("a calendar needs open hours on at least one weekday")
        days = [*self.weekdays.values(), *(exception.open for exception in self.exceptions)]
        if not all(_one_after_the_other(day) for day in days):
            raise ValueError("intervals of a day must follow each other without overlap")
        return self


class Targets(Part):
    """How long things may take, in minutes of the calendar."""

    first_response_minutes: Number | None = Field(None, description="Until somebody answers.")
    next_response_minutes: Number | None = Field(
        None, description="Until the oldest unanswered comment of the customer is answered."
    )
    resolution_minutes: Number | None = Field(None, description="Until it is resolved.")


class SlaPolicy(Named):
    """A promise. The first one whose conditions all hold for a ticket counts."""

    calendar: Key = Field(description="Calendar its minutes are counted in.")
    types: tuple[Key, ...] = Field((), description="Types it is for; all where none is named.")
    severities: tuple[Key, ...] = Field((), description="Severities it is for.")
    priorities: tuple[Key, ...] = Field((), description="Priorities it is for.")
    services: tuple[Key, ...] = Field((), description="Services it is for.")
    entitlements: tuple[Key, ...] = Field((), description="Entitlement templates it is for.")
    targets: Targets = Field(description="What is promised.")
    pauses_in: tuple[Category, ...] = Field(
        ("waiting_customer",), description="Categories in which clocks rest; first response never."
    )
    warn_percent: Annotated[int, Field(strict=True, ge=1, le=99)] = Field(
        80, description="Share of the time after which people are warned."
    )


class EntitlementTemplate(Named):
    """An agreement as it is sold (S0-24); organizations get entitlements made from it."""

    kind: Literal["coverage", "cases", "hours"] = Field(
        description="What it counts: nothing, cases, or hours."
    )
    amount: Number | None = Field(None, description="How many cases or hours it holds.")
    months: Annotated[int, Field(strict=True, ge=1, le=600)] | None = Field(
        None, description="How long it lasts; without an end where left out."
    )
    services: tuple[Key, ...] = Field((), description="Services covered; all where none is named.")
    service_names: Annotated[dict[str, Labels], PerLanguage()] = Field(
        default_factory=dict, description="Names its services have under it (S4-14), by their key."
    )
    sla_policy: Key | None = Field(None, description="Promise that comes with it.")
    overdraft: bool = Field(False, description="Whether more may be used than it holds.")
    default: bool = Field(False, description="Whether tickets are charged to it unless said.")

    @model_validator(mode="after")
    def _counts_something(self) -> "EntitlementTemplate":
        if (self.kind == "coverage") != (self.amount is None):
            raise ValueError("amount belongs to the kinds cases and hours, and they need it")
        return self


class Approvers(Part):
    """Who is asked. Exactly one of them."""

    requester: bool = Field(False, description="Whoever asked for the ticket.")
    role: Key | None = Field(None, description="People of the organization with this role.")
    field: Key | None = Field(None, description="The person a field of the form names.")
    team: Key | None = Field(None, description="The people of a team.")

    @model_validator(mode="after")
    def _exactly_one(self) -> "Approvers":
        if sum(map(bool, (self.requester, self.role, self.field, self.team))) != 1:
            raise ValueError("name exactly one of requester, role, field, team")
        return self


class Verb(Named):
    """An answer an approver may give (S2-15)."""

    outcome: Literal["granted", "refused"] = Field(description="Whether it is a yes or a no.")
    transition: Key | None = Field(
        None,
        description="Transition it makes; one made `by: approval`. Where left out, the ticket"
        " stays where it is.",
    )
    needs_comment: bool = Field(False, description="Whether it must be explained.")


class Presumption(Part):
    """When silence is a yes (S2-17, S2-18)."""

    remind_after_business_days: Days = Field(description="Days without an answer until a reminder.")
    hours_after_reminder: Annotated[int, Field(strict=True, ge=1, le=8760)] = Field(
        24, description="Hours from the reminder's delivery until approval is presumed."
    )
    verb: Key = Field(description="Verb that is presumed.")
    calendar: Key = Field(description="Calendar whose days are counted.")


class ApprovalPolicy(Named):
    """A question asked about a ticket, and the answers offered."""

    kind: Literal["resolution", "request", "task"] = Field(description="What is approved.")
    asked_in: tuple[Key, ...] = Field(
        (), description="Statuses: a ticket that takes one of them is asked about."
    )
    types: tuple[Key, ...] = Field((), description="Types it is for; all where none is named.")
    approvers: Approvers = Field(description="Who is asked.")
    needed: Annotated[int, Field(strict=True, ge=1, le=100)] = Field(
        1, description="How many of them must say yes; a single no refuses."
    )
    needed_percent: Annotated[int, Field(strict=True, ge=1, le=100)] | None = Field(
        None, description="In place of `needed`: the share of them that must say yes."
    )
    gate: bool = Field(
        True, description="Whether nothing else closes the ticket while it is pending."
    )
    exclude_requester: bool = Field(
        False, description="Whether nobody may approve what he asked for himself."
    )
    due_business_days: Days | None = Field(None, description="Days in which an answer is due.")
    verbs: tuple[Verb, ...] = Field(min_length=2, description="The answers, in their order.")
    presumption: Presumption | None = Field(
        None, description="When silence is a yes; without it, it never is."
    )

    @model_validator(mode="after")
    def _needs_a_number_or_a_share(self) -> "ApprovalPolicy":
        if self.needed_percent is not None and self.needed != 1:
            raise ValueError("name needed or needed_percent, not both")
        return self
