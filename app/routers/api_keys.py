"""API keys: made, rotated and revoked by people, used by their scripts."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.api_keys.actions import make_key, revoke_key, rotate_key
from app.domain.api_keys.lifecycle import Environment, environment_of
from app.domain.api_keys.problems import (
    ApiKeyEnded,
    ApiKeyNotFound,
    NotAServiceAccount,
    OwnerInactive,
    RotationUnderWay,
    ScopesAboveOnesOwn,
)
from app.domain.api_keys.queries import SORTS, key_view, keys_page
from app.kernel.problems import Forbidden, Invalid
from app.schemas.api_keys import ApiKeyMade, ApiKeyNew, ApiKeyQuery, ApiKeyRotation, ApiKeyShape
from app.schemas.base import Listing
from app.web import paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import api_keys as shapes

router = APIRouter(prefix="/v1/api-keys", tags=["api-keys"], route_class=UnitOfWorkRoute)
ApiKeyPath = Annotated[str, Path(max_length=60, description="Id of the key.")]


@router.get("", response_model=Listing[ApiKeyShape], openapi_extra=traits(Trait.IN_PERSON))
async def list_api_keys(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[ApiKeyQuery, Query()],
) -> Any:
    """API keys: one's own; everybody's with `api_keys:manage`."""
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await keys_page(
        session,
        actor,
        person=query.person,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.whole(view) for view in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "",
    status_code=201,
    response_model=ApiKeyMade,
    responses=problems(Forbidden, Invalid, NotAServiceAccount, OwnerInactive, ScopesAboveOnesOwn),
    openapi_extra=traits(
        Trait.IN_PERSON, Trait.IDEMPOTENT, Trait.KEEPS_SECRET, Trait.TAGGED, Trait.LOCATED
    ),
)
async def create_api_key(
    request: Request, response: Response, session: Session, actor: Caller, body: ApiKeyNew
) -> Any:
    """Make an API key. Its secret is shown this once. Needs `api_keys:create`; for a service
    account `api_keys:manage`. It never carries more than its owner has himself."""
    key, secret = await make_key(
        session, actor, **body.model_dump(), environment=_environment(request)
    )
    response.headers["Location"] = f"/v1/api-keys/{key.id}"
    return shapes.made(await key_view(session, actor, key.id), secret)


@router.get(
    "/{api_key}",
    response_model=ApiKeyShape,
    responses=problems(ApiKeyNotFound),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TAGGED),
)
async def get_api_key(session: Session, actor: Caller, api_key: ApiKeyPath) -> Any:
    """An API key, without its secret: one's own, any with `api_keys:manage`."""
    return shapes.whole(await key_view(session, actor, api_key))


@router.delete(
    "/{api_key}",
    status_code=204,
    responses=problems(ApiKeyNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def revoke_api_key(session: Session, actor: Caller, api_key: ApiKeyPath) -> None:
    """Revoke an API key: from the next request on it opens nothing. One's own, any with
    `api_keys:manage`."""
    await revoke_key(session, actor, api_key)


@router.post(
    "/{api_key}/rotation",
    status_code=201,
    response_model=ApiKeyMade,
    responses=problems(
        ApiKeyNotFound,
        ApiKeyEnded,
        Forbidden,
        NotAServiceAccount,
        OwnerInactive,
        RotationUnderWay,
        ScopesAboveOnesOwn,
    ),
    openapi_extra=traits(Trait.IN_PERSON, Trait.IDEMPOTENT, Trait.KEEPS_SECRET, Trait.TAGGED),
)
async def rotate_api_key(
    request: Request, session: Session, actor: Caller, api_key: ApiKeyPath, body: ApiKeyRotation
) -> Any:
    """Give a key a new secret, shown this once; the earlier one stays good for a while, so that a
    script can be changed without a break. One's own, any with `api_keys:manage`."""
    _, secret = await rotate_key(
        session,
        actor,
        api_key,
        environment=_environment(request),
        overlap=timedelta(seconds=body.overlap_seconds),
        expires_in_days=body.expires_in_days,
    )
    return shapes.made(await key_view(session, actor, api_key), secret)


def _environment(request: Request) -> Environment:
    return environment_of(request.app.state.settings.environment)
