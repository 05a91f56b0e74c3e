"""Organizations by their id in another system, for scripts that keep the two in step."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.domain.organizations.problems import (
    EmailDomainInvalid,
    EmailDomainPublic,
    EmailDomainTaken,
    OrganizationReferenceTaken,
)
from app.domain.organizations.upserting import upsert_organization
from app.kernel.external_references import Reference
from app.kernel.problems import Forbidden
from app.routers.organizations import shown
from app.schemas.organizations import OrganizationByReference, OrganizationShape
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import SentVersion
from app.web.external_references import KeyPath, SourcePath
from app.web.route import UnitOfWorkRoute

router = APIRouter(
    prefix="/v1/organizations/by-reference", tags=["organizations"], route_class=UnitOfWorkRoute
)


@router.put(
    "/{source}/{key:path}",
    response_model=OrganizationShape,
    responses={
        201: {"model": OrganizationShape, "description": "It was created."},
        **problems(
            Forbidden,
            OrganizationReferenceTaken,
            EmailDomainInvalid,
            EmailDomainPublic,
            EmailDomainTaken,
        ),
    },
    openapi_extra=traits(Trait.TAGGED, Trait.LOCATED, Trait.MATCHED),
)
async def put_organization_by_reference(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    source: SourcePath,
    key: KeyPath,
    version: SentVersion,
    body: OrganizationByReference,
) -> Any:
    """Create the organization with this id in another system (201), or update it (200); sending the
    same again changes nothing. However many requests arrive at once, there is one organization
    (S3-22). Needs `organizations:write`."""
    kept, is_new = await upsert_organization(
        session,
        actor,
        Reference(source, key),
        said=body.given("name", "state", "email_domains"),
        expected_version=version,
    )
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"/v1/organizations/{kept.id}"
    return await shown(request, session, actor, kept)
