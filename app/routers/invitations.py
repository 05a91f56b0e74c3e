"""Invitations: sent by those who may invite, shown to the invited, accepted."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.federation.problems import (
    ProviderNotFound,
    ProviderOutOfReach,
    ReturnAddressRefused,
)
from app.domain.invitations.accepting import accept_elsewhere, accept_with_password
from app.domain.invitations.actions import invite, send_again, withdraw
from app.domain.invitations.problems import (
    InvitationExpired,
    InvitationIncomplete,
    InvitationNotFound,
    InvitationOver,
    InvitationRedeemed,
    InvitationReplaced,
    InvitationTakenBack,
    PersonAlreadyIn,
    PersonAlreadyInvited,
    TermsChanged,
    TermsNotAccepted,
    WayNotOffered,
)
from app.domain.invitations.queries import SORTS, invitation_by_link, invitations_page
from app.domain.invitations.ways import LOCAL
from app.domain.organizations.problems import OrganizationNotFound
from app.domain.people.problems import (
    EmailInvalid,
    EmailTaken,
    MembershipNotFound,
    PersonNotFound,
    RoleAboveOnesOwn,
    RoleUnknown,
    WrongSide,
)
from app.domain.sign_in.guesses import limit_rate
from app.domain.sign_in.problems import (
    PasswordTooEasy,
    PasswordTooLong,
    PasswordTooShort,
    TooManyAttempts,
)
from app.domain.tenants.queries import definition_of
from app.kernel.problems import Forbidden
from app.routers.sign_in import state_of
from app.schemas.base import Listing
from app.schemas.invitations import (
    InvitationAcceptance,
    InvitationAccepted,
    InvitationNew,
    InvitationQuery,
    InvitationSeen,
    InvitationShape,
)
from app.web import paging
from app.web.authentication import Caller, Session, origin_of, secret_system
from app.web.declare import Trait, problems, traits
from app.web.oidc_cookie import keep_attempt
from app.web.route import UnitOfWorkRoute
from app.web.shapes import invitations as shapes

router = APIRouter(prefix="/v1/invitations", tags=["invitations"], route_class=UnitOfWorkRoute)
TokenPath = Annotated[str, Path(max_length=200, description="The secret of the link.")]
InvitationPath = Annotated[str, Path(max_length=60, description="Id of the invitation.")]
_OVER = (InvitationNotFound, InvitationRedeemed, InvitationExpired)
_GONE = (InvitationReplaced, InvitationTakenBack)


@router.post(
    "",
    status_code=201,
    response_model=InvitationShape,
    responses=problems(
        PersonNotFound,
        OrganizationNotFound,
        MembershipNotFound,
        Forbidden,
        InvitationNotFound,
        InvitationIncomplete,
        PersonAlreadyIn,
        PersonAlreadyInvited,
        WayNotOffered,
        EmailInvalid,
        EmailTaken,
        RoleUnknown,
        RoleAboveOnesOwn,
        WrongSide,
        TooManyAttempts,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def invite_person(session: Session, actor: Caller, body: InvitationNew) -> Any:
    """Invite somebody: the person is mailed a personal link that works once, within seven days
    (S0-1 to S0-3). Where the portal is set up for it, the person also becomes a guest in its
    directory (S0-5).

    Agents need `portal_access:grant` and `people:write`, to invite agents `roles:assign`; a
    company's administrator needs `colleagues:manage`."""
    return shapes.invitation(await invite(session, actor, **body.model_dump()))


@router.get("", response_model=Listing[InvitationShape])
async def list_invitations(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[InvitationQuery, Query()],
) -> Any:
    """Invitations and their states: all of them for agents with `portal_access:grant`, those of the
    caller's organization with `colleagues:manage`."""
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await invitations_page(
        session,
        actor,
        state=query.state,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.invitation(view) for view in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "/{invitation}/resend",
    status_code=202,
    response_model=InvitationShape,
    responses=problems(
        InvitationNotFound, InvitationOver, PersonAlreadyIn, Forbidden, TooManyAttempts
    ),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def resend_invitation(session: Session, actor: Caller, invitation: InvitationPath) -> Any:
    """Mail an invitation again, with a new link that is valid for seven days; the old link stops
    working. Needs `portal_access:grant`, or `colleagues:manage` in the organization."""
    return shapes.invitation(await send_again(session, actor, invitation))


@router.post(
    "/{invitation}/withdrawal",
    response_model=InvitationShape,
    responses=problems(InvitationNotFound, InvitationOver, Forbidden),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def withdraw_invitation(session: Session, actor: Caller, invitation: InvitationPath) -> Any:
    """Withdraw an invitation: its link stops working. Needs `portal_access:grant`, or
    `colleagues:manage` in the organization."""
    return shapes.invitation(await withdraw(session, actor, invitation))


@router.get(
    "/{token}",
    response_model=InvitationSeen,
    responses=problems(*_OVER, *_GONE),
    openapi_extra=traits(Trait.PUBLIC),
)
async def get_invitation(session: Session, token: TokenPath) -> Any:
    """The invitation behind a link from a mail: what it is for, which terms to accept, and how.
    Reading does not use the link up."""
    system = await secret_system(session, token, InvitationNotFound)
    view = await invitation_by_link(session, system, token)
    return shapes.seen(await definition_of(session, system), view)


@router.post(
    "/{token}/accept",
    response_model=InvitationAccepted,
    responses=problems(
        *_OVER,
        *_GONE,
        TermsChanged,
        TermsNotAccepted,
        WayNotOffered,
        PasswordTooShort,
        PasswordTooLong,
        PasswordTooEasy,
        ProviderNotFound,
        ProviderOutOfReach,
        ReturnAddressRefused,
        TooManyAttempts,
    ),
    openapi_extra=traits(Trait.PUBLIC, Trait.SETS_COOKIE, Trait.TRIES_PASSWORD, Trait.CHOOSES_WAY),
)
async def accept_invitation(
    request: Request,
    response: Response,
    session: Session,
    token: TokenPath,
    body: InvitationAcceptance,
) -> Any:
    """Accept the terms and come in (S0-2, S0-4): by choosing a password, or by signing in at a
    provider, whose account is then linked. The link works once; of several requests at the same
    moment, one succeeds."""
    settings = request.app.state.settings
    system = await secret_system(session, token, InvitationNotFound)
    if body.way == LOCAL:
        origin = origin_of(request)
        await limit_rate(
            session, system, f"network:{origin.network}", most=settings.sign_ins_per_minute
        )
        result = await accept_with_password(
            session,
            system,
            token=token,
            password=body.password or "",
            delivery=body.delivery,
            origin=origin,
            terms_version=body.terms_version,
            accepted=body.accepted,
        )
        signed_in = await state_of(response, session, system, result)
        return InvitationAccepted(state="signed_in", signed_in=signed_in, continue_at=None)
    outgoing = await accept_elsewhere(
        session,
        system,
        request.app.state.providers,
        token=token,
        way=body.way,
        return_to=body.return_to,
        base_url=settings.base_url,
        terms_version=body.terms_version,
        accepted=body.accepted,
    )
    keep_attempt(response, outgoing)
    return InvitationAccepted(
        state="continue_at_provider", signed_in=None, continue_at=outgoing.url
    )
