"""Dashboards: counts of tickets, each with a link to the list it counts."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Input, Shape
from app.schemas.tickets import Ids, StatusShape

Scope = Literal["organization", "mine"]
Theme = Literal["auto", "light", "dark"]
Queue = Literal["mine", "my_teams", "unassigned", "waiting_customer", "waiting_third_party"]
PromiseKey = Literal["breached", "due_soon"]
AgeKey = Literal["today", "days_1_3", "days_4_7", "days_8_30", "older"]

_WAY = "Path and query of the list with exactly these tickets."


class DashboardQuery(Input):
    """Which tickets are counted."""

    organization: Ids = Field(
        [],
        description="Only tickets of these organizations; repeat the parameter for several. When"
        " left out, all that the caller may read.",
    )


class ChartQuery(DashboardQuery):
    """Which tickets the chart shows, and how it looks."""

    scope: Scope = Field("mine", description="Which of the two charts.")
    theme: Theme = Field(
        "auto", description="`auto` follows the light or dark setting of the reader's device."
    )


class StatusCount(StatusShape):
    """The number of tickets in a status."""

    count: int
    href: str = Field(description=_WAY, examples=["/v1/tickets?status=new&state=open&mine=true"])


class StatusCounts(Shape):
    """Numbers of tickets by status."""

    by_status: list[StatusCount] = Field(
        description="Every status a ticket in progress can have, in the portal's order, including"
        " those with no tickets."
    )
    total: int
    href: str = Field(description=_WAY, examples=["/v1/tickets?state=open&mine=true"])


class TicketDashboard(Shape):
    """Tickets in progress by status (S4-8)."""

    organization: StatusCounts | None = Field(
        description="Tickets of the caller's organizations; for agents, all they may read. Null"
        " for people who read only their own tickets."
    )
    mine: StatusCounts = Field(
        description="For customers: tickets they requested or take part in. For agents: tickets"
        " assigned to them."
    )


class Tile(Shape):
    """A count with its label and a link to the list."""

    label: str
    count: int
    href: str = Field(description=_WAY, examples=["/v1/tickets?state=open&assigned=false"])


class QueueTile(Tile):
    """Tickets by whose turn it is. A ticket may count in several."""

    key: Queue = Field(description="Tolerate new values.")


class PromiseTile(Tile):
    """Tickets by service level. A ticket counts in one at most."""

    key: PromiseKey = Field(description="Tolerate new values.")


class AgeTile(Tile):
    """Tickets by when they were opened, in days of the portal's time zone. Each counts in one."""

    key: AgeKey = Field(description="Tolerate new values.")


class DeskDashboard(Shape):
    """What waits for an agent."""

    total: int = Field(description="All tickets in progress that the caller may read.")
    href: str = Field(description=_WAY, examples=["/v1/tickets?state=open"])
    queues: list[QueueTile]
    service_levels: list[PromiseTile] = Field(
        description="Tickets that have breached their service level and those that soon will"
        " (S0-15); empty when the portal has no service levels."
    )
    ages: list[AgeTile]
