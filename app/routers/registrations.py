"""Registrations: people ask for access themselves, and others decide."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.people.problems import EmailInvalid, RoleAboveOnesOwn, RoleUnknown
from app.domain.registrations import actions
from app.domain.registrations.deciding import approve, refuse
from app.domain.registrations.problems import (
    AddressOvertaken,
    ConfirmationOfNoUse,
    NobodyLetsIn,
    RegistrationClosed,
    RegistrationDecided,
    RegistrationNotFound,
)
from app.domain.registrations.queries import SORTS, registration_view, registrations_page
from app.domain.sign_in.passwords import LEAST
from app.domain.sign_in.problems import (
    PasswordTooEasy,
    PasswordTooLong,
    PasswordTooShort,
    TooManyAttempts,
)
from app.domain.tenants.problems import PortalNotFound
from app.domain.tenants.queries import slug_of
from app.kernel.problems import Forbidden, Invalid
from app.schemas.base import Listing
from app.schemas.registrations import (
    RegistrationApproval,
    RegistrationConfirmation,
    RegistrationLink,
    RegistrationNew,
    RegistrationOutcome,
    RegistrationQuery,
    RegistrationRefusal,
    RegistrationShape,
)
from app.web import paging
from app.web.authentication import (
    Caller,
    PortalSystem,
    Session,
    origin_of,
    registration_system,
)
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import registrations as shapes

router = APIRouter(prefix="/v1", tags=["registrations"], route_class=UnitOfWorkRoute)
LinkPath = Annotated[str, Path(max_length=200, description="The secret of the link.")]
RegistrationPath = Annotated[str, Path(max_length=60, description="Id of the registration.")]


@router.post(
    "/portals/{portal}/registrations",  # noqa: FAST003 (PortalSystem takes it)
    status_code=202,
    response_class=Response,
    responses=problems(PortalNotFound, RegistrationClosed, EmailInvalid, TooManyAttempts),
    openapi_extra=traits(Trait.PUBLIC),
)
async def register(
    request: Request, session: Session, system: PortalSystem, body: RegistrationNew
) -> Response:
    """Ask for access, where the portal's `self_registration` is true: a link to confirm the address
    is mailed to it. The answer is the same whether or not somebody has the address (S2-20,
    S4-19)."""
    await actions.ask(
        session,
        system,
        **body.model_dump(),
        origin=origin_of(request),
        attempts_per_minute=request.app.state.settings.sign_ins_per_minute,
    )
    return Response(status_code=202)


@router.get(
    "/registrations/{token}/confirmation",
    response_model=RegistrationLink,
    responses=problems(ConfirmationOfNoUse),
    openapi_extra=traits(Trait.PUBLIC),
)
async def get_registration_link(session: Session, token: LinkPath) -> Any:
    """What a confirmation link is for. Reading does not use the link up."""
    system = await registration_system(session, token, ConfirmationOfNoUse)
    held = await actions.look_at(session, system, token)
    return RegistrationLink(
        portal=await slug_of(session, system),
        email=held.email,
        expires_at=held.expires_at,
        password_min_length=LEAST,
    )


@router.post(
    "/registrations/{token}/confirmation",
    response_model=RegistrationOutcome,
    responses=problems(
        ConfirmationOfNoUse,
        RegistrationClosed,
        NobodyLetsIn,
        PasswordTooShort,
        PasswordTooLong,
        PasswordTooEasy,
    ),
    openapi_extra=traits(Trait.PUBLIC, Trait.TRIES_PASSWORD),
)
async def confirm_registration(
    session: Session, token: LinkPath, body: RegistrationConfirmation
) -> Any:
    """Confirm an address with the link that was mailed to it, and set the password for the new
    account. When an organization has the verified e-mail domain of the address, and the portal is
    set up for it, access is given at once; otherwise somebody decides."""
    system = await registration_system(session, token, ConfirmationOfNoUse)
    held = await actions.confirm(session, system, secret=token, password=body.password)
    return RegistrationOutcome.model_validate({"state": held.state})


@router.get("/registrations", response_model=Listing[RegistrationShape])
async def list_registrations(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[RegistrationQuery, Query()],
) -> Any:
    """Registrations with a confirmed address: all of them for agents with `people:write`; where the
    portal is set up for it, those with an e-mail domain of the caller's organization for callers
    with `colleagues:manage` there."""
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await registrations_page(
        session,
        actor,
        state=query.state,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.whole(view) for view in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.get(
    "/registrations/{registration}",
    response_model=RegistrationShape,
    responses=problems(RegistrationNotFound),
)
async def get_registration(session: Session, actor: Caller, registration: RegistrationPath) -> Any:
    """A registration, for those who see it in the list (`people:write` or `colleagues:manage`)."""
    return shapes.whole(await registration_view(session, actor, registration))


@router.post(
    "/registrations/{registration}/approval",
    response_model=RegistrationShape,
    responses=problems(
        RegistrationNotFound,
        Forbidden,
        Invalid,
        RegistrationClosed,
        RegistrationDecided,
        RoleUnknown,
        RoleAboveOnesOwn,
        AddressOvertaken,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def approve_registration(
    session: Session, actor: Caller, registration: RegistrationPath, body: RegistrationApproval
) -> Any:
    """Approve a registration: the person becomes a member of the organization and is told by mail.
    Agents need `people:write`, `organizations:write` and `portal_access:grant` (S4-4); with
    `colleagues:manage`, the caller approves people with an e-mail domain of the caller's
    organization."""
    held = await approve(
        session, actor, registration, organization=body.organization, role=body.role
    )
    return shapes.whole(await registration_view(session, actor, held.id))


@router.post(
    "/registrations/{registration}/refusal",
    response_model=RegistrationShape,
    responses=problems(RegistrationNotFound, RegistrationDecided),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def refuse_registration(
    session: Session, actor: Caller, registration: RegistrationPath, body: RegistrationRefusal
) -> Any:
    """Refuse a registration; the person is mailed the reason. For those who see the registration
    (`people:write` or `colleagues:manage`)."""
    held = await refuse(session, actor, registration, reason=body.reason)
    return shapes.whole(await registration_view(session, actor, held.id))
