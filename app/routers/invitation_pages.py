"""Pages of those who are invited, and of terms that have changed since."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.domain.federation.providers import label_of
from app.domain.invitations.accepting import accept_elsewhere, accept_with_password
from app.domain.invitations.problems import InvitationNotFound
from app.domain.invitations.queries import InvitationView, invitation_by_link
from app.domain.invitations.terms import accept_terms, terms_due
from app.domain.invitations.ways import LOCAL, ways_of
from app.domain.sign_in.guesses import limit_rate
from app.domain.sign_in.passwords import LEAST
from app.domain.tenants.definition import Definition
from app.routers.invitations import TokenPath
from app.routers.sign_in_pages import go_on
from app.web.authentication import Caller, PortalPath, Session, origin_of, secret_system
from app.web.declare import Trait, traits
from app.web.oidc_cookie import keep_attempt
from app.web.pages import welcome
from app.web.pages.page import Button, Mistake, Page
from app.web.pages.portal import onward_of, portal_of
from app.web.pages.rendering import render
from app.web.pages.route import FOR_EVERYBODY, Continue, PageRoute, sent_form, show_again

router = APIRouter(route_class=PageRoute, include_in_schema=False, tags=["pages"])
_TERMS_DUE = traits(Trait.PROTOCOL, Trait.IN_PERSON, Trait.TERMS_DUE)


@router.get("/invitations/{token}", openapi_extra=FOR_EVERYBODY)
async def invitation_page(request: Request, session: Session, token: TokenPath) -> Any:
    """Where the link of an invitation arrives. Looking does not use it up."""
    system = await secret_system(session, token, InvitationNotFound)
    definition = await portal_of(request, session, system)
    view = await invitation_by_link(session, system, token)
    return render(request, _page(request, definition, view, token))


@router.post(
    "/invitations/{token}",
    openapi_extra=traits(Trait.PUBLIC, Trait.PROTOCOL, Trait.TRIES_PASSWORD, Trait.CHOOSES_WAY),
)
async def accept_by_page(request: Request, session: Session, token: TokenPath) -> Any:
    """Terms were accepted, and a password was chosen or the way to a provider."""
    settings, sent = request.app.state.settings, sent_form(request)
    system = await secret_system(session, token, InvitationNotFound)
    definition = await portal_of(request, session, system)
    view = await invitation_by_link(session, system, token)
    show_again(request, lambda mistake: _page(request, definition, view, token, mistake))
    onward = onward_of(definition, "")
    version = sent.get("terms_version")
    accepted = welcome.accepted_steps(definition.sign_in.terms, sent)
    way = sent.get("way", LOCAL)
    if way != LOCAL:
        outgoing = await accept_elsewhere(
            session,
            system,
            request.app.state.providers,
            token=token,
            way=way,
            terms_version=version,
            accepted=accepted,
            return_to=onward,
            base_url=settings.base_url,
        )
        leaving: Response = RedirectResponse(outgoing.url, status_code=303)
        keep_attempt(leaving, outgoing)
        return leaving
    origin = origin_of(request)
    await limit_rate(
        session, system, f"network:{origin.network}", most=settings.sign_ins_per_minute
    )
    result = await accept_with_password(
        session,
        system,
        token=token,
        password=sent.get("password", ""),
        terms_version=version,
        accepted=accepted,
        delivery="cookie",
        origin=origin,
    )
    return await go_on(request, session, system, definition, result, onward)


@router.get("/portals/{portal}/terms", openapi_extra=_TERMS_DUE)
async def terms_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,  # noqa: ARG001 (the session says which)
    onward: Continue = "",
) -> Any:
    """Where somebody accepts what has changed; whoever has goes on at once."""
    definition = await portal_of(request, session, actor)
    goes_to = onward_of(definition, onward)
    due = await terms_due(session, actor)
    if due is None:
        return RedirectResponse(goes_to, status_code=303)
    return render(request, welcome.terms(definition, due, onward=goes_to))


@router.post("/portals/{portal}/terms", openapi_extra=_TERMS_DUE)
async def accept_terms_by_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,  # noqa: ARG001 (the session says which)
) -> Any:
    """Changed terms were accepted."""
    definition, sent = await portal_of(request, session, actor), sent_form(request)
    goes_to = onward_of(definition, sent.get("continue", ""))
    held = definition.sign_in.terms
    if held is not None:
        show_again(
            request,
            lambda mistake: welcome.terms(definition, held, onward=goes_to, mistake=mistake),
        )
        await accept_terms(
            session,
            actor,
            version=sent.get("terms_version", ""),
            accepted=welcome.accepted_steps(held, sent),
        )
    return RedirectResponse(goes_to, status_code=303)


def _page(
    request: Request,
    definition: Definition,
    view: InvitationView,
    token: str,
    mistake: Mistake | None = None,
) -> Page:
    loopback = request.app.state.settings.loopback_providers
    offered = ways_of(definition, view.invitation.way)
    return welcome.invitation(
        definition,
        token=token,
        name=view.person.name,
        inviter=view.inviter.name if view.inviter else None,
        organization=view.organization.name if view.organization else None,
        local=LOCAL in offered,
        ways=[
            Button("way", provider.key, label_of(provider))
            for provider in definition.sign_in.providers
            if provider.enabled and provider.key in offered
        ],
        # A provider's own page may be anywhere.
        leads_to=("https:", "http:") if loopback else ("https:",),
        least=LEAST,
        mistake=mistake,
    )
