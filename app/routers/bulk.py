"""The same changes to many tickets."""

from typing import Any

from fastapi import APIRouter, Request

from app.domain.bulk.actions import Changes, Outcome, change_many
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.kernel.problems import Fault, Forbidden, Invalid
from app.schemas.bulk import BulkFault, BulkItem, BulkRefusal, BulkResult, BulkUpdate
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.problem_json import body_of
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1/tickets/bulk", tags=["tickets"], route_class=UnitOfWorkRoute)
_ANSWERS = ("severity", "priority", "service", "entitlement")


@router.post(
    "",
    response_model=BulkResult,
    responses=problems(Forbidden, Invalid),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def change_tickets(
    request: Request, session: Session, actor: Caller, body: BulkUpdate
) -> Any:
    """Apply the same changes to up to 100 tickets, each as if it were changed by itself: a refusal
    of one does not stop the others, and each gets its own history entries and mails. For agents,
    with `tickets:assign`; for each ticket, the same permissions apply as when it is changed, moved
    or commented on by itself."""
    given = body.changes
    if not given.model_fields_set - {"visibility"}:
        raise Invalid(faults=(Fault("required", "This must be given.", "/changes"),))
    answers = given.given(*_ANSWERS)
    if given.entitlement:
        answers["entitlement"] = str(given.entitlement)
    outcomes = await change_many(
        session,
        actor,
        body.tickets,
        Changes(
            answers=answers,
            assignment=given.given("team", "assignee"),
            transition=given.transition,
            comment=given.comment,
            visibility=given.visibility,
        ),
    )
    definition = await definition_of(session, actor)
    return BulkResult(items=[_item(request, definition, outcome) for outcome in outcomes])


def _item(request: Request, definition: Definition, outcome: Outcome) -> BulkItem:
    number = outcome.number
    problem = outcome.problem
    return BulkItem(
        reference=outcome.reference,
        status=problem.status if problem else 200,
        id=outcome.ticket_id,
        number=None if number is None else f"{definition.portal.number_prefix}-{number}",
        problem=_refusal(body_of(request, problem)) if problem else None,
    )


def _refusal(told: dict[str, Any]) -> BulkRefusal:
    return BulkRefusal(
        code=told["code"],
        title=told["title"],
        detail=told["detail"],
        errors=[
            BulkFault(code=each["code"], detail=each["detail"], pointer=each.get("pointer"))
            for each in told.get("errors", ())
        ],
    )
