"""Approvals: asking, listing, reading, deciding and withdrawing them, and their certificates."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.approvals.approvers import Asked
from app.domain.approvals.asking import Question, ask
from app.domain.approvals.asking import withdraw as take_back
from app.domain.approvals.certificates import certified, digest_of
from app.domain.approvals.deciding import decide
from app.domain.approvals.problems import (
    AlreadyDecided,
    ApprovalNotFound,
    ApproversAmbiguous,
    ApproversNotFitting,
    NotAnApprover,
    NotDecided,
    NotPending,
    TicketMovedOn,
)
from app.domain.approvals.queries import (
    SORTS,
    ApprovalFilter,
    approval_for,
    approvals_counted,
    approvals_page,
)
from app.domain.approvals.sights import ApprovalInSight
from app.domain.tenants.queries import definition_of
from app.domain.tickets.problems import CommentNeeded, TicketClosed, TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.kernel.problems import Forbidden, Invalid
from app.routers.tickets import TicketPath
from app.schemas.approvals import (
    Approval,
    ApprovalNew,
    ApprovalQuery,
    Certificate,
    Decision,
    DecisionNew,
    TicketApprovalQuery,
)
from app.schemas.base import Listing
from app.web import etag, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import SentVersion
from app.web.paging import PageRequest
from app.web.route import UnitOfWorkRoute
from app.web.shapes import approvals as shapes

router = APIRouter(prefix="/v1", tags=["approvals"], route_class=UnitOfWorkRoute)

ApprovalPath = Annotated[str, Path(max_length=60, description="Id of the approval.")]


@router.get("/approvals", response_model=Listing[Approval])
async def list_approvals(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[ApprovalQuery, Query()],
) -> Any:
    """The approvals that wait for the caller's answer (S1-14); with other filters, all approvals of
    the tickets the caller may read. Needs no permission: what the caller may not read is not in the
    list."""
    requested = paging.requested(request, query, query.sort, SORTS)
    narrowed = ApprovalFilter(state=query.state, mine=query.mine)
    total = await approvals_counted(session, actor, narrowed) if query.include else None
    return await _page(request, response, session, actor, narrowed, requested, total)


@router.get(
    "/tickets/{ticket}/approvals",
    response_model=Listing[Approval],
    responses=problems(TicketNotFound),
)
async def list_approvals_of_ticket(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    query: Annotated[TicketApprovalQuery, Query()],
) -> Any:
    """All approvals of a ticket, whatever their state. Needs `tickets:read` for it."""
    sight = await ticket_for(session, actor, ticket)
    requested = paging.requested(request, query, query.sort, SORTS)
    narrowed = ApprovalFilter(
        state=("pending", "granted", "refused", "cancelled"), mine=False, ticket_id=sight.ticket.id
    )
    return await _page(request, response, session, actor, narrowed, requested)


@router.post(
    "/tickets/{ticket}/approvals",
    status_code=201,
    response_model=Approval,
    responses=problems(
        TicketNotFound, Forbidden, TicketClosed, ApproversAmbiguous, ApproversNotFitting
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED),
)
async def ask_approval(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    body: ApprovalNew,
) -> Any:
    """Ask people to approve something about a ticket. Needs `approvals:ask` and, for the ticket,
    `tickets:update`. Approvals that the portal's policies ask for are created by themselves."""
    asked = body.approvers
    question = Question(
        text=body.question,
        asked=Asked(people=tuple(asked.people or ()), role=asked.role, team=asked.team),
        needed=body.needed,
        exclude_requester=body.exclude_requester,
        due_at=body.due_at,
        gate=body.gate,
        refusal_needs_comment=body.refusal_needs_comment,
    )
    sight = await ask(session, actor, ticket, question)
    response.headers["Location"] = f"/v1/approvals/{sight.approval.id}"
    return await _shown(request, session, actor, sight)


@router.get(
    "/approvals/{approval}",
    response_model=Approval,
    responses=problems(ApprovalNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_approval(
    request: Request, session: Session, actor: Caller, approval: ApprovalPath
) -> Any:
    """An approval, with the answers that the caller may give now. Needs `tickets:read` for its
    ticket. Reading never decides anything."""
    return await _shown(request, session, actor, await approval_for(session, actor, approval))


@router.post(
    "/approvals/{approval}/decisions",
    status_code=201,
    response_model=Decision,
    responses=problems(
        ApprovalNotFound,
        NotAnApprover,
        NotPending,
        AlreadyDecided,
        TicketMovedOn,
        CommentNeeded,
        Invalid,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.MATCHED),
)
async def decide_approval(
    request: Request,
    session: Session,
    actor: Caller,
    approval: ApprovalPath,
    version: SentVersion,
    body: DecisionNew,
) -> Any:
    """Answer an approval with one of its `answers`. Once enough people have approved, or one has
    refused, the approval is settled and the ticket moves as the answer says (S2-15). For the people
    asked and their substitutes; needs `tickets:read` for the ticket."""
    sight, made = await decide(
        session,
        actor,
        approval,
        decision=body.decision,
        comment=body.comment,
        expected_version=version,
    )
    return shapes.made(await _shown(request, session, actor, sight), made.id)


@router.post(
    "/approvals/{approval}/withdrawal",
    response_model=Approval,
    responses=problems(ApprovalNotFound, Forbidden, NotPending, AlreadyDecided),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.MATCHED),
)
async def withdraw_approval(
    request: Request,
    session: Session,
    actor: Caller,
    approval: ApprovalPath,
    version: SentVersion,
) -> Any:
    """Withdraw an approval before it is decided. Needs `approvals:ask` and, for the ticket,
    `tickets:update`."""
    sight = await take_back(session, actor, approval, expected_version=version)
    return await _shown(request, session, actor, sight)


@router.get(
    "/approvals/{approval}/certificate",
    response_model=Certificate,
    responses=problems(ApprovalNotFound, NotDecided),
)
async def get_certificate(session: Session, actor: Caller, approval: ApprovalPath) -> Any:
    """The certificate of a decided approval: who decided what, when, on which version of the ticket
    and by which rule. Needs `tickets:read` for the ticket."""
    sight = await certified(session, actor, approval)
    about = await ticket_for(session, actor, sight.ticket.id)
    return shapes.certificate(
        actor,
        await definition_of(session, actor),
        await definition_of(session, actor, sight.approval.definition_version),
        sight,
        organization=about.organization_name,
        digest_now=await digest_of(session, actor, sight.approval, sight.ticket),
    )


async def _page(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    narrowed: ApprovalFilter,
    requested: PageRequest,
    total: int | None = None,
) -> Any:
    page = await approvals_page(
        session,
        actor,
        narrowed,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [await _shape(session, actor, sight) for sight in page.rows]
    return paging.listing(request, response, requested, items, page.next, total)


async def _shown(
    request: Request, session: Session, actor: Caller, sight: ApprovalInSight
) -> Approval:
    etag.set_version(request, sight.approval.version)
    return await _shape(session, actor, sight)


async def _shape(session: Session, actor: Caller, sight: ApprovalInSight) -> Approval:
    definition = await definition_of(session, actor)
    asked_under = await definition_of(session, actor, sight.approval.definition_version)
    return shapes.whole(actor, definition, asked_under, sight)
