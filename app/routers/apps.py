"""Apps (OAuth clients) that people may allow to act for them: registered by administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.apps.actions import CHANGEABLE, register_app, remove_app, renew_secret
from app.domain.apps.actions import change_app as change
from app.domain.apps.problems import AppNotFound, AppUnfit
from app.domain.apps.queries import SORTS, app_for, apps_page
from app.kernel.problems import Forbidden
from app.schemas.apps import AppChange, AppNew, AppQuery, AppRegistered, AppShape
from app.schemas.base import Listing
from app.web import etag, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import RequiredVersion
from app.web.route import UnitOfWorkRoute
from app.web.shapes import apps as shapes

router = APIRouter(prefix="/v1/apps", tags=["apps"], route_class=UnitOfWorkRoute)
AppPath = Annotated[str, Path(max_length=60, description="Id of the app, its `client_id`.")]


@router.get(
    "",
    response_model=Listing[AppShape],
    responses=problems(Forbidden),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def list_apps(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[AppQuery, Query()],
) -> Any:
    """The apps of this portal. Needs `apps:manage`."""
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await apps_page(
        session,
        actor,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.whole(app, account) for app, account in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "",
    status_code=201,
    response_model=AppRegistered,
    responses=problems(Forbidden, AppUnfit),
    openapi_extra=traits(
        Trait.IN_PERSON, Trait.IDEMPOTENT, Trait.KEEPS_SECRET, Trait.TAGGED, Trait.LOCATED
    ),
)
async def create_app(
    request: Request, response: Response, session: Session, actor: Caller, body: AppNew
) -> Any:
    """Register an app. The secret of a confidential app is shown only in this answer. Needs
    `apps:manage`; to give it a service account, `api_keys:manage` and every permission the app
    gets."""
    app, secret = await register_app(session, actor, **body.model_dump())
    response.headers["Location"] = f"/v1/apps/{app.id}"
    return await _registered(request, session, actor, str(app.id), secret)


@router.get(
    "/{app}",
    response_model=AppShape,
    responses=problems(AppNotFound),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TAGGED),
)
async def get_app(request: Request, session: Session, actor: Caller, app: AppPath) -> Any:
    """An app. Needs `apps:manage`."""
    held, account = await app_for(session, actor, app)
    etag.set_version(request, held.version)
    return shapes.whole(held, account)


@router.patch(
    "/{app}",
    response_model=AppShape,
    responses=problems(AppNotFound, Forbidden, AppUnfit),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TAGGED, Trait.VERSIONED),
)
async def change_app(
    request: Request,
    session: Session,
    actor: Caller,
    app: AppPath,
    version: RequiredVersion,
    body: AppChange,
) -> Any:
    """Change an app. A scope that is removed is withdrawn at once from all tokens of the app. Needs
    `apps:manage`."""
    await change(
        session, actor, app, expected_version=version, changes=body.given(*sorted(CHANGEABLE))
    )
    held, account = await app_for(session, actor, app)
    etag.set_version(request, held.version)
    return shapes.whole(held, account)


@router.delete(
    "/{app}",
    status_code=204,
    responses=problems(AppNotFound),
    openapi_extra=traits(Trait.IN_PERSON, Trait.VERSIONED),
)
async def delete_app(
    session: Session, actor: Caller, app: AppPath, version: RequiredVersion
) -> None:
    """Remove an app. Its tokens stop working at once. Needs `apps:manage`."""
    await remove_app(session, actor, app, expected_version=version)


@router.post(
    "/{app}/secret",
    status_code=201,
    response_model=AppRegistered,
    responses=problems(AppNotFound, Forbidden, AppUnfit),
    openapi_extra=traits(Trait.IN_PERSON, Trait.IDEMPOTENT, Trait.KEEPS_SECRET, Trait.TAGGED),
)
async def renew_app_secret(request: Request, session: Session, actor: Caller, app: AppPath) -> Any:
    """Replace the secret of a confidential app. The new one is shown only in this answer, and the
    old one stops working at once. Needs `apps:manage`."""
    _, secret = await renew_secret(session, actor, app)
    return await _registered(request, session, actor, app, secret)


async def _registered(
    request: Request, session: Session, actor: Caller, reference: str, secret: str | None
) -> AppRegistered:
    held, account = await app_for(session, actor, reference)
    etag.set_version(request, held.version)
    return shapes.registered(held, account, secret)
