"""Customer organizations and their members."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.organizations.actions import change_organization as change
from app.domain.organizations.actions import create_organization as create
from app.domain.organizations.email_domains import domains_of
from app.domain.organizations.problems import (
    EmailDomainInvalid,
    EmailDomainPublic,
    EmailDomainTaken,
    OrganizationNotFound,
    OrganizationReferenceTaken,
)
from app.domain.organizations.queries import SORTS, organization_for, organizations_page
from app.domain.people.memberships import end_membership, grant_membership
from app.domain.people.problems import (
    MembershipNotFound,
    NotOneself,
    PersonNotFound,
    RoleAboveOnesOwn,
    RoleUnknown,
    WrongSide,
)
from app.domain.people.queries import SORTS as PEOPLE_SORTS
from app.domain.people.queries import members_page, person_for
from app.kernel.problems import Forbidden
from app.models.organizations import Organization
from app.routers.people import PersonPath
from app.schemas.base import ExternalReference, Listing, PersonReference
from app.schemas.lists import MemberQuery, OrganizationQuery
from app.schemas.organizations import (
    Member,
    MemberNew,
    OrganizationChange,
    OrganizationNew,
    OrganizationShape,
)
from app.web import etag, external_references, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import RequiredVersion
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1/organizations", tags=["organizations"], route_class=UnitOfWorkRoute)
OrganizationPath = Annotated[str, Path(max_length=60, description="Id of the organization.")]


@router.get("", response_model=Listing[OrganizationShape])
async def list_organizations(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[OrganizationQuery, Query()],
) -> Any:
    """Organizations: agents with `organizations:read` see all, customers their own."""
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await organizations_page(
        session,
        actor,
        state=query.state,
        reference=external_references.asked(query.external_ref),
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    found = [row[0] for row in page.rows]
    domains = await domains_of(session, actor, [each.id for each in found])
    items = [_shape(each, domains.get(each.id, [])) for each in found]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "",
    status_code=201,
    response_model=OrganizationShape,
    responses=problems(
        OrganizationNotFound,
        Forbidden,
        OrganizationReferenceTaken,
        EmailDomainInvalid,
        EmailDomainPublic,
        EmailDomainTaken,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED),
)
async def create_organization(
    request: Request, response: Response, session: Session, actor: Caller, body: OrganizationNew
) -> Any:
    """Create an organization. Needs `organizations:write`."""
    made = await create(
        session,
        actor,
        name=body.name,
        external_ref=external_references.sent(body.external_ref),
        email_domains=body.email_domains,
    )
    response.headers["Location"] = f"/v1/organizations/{made.id}"
    return await shown(request, session, actor, made)


@router.get(
    "/{organization}",
    response_model=OrganizationShape,
    responses=problems(OrganizationNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_organization(
    request: Request, session: Session, actor: Caller, organization: OrganizationPath
) -> Any:
    """An organization: for agents with `organizations:read`, and for its members."""
    found = await organization_for(session, actor, organization)
    return await shown(request, session, actor, found)


@router.patch(
    "/{organization}",
    response_model=OrganizationShape,
    responses=problems(
        OrganizationNotFound,
        Forbidden,
        OrganizationReferenceTaken,
        EmailDomainInvalid,
        EmailDomainPublic,
        EmailDomainTaken,
    ),
    openapi_extra=traits(Trait.TAGGED, Trait.VERSIONED),
)
async def change_organization(
    request: Request,
    session: Session,
    actor: Caller,
    organization: OrganizationPath,
    version: RequiredVersion,
    body: OrganizationChange,
) -> Any:
    """Change an organization; `state: inactive` ends its members' access at once, its tickets stay.
    Needs `organizations:write`."""
    changes = body.given("name", "state", "email_domains")
    if "external_ref" in body.model_fields_set:
        changes["external_ref"] = external_references.sent(body.external_ref)
    changed = await change(session, actor, organization, expected_version=version, changes=changes)
    return await shown(request, session, actor, changed)


@router.get(
    "/{organization}/members",
    response_model=Listing[Member],
    responses=problems(OrganizationNotFound),
)
async def list_members(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    organization: OrganizationPath,
    query: Annotated[MemberQuery, Query()],
) -> Any:
    """The members of an organization: all of them for agents with `people:read` and for those with
    `colleagues:manage` there; others see only themselves."""
    company = await organization_for(session, actor, organization)
    requested = paging.requested(request, query, query.sort, PEOPLE_SORTS)
    page = await members_page(
        session,
        actor,
        company.id,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [
        Member(
            person=PersonReference(id=row.Person.id, name=row.Person.name),
            role=row.Membership.role,
            since=row.Membership.created_at,
        )
        for row in page.rows
    ]
    return paging.listing(request, response, requested, items, page.next)


@router.put(
    "/{organization}/members/{person}",
    response_model=Member,
    responses=problems(
        OrganizationNotFound,
        PersonNotFound,
        MembershipNotFound,
        Forbidden,
        NotOneself,
        RoleAboveOnesOwn,
        RoleUnknown,
        WrongSide,
    ),
)
async def put_member(
    session: Session,
    actor: Caller,
    organization: OrganizationPath,
    person: PersonPath,
    body: MemberNew,
) -> Any:
    """Make a person a member of an organization with a role, or change a member's role (S3-7).
    Agents need `organizations:write`; with `colleagues:manage`, the caller sets the roles of
    colleagues."""
    granted = await grant_membership(session, actor, organization, person, role=body.role)
    somebody = await person_for(session, actor, person)
    return Member(
        person=PersonReference(id=somebody.id, name=somebody.name),
        role=granted.role,
        since=granted.created_at,
    )


@router.delete(
    "/{organization}/members/{person}",
    status_code=204,
    responses=problems(
        OrganizationNotFound,
        PersonNotFound,
        MembershipNotFound,
        Forbidden,
        NotOneself,
        RoleAboveOnesOwn,
    ),
)
async def remove_member(
    session: Session, actor: Caller, organization: OrganizationPath, person: PersonPath
) -> None:
    """Remove a member from an organization; the tickets stay. Agents need `organizations:write`;
    with `colleagues:manage`, the caller removes colleagues."""
    await end_membership(session, actor, organization, person)


async def shown(
    request: Request, session: AsyncSession, actor: Actor, organization: Organization
) -> OrganizationShape:
    """The answer for an organization, with its version as `ETag`."""
    etag.set_version(request, organization.version)
    domains = await domains_of(session, actor, [organization.id])
    return _shape(organization, domains.get(organization.id, []))


def _shape(organization: Organization, domains: list[str]) -> OrganizationShape:
    reference = None
    if organization.external_source and organization.external_key:
        reference = ExternalReference(
            source=organization.external_source, key=organization.external_key
        )
    return OrganizationShape.model_validate(
        {
            "id": organization.id,
            "name": organization.name,
            "state": organization.state,
            "external_ref": reference,
            "email_domains": domains,
            "created_at": organization.created_at,
            "updated_at": organization.updated_at,
        }
    )
