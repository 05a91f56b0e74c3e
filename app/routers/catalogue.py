"""The catalogue of what this caller may use; forms, and what they ask with given answers."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path

from app.access.actor import Actor
from app.domain.entitlements.lifecycle import Offer
from app.domain.entitlements.queries import offer_for
from app.domain.forms.lifecycle import resolve
from app.domain.forms.policy import form_offered
from app.domain.forms.problems import FormNotFound
from app.domain.organizations.queries import organizations_where
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets.answers import form_side
from app.domain.tickets.policy import unseen
from app.schemas.catalogue import Catalogue, FormAnswers, FormResolution, FormShape
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.form_answers import answers_in
from app.web.route import UnitOfWorkRoute
from app.web.shapes import catalogue as shapes
from app.web.shapes import forms

router = APIRouter(prefix="/v1", tags=["catalogue"], route_class=UnitOfWorkRoute)
FormPath = Annotated[str, Path(max_length=60, description="Key of the form.")]


@router.get("/catalogue", response_model=Catalogue, openapi_extra=traits(Trait.TAGGED))
async def get_catalogue(session: Session, actor: Caller) -> Any:
    """The departments, types, statuses, severities, priorities, services and entitlements that this
    caller may use, in the caller's language and in the order of the portal's definition. Needs no
    permission."""
    definition = await definition_of(session, actor)
    companies = await organizations_where(session, actor, "tickets:create")
    offer = await offer_for(session, actor, definition, *(company.id for company in companies))
    return shapes.catalogue(actor, definition, companies, offer)


@router.get(
    "/forms/{form}",
    response_model=FormShape,
    responses=problems(FormNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_form(session: Session, actor: Caller, form: FormPath) -> Any:
    """A form before anything is answered, for callers it is offered to. Needs no permission."""
    definition = await definition_of(session, actor)
    side = form_side(actor)
    held = form_offered(
        definition, form, side, actor.roles, unseen(actor, definition.department_of)
    )
    offer = await _offer(session, actor, definition, None)
    narrowed = offer.narrowing({}) if offer else {}
    resolution = resolve(definition, held, {}, side=side, offered=narrowed)
    return forms.form(forms.Asked(actor, definition, resolution, offer or Offer()))


@router.post(
    "/forms/{form}/resolve",
    response_model=FormResolution,
    responses=problems(FormNotFound),
)
async def resolve_form(session: Session, actor: Caller, form: FormPath, body: FormAnswers) -> Any:
    """What a form asks and decides with the answers given so far: the pages and fields to show, the
    values allowed and forced, what would be refused, and whether the ticket would be charged for.
    Changes nothing, and needs no permission."""
    definition = await definition_of(session, actor)
    side = form_side(actor)
    held = form_offered(
        definition, form, side, actor.roles, unseen(actor, definition.department_of)
    )
    offer = await _offer(session, actor, definition, body.organization)
    answers: Mapping[str, Any] = answers_in(body, body.fields)
    narrowed: Mapping[str, Collection[str]] = {}
    if offer is not None:
        answers = offer.answers(held, answers, side)
        narrowed = offer.narrowing(answers)
    resolution = resolve(definition, held, answers, side=side, offered=narrowed)
    return forms.resolved(forms.Asked(actor, definition, resolution, offer or Offer()))


async def _offer(
    session: Session, actor: Actor, definition: Definition, organization: UUID | None
) -> Offer | None:
    """What the caller may charge a ticket to. `None` leaves it open: an agent has not said yet
    for which organization he asks."""
    if actor.is_customer:
        own = actor.organizations_where("tickets:create")
        named = [each for each in own if organization in {None, each}]
        return await offer_for(session, actor, definition, *named)
    if organization is None:
        return None
    return await offer_for(session, actor, definition, organization)
