"""Pages for links in mails, for portals that have no frontend."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

from app.web.authentication import PortalSystem, Session
from app.web.pages import words
from app.web.pages.portal import portal_of
from app.web.pages.rendering import render
from app.web.pages.route import FOR_EVERYBODY, PageRoute

router = APIRouter(
    prefix="/portals/{portal}", route_class=PageRoute, include_in_schema=False, tags=["pages"]
)


@router.get("/tickets/{ticket}", openapi_extra=FOR_EVERYBODY)
async def ticket_link_page(
    request: Request, session: Session, system: PortalSystem, ticket: str
) -> Any:
    """The link of a mail about a ticket. Nothing is looked up: whoever has the number knows no
    more for it. Where the portal has a frontend by now, it leads there."""
    return await _page(request, session, system, ticket)


@router.get("/approvals", openapi_extra=FOR_EVERYBODY)
@router.get("/approvals/{thing}", openapi_extra=FOR_EVERYBODY)
@router.get("/registrations/{thing}", openapi_extra=FOR_EVERYBODY)
async def other_link_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """The link of a mail that asks for an approval or for a word about somebody's registration."""
    return await _page(request, session, system)


async def _page(request: Request, session: Session, system: PortalSystem, number: str = "") -> Any:
    definition = await portal_of(request, session, system)
    if definition.portal.address:
        return RedirectResponse(definition.portal.address, status_code=303)
    return render(request, words.elsewhere(definition, number))
