"""The page on which somebody allows an app to act for them, or refuses."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse

from app.domain.apps.authorizing import consent_request_for, decide
from app.domain.people.queries import person_for
from app.web.authentication import Caller, PortalPath, Session
from app.web.pages import addresses, welcome
from app.web.pages.portal import portal_of
from app.web.pages.rendering import render
from app.web.pages.route import IN_PERSON, PageRoute, sent_form
from app.web.shapes.apps import in_words

router = APIRouter(
    prefix="/portals/{portal}", route_class=PageRoute, include_in_schema=False, tags=["pages"]
)


@router.get("/consent", openapi_extra=IN_PERSON)
async def consent_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,
    secret: Annotated[str, Query(alias="request")] = "",
) -> Any:
    """What an app asks of whoever is signed in here; somebody of another portal signs in first."""
    definition = await portal_of(request, session, actor)
    here = addresses.consent_address(portal, secret)
    if definition.portal.slug != portal:
        return RedirectResponse(addresses.sign_in_address(portal, here), status_code=303)
    asked = await consent_request_for(session, actor, secret)
    person = await person_for(session, actor, actor.person)
    page = welcome.consent(
        definition,
        secret=secret,
        app=asked.app.name,
        person=person.name,
        scopes=[scope.label for scope in in_words(asked.scopes, None)],
        leads_to=asked.request.redirect_uri,
    )
    return render(request, page)


@router.post("/consent", openapi_extra=IN_PERSON)
async def decide_by_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,  # noqa: ARG001 (the session says which)
) -> Any:
    """An answer was sent; the browser goes back to the app with it."""
    await portal_of(request, session, actor)
    sent, issuer = sent_form(request), request.app.state.settings.base_url
    allow = "deny" not in sent
    redirect_to = await decide(session, actor, sent.get("request", ""), allow=allow, issuer=issuer)
    return RedirectResponse(redirect_to, status_code=303)
