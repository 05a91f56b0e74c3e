"""The access report: who signed in, when, how and from where, and whose rights changed."""

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
    """Sign-ins, refused sign-ins, sign-outs, the first use of an API key per day and network, and
    rights and credentials that were granted or withdrawn (S4-18). With `access_report:read`
    everything is listed, with `colleagues:manage` what concerns members of the caller's
    organizations, otherwise what concerns the caller. As CSV it is the whole report from `cursor`
    on."""
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
