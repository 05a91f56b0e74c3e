"""Entitlements: the agreements that tickets are charged to."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.access.actor import Actor
from app.domain.entitlements.actions import CHANGEABLE
from app.domain.entitlements.actions import change_entitlement as change
from app.domain.entitlements.actions import create_entitlement as create
from app.domain.entitlements.actions import remove_entitlement as remove
from app.domain.entitlements.problems import AnotherDefault, EntitlementInUse, EntitlementNotFound
from app.domain.entitlements.queries import (
    SORTS,
    EntitlementFilter,
    entitlement_for,
    entitlements_page,
)
from app.domain.tenants.queries import definition_of
from app.kernel.problems import Forbidden, Invalid
from app.schemas.base import Listing
from app.schemas.entitlements import (
    EntitlementChange,
    EntitlementNew,
    EntitlementQuery,
    EntitlementShape,
)
from app.web import etag, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import RequiredVersion
from app.web.route import UnitOfWorkRoute
from app.web.shapes import entitlements as shapes

router = APIRouter(prefix="/v1/entitlements", tags=["entitlements"], route_class=UnitOfWorkRoute)
EntitlementPath = Annotated[str, Path(max_length=60, description="Id of the entitlement.")]


@router.get("", response_model=Listing[EntitlementShape])
async def list_entitlements(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[EntitlementQuery, Query()],
) -> Any:
    """Entitlements: agents with `organizations:read` see all, customers those of their own
    organizations."""
    requested = paging.requested(request, query, query.sort, SORTS)
    definition = await definition_of(session, actor)
    page = await entitlements_page(
        session,
        actor,
        definition,
        EntitlementFilter(**query.model_dump(exclude={"sort", "limit", "cursor"})),
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.whole(definition, row[0], row.organization_name) for row in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "",
    status_code=201,
    response_model=EntitlementShape,
    responses=problems(Forbidden, Invalid, AnotherDefault),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED),
)
async def create_entitlement(
    request: Request, response: Response, session: Session, actor: Caller, body: EntitlementNew
) -> Any:
    """Create an entitlement for an organization. Needs `entitlements:write`. When it becomes the
    default, it replaces the previous default."""
    made = await create(
        session,
        actor,
        organization_id=body.organization,
        template=body.template,
        name=body.name,
        starts_on=body.starts_on,
        ends_on=body.ends_on if "ends_on" in body.model_fields_set else "as the template",
        services=body.services,
        default=body.default,
    )
    response.headers["Location"] = f"/v1/entitlements/{made.id}"
    return await _shown(request, session, actor, str(made.id))


@router.get(
    "/{entitlement}",
    response_model=EntitlementShape,
    responses=problems(EntitlementNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_entitlement(
    request: Request, session: Session, actor: Caller, entitlement: EntitlementPath
) -> Any:
    """An entitlement: for agents with `organizations:read`, and for members of its organization."""
    return await _shown(request, session, actor, entitlement)


@router.patch(
    "/{entitlement}",
    response_model=EntitlementShape,
    responses=problems(EntitlementNotFound, Forbidden, Invalid, AnotherDefault),
    openapi_extra=traits(Trait.TAGGED, Trait.VERSIONED),
)
async def change_entitlement(
    request: Request,
    session: Session,
    actor: Caller,
    entitlement: EntitlementPath,
    version: RequiredVersion,
    body: EntitlementChange,
) -> Any:
    """Change an entitlement, or end it: then it is no longer offered, and tickets charged to it
    keep it. Needs `entitlements:write`."""
    changes = body.given(*CHANGEABLE)
    changed = await change(session, actor, entitlement, expected_version=version, changes=changes)
    return await _shown(request, session, actor, str(changed.id))


@router.delete(
    "/{entitlement}",
    status_code=204,
    responses=problems(EntitlementNotFound, Forbidden, EntitlementInUse),
    openapi_extra=traits(Trait.VERSIONED),
)
async def remove_entitlement(
    session: Session, actor: Caller, entitlement: EntitlementPath, version: RequiredVersion
) -> None:
    """Delete an entitlement that no ticket is charged to. Needs `entitlements:write`."""
    await remove(session, actor, entitlement, expected_version=version)


async def _shown(request: Request, session: Session, actor: Actor, reference: str) -> Any:
    held, organization_name = await entitlement_for(session, actor, reference)
    etag.set_version(request, held.version)
    return shapes.whole(await definition_of(session, actor), held, organization_name)
