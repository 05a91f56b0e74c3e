"""The portal, as anybody may see it before signing in."""

from typing import Any

from fastapi import APIRouter

from app.domain.registrations.queries import opened_to
from app.domain.sign_in.passwords import LEAST
from app.domain.tenants.problems import PortalNotFound
from app.domain.tenants.queries import definition_of
from app.kernel.locale import label
from app.schemas.portals import Branding, Portal, PublishedLink
from app.web.authentication import PortalSystem, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import invitations as shapes

router = APIRouter(prefix="/v1/portals", tags=["portals"], route_class=UnitOfWorkRoute)


@router.get(
    "/{portal}",  # noqa: FAST003 (PortalSystem takes it)
    response_model=Portal,
    responses=problems(PortalNotFound),
    openapi_extra=traits(Trait.PUBLIC, Trait.TAGGED),
)
async def get_portal(session: Session, system: PortalSystem) -> Any:
    """The portal's name, words, looks and languages, the ways to sign in, and how tickets can be
    opened."""
    definition = await definition_of(session, system)
    held = definition.portal
    return Portal(
        slug=held.slug,
        name=held.name,
        languages=list(held.languages),
        default_language=held.default_language,
        time_zone=held.time_zone,
        welcome=label(held.welcome) or None,
        words={word: label(labels) for word, labels in held.words.items()},
        branding=Branding(**held.branding.model_dump(include=set(Branding.model_fields))),
        sign_in=shapes.ways(definition),
        self_registration=await opened_to(session, system) is not None,
        intake_channels=list(held.intake_channels),
        links=[
            PublishedLink(
                key=link.key,
                label=label(link.labels),
                url=link.url,
                description=label(link.description) or None,
            )
            for link in held.links
            if not link.retired
        ],
        comment_order=definition.comments.order,
        password_min_length=LEAST,
    )
