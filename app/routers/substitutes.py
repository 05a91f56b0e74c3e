"""The substitute who answers approvals for the caller during an absence."""

from typing import Any

from fastapi import APIRouter

from app.domain.approvals.problems import (
    AbsenceOver,
    SubstituteAmbiguous,
    SubstituteNotFitting,
    SubstituteNotFound,
)
from app.domain.approvals.substitutes import (
    dismiss_substitute,
    name_substitute,
    substitute_of,
)
from app.models.approvals import Substitute
from app.schemas.approvals import SubstituteNew, SubstituteShape
from app.schemas.base import PersonReference
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1/me/substitute", tags=["me"], route_class=UnitOfWorkRoute)


@router.get(
    "",
    response_model=SubstituteShape,
    responses=problems(SubstituteNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def get_my_substitute(session: Session, actor: Caller) -> Any:
    """The caller's substitute, now or in the future. Needs no permission."""
    return _shape(*await substitute_of(session, actor))


@router.put(
    "",
    response_model=SubstituteShape,
    responses=problems(SubstituteAmbiguous, SubstituteNotFitting, AbsenceOver),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def name_my_substitute(session: Session, actor: Caller, body: SubstituteNew) -> Any:
    """Name a colleague who answers the approvals asked of the caller during an absence; this
    replaces the previous substitute. A colleague who could not read such a ticket becomes a
    participant of it. Decisions say on whose behalf they were made. Needs no permission."""
    named = await name_substitute(
        session,
        actor,
        person_id=body.person,
        email=body.email,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    return _shape(*named)


@router.delete(
    "",
    status_code=204,
    responses=problems(SubstituteNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def dismiss_my_substitute(session: Session, actor: Caller) -> None:
    """Remove the caller's substitute. Needs no permission."""
    await dismiss_substitute(session, actor)


def _shape(held: Substitute, name: str) -> SubstituteShape:
    return SubstituteShape(
        person=PersonReference(id=held.substitute_id, name=name),
        starts_at=held.starts_at,
        ends_at=held.ends_at,
    )
