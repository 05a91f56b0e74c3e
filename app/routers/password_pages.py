"""Pages of passwords: forgotten, set by a link from a mail, to be changed before one goes on."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

from app.domain.sign_in import password_changes
from app.domain.sign_in.links import look_at_link
from app.domain.sign_in.passwords import LEAST
from app.domain.sign_in.problems import LinkOfNoUse
from app.routers.sign_in import LinkPath
from app.web.authentication import (
    Caller,
    PortalPath,
    PortalSystem,
    Session,
    origin_of,
    secret_system,
    set_cookie,
)
from app.web.declare import WHATEVER_IS_DUE, Trait, traits
from app.web.pages import words
from app.web.pages.portal import onward_of, portal_of
from app.web.pages.rendering import render
from app.web.pages.route import (
    FOR_EVERYBODY,
    TRIES_PASSWORD,
    Continue,
    PageRoute,
    sent_form,
    show_again,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False, tags=["pages"])
_DUE = traits(Trait.PROTOCOL, *WHATEVER_IS_DUE, Trait.IN_PERSON)


@router.get("/portals/{portal}/forgotten-password", openapi_extra=FOR_EVERYBODY)  # noqa: FAST003
async def forgotten_password_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """Where a link for a new password is asked for."""
    definition = await portal_of(request, session, system)
    return render(request, words.forgotten_password(definition))


@router.post("/portals/{portal}/forgotten-password", openapi_extra=FOR_EVERYBODY)  # noqa: FAST003
async def ask_by_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """An address was sent; the answer is the same whether anybody has it (S2-4, S3-10)."""
    definition = await portal_of(request, session, system)
    show_again(request, lambda mistake: words.forgotten_password(definition, mistake))
    await password_changes.ask_for_reset(
        session,
        system,
        email=sent_form(request).get("email", ""),
        origin=origin_of(request),
        attempts_per_minute=request.app.state.settings.sign_ins_per_minute,
    )
    return render(request, words.mail_is_on_its_way(definition))


@router.get("/password-resets/{token}", openapi_extra=FOR_EVERYBODY)
async def password_link_page(request: Request, session: Session, token: LinkPath) -> Any:
    """Where a link from a mail arrives. Looking does not use it up."""
    system = await secret_system(session, token, LinkOfNoUse)
    link = await look_at_link(session, system, token)
    definition = await portal_of(request, session, system)
    first = link.purpose == "activation"
    page = words.set_password(definition, token=token, least=LEAST, first=first)
    return render(request, page)


@router.post("/password-resets/{token}", openapi_extra=TRIES_PASSWORD)
async def set_password_by_page(request: Request, session: Session, token: LinkPath) -> Any:
    """A password was sent with a link."""
    system = await secret_system(session, token, LinkOfNoUse)
    link = await look_at_link(session, system, token)
    definition = await portal_of(request, session, system)
    first = link.purpose == "activation"
    show_again(
        request,
        lambda mistake: words.set_password(
            definition, token=token, least=LEAST, first=first, mistake=mistake
        ),
    )
    await password_changes.set_password_by_link(
        session,
        system,
        token=token,
        password=sent_form(request).get("password", ""),
        origin=origin_of(request),
    )
    return render(request, words.password_is_set(definition))


@router.get("/portals/{portal}/password", openapi_extra=_DUE)
async def change_password_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,  # noqa: ARG001 (the session says which)
    onward: Continue = "",
) -> Any:
    """Where somebody sets another password, because he must (S4-20) or wants to."""
    definition = await portal_of(request, session, actor)
    page = words.change_password(definition, least=LEAST, onward=onward_of(definition, onward))
    return render(request, page)


@router.post(
    "/portals/{portal}/password",
    openapi_extra=traits(Trait.PROTOCOL, *WHATEVER_IS_DUE, Trait.IN_PERSON, Trait.TRIES_PASSWORD),
)
async def change_password_by_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,  # noqa: ARG001 (the session says which)
) -> Any:
    """The present password and another one were sent."""
    definition, sent = await portal_of(request, session, actor), sent_form(request)
    goes_to = onward_of(definition, sent.get("continue", ""))
    show_again(
        request,
        lambda mistake: words.change_password(
            definition, least=LEAST, onward=goes_to, mistake=mistake
        ),
    )
    result = await password_changes.change_password(
        session,
        actor,
        present=sent.get("present", ""),
        new=sent.get("password", ""),
        origin=origin_of(request),
    )
    response = RedirectResponse(goes_to, status_code=303)
    if result.tokens.cookie:
        set_cookie(response, result.tokens.cookie, result.tokens.expires_at)
    return response
