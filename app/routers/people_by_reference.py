"""Customer contacts by their id in another system, for scripts that keep the two in step."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.access.require import SignInAgain
from app.domain.people.problems import (
    BelongsElsewhere,
    EmailInvalid,
    EmailTaken,
    PersonReferenceTaken,
    ReachOfService,
    RoleAboveOnesOwn,
)
from app.domain.people.upserting import upsert_person
from app.kernel.external_references import Reference
from app.kernel.problems import Forbidden
from app.routers.people import shown
from app.schemas.people import PersonByReference, PersonShape
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import SentVersion
from app.web.external_references import KeyPath, SourcePath
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1/people/by-reference", tags=["people"], route_class=UnitOfWorkRoute)


@router.put(
    "/{source}/{key:path}",
    response_model=PersonShape,
    responses={
        201: {"model": PersonShape, "description": "The person was created."},
        **problems(
            Forbidden,
            PersonReferenceTaken,
            EmailInvalid,
            EmailTaken,
            RoleAboveOnesOwn,
            BelongsElsewhere,
            ReachOfService,
            SignInAgain,
        ),
    },
    openapi_extra=traits(Trait.TAGGED, Trait.LOCATED, Trait.MATCHED),
)
async def put_person_by_reference(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    source: SourcePath,
    key: KeyPath,
    version: SentVersion,
    body: PersonByReference,
) -> Any:
    """Create the customer contact with this id in another system (201), or update it (200); sending
    the same again changes nothing. However many requests arrive at once, there is one person
    (S3-22). Needs `people:write`. Memberships are set with `PUT
    /v1/organizations/{organization}/members/{person}`. When somebody has the e-mail address
    already, the answer is 409: give that person the reference with `PATCH /v1/people/{person}`."""
    kept, is_new = await upsert_person(
        session,
        actor,
        Reference(source, key),
        said=body.given("name", "email", "phone", "language"),
        expected_version=version,
    )
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"/v1/people/{kept.id}"
    return await shown(request, session, actor, kept)
