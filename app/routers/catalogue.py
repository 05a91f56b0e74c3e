"""The catalogue: what this caller may use; forms, and what they come to with answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from app.domain.forms.lifecycle import resolve
from app.domain.forms.policy import form_offered
from app.domain.forms.problems import FormNotFound
from app.domain.organizations.queries import organizations_where
from app.domain.tenants.queries import definition_of
from app.domain.tickets.answers import OFFERED, form_side
from app.schemas.catalogue import Catalogue, FormAnswers, FormResolution, FormShape
from app.web.answers import answers_in
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import catalogue as shapes

router = APIRouter(prefix="/v1", tags=["catalogue"], route_class=UnitOfWorkRoute)
FormPath = Annotated[str, Path(max_length=60, description="Key of the form.")]


@router.get("/catalogue", response_model=Catalogue, openapi_extra=traits(Trait.TAGGED))
async def get_catalogue(session: Session, actor: Caller) -> Any:
    """Everything a ticket can be sorted by that this caller may use, in his language, in the
    order of the portal's definition. Needs no permission."""
    definition = await definition_of(session, actor)
    companies = await organizations_where(session, actor, "tickets:create")
    return shapes.catalogue(actor, definition, companies)


@router.get(
    "/forms/{form}",
    response_model=FormShape,
    responses=problems(FormNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_form(session: Session, actor: Caller, form: FormPath) -> Any:
    """A form as it begins, for callers it is offered to. Needs no permission."""
    definition = await definition_of(session, actor)
    side = form_side(actor)
    held = form_offered(definition, form, side, actor.roles)
    resolution = resolve(definition, held, {}, side=side, offered=OFFERED)
    return shapes.form(actor, definition, resolution)


@router.post(
    "/forms/{form}/resolve",
    response_model=FormResolution,
    responses=problems(FormNotFound),
)
async def resolve_form(session: Session, actor: Caller, form: FormPath, body: FormAnswers) -> Any:
    """What a form asks and decides with the answers given so far: pages and fields to show, values
    allowed and forced, what would be refused, whether it will be charged. Changes nothing, and
    needs no permission."""
    definition = await definition_of(session, actor)
    side = form_side(actor)
    held = form_offered(definition, form, side, actor.roles)
    answers = answers_in(body, body.fields)
    resolution = resolve(definition, held, answers, side=side, offered=OFFERED)
    return shapes.resolved(actor, definition, resolution)
