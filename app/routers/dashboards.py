"""Dashboards: tickets in progress as numbers and as a chart, and the work that waits for agents."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from app.domain.dashboards import queries
from app.domain.tenants.queries import definition_of
from app.kernel.problems import Forbidden
from app.schemas.dashboards import ChartQuery, DashboardQuery, DeskDashboard, TicketDashboard
from app.web.authentication import Caller, Session
from app.web.charts.response import ChartResponse
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import chart
from app.web.shapes import dashboards as shapes

router = APIRouter(prefix="/v1/dashboards", tags=["dashboards"], route_class=UnitOfWorkRoute)


@router.get("/tickets", response_model=TicketDashboard, openapi_extra=traits(Trait.TAGGED))
async def get_ticket_dashboard(
    session: Session, actor: Caller, query: Annotated[DashboardQuery, Query()]
) -> Any:
    """Tickets in progress by status: those of the organization and the caller's own (S4-8). Needs
    no permission; `organization` is null without `tickets:read` with the reach `organization`, for
    agents `department` or `tenant`. Tickets that the caller may not read are not counted."""
    definition = await definition_of(session, actor)
    whole, own = await queries.both_tallies(session, actor, query.organization)
    return TicketDashboard(
        organization=None if whole is None else shapes.counts(actor, definition, whole),
        mine=shapes.counts(actor, definition, own),
    )


@router.get(
    "/tickets.svg",
    response_class=ChartResponse,
    responses=problems(Forbidden),
    openapi_extra=traits(Trait.TAGGED),
)
async def draw_ticket_dashboard(
    request: Request, session: Session, actor: Caller, query: Annotated[ChartQuery, Query()]
) -> ChartResponse:
    """One of the two charts as an SVG picture, in the portal's colours and the caller's language.
    It is as wide as its container while its text keeps its size, and every number also stands in
    `<desc>`. It contains no scripts and loads nothing, so it may be embedded in a page.
    `scope=organization` needs `tickets:read` with the reach `organization`, for agents `department`
    or `tenant`; `scope=mine` needs no permission."""
    definition = await definition_of(session, actor)
    tally = await (
        queries.required_organization_tally(session, actor, query.organization)
        if query.scope == "organization"
        else queries.own_tally(session, actor, query.organization)
    )
    drawn = chart.of_statuses(
        actor,
        definition,
        shapes.counts(actor, definition, tally),
        scope=query.scope,
        language=request.state.language,
    )
    return ChartResponse(drawn, theme=query.theme)


@router.get(
    "/desk",
    response_model=DeskDashboard,
    responses=problems(Forbidden),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_desk_dashboard(session: Session, actor: Caller) -> Any:
    """The work that waits for an agent: own tickets, those of the agent's teams, unassigned
    tickets, those that wait for others, those that have breached their service level or soon will,
    and all by age; each number with a link to its list. For agents; needs `tickets:read` with the
    reach `department` or `tenant`."""
    return shapes.desk(await queries.desk_of(session, actor))
