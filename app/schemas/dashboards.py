"""Dashboards: figures, and where each leads."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Input, Shape
from app.schemas.tickets import Ids, StatusShape

Scope = Literal["organization", "mine"]
Theme = Literal["auto", "light", "dark"]
Queue = Literal["mine", "my_teams", "unassigned", "waiting_customer", "waiting_third_party"]
PromiseKey = Literal["breached", "due_soon"]
AgeKey = Literal["today", "days_1_3", "days_4_7", "days_8_30", "older"]

_WAY = "Path and query of the list that holds exactly these tickets."


class DashboardQuery(Input):
    """Which tickets are counted."""

    organization: Ids = Field(
        [],
        description="Only tickets of these organizations; repeat the parameter for several. Left"
        " out, all the caller reads.",
    )


class ChartQuery(DashboardQuery):
    """Which tickets are drawn, and how."""

    scope: Scope = Field("mine", description="Which of the two charts.")
    theme: Theme = Field(
        "auto", description="`auto` follows what the reader's device prefers, light or dark."
    )


class StatusCount(StatusShape):
    """How many tickets have a status."""

    count: int
    href: str = Field(description=_WAY, examples=["/v1/tickets?status=new&state=open&mine=true"])


class StatusCounts(Shape):
    """Tickets by status."""

    by_status: list[StatusCount] = Field(
        description="Every status a ticket in progress can have, in the portal's order, also those"
        " that none has."
    )
    total: int
    href: str = Field(description=_WAY, examples=["/v1/tickets?state=open&mine=true"])


class TicketDashboard(Shape):
    """Tickets in progress by status (S4-8)."""

    organization: StatusCounts | None = Field(
        description="Of the caller's organizations, for agents all they may read; null for those"
        " who read only their own."
    )
    mine: StatusCounts = Field(
        description="What a customer asked for or takes part in, what an agent has."
    )


class Tile(Shape):
    """A figure, what it is called, and where it leads."""

    label: str
    count: int
    href: str = Field(description=_WAY, examples=["/v1/tickets?state=open&assigned=false"])


class QueueTile(Tile):
    """Tickets by whose turn it is. One may be in several."""

    key: Queue = Field(description="Tolerate new values.")


class PromiseTile(Tile):
    """Tickets by what was promised for them. Each is in one at most."""

    key: PromiseKey = Field(description="Tolerate new values.")


class AgeTile(Tile):
    """Tickets by when they were opened, in days of the portal's time zone. Each is in one."""

    key: AgeKey = Field(description="Tolerate new values.")


class DeskDashboard(Shape):
    """What waits at an agent's desk."""

    total: int = Field(description="All tickets in progress the caller may read.")
    href: str = Field(description=_WAY, examples=["/v1/tickets?state=open"])
    queues: list[QueueTile]
    service_levels: list[PromiseTile] = Field(
        description="What is too late and what soon will be (S0-15); empty where the portal"
        " promises nothing."
    )
    ages: list[AgeTile]
