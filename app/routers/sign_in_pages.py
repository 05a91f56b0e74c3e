"""Pages for signing in and out, for portals without a frontend."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.access.actor import Actor
from app.domain.federation.providers import label_of
from app.domain.invitations.terms import terms_due_of
from app.domain.people.queries import person_for
from app.domain.sign_in import actions, second_step
from app.domain.sign_in.second_step import Challenge, SignInResult
from app.domain.tenants.definition import Definition
from app.web.authentication import (
    Caller,
    PortalPath,
    PortalSystem,
    Session,
    end_cookie,
    origin_of,
    set_cookie,
)
from app.web.credentials import COOKIE
from app.web.declare import WHATEVER_IS_DUE, Trait, traits
from app.web.pages import addresses, welcome, words
from app.web.pages.page import Link, Mistake, Page
from app.web.pages.portal import onward_of, portal_of
from app.web.pages.rendering import render
from app.web.pages.route import (
    FOR_EVERYBODY,
    IN_PERSON,
    TRIES_PASSWORD,
    Continue,
    PageRoute,
    sent_form,
    show_again,
)

router = APIRouter(
    prefix="/portals/{portal}", route_class=PageRoute, include_in_schema=False, tags=["pages"]
)
_SIGNED_IN = traits(Trait.PROTOCOL)


@router.get("/sign-in", openapi_extra=FOR_EVERYBODY)
async def sign_in_page(
    request: Request,
    session: Session,
    system: PortalSystem,
    onward: Continue = "",
    error: str = "",
    prompt: str = "",
) -> Any:
    """Where somebody signs in; `error` is the code of what kept him out the last time. A browser
    that has a session chooses first, unless `prompt` is `login`."""
    definition = await portal_of(request, session, system)
    goes_to = onward_of(definition, onward)
    if COOKIE in request.cookies and not (prompt or error):
        return RedirectResponse(
            addresses.account_address(definition.portal.slug, onward), status_code=303
        )
    page = words.sign_in(
        definition,
        onward=goes_to,
        ways=_ways(definition, goes_to),
        mistake=words.mistake_called(error),
    )
    return render(request, page)


@router.get("/account", openapi_extra=IN_PERSON)
async def account_page(
    request: Request, session: Session, actor: Caller, portal: PortalPath, onward: Continue = ""
) -> Any:
    """Where whoever is signed in already goes on, or lets somebody else sign in."""
    definition = await portal_of(request, session, actor)
    if definition.portal.slug != portal:
        return RedirectResponse(addresses.sign_in_address(portal, onward), status_code=303)
    person = await person_for(session, actor, actor.person)
    goes_to = onward_of(definition, onward)
    return render(request, welcome.account(definition, person=person.name, onward=goes_to))


@router.post("/sign-in", openapi_extra=TRIES_PASSWORD)
async def sign_in_by_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """Address and password were sent."""
    definition, sent = await portal_of(request, session, system), sent_form(request)
    goes_to = onward_of(definition, sent.get("continue", ""))
    email = sent.get("email", "")

    show_again(
        request,
        lambda mistake: words.sign_in(
            definition,
            onward=goes_to,
            ways=_ways(definition, goes_to),
            email=email,
            mistake=mistake,
        ),
    )
    result = await actions.sign_in(
        session,
        system,
        email=email,
        password=sent.get("password", ""),
        delivery="cookie",
        origin=origin_of(request),
        attempts_per_minute=request.app.state.settings.sign_ins_per_minute,
    )
    return await go_on(request, session, system, definition, result, goes_to)


@router.post("/sign-in/factor", openapi_extra=FOR_EVERYBODY)
async def show_factor_by_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """A code was sent: of the app, or for the day it is lost."""
    definition, sent = await portal_of(request, session, system), sent_form(request)
    goes_to = onward_of(definition, sent.get("continue", ""))
    challenge, code = sent.get("challenge", ""), sent.get("code", "").strip()
    sealer = request.app.state.sealer
    begun = await second_step.pending_setup(session, system, sealer, challenge=challenge)

    def again(mistake: Mistake) -> Page:
        if begun is None:
            return words.second_factor(
                definition, challenge=challenge, onward=goes_to, mistake=mistake
            )
        return words.first_factor(
            definition,
            challenge=challenge,
            onward=goes_to,
            address=begun.address,
            secret=begun.secret,
            mistake=mistake,
        )

    show_again(request, again)
    of_app = code.replace(" ", "").isdecimal()
    result = await second_step.pass_challenge(
        session,
        system,
        sealer,
        challenge=challenge,
        code=code if of_app else None,
        recovery_code=None if of_app else code,
        origin=origin_of(request),
    )
    return await go_on(request, session, system, definition, result, goes_to)


@router.get("/signed-in", openapi_extra=_SIGNED_IN)
async def signed_in_page(
    request: Request, session: Session, actor: Caller, portal: PortalPath
) -> Any:
    """Where somebody arrives who asked for no other place."""
    definition = await portal_of(request, session, actor)
    if definition.portal.slug != portal:
        return RedirectResponse(addresses.sign_in_address(portal), status_code=303)
    person = await person_for(session, actor, actor.person)
    return render(request, words.signed_in(definition, person.name))


@router.post("/sign-out", openapi_extra=traits(Trait.PROTOCOL, *WHATEVER_IS_DUE))
async def sign_out_by_page(
    request: Request,
    session: Session,
    actor: Caller,
    portal: PortalPath,  # noqa: ARG001 (the session says which)
) -> Any:
    """Sign out here."""
    definition = await portal_of(request, session, actor)
    await actions.sign_out(session, actor)
    response = render(request, words.signed_out(definition))
    end_cookie(response)
    return response


def _ways(definition: Definition, onward: str) -> list[Link]:
    return [
        Link(label_of(provider), addresses.start_address(definition, provider.key, onward))
        for provider in definition.sign_in.providers
        if provider.enabled
    ]


async def go_on(
    request: Request,
    session: AsyncSession,
    system: Actor,
    definition: Definition,
    result: SignInResult | Challenge,
    onward: str,
) -> Response:
    """What follows a right password: the second factor, where one stands between; else in."""
    if isinstance(result, SignInResult):
        return await _let_in(request, session, system, definition, result, onward)
    return await _challenge(request, session, system, definition, result, onward)


async def _challenge(
    request: Request,
    session: AsyncSession,
    system: Actor,
    definition: Definition,
    challenge: Challenge,
    onward: str,
) -> Response:
    if challenge.step == "second_factor_required":
        page = words.second_factor(definition, challenge=challenge.secret, onward=onward)
        return render(request, page)
    begun = await second_step.begin_setup(
        session,
        system,
        request.app.state.sealer,
        challenge=challenge.secret,
        label=words.label_of_first_factor(),
    )
    page = words.first_factor(
        definition,
        challenge=challenge.secret,
        onward=onward,
        address=begun.address,
        secret=begun.secret,
    )
    return render(request, page)


async def _let_in(
    request: Request,
    session: AsyncSession,
    system: Actor,
    definition: Definition,
    result: SignInResult,
    onward: str,
) -> Response:
    slug = definition.portal.slug
    if await terms_due_of(session, system, result.person.id):
        onward = addresses.terms_address(slug, onward)
    if result.must_change_password:
        onward = addresses.password_address(slug, onward)
    response: Response
    if result.recovery_codes:
        response = render(request, words.recovery_codes(result.recovery_codes, onward=onward))
    else:
        response = RedirectResponse(onward, status_code=303)
    if result.tokens.cookie:
        set_cookie(response, result.tokens.cookie, result.tokens.expires_at)
    return response
