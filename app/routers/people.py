"""People: created and changed by agents, given access, put into teams; and the roles there are."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.access.require import SignInAgain
from app.domain.people.actions import change_person as change
from app.domain.people.actions import create_person as create
from app.domain.people.memberships import join_team, leave_team
from app.domain.people.problems import (
    BelongsElsewhere,
    EmailInvalid,
    EmailTaken,
    NotOneself,
    PersonNotFound,
    PersonReferenceTaken,
    ReachOfService,
    RoleAboveOnesOwn,
    RoleUnknown,
    ShutOutByProvider,
    TeamUnknown,
    WrongSide,
)
from app.domain.people.queries import SORTS, PeopleFilter, people_page, person_for, profile_of
from app.domain.sign_in.password_changes import expire_password
from app.domain.sign_in.password_changes import open_portal as open_
from app.domain.sign_in.problems import CannotSignIn, NoPassword
from app.domain.tenants.checks.roles import permissions_of
from app.domain.tenants.queries import definition_of
from app.kernel.locale import label
from app.kernel.problems import Forbidden
from app.models.people import Person
from app.schemas.base import Key, Listing
from app.schemas.lists import PeopleQuery
from app.schemas.people import (
    PersonChange,
    PersonNew,
    PersonShape,
    PersonSummary,
    Roles,
    RoleShape,
    TeamPlace,
)
from app.web import etag, external_references, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import RequiredVersion
from app.web.route import UnitOfWorkRoute
from app.web.shapes import people as shapes

router = APIRouter(prefix="/v1", tags=["people"], route_class=UnitOfWorkRoute)
PersonPath = Annotated[str, Path(max_length=60, description="Id of the person.")]
TeamPath = Annotated[Key, Path(description="Key of the team.", examples=["crm-team"])]


@router.get("/people", response_model=Listing[PersonSummary])
async def list_people(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[PeopleQuery, Query()],
) -> Any:
    """People: all of them for agents with `people:read`, colleagues with `colleagues:manage`;
    others see only themselves."""
    requested = paging.requested(request, query, query.sort, SORTS)
    narrowed = PeopleFilter(
        side=query.side,
        state=query.state,
        email=query.email,
        phone=query.phone,
        reference=external_references.asked(query.external_ref),
    )
    page = await people_page(
        session,
        actor,
        narrowed,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.summary(actor, row.Person, row.ContactDetails) for row in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "/people",
    status_code=201,
    response_model=PersonShape,
    responses=problems(
        PersonNotFound,
        Forbidden,
        EmailInvalid,
        EmailTaken,
        PersonReferenceTaken,
        RoleUnknown,
        RoleAboveOnesOwn,
        WrongSide,
        ReachOfService,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED),
)
async def create_person(
    request: Request, response: Response, session: Session, actor: Caller, body: PersonNew
) -> Any:
    """Create a person. Needs `people:write`, for an agent `roles:assign` too. To give access, make
    the person a member of an organization and open the portal (S4-2, S4-3). A service account needs
    `api_keys:manage`."""
    said = body.model_dump(exclude={"external_ref"})
    made = await create(
        session, actor, external_ref=external_references.sent(body.external_ref), **said
    )
    response.headers["Location"] = f"/v1/people/{made.id}"
    return await shown(request, session, actor, made)


@router.get(
    "/people/{person}",
    response_model=PersonShape,
    responses=problems(PersonNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_person(request: Request, session: Session, actor: Caller, person: PersonPath) -> Any:
    """A person. Needs `people:read`, or `colleagues:manage` in one of the person's
    organizations."""
    return await shown(request, session, actor, await person_for(session, actor, person))


@router.patch(
    "/people/{person}",
    response_model=PersonShape,
    responses=problems(
        PersonNotFound,
        Forbidden,
        EmailInvalid,
        EmailTaken,
        PersonReferenceTaken,
        NotOneself,
        RoleUnknown,
        RoleAboveOnesOwn,
        WrongSide,
        BelongsElsewhere,
        ShutOutByProvider,
        SignInAgain,
        ReachOfService,
    ),
    openapi_extra=traits(Trait.TAGGED, Trait.VERSIONED),
)
async def change_person(
    request: Request,
    session: Session,
    actor: Caller,
    person: PersonPath,
    version: RequiredVersion,
    body: PersonChange,
) -> Any:
    """Change a person; `state: inactive` ends the person's access with the next request. Needs
    `people:write`, for agents `roles:assign`. A company administrator changes the state of
    colleagues who belong to no other organization (`colleagues:manage`, S3-4), but cannot restore
    access that the provider has ended."""
    changes = body.given(*PersonChange.model_fields)
    if "external_ref" in changes:
        changes["external_ref"] = external_references.sent(body.external_ref)
    changed = await change(session, actor, person, expected_version=version, changes=changes)
    return await shown(request, session, actor, changed)


@router.post(
    "/people/{person}/activation",
    status_code=202,
    response_model=PersonShape,
    responses=problems(PersonNotFound, Forbidden, CannotSignIn),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def open_portal(request: Request, session: Session, actor: Caller, person: PersonPath) -> Any:
    """Open the portal for a person, who is mailed a link to set a password; a password is never
    mailed (S4-3, S4-6). Needs `portal_access:grant`, for agents `roles:assign` too."""
    return await shown(request, session, actor, await open_(session, actor, person))


@router.post(
    "/people/{person}/password-expiry",
    status_code=204,
    responses=problems(PersonNotFound, Forbidden, NotOneself, RoleAboveOnesOwn, NoPassword),
)
async def expire_password_of_person(session: Session, actor: Caller, person: PersonPath) -> None:
    """Require a person to set a new password: until then nothing else is possible, in any session
    (S4-20). Needs `portal_access:grant`, for agents `roles:assign` too."""
    await expire_password(session, actor, person)


@router.put(
    "/people/{person}/teams/{team}",
    status_code=204,
    responses=problems(PersonNotFound, Forbidden, TeamUnknown, WrongSide),
)
async def put_into_team(
    session: Session, actor: Caller, person: PersonPath, team: TeamPath, body: TeamPlace
) -> None:
    """Add an agent to a team. Needs `roles:assign`."""
    await join_team(session, actor, person, team, told_of_new=body.told_of_new)


@router.delete(
    "/people/{person}/teams/{team}",
    status_code=204,
    responses=problems(PersonNotFound, Forbidden),
)
async def take_from_team(
    session: Session, actor: Caller, person: PersonPath, team: TeamPath
) -> None:
    """Remove an agent from a team. Needs `roles:assign`."""
    await leave_team(session, actor, person, team)


@router.get("/roles", response_model=Roles)
async def list_roles(session: Session, actor: Caller) -> Any:
    """The roles of this portal and what each allows: all of them for agents, customer roles for
    customers. Needs no permission."""
    definition = await definition_of(session, actor)
    return Roles(
        items=[
            RoleShape(
                key=role.key,
                label=label(role.labels),
                description=label(role.description) or None,
                side=role.side,
                permissions=sorted(permissions_of(role)),
            )
            for role in definition.roles
            if not role.retired and (actor.is_agent or role.side == "customer")
        ]
    )


async def shown(request: Request, session: Session, actor: Caller, person: Person) -> Any:
    """The answer for a person, with the version as `ETag`."""
    await session.flush()
    etag.set_version(request, person.version)
    return shapes.whole(actor, await profile_of(session, actor, person.id))
