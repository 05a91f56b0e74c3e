"""Pages on which people ask for access themselves, and confirm their address."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError

from app.domain.people.problems import EmailInvalid
from app.domain.registrations import actions
from app.domain.registrations.problems import ConfirmationOfNoUse, RegistrationClosed
from app.domain.registrations.queries import opened_to
from app.domain.sign_in.passwords import LEAST
from app.kernel import locale
from app.kernel.problems import Fault, Invalid
from app.routers.registrations import LinkPath
from app.schemas.registrations import RegistrationNew
from app.web.authentication import PortalSystem, Session, origin_of, registration_system
from app.web.pages import registration_words as words
from app.web.pages.portal import portal_of
from app.web.pages.rendering import render
from app.web.pages.route import FOR_EVERYBODY, TRIES_PASSWORD, PageRoute, sent_form, show_again

router = APIRouter(route_class=PageRoute, include_in_schema=False, tags=["pages"])


@router.get("/portals/{portal}/register", openapi_extra=FOR_EVERYBODY)  # noqa: FAST003
async def registration_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """Where somebody asks to be let in."""
    definition = await portal_of(request, session, system)
    if await opened_to(session, system) is None:
        raise RegistrationClosed
    return render(request, words.register(definition))


@router.post("/portals/{portal}/register", openapi_extra=FOR_EVERYBODY)  # noqa: FAST003
async def register_by_page(request: Request, session: Session, system: PortalSystem) -> Any:
    """A name and an address were sent; the answer is the same whether anybody has the address."""
    definition, sent = await portal_of(request, session, system), sent_form(request)
    name, email = sent.get("name", ""), sent.get("email", "")
    show_again(request, lambda mistake: words.register(definition, name, email, mistake))
    asked = _asked(name, email)
    await actions.ask(
        session,
        system,
        **asked.model_dump(),
        origin=origin_of(request),
        attempts_per_minute=request.app.state.settings.sign_ins_per_minute,
    )
    return render(request, words.link_is_on_its_way(definition))


@router.get("/registrations/{token}", openapi_extra=FOR_EVERYBODY)
async def registration_link_page(request: Request, session: Session, token: LinkPath) -> Any:
    """Where the link from the mail arrives. Looking does not use it up."""
    system = await registration_system(session, token, ConfirmationOfNoUse)
    held = await actions.look_at(session, system, token)
    definition = await portal_of(request, session, system)
    return render(request, words.confirm(definition, token=token, email=held.email, least=LEAST))


@router.post("/registrations/{token}", openapi_extra=TRIES_PASSWORD)
async def confirm_by_page(request: Request, session: Session, token: LinkPath) -> Any:
    """A password was sent with the link."""
    system = await registration_system(session, token, ConfirmationOfNoUse)
    email = (await actions.look_at(session, system, token)).email
    definition = await portal_of(request, session, system)
    show_again(
        request,
        lambda mistake: words.confirm(
            definition, token=token, email=email, least=LEAST, mistake=mistake
        ),
    )
    password = sent_form(request).get("password", "")
    held = await actions.confirm(session, system, secret=token, password=password)
    return render(request, words.confirmed(definition, waits=held.state == "waiting"))


def _asked(name: str, email: str) -> RegistrationNew:
    """What was sent, as the API takes it. Raises `EmailInvalid`, `Invalid`."""
    sent = {"name": name, "email": email, "language": locale.current.get()}
    try:
        return RegistrationNew.model_validate(sent)
    except ValidationError as error:
        field = error.errors()[0]["loc"][0]
        if field == "email":
            raise EmailInvalid.at("/email", EmailInvalid.title) from error
        raise Invalid(faults=(Fault("required", "This is needed.", pointer="/name"),)) from error
