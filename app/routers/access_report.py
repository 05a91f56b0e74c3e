"""Who came in, when, how and from where; who was given which right."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.paging import Page, Position
from app.domain.access_report.queries import SORTS, Entry, ReportFilter, report_page
from app.schemas.access_report import AccessReportEntry, AccessReportQuery
from app.schemas.base import Listing
from app.web import csv_export, paging
from app.web.authentication import Caller, Session
from app.web.route import UnitOfWorkRoute
from app.web.shapes import access_report as shapes

router = APIRouter(prefix="/v1/access-report", tags=["access-report"], route_class=UnitOfWorkRoute)
_ROWS_OF_A_TABLE = 500


@router.get("", response_model=Listing[AccessReportEntry], responses=csv_export.CSV_ANSWER)
async def get_access_report(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[AccessReportQuery, Query()],
) -> Any:
    """Sign-ins, refusals, sign-outs, the first use of an API key on a day from a network, rights
    and credentials given and taken (S4-18): all of it with `access_report:read`, of one's own
    people with `colleagues:manage`, of oneself without. As CSV it is the whole report from the
    cursor on."""
    requested = paging.requested(request, query, query.sort, SORTS)
    table = csv_export.wanted(request, query.format)
    narrowed = ReportFilter(
        person=query.person,
        kind=query.kind,
        occurred_from=query.occurred_from,
        occurred_to=query.occurred_to,
    )

    async def page_after(
        session: AsyncSession, actor: Actor, after: Position | None
    ) -> Page[Entry]:
        return await report_page(
            session,
            actor,
            narrowed,
            descending=requested.descending,
            after=after,
            limit=_ROWS_OF_A_TABLE if table else requested.limit,
        )

    page = await page_after(session, actor, requested.after)
    if table:
        name = "access-report"
        return csv_export.streamed(request, name, shapes.HEAD, page, page_after, shapes.cells)
    items = [shapes.entry(found) for found in page.rows]
    return paging.listing(request, response, requested, items, page.next)
